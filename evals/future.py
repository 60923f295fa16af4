"""Nothing from the future: random facts, names and texts, asked through the client, against a rule written anew here.

Each value and text bears a mark of its own, and all of an answer is searched for marks: slots, reasons and rendered
text too. The rule knows dates as days in a row and nothing of the product's time, clocks or stores. The second row asks
about real speeches as of earlier dates. `python -m evals.future DATA --facts 100000 --asks 20000` is the thorough run.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from evals.case import Case
from evals.known_world import known_world
from evals.row import Figure, Row
from evals.speeches import Speech, speeches
from worldctx.client.client import BlockingClient, connect_blocking, groups
from worldctx.commands.catching_up import catch_up
from worldctx.model.ask import Ask
from worldctx.model.document import Document
from worldctx.model.errors import NotFound
from worldctx.model.ids import DocumentId
from worldctx.model.time import parse_when
from worldctx.wire.messages import to_dict
from worldctx.wire.v1 import context_pb2, graph_pb2

SEED = 20_27
#: Of the usual run; facts and texts for each entity.
FACTS, ASKS, FACTS_EACH, TEXTS_EACH = 20_000, 1_500, 40, 4
#: Lines of one commit; pages of facts.
LINES, PAGE = 10_000, 10_000
#: Speeches brought in: those whose number leaves no rest; and of those, asked about.
SPEECHES_EVERY, ASKED_EVERY = 4, 4
_MARK = re.compile(r"\b[VT]x\d{6}\b")
#: First day and the day after the last, as ordinals of the proleptic Gregorian calendar.
Days = tuple[int, int]


def days(text: str) -> Days | None:
    """The days that a date covers: `1994-05-06`, `1994-05`, `1994`, `199X`; none where it says nothing."""
    if not text:
        return None
    if text.endswith("X"):
        return date(int(text[:3]) * 10, 1, 1).toordinal(), date(int(text[:3]) * 10 + 10, 1, 1).toordinal()
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    if day:
        return date(year, month, day).toordinal(), date(year, month, day).toordinal() + 1
    if month:
        after = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1).toordinal(), after.toordinal()
    return date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as it is written; dates are empty where the line has none."""

    mark: str
    subject: str
    start: str
    end: str
    known: str
    end_known: str
    source: str

    @property
    def line(self) -> str:
        """In the facts format."""
        sides = {key: value for key, value in (("from", self.start), ("to", self.end)) if value}
        record = {"type": "fact", "id": f"f:{self.mark}", "subject": self.subject, "predicate": "motto",
                  "value": self.mark, "valid": sides, "known_since": self.known, "end_known_since": self.end_known,
                  "source": f"src:{self.source}" if self.source else ""}
        return json.dumps({key: value for key, value in record.items() if value})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an ask may see: days of the valid clock; the day before which a fact, and a text, must have been public."""

    as_of: Days | None
    known: int | None
    said: int | None
    strict: bool

    def may_show(self, fact: Told) -> bool:
        """Whether a fact passes the clocks."""
        said = days(fact.known) or days(fact.source)
        if self.strict and said is None:
            return False  # nothing declares when it was said
        said = said or days(fact.start)
        if self.known is not None and said is not None and said[1] > self.known:
            return False  # said later, or perhaps later
        if self.as_of is None:
            return True
        start, end = days(fact.start), days(fact.end)
        if start is not None and start[0] >= self.as_of[1]:
            return False  # not yet true
        return end is None or self.end_is_hidden(fact) or end[1] > self.as_of[0]

    def end_is_hidden(self, fact: Told) -> bool:
        """Whether nobody could know yet that it had ended."""
        told = days(fact.end_known)
        if told is None and not days(fact.known) and not days(fact.source) and days(fact.start):
            told = days(fact.end)  # nothing says when any of it was said: each side when it came
        return self.known is not None and told is not None and told[1] > self.known

    def may_quote(self, published: str) -> bool:
        """Whether a text passes the clocks."""
        said = days(published)
        if said is None:
            return self.said is None and not self.strict
        return self.said is None or said[1] <= self.said


@dataclass(frozen=True, slots=True)
class Made:
    """A random world: facts and texts by mark, names in use from a date on, dates of birth."""

    facts: dict[str, Told]
    texts: dict[str, str]
    bodies: dict[str, str]
    names: dict[str, str]
    later_names: dict[str, tuple[str, str]]
    born: dict[str, str]

    def lines(self) -> Iterator[str]:
        """All but the texts, in the facts format."""
        for published in sorted({fact.source for fact in self.facts.values()} - {""}):
            yield json.dumps({"type": "source", "id": f"src:{published}", "title": "A gazette",
                              "published_at": published})
        for entity, name in self.names.items():
            names: list[dict[str, Any]] = [{"name": name, "lang": "en", "preferred": True}]
            if entity in self.later_names:
                later, since = self.later_names[entity]
                names.append({"name": later, "lang": "en", "from": since})
            yield json.dumps({"type": "entity", "id": entity, "kind": "person", "names": names})
            if entity in self.born:
                yield json.dumps({"type": "fact", "subject": entity, "predicate": "birth_date",
                                  "value": self.born[entity], "datatype": "edtf", "valid": {"from": self.born[entity]}})
        yield from (fact.line for fact in self.facts.values())


def moment(draw: random.Random) -> str:
    """A date of any precision within a dozen years, or none."""
    year, month, day = draw.randint(1990, 2001), draw.randint(1, 12), draw.randint(1, 28)
    return draw.choice(("", "", f"{year}", f"{year}-{month:02d}", f"{year}-{month:02d}-{day:02d}", f"{year // 10}X"))


def made(facts: int, draw: random.Random) -> Made:
    """A world with so many facts."""
    names: dict[str, str] = {}
    while len(names) < max(facts // FACTS_EACH, 10):
        names[f"ent:p{len(names)}"] = f"{_word(draw)} {_word(draw)}sen{len(names)}"
    everyone = sorted(names)
    world = Made({}, {}, {}, names, {}, {})
    for number in range(facts):
        start, end = moment(draw), moment(draw)
        first, last = days(start), days(end)
        if first and last and last[1] <= first[0]:
            start, end = end, start
        mark = f"Vx{number:06d}"
        world.facts[mark] = Told(mark, draw.choice(everyone), start, end, moment(draw), moment(draw) if end else "",
                                 moment(draw))
    for entity in everyone:
        if draw.random() < 0.3:
            world.later_names[entity] = (f"{_word(draw)} {_word(draw)}ov{len(world.later_names)}",
                                         str(draw.randint(1991, 2000)))
        if draw.random() < 0.3:
            world.born[entity] = str(draw.randint(1985, 1999))
    for number in range(len(names) * TEXTS_EACH):
        mark = f"Tx{number:06d}"
        world.texts[mark] = moment(draw)
        told = ", ".join(names[one] for one in draw.sample(everyone, 3))
        world.bodies[mark] = f"The gazette {mark} tells of {told}, who met at the harbour and spoke of the weather."
    return world


def _word(draw: random.Random) -> str:
    return "".join(draw.choices(("ba", "ke", "lo", "mir", "nu", "ta", "vel", "zor", "dri", "fen"), k=3)).title()


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one ask: its leaks in words, how much it was shown, and how much was rightly hidden from it."""

    case: Case
    shown: int
    hidden: int


