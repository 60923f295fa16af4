"""A pack as one file: the same bytes from the same files, and nothing hostile is unpacked."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worldctx.exchange.pack import archive as module
from worldctx.exchange.pack.archive import pack_folder, write_archive
from worldctx.model.errors import BadInput

NAMES = st.text("abcxyz0", min_size=1, max_size=5)


def packed(folder: Path) -> bytes:
    target = io.BytesIO()
    write_archive(folder, [path for path in folder.rglob("*") if path.is_file()], target)
    return target.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def zip_of(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pack.toml", "name = 'a'")
        archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


@settings(max_examples=30)
@given(st.dictionaries(st.tuples(NAMES, NAMES).map("/".join), st.binary(max_size=2_000), min_size=1, max_size=6))
def test_what_is_packed_comes_out_as_it_was(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]) -> None:
    folder = tmp_path_factory.mktemp("pack")
    for name, data in files.items():
        (folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "in" / name).write_bytes(data)
    (folder / "p.zip").write_bytes(packed(folder / "in"))
    with pack_folder(folder / "p.zip") as found:
        assert contents(found) == files
    assert not found.exists()


def test_the_same_files_are_the_same_bytes_wherever_and_whenever_they_were_written(rail: Path, tmp_path: Path) -> None:
    first = packed(rail)
    elsewhere = tmp_path / "other" / "name"
    elsewhere.mkdir(parents=True)
    for path in sorted(rail.iterdir(), reverse=True):
        (elsewhere / path.name).write_bytes(path.read_bytes())
        os.utime(elsewhere / path.name, (0, 0))
        (elsewhere / path.name).chmod(0o600)
    assert packed(elsewhere) == first


def test_a_folder_is_used_where_it_lies(rail: Path) -> None:
    with pack_folder(rail) as found:
        assert found == rail
    assert rail.is_dir()


@pytest.mark.parametrize("name", ["../out.txt", "a/../../out.txt", "/tmp/out.txt", "..\\out.txt", "a/b/../../../out.txt"])
def test_a_member_that_leads_out_is_not_unpacked(tmp_path: Path, name: str) -> None:
    path = zip_of(tmp_path, name, b"x")
    with pytest.raises(BadInput, match="leads out of the pack; it is not unpacked"), pack_folder(path):
        pass
    assert not list(tmp_path.parent.glob("out.txt"))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = zip_of(tmp_path, "zeros", bytes(64 * 2**20))
    assert path.stat().st_size < 2**17
    with pytest.raises(BadInput, match="expands to more than a pack may have"), pack_folder(path):
        pass


def test_what_an_archive_says_of_its_sizes_is_not_believed(tmp_path: Path) -> None:
    path = zip_of(tmp_path, "zeros", bytes(64 * 2**20))
    data = path.read_bytes()
    path.write_bytes(data.replace((64 * 2**20).to_bytes(4, "little"), (5).to_bytes(4, "little")))
    with pytest.raises(BadInput), pack_folder(path):
        pass


def test_too_many_files_are_refused_before_any_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILES", 3)
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(4):
            archive.writestr(f"{number}", b"")
    with pytest.raises(BadInput, match="holds 4 files; a pack has 3 at most"), pack_folder(path):
        pass


@pytest.mark.parametrize("harm", ["cut", "flipped", "text", "empty"])
def test_a_damaged_file_is_told_as_such(rail: Path, tmp_path: Path, harm: str) -> None:
    data = packed(rail)
    path = tmp_path / "p.zip"
    path.write_bytes({"cut": data[: len(data) // 2], "flipped": data[:60] + bytes(byte ^ 255 for byte in data[60:90]) + data[90:],
                      "text": b"a pack", "empty": b""}[harm])
    with pytest.raises(BadInput, match=r"p\.zip: is no pack: it cannot be unpacked"), pack_folder(path):
        pass


@settings(max_examples=150)
@given(st.data())
def test_damage_anywhere_is_told_or_does_no_harm(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("pack")
    (folder / "in").mkdir()
    (folder / "in" / "a.txt").write_bytes(b"some text " * 20)
    (folder / "in" / "b.txt").write_bytes(b"more text " * 20)
    sound = bytearray(packed(folder / "in"))
    for place in data.draw(st.lists(st.integers(0, len(sound) - 1), min_size=1, max_size=8)):
        sound[place] = data.draw(st.integers(0, 255))
    (folder / "p.zip").write_bytes(sound)
    try:
        with pack_folder(folder / "p.zip") as found:
            assert all(len(one) <= 200 for one in contents(found).values())
    except BadInput as error:
        assert "p.zip" in error.message


def test_a_file_without_a_name_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"some text")
    data = bytearray(packed(tmp_path / "in"))
    name = data.rindex(b"a.txt")
    data[name] = 0  # a name ends with a NUL
    (tmp_path / "p.zip").write_bytes(data)
    with pytest.raises(BadInput, match="without a name"), pack_folder(tmp_path / "p.zip"):
        pass


def test_an_encrypted_file_is_told_as_such(rail: Path, tmp_path: Path) -> None:
    data = bytearray(packed(rail))
    data[6] |= 1  # the bit that says so, in the first file's own header and in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "p.zip").write_bytes(data)
    with pytest.raises(BadInput, match="cannot be unpacked"), pack_folder(tmp_path / "p.zip"):
        pass


def test_a_link_in_an_archive_is_no_link_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    link = zipfile.ZipInfo("data")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pack_folder(path) as found:
        assert not (found / "data").is_symlink()
        assert (found / "data").read_text(encoding="utf-8") == "/etc/passwd"


def test_a_pack_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not there; name a folder, or what `worldctx pack build` made"), pack_folder(tmp_path / "gone.zip"):
        pass
