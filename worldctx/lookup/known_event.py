"""Whether an event that the graph knows is the one that a text tells of: who, where, when and what kind. Pure.

A feature is a function; its docstring is the reason. An event is taken where at least two of who, where, when and what
agree and nothing says otherwise; else the answer is NIL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from worldctx.lookup.happening import Happening
from worldctx.model.context import Reason
from worldctx.model.entity import folded_name
from worldctx.model.ids import EntityId
from worldctx.model.time import ALWAYS, DAY, Interval
from worldctx.text.triggers import EventType, related

#: Below this a text is not taken to tell of an event.
NIL_BELOW = 0.5
#: Of a document, which asks for nothing, more is wanted.
NIL_IN_DOCUMENT = 0.55
#: News tells of what happened up to so long before it was written.
NEWS_S = 8 * DAY
#: A time up to this long says on which occasion; a longer one only in which year.
OCCASION_S = 45 * DAY
_WORD = re.compile(r"\w+(?:[-']\w+)*")
#: Words that tell nothing of an event.
_COMMON = frozenset("a an and at by for from in of on or s the to v vs which who what when where was were did".split())


@dataclass(frozen=True, slots=True)
class Known:
    """An event as the graph knows it under the clocks.

    Attributes:
        words: `words_of` its name and description, without those of the names of what it is part of.
        types: what kinds of event these words tell.
        time: as far as it may be told.
        places: where it took place, and what contains that.
        actors: who took part, in any role.
        whole: events or series that it is part of.
    """

    id: EntityId
    name: str
    words: frozenset[str]
    types: tuple[EventType, ...]
    time: Interval
    places: frozenset[EntityId]
    actors: frozenset[EntityId]
    whole: frozenset[EntityId]


@dataclass(frozen=True, slots=True)
class Told:
    """A text that may tell of it.

    Attributes:
        happening: what one sentence of a document, or a prompt, tells.
        own: what its names were linked to, or might mean.
        names: its names, each with the ids that it may mean and its words.
        ids: what the whole text was linked to.
        of: for what stands for another in events (a national team), what that is (the country).
        words: `words_of` the text.
        written: when a document was written, up to a day; None for a prompt.
        is_prompt: a prompt need not say all that a report does.
        latest: the events that were the last of their series then.
        whole_is_named: the text names an event, of which others may be parts.
    """

    happening: Happening
    own: frozenset[EntityId]
    names: tuple[tuple[frozenset[EntityId], frozenset[str]], ...]
    ids: frozenset[EntityId]
    of: Mapping[EntityId, EntityId]
    words: frozenset[str]
    written: Interval | None = None
    is_prompt: bool = False
    latest: frozenset[EntityId] = frozenset()
    whole_is_named: bool = False


def took_part(told: Told, known: Known) -> float:
    """Who is named took part in it."""
    # A name that is linked to nothing, or not surely, counts where it stands in the name of the event.
    near = sum(bool(_present(known.actors, ids, told.of) or (words and words <= known.words))
               for ids, words in told.names)
    # Others that took part may stand in other sentences: who scored, who led the delegation.
    far = len(_present(known.actors, told.ids - told.own, told.of))
    return min(1.0, near / 2 + far / 4)


def _present(actors: frozenset[EntityId], ids: frozenset[EntityId], of: Mapping[EntityId, EntityId],
             ) -> frozenset[EntityId]:
    """Those of the ids that took part themselves, or by what stands for them."""
    return ids & (actors | {of[one] for one in actors if one in of})


def words_of(text: str) -> frozenset[str]:
    """The words of a text as names are compared: folded, a hyphen joins (semi-final is no final)."""
    return frozenset(_WORD.findall(folded_name(text))) - _COMMON


def took_place_there(told: Told, known: Known) -> float:
    """It took place where the text says."""
    if known.places & told.own:
        return 1.0
    return 0.5 * float(bool(known.places & told.ids))


def at_that_time(told: Told, known: Known) -> float:
    """It took place when the text says."""
    time = told.happening.time
    if known.time == ALWAYS:
        return 0.0
    if time is not None:
        if not known.time.overlaps(time.lo, time.hi):
            return -1.0
        return 1.0 if time.hi - time.lo <= OCCASION_S else 0.6
    if told.written is not None and known.time.overlaps(told.written.lo - NEWS_S, told.written.hi):
        return 0.8
    return 0.0


def of_that_kind(told: Told, known: Known) -> float:
    """It is the kind of event that the words tell."""
    if told.happening.type is None or not known.types:
        return 0.0
    if told.happening.type in known.types:
        return 1.0
    return 0.5 if any(related(told.happening.type, one) for one in known.types) else -1.0


def part_of_what_is_named(told: Told, known: Known) -> float:
    """It is part of something that the text names."""
    return float(bool(known.whole & told.ids))


def called_so(told: Told, known: Known) -> float:
    """The words of its name are in the text."""
    return len(known.words & told.words) / len(known.words) if known.words else 0.0


def the_latest_then(told: Told, known: Known) -> float:
    """No date is named, and it was the last one of its series then."""
    return float(told.is_prompt and told.happening.time is None and known.id in told.latest
                 and bool(known.whole & told.ids))


Feature = Callable[[Told, Known], float]
FEATURES: Mapping[Feature, float] = {
    took_part: 0.35, took_place_there: 0.2, at_that_time: 0.3, of_that_kind: 0.15, part_of_what_is_named: 0.25,
    called_so: 0.2, the_latest_then: 0.15,
}


@dataclass(frozen=True, slots=True)
class Match:
    """An event that a text tells of; the score is 0 to 1, rounded to 4 places."""

    event: Known
    happening: Happening
    score: float
    reasons: tuple[Reason, ...]


def matches(tellings: Sequence[Told], events: Sequence[Known], limit: int) -> tuple[Match, ...]:
    """The events that a text tells of, best first, ties by the latest and then by id; each once.

    Of a document, one that could as well be another is none of them.
    """
    best: dict[EntityId, Match] = {}
    for told in tellings:
        fitting = sorted(filter(None, (_match(told, event) for event in events)), key=_order)
        if not told.is_prompt:
            fitting = fitting[:1] if len(fitting) < 2 or fitting[0].score > fitting[1].score else []
        for one in fitting:
            if one.event.id not in best or one.score > best[one.event.id].score:
                best[one.event.id] = one
    return tuple(sorted(best.values(), key=_order)[:limit])


def _order(one: Match) -> tuple[float, int, EntityId]:
    return -one.score, -one.event.time.lo, one.event.id


def _match(told: Told, known: Known) -> Match | None:
    values = [(feature, feature(told, known)) for feature in FEATURES]
    said = {feature: value for feature, value in values if value}
    if min(said.values(), default=0.0) < 0 or not _enough(told, said):
        return None
    score = round(min(1.0, sum(FEATURES[feature] * value for feature, value in said.items())), 4)
    if score < (NIL_BELOW if told.is_prompt else NIL_IN_DOCUMENT):
        return None
    return Match(known, told.happening, score, tuple(
        Reason(feature.__name__, round(FEATURES[feature] * value, 4), (feature.__doc__ or "").rstrip("."))
        for feature, value in said.items()))


def _enough(told: Told, said: Mapping[Feature, float]) -> bool:
    """Whether two of who, where, when and what agree; of a document, when or where must be one of them.

    That a part of something named is meant must be said by more than its time: a word of its own name, or who or where.
    """
    who, where = said.get(took_part, 0.0), took_place_there in said
    when = at_that_time in said or the_latest_then in said
    if told.is_prompt:
        if told.whole_is_named and part_of_what_is_named in said and not (who or where or called_so in said):
            return False
        what = called_so in said or of_that_kind in said
        return bool(who or part_of_what_is_named in said) + where + when + what >= 2
    return (when and (who >= 0.5 or where)) or (where and who >= 1.0)
