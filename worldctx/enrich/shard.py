"""A shard: one input file and the output that stands for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path, PurePosixPath

from worldctx.exchange.streams import STDIN
from worldctx.model.errors import BadInput

PACKED, PLAIN = (".gz", ".zst"), (".jsonl", ".ndjson", ".json")
OUTPUT = ".ctx.jsonl.zst"


@dataclass(frozen=True, slots=True)
class Shard:
    """One input file; `name` is its output's path below the output folder."""

    path: Path
    name: str


def shards_of(inputs: Sequence[Path], out: Path) -> list[Shard]:
    """The shards of files and folders, in the order given; folders give their JSON lines files by path, sorted.

    What lies in the output folder is no input, so that it may lie in an input folder.

    Raises:
        BadInput: standard input (it cannot be read again after a break), a missing or empty folder, a name that is not
            UTF-8, or two inputs whose outputs would have one name.
    """
    found = [shard for path in inputs for shard in _below(path, out)]
    taken: dict[str, Path] = {}
    for shard in found:
        try:
            shard.name.encode()
        except UnicodeEncodeError as error:
            raise BadInput.at("IN", f"the file name {shard.name!a} is not UTF-8; rename it") from error
        other = taken.setdefault(shard.name, shard.path)
        if other is not shard.path:
            raise BadInput.at("IN", f"{other} and {shard.path} would both become {shard.name}; rename one")
    return found


def _below(path: Path, out: Path) -> Iterator[Shard]:
    if path == STDIN:
        raise BadInput.at("IN", "standard input cannot be read again after a break; write it to a file first")
    if not path.is_dir():
        yield Shard(path, output_name(path.name))
        return
    home = out.resolve()
    inside = sorted(
        one for one in path.rglob("*") if one.is_file() and _is_lines(one) and home not in one.resolve().parents
    )
    if not inside:
        raise BadInput.at(str(path), f"no file in it ends in {', '.join(PLAIN)} (with .gz or .zst or without)")
    for one in inside:
        yield Shard(one, output_name(one.relative_to(path).as_posix()))


def _is_lines(path: Path) -> bool:
    bare = path.with_suffix("") if path.suffix in PACKED else path
    return bare.suffix in PLAIN


def output_name(name: str) -> str:
    """Name of the output for an input: `1990/speeches.jsonl.gz` becomes `1990/speeches.ctx.jsonl.zst`."""
    path = PurePosixPath(name)
    for suffixes in (PACKED, PLAIN):
        path = path.with_suffix("") if path.suffix in suffixes else path
    return f"{path}{OUTPUT}"


def digest_of(path: Path) -> str:
    """BLAKE2b of a file's bytes as they are stored.

    Raises:
        BadInput: it cannot be read.
    """
    state = blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                state.update(chunk)
    except OSError as error:
        raise BadInput.at(str(path), f"cannot be read: {error.strerror}") from error
    return state.hexdigest()
