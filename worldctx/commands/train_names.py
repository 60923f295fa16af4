"""`worldctx train names`: a model of names, from labelled files and from documents that the graph explains."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from worldctx.commands.screen import Complaints, complain, progress, say
from worldctx.commands.target import AsJson, Data
from worldctx.model.clocks import Clocks
from worldctx.model.errors import BadInput, StoreUnavailable, Unsupported
from worldctx.model.ids import ZERO, Revision

if TYPE_CHECKING:
    from worldctx.ports.graph import GraphStore
    from worldctx.text.crf import Example
    from worldctx.text.gazetteer import Gazetteer

#: Names of every revision teach; longest text taken, in characters.
_HEAD, MOST = Revision(2**63 - 1), 20_000_000


def train_names(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="File to write.")],
    conll: Annotated[
        Optional[list[Path]], typer.Option("--conll", metavar="FILE", help="Labelled columns, IOB or BIOES; often.")
    ] = None,
    documents: Annotated[
        Optional[list[Path]], typer.Option("--documents", metavar="FILE", help="JSON lines to make silver of; often.")
    ] = None,
    stored: Annotated[bool, typer.Option("--stored", help="Make silver of the documents in --data too.")] = False,
    about: Annotated[str, typer.Option("--about", metavar="TEXT", help="Data and licence, kept in the model.")] = "",
    seed: Annotated[int, typer.Option("--seed", help="Which silver sentences hide what the graph knows.")] = 7,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Train a model that finds names which the graph does not know; it is used with WORLDCTX_NAMES_MODEL=crf:MODEL.

    Labelled files teach best. Silver is made of documents without a label: sentences whose every name the graph in
    --data explains. The graph is read only. The same input and seed give the same model; see docs/names.md.

    Example: worldctx train names names.crf --conll train.conll --documents speeches.jsonl.gz --data ./world
    """
    from worldctx.config import Settings
    from worldctx.wiring import reading

    try:
        from worldctx.text.crf import train
    except ImportError as error:
        raise Unsupported("python-crfsuite is not installed; pip install 'worldctx[names]'") from error
    if not (conll or documents or stored):
        raise typer.BadParameter("name what to learn from: --conll, --documents or --stored")
    if not model.absolute().parent.is_dir():
        raise BadInput.at("MODEL", f"there is no folder {model.absolute().parent}")
    counts: Counter[str] = Counter(dict.fromkeys(("sentences", "silver", "names", "refused"), 0))
    complaints = Complaints()
    draw = random.Random(seed)  # noqa: S311  # which sentences, no secret

    def examples(graph: GraphStore | None) -> Iterator[Example]:
        lexicon = _lexicon(graph)
        for path in conll or ():
            yield from _labelled(path, lexicon, counts, complaints)
        for text in _texts(documents or [], graph if stored else None, counts, complaints):
            yield from _silver(text, lexicon, counts, draw)

    settings = Settings.read(data=data)
    with progress("sentences") as bar:

        def shown(made: Iterator[Example]) -> Iterator[Example]:
            for one in made:
                bar.advance()
                yield one

        def trained(graph: GraphStore | None) -> int:
            return train(shown(examples(graph)), model, {"about": about, "seed": seed},
                         lambda number: bar.at(number, None, "rounds"))

        try:
            with reading(settings) as graph:
                size = trained(graph)
        except StoreUnavailable:
            if documents or stored or data is not None:
                raise
            size = trained(None)  # labels alone need no graph
    complaints.close()
    say({**counts, "bytes": size}, as_json=as_json)
    if counts["refused"]:
        complain(f"{counts['refused']:,} sentences or documents were left out")
    raise typer.Exit(1 if counts["refused"] else 0)


def _lexicon(graph: GraphStore | None) -> Gazetteer:
    from worldctx.text.gazetteer import Gazetteer

    return Gazetteer(graph.names() if graph is not None else ())


def _labelled(path: Path, lexicon: Gazetteer, counts: Counter[str], complaints: Complaints) -> Iterator[Example]:
    from worldctx.exchange.conll import labelled_sentences
    from worldctx.text.crf import Example
    from worldctx.text.name_features import features
    from worldctx.text.names import tag_by_rules
    from worldctx.text.tokens import Token

    for one in labelled_sentences(path):
        if isinstance(one, BadInput):
            counts["refused"] += 1
            complaints.add("", one.message)
            continue
        text, sentence = "", []
        for word in one.words:
            sentence.append(Token(len(text), len(text) + len(word), word))
            text += word + " "
        known = lexicon.scan(text, Clocks(), _HEAD)
        counts["sentences"] += 1
        counts["names"] += sum(label.startswith("B-") for label in one.labels)
        yield Example(features(sentence, known, tag_by_rules(text, known)), list(one.labels))


def _texts(paths: list[Path], graph: GraphStore | None, counts: Counter[str], complaints: Complaints) -> Iterator[str]:
    from worldctx.exchange.documents import parse_document
    from worldctx.exchange.jsonl import located, objects

    for path in paths:
        for one in objects(path):
            try:
                if isinstance(one, BadInput):
                    raise one
                try:
                    yield parse_document(one[1], max_chars=MOST).text
                except BadInput as error:
                    raise located(error, path, one[0].number) from error
            except BadInput as error:
                counts["refused"] += 1
                complaints.add("", error.message)
    if graph is not None:
        reader, after = graph.at(), ZERO
        while commits := list(graph.commits(after)):
            for commit in commits:
                ids = [record.document.id for record in commit.documents]
                yield from (document.text for document in reader.documents(ids).values())
            after = commits[-1].revision


def _silver(text: str, lexicon: Gazetteer, counts: Counter[str], draw: random.Random) -> Iterator[Example]:
    from worldctx.text.silver import silver

    for one in silver(text, lexicon.scan(text, Clocks(), _HEAD), draw):
        counts["silver"] += 1
        counts["names"] += sum(label.startswith("B-") for label in one.labels)
        yield one
