"""The step that finds events: those that the text names, those that it tells of, and those near what it is about.

Candidates come from the graph by who took part, where, and what they are part of; which of them is meant is decided in
known_event.py. An event stays in the past: what was true of it on its day is told afterwards, what it came to is told
from when it happened, and one that had not begun, or was not public, under the clocks is never told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from worldctx.lookup.event import Event
from worldctx.lookup.happening import Happening, asked_about, happenings, ids_of
from worldctx.lookup.known_event import Known, Told, matches, words_of
from worldctx.lookup.request import Request
from worldctx.model.clocks import Clocks
from worldctx.model.context import Link, Span
from worldctx.model.entity import Entity, Kind, label_under
from worldctx.model.event import HAS_PLACE, HAS_TIME
from worldctx.model.ids import EntityId
from worldctx.model.time import ALWAYS, DAY, MIN_INSTANT, Interval
from worldctx.ports.deadline import Deadline
from worldctx.ports.graph import FactTable, Side, Step, Walk
from worldctx.text.triggers import types_of

#: Roles in which entities take part in events; those of any other predicate are read of events that are found by these.
ROLES = ("participant", "home_team", "away_team", "winner", "signatory", "perpetrator", "victim", "goal_scored_by")
PART_OF, PART_IN, COUNTRY, CAPITAL = "part_of", "participant_in", "country", "capital"
LOCATION, START = "location", "start_time"
#: Of so many linked entities events are looked for, and facts read of each.
ENTITIES, FACTS_EACH = 16, 512
#: Seconds that the walks need at least.
GRAPH_WALK_S = 0.010
#: Candidates that are looked at closely: of a prompt, of a document.
OF_PROMPT, OF_DOCUMENT = 48, 24
#: Events in an answer that the text does not name.
SHOWN = 5
#: A war that began so long before the time that a text names may have been going on then.
LASTING_S = 8 * 366 * DAY
#: Salience of what an event must touch, and how long ago it may have begun, to be told without being told of.
TOUCHED, NEAR_IN_TIME = 0.4, 2 * 366 * DAY


def found(request: Request, links: Sequence[Link], weights: Mapping[EntityId, float], deadline: Deadline,
          ) -> tuple[tuple[Event, ...], tuple[Happening, ...]]:
    """Events that the text names or tells of, best first, and what it tells to have happened, known or not.

    Args:
        links: of the text.
        weights: how much the text is about each linked entity.
        deadline: with too little time left for a walk, only what the text itself says is told.
    """
    # Candidates stand at the first mention of a name.
    first = {one.surface: one.candidates for one in reversed(links) if one.candidates}
    told = (asked_about if request.is_prompt else happenings)(
        request.text, [replace(one, candidates=first.get(one.surface, ())) for one in links], request.dates)
    named = {one.id: one for one in reversed(links) if one.id is not None and one.kind is Kind.EVENT}
    reading = _Reading(request)
    # Without a time, what a document says of one or none could be any event.
    timed = [one for one in told if request.is_prompt or one.time is not None or _fresh(request) is not None
             or len({link.id for link in one.mentions if link.id is not None}) > 1]
    near = sorted({key for one in timed for key in one.ids}, key=lambda key: (-weights.get(key, 0.0), key))
    in_time = deadline.remaining >= GRAPH_WALK_S
    events = reading.events([*named, *reading.candidates(near[:ENTITIES], timed)]) if in_time else []
    by_id = {one.id: one for one in events}
    tellings = _tellings(request, timed, frozenset(weights), events, reading.stands_for, bool(named))
    matched = matches(tellings, [one for one in events if one.id not in named], SHOWN)
    rows = [Event(key, link.name, "named", link.score, link.span, _time(by_id.get(key)))
            for key, link in sorted(named.items(), key=lambda pair: (-weights.get(pair[0], 0.0), pair[0]))]
    rows += [Event(one.event.id, one.event.name, "matched", one.score, _evidence(one.happening), _time(one.event),
                   reasons=one.reasons) for one in matched]
    return (*(reading.placed(one) for one in rows[:1]), *rows[1:]), told


def near(table: FactTable, weights: Mapping[EntityId, float], clocks: Clocks) -> tuple[EntityId, ...]:
    """Events of the time before the date asked about that touch what the text is about, latest first, ties by id.

    Only those that the text does not name itself.

    Args:
        table: facts about what the text names, or naming it.
    """
    if clocks.as_of is None:
        return ()
    touched: dict[EntityId, float] = {}
    begun: dict[EntityId, int] = {}
    for row in np.flatnonzero(table.events).tolist():
        event, other, start = table.ids[table.subjects[row]], table.objects[row], int(table.starts[row])
        if event not in weights:
            salient = weights.get(table.ids[other], 0.0) if other >= 0 else 0.0
            touched[event] = max(touched.get(event, 0.0), salient)
            begun[event] = max(begun.get(event, start), start)
    recent = [(clocks.hi - begun[event], event) for event in touched
              if touched[event] >= TOUCHED and 0 <= clocks.hi - begun[event] <= NEAR_IN_TIME]
    return tuple(event for _, event in sorted(recent)[:SHOWN])


def _time(event: Known | None) -> Interval | None:
    return event.time if event is not None and event.time != ALWAYS else None


def _evidence(told: Happening) -> Span | None:
    return told.span or (told.mentions[0].span if told.mentions else None)


def _tellings(request: Request, told: Iterable[Happening], ids: frozenset[EntityId], events: Sequence[Known],
              of: Mapping[EntityId, EntityId], whole_is_named: bool) -> list[Told]:
    if not events:
        return []
    fresh, last = _fresh(request), _latest(events, request.clocks.hi)
    asked = words_of(request.text) if request.is_prompt else frozenset[str]()
    return [_telling(one, ids, of, asked, fresh, request.is_prompt, last, whole_is_named) for one in told]


def _telling(told: Happening, ids: frozenset[EntityId], of: Mapping[EntityId, EntityId], asked: frozenset[str],
             fresh: Interval | None, is_prompt: bool, last: frozenset[EntityId], whole_is_named: bool) -> Told:
    """One happening with what it is judged by; of a document the words are those of its trigger and names."""
    by_key = {one.id or one.surface: one for one in told.mentions}  # what is named twice is one
    names = tuple((frozenset(ids_of(one)), words_of(one.surface)) for one in by_key.values())
    words = asked or words_of(told.word).union(*(own for _, own in names))
    return Told(told, frozenset(told.ids), names, ids, of, words, fresh, is_prompt, last, whole_is_named)


def _fresh(request: Request) -> Interval | None:
    """When a document was written, where it says so to the day: one dated to a year does not say what was news."""
    written = request.ask.document.published if request.ask.document is not None else None
    return Interval(written, written) if written is not None and written.hi - written.lo <= DAY else None


def _latest(events: Sequence[Known], now: int) -> frozenset[EntityId]:
    """The last of the events that are part of one thing and were over by an instant."""
    last: dict[EntityId, Known] = {}
    for event in events:
        for whole in event.whole:
            before = last.get(whole)
            over = event.time != ALWAYS and event.time.hi <= now
            if over and (before is None or (event.time.lo, event.id) > (before.time.lo, before.id)):
                last[whole] = event
    return frozenset(one.id for one in last.values())


class _Reading:
    """What is read of events for one request."""

    def __init__(self, request: Request) -> None:
        self._reader, self._clocks = request.reader, request.clocks
        self._limit = OF_PROMPT if request.is_prompt else OF_DOCUMENT
        #: At any time of the world, but only what was public; what began later is taken out by `_begun`.
        self._any = replace(request.clocks, as_of=None)
        self._written = request.ask.document.published if request.ask.document is not None else None
        self.stands_for: dict[EntityId, EntityId] = {}
        self._places: dict[EntityId, list[EntityId]] = {}
        self._wholes: dict[EntityId, list[EntityId]] = {}

    def candidates(self, ids: Sequence[EntityId], told: Sequence[Happening]) -> list[EntityId]:
        """Events that have to do with any of the ids, those with most of them and nearest to a time told of first."""
        if not ids:
            return []
        start = tuple(ids)
        walks = [Walk(start, (Step(Side.OBJECT, role),)) for role in (*ROLES, HAS_PLACE, PART_OF, COUNTRY)]
        walks.append(Walk(start, (Step(Side.SUBJECT, PART_IN),)))
        walks.append(Walk(start, (Step(Side.OBJECT, LOCATION), Step(Side.OBJECT, HAS_PLACE))))
        # What concerns a country mostly takes place in its capital.
        walks.append(Walk(start, (Step(Side.SUBJECT, CAPITAL), Step(Side.OBJECT, HAS_PLACE))))
        walks += [Walk(start, (Step(Side.OBJECT, COUNTRY), Step(Side.OBJECT, role))) for role in ROLES[:3]]
        table = self._reader.walk(walks, self._any, FACTS_EACH)
        begun = table.starts < self._clocks.hi
        self._note_countries(table)
        often: Counter[EntityId] = Counter()
        since: dict[EntityId, int] = {}
        part_in = table.names.index(PART_IN) if PART_IN in table.names else -1
        for row in np.flatnonzero(begun & (table.events | (table.predicates == part_in))).tolist():
            of_object = table.predicates[row] == part_in
            event = table.ids[table.objects[row] if of_object else table.subjects[row]]
            often[event] += 1
            since[event] = max(since.get(event, MIN_INSTANT), int(table.starts[row]))
        windows = self._windows(told)
        kept = [event for event in often if not windows or since[event] == MIN_INSTANT
                or any(lo - LASTING_S <= since[event] < hi for lo, hi in windows)]
        kept.sort(key=lambda event: (_distance(since[event], windows), -often[event], -since[event], event))
        return kept[:self._limit]

    def _note_countries(self, table: FactTable) -> None:
        """Which country an organisation stands for."""
        if COUNTRY in table.names:
            for row in np.flatnonzero(~table.events & (table.predicates == table.names.index(COUNTRY))).tolist():
                self.stands_for[table.ids[table.subjects[row]]] = table.ids[table.objects[row]]

    def _windows(self, told: Sequence[Happening]) -> list[tuple[int, int]]:
        """The times at which what is told of may have happened."""
        windows = {(one.time.lo, one.time.hi) for one in told if one.time is not None}
        if self._written is not None and any(one.time is None for one in told):
            windows.add((self._written.lo - 8 * DAY, self._written.hi))
        return sorted(windows)

    def events(self, ids: Sequence[EntityId]) -> list[Known]:
        """What the graph knows of events, in the order given; those that had not begun under the clocks are missing."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return []
        hidden = self._reader.unborn(wanted, self._clocks)
        wanted = [one for one in wanted if one not in hidden]
        table = self._reader.walk([Walk(tuple(wanted), (Step(Side.SUBJECT),))], self._any, 64)
        same = self._reader.resolve([*wanted, *table.ids])
        times = self._times(wanted, same)
        actors: dict[EntityId, set[EntityId]] = {}
        for row in np.flatnonzero((table.starts < self._clocks.hi) & (table.objects >= 0)).tolist():
            event, other = same.get(one := table.ids[table.subjects[row]], one), table.ids[table.objects[row]]
            other, predicate = same.get(other, other), table.names[table.predicates[row]]
            if predicate == HAS_PLACE:
                self._places.setdefault(event, []).append(other)
            elif predicate == PART_OF:
                self._wholes.setdefault(event, []).append(other)
            else:
                actors.setdefault(event, set()).add(other)
        entities = self._reader.entities({*wanted, *(place for places in self._places.values() for place in places)})
        wholes = self._reader.labels({one for ones in self._wholes.values() for one in ones}, self._clocks)
        known = []
        for one in wanted:
            entity, event = entities.get(one), same.get(one, one)
            time = times.get(event, ALWAYS)
            if entity is not None and entity.kind is Kind.EVENT and time.lo < self._clocks.hi:
                known.append(self._known(one, event, entity, time, actors.get(event, set()), entities,
                                         wholes))
        return known

    def _known(self, given: EntityId, event: EntityId, entity: Entity, time: Interval, actors: set[EntityId],
               entities: Mapping[EntityId, Entity], labels: Mapping[EntityId, str]) -> Known:
        name = label_under(entity, self._clocks)
        places = self._places.get(event, [])
        around = [within for place in places if place in entities and (within := entities[place].within)]
        tells = f"{name}. {entity.description}"
        wholes = self._wholes.get(event, ())
        own = words_of(tells).difference(*(words_of(labels.get(one, "")) for one in wholes))
        return Known(given, name, own, types_of(tells), time,
                     frozenset((*places, *self._reader.resolve(around).values())), frozenset(actors),
                     frozenset(wholes))

    def _times(self, ids: Sequence[EntityId], same: Mapping[EntityId, EntityId]) -> dict[EntityId, Interval]:
        """When events took place, an end that was not yet public left open; of some only the beginning is told."""
        times: dict[EntityId, Interval] = {}
        for predicate in (HAS_TIME, START):
            missing = [one for one in ids if same.get(one, one) not in times]
            for fact in self._reader.facts_about(missing, self._any, predicate=predicate):
                if fact.valid.start is not None:
                    valid = fact.valid if predicate == HAS_TIME else Interval(fact.valid.start, fact.valid.start)
                    times.setdefault(same.get(fact.subject, fact.subject), self._any.shown(valid, fact.known))
        return times

    def placed(self, event: Event) -> Event:
        """An event with the names of its place and of what it is part of."""
        if event.id is None:
            return event
        one = self._reader.resolve([event.id]).get(event.id, event.id)
        place, whole = (min(side.get(one, ()), default=None) for side in (self._places, self._wholes))
        labels = self._reader.labels({key for key in (place, whole) if key is not None}, self._clocks)
        return replace(event, place=_labelled(place, labels), whole=_labelled(whole, labels))


def _labelled(one: EntityId | None, labels: Mapping[EntityId, str]) -> tuple[EntityId, str] | None:
    return (one, labels[one]) if one is not None and one in labels else None


def _distance(since: int, windows: Sequence[tuple[int, int]]) -> int:
    """Seconds from when something began to the nearest time told of; 0 inside it, and where none is told."""
    return min((max(lo - since, since - hi, 0) for lo, hi in windows), default=0)
