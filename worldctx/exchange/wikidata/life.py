"""When a thing began and ended, and which undated statements held from then on: who was born somewhere always was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worldctx.exchange.wikidata.statements import Statement, best, date
from worldctx.model.entity import Kind
from worldctx.model.time import ALWAYS, Interval, When

#: Properties that say when a thing of a kind began or ended, most telling first.
_BEGINS: Mapping[Kind, tuple[str, ...]] = {
    Kind.PERSON: ("P569",), Kind.EVENT: ("P580", "P585"), Kind.WORK: ("P577", "P1191", "P571"),
    Kind.PRODUCT: ("P577", "P571", "P619", "P729"),
}
_ENDS: Mapping[Kind, tuple[str, ...]] = {Kind.PERSON: ("P570",), Kind.EVENT: ("P582", "P585")}
_BEGIN, _END = ("P571", "P1619", "P580"), ("P576", "P582")

#: True of a thing from its beginning, and public since.
_OF_ALL = frozenset({"instance_of", "subclass_of"})
_OF_PERSONS = _OF_ALL | {"birth_place", "gender", "father", "mother", "birth_name", "native_language", "ethnic_group"}
_OF_OTHERS = _OF_ALL | frozenset("""founded_by formation_place author creator composer director screenwriter cast_member
    producer performer lyricist illustrator cinematographer film_editor production_company country_of_origin
    original_language language genre form_of_work based_on title subtitle publication_place published_in part_of_series
    follows main_subject discoverer_or_inventor designer architect named_after""".split())
#: True from its end.
_SINCE_END = frozenset({"death_place", "burial_place", "cause_of_death", "manner_of_death", "killed_by"})
#: What an event came to: true and public from its end.
_RESULTS = frozenset({
    "winner", "successful_candidate", "number_of_deaths", "number_of_injured", "number_of_missing", "has_effect",
    "number_of_casualties", "visitors", "ballots_cast", "followed_by", "replaced_by", "box_office",
})


@dataclass(frozen=True, slots=True)
class Life:
    """The first and the last date of a thing, as far as its own statements say them."""

    kind: Kind
    begin: When | None = None
    end: When | None = None

    def of_undated(self, predicate: str, *, names_entity: bool) -> Interval:
        """When a statement held that has no qualifiers of time; always where its predicate says nothing of that.

        What takes part in an event does so as long as it lasts; what it came to holds from its end.

        Args:
            names_entity: whether its value is an entity.
        """
        if self.kind is Kind.EVENT and predicate in _RESULTS:
            return Interval(self.end or self.begin, None)
        if predicate in (_OF_PERSONS if self.kind is Kind.PERSON else _OF_OTHERS):
            return Interval(self.begin, None)
        if self.kind is Kind.PERSON:
            return Interval(self.end, None) if predicate in _SINCE_END else ALWAYS
        if self.kind is Kind.EVENT and names_entity and self.begin is not None:
            return Interval(self.begin, self.end)
        return ALWAYS


def life_of(kind: Kind, claims: Mapping[str, Sequence[Statement]]) -> Life:
    """The life of a thing of a kind by its statements of the best rank; of several beginnings the earliest.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: a statement does not keep to the data model.
    """
    begins = _dates(claims, _BEGINS.get(kind, _BEGIN))
    ends = _dates(claims, _ENDS.get(kind, _END))
    begin = min(begins, key=lambda when: (when.lo, when.hi), default=None)
    end = max(ends, key=lambda when: (when.hi, when.lo), default=None)
    return Life(kind, begin, None if begin and end and end.hi <= begin.lo else end)


def _dates(claims: Mapping[str, Sequence[Statement]], properties: Sequence[str]) -> list[When]:
    """The dates of the first of the properties that has any."""
    for key in properties:
        if key in claims:
            found = [date(one["mainsnak"]) for one in best(claims[key])]
            dates = [one for one in found if isinstance(one, When)]
            if dates:
                return dates
    return []
