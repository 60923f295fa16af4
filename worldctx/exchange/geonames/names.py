"""Rows of GeoNames' table of alternate names: names in a language and in time, and other identifiers."""

from __future__ import annotations

import re
from functools import lru_cache

from worldctx.exchange.facts import Line
from worldctx.exchange.gazetteers import GEONAMES, is_usable
from worldctx.exchange.geonames.choice import Choice
from worldctx.exchange.geonames.countries import Countries
from worldctx.exchange.geonames.places import fact
from worldctx.exchange.geonames.survey import MAX_ID, Survey, number_of
from worldctx.exchange.geonames.tables import COLUMNS, Table
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.errors import BadInput
from worldctx.model.fact import Literal
from worldctx.model.ids import EntityId
from worldctx.model.time import ALWAYS, Interval, parse_interval, parse_when

#: What stands in the column of languages and is none, and the predicate of its fact where it can be asked for.
_CODES = {"iata": "iata_code", "icao": "icao_code", "unlc": "unlocode"}
_NO_LANGUAGE = frozenset(("link", "post", "faac", "tcid", "phon", "piny", "abbr", *_CODES))
_WIKIDATA = "wkdt"
#: Largest number of a Wikidata item that is told apart from others: it bounds the table of those that were seen.
MAX_ITEM = 2**29
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_FORMS = (
    (re.compile(r"(\d{3,4})"), lambda found: found[1].zfill(4)),
    (re.compile(r"(\d{4})(\d{2})(\d{2})"), lambda found: f"{found[1]}-{found[2]}-{found[3]}"),
    (re.compile(r"(\d{4})(\d{2})"), lambda found: f"{found[1]}-{found[2]}"),
    (re.compile(r"(\d{4}-\d{2}(?:-\d{2})?)"), lambda found: found[1]),
)


class Undated(Exception):
    """A side of a period that is text, such as `18th century`."""


def edtf_of(text: str) -> str:
    """A side of a period as EDTF: `1991`, `199106`, `19910612` and `1991-06-12` are read.

    Raises:
        Undated: it is none of these, or no such day.
    """
    text = text.strip()
    for pattern, form in _FORMS:
        if text.isascii() and (found := pattern.fullmatch(text)):
            edtf = form(found)
            try:
                parse_when(edtf)
            except BadInput as error:
                raise Undated from error
            return edtf
    raise Undated


@lru_cache(maxsize=65_536)
def _period(start: str, end: str) -> Interval:
    return parse_interval(start and edtf_of(start), end and edtf_of(end), "period")


class Items:
    """The Wikidata items that a place was given, one bit for each, so that two places are not taken for the same.

    GeoNames gives the city and the state of Berlin the same item. The first one keeps it.
    """

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, number: int) -> bool:
        """Whether it is seen for the first time."""
        byte, bit = number >> 3, 1 << (number & 7)
        if byte >= len(self._bits):
            self._bits.extend(bytes(byte + 1 - len(self._bits) + byte // 8))
        fresh = not self._bits[byte] & bit
        self._bits[byte] |= bit
        return fresh


class Names:
    """What rows of the table of alternate names make: each adds one name to a place, or one identifier.

    Nothing is joined in memory: lines about the same entity add up in the graph.
    """

    def __init__(self, choice: Choice, countries: Countries, survey: Survey) -> None:
        self._choice, self._countries, self._survey = choice, countries, survey
        self._told = {int(one.id.removeprefix("gn:")): {name.text for name in one.names}
                      for one in countries.entities.values()}
        self._takes_language = lru_cache(maxsize=4096)(self._is_chosen)
        self._items = Items()

    def pass_over(self, cells: list[str]) -> None:
        """Look at a row that was taken in an earlier run, as far as later rows depend on it."""
        if cells[2:3] == [_WIKIDATA] and len(cells) in COLUMNS[Table.NAMES]:
            try:
                self.lines(cells)
            except BadInput:
                return

    def lines(self, cells: list[str]) -> tuple[Line, ...] | str:
        """The lines of a row, or why it is left out.

        Raises:
            BadInput: a cell is wrong; the message names the column.
        """
        language, text = cells[2], cells[3]
        if language and language != _WIKIDATA:
            if not self._takes_language(language):
                return "language not chosen"
            if language in _NO_LANGUAGE and _CODES.get(language) not in self._choice.facts:
                return "links, postal codes and other codes"
        number = number_of(cells[1])
        if not number:
            raise BadInput.at("geonameid", f"{cells[1][:40]!r} is no whole number up to {MAX_ID}")
        if not self._survey.is_taken(number):
            return "of a place that is not taken"
        identity = EntityId(f"gn:{number}")
        if language == _WIKIDATA:
            return self._item(identity, text)
        if language in _CODES:
            return (fact(identity, _CODES[language], Literal(text), "", str(number)),)
        return self._name(number, identity, cells)

    def _name(self, number: int, identity: EntityId, cells: list[str]) -> tuple[Line, ...] | str:
        language, text, preferred, _, _, historic = cells[2:8]
        if not text.strip():
            raise BadInput.at("alternate name", "is missing")
        if not language and not is_usable(text):
            return "name without a language that is short, a code or in another script"
        start, end = cells[8:10] if len(cells) > 8 else ("", "")
        valid = ALWAYS
        if start or end:
            try:
                valid = _period(start, end)
            except Undated:
                return "name of a time that is no date"
        elif number in self._told:
            if text in self._told[number]:
                return "name of a country that is known already"
            valid = ALWAYS if historic else self._countries.since.get(number, ALWAYS)
        name = Name(text, language.replace("_", "-"), valid, preferred == "1" and historic != "1")
        return (Entity(identity, Kind.PLACE, (name,), (), None, None, None, "", 0.0, GEONAMES),)

    def _item(self, identity: EntityId, text: str) -> tuple[Line, ...] | str:
        digits = text.removeprefix("Q")
        if not (text.startswith("Q") and digits.isascii() and digits.isdecimal()) or len(digits) > 10 or \
                not 0 < int(digits) < MAX_ITEM:
            raise BadInput.at("alternate name", f"{text[:40]!r} is no item of Wikidata")
        if not self._items.add(int(digits)):
            return "Wikidata item of another place"
        same = (EntityId(f"wd:Q{int(digits)}"),)
        return (Entity(identity, Kind.PLACE, (), same, None, None, None, "", 0.0, GEONAMES),)

    def _is_chosen(self, language: str) -> bool:
        if language in _NO_LANGUAGE:
            return True
        if not _LANGUAGE.fullmatch(language):
            return False
        plain = language.replace("_", "-")
        return plain in self._choice.languages or plain.split("-")[0] in self._choice.languages
