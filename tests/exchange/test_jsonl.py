"""Lines come out of plain and compressed files with their numbers; what is wrong is said at its line."""

import gzip
import io
import sys
from pathlib import Path

import pytest
import zstandard

from worldctx.exchange import jsonl, streams
from worldctx.exchange.jsonl import Line, lines, objects
from worldctx.model.errors import BadInput

TEXT = b'{"n": 1}\n\n{"n": 2}\r\n{"n": 3}'


def read(path: Path) -> list[tuple[int, bytes]]:
    return [(one.number, one.data) for one in lines(path) if isinstance(one, Line)]


@pytest.mark.parametrize("packed", [TEXT, gzip.compress(TEXT, mtime=0), gzip.compress(TEXT[:9], mtime=0) + gzip.compress(TEXT[9:], mtime=0),
                                    zstandard.compress(TEXT), zstandard.compress(TEXT[:9]) + zstandard.compress(TEXT[9:]),
                                    b"\xef\xbb\xbf" + TEXT])
def test_lines_are_the_same_however_the_file_is_packed(tmp_path: Path, packed: bytes) -> None:
    path = tmp_path / "any.name"
    path.write_bytes(packed)
    assert read(path) == [(1, b'{"n": 1}'), (3, b'{"n": 2}'), (4, b'{"n": 3}')]


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"n": 1}\n' * 1000))
    last = list(lines(path))[-1]
    assert isinstance(last, Line)
    assert last.read == last.size == path.stat().st_size


def test_standard_input_is_read_and_seen_through_its_compression(monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(gzip.compress(TEXT))

    monkeypatch.setattr(sys, "stdin", Input)
    assert [number for number, _ in read(Path("-"))] == [1, 3, 4]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_file_that_breaks_off_gives_its_lines_and_then_one_error(tmp_path: Path, pack) -> None:
    path = tmp_path / "a.jsonl.gz"
    whole = b"".join(b'{"n": %d, "x": "%d"}\n' % (n, n * n * n * 7919) for n in range(50_000))
    packed = pack(whole)
    path.write_bytes(packed[: len(packed) // 2])
    found = list(lines(path))
    assert isinstance(found[-1], BadInput)
    assert "breaks off" in found[-1].message and "after line" in found[-1].message
    assert len(found) > 1000
    assert all(isinstance(one, Line) for one in found[:-1])
    assert b"\n".join(one.data for one in found[:-1] if isinstance(one, Line)) + b"\n" == whole[: sum(
        len(one.data) + 1 for one in found[:-1] if isinstance(one, Line))]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_decompression_bomb_is_stopped(tmp_path: Path, pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "FREE", 2**20)
    monkeypatch.setattr(streams, "MAX_RATIO", 100)
    path = tmp_path / "bomb"
    path.write_bytes(pack(b"x" * 2**26))
    (found,) = lines(path)
    assert isinstance(found, BadInput)
    assert "expands" in found.message


def test_a_line_that_is_too_long_is_passed_over_and_the_next_ones_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "MAX_LINE", 100)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"n": 1}\n{"n": "' + b"x" * 500 + b'"}\n{"n": 3}\n')
    first, second, third = lines(path)
    assert isinstance(first, Line) and isinstance(third, Line) and third.number == 3
    assert isinstance(second, BadInput) and "line 2" in second.message


@pytest.mark.parametrize(("bad", "reason"), [
    (b'{"a": "\xff"}', "UTF-8"), (b'{"a": "\x00"}', "JSON"), (b"[1]", "list"), (b"{", "JSON"), (b'{"a":1,"a":2}', "twice"),
    (b'{"a": NaN}', "NaN"), (b'{"a": -Infinity}', "Infinity"), (b"[" * 100_000, "JSON"), (b'{"a": 1' + b"0" * 5000 + b"}", "JSON"),
])
def test_a_bad_line_is_named_by_file_and_line_and_the_next_ones_come(tmp_path: Path, bad: bytes, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"n": 1}\n' + bad + b'\n{"n": 3}\n')
    first, second, third = objects(path)
    assert isinstance(second, BadInput)
    assert f"{path}: line 2: " in second.message and reason in second.message
    assert not isinstance(first, BadInput) and not isinstance(third, BadInput)
    assert third[1] == {"n": 3}


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        list(lines(tmp_path / "none.jsonl"))
