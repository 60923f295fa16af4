"""The terminal console: find entities, look at their facts, timeline and neighbours, and at a context, under clocks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from worldctx.client.client import BlockingClient
from worldctx.console.answer import claim, clocks_line, held, printable, public_since
from worldctx.model.errors import BadInput, WorldctxError
from worldctx.model.ids import is_id
from worldctx.model.time import parse_when
from worldctx.wire.v1 import context_pb2, graph_pb2, types_pb2

HELP = """\
find NAME             entities whose name begins so, numbered
show NAME | ID | N    one entity with its facts under the clocks, and their sources; N is a number of the last list
timeline [WHAT]       dated facts of it, and of others about it, in order (all dates up to known-by)
neighbours [WHAT]     entities one fact away
context TEXT          the context of a text as a model sees it
search TEXT           passages of documents
as-of DATE | any      the valid clock: true in the world then
known-by DATE | any   the known clock: said in public by then
revision N | head     the recorded clock: held by this store then
clocks                how the clocks stand
more                  the next page
quit                  leave; so do Ctrl-C and Ctrl-D
Without WHAT the entity that was shown last is taken. Dates are EDTF: 1972, 1972-06, 1972-06-01."""
#: Entities in a list, and neighbours.
LISTED = 25
#: Lines kept free for the prompt and the page's last line.
MARGIN = 3


@dataclass(slots=True)
class Clocks:
    """How the three clocks stand; empty and 0 are open."""

    as_of: str = ""
    known_by: str = ""
    revision: int = 0

    @property
    def words(self) -> str:
        """In words."""
        revision = self.revision or "head"
        return f"as of {self.as_of or 'any time'}, known by {self.known_by or 'any time'}, revision {revision}"

    @property
    def fields(self) -> dict[str, Any]:
        """As every request names them."""
        return {"as_of": self.as_of, "known_by": self.known_by, "revision": self.revision}

    def message(self) -> graph_pb2.Clocks:
        """For a call on the graph."""
        return graph_pb2.Clocks(**self.fields)


Lines = Iterable[str]


class Terminal:
    """Reads commands from a person or a pipe and prints what they ask for."""

    def __init__(
        self, client: BlockingClient, clocks: Clocks, source: TextIO | None = None, out: Console | None = None
    ) -> None:
        self._client, self._clocks = client, clocks
        self._source = source or sys.stdin
        if isinstance(self._source, TextIOWrapper):
            self._source.reconfigure(encoding="utf-8", errors="surrogateescape")
        self._out = out or Console(soft_wrap=True, highlight=False, emoji=False)
        self._person = self._source.isatty() and self._out.is_terminal
        self._listed: list[str] = []
        self._shown = ""
        self._failed = 0
        self._rest: Iterator[str] = iter(())
        self._commands: dict[str, Callable[[str], Lines]] = {
            "find": self._find,
            "show": self._show,
            "timeline": self._timeline,
            "neighbours": self._neighbours,
            "context": self._context,
            "search": self._search,
            "as-of": self._as_of,
            "known-by": self._known_by,
            "revision": self._revision,
            "clocks": lambda words: [self._clocks.words],
            "help": lambda words: HELP.splitlines(),
            "more": lambda words: self._rest,
        }

    def run(self) -> int:
        """Take commands until the end; returns how many failed."""
        self._failed = 0
        if self._person:
            self._greet()
        for line in self._lines():
            words = line.strip()
            if not words or words.startswith("#"):
                continue
            if words in ("quit", "exit", "q"):
                break
            try:
                self._page(self._answer(words))
            except WorldctxError as error:
                self._failed += 1
                self._out.print(printable(error.message), style="red", markup=False)
            except KeyboardInterrupt:
                if not self._person:
                    raise
                self._out.print("stopped")
        return self._failed

    def _greet(self) -> None:
        import readline  # noqa: F401 - importing it gives input() its history and editing

        stats = self._client.stats()
        self._out.print(
            f"worldctx {stats.version}: {stats.graph['entities']:,} entities, {stats.graph['facts']:,} facts, "
            f"{stats.graph['documents']:,} documents. Type help.",
            markup=False,
        )

    def _lines(self) -> Iterator[str]:
        if not self._person:
            for line in self._source:
                try:
                    line.encode("utf-8")
                except UnicodeEncodeError:
                    self._failed += 1
                    self._out.print("a line is not UTF-8; convert the input", style="red")
                else:
                    yield line
            return
        while True:
            try:
                yield input("worldctx> ")
            except (EOFError, KeyboardInterrupt):
                self._out.print()
                return

    def _answer(self, words: str) -> Lines:
        name, _, rest = words.partition(" ")
        matching = [one for one in self._commands if one.startswith(name)]
        if name in self._commands:
            matching = [name]
        if len(matching) != 1:
            what = "is no command" if not matching else f"may be {' or '.join(matching)}"
            raise BadInput(f"{name!r} {what}; type help")
        return self._commands[matching[0]](rest.strip())

    def _page(self, lines: Lines) -> None:
        """Print one screenful for a person, everything for a pipe; `more` prints the next."""
        found = iter(lines)
        size = max(5, self._out.size.height - MARGIN) if self._person else sys.maxsize
        for number, line in enumerate(found):
            self._out.print(Text(printable(line)))
            if number + 1 == size:
                self._rest = found
                self._out.print("… more: type more", style="dim")
                return
        self._rest = iter(())

    # What each command says, line by line.

    def _find(self, words: str) -> Lines:
        found = self._client.find_entities(_needed(words, "a name"), self._clocks.message(), LISTED).entities
        return self._list([(one, "") for one in found], f"no name begins with {words!r} under these clocks")

    def _list(self, found: Sequence[tuple[types_pb2.Entity, str]], nothing: str) -> Iterator[str]:
        self._listed = [one.id for one, _ in found]
        if not found:
            yield nothing
        for number, (one, how) in enumerate(found, 1):
            yield f"{number:>3}  {one.name} ({one.kind}) {one.id}{f'  {how}' if how else ''}{_about(one)}"

    def _chosen(self, words: str) -> str:
        """The id that was meant: a number of the last list, an id, or the best known entity of a name."""
        if not words:
            if not self._shown:
                raise BadInput("which entity? give a name, an id, or a number of the last list")
            return self._shown
        if words.isdecimal() and 0 < int(words) <= len(self._listed):
            return self._listed[int(words) - 1]
        found = self._client.find_entities(words, self._clocks.message(), LISTED).entities
        exact = [one for one in found if any(name.name.casefold() == words.casefold() for name in one.names)]
        known = next((str(one.id) for one in (*exact, *found)), words)
        if not is_id(known):
            raise BadInput(f"no name begins with {words!r} under these clocks; look with find")
        return known

    def _show(self, words: str) -> Iterator[str]:
        one = self._client.get_entity(self._chosen(words), self._clocks.message()).entity
        self._shown = one.id
        yield f"{one.name} ({one.kind}) {one.id}{_about(one)}"
        names = [f"{name.name}{_span(name.valid)}" for name in one.names if name.name != one.name]
        if names:
            yield f"  also: {'; '.join(dict.fromkeys(names))}"  # one name may stand in several languages
        if one.same_as:
            yield f"  same as: {', '.join(one.same_as)}"
        if one.within:
            yield f"  within: {one.within}"
        if one.HasField("lat"):
            yield f"  at: {one.lat:.4f}, {one.lon:.4f}"
        yield f"Facts, {self._clocks.words}:"
        yield from _cited(self._facts(one.id), "none that passes these clocks")

    def _facts(self, entity: str) -> Iterator[types_pb2.Fact]:
        request = graph_pb2.ListFactsRequest(entity=entity, clocks=self._clocks.message())
        while True:
            answer = self._client.list_facts(request)
            yield from answer.facts
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token

    def _timeline(self, words: str) -> Iterator[str]:
        entity = self._chosen(words)
        facts = self._client.timeline(graph_pb2.TimelineRequest(entity=entity, clocks=self._clocks.message())).facts
        yield f"Timeline of {entity}, known by {self._clocks.known_by or 'any time'}:"
        yield from _cited(facts, "nothing dated", dated=True)

    def _neighbours(self, words: str) -> Lines:
        request = graph_pb2.NeighboursRequest(
            entity=self._chosen(words), clocks=self._clocks.message(), limit=LISTED
        )
        found = self._client.neighbours(request).neighbours
        pairs = [(one.entity, f"← {claim(one.fact)}{_span(one.fact.valid)}") for one in found]
        return self._list(pairs, "none under these clocks")

    def _context(self, words: str) -> Iterator[str]:
        answer = self._client.look_up(context_pb2.LookUpRequest(text=_needed(words, "a text"), **self._clocks.fields))
        yield from answer.rendered.text.rstrip("\n").split("\n")
        yield ""
        yield clocks_line(answer)

    def _search(self, words: str) -> Iterator[str]:
        request = context_pb2.SearchRequest(text=_needed(words, "a text"), **self._clocks.fields)
        found = self._client.search(request).passages
        if not found:
            yield "no passage passes these clocks"
        for one in found:
            yield f"{one.score:.3f}  {one.title or one.document_id}, {one.source}, {one.published_at or 'undated'}"
            yield f"       {' '.join(one.text.split())}"

    def _as_of(self, words: str) -> Lines:
        self._clocks.as_of = _date(words, "as-of")
        return [self._clocks.words]

    def _known_by(self, words: str) -> Lines:
        self._clocks.known_by = _date(words, "known-by")
        return [self._clocks.words]

    def _revision(self, words: str) -> Lines:
        if words != "head" and not (words.isdecimal() and int(words) < 2**63):
            raise BadInput(f"revision: {words!r} is neither the number of a commit nor head")
        self._clocks.revision = 0 if words == "head" else int(words)
        return [self._clocks.words]


def _needed(words: str, what: str) -> str:
    if not words:
        raise BadInput(f"give {what}; type help")
    return words


def _date(words: str, field: str) -> str:
    return "" if words in ("any", "") else parse_when(words, field).edtf


def _about(one: types_pb2.Entity) -> str:
    return f" · {one.description}" if one.description else ""


def _span(valid: types_pb2.Interval) -> str:
    words = held(valid)
    return "" if words == "any time" else f" ({words})"


def _cited(facts: Iterable[types_pb2.Fact], nothing: str, *, dated: bool = False) -> Iterator[str]:
    """Facts with the numbers of their sources, then the sources."""
    sources: dict[str, int] = {}
    for one in facts:
        title = one.source_title or one.source or "no source"
        number = sources.setdefault(f"{title}{f', {one.source_url}' if one.source_url else ''}", len(sources) + 1)
        when = f"{held(one.valid):<26} " if dated else ""
        span = "" if dated else _span(one.valid)
        yield f"  {when}{claim(one)}{span}; public since {public_since(one)} [{number}]"
    if not sources:
        yield f"  {nothing}"
    for title, number in sources.items():
        yield f"  [{number}] {title}"
