"""The step that links: mentions of the text, what they may mean and its surroundings out of the graph, links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from worldctx.lookup.assemble import declared_country
from worldctx.lookup.coreference import coreferent
from worldctx.lookup.link import SCORED, Scene, link
from worldctx.lookup.mention import Named, find_mentions, read_as_names, with_its_type, with_kinds, without_parts
from worldctx.lookup.places import Ground, ground_of, home_of
from worldctx.lookup.request import Request
from worldctx.lookup.titles import by_office
from worldctx.model.clocks import Clocks
from worldctx.model.context import Link
from worldctx.model.document import Document
from worldctx.model.entity import Entity, Kind, label_under
from worldctx.model.ids import EntityId
from worldctx.ports.graph import Side, Step, Walk
from worldctx.ports.lexicon import NameHit
from worldctx.ports.tagger import TaggedName
from worldctx.ports.world import World
from worldctx.text.names import RuleTagger
from worldctx.text.regions import all_abbreviated

#: Ambiguous candidates whose neighbours are read for coherence, and facts read of each.
COHERENT, FACTS_EACH = 48, 32
#: Candidates of a mention that may mean many places, levels of containment that are read, and how far the name of a
#: publisher is trusted to tell its home.
SCORED_PLACES, LEVELS, PUBLISHER = 40, 3, 0.7
#: Facts that have an entity as subject.
_ABOUT = Step(Side.SUBJECT)


def linked(request: Request, world: World) -> tuple[tuple[Link, ...], dict[EntityId, str], Link | None, Ground]:
    """Links of the text, labels of the entities behind them, what the declared publisher means, and what lies where."""
    mentions, scene, labels, whole, names = prepared(request, world)
    publisher = link(whole[0], scene, labels) if whole and whole[0] else ()
    found = coreferent(without_parts(link(mentions, scene, labels), names), request.text)
    if not request.is_prompt:
        found = read_as_names(found, names)
    found = with_kinds(by_office(request, found, labels, scene.home), names)
    names_of = dict(labels) | {one.id: one.name for one in found if one.id is not None}
    if (country := declared_country(request.ask.document)) is not None and country in scene.entities:
        names_of[country] = label_under(scene.entities[country], request.clocks)
    told = _told_of(found, scene.ground)
    names_of |= {one.id: label_under(one, request.clocks) for one in scene.entities.values()
                 if one.id in told and one.id not in names_of}
    return found, names_of, publisher[0] if publisher else None, scene.ground


def _told_of(links: Sequence[Link], ground: Ground) -> set[EntityId]:
    """Places that the slot `where` may tell of though the text does not name them: homes, and what holds its towns."""
    spots = [ground.spots[one.id] for one in links if one.id is not None and one.id in ground.spots]
    return {one for one in (*ground.home, *(spot.within[0] for spot in spots if len(spot.within) > 2))
            if one in ground.spots}


def prepared(request: Request, world: World) -> tuple[
        tuple[Named, ...], Scene, Labels, Sequence[tuple[Named, ...]], Sequence[TaggedName]]:
    """All that linking looks at: mentions with their hits, the scene, labels, mentions in the declared names, and what
    reads like a name.
    """
    revision = request.reader.revision
    matches = world.lexicon.scan(request.text, request.clocks, revision)
    names = (world.tagger or RuleTagger()).tag(request.text, matches)
    found = find_mentions(request.text, matches, names, request.ask.filter.kinds)
    declared = _declared_names(request.ask.document)
    outside = [find_mentions(name, world.lexicon.scan(name, request.clocks, revision)) for name in declared]
    whole = [tuple(_trimmed(one) for one in mentions if one.start == 0 and one.end == len(name))
             for name, mentions in zip(declared, outside, strict=True)]
    # A name that comes again has the same hits.
    trimmed = {one.surface: _trimmed(one) for one in found}
    wanted = {hit.entity for one in (*trimmed.values(), *(one for some in whole for one in some)) for hit in one.hits}
    wanted |= {EntityId(external) for one in found for ids in one.places for external in ids}
    wanted |= {EntityId(one) for one in all_abbreviated(request.text, (each.end for each in found if each.hits))}
    wanted |= {EntityId(one) for name, some in zip(declared, outside, strict=True)
               for one in all_abbreviated(name, (each.end for each in some))}
    wanted |= {hit.entity for some in outside for one in some for hit in _trimmed(one).hits}
    country = declared_country(request.ask.document)
    entities = _existing(request, wanted | ({country} if country else set()))
    entities = _with_containers(request, entities)
    mentions = tuple(_typed(request.text, _with_places(_with_hits(one, trimmed[one.surface].hits), entities), entities)
                     for one in found)
    scene = _scene(request, mentions, whole, entities, entities.get(country) if country else None)
    told = [(name, some, trust) for name, some, trust in zip(declared, outside, (PUBLISHER, 1.0), strict=False)]
    home = home_of(told, entities) | ({entities[country].id: 1.0} if country in entities else {})
    scene = replace(scene, ground=ground_of(request.text, mentions, entities, home))
    return mentions, scene, Labels(entities.values(), request.clocks), whole, names


class Labels(dict[EntityId, str]):
    """The labels of entities under the clocks, each made when it is first asked for: few candidates are ever shown."""

    def __init__(self, entities: Iterable[Entity], clocks: Clocks) -> None:
        super().__init__()
        self._entities, self._clocks = {one.id: one for one in entities}, clocks

    def __missing__(self, key: EntityId) -> str:
        label = self[key] = label_under(self._entities[key], self._clocks)
        return label


def _declared_names(document: Document | None) -> tuple[str, ...]:
    return () if document is None else (document.publisher, document.place)


def _with_containers(request: Request, entities: dict[EntityId, Entity]) -> dict[EntityId, Entity]:
    """The entities and what contains them, level by level up to continents."""
    every = dict(entities)
    known = {one.id for one in entities.values()}
    missing = {one.within for one in entities.values() if one.within is not None} - known
    for _ in range(LEVELS):
        if not missing:
            break
        above = request.reader.entities(missing)
        every.update(above)
        known |= missing
        missing = {one.within for one in above.values() if one.within is not None} - known
    return every


def _with_hits(mention: Named, hits: tuple[NameHit, ...]) -> Named:
    return mention if mention.hits is hits else replace(mention, hits=hits)


def _trimmed(mention: Named) -> Named:
    if len(mention.hits) <= SCORED:
        return mention
    places = all(hit.kind is Kind.PLACE for hit in mention.hits)
    best = sorted(mention.hits, key=lambda hit: (-hit.weight, not hit.preferred, hit.entity))[
        :SCORED_PLACES if places else SCORED]
    return replace(mention, hits=tuple(best))


def _with_places(mention: Named, entities: dict[EntityId, Entity]) -> Named:
    """A demonym with the places that it stands for among its hits, as far as they exist."""
    if not mention.places:
        return mention
    hits = []
    for ids in mention.places:
        known = next((EntityId(one) for one in ids if one in entities), None)
        if known is not None:
            entity = entities[known]
            hits.append(NameHit(known, entity.kind, mention.surface, True, False, entity.weight))
    places = {entities[hit.entity].id for hit in hits}
    # Where the lexicon has the demonym as a name of the same place, that is one candidate.
    others = tuple(hit for hit in mention.hits if hit.entity not in entities or entities[hit.entity].id not in places)
    return replace(mention, hits=(*hits, *others))


def _typed(text: str, mention: Named, entities: dict[EntityId, Entity]) -> Named:
    """A name and the capitalised word for its kind of place as one mention, where some candidate is of that kind."""
    if not mention.type or mention.demonym:
        return mention
    hits = tuple(hit for hit in mention.hits
                 if hit.entity in entities and mention.type in entities[hit.entity].description.casefold())
    return with_its_type(text, mention, hits) if hits else mention


def _existing(request: Request, wanted: set[EntityId]) -> dict[EntityId, Entity]:
    """Entities that were there to be named: not those whose birth or founding lies in the future of the clocks."""
    found = dict(request.reader.entities(wanted))
    unborn = request.reader.unborn({*found, *(one.id for one in found.values())}, request.clocks)
    return {key: one for key, one in found.items() if key not in unborn and one.id not in unborn}


def _scene(request: Request, mentions: Sequence[Named], declared: Sequence[tuple[Named, ...]],
           entities: dict[EntityId, Entity], country: Entity | None) -> Scene:
    near: dict[EntityId, set[EntityId]] = {
        one.id: {one.within} if one.within else set() for one in entities.values()}
    ambiguous = sorted({entities[hit.entity].id for one in mentions if len(one.hits) > 1 for hit in one.hits
                        if hit.entity in entities})
    weights = {one.id: one.weight for one in entities.values()}
    ambiguous.sort(key=lambda key: (-weights[key], key))
    about = request.reader.walk([Walk(tuple(ambiguous[:COHERENT]), (_ABOUT,))], request.clocks, FACTS_EACH)
    for subject, other in zip(about.subjects.tolist(), about.objects.tolist(), strict=True):
        if other >= 0:
            near.setdefault(about.ids[subject], set()).add(about.ids[other])
    home = {entities[hit.entity].id for found in declared for one in found for hit in one.hits
            if hit.entity in entities}
    home |= {container for key in home if (container := _within(key, entities))}
    home |= {country.id} if country is not None else set()
    return Scene(entities, {key: frozenset(value) for key, value in near.items()}, {}, frozenset(home))


def _within(key: EntityId, entities: dict[EntityId, Entity]) -> EntityId | None:
    return entities[key].within if key in entities else None
