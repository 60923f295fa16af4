"""From mentions to entities, with reasons; NIL where nothing is good enough. Pure: entities come in as values.

A conditional logit with its weights in the open (McFadden 1974): a mention chooses among its candidates and NIL. A
feature is a function, its docstring is the reason that callers are shown, and the score of a link is the probability
that it is right. Two passes: the second one asks who is in the company of whom, among those that the first found
likely. One sense per discourse (Gale, Church and Yarowsky 1992): every mention of one surface in one text means the
same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log

from worldctx.lookup import places
from worldctx.lookup.mention import Named
from worldctx.lookup.places import Ground, Votes, votes_of
from worldctx.model.context import Candidate, Link, Reason, Span
from worldctx.model.entity import Entity, Kind
from worldctx.model.ids import EntityId
from worldctx.ports.lexicon import NameHit
from worldctx.text.words import CALENDAR, everyday

#: Below this probability a mention is NIL.
NIL_BELOW = 0.5
#: The operating point for callers who need precision: see docs/linking.md for what it was measured to be.
SURE = 0.98
#: From these weights on a place is well known, or a country: doubts about its name count less, or not at all.
WELL_KNOWN, COUNTRY = 0.35, 0.6
#: What has no weight counts so: who brings a thing in without one wants it to be found.
UNTOLD = 0.5
#: Words up to this length that stand in capitals are read as acronyms: SALT is not the town of Salt.
ACRONYM = 5
#: Candidates of one mention that are scored, by prior, and shown.
SCORED, SHOWN = 12, 3
#: Least score of a candidate that is shown beside the best one.
WORTH_SHOWING = 0.01
#: Meanings of surfaces whose lexical evidence is remembered; a full memory is emptied.
REMEMBERED = 1 << 14


#: How often all are asked anew where the others most likely lie: few towns of one county show only together.
PASSES = 3
#: Log-odds by which a choice must be ahead to be left as it is in later passes.
SETTLED = 3.0
#: Nothing is known of where anything lies.
GROUND, VOTES = Ground(), Votes()


@dataclass(frozen=True, slots=True)
class Scene:
    """What a candidate is judged against.

    Attributes:
        entities: the candidates' entities that exist under the clocks, by the ids of the hits.
        near: for an entity, those that a fact or containment joins it to.
        present: entities that some mention of this text may mean, with the probability of the likeliest.
        home: where the text was written or published, and what contains that.
        ground: where candidates lie, and what the text and its publisher say of where it is.
        votes: where the likely meanings of all mentions lie; the first pass finds out.
    """

    entities: Mapping[EntityId, Entity]
    near: Mapping[EntityId, frozenset[EntityId]]
    present: Mapping[EntityId, float]
    home: frozenset[EntityId] = frozenset()
    ground: Ground = GROUND
    votes: Votes = VOTES


def spelled_so(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The name is spelled exactly so."""
    return float(hit.exact)


def usually_called_so(mention: Named, hit: NameHit, scene: Scene) -> float:
    """This is its usual name."""
    return float(hit.preferred)


