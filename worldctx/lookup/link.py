"""From mentions to entities, with reasons; NIL where nothing is good enough. Pure: entities come in as values.

A feature is a function; its docstring is the reason that callers are shown. One sense per discourse (Gale, Church and
Yarowsky 1992): every mention of one surface in one text means the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from worldctx.lookup.mention import Named
from worldctx.model.context import Candidate, Link, Reason, Span
from worldctx.model.entity import Entity, Kind
from worldctx.model.ids import EntityId
from worldctx.ports.lexicon import NameHit
from worldctx.text.words import CALENDAR, everyday

#: Below this a mention is NIL. Set on the development speeches; the evaluation measures it.
NIL_BELOW = 0.42
#: From these weights on a place is well known, or a country: doubts about its name count less, or not at all.
WELL_KNOWN, COUNTRY = 0.35, 0.6
#: Words up to this length that stand in capitals are read as acronyms: SALT is not the town of Salt.
ACRONYM = 5
#: A later short mention is as sure as the full name that it repeats, times this.
REPEATED = 0.9
#: Candidates of one mention that are scored, by prior, and shown.
SCORED, SHOWN = 12, 3


@dataclass(frozen=True, slots=True)
class Scene:
    """What a candidate is judged against.

    Attributes:
        entities: the candidates' entities that exist under the clocks.
        near: for an entity, those that a fact or containment joins it to.
        present: entities that some mention of this text may mean, with how many mentions may mean them.
        home: where the text was written or published, and what contains that.
    """

    entities: Mapping[EntityId, Entity]
    near: Mapping[EntityId, frozenset[EntityId]]
    present: Mapping[EntityId, int]
    home: frozenset[EntityId] = frozenset()


def bears_the_name(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It bears this name."""
    return 1.0


