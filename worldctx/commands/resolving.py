"""What the verbs of `worldctx resolve` have in common: the stores, how a candidate looks, and writing a judgement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from worldctx.commands.screen import out
from worldctx.commands.sink import ServiceSink, Sink, StoreSink
from worldctx.commands.target import opened
from worldctx.console.answer import printable
from worldctx.model.entity import Kind
from worldctx.model.errors import BadInput
from worldctx.model.ids import EntityId, is_id
from worldctx.model.judgement import Judgement
from worldctx.model.time import parse_when
from worldctx.ports.graph import GraphStore
from worldctx.resolve.candidates import Candidate, Census
from worldctx.resolve.judged import Judged, judgements
from worldctx.resolve.profile import facts_shown, names_shown, neighbours_shown
from worldctx.resolve.view import View

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who judges; it is kept with the judgement.")]
At = Annotated[str, typer.Option("--at", metavar="DATE", help="When it was judged (EDTF). Default: today.")]
OfKind = Annotated[Optional[Kind], typer.Option("--kind", help="Only entities of this kind.")]
MinScore = Annotated[float, typer.Option("--min-score", min=0, max=1, metavar="S", help="Only from this score on.")]
Unsure = Annotated[bool, typer.Option("--unsure", help="Those that were judged unsure, too.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="An entity's own or an external id.")]
#: Reasons shown of a score.
REASONS = 6
WORDS = {True: "the same", False: "different", None: "unsure"}


@contextmanager
def at_work(data: Path | None, server: str | None) -> Iterator[tuple[GraphStore, Sink]]:
    """The graph to read, and where judgements go: into it, or to a service that is working on it.

    Raises:
        StoreUnavailable, IncompatibleData, BadInput: one of them cannot be opened.
    """
    from worldctx.config import Settings
    from worldctx.wiring import loading, reading

    settings = Settings.read(data=data)
    if server is None:
        with loading(settings) as graph:
            yield graph, StoreSink(graph)
        return
    with reading(settings) as graph, opened(None, server) as client:
        yield graph, ServiceSink(client)


def judged_in(graph: GraphStore) -> Judged:
    """The judgements as they stand."""
    return Judged(judgements(graph), graph.at().resolve)


def open_pairs(census: Census, judged: Judged, least: float, *, unsure: bool) -> list[Candidate]:
    """The candidates that nobody judged, likeliest first, ties by id; with `unsure` those that somebody left open."""
    found = []
    for one in census.candidates(least):
        stands = judged.between(*one.ids)
        if stands is None or (unsure and stands.same is None):
            found.append(one)
    return sorted(found, key=lambda one: (-one.score.value, one.ids))


def write(sink: Sink, found: Iterable[Judgement]) -> int:
    """Commit judgements and wait until they are read; returns how many were new.

    Raises:
        BadInput: one was refused.
    """
    written = sink.write(list(found), None)
    for _, reason in written.refused:
        raise BadInput(reason)
    sink.settle(written.revision)
    return written.counts["judgements"]


def judgement(left: str, right: str, same: bool | None, by: str, at: str) -> Judgement:
    """A judgement as the options give it.

    Raises:
        BadInput: an id or the date cannot be read, or the two are one id.
    """
    for field, text in (("left", left), ("right", right)):
        if not is_id(text):
            raise BadInput.at(field, f"{text[:60]!r} is no id; `worldctx resolve list` shows ids")
    if left == right:
        raise BadInput.at("right", f"is {left!r}, too; give two ids")
    if not by.strip():
        raise BadInput.at("--by", "is empty; say who judges")
    return Judgement(EntityId(left), EntityId(right), same, by, parse_when(at or today(), "--at"))


def today() -> str:
    """The date of the judgement where none is given."""
    return datetime.now(UTC).date().isoformat()


def labels_for(census: Census, found: Sequence[Candidate]) -> dict[EntityId, str]:
    """Labels of what `show` and `record` tell of."""
    wanted = {one for each in found for view in (each.left, each.right) for one in neighbours_shown(view)}
    return dict(census.labels(wanted))


def record(one: Candidate, labels: dict[EntityId, str], stands: Judgement | None) -> dict[str, Any]:
    """A candidate for machines."""
    return {
        "left": _entity(one.left, labels), "right": _entity(one.right, labels), "score": one.score.value,
        "model": one.score.model,
        "reasons": [{"feature": each.feature, "weight": each.weight, "text": each.text} for each in one.score.reasons],
        "judgement": None if stands is None else
        {"same": stands.same, "by": stands.by, "at": stands.at.edtf if stands.at else ""},
    }


def _entity(view: View, labels: dict[EntityId, str]) -> dict[str, Any]:
    return {"id": view.id, "kind": view.kind.value, "names": names_shown(view), "description": view.description,
            "facts": facts_shown(view, labels)}


def show(one: Candidate, labels: dict[EntityId, str], stands: Judgement | None) -> None:
    """A candidate for people."""
    for line in lines(one, labels, stands):
        out.print(printable(line), markup=False)


def lines(one: Candidate, labels: dict[EntityId, str], stands: Judgement | None) -> Iterator[str]:
    """A candidate in words: the score, both entities, the weightiest reasons, and what was judged."""
    yield _line(f"{one.score.value:.4f}  {one.left.label} = {one.right.label} ?")
    for view in (one.left, one.right):
        about = f", {view.description}" if view.description else ""
        yield _line(f"  {view.id} ({view.kind}{about}): {' / '.join(names_shown(view))}")
        for fact in facts_shown(view, labels):
            yield _line(f"      {fact}")
    for reason in one.score.reasons[:REASONS]:
        yield _line(f"  {reason.weight:+.2f} {reason.text}")
    if stands is not None:
        yield _line(f"  judged {WORDS[stands.same]} by {stands.by or 'nobody named'}"
                    f"{f', {stands.at.edtf}' if stands.at else ''}")


def _line(text: str) -> str:
    return " ".join(text.splitlines())
