"""Which of GeoNames' tables a file is."""

from __future__ import annotations

import re
from enum import IntEnum
from pathlib import Path

from worldctx.exchange.geonames.archive import name_inside
from worldctx.exchange.geonames.rows import rows
from worldctx.exchange.streams import STDIN, name_of
from worldctx.model.errors import BadInput


class Table(IntEnum):
    """A table of the dump, in the order in which they are read: what is contained comes after what contains it."""

    COUNTRIES = 1
    ADMIN = 2
    PLACES = 3
    NAMES = 4
    HIERARCHY = 5


#: Columns that a row of each table may have. The older alternateNames.txt lacks the two dates; the type of a relation
#: is left out where it has none.
COLUMNS = {
    Table.COUNTRIES: (19,), Table.ADMIN: (4,), Table.PLACES: (19,), Table.NAMES: (10, 8), Table.HIERARCHY: (3, 2),
}
_NAMED = (
    (r"countryInfo\.txt", Table.COUNTRIES),
    (r"admin(1CodesASCII|2Codes)\.txt", Table.ADMIN),
    (r"(allCountries|cities\d+|no-country|modifications-.*)\.txt", Table.PLACES),
    (r"alternateNames(V2|Modifications-.*)?\.txt", Table.NAMES),
    (r"hierarchy\.txt", Table.HIERARCHY),
)
#: Tables that are none of ours, though they look like one.
_OTHER = re.compile(
    r"(featureCodes_.*|timeZones|iso-languagecodes|userTags|adminCode5|deletes-.*|alternateNamesDeletes-.*|"
    r"shapes_.*|readme)\.txt", re.IGNORECASE)


def table_of(path: Path) -> Table:
    """Which table a file is: by its name, or that of the member of an archive, else by its first row.

    Files of one country (`FR.txt`) are places or alternate names; both are published under the same name.

    Raises:
        BadInput: it cannot be opened, or is none of GeoNames' tables.
    """
    if path == STDIN:
        raise BadInput.at("standard input", "cannot be read twice, as places and their containers need; name a file")
    name = name_inside(path)
    for pattern, table in _NAMED:
        if re.fullmatch(pattern, name, re.IGNORECASE):
            return table
    if not _OTHER.fullmatch(name):
        first = _first(path)
        if first is not None and (found := _by_columns(first.split("\t"))):
            return found
    raise BadInput.at(name_of(path), "is none of GeoNames' tables that are read: allCountries, cities500, FR and the "
                                     "like, alternateNamesV2, hierarchy, countryInfo, admin1CodesASCII, admin2Codes")


def _first(path: Path) -> str | None:
    """The first row that can be read; None where a file has no row."""
    error: BadInput | None = None
    for _, text, _ in rows(path):
        if isinstance(text, str):
            return text
        error = text
    if error is not None:
        raise error
    return None


def _by_columns(cells: list[str]) -> Table | None:
    numbers = [cell.isascii() and cell.isdecimal() for cell in cells]
    if len(cells) == 19:
        return Table.PLACES if numbers[0] else Table.COUNTRIES if re.fullmatch("[A-Z]{2}", cells[0]) else None
    if len(cells) in COLUMNS[Table.NAMES] and numbers[0] and numbers[1]:
        return Table.NAMES
    if len(cells) == 4 and "." in cells[0] and numbers[3]:
        return Table.ADMIN
    return Table.HIERARCHY if len(cells) in COLUMNS[Table.HIERARCHY] and numbers[0] and numbers[1] else None
