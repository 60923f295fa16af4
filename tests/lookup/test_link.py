"""A name is linked to what it names, with reasons; what may be no name, or another's, is NIL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.lookup.link import NEEDED, NIL_BELOW, WELL_KNOWN, Scene, link
from worldctx.lookup.mention import Named, find_mentions
from worldctx.model.clocks import Clocks
from worldctx.model.context import Link
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.ids import EntityId, Revision
from worldctx.model.time import parse_interval, parse_when
from worldctx.ports.graph import NameRow
from worldctx.ports.lexicon import NameHit
from worldctx.text.gazetteer import Gazetteer


def place(key: str, name: str, weight: float, within: str | None = None, to: str | None = None) -> Entity:
    return Entity(EntityId(key), Kind.PLACE, (Name(name, "en", parse_interval(None, to), preferred=True),), weight=weight,
                  within=EntityId(within) if within else None)


def person(key: str, name: str, weight: float = 0.4) -> Entity:
    return Entity(EntityId(key), Kind.PERSON, (Name(name, "en", preferred=True),), weight=weight)


WORLD = (
    place("chile", "Chile", 0.8), place("alliance", "Alliance", 0.2), place("salt", "Salt", 0.25), place("march", "March", 0.2),
    place("independence", "Independence", 0.3), place("juan", "Juan", 0.2), place("vladimir", "Vladimir", 0.33),
    place("london", "London", 0.73), place("georgetown-us", "Georgetown", 0.25), place("guyana", "Guyana", 0.62),
    place("georgetown", "Georgetown", 0.3, within="guyana"), place("roosevelt", "Roosevelt", 0.2),
    place("ussr", "Soviet Union", 0.6, to="1991-12-26"), person("aylwin", "Patricio Aylwin"), person("fdr", "Franklin Roosevelt"),
    place("washington", "Washington", 0.6), person("gw", "George Washington"), place("hassan", "Hassan", 0.3),
    Entity(EntityId("fao"), Kind.ORGANISATION, (Name("FAO", "en"),), weight=0.3),
)


def links(text: str, as_of: str | None = None) -> dict[str, Link]:
    clocks = Clocks(as_of=parse_when(as_of)) if as_of else Clocks()
    rows = [NameRow(one.id, one.kind, name, one.weight, Revision(1)) for one in WORLD for name in one.names]
    mentions = find_mentions(text, Gazetteer(rows).scan(text, clocks, Revision(1)))
    present = {hit.entity: 1 for one in mentions for hit in one.hits}
    near = {one.id: frozenset({one.within} if one.within else set()) for one in WORLD}
    scene = Scene({one.id: one for one in WORLD}, near, present)
    return {one.surface: one for one in link(mentions, scene, {one.id: one.label() for one in WORLD})}


@pytest.mark.parametrize(("text", "surface"), [
    ("They joined the Alliance late.", "Alliance"),
    ("It was signed in March.", "March"),
    ("The SALT talks went on.", "SALT"),
    ("We declared Independence, and our independence lasted.", "Independence"),
    ("We thank Mr. Juan Somavia for it.", "Juan"),
    ("It was Vladimir Ilyich who said so.", "Vladimir"),
    ("His Majesty King Hassan spoke.", "Hassan"),
    ("We met at Nowhereville, then Nowhereville again.", "Nowhereville"),
])
def test_what_may_be_no_name_or_part_of_another_is_nil(text: str, surface: str) -> None:
    found = links(text).get(surface)
    assert found is None or found.id is None


@pytest.mark.parametrize(("text", "surface", "entity"), [
    ("He lives in London now.", "London", "london"),
    ("The FAO was founded.", "FAO", "fao"),
    ("From Georgetown in Guyana he wrote.", "Georgetown", "georgetown"),
    ("Chile is long.", "Chile", "chile"),
])
def test_a_name_is_linked(text: str, surface: str, entity: str) -> None:
    assert links(text)[surface].id == entity


def test_a_surname_alone_means_the_person_named_in_full_before_or_after() -> None:
    found = links("We thank Aylwin. Patricio Aylwin is there, and so is Aylwin's son.")
    assert found["Aylwin"].id == "aylwin"
    assert found["Aylwin"].candidates[0].reasons[0].feature == "named_in_full"


def test_a_surname_that_is_also_a_town_means_the_person_where_the_person_is_surer() -> None:
    assert links("Franklin Roosevelt came; we remember Roosevelt well.")["Roosevelt"].id == "fdr"
    assert links("George Washington never saw it: we flew to Washington.")["Washington"].id == "washington"


def test_a_former_name_still_names_what_bore_it_with_less_certainty() -> None:
    now, then = links("The Soviet Union fell.", "2020")["Soviet Union"], links("The Soviet Union stands.", "1970")["Soviet Union"]
    assert now.id == then.id == "ussr"
    assert now.score < then.score
    assert "no_longer_in_use" in {reason.feature for reason in now.candidates[0].reasons}


def test_scores_are_what_their_reasons_add_up_to() -> None:
    for one in links("London, Chile and the FAO; Georgetown, Guyana.").values():
        for candidate in one.candidates:
            assert candidate.score == pytest.approx(max(0.0, min(1.0, sum(reason.weight for reason in candidate.reasons))), abs=1e-3)
        assert (one.id is not None) == (one.score >= NIL_BELOW)


SURFACES = st.sampled_from(["March", "march", "MARCH", "SALT", "FAO", "Nice", "São Paulo", "Sao Paulo", "Georgetown", "US", "x2", "İ"])
HITS = st.builds(NameHit, st.sampled_from([one.id for one in WORLD]), st.sampled_from(Kind), SURFACES, st.booleans(), st.booleans(),
                 st.sampled_from([0.0, 0.2, WELL_KNOWN, 0.7]), st.booleans())


@given(SURFACES, st.lists(HITS, min_size=1, max_size=3), st.sampled_from([None, Kind.PERSON, Kind.PLACE]), st.booleans(), st.booleans())
def test_a_feature_that_is_not_asked_would_say_nothing(surface: str, hits: list[NameHit], cue: Kind | None, beside: bool, small: bool) -> None:
    mention = Named(0, len(surface), surface, tuple(hits), cue, beside, small)
    for feature, needed in NEEDED.items():
        if not needed(mention):
            assert [feature(mention, hit, Scene({}, {}, {})) for hit in hits] == [0.0] * len(hits), feature.__name__
