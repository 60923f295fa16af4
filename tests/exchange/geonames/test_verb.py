"""`worldctx import geonames`: from published files into a graph; twice is once, and nothing lies in itself."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.exchange.geonames.published import cities, city_row, name, place, write
from worldctx.commands.import_geonames import import_geonames
from worldctx.commands.import_places import import_places
from worldctx.config import Settings
from worldctx.model.entity import Entity
from worldctx.model.ids import EntityId
from worldctx.wiring import reading

FRANCE = EntityId("gn:3017382")
APP = typer.Typer()
APP.command("geonames")(import_geonames)
APP.command("places")(import_places)


def run(*args: object, code: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(APP, [*map(str, args), "--json"])
    assert done.exit_code == code, (done.output, done.exception)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def graph(data: Path) -> Iterator[Any]:
    with reading(Settings.read(data=data)) as found:
        yield found


@pytest.fixture
def dump(tmp_path: Path) -> list[Path]:
    """Real cities, and a small country of our own with divisions, names in time, a circle and two bad rows."""
    folder = tmp_path / "dump"
    folder.mkdir()
    sample = cities()[::300]
    towns = [
        place(90000011, "Région", "A.ADM1", admin="Z1."), place(90000012, "Comté", "A.ADM2", admin="Z1.Z2"),
        place(90000001, "Ville", admin="Z1.Z2", population=1200), place(90000002, "Hameau", admin="Z1.Z2"), place("?", "Personne"),
    ]
    rows = [row.replace("9000", "6000", 1) for row in towns]  # within the numbers that GeoNames uses
    with zipfile.ZipFile(folder / "allCountries.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("allCountries.txt", "\n".join([*map(city_row, sample), *rows]) + "\n")
    names = write(folder, "alternateNamesV2.txt", [
        name(1, 60000001, "en", "Oldtown", "h", "1800", "1899"), name(2, 60000001, "en", "Newtown", "p", "1900"),
        name(3, 60000001, "wkdt", "Q90"), name(4, 60000001, "xx", "Autre"), name(5, "", "en", "Nobody")])
    relations = write(folder, "hierarchy.txt", ["60000001\t60000002\tADM", "60000002\t60000001\tADM"])
    return [relations, names, folder / "allCountries.zip"]


def test_an_import_is_in_the_graph_once_however_often_it_is_made(tmp_path: Path, dump: list[Path]) -> None:
    data = tmp_path / "world"
    first = run("geonames", *dump, "--data", data, code=1)
    assert {key: first[key] for key in ("sources", "refused", "read")} == {"sources": 1, "refused": 4, "read": 126}
    assert first["skipped"] == {"language not chosen": 1}
    reasons = [one["reason"] for one in first["refused_lines"]]
    assert [word in reason for word, reason in zip(("'?'", "geonameid: ''", "lies in it", "lies in it"), reasons, strict=True)] == [True] * 4
    with graph(data) as found:
        before = list(found.dump())
        counts = found.at().counts()
        town = found.at().entities([EntityId("gn:60000001")])[EntityId("gn:60000001")]
        assert [town.label(*span) for span in ((-4 * 10**9, -4 * 10**9 + 1), (0, 1))] == ["Oldtown", "Newtown"]
        assert (town.within, town.same_as) == ("gn:60000012", ("wd:Q90",))
        county, region, hamlet = (found.at().entities([EntityId(key)])[EntityId(key)].within
                                  for key in ("gn:60000012", "gn:60000011", "gn:60000002"))
        assert (county, region, hamlet) == ("gn:60000011", FRANCE, "gn:60000012")
        said, = found.at().facts_about([EntityId("gn:60000001")])
        assert (said.predicate, said.object_text, said.evidence.record) == ("population", "1200", "60000001")
        assert not list(found.check())
    again = run("geonames", *dump, "--data", data, code=1)
    assert {key: again[key] for key in ("sources", "entities", "facts", "revision")} == \
        {"sources": 0, "entities": 0, "facts": 0, "revision": first["revision"]}
    with graph(data) as found:
        assert found.at().counts() == counts and list(found.dump()) == before


def test_it_joins_what_import_places_made(tmp_path: Path, dump: list[Path]) -> None:
    data = tmp_path / "world"
    run("places", "--data", data)
    with graph(data) as found:
        before = {one.id: one for one in found.knowledge() if isinstance(one, Entity)}
    run("geonames", *dump, "--data", data, code=1)
    with graph(data) as found:
        after = {one.id: one for one in found.knowledge() if isinstance(one, Entity)}
        france = found.at().entities([FRANCE])[FRANCE]
    assert {key for key in after if key not in before} <= {f"gn:600000{number}" for number in ("01", "02", "11", "12")}
    for city in cities()[::300]:
        one, other = (world[EntityId(f"gn:{city['geonameid']}")] for world in (before, after))
        assert (one.lat, one.lon, one.weight) == (other.lat, other.lon, other.weight)
        assert {name.text for name in other.names} <= {name.text for name in one.names}
    assert france.label() == "France" and france.within == "gn:6255148"


def test_a_dry_run_writes_nothing(tmp_path: Path, dump: list[Path]) -> None:
    told = run("geonames", *dump, "--dry-run", "--data", tmp_path / "world", code=1)
    assert told["entities"] > 300 and told["refused"] == 4 and not (tmp_path / "world").exists()


def test_a_wrong_option_is_told(dump: list[Path]) -> None:
    done = CliRunner().invoke(APP, ["geonames", str(dump[0]), "--feature-classes", "A,Y"])
    assert done.exit_code != 0 and "is none of A, H, L" in str(done.exception)
