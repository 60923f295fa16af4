"""Persons whom a text names by their office: `the President of Chile`, `President Allende`; by who held it then."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from worldctx.lookup.coreference import meaning
from worldctx.lookup.predicates import JURISDICTION
from worldctx.lookup.request import Request
from worldctx.model.context import Link
from worldctx.model.entity import Kind
from worldctx.model.ids import EntityId
from worldctx.ports.graph import FactTable, Side, Step, Walk

#: How sure it is that an office that somebody held then means that person, times how sure the office is.
BY_OFFICE = 0.9
#: How sure it is that a title and a surname mean who held an office of a country that the text names, or comes from.
BY_TITLE = 0.9
#: Holders read of each office.
HOLDERS_EACH = 16
_HOLDERS = Step(Side.OBJECT, "position_held")
_OFFICE = re.compile(r"(?:Vice[- ])?(?:President|Prime Minister|Chancellor|Premier|Secretary[- ]General|King|Queen|Pope"
                     r"|Emperor|Governor|Mayor|Chairman|General Secretary)\b", re.IGNORECASE)
_TITLE = re.compile(r"\b(?:President|Prime Minister|Chancellor|Premier|Secretary-General|King|Queen|Pope|Chairman"
                    r"|Emperor|General Secretary)\s$")


def by_office(request: Request, links: Sequence[Link], labels: Mapping[EntityId, str],
              home: frozenset[EntityId]) -> tuple[Link, ...]:
    """The links, those of offices and of titles with a surname by who held the office at the date of the text.

    Prompts are left as they are: they ask about the office. Without a date nobody is known to have held it.

    Args:
        labels: of the entities behind the links.
        home: where the text was written or published.
    """
    if request.is_prompt or request.clocks.as_of is None:
        return tuple(links)
    offices = {one.id for one in links if one.id is not None and one.kind is Kind.CONCEPT
               and _OFFICE.match(one.surface)}
    titled = [one for one in links if one.kind is not Kind.PERSON and " " not in one.surface
              and _TITLE.search(request.text, max(0, one.span.start - 20), one.span.start)]
    if not offices and not titled:
        return tuple(links)
    held = _held(request, sorted(offices))
    places = sorted({one.id for one in links if one.id is not None and one.kind is Kind.PLACE} | home)
    surnames = _surnames(request, places) if titled else {}
    return tuple(_by_title(one, surnames, request) if one in titled else _by_holder(one, held) for one in links)


def _held(request: Request, offices: Sequence[EntityId]) -> Mapping[EntityId, tuple[EntityId, str]]:
    """Who held each office, where that was one person, with the label."""
    if not offices:
        return {}
    table = request.reader.walk([Walk(tuple(offices), (_HOLDERS,))], request.clocks, HOLDERS_EACH)
    found: dict[EntityId, set[EntityId]] = {}
    for subject, office in zip(table.subjects.tolist(), table.objects.tolist(), strict=True):
        found.setdefault(table.ids[office], set()).add(table.ids[subject])
    one_each = {office: next(iter(who)) for office, who in found.items() if len(who) == 1}
    labels = request.reader.labels(one_each.values(), request.clocks)
    return {office: (who, labels[who]) for office, who in one_each.items() if who in labels}


def _surnames(request: Request, places: Sequence[EntityId]) -> Mapping[str, tuple[EntityId, str] | None]:
    """Who held an office of the places, by surname; None where two share it."""
    if not places:
        return {}
    walks = [Walk(tuple(places), (Step(Side.OBJECT, predicate), _HOLDERS)) for predicate in sorted(JURISDICTION)]
    table: FactTable = request.reader.walk(walks, request.clocks, HOLDERS_EACH)
    labels = request.reader.labels({table.ids[subject] for subject in table.subjects.tolist()}, request.clocks)
    found: dict[str, tuple[EntityId, str] | None] = {}
    for who, label in sorted(labels.items()):
        surname = label.split()[-1].casefold()
        known = found.setdefault(surname, (who, label))
        if known is not None and known[0] != who:
            found[surname] = None
    return found


def _by_holder(one: Link, held: Mapping[EntityId, tuple[EntityId, str]]) -> Link:
    found = held.get(one.id) if one.id is not None else None
    if found is None:
        return one
    who, label = found
    whole = Link(one.span, one.surface, who, label, Kind.PERSON, one.score)
    return meaning(one, whole, round(BY_OFFICE * one.score, 4), "held_the_office",
                   f"{label} held the office at the date of the text")


def _by_title(one: Link, surnames: Mapping[str, tuple[EntityId, str] | None], request: Request) -> Link:
    known = surnames.get(one.surface.casefold())
    if known is None:
        return one
    who, label = known
    whole = Link(one.span, one.surface, who, label, Kind.PERSON, BY_TITLE)
    return meaning(one, whole, BY_TITLE, "held_an_office_then",
                   f"{label} held an office of a country that the text names")
