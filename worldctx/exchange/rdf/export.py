"""Writing knowledge as RDF, as it comes from the graph: nothing is held but the line at hand."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, cast

from pyoxigraph import Quad, RdfFormat, Store, Triple, serialize

from worldctx.exchange.facts import Line
from worldctx.exchange.rdf.encode import PREFIXES, encode
from worldctx.exchange.rdf.mapping import default
from worldctx.exchange.rdf.node_objects import write_json
from worldctx.exchange.rdf.syntax import format_of
from worldctx.exchange.streams import name_of
from worldctx.model.errors import BadInput

#: Syntaxes that are written; RDF/XML has no graphs and no triple terms, and cannot write all characters.
WRITTEN = (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.N_QUADS, RdfFormat.N_TRIPLES, RdfFormat.JSON_LD)


def target_format(path: Path, named: str, *, reifiers: bool) -> RdfFormat:
    """The syntax of an export, by name or by what was asked for.

    Raises:
        BadInput: it is not known, not written, or cannot say what was asked for.
    """
    syntax = format_of(path, named)
    if syntax not in WRITTEN:
        listed = ", ".join(one.file_extension for one in WRITTEN)
        raise BadInput.at(name_of(path), f"{syntax.name} is read but not written; give one of {listed}")
    if reifiers and syntax == RdfFormat.JSON_LD:
        raise BadInput.at("--reifiers", "JSON-LD 1.1 has no triple terms; write ttl, trig, nq or nt, "
                                      "or leave --reifiers out")
    return syntax


def write(lines: Iterable[Line], stream: BinaryIO, syntax: RdfFormat, *, reifiers: bool = False) -> None:
    """Write lines, in the order of `GraphStore.knowledge`, to a stream.

    Turtle and N-Triples have no graphs: each node names its source itself, so that nothing is lost.

    Args:
        reifiers: facts as RDF 1.2 reifiers of triple terms, instead of `rdf:Statement`.
    """
    quads = encode(lines, default().naming, reifiers=reifiers, graphs=syntax.supports_datasets)
    if syntax == RdfFormat.JSON_LD:
        write_json(quads, stream)
        return
    head = _Head(stream)
    serialize(quads if syntax.supports_datasets else _triples(quads), cast("BinaryIO", head), syntax, prefixes=PREFIXES)
    head.close()


def write_store(lines: Iterable[Line], folder: Path, *, reifiers: bool = False) -> None:
    """Write lines into a new store of Oxigraph, to be asked in SPARQL: there whole or not at all.

    The store writes numbers in their shortest form; it is for asking, and `write` for taking along.

    Raises:
        BadInput: the folder is there already.
    """
    if folder.exists():
        raise BadInput.at(str(folder), "is there already; name a folder that is not")
    with TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as temporary:
        made = Path(temporary) / "store"
        store = Store(str(made))
        store.bulk_extend(encode(lines, default().naming, reifiers=reifiers))
        store.flush()
        del store  # closes it
        made.rename(folder)


def _triples(quads: Iterable[Quad]) -> Iterator[Triple]:
    for one in quads:
        yield one.triple


class _Head(io.RawIOBase):
    """A stream that puts its first lines, the prefixes, into order: the library writes them in any."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream, self._held, self._open = stream, b"", True

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if not self._open:
            self._stream.write(data)
            return len(data)
        self._held += bytes(data)
        lines = self._held.split(b"\n")
        if any(not line.startswith(b"@prefix ") for line in lines[:-1]):
            self._release()
        return len(data)

    def _release(self) -> None:
        lines = self._held.split(b"\n")
        count = next((place for place, line in enumerate(lines) if not line.startswith(b"@prefix ")), len(lines))
        self._stream.write(b"\n".join([*sorted(lines[:count]), *lines[count:]]))
        self._held, self._open = b"", False

    def close(self) -> None:
        if self._open and not self.closed:
            self._release()
        super().close()
