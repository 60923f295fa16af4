"""The slot `where`: the place that a text was made in apart from the places that it is about. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from worldctx.lookup.places import Ground
from worldctx.model.context import Claim, Link, Span
from worldctx.model.document import Document
from worldctx.model.entity import Kind
from worldctx.model.ids import EntityId
from worldctx.text.dateline import byline_place, dateline

EXTRACTOR = "worldctx-places@1"
#: How sure a dateline and a byline are that a text was made there, and a publisher's home at most.
DATELINE, BYLINE, INHERITED = 0.9, 0.75, 0.6
#: How sure the home of a text must be to be told.
HOME_FROM = 0.5
#: Named places in one state from which the text is about the state, and their share of all its named towns.
GATHERED, MOST = 3, 0.6
#: How sure that is when the text does not name the state, and what it adds to the salience of one that it names.
UNNAMED, NAMED = 0.6, 0.25


def made_in(text: str, document: Document | None, links: Sequence[Link], ground: Ground,
            labels: Mapping[EntityId, str]) -> list[Claim]:
    """Where the text was made: declared, else by its dateline or byline, and the home of its publisher, best first."""
    if document is None:
        return []
    home = max(ground.home.items(), key=lambda one: (one[1], one[0]), default=None)
    settled = home if home is not None and home[1] >= HOME_FROM else None
    claims = []
    if document.place:
        ref = _declared(document.place, ground, labels)
        claims.append(Claim("place.created", document.place, ref, 1.0, "declared_markup", EXTRACTOR, None, "place"))
    for found, sure in ((dateline(text), DATELINE), (byline_place(text), BYLINE)):
        if found is not None:
            start, end, surface = found
            meant = next((one for one in links if one.kind is Kind.PLACE and one.span.start == start), None)
            ref, sure = (str(meant.id), sure) if meant is not None and meant.id is not None else ("", sure - 0.1)
            claims.append(Claim("place.created", surface, ref, round(sure, 4), "rule", EXTRACTOR, Span(start, end),
                                preferred=not claims, leak="body-derived"))
    if not claims and settled is not None and settled[0] in labels:
        claims.append(Claim("place.created", labels[settled[0]], str(settled[0]), round(INHERITED * settled[1], 4),
                            "inherited", EXTRACTOR, None, "publisher" if document.publisher else "extra.country"))
    return claims


def _declared(place: str, ground: Ground, labels: Mapping[EntityId, str]) -> str:
    """The id of a declared place: the surest home of its name, for a country may be declared beside it; else none."""
    name = place.partition(",")[0].strip().casefold()
    known = [(sure, entity) for entity, sure in ground.home.items()
             if sure > INHERITED and labels.get(entity, "").casefold() in (name, f"{name} city")]
    return str(max(known)[1]) if known else ""


def about(links: Sequence[Link], salience: Mapping[EntityId, float], ground: Ground,
          labels: Mapping[EntityId, str]) -> list[Claim]:
    """The places that the text is about, best first, ties by id: those named most, and what holds most of them."""
    first: dict[EntityId, Link] = {}
    for one in links:
        if one.id is not None and one.kind is Kind.PLACE:
            first.setdefault(one.id, one)
    inside = _gathered(first, ground)
    weight = {entity: salience.get(entity, 0.0) + (NAMED if entity in inside else 0.0) for entity in first}
    claims = [(weight[entity], Claim("place.about", one.name, str(entity), one.score, "gazetteer", EXTRACTOR, one.span,
                                     leak="body-derived")) for entity, one in first.items()]
    for area, towns in inside.items():
        if area not in first and area in labels:
            strongest = max(weight[town] for town in towns)
            claims.append((strongest - 0.01, Claim(
                "place.about", labels[area], str(area), UNNAMED, "graph_inference", EXTRACTOR,
                first[min(towns, key=lambda town: first[town].span.start)].span, leak="body-derived")))
    claims.sort(key=lambda one: (-round(one[0], 4), one[1].ref))
    return [_ranked(claim, place) for place, (_, claim) in enumerate(claims)]


def _ranked(claim: Claim, place: int) -> Claim:
    return Claim(claim.field, claim.value, claim.ref, claim.confidence, claim.method, claim.extractor, claim.span,
                 preferred=place == 0, leak=claim.leak)


def _gathered(named: Mapping[EntityId, Link], ground: Ground) -> dict[EntityId, list[EntityId]]:
    """States and the like in which most of the named towns lie, with these towns."""
    inside: dict[EntityId, list[EntityId]] = defaultdict(list)
    towns = 0
    for entity in named:
        spot = ground.spots.get(entity)
        if spot is not None and len(spot.within) > 2:
            towns += 1
            inside[spot.within[0]].append(entity)
    return {area: found for area, found in inside.items() if len(found) >= GATHERED and len(found) >= MOST * towns}
