"""Which event of the graph a text tells of."""

from __future__ import annotations

from dataclasses import replace

from worldctx.lookup.happening import Happening
from worldctx.lookup.known_event import Known, Told, matches, words_of
from worldctx.model.context import Link, Span
from worldctx.model.entity import Kind
from worldctx.model.ids import EntityId
from worldctx.model.time import ALWAYS, Interval, parse_when
from worldctx.text.triggers import EventType

REDS, BLUES, TOWN, LAND = (EntityId(f"ent:{name}") for name in ("reds", "blues", "town", "land"))
CUP, SERIES = EntityId("ent:cup"), EntityId("ent:series")


def on(edtf: str) -> Interval:
    return Interval(parse_when(edtf), parse_when(edtf))


MATCH = Known(EntityId("ent:match"), "Reds vs Blues", words_of("reds blues"), (EventType.COMPETITION,), on("1990-06-08"),
              frozenset({TOWN, LAND}), frozenset({REDS, BLUES}), frozenset({CUP}))


def mention(key: EntityId) -> Link:
    return Link(Span(0, 1), str(key)[4:].title(), key, str(key), Kind.ORGANISATION, 0.9)


def said(*ids: EntityId, time: str = "", kind: EventType | None = None, is_prompt: bool = True, written: str = "",
         words: str = "", latest: frozenset[EntityId] = frozenset(), whole_is_named: bool = False) -> Told:
    happening = Happening(kind, None, "", tuple(mention(one) for one in ids), 0, on(time) if time else None)
    return Told(happening, frozenset(ids), tuple((frozenset({one}), words_of(str(one)[4:])) for one in ids), frozenset(ids), {},
                words_of(words), on(written) if written else None, is_prompt, latest, whole_is_named)


def test_an_event_is_told_by_who_and_when_with_reasons_that_add_up() -> None:
    (one,) = matches([said(REDS, BLUES, time="1990")], [MATCH], 5)
    assert one.event is MATCH
    assert [reason.feature for reason in one.reasons] == ["took_part", "at_that_time"]
    assert round(sum(reason.weight for reason in one.reasons), 4) == one.score


def test_an_event_is_told_by_where_and_when() -> None:
    assert [one.event.id for one in matches([said(TOWN, time="1990-06-08")], [MATCH], 5)] == [MATCH.id]


def test_one_thing_alone_tells_no_event() -> None:
    assert matches([said(REDS)], [MATCH], 5) == ()
    assert matches([said(EntityId("ent:other"), time="1990-06-08")], [MATCH], 5) == ()


def test_another_time_or_another_kind_is_another_event() -> None:
    assert matches([said(REDS, BLUES, time="1991")], [MATCH], 5) == ()
    assert matches([said(REDS, BLUES, time="1990", kind=EventType.WAR)], [MATCH], 5) == ()


def test_a_document_must_say_when_or_where() -> None:
    told = said(REDS, BLUES, kind=EventType.COMPETITION, is_prompt=False)
    assert matches([told], [MATCH], 5) == ()
    assert matches([replace(told, written=on("1990-06-09"))], [MATCH], 5)


def test_of_a_document_what_could_as_well_be_another_is_none() -> None:
    told = said(REDS, BLUES, kind=EventType.COMPETITION, time="1990", is_prompt=False)
    twin = replace(MATCH, id=EntityId("ent:twin"))
    assert matches([told], [MATCH, twin], 5) == ()
    assert len(matches([replace(told, is_prompt=True)], [MATCH, twin], 5)) == 2


def test_without_a_date_the_latest_of_a_series_is_meant() -> None:
    cups = [Known(EntityId(f"ent:{year}"), f"{year} Cup", words_of(f"{year}"), (EventType.COMPETITION,), on(year),
                  frozenset(), frozenset(), frozenset({SERIES})) for year in ("1986", "1990")]
    told = said(SERIES, kind=EventType.COMPETITION, latest=frozenset({cups[1].id}))
    assert [one.event.name for one in matches([told], cups, 5)] == ["1990 Cup"]


def test_a_part_of_what_is_named_needs_more_than_its_time() -> None:
    told = said(CUP, time="1990", kind=EventType.COMPETITION, whole_is_named=True)
    assert matches([told], [MATCH], 5) == ()
    final = replace(MATCH, words=MATCH.words | {"final"})
    assert matches([replace(told, words=words_of("who won the final"))], [final], 5)


def test_an_event_without_a_time_is_told_only_by_the_rest() -> None:
    timeless = replace(MATCH, time=ALWAYS)
    assert matches([said(REDS, BLUES, time="1990")], [timeless], 5) == ()
    assert matches([said(REDS, BLUES, kind=EventType.COMPETITION)], [timeless], 5)


def test_a_semi_final_is_no_final() -> None:
    assert "final" not in words_of("Semi-Final of the Cup")
