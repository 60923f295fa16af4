"""States, counties and countries lie somewhere, and towns lie in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worldctx.exchange.areas import area_of, areas
from worldctx.exchange.centres import CENTRES
from worldctx.exchange.gazetteers import countries, places
from worldctx.model.entity import Entity
from worldctx.model.ids import EntityId


def test_the_code_of_geonames_finds_the_state() -> None:
    found = {(country, part): area_of(country, part) for country, part in (("CA", "08"), ("US", "TX"), ("DE", "02"))}
    assert [one.name if one else None for one in found.values()] == ["Ontario", "Texas", "Bavaria"]
    assert area_of("CA", "no such") is None


def test_every_area_lies_on_the_earth_under_a_code_of_its_own() -> None:
    assert len(areas()) > 6_000
    for code, one in areas().items():
        assert code == one.code and -90 <= one.lat <= 90 and -180 <= one.lon <= 180 and one.population >= 0


def test_every_country_has_a_middle() -> None:
    assert {code for code, _ in countries()} <= CENTRES.keys()
    assert all(one.lat is not None and one.lon is not None for _, one in countries())


def test_a_town_lies_in_its_state_and_the_state_in_its_country() -> None:
    every = {one.id: one for one in places(15_000) if isinstance(one, Entity)}
    paris = every[EntityId("gn:4717560")]
    assert paris.within == "gn:4736286" and every[EntityId("gn:4736286")].within == "gn:6252001"
    lamar = every[EntityId("fips:48277")]
    assert lamar.names[0].text == "Lamar County" and lamar.within == "gn:4736286"
    london = every[EntityId("gn:6058560")]
    assert london.within == "iso3166-2:CA-ON"
    assert "Bavaria" in {name.text for name in every[EntityId("iso3166-2:DE-BY")].names}


@given(st.text(max_size=4), st.text(max_size=4))
def test_an_unknown_code_has_no_area(country: str, part: str) -> None:
    found = area_of(country, part)
    assert found is None or (found.country, found.part) == (country, part)
