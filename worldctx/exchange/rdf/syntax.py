"""The syntaxes of RDF: which one a file is in, and its quads, read as they come, up to where something is wrong."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pyoxigraph import Quad, RdfFormat, parse

from worldctx.exchange.rdf.guards import Guarded, XmlGuard, triple_term_guard
from worldctx.exchange.streams import DAMAGE, name_of, open_stream
from worldctx.model.errors import BadInput

Bytes: TypeAlias = "io.BufferedReader[Guarded]"
#: Names of the syntaxes, as file suffixes; a packing suffix is taken off first.
FORMATS = {
    "ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "nq": RdfFormat.N_QUADS, "trig": RdfFormat.TRIG,
    "rdf": RdfFormat.RDF_XML, "xml": RdfFormat.RDF_XML, "owl": RdfFormat.RDF_XML, "jsonld": RdfFormat.JSON_LD,
    "json": RdfFormat.JSON_LD, "turtle": RdfFormat.TURTLE, "ntriples": RdfFormat.N_TRIPLES,
    "nquads": RdfFormat.N_QUADS,
}
_PACKED = frozenset({".gz", ".zst", ".bz2"})
_LINES = frozenset({RdfFormat.N_TRIPLES, RdfFormat.N_QUADS})
#: Of lines, bytes that are parsed at a time, and the longest one.
BLOCK, MAX_LINE = 2**18, 32 * 2**20
#: JSON-LD is held in memory by its parser, some twenty times its size.
MAX_JSON = 32 * 2**20
#: Bad lines at the head of a file, with no good one among them, after which it is taken for something else.
_HOPELESS = 1000
_BOM = b"\xef\xbb\xbf"
_CONTEXT = re.compile(rb'"@(?:context|import)"\s*:\s*(?:\[\s*(?:\{[^{}]*\}\s*,\s*)*)?"((?:[^"\\]|\\.){1,300})"')
_OWN_COUNT = re.compile(r"^Parser error (?:at line \d+ (?:between columns? \d+ and \d+|column \d+)|between [^:]*): ")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something wrong in a file, and the line it stands in, 0 where that is not known."""

    error: BadInput
    line: int = 0
    raw: str = ""


@dataclass(slots=True)
class Content:
    """What reading a file came to, once all of its quads were taken: the digest of its bytes, decompressed."""

    digest: str = ""
    size: int = 0


def format_of(path: Path, named: str = "") -> RdfFormat:
    """The syntax of a file, by name or by what was asked for.

    Raises:
        BadInput: it is not known.
    """
    bare = path.with_suffix("") if path.suffix in _PACKED else path
    suffix = named.lower() or bare.suffix.removeprefix(".").lower()
    found = FORMATS.get(suffix)
    if found is None:
        listed = ", ".join(FORMATS)
        field = "--format" if named else name_of(path)
        raise BadInput.at(field, f"{suffix or 'no suffix'!r} is no syntax of RDF that is known here; "
                                 f"give --format, one of {listed}")
    return found


def quads(path: Path, syntax: RdfFormat, base: str = "", content: Content | None = None) -> Iterator[Quad | Wrong]:
    """The quads of a file; what is wrong stands in its place. Of lines one is lost, else all that follows.

    Args:
        path: the file, packed or not; `-` is standard input.
        base: what relative IRIs are relative to.
        content: told about the file at the end.

    Raises:
        BadInput: the file cannot be opened.
    """
    name = name_of(path)
    with open_stream(path) as stream:
        guard = XmlGuard(name) if syntax == RdfFormat.RDF_XML else triple_term_guard(name)
        guarded = Guarded(stream, guard if syntax != RdfFormat.JSON_LD else None)
        buffer = io.BufferedReader(guarded, 2**16)
        try:
            if buffer.peek(len(_BOM)).startswith(_BOM):
                buffer.read(len(_BOM))
            if syntax in _LINES:
                yield from _lines(buffer, syntax, name)
            elif syntax == RdfFormat.JSON_LD:
                yield from _json(buffer, name, base)
            else:
                yield from _rest(buffer, syntax, name, base)
        except BadInput as error:
            yield Wrong(error)
        except DAMAGE as error:
            yield Wrong(BadInput.at(name, f"breaks off or is damaged ({error}); the rest was not read"))
        if content is not None:
            content.digest, content.size = guarded.digest(), stream.size


