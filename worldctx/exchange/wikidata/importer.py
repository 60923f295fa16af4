"""The importer of Wikidata's JSON dumps: each item an entity and its facts (see exchange/importer.py)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from worldctx.exchange.facts import Line
from worldctx.exchange.importer import Taken
from worldctx.exchange.wikidata.classes import Classes
from worldctx.exchange.wikidata.dump import Entry, entries, object_of, where
from worldctx.exchange.wikidata.entity import classes_of, entity_of, kind_of
from worldctx.exchange.wikidata.facts import METHOD, Subject, facts_of
from worldctx.exchange.wikidata.filter import Filter
from worldctx.exchange.wikidata.life import life_of
from worldctx.exchange.wikidata.references import WIKIDATA
from worldctx.exchange.wikidata.statements import NOT_THE_MODEL, table
from worldctx.model.errors import BadInput
from worldctx.model.ids import EntityId, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import When

#: Sources that are remembered as told, so that each is told about once; told twice they are unchanged.
REMEMBERED = 100_000
#: Facts of one entity at most, which are written in one commit; the largest have some thousands.
MAX_FACTS = 20_000
TOO_MANY = f"fact beyond the first {MAX_FACTS:,}"
#: Characters of a record that cannot be taken that are kept with its error.
_RAW = 64 * 2**10
_ITEM = re.compile(r"Q[1-9]\d{0,11}")
#: How most lines of a dump begin, so that what is no item, or not asked for, need not be read.
_BEGINNING = re.compile(rb'\{"type":"(\w+)","id":"(\w+)"')
_OTHERS = {"P": "property", "L": "lexeme", "M": "media info"}


@dataclass(slots=True)
class Wikidata:
    """Reads Wikidata dumps by a filter.

    Attributes:
        dumped: the day of the dump: by then all that it says was public.
        classes: the hierarchy of classes; without one a thing's kind is told by the classes it names itself.
    """

    kept: Filter
    dumped: When | None = None
    classes: Classes = field(default_factory=Classes)
    _told: set[SourceId] = field(default_factory=set)

    @property
    def name(self) -> str:
        return METHOD

    @property
    def choices(self) -> str:
        return " ".join((self.kept.digest, self.dumped.edtf if self.dumped else "", self.classes.digest))

    def begin(self) -> Iterator[Line]:
        dated = f", dump of {self.dumped.edtf}" if self.dumped else ""
        # No date of publication: what held in 1972 was public then, not when the dump was made (see facts._known).
        yield Source(WIKIDATA, f"Wikidata{dated}", "https://www.wikidata.org/", host="wikidata.org")

    def records(self, path: Path, after: int = 0) -> Iterator[Taken]:
        self._told.clear()
        for place, entry in enumerate(entries(path)):
            if place >= after:
                yield self._taken(entry, path)

    def _taken(self, entry: Entry, path: Path) -> Taken:
        if isinstance(entry.data, BadInput):
            return Taken(entry.number, error=entry.data, read=entry.read, size=entry.size)
        left_out: Counter[str] = Counter()
        try:
            found = self._read(entry, left_out)
        except BadInput as error:
            return self._wrong(entry, path, error.message)
        except NOT_THE_MODEL as error:
            return self._wrong(entry, path, f"does not keep to the data model of Wikidata ({type(error).__name__}: "
                                            f"{error}); see the file's line")
        if isinstance(found, str):
            return Taken(entry.number, skipped=found, read=entry.read, size=entry.size)
        return Taken(entry.number, found, read=entry.read, size=entry.size, left_out=tuple(left_out.items()))

    def _wrong(self, entry: Entry, path: Path, why: str) -> Taken:
        data = entry.data if isinstance(entry.data, bytes) else orjson.dumps(entry.data)
        return Taken(entry.number, error=BadInput(f"{where(path, entry.number)}: {why}"),
                     raw=data[:_RAW].decode("utf-8", "replace"), read=entry.read, size=entry.size)

    def _read(self, entry: Entry, left_out: Counter[str]) -> tuple[Line, ...] | str:
        """What an entry makes, or why it is left out."""
        if isinstance(entry.data, bytes):
            beginning = _BEGINNING.match(entry.data)
            if beginning is not None and beginning[1] != b"item":
                return _OTHERS.get(beginning[2].decode()[0], "no item")
            if beginning is not None and self.kept.ids and beginning[2].decode() not in self.kept.ids:
                return "not in the filter's ids"
            record = object_of(entry.data)
        else:
            record = entry.data  # type: ignore[assignment] # errors were told before
        return self._item(record, entry.key, left_out)

    def _item(self, record: Mapping[str, Any], key: str, left_out: Counter[str]) -> tuple[Line, ...] | str:
        number = record.get("id", record.get("entity"))
        if not isinstance(number, str) or not number:
            raise BadInput.at("id", "is missing; an entity of Wikidata has an id such as Q42")
        if "missing" in record:
            return "missing"
        if not number.startswith("Q"):
            return _OTHERS.get(number[0], "no item")
        if _ITEM.fullmatch(number) is None:
            raise BadInput.at("id", f"{number[:40]!r} is no id of Wikidata, such as Q42")
        if "redirect" in record:
            return _redirect(number, record["redirect"])
        redirects = record.get("redirects")
        former = redirects.get("from", "") if isinstance(redirects, dict) else key
        moved = _redirect(former, number) if isinstance(former, str) and former not in ("", number) else ()
        found = self._entity(number, record, left_out)
        return found if isinstance(found, str) else (*found, *moved)

    def _entity(self, number: str, record: Mapping[str, Any], left_out: Counter[str]) -> tuple[Line, ...] | str:
        kept = self.kept
        if kept.ids and number not in kept.ids:
            return "not in the filter's ids"
        if kept.min_sitelinks and len(record.get("sitelinks") or ()) < kept.min_sitelinks:
            return "fewer sitelinks than the filter asks for"
        claims = table(record, "claims")
        instance_of = classes_of(claims)
        if kept.classes and not self.classes.reaches(instance_of, kept.classes):
            return "of no class that the filter keeps"
        if kept.without_classes and self.classes.reaches(instance_of, kept.without_classes):
            return "of a class that the filter leaves out"
        kind = kind_of(instance_of, claims, self.classes)
        if kept.kinds and kind not in kept.kinds:
            return "of a kind that the filter leaves out"
        entity = EntityId(f"wd:{number}")
        life = life_of(kind, claims)
        lines: list[Line] = [entity_of(entity, life, record, claims, kept.languages, left_out)]
        made = facts_of(Subject(entity, life, self.dumped), claims, kept, left_out)
        for fact, source in islice(made, MAX_FACTS):
            if source is not None and self._is_new(source.id):
                lines.append(source)
            lines.append(fact)
        if beyond := sum(1 for _ in made):
            left_out[TOO_MANY] += beyond
        return tuple(lines)

    def _is_new(self, source: SourceId) -> bool:
        if source in self._told:
            return False
        if len(self._told) >= REMEMBERED:
            self._told.clear()
        self._told.add(source)
        return True


def wikidata(
    kept: Filter, languages: tuple[str, ...] = (), dumped: When | None = None, classes: Classes | None = None
) -> Wikidata:
    """An importer; languages given here come before those of the filter."""
    return Wikidata(replace(kept, languages=languages) if languages else kept, dumped, classes or Classes())


def _redirect(former: Any, number: Any) -> tuple[Line, ...]:
    """Both ids read as one."""
    if not isinstance(former, str) or not isinstance(number, str):
        raise BadInput.at("redirect", "is no id of Wikidata, such as Q42")
    for one in (former, number):
        if _ITEM.fullmatch(one) is None:
            raise BadInput.at("redirect", f"{one[:40]!r} is no id of Wikidata, such as Q42")
    return (Judgement(EntityId(f"wd:{former}"), EntityId(f"wd:{number}"), True, "wikidata", None, WIKIDATA),)
