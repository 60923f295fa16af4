"""Files of the facts format, sources first: a fact may name a source that stands further down, or in a later file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile

from worldctx.exchange.facts import Line, read_record
from worldctx.exchange.fields import parse_object
from worldctx.exchange.importer import Taken
from worldctx.exchange.jsonl import Line as TextLine
from worldctx.exchange.jsonl import lines, located
from worldctx.exchange.streams import STDIN
from worldctx.model.errors import BadInput
from worldctx.model.source import Source


class FactsFiles:
    """An importer of the facts format; the inverse of `export facts`.

    Args:
        paths: all files that belong together. Their sources are told before anything else, so that they are read twice;
            of standard input, which can be read once, the other lines wait in a temporary file.
    """

    name = "facts"
    choices = ""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def begin(self) -> Iterator[Line]:
        """See Importer: the good sources of all files."""
        for path in self._paths:
            if path == STDIN or not path.is_file():  # what cannot be opened is told of when its turn comes
                continue
            for line in lines(path):
                if isinstance(line, TextLine) and _may_be_source(line.data):
                    taken = _taken(path, line)
                    yield from (one for one in taken.lines if isinstance(one, Source))

    def records(self, path: Path, after: int = 0) -> Iterator[Taken]:
        """See Importer."""
        if path == STDIN:
            yield from _sources_first()
            return
        for count, line in enumerate(lines(path)):
            if count >= after:
                yield Taken(_number(line), error=line) if isinstance(line, BadInput) else _taken(path, line)


def _number(line: TextLine | BadInput) -> int:
    return line.number if isinstance(line, TextLine) else 0


def _sources_first() -> Iterator[Taken]:
    with TemporaryFile() as later:
        for line in lines(STDIN):
            if isinstance(line, BadInput):
                yield Taken(0, error=line)
            elif _may_be_source(line.data):
                yield _taken(STDIN, line)
            else:
                later.write(b"%d %s\n" % (line.number, line.data))
        later.seek(0)
        for data in later:
            number, _, text = data.rstrip(b"\n").partition(b" ")
            yield _taken(STDIN, TextLine(int(number), text, 0))


def _may_be_source(data: bytes) -> bool:
    """Cheap, and wrong only in the harmless direction: what is no source may go first, too."""
    return b'"source"' in data and b'"subject"' not in data


def _taken(path: Path, line: TextLine) -> Taken:
    try:
        made = read_record(parse_object(line.data))
    except BadInput as error:
        return Taken(line.number, error=located(error, path, line.number), raw=line.data.decode("utf-8", "replace"),
                     read=line.read, size=line.size)
    return Taken(line.number, (made,), read=line.read, size=line.size)