def well_known(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It is well known."""
    return _known(hit)


def _known(hit: NameHit) -> float:
    """How well known a candidate is taken to be: of few things but places every hamlet is listed."""
    return hit.weight or UNTOLD if hit.kind is Kind.PLACE else max(hit.weight, UNTOLD)


def nothing_else_is_called_so(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It is known, and nothing else has this name."""
    return float(len(mention.hits) == 1 and hit.exact and _known(hit) >= WELL_KNOWN and not mention.surface.islower()
                 and hit.kind not in (Kind.WORK, Kind.PRODUCT))


def hardly_known(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It is hardly known."""
    return max(0.0, 0.25 - _known(hit)) * 4


def long_name(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The name has several words, or is an acronym, so that few things bear it."""
    if hit.name.isupper() and hit.exact:
        return 0.5 if len(hit.name) >= 3 else 0.3
    return min(1.0, len(mention.surface.split()) / 2 - 0.5)


def less_known_than_a_namesake(mention: Named, hit: NameHit, scene: Scene) -> float:
    """Something else of this name is better known."""
    most = max(one.weight for one in mention.hits)
    return 1.0 - hit.weight / most if most else 0.0


def has_namesakes(mention: Named, hit: NameHit, scene: Scene) -> float:
    """Other things have this name."""
    return min(1.0, sum(other.in_use for other in mention.hits if other is not hit) / 4)


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
    return float(_like_an_acronym(mention) and not mention.shouted and not hit.name.isupper())


def _like_an_acronym(mention: Named) -> bool:
    return 2 <= len(mention.surface) <= ACRONYM and mention.surface.isupper() and not mention.demonym


def written_small(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The text writes it in lower case."""
    return float(mention.surface.islower())


def a_term_of_its_field(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It is a term that is written small, and no everyday word."""
    return float(hit.kind is Kind.CONCEPT and mention.surface.islower() and hit.name.islower()
                 and mention.surface not in everyday())


def of_a_work(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It is a work or product, and works are called like other things."""
    return float(hit.kind in (Kind.WORK, Kind.PRODUCT))


def announced(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The words before it announce this kind of thing."""
    if mention.cue is None:
        return 0.0
    return 1.0 if hit.kind is mention.cue else -1.0 if Kind.PERSON in (mention.cue, hit.kind) else 0.0


def announced_as_a_person(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The words before it announce a person, and this is a place."""
    return float(mention.cue is Kind.PERSON and hit.kind is Kind.PLACE)


def called_after_it(mention: Named, hit: NameHit, scene: Scene) -> float:
    """What is of this place is called so."""
    return float(any(hit.entity in ids for ids in mention.places))


def also_written_small(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The text writes the word in lower case too."""
    return float(mention.small)


def part_of_a_longer_name(mention: Named, hit: NameHit, scene: Scene) -> float:
    """A capitalised word beside it makes it part of a longer name."""
    return float(mention.beside and hit.kind is not Kind.PERSON)


def heads_a_longer_name(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The words behind it make it part of the name of an organisation or the like."""
    return float(mention.headed)


def demonym_of_a_longer_name(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It is a demonym, which may stand before the name of an organisation."""
    return float(mention.headed and mention.demonym)


def ends_a_longer_name(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The words before it make it part of the name of an organisation or the like."""
    return float(mention.led)


def of_this_type(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The word beside it says what kind of place it is."""
    return float(mention.type in _description(hit, scene)) if mention.type else 0.0


def of_another_type(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The word beside it says that it is another kind of place."""
    return float(mention.type not in _description(hit, scene)) if mention.type else 0.0


def _description(hit: NameHit, scene: Scene) -> str:
    entity = scene.entities.get(hit.entity)
    return "" if entity is None else entity.description.casefold()


def in_company(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The text names others that it is connected with."""
    entity = scene.entities.get(hit.entity)
    if entity is None:
        return 0.0
    near = scene.near.get(entity.id, frozenset()) & scene.present.keys()
    if not near:
        return 0.0
    # What else this mention may mean is no company: a predecessor of the same name would vouch for its successor.
    company = near - {entity.id} - {one.id for other in mention.hits if (one := scene.entities.get(other.entity))}
    if not company:
        return 0.0
    inside = entity.within
    # What merely contains it says little: every town of a country is in that country's company.
    return min(1.0, sum([scene.present[one] * (0.5 if one == inside else 1.0) for one in sorted(company)]) / 2)


def in_what_the_text_names(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The text names what contains it."""
    entity = scene.entities.get(hit.entity)
    return scene.present.get(entity.within, 0.0) if entity is not None and entity.within is not None else 0.0


def at_home(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The text was written or published there."""
    entity = scene.entities.get(hit.entity)
    return 0.0 if entity is None else float(
        entity.id in scene.home or bool(scene.near.get(entity.id, frozenset()) & scene.home))


def the_whole_name(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It is written like a name, and this is the whole of it."""
    return float(mention.whole is True)


def part_of_a_written_name(mention: Named, hit: NameHit, scene: Scene) -> float:
    """It is part of what is written like one longer name."""
    return float(mention.whole is False)


def told_to_be_of_this_kind(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The words of the name, or around it, tell that it is of this kind."""
    return float(mention.told is not None and mention.told is hit.kind)


def told_to_be_of_another_kind(mention: Named, hit: NameHit, scene: Scene) -> float:
    """The words of the name, or around it, tell that it is of another kind."""
    return float(mention.told is not None and mention.told is not hit.kind)


Feature = Callable[[Named, NameHit, Scene], float]
#: Log-odds of each feature, and of a candidate of which no feature says anything.
#: `python -m evals.linking_training DATA` learns them.
BIAS = -5.08
FEATURES: Mapping[Feature, float] = {
    spelled_so: 1.28, usually_called_so: 1.52, well_known: 5.24, nothing_else_is_called_so: 0.6,
    hardly_known: -3.66, long_name: 2.78, less_known_than_a_namesake: -1.43, has_namesakes: -1.89,
    without_its_accents: -0.73, no_longer_in_use: -0.5,
    an_everyday_word: -1.5, an_acronym_of_something_else: -0.36, written_small: -1.27, a_term_of_its_field: 2.0,
    of_a_work: 1.0, announced: 0.0,
    announced_as_a_person: -1.34, called_after_it: 1.58, also_written_small: -3.68, part_of_a_longer_name: -0.32,
    heads_a_longer_name: -1.9, demonym_of_a_longer_name: 0.7, ends_a_longer_name: -0.16, the_whole_name: 0.9,
    part_of_a_written_name: -2.25, told_to_be_of_this_kind: 1.06, told_to_be_of_another_kind: -0.63,
    of_this_type: 3.1, of_another_type: -0.44, in_company: 0.58, in_what_the_text_names: 0.0, at_home: 0.4,
    **dict(places.WEIGHTS.items()),
}
#: Features that look at nothing but a surface and its hits: what they say is remembered from text to text.
LEXICAL = frozenset({
    spelled_so, usually_called_so, well_known, nothing_else_is_called_so, hardly_known, long_name,
    less_known_than_a_namesake, has_namesakes, without_its_accents, no_longer_in_use, an_everyday_word, written_small,
    a_term_of_its_field, of_a_work})
#: Features that look at what else the text names: the second pass asks them.
SOCIAL = frozenset({in_company, in_what_the_text_names}) | places.SOCIAL
#: What a mention must be like for a feature to say anything of its candidates: the others need not be asked.
NEEDED: Mapping[Feature, Callable[[Named], bool]] = {
    announced: lambda mention: mention.cue is not None,
    less_known_than_a_namesake: lambda mention: len(mention.hits) > 1,
    has_namesakes: lambda mention: len(mention.hits) > 1,
    without_its_accents: lambda mention: mention.surface.isascii(),
    an_everyday_word: _is_everyday,
    an_acronym_of_something_else: _like_an_acronym,
    called_after_it: lambda mention: mention.demonym,
    also_written_small: lambda mention: mention.small,
    part_of_a_longer_name: lambda mention: mention.beside,
    heads_a_longer_name: lambda mention: mention.headed,
    demonym_of_a_longer_name: lambda mention: mention.headed and mention.demonym,
    ends_a_longer_name: lambda mention: mention.led,
    the_whole_name: lambda mention: mention.whole is True,
    part_of_a_written_name: lambda mention: mention.whole is False,
    told_to_be_of_this_kind: lambda mention: mention.told is not None,
    told_to_be_of_another_kind: lambda mention: mention.told is not None,
    of_this_type: lambda mention: bool(mention.type),
    of_another_type: lambda mention: bool(mention.type),
    announced_as_a_person: lambda mention: mention.cue is Kind.PERSON,
}
#: What must be known of its surroundings for a feature to say anything.
NEEDED_AROUND: Mapping[Feature, Callable[[Named, Scene], bool]] = {
    at_home: lambda mention, scene: bool(scene.home), **dict(places.NEEDED_AROUND.items())}
#: Features of a mention and its surroundings, and those of company, in the order in which reasons stand.
ALONE_IN_ORDER = tuple(feature for feature in FEATURES if feature not in LEXICAL and feature not in SOCIAL)
SOCIAL_IN_ORDER = tuple(feature for feature in FEATURES if feature in SOCIAL)
#: The words of each feature's reason.
_WORDS: Mapping[Feature, str] = {feature: (feature.__doc__ or "").rstrip(".") for feature in FEATURES}

#: What features say of one candidate, those that say nothing left out.
Evidence = tuple[tuple[Feature, float], ...]
_EMPTY_SCENE = Scene({}, {}, {})
#: Lexical evidence by surface and hits; the hits are kept, so that no other tuple can take their place in memory.
_remembered: dict[tuple[str, int], tuple[tuple[NameHit, ...], tuple[Evidence, ...]]] = {}


def _lexical(mention: Named) -> tuple[Evidence, ...]:
    """The lexical evidence for each hit of a mention."""
    key = (mention.surface, id(mention.hits))
    known = _remembered.get(key)
    if known is None or known[0] is not mention.hits:
        known = mention.hits, tuple(_evidence(mention, hit, _EMPTY_SCENE, LEXICAL) for hit in mention.hits)
        if len(_remembered) >= REMEMBERED:
            _remembered.clear()
        _remembered[key] = known
    return known[1]


def _evidence(mention: Named, hit: NameHit, scene: Scene, asked: Sequence[Feature] | frozenset[Feature]) -> Evidence:
    return tuple((feature, value) for feature in FEATURES
                 if feature in asked and (feature not in NEEDED or NEEDED[feature](mention))
                 and (value := feature(mention, hit, scene)))


@dataclass(frozen=True, slots=True)
class Judged:
    """One candidate of a mention as far as it was judged: its log-odds and what they add up from."""

    entity: Entity
    hit: NameHit
    odds: float
    evidence: Evidence


def chances(found: Sequence[Judged]) -> tuple[float, ...]:
    """The probability of each candidate, NIL being the other choice: together at most 1."""
    odds = [one.odds for one in found]
    top = max([0.0, *odds])
    parts = [exp(one - top) for one in odds]
    whole = exp(-top) + sum(parts)
    return tuple([part / whole for part in parts])


def judged(mention: Named, scene: Scene) -> tuple[Judged, ...]:
    """The candidates of a mention that exist, by what the mention and its surroundings say; company aside."""
    asked = [feature for feature in ALONE_IN_ORDER if (feature not in NEEDED or NEEDED[feature](mention))
             and (feature not in NEEDED_AROUND or NEEDED_AROUND[feature](mention, scene))]
    best: dict[EntityId, Judged] = {}
    for hit, lexical in zip(mention.hits, _lexical(mention), strict=True):
        entity = scene.entities.get(hit.entity)
        if entity is None:
            continue
        evidence = (*lexical, *[(feature, value) for feature in asked if (value := feature(mention, hit, scene))])
        odds = BIAS + sum([FEATURES[feature] * value for feature, value in evidence])
        if entity.id not in best or odds > best[entity.id].odds:
            best[entity.id] = Judged(entity, hit, odds, evidence)
    return tuple(best.values())




def in_their_company(mention: Named, found: Sequence[Judged], scene: Scene) -> tuple[Judged, ...]:
    """The candidates, judged by what else the text names, too."""
    again = []
    for one in found:
        evidence = [(feature, value) for feature in SOCIAL_IN_ORDER if (value := feature(mention, one.hit, scene))]
        odds = one.odds + sum([FEATURES[feature] * value for feature, value in evidence])
        again.append(Judged(one.entity, one.hit, odds, (*one.evidence, *evidence)) if evidence else one)
    return tuple(again)


#: How often a span that reads so is a name by itself, whatever it may mean: the shares of links with a chance of 0.7
#: and more that were right, in the texts that weights are learned from.
PART, PART_OF_HEADED, PART_DEMONYM, UNWRITTEN, LED = 0.58, 0.35, 0.8, 0.75, 0.95


def reach(mention: Named) -> float:
    """The probability that a mention is a name by itself, which bounds that of its links.

    However sure it is which Sapporo is meant, `Sapporo | Beer Garden` is no mention of the town.
    """
    if mention.whole is False:
        return PART_DEMONYM if mention.demonym else PART_OF_HEADED if mention.headed else PART
    if mention.whole is None and mention.surface.isalpha() and not (
            mention.demonym or mention.shouted or mention.surface.islower()):
        return UNWRITTEN
    return LED if mention.led else 1.0


def ranked(mention: Named, found: Sequence[Judged], names: Mapping[EntityId, str]) -> tuple[Candidate, ...]:
    """The best candidates, best first, ties by id, each with its reasons: log-odds that add up to its score's."""
    bound = reach(mention)
    best = sorted(((round(bound * chance, 4), chance, one) for chance, one in zip(chances(found), found, strict=True)),
                  key=lambda each: (-each[0], each[2].entity.id))[:SHOWN]
    return tuple(Candidate(one.entity.id, names[one.entity.id], one.entity.kind, score, _reasons(one, chance, bound))
                 for place, (score, chance, one) in enumerate(best) if place == 0 or score >= WORTH_SHOWING)


def _reasons(one: Judged, chance: float, bound: float) -> tuple[Reason, ...]:
    reasons = [Reason("before_anything_else", BIAS, "So likely is any candidate")]
    reasons += [Reason(feature.__name__, round(FEATURES[feature] * value, 4), _WORDS[feature])
                for feature, value in one.evidence]
    if 0.0 < chance < 1.0 and (others := round(log(chance / (1 - chance)) - one.odds, 4)):
        reasons.append(Reason("others_are_likely", others, "There are others that it may mean"))
    if bound < 1.0 and 0.0 < chance < 1.0:
        less = log(bound * chance / (1 - bound * chance)) - log(chance / (1 - chance))
        reasons.append(Reason("may_be_no_name_by_itself", round(less, 4), "It may be no name by itself"))
    return tuple(reasons)


#: Candidates with the probability of each.
Likely = Sequence[tuple[EntityId, float]]


def likely_of(found: Sequence[Judged]) -> Likely:
    """The candidates of a mention with the probability of each."""
    return [(one.entity.id, chance) for one, chance in zip(found, chances(found), strict=True)]


def surrounded(scene: Scene, found: Iterable[tuple[str, Likely]]) -> Scene:
    """The scene with what a pass found likely: surfaces and their candidates."""
    present: dict[EntityId, float] = {}
    likely: dict[str, list[tuple[EntityId, float]]] = defaultdict(list)
    for surface, candidates in found:
        likely[surface] += candidates
        for entity, chance in candidates:
            if chance > present.get(entity, -1.0):
                present[entity] = chance
    return replace(scene, present={entity: round(chance, 4) for entity, chance in present.items()},
                   votes=votes_of(likely, scene.ground))


def in_company_of_all(mentions: Mapping[_Key, Named], scene: Scene) -> Mapping[_Key, Sequence[Judged]]:
    """The candidates of mentions that differ, judged alone first, and then by what the pass before found likely."""
    alone = {key: judged(mention, scene) for key, mention in mentions.items()}
    found = dict(alone)
    likely = {key: likely_of(some) for key, some in found.items()}
    open_ = [key for key, some in found.items() if some and not _is_alone_and_sure(some)]
    for turn in range(PASSES):
        open_ = [key for key in open_ if not _is_settled(found[key])] if turn else open_
        if not open_:
            break
        there = surrounded(scene, ((key[0], some) for key, some in likely.items()))
        for key in open_:
            found[key] = in_their_company(mentions[key], alone[key], there)
            likely[key] = likely_of(found[key])
    return found


def _is_alone_and_sure(found: Sequence[Judged]) -> bool:
    """Whether company cannot change what is chosen: it speaks for candidates only, and there is one."""
    return len(found) == 1 and found[0].odds > SETTLED


def _is_settled(found: Sequence[Judged]) -> bool:
    """Whether another pass would hardly change what is chosen."""
    odds = sorted((one.odds for one in found), reverse=True)[:2]
    return not odds or odds[0] < -SETTLED or odds[0] - max([0.0, *odds[1:]]) > SETTLED


def link(mentions: Sequence[Named], scene: Scene, names: Mapping[EntityId, str]) -> tuple[Link, ...]:
    """One link per mention, by start. Candidates and reasons stand at the first mention of each surface.

    Args:
        mentions: by start.
        scene: what candidates are judged against; who is present is found out here.
        names: the label of each entity under the clocks.
    """
    keys = [key_of(mention) for mention in mentions]
    first = dict(zip(reversed(keys), reversed(mentions), strict=True))
    decided = {key: ranked(first[key], found, names) for key, found in in_company_of_all(first, scene).items()}
    sense = _senses(decided)
    shown: set[str] = set()
    links = []
    for mention, key in zip(mentions, keys, strict=True):
        found_here = decided[key]
        meant = sense.get(mention.surface)
        best = next((one for one in found_here if one.id == meant), None)
        linked = best if best is not None and best.score >= NIL_BELOW else None
        links.append(Link(
            Span(mention.start, mention.end), mention.surface, linked.id if linked else None,
            linked.name if linked else "", linked.kind if linked else None,
            (best or found_here[0]).score if found_here else 0.0,
            () if mention.surface in shown else found_here))
        shown.add(mention.surface)
    return tuple(links)


#: What makes two mentions alike, so that they are judged once.
_Key = tuple[str, Kind | None, bool, bool, bool, str, bool | None, Kind | None, bool]


def key_of(mention: Named) -> _Key:
    """What makes a mention differ from others of its surface."""
    return (mention.surface, mention.cue, mention.beside, mention.headed, mention.led, mention.type,
            mention.whole, mention.told, mention.shouted)


def _senses(decided: Mapping[_Key, Sequence[Candidate]]) -> Mapping[str, EntityId]:
    """The one entity that a surface means in this text: the one that any of its mentions is surest of."""
    best: dict[str, tuple[float, EntityId]] = {}
    for (surface, *_), found in decided.items():
        for one in found:
            if surface not in best or (-one.score, one.id) < (-best[surface][0], best[surface][1]):
                best[surface] = (one.score, one.id)
    return {surface: entity for surface, (_, entity) in best.items()}


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