def asked(client: BlockingClient, world: Made, asks: int, draw: random.Random) -> Iterator[Seen]:
    """Random asks: questions, documents and documents that are enriched, a fifth of them strict."""
    about: dict[str, list[Told]] = defaultdict(list)
    for fact in world.facts.values():
        about[fact.subject].append(fact)
    for number in range(asks):
        chosen = draw.sample(sorted(world.names), 4)
        as_of, known_by, strict = moment(draw), moment(draw), draw.random() < 0.2
        valid, known = days(as_of), days(known_by)
        cutoff = known[1] if known else None
        names = [world.later_names[one][0] if one in world.later_names and draw.random() < 0.5 else world.names[one]
                 for one in chosen]
        text = f"What is the motto of {names[0]}? It was asked by {names[1]}, {names[2]} and {names[3]}."
        kind = ("question", "document", "enriched")[number % 3]
        clocks = {"as_of": parse_when(as_of) if as_of else None, "known_by": parse_when(known_by) if known_by else None}
        if kind == "enriched":
            first = min(valid[1], valid[0] + 1) if valid else None
            bounds = Bounds(valid, first, first, strict)
            document = Document(DocumentId("eval:one"), text=text, published=clocks["as_of"])
            (item,) = client.enrich([("one", document)],
                                    context_pb2.LookUpRequest(strict=strict, profile="brief", budget=4000))
            answer = item.response
        else:
            # A bare question without dates is asked at no date: nothing bounds it.
            said = cutoff if cutoff is not None else valid[1] if valid else None
            bounds = Bounds(valid, cutoff, said, strict)
            ask = Ask(text, as_of=clocks["as_of"], known_by=clocks["known_by"], strict=strict, budget=4000)
            if kind == "document":
                ask = replace(ask, as_of=None, document=Document(DocumentId("eval:one"), text=text,
                                                                 published=clocks["as_of"]))
            answer = client.look_up(ask)
        marks, faults = _judged(to_dict(answer), world, bounds)
        wanted = {fact.mark for fact in about[chosen[0]] if bounds.may_show(fact)}
        hidden = len(about[chosen[0]]) - len(wanted)
        if kind == "question":
            faults += _listed(client, chosen[0], as_of, known_by, strict, wanted)
            found = client.search(context_pb2.SearchRequest(
                text=names[0], limit=50, as_of=as_of, known_by=known_by, strict=strict))
            more, wrong = _judged(to_dict(found), world, bounds)
            marks, faults = marks + more, faults + wrong
        yield Seen(Case(f"{kind}:{number}", f"{text} as of {as_of or 'open'}, known by {known_by or 'open'}"
                        f"{', strict' if strict else ''}", "nothing from the future", "; ".join(faults) or "nothing",
                        float(not faults), faults[0].split(":")[0] if faults else "", tuple(faults)), marks, hidden)