def _rest(buffer: Bytes, syntax: RdfFormat, name: str, base: str) -> Iterator[Quad | Wrong]:
    try:
        yield from parse(buffer, format=syntax, base_iri=base or None)
    except SyntaxError as error:
        yield Wrong(BadInput.at(_place(name, error), f"{_reason(error)}; the rest of the file was not read"),
                    error.lineno or 0)


def _json(buffer: Bytes, name: str, base: str) -> Iterator[Quad | Wrong]:
    data = buffer.read(MAX_JSON + 1)
    if len(data) > MAX_JSON:
        raise BadInput.at(name, f"is JSON-LD of more than {MAX_JSON:,} bytes, which has to be held in memory; "
                                "split it, or convert it to N-Quads")
    try:
        yield from parse(data, format=RdfFormat.JSON_LD, base_iri=base or None)
    except SyntaxError as error:
        if "remote context" in str(error.msg) or "LoadDocumentCallback" in str(error.msg):
            raise BadInput.at(name, f"needs the context {_remote(data)}, and nothing is fetched from the network; "
                                    "put that context's content in its place") from error
        yield Wrong(BadInput.at(_place(name, error), f"{_reason(error)}; the rest of the file was not read"),
                    error.lineno or 0)


def _remote(data: bytes) -> str:
    found = _CONTEXT.search(data)
    return repr(found[1].decode("utf-8", "replace")) if found else "of another file"


def _lines(buffer: Bytes, syntax: RdfFormat, name: str) -> Iterator[Quad | Wrong]:
    good = bad = 0
    for first, block in _blocks(buffer, name):
        if isinstance(block, Wrong):
            yield block
            continue
        start, number = 0, first
        while start < len(block):
            try:
                for quad in parse(block[start:], format=syntax):
                    good += 1
                    yield quad
                break
            except SyntaxError as error:
                bad += 1
                offset = (error.lineno or 1) - 1
                start, raw, number = _behind(block, start, offset, number)
                where = f"{name}: line {number - 1}"
                yield Wrong(BadInput.at(where, _reason(error)), number - 1, raw)
                if not good and bad >= _HOPELESS:
                    raise BadInput.at(name, f"is no {syntax.name}: its first {bad} lines are all wrong; "
                                            "give --format") from error


def _behind(block: bytes, start: int, offset: int, number: int) -> tuple[int, str, int]:
    """Where the line behind a bad one starts, the bad one, and the number of the one behind it."""
    for _ in range(offset):
        start = block.index(b"\n", start) + 1
    end = block.find(b"\n", start)
    end = len(block) if end < 0 else end
    return end + 1, block[start : min(end, start + 1000)].decode("utf-8", "replace"), number + offset + 1


def _blocks(buffer: Bytes, name: str) -> Iterator[tuple[int, bytes | Wrong]]:
    """Whole lines, many at a time, with the number of the first; one that is too long is passed over."""
    number = 1
    while block := buffer.read(BLOCK):
        if not block.endswith(b"\n"):
            block += buffer.readline(MAX_LINE)
            if len(block) > MAX_LINE and not block.endswith(b"\n"):
                whole = block.rfind(b"\n") + 1
                lines = block.count(b"\n")
                if whole:
                    yield number, block[:whole]
                number += lines
                yield number, Wrong(BadInput.at(f"{name}: line {number}", f"is longer than {MAX_LINE:,} bytes"), number)
                while (data := buffer.readline(BLOCK)) and not data.endswith(b"\n"):
                    pass
                number += 1
                continue
        yield number, block
        number += block.count(b"\n")


def _place(name: str, error: SyntaxError) -> str:
    return f"{name}: line {error.lineno}, column {error.offset}" if error.lineno else name


def _reason(error: SyntaxError) -> str:
    """The parser's words without its own count of lines, which may begin in the middle of the file."""
    return _OWN_COUNT.sub("", str(error.msg))[:300]




