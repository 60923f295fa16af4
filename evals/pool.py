"""A pool of documents and the questions asked of all of it, and what the service answers, through its client.

A world takes minutes to build and seconds to ask: it is kept, one folder for each set of documents and embedder.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import log2
from pathlib import Path

from evals.case import Case
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.commands.catching_up import catch_up
from worldctx.search import folder as index_folder
from worldctx.text import passages as splitting
from worldctx.wire.v1 import context_pb2

#: Where worlds are kept, beside the sources; not under version control.
KEPT = Path(__file__).parents[1] / ".evals" / "pools"
#: Documents that a ranking has, and passages asked for: some documents have several.
DEPTH, PASSAGES = 10, 30


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the documents that answer it.

    Attributes:
        id: the same in every run; questions that belong together have the same beginning, up to a question mark.
        as_of, known_by: the clocks it is asked under, EDTF; empty where it states none.
        kind: its kind in the data set, for counting errors.
    """

    text: str
    gold: frozenset[str]
    id: str
    as_of: str = ""
    known_by: str = ""
    kind: str = ""

    @property
    def part(self) -> str:
        """`dev` for half of the questions, by a hash of the beginning of their id, else `test`."""
        digest = hashlib.sha256(self.id.partition("?")[0].encode()).digest()
        return "dev" if digest[0] % 2 else "test"


@dataclass(frozen=True, slots=True)
class Pool:
    """Documents as a caller sends them (`id`, `text`, and any other key of an input document), and questions."""

    name: str
    documents: Sequence[Mapping[str, object]]
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Found:
    """What was answered to one question: documents best first, each once, and the reasons of the first passage."""

    documents: tuple[str, ...]
    reasons: tuple[str, ...] = ()


def ranked(pool: Pool, embedder: str, kept: Path = KEPT) -> list[Found]:
    """The documents answered for each question, best first, by the service with one embedder.

    Args:
        kept: folder in which built worlds are kept from run to run.
    """
    with asked(pool, embedder, kept) as client:
        return [_found(client, question) for question in pool.questions]


@contextmanager
def asked(pool: Pool, embedder: str, kept: Path = KEPT) -> Iterator[BlockingClient]:
    """A client of a world that holds the pool's documents, built when it is not kept yet."""
    with connect_blocking(f"embedded:{built(pool, embedder, kept)}", embedder=embedder, timeout_s=600) as client:
        catch_up(client)
        yield client


def built(pool: Pool, embedder: str, kept: Path = KEPT) -> Path:
    """The data directory of a world that holds the pool's documents, built when it is not kept yet."""
    records = [json.dumps(one, ensure_ascii=False, sort_keys=True).encode()
               for one in pool.documents if str(one["text"]).strip()]
    place = kept / _key(records, embedder)
    if not (place / "complete").exists():
        shutil.rmtree(place, ignore_errors=True)
        with connect_blocking(f"embedded:{place}/world", embedder=embedder, timeout_s=600) as client:
            given = ((str(number), record) for number, record in enumerate(records))
            refused = [one.error.message for one in client.ingest(given) if one.HasField("error")]
            if refused:
                raise RuntimeError(f"{pool.name}: {len(refused)} documents were refused, the first: {refused[0]}")
            catch_up(client)
        (place / "complete").touch()
    return place / "world"


def _key(records: Iterable[bytes], embedder: str) -> str:
    """What a world depends on: its documents, the model, how texts are cut into passages, and the index's version."""
    digest = hashlib.sha256(f"{embedder}\n{index_folder.VERSION}\n{Path(splitting.__file__).read_text()}\n".encode())
    for one in records:
        digest.update(one + b"\n")
    return digest.hexdigest()[:16]


def _found(client: BlockingClient, question: Question) -> Found:
    answer = client.search(context_pb2.SearchRequest(text=question.text, as_of=question.as_of,
                                                     known_by=question.known_by, limit=PASSAGES))
    documents = tuple(dict.fromkeys(one.document_id for one in answer.passages))[:DEPTH]
    first = answer.passages[0].reasons if answer.passages else ()
    return Found(documents, tuple(one.text for one in first))


def hits(questions: Sequence[Question], found: Sequence[Found], depth: int) -> list[float]:
    """For each question 1 when a right document is among the first `depth`, else 0."""
    return [float(bool(question.gold & set(one.documents[:depth])))
            for question, one in zip(questions, found, strict=True)]


def recalls(questions: Sequence[Question], found: Sequence[Found], depth: int) -> list[float]:
    """For each question the share of its right documents that are among the first `depth`."""
    return [len(question.gold & set(one.documents[:depth])) / len(question.gold)
            for question, one in zip(questions, found, strict=True)]


def reciprocals(questions: Sequence[Question], found: Sequence[Found]) -> list[float]:
    """For each question 1 over the place of the first right document, 0 where none was answered."""
    return [next((1 / place for place, key in enumerate(one.documents, 1) if key in question.gold), 0.0)
            for question, one in zip(questions, found, strict=True)]


def gains(questions: Sequence[Question], found: Sequence[Found]) -> list[float]:
    """For each question the nDCG@10 of its documents, right or not (Järvelin and Kekäläinen 2002)."""
    values = []
    for question, one in zip(questions, found, strict=True):
        got = sum(1 / log2(place + 1) for place, key in enumerate(one.documents[:DEPTH], 1) if key in question.gold)
        values.append(got / sum(1 / log2(place + 1) for place in range(1, min(DEPTH, len(question.gold)) + 1)))
    return values


def cases(questions: Sequence[Question], found: Sequence[Found], scores: Sequence[float]) -> tuple[Case, ...]:
    """The questions that were not answered in full, as the error browser shows them."""
    return tuple(
        Case(question.id, question.text, ", ".join(sorted(question.gold)), ", ".join(one.documents),
             score, _fault(question, one), one.reasons)
        for question, one, score in zip(questions, found, scores, strict=True) if score < 1)


def _fault(question: Question, found: Found) -> str:
    missing = question.gold - set(found.documents)
    if len(missing) == len(question.gold):
        return f"none of the right documents among {DEPTH}"
    if missing:
        return f"some of the right documents not among {DEPTH}"
    return "right documents too far down"