def _judged(shown: dict[str, Any], world: Made, bounds: Bounds) -> tuple[int, list[str]]:
    """How many marks an answer shows, and what in it is from the future."""
    faults = []
    marks = sorted(set(_MARK.findall(json.dumps(shown, ensure_ascii=False))))
    for mark in marks:
        if mark in world.facts and not bounds.may_show(world.facts[mark]):
            faults.append(f"a fact from the future: {world.facts[mark]}")
        if mark in world.texts and not bounds.may_quote(world.texts[mark]):
            faults.append(f"a text from the future: {mark} of {world.texts[mark] or 'no date'}")
    for one in shown.get("facts", []):
        fact = world.facts.get(one["id"].removeprefix("f:"))
        if fact is not None and one["valid"]["to"] and bounds.end_is_hidden(fact):
            faults.append(f"an end from the future: {fact}")
    for link in shown.get("entities", []):
        for entity in {link["id"], *(one["id"] for one in link["candidates"])} - {""}:
            faults += _unborn(entity, link["surface"], world, bounds)
    return len(marks), faults


def _unborn(entity: str, surface: str, world: Made, bounds: Bounds) -> Iterator[str]:
    name, since = world.later_names.get(entity, ("", ""))
    used, born = days(since), days(world.born.get(entity, ""))
    if bounds.as_of and used and surface == name and used[0] >= bounds.as_of[1]:
        yield f"a name from the future: {name} since {since}"
    # With a known clock it counts when one could have heard of it, without one whether it was in the world.
    unheard = born is not None and bounds.known is not None and born[1] > bounds.known
    if unheard or (born and bounds.known is None and bounds.as_of and born[0] >= bounds.as_of[1]):
        yield f"an entity from the future: {entity} born {world.born[entity]}"


def _listed(client: BlockingClient, entity: str, as_of: str, known_by: str, strict: bool, wanted: set[str],
            ) -> list[str]:
    """Whether the facts of an entity are exactly those that pass: a store that shows nothing leaks nothing."""
    try:
        found = client.list_facts(graph_pb2.ListFactsRequest(
            entity=entity, predicate="motto", page_size=PAGE,
            clocks=graph_pb2.Clocks(as_of=as_of, known_by=known_by, strict=strict))).facts
    except NotFound:  # not born yet
        return []
    marks = {one.id.removeprefix("f:") for one in found}
    faults = [f"a fact from the future: {one}" for one in sorted(marks - wanted)]
    return faults + [f"a fact that is not told: {one}" for one in sorted(wanted - marks)]


