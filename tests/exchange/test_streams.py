"""Files are read whatever they are packed with, to their end and no further than is sound."""

from __future__ import annotations

import bz2
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from worldctx.exchange import streams as module
from worldctx.exchange.streams import DAMAGE, open_stream
from worldctx.model.errors import BadInput

TEXT = b"".join(b"%d %x\n" % (number, number * 7919**3) for number in range(50_000))
PACKERS = [gzip.compress, bz2.compress, zstandard.compress]


def read(path: Path, step: int = 2**16) -> bytes:
    with open_stream(path) as stream:
        found = b""
        while data := stream.read(step):
            found += data
        return found


@pytest.mark.parametrize("packed", [bytes, *PACKERS])
@pytest.mark.parametrize("step", [1000, 2**16, 2**22])
def test_a_file_is_read_whole(tmp_path: Path, packed: Callable[[bytes], bytes], step: int) -> None:
    path = tmp_path / "x"
    path.write_bytes(packed(TEXT))
    assert read(path, step) == TEXT


@pytest.mark.parametrize("packed", PACKERS)
def test_several_streams_in_one_file_are_read_one_after_another(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"".join(packed(TEXT[start : start + 9000]) for start in range(0, len(TEXT), 9000)) + packed(b""))
    assert read(path) == TEXT


@pytest.mark.parametrize("packed", PACKERS)
def test_a_file_that_breaks_off_is_damage_wherever_it_does(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    whole = packed(TEXT)
    for cut in (5, 20, len(whole) // 2, len(whole) - 1):
        (tmp_path / "x").write_bytes(whole[:cut])
        with pytest.raises(DAMAGE):
            read(tmp_path / "x")


@pytest.mark.parametrize("packed", PACKERS)
def test_a_changed_byte_is_damage(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    whole = bytearray(packed(TEXT))
    if packed is zstandard.compress:
        whole = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(TEXT))
    whole[len(whole) // 2] ^= 0x55
    (tmp_path / "x").write_bytes(bytes(whole))
    with pytest.raises(DAMAGE):
        assert read(tmp_path / "x") == TEXT


def test_what_stands_behind_a_bzip2_stream_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(bz2.compress(TEXT) + b"more")
    with pytest.raises(DAMAGE):
        read(tmp_path / "x")


@pytest.mark.parametrize("packed", PACKERS)
def test_what_expands_without_end_is_left_before_it_takes_memory(tmp_path: Path, packed: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FREE", 2**20)
    monkeypatch.setattr(module, "MAX_RATIO", 10)
    (tmp_path / "x").write_bytes(packed(bytes(50_000_000)))
    got = 0
    with open_stream(tmp_path / "x") as stream, pytest.raises(BadInput, match="expands to more than 10 times"):
        while data := stream.read(2**16):
            got += len(data)
    assert got < 2**21


def test_bzip2_makes_no_more_at_a_time_than_is_asked_for(tmp_path: Path) -> None:
    """900 kB of zeros are packed into some 40 bytes; a reader that unpacks what it reads would make gigabytes of them."""
    (tmp_path / "x").write_bytes(bz2.compress(bytes(100_000_000)))
    with open_stream(tmp_path / "x") as stream:
        buffer = bytearray(1000)
        for _ in range(100):
            assert 0 < (stream.readinto(memoryview(buffer)) or 0) <= 1000
        assert isinstance(stream, io.RawIOBase)
