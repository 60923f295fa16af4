"""A domain pack as an importer: what its files say, all of it told by sources that are the pack's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from worldctx.exchange.facts import Line
from worldctx.exchange.facts_file import FactsFiles
from worldctx.exchange.importer import Importer, Taken
from worldctx.exchange.mapped_files import MappedFiles
from worldctx.exchange.mapping import Mapping
from worldctx.exchange.pack.declaration import FILE, PackDeclaration, Part, Policy, declared
from worldctx.model.clocks import Basis, Known
from worldctx.model.entity import Entity, Name
from worldctx.model.errors import BadInput, Unsupported
from worldctx.model.fact import Fact, Literal
from worldctx.model.ids import EntityId, FactId, SourceId, digest
from worldctx.model.source import Source, host_of

#: What has the installed packs as its parts (schema:hasPart), and what a pack's own facts are called.
PACKS = EntityId("worldctx:packs")
HAS_PART, VERSION, TITLE, LICENCE, HAS_SOURCE = "has_part", "version", "title", "license", "has_source"
#: What its files hold, so that a pack that was changed without a new version is not put on top of what is there.
DIGEST = "digest"
METHOD = "pack@1"


class PackFiles:
    """An importer of the pack in a folder.

    Every source that the pack names becomes one of its own (`pack:telecom:3gpp`), and what names none is told by the
    pack itself (`pack:telecom`): erasing these sources takes out all that the pack brought in, and nothing else.

    Args:
        folder: of the pack.

    Raises:
        BadInput: the folder holds no pack, or one that is wrong.
    """

    def __init__(self, folder: Path) -> None:
        self.declared: PackDeclaration = declared(folder)
        self.folder = folder
        self.own = pack_source(self.declared.name)
        self._importers: dict[Path, tuple[Importer, Part]] = {}
        self._in_order: list[Importer] = []
        self._read: set[Path] = set()
        for place, part in enumerate(self.declared.parts):
            files = matching(folder, part.files, f"read[{place}].files")
            importer = _importer(folder, part, files, self.own)
            # Tables that belong together are read as one.
            names = [folder / f"read[{place}]"] if part.format == "map" else files
            self._importers |= dict.fromkeys(names, (importer, part))
            self._in_order.append(importer)
            self._read.update(files)
        self.name = f"{self.own}@{self.declared.version}"
        self.choices = digest(*(path.read_bytes().decode("latin-1") for path in self.files()))

    @property
    def parts(self) -> list[Path]:
        """What is read, in order: files, and for tables one name for all that belong together."""
        return list(self._importers)

    def files(self) -> list[Path]:
        """All files that make up the pack: what is read, its mappings and shapes, and `pack.toml`."""
        mappings = [self.folder / part.mapping for part in self.declared.parts if part.mapping]
        given = [path for path in mappings if path.is_file()]
        return sorted({self.folder / FILE, *self._read, *given, *self.shapes()})

    def rdf_files(self) -> list[Path]:
        """Its files of RDF."""
        return [path for place, part in enumerate(self.declared.parts) if part.format == "rdf"
                for path in matching(self.folder, part.files, f"read[{place}].files")]

    def shapes(self) -> list[Path]:
        """Its files of SHACL shapes."""
        return matching(self.folder, self.declared.shapes, "shapes") if self.declared.shapes else []

    def begin(self) -> Iterator[Line]:
        """See Importer: the pack as a source, what is known of it, and what its files need first."""
        one = self.declared
        yield Source(self.own, one.title, one.url, published=one.published, host=host_of(one.url))
        pack = EntityId(self.own)
        yield self._own_fact(PACKS, HAS_PART, pack)
        for predicate, value in ((VERSION, one.version), (TITLE, one.title), (LICENCE, one.licence),
                                 (DIGEST, self.choices)):
            yield self._own_fact(pack, predicate, Literal(value))
        for importer in self._in_order:
            for line in importer.begin():
                yield from self._owned(line)

    def records(self, path: Path, after: int = 0) -> Iterator[Taken]:
        """See Importer."""
        importer, part = self._importers[path]
        for taken in importer.records(path, after):
            yield replace(taken, lines=tuple(own for line in taken.lines for own in self._owned(line, part.weight)))

    def lines_beside_rdf(self) -> Iterator[Line]:
        """What its tables and its files of facts tell; what is wrong with them is left out."""
        for path, (_, part) in self._importers.items():
            if part.format != "rdf":
                for taken in self.records(path):
                    yield from taken.lines

    def _owned(self, line: Line, weight: float = 0.0) -> Iterator[Line]:
        if isinstance(line, Source):
            own = self._source(line.id)
            if own != self.own:  # the pack as a source is told at the beginning
                yield replace(line, id=own)
                yield self._own_fact(EntityId(self.own), HAS_SOURCE, Literal(own))
        elif isinstance(line, Entity):
            yield replace(line, names=kept_names(line.names, self.declared.policy), weight=line.weight or weight,
                          source=self._source(line.source))
        else:
            yield replace(line, source=self._source(line.source))

    def _source(self, given: SourceId | None) -> SourceId:
        if given is None or given == self.own or given.startswith(f"{self.own}:"):
            return given or self.own
        return SourceId(f"{self.own}:{given.removeprefix('src:')}")

    def _own_fact(self, subject: EntityId, predicate: str, said: Literal | EntityId) -> Fact:
        literal = said if isinstance(said, Literal) else None
        target = None if isinstance(said, Literal) else said
        known = Known(self.declared.published, Basis.STATED) if self.declared.published else Known()
        return Fact(FactId(""), subject, predicate, target, literal, known=known, source=self.own, method=METHOD)


def pack_source(name: str) -> SourceId:
    """The source that a pack is."""
    return SourceId(f"pack:{name}")


def kept_names(names: Sequence[Name], policy: Policy) -> tuple[Name, ...]:
    """The names that a policy keeps; the preferred ones always, for they are the labels."""
    return tuple(name for name in names if name.preferred or _is_kept(name, policy))


def _is_kept(name: Name, policy: Policy) -> bool:
    if name.text.casefold() in policy.drop:
        return False
    if policy.languages and name.lang and name.lang not in policy.languages:
        return False
    return len(name.text) >= policy.min_length or (policy.acronyms and name.text.isupper())


def matching(folder: Path, patterns: Sequence[str], where: str) -> list[Path]:
    """The files of a folder that patterns match, in the order of the patterns and then of their names.

    Raises:
        BadInput: a pattern matches none, or leads out of the folder by a link.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        paths = sorted(path for path in folder.glob(pattern) if path.is_file())
        if not paths:
            raise BadInput.at(where, f"{pattern!r} matches no file in {folder}")
        for path in paths:
            if not path.resolve().is_relative_to(folder.resolve()):
                raise BadInput.at(where, f"{path} leads out of the pack; put the file itself there")
        found |= dict.fromkeys(paths)
    return list(found)


def _importer(folder: Path, part: Part, files: Sequence[Path], own: SourceId) -> Importer:
    makers: dict[str, Callable[[], Importer]] = {
        "facts": lambda: FactsFiles(files),
        "map": lambda: MappedFiles(Mapping.load(_mapping(folder, part)), files),
        "rdf": lambda: _rdf(folder, part, own),
    }
    return makers[part.format]()


def _rdf(folder: Path, part: Part, own: SourceId) -> Importer:
    try:
        from worldctx.exchange.rdf.importer import RdfImporter
        from worldctx.exchange.rdf.mapping import DEFAULT
    except ImportError as error:
        raise Unsupported(f"{error.name} is not installed; pip install 'worldctx[rdf]'") from error
    return RdfImporter.of(str(_mapping(folder, part)) if part.mapping else DEFAULT, source=own)


def _mapping(folder: Path, part: Part) -> Path | str:
    """A mapping file of the pack, or the name of one that comes along."""
    own = folder / part.mapping
    return own if own.is_file() else part.mapping