def run_random(facts: int = FACTS, asks: int = ASKS) -> Row:
    """The random world."""
    draw = random.Random(SEED)
    world = made(facts, draw)
    with TemporaryDirectory() as folder, connect_blocking(f"embedded:{folder}/world", embedder="none") as client:
        for group in groups(world.lines(), LINES):
            refused = client.write_facts(group).refused
            assert not refused, refused[0]
        records = [(mark, json.dumps({"id": f"t:{mark}", "text": world.bodies[mark], "published_at": world.texts[mark]}
                                     ).encode()) for mark in world.texts]
        assert not [one for one in client.ingest(records) if one.HasField("error")]
        catch_up(client)
        seen = list(asked(client, world, asks, draw))
    shown, hidden = sum(one.shown for one in seen), sum(one.hidden for one in seen)
    return _row(f"{facts:,} random facts, {len(world.texts):,} texts", [one.case for one in seen],
                f"{shown:,} facts and texts shown, {hidden:,} facts of those asked about rightly hidden; questions, "
                "documents and enriched documents, a fifth strict; facts listed must be exactly those that pass")


def _row(data: str, cases: Sequence[Case], note: str) -> Row:
    leaks = sum(case.score < 1 for case in cases)
    share = leaks / len(cases)
    counts = Counter(one.fault for one in cases if one.fault)
    kinds = ", ".join(f"{count} {fault}" for fault, count in sorted(counts.items()))
    return Row("nothing from the future", data, len(cases),
               (Figure("asks with a leak", share, share, share, None, 0.0),),
               note + (f"; leaks: {kinds}" if kinds else ""), tuple(cases))


def run_speeches(data: Path) -> Row:
    """Speeches in the known world: each enriched, and asked about as of the year before it."""
    spoken = speeches(data)[::SPEECHES_EVERY]
    years = {one.id: one.year for one in spoken}
    with TemporaryDirectory() as folder:
        shutil.copytree(known_world(data), Path(folder) / "world")
        with connect_blocking(f"embedded:{folder}/world", embedder="none", timeout_s=600) as client:
            acks = client.ingest([(one.id, one.record) for one in spoken])
            assert not [one for one in acks if one.HasField("error")]
            catch_up(client)
            seen = [one for speech in spoken[::ASKED_EVERY] for one in _about_speech(client, speech, years)]
    return _row(f"{len(spoken)} speeches in the known world", [one.case for one in seen],
                f"{sum(one.shown for one in seen):,} facts and passages shown; enriched as of its "
                "own date, and its beginning asked as of the year before and known by then; passages are judged by the "
                "years of the file, facts by what they say of themselves")


def _about_speech(client: BlockingClient, one: Speech, years: dict[str, int]) -> Iterator[Seen]:
    (item,) = client.enrich([("one", one.document)], context_pb2.LookUpRequest(profile="brief", budget=4000))
    first = date(one.year, 1, 1).toordinal() + 1
    before = str(one.year - 1)
    beginning = one.document.text[:500]
    asked = client.look_up(Ask(beginning, as_of=parse_when(before), known_by=parse_when(before), budget=4000))
    for kind, answer, cutoff in (("enriched", item.response, first), ("the year before", asked, first - 1)):
        faults = list(_late(to_dict(answer), cutoff, years))
        case = Case(f"{kind}:{one.id}", beginning[:300], "nothing from the future", "; ".join(faults) or "nothing",
                    float(not faults), faults[0].split(":")[0] if faults else "", tuple(faults))
        yield Seen(case, len(answer.facts) + len(answer.passages), 0)


def _late(shown: dict[str, Any], cutoff: int, years: dict[str, int]) -> Iterable[str]:
    for one in shown["passages"]:
        if date(years[one["document_id"]] + 1, 1, 1).toordinal() > cutoff:
            yield f"a text from the future: {one['document_id']} of {years[one['document_id']]}"
    for one in shown["facts"]:
        known = days(re.sub(r"[~?].*|T.*", "", one["known_since"])) if re.match(r"\d{3}", one["known_since"]) else None
        if known is not None and known[1] > cutoff:
            yield f"a fact from the future: {one['id']} known since {one['known_since']}"


def run(data: Path) -> Iterator[Row]:
    """Both rows."""
    yield run_random()
    yield run_speeches(data)


def main(
    facts: Annotated[int, typer.Option(help="Random facts.")] = FACTS,
    asks: Annotated[int, typer.Option(help="Random asks.")] = ASKS,
) -> None:
    """Measure the random world at another size."""
    row = run_random(facts, asks)
    sys.stdout.write(f"{row.data}: {row.cases:,} asks, {row.figures[0].value:.6f} with a leak; {row.note}\n")


if __name__ == "__main__":
    typer.run(main)
