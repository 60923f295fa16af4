"""The step that links: mentions of the text, what they may mean and its surroundings out of the graph, links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from worldctx.lookup.assemble import declared_country
from worldctx.lookup.link import SCORED, Scene, link
from worldctx.lookup.mention import Named, find_mentions
from worldctx.lookup.request import Request
from worldctx.model.context import Link
from worldctx.model.document import Document
from worldctx.model.entity import Entity, label_under
from worldctx.model.ids import EntityId
from worldctx.ports.graph import Side, Step, Walk
from worldctx.ports.lexicon import NameHit
from worldctx.ports.world import World

#: Ambiguous candidates whose neighbours are read for coherence, and facts read of each.
COHERENT, FACTS_EACH = 48, 32
#: Facts that have an entity as subject.
_ABOUT = Step(Side.SUBJECT)


def linked(request: Request, world: World) -> tuple[tuple[Link, ...], dict[EntityId, str], Link | None]:
    """Links of the text, the labels of the entities behind them, and what the declared publisher means."""
    revision = request.reader.revision
    matches = world.lexicon.scan(request.text, request.clocks, revision)
    mentions = find_mentions(request.text, matches, request.ask.filter.kinds)
    declared = _declared_names(request.ask.document)
    outside = [find_mentions(name, world.lexicon.scan(name, request.clocks, revision)) for name in declared]
    whole = [tuple(one for one in found if one.start == 0 and one.end == len(name))
             for name, found in zip(declared, outside, strict=True)]
    every = (*mentions, *(one for found in whole for one in found))
    # A name that comes again has the same hits.
    wanted = {hit.entity for one in {one.surface: one for one in every}.values() for hit in _best_hits(one)}
    country = declared_country(request.ask.document)
    entities = _existing(request, wanted | ({country} if country else set()))
    scene = _scene(request, mentions, whole, entities, entities.get(country) if country else None)
    labels = {key: label_under(one, request.clocks) for key, one in entities.items()}
    publisher = link(whole[0], scene, labels) if whole and whole[0] else ()
    return (link(tuple(_trimmed(one) for one in mentions), scene, labels), labels,
            publisher[0] if publisher else None)


def _declared_names(document: Document | None) -> tuple[str, ...]:
    return () if document is None else (document.publisher, document.place)


def _best_hits(mention: Named) -> tuple[NameHit, ...]:
    if len(mention.hits) <= SCORED:
        return mention.hits
    return tuple(sorted(mention.hits, key=lambda hit: (-hit.weight, not hit.preferred, hit.entity))[:SCORED])


def _trimmed(mention: Named) -> Named:
    return mention if len(mention.hits) <= SCORED else replace(mention, hits=_best_hits(mention))


def _existing(request: Request, wanted: set[EntityId]) -> dict[EntityId, Entity]:
    """Entities that were there to be named: not those whose birth or founding lies in the future of the clocks."""
    return dict(request.reader.entities(wanted - request.reader.unborn(wanted, request.clocks)))


def _scene(request: Request, mentions: Sequence[Named], declared: Sequence[tuple[Named, ...]],
           entities: dict[EntityId, Entity], country: Entity | None) -> Scene:
    present: dict[EntityId, int] = {}
    for surface in {one.surface: one for one in mentions}.values():
        for hit in surface.hits:
            if hit.entity in entities:
                present[hit.entity] = present.get(hit.entity, 0) + 1
    near: dict[EntityId, set[EntityId]] = {key: {one.within} if one.within else set() for key, one in entities.items()}
    ambiguous = sorted({hit.entity for one in mentions if len(one.hits) > 1 for hit in _trimmed(one).hits
                        if hit.entity in entities})
    ambiguous.sort(key=lambda key: (-entities[key].weight, key))
    about = request.reader.walk([Walk(tuple(ambiguous[:COHERENT]), (_ABOUT,))], request.clocks, FACTS_EACH)
    for subject, other in zip(about.subjects.tolist(), about.objects.tolist(), strict=True):
        if other >= 0:
            near.setdefault(about.ids[subject], set()).add(about.ids[other])
    home = {hit.entity for found in declared for one in found for hit in _trimmed(one).hits if hit.entity in entities}
    home |= {container for key in home if (container := entities[key].within)}
    home |= {country.id} if country is not None else set()
    return Scene(entities, {key: frozenset(value) for key, value in near.items()}, present, frozenset(home))
