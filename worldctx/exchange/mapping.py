"""Mapping files: a declaration in TOML of how rows of CSV or JSON become records. See docs/import.md."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from worldctx.exchange.declaration import Declaration, declaration
from worldctx.exchange.facts import Line
from worldctx.exchange.records import records
from worldctx.exchange.rules import Lookup, Read, Seen, applied
from worldctx.exchange.streams import STDIN
from worldctx.exchange.template import Tables
from worldctx.model.errors import BadInput

#: Called with the bytes done and the bytes there are.
Progress = Callable[[int, int], None]
#: Rows of a lookup table at most, for it is held in memory.
MAX_LOOKUP = 1_000_000
#: Records, and inputs of rules, that are remembered while rows are read.
REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Made:
    """What a rule made of one record, and where that stands: nowhere, for the mapping's own sources."""

    line: Line
    path: Path | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Mapping:
    """A checked mapping file, and its text. Load it with `Mapping.load`; `rows` applies it."""

    declared: Declaration
    text: str = ""

    @classmethod
    def load(cls, path: Path | str) -> Mapping:
        """Read and check a mapping file, or one of the shipped ones by name.

        Raises:
            BadInput: the file cannot be read or is wrong; the message names the file and the key.
        """
        file = _file(path)
        if not file.is_file():
            raise BadInput.at(str(path), f"is no file, nor one of the mappings that come along: {', '.join(shipped())}")
        try:
            text = file.read_text("utf-8")
            return cls(declaration(tomllib.loads(text), file.stem), text)
        except (OSError, UnicodeError) as error:
            raise BadInput.at(str(path), f"cannot be read: {error}") from error
        except tomllib.TOMLDecodeError as error:
            raise BadInput.at(str(path), f"is not TOML: {error}") from error
        except BadInput as error:
            raise BadInput(f"{path}: {error.message}", violations=error.violations) from error

    def rows(self, paths: Path | Sequence[Path], progress: Progress | None = None) -> Iterator[Made | BadInput]:
        """The records that the files give, sources first; what is wrong with a row stands in its place, with its line.

        Args:
            paths: files, or folders whose files the mapping knows by name; lookup tables are looked for beside them.
            progress: called now and then with the bytes done and the bytes there are.

        Raises:
            BadInput: a file is not there, none of the mapping's, or lacks a column; a lookup table is missing.
        """
        given = [paths] if isinstance(paths, Path) else list(paths)
        work = [(read, path) for read in self.declared.reads for path in _chosen(read, given)]
        _check_used(given, [path for _, path in work], self.declared.reads)
        needed = {name for read, _ in work for name in read.lookups}
        tables = self._with_lookups(needed, [path if path.is_dir() else path.parent for path in given])
        yield from map(Made, self.declared.sources)
        total = sum(path.stat().st_size for _, path in work if path != STDIN)
        seen = Seen(REMEMBERED)
        done, told = 0, set[Path]()
        for read, path in work:
            for record in records(path, read.shape):
                if isinstance(record, BadInput):
                    if path not in told:
                        yield record
                    continue
                for one in applied(read, record, path, tables, seen):
                    yield one if isinstance(one, BadInput) else Made(one, path, record.number)
                if progress is not None:
                    progress(done + record.read, total)
            told.add(path)
            done += 0 if path == STDIN else path.stat().st_size
        if progress is not None:
            progress(done, total)

    def _with_lookups(self, needed: Set[str], folders: Sequence[Path]) -> Tables:
        found = {**self.declared.tables.lookups}
        for name in sorted(needed):
            one = self.declared.lookups[name]
            path = next((folder / one.file for folder in folders if (folder / one.file).is_file()), None)
            if path is None:
                raise BadInput.at(f"lookup.{name}.file", f"{one.file!r} is not beside the files given; put it there")
            found[name] = _lookup_table(path, one)
        return Tables(self.declared.tables.maps, self.declared.tables.words, found)


def shipped() -> tuple[str, ...]:
    """Names of the mappings that come with worldctx."""
    return tuple(sorted(one.name.removesuffix(".toml") for one in _shelf().iterdir() if one.name.endswith(".toml")))


def _shelf() -> Path:
    return Path(str(files("worldctx") / "packs" / "mappings"))


def _file(path: Path | str) -> Path:
    return _shelf() / f"{path}.toml" if str(path) in shipped() and not Path(path).is_file() else Path(path)


def _chosen(read: Read, given: Sequence[Path]) -> Iterator[Path]:
    for path in given:
        if path != STDIN and path.is_dir():
            yield from (one for one in sorted(path.iterdir()) if one.is_file() and read.takes(one))
        elif read.takes(path):
            yield path


def _check_used(given: Sequence[Path], used: Sequence[Path], reads: Sequence[Read]) -> None:
    patterns = ", ".join(sorted({one for read in reads for one in read.patterns}))
    for path in given:
        if path != STDIN and not path.exists():
            raise BadInput.at(str(path), "is not there")
        if not any(path in (one, one.parent) for one in used):
            raise BadInput.at(str(path), f"is none of the files of this mapping: {patterns}")
        if path == STDIN and used.count(path) > 1:
            raise BadInput.at("standard input", "can be read once, and this mapping reads its file more than once")


def _lookup_table(path: Path, one: Lookup) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for record in records(path, one.shape):
        if isinstance(record, BadInput):
            raise record
        if one.key not in record.value:
            raise BadInput.at(f"{path}: line {record.number}", f"has no {one.key!r}, the key of a lookup table")
        if len(found) >= MAX_LOOKUP:
            raise BadInput.at(str(path), f"has more than {MAX_LOOKUP:,} rows, too many for a lookup table")
        columns = {key: value if isinstance(value, str) else json.dumps(value) for key, value in record.value.items()
                   if value is not None and not isinstance(value, dict | list)}
        found.setdefault(columns.get(one.key, ""), columns)
    return found

