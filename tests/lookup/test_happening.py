"""What a text itself tells to have happened."""

from __future__ import annotations

from worldctx.lookup.happening import Happening, asked_about, happenings
from worldctx.model.context import DateMention, Link, Span
from worldctx.model.entity import Kind
from worldctx.model.ids import EntityId
from worldctx.model.time import Interval, parse_when


def named(text: str, surface: str, key: str | None, kind: Kind | None = Kind.PLACE) -> Link:
    start = text.index(surface)
    return Link(Span(start, start + len(surface)), surface, EntityId(key) if key else None, surface, kind, 0.9)


def dated(text: str, surface: str, edtf: str) -> DateMention:
    start, when = text.index(surface), parse_when(edtf)
    return DateMention(Span(start, start + len(surface)), surface, Interval(when, when))


def only(found: tuple[Happening, ...]) -> Happening:
    (one,) = found
    return one


def test_a_trigger_has_who_where_and_when_of_its_sentence() -> None:
    text = "Nothing else matters. Rebels attacked Goma near Rwanda on 3 May 2004. Paris slept."
    links = [named(text, "Goma", "gn:1"), named(text, "Rwanda", "gn:2"), named(text, "Paris", "gn:3")]
    one = only(happenings(text, links, [dated(text, "3 May 2004", "2004-05-03")]))
    assert (one.word, str(one.type)) == ("attacked", "attack")
    assert [link.surface for link in one.who] == ["Goma"]
    assert [link.surface for link in one.where] == ["Rwanda"]
    assert one.time is not None and one.time.edtf == "2004-05-03/2004-05-03"


def test_the_nearest_date_is_that_of_the_event() -> None:
    text = "Founded on 1 May 1990, the town of Ada was flooded: the flood of 3 May 2004 took its bridge."
    dates = [dated(text, "1 May 1990", "1990-05-01"), dated(text, "3 May 2004", "2004-05-03")]
    found = happenings(text, [named(text, "Ada", "gn:1")], dates)
    assert [one.time.edtf for one in found if one.time] == ["2004-05-03/2004-05-03"]


def test_a_trigger_alone_is_no_event() -> None:
    assert happenings("An earthquake is a sudden movement.", [], []) == ()


def test_a_trigger_in_the_name_of_a_known_thing_tells_nothing_else() -> None:
    text = "He studied the Battle of Hastings in Leeds."
    assert happenings(text, [named(text, "Battle of Hastings", "ent:b", Kind.EVENT), named(text, "Leeds", "gn:1")], []) == ()


def test_a_century_does_not_say_when() -> None:
    text = "In the nineteenth century an epidemic reached Ada."
    one = only(happenings(text, [named(text, "Ada", "gn:1")], [dated(text, "nineteenth century", "18XX")]))
    assert one.time is None


def test_a_prompt_asks_for_each_time_that_it_names() -> None:
    text = "What happened in Ada in 1970 and in 1974?"
    found = asked_about(text, [named(text, "Ada", "gn:1")], [dated(text, "1970", "1970"), dated(text, "1974", "1974")])
    assert [one.time.edtf for one in found if one.time] == ["1970/1970", "1974/1974"]
    assert all(one.ids == (EntityId("gn:1"),) and one.type is None for one in found)
