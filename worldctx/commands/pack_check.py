"""Checking a pack: it is read, validated by its shapes, and asked what its tests ask, in a world of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.commands.importing import COUNTED
from worldctx.commands.sink import ServiceSink
from worldctx.exchange.facts import Line
from worldctx.exchange.pack.declaration import Expectation
from worldctx.exchange.pack.files import PackFiles
from worldctx.model.entity import Entity
from worldctx.model.errors import BadInput, Unsupported
from worldctx.text.words import everyday
from worldctx.wire.v1 import context_pb2

#: Facts that a lookup of a test may show.
LIMIT = 100


@dataclass(slots=True)
class Checked:
    """What a check found.

    Attributes:
        counts: lines by kind.
        problems: what keeps the pack from being built or installed, one line each.
        warnings: what its author should look at.
    """

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check(pack: PackFiles) -> Checked:
    """Read the pack, validate it, install it in an empty world and run its tests."""
    found = Checked()
    lines = list(_lines(pack, found))
    found.counts.update(COUNTED[type(line)] for line in lines)
    found.warnings += _warnings(lines)
    found.problems += _violations(pack)
    if not found.problems:
        found.problems += _asked(pack, lines)
    if not pack.declared.tests:
        found.warnings.append("it has no tests; add [[test]] with a text and the entities that it speaks of")
    return found


def _lines(pack: PackFiles, found: Checked) -> Iterator[Line]:
    yield from pack.begin()
    for part in pack.parts:
        left_out: Counter[str] = Counter()
        try:
            for taken in pack.records(part):
                if taken.error is not None:
                    found.problems.append(taken.error.message)
                left_out.update(dict(taken.left_out))
                yield from taken.lines
        except BadInput as error:
            found.problems.append(error.message)
        found.warnings += (f"{part.name}: left out: {reason} ({count:,})" for reason, count in sorted(left_out.items()))


def _warnings(lines: list[Line]) -> Iterator[str]:
    entities = [line for line in lines if isinstance(line, Entity)]
    called = {(line.id, name.text, name.preferred) for line in entities for name in line.names}
    for entity, text, preferred in sorted(called):
        if text.casefold() in everyday():
            mend = "give it a longer preferred name" if preferred else "add it to gazetteer.drop"
            yield (f"{entity}: the name {text!r} is an everyday word, and texts that do not mean it may be linked: "
                   f"{mend}")
    named = {one.id for one in entities if one.names}
    for nameless in sorted({one.id for one in entities} - named):
        yield f"{nameless}: no name is left, so that no text can speak of it: give it a preferred name"


def _violations(pack: PackFiles) -> Iterator[str]:
    if not pack.declared.shapes:
        return
    try:
        from worldctx.exchange.pack.validation import pack_violations
    except ImportError as error:
        raise Unsupported(f"{error.name} is not installed; pip install 'worldctx[rdf]'") from error
    try:
        yield from map(str, pack_violations(pack))
    except BadInput as error:
        yield error.message


def _asked(pack: PackFiles, lines: list[Line]) -> Iterator[str]:
    with TemporaryDirectory(prefix="worldctx-pack-") as folder, connect_blocking(
            f"embedded:{Path(folder) / 'world'}", embedder="none") as client:
        written = ServiceSink(client).write(lines, None)
        if written.refused:
            yield from (f"{reason}" for _, reason in written.refused)
            return
        for test in pack.declared.tests:
            called = f"{test.where} ({test.about})" if test.about else test.where
            yield from (f"{called}: {one}" for one in _failures(client, test, written.revision))


def _failures(client: BlockingClient, test: Expectation, revision: int) -> Iterator[str]:
    answer = client.look_up(context_pb2.LookUpRequest(
        text=test.text, revision=revision, limit=LIMIT, as_of=test.as_of.edtf if test.as_of else "",
        known_by=test.known_by.edtf if test.known_by else ""))
    linked = {one.id for one in answer.entities if one.id}
    yield from (f"{one} is not linked; linked are {', '.join(sorted(linked)) or 'none'}"
                for one in test.entities if one not in linked)
    yield from (f"{one} is linked and should not be" for one in test.absent if one in linked)
    shown = {(one.subject, one.predicate, one.object) for one in answer.facts}
    yield from (f"the fact {' '.join(one)} is not shown" for one in test.facts if one not in shown)