def spelled_so(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The name is spelled exactly so."""
    return float(hit.exact)


def usually_called_so(mention: Named, hit: NameHit, scene: Scene) -> float:
    """This is its usual name."""
    return float(hit.preferred)


def well_known(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It is well known."""
    return hit.weight


def long_name(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The name has several words, or is an acronym, so that few things bear it."""
    if hit.name.isupper() and len(hit.name) >= 3 and hit.exact:
        return 0.5
    return min(1.0, len(mention.surface.split()) / 2 - 0.5)


def announced(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The words before it announce this kind of thing."""
    if mention.cue is None:
        return 0.0
    return 1.0 if hit.kind is mention.cue else -1.0 if Kind.PERSON in (mention.cue, hit.kind) else 0.0


def less_known_than_a_namesake(mention: Named, hit: NameHit, scene: Scene) -> float:
    """Something else of this name is better known."""
    most = max(one.weight for one in mention.hits)
    return 1.0 - hit.weight / most if most else 0.0


def without_its_accents(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It is written with accents, and this is not."""
    return float(not hit.name.isascii() and mention.surface.isascii() and hit.weight < WELL_KNOWN)


def no_longer_in_use(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It was no longer called so."""
    return float(not hit.in_use)


def an_everyday_word(mention: Named, hit: NameHit, scene: Scene) -> float:
    """Its name is an everyday word too."""
    if not _is_everyday(mention):
        return 0.0
    return 1.0 if hit.weight < WELL_KNOWN or mention.surface.casefold() in CALENDAR else 0.4


def _is_everyday(mention: Named) -> bool:
    surface = mention.surface
    return surface.isalpha() and not surface.islower() and surface.casefold() in everyday()


def an_acronym_of_something_else(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It stands in capitals like an acronym, and its name does not."""
    return float(_like_an_acronym(mention) and not hit.name.isupper())


def _like_an_acronym(mention: Named) -> bool:
    return 2 <= len(mention.surface) <= ACRONYM and mention.surface.isupper()


def announced_as_a_person(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The words before it announce a person, and this is a place."""
    return float(mention.cue is Kind.PERSON and hit.kind is Kind.PLACE)


def also_written_small(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The text writes the word in lower case too."""
    return float(mention.small)


def part_of_a_longer_name(mention: Named, hit: NameHit, scene: Scene) -> float:
    """A capitalised word beside it makes it part of a longer name."""
    return float(mention.beside and hit.weight < COUNTRY and hit.kind is not Kind.PERSON)


def in_company(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The text names others that it is connected with."""
    company = (scene.near.get(hit.entity, frozenset()) & scene.present.keys()) - {hit.entity}
    entity = scene.entities.get(hit.entity)
    # What merely contains it says little: every town of a country is in that country's company.
    inside = 0.5 if entity is not None and entity.within in company else 0.0
    return min(1.0, (len(company) - inside) / 2)


def at_home(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The text was written or published there."""
    return float(hit.entity in scene.home or bool(scene.near.get(hit.entity, frozenset()) & scene.home))


Feature = Callable[[Named, NameHit, Scene], float]
#: Weights; those of a mention that has everything add up to 1. Doubts take away from that.
FEATURES: Mapping[Feature, float] = {
    bears_the_name: 0.28, spelled_so: 0.08, usually_called_so: 0.05, well_known: 0.25,
    long_name: 0.12, announced: 0.06, in_company: 0.12, at_home: 0.04,
    less_known_than_a_namesake: -0.15, without_its_accents: -0.10, no_longer_in_use: -0.05, an_everyday_word: -0.20,
    an_acronym_of_something_else: -0.20, also_written_small: -0.22, part_of_a_longer_name: -0.20,
    announced_as_a_person: -0.20,
}


#: What a mention must be like for a feature to say anything of its candidates: the others need not be asked.
NEEDED: Mapping[Feature, Callable[[Named], bool]] = {
    announced: lambda mention: mention.cue is not None,
    less_known_than_a_namesake: lambda mention: len(mention.hits) > 1,
    without_its_accents: lambda mention: mention.surface.isascii(),
    an_everyday_word: _is_everyday,
    an_acronym_of_something_else: _like_an_acronym,
    also_written_small: lambda mention: mention.small,
    part_of_a_longer_name: lambda mention: mention.beside,
    announced_as_a_person: lambda mention: mention.cue is Kind.PERSON,
}
#: The words of each feature's reason.
_WORDS: Mapping[Feature, str] = {feature: (feature.__doc__ or "").rstrip(".") for feature in FEATURES}


def candidates_of(mention: Named, scene: Scene, names: Mapping[EntityId, str]) -> tuple[Candidate, ...]:
    """The entities that a mention most likely means, best first, ties by id, each with its reasons."""
    asked = [(feature, weight) for feature, weight in FEATURES.items()
             if feature not in NEEDED or NEEDED[feature](mention)]
    scored = []
    for hit in mention.hits:
        entity = scene.entities.get(hit.entity)
        if entity is not None:
            values = [weight * feature(mention, hit, scene) for feature, weight in asked]
            scored.append((round(min(1.0, max(0.0, sum(values))), 4), entity, values))
    scored.sort(key=lambda one: (-one[0], one[1].id))
    best: dict[EntityId, Candidate] = {}
    for score, entity, values in scored:
        if entity.id not in best:
            reasons = tuple(Reason(feature.__name__, round(value, 4), _WORDS[feature])
                            for (feature, _), value in zip(asked, values, strict=True) if value)
            name = names[entity.id] if entity.id in names else entity.label()
            best[entity.id] = Candidate(entity.id, name, entity.kind, score, reasons)
            if len(best) == SHOWN:
                break
    return tuple(best.values())


def link(mentions: Sequence[Named], scene: Scene, names: Mapping[EntityId, str]) -> tuple[Link, ...]:
    """One link per mention, by start. Candidates and reasons stand at the first mention of each surface.

    Args:
        mentions: by start.
        scene: what candidates are judged against.
        names: the label of each entity under the clocks.
    """
    decided: dict[tuple[str, Kind | None, bool], tuple[Candidate, ...]] = {}
    links = []
    for mention in mentions:
        key = (mention.surface, mention.cue if len(mention.hits) > 1 else None, mention.beside)
        first = key not in decided
        if first:
            decided[key] = candidates_of(mention, scene, names)
        found = decided[key]
        best = found[0] if found and found[0].score >= NIL_BELOW else None
        links.append(Link(
            Span(mention.start, mention.end), mention.surface, best.id if best else None,
            best.name if best else "", best.kind if best else None,
            best.score if best else (found[0].score if found else 0.0), found if first else ()))
    return repeated(links)


def repeated(links: Sequence[Link]) -> tuple[Link, ...]:
    """Links in which a surname alone means the person whom the text names in full: Aylwin, after Patricio Aylwin.

    The full name may stand before or after. Where two persons share a surname it is left, and so is a link that is
    surer: Washington stays the city in a text that names George Washington once.
    """
    full: dict[str, Link | None] = {}
    for one in links:
        if one.kind is Kind.PERSON and " " in one.surface.strip():
            surname = one.surface.split()[-1].casefold()
            known = full.setdefault(surname, one)
            if known is not None and known.id != one.id:
                full[surname] = None
    return tuple(_repeating(one, full.get(one.surface.casefold())) for one in links)


def _repeating(one: Link, whole: Link | None) -> Link:
    score = 0.0 if whole is None else round(REPEATED * whole.score, 4)
    if whole is None or one.id == whole.id or (one.id is not None and one.score > score):
        return one
    reason = Reason("named_in_full", score, f"The text names {whole.surface} in full")
    candidate = Candidate(EntityId(whole.id or ""), whole.name, Kind.PERSON, score, (reason,))
    return replace(one, id=whole.id, name=whole.name, kind=whole.kind, score=score,
                   candidates=(candidate, *one.candidates)[:SHOWN])


def salience(links: Sequence[Link], length: int) -> dict[EntityId, float]:
    """How much the text is about each linked entity, 0 to 1: mentions, an early first one, and the link's score.

    Args:
        links: of the text.
        length: characters of the text.
    """
    counts: dict[EntityId, int] = defaultdict(int)
    first: dict[EntityId, Link] = {}
    for one in links:
        if one.id is not None:
            counts[one.id] += 1
            first.setdefault(one.id, one)
    most = max(counts.values(), default=1)
    return {
        entity: round(0.5 * counts[entity] / most + 0.3 * (1 - one.span.start / max(1, length)) + 0.2 * one.score, 4)
        for entity, one in first.items()}
