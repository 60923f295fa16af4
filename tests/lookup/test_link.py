"""Linking over a small world of plain values: which of the candidates, or none, and why."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.lookup.coreference import coreferent
from worldctx.lookup.link import FEATURES, NEEDED, NIL_BELOW, WELL_KNOWN, Scene, link
from worldctx.lookup.mention import Named, find_mentions, without_parts
from worldctx.model.clocks import Clocks
from worldctx.model.context import Link
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.ids import EntityId, Revision
from worldctx.model.time import parse_interval, parse_when
from worldctx.ports.graph import NameRow
from worldctx.ports.lexicon import NameHit
from worldctx.text.gazetteer import Gazetteer
from worldctx.text.names import RuleTagger


def place(key: str, name: str, weight: float, within: str | None = None, to: str | None = None, description: str = "") -> Entity:
    names = (Name(name, "en", parse_interval(None, to), preferred=True),)
    return Entity(EntityId(key), Kind.PLACE, names, within=EntityId(within) if within else None, weight=weight, description=description)


def person(key: str, name: str, weight: float = 0.3) -> Entity:
    return Entity(EntityId(key), Kind.PERSON, (Name(name, "en", preferred=True),), weight=weight)


def organisation(key: str, *names: str) -> Entity:
    return Entity(EntityId(key), Kind.ORGANISATION, tuple(Name(name, "en", preferred=not at) for at, name in enumerate(names)), weight=0.4)


WORLD = (
    place("chile", "Chile", 0.95), place("march", "March", 0.2), place("alliance", "Alliance", 0.2),
    place("salt", "Salt", 0.22), place("independence", "Independence", 0.3), place("juan", "Juan", 0.2), place("vladimir", "Vladimir", 0.33),
    place("london", "London", 0.86), place("london-ca", "London", 0.4, within="canada"), place("canada", "Canada", 0.8),
    place("georgetown-us", "Georgetown", 0.25), place("guyana", "Guyana", 0.62), place("georgetown", "Georgetown", 0.6, within="guyana"),
    place("roosevelt", "Roosevelt", 0.2), place("campbell", "Campbell", 0.25), place("reading", "Reading", 0.4), place("nice", "Nice", 0.45),
    place("mark", "Mark", 0.1), place("will", "Will", 0.1), place("may", "May", 0.1),
    place("ussr", "Soviet Union", 0.6, to="1991-12-26"), person("aylwin", "Patricio Aylwin"), person("fdr", "Franklin Roosevelt"),
    place("washington", "Washington", 0.6), person("gw", "George Washington"), place("hassan", "Hassan", 0.3),
    organisation("fao", "FAO"), organisation("who", "World Health Organization"), organisation("bbc", "BBC"), place("doh", "Doh", 0.1),
    organisation("commission", "European Commission"), place("it", "It", 0.05), place("me", "Me", 0.05),
)
ENTITIES = {one.id: one for one in WORLD}
LEXICON = Gazetteer([NameRow(one.id, one.kind, name, one.weight, Revision(1)) for one in WORLD for name in one.names])


def links(text: str, as_of: str | None = None) -> dict[str, Link]:
    clocks = Clocks(as_of=parse_when(as_of)) if as_of else Clocks()
    matches = LEXICON.scan(text, clocks, Revision(1))
    names = RuleTagger().tag(text, matches)
    mentions = find_mentions(text, matches, names)
    near = {one.id: frozenset({one.within} if one.within else set()) for one in WORLD}
    found = link(mentions, Scene(ENTITIES, near, {}), {one.id: one.label() for one in WORLD})
    return {one.surface: one for one in coreferent(without_parts(found, names), text)}


@pytest.mark.parametrize(("text", "surface"), [
    ("They joined the Alliance late.", "Alliance"),
    ("It was signed in March.", "March"),
    ("The SALT talks went on.", "SALT"),
    ("We declared Independence, and our independence lasted.", "Independence"),
    ("We thank Mr. Juan Somavia for it.", "Juan"),
    ("It was Vladimir Ilyich who said so.", "Vladimir"),
    ("His Majesty King Hassan spoke.", "Hassan"),
    ("We met at Nowhereville, then Nowhereville again.", "Nowhereville"),
    ("He told Mark and Will, in May, to go.", "Mark"),
    ("He told Mark and Will, in May, to go.", "Will"),
    ("He told Mark and Will, in May, to go.", "May"),
    ("IT and ME are short.", "IT"),
    ("IT and ME are short.", "ME"),
    ("The London Fire Brigade came.", "London"),
])
def test_what_may_be_no_name_or_part_of_another_is_nil(text: str, surface: str) -> None:
    found = links(text).get(surface)
    assert found is None or found.id is None


@pytest.mark.parametrize(("text", "surface", "entity"), [
    ("He lives in London now.", "London", "london"),
    ("The FAO was founded.", "FAO", "fao"),
    ("From Georgetown in Guyana he wrote.", "Georgetown", "georgetown"),
    ("Chile is long.", "Chile", "chile"),
    ("They spoke of Chile's copper.", "Chile", "chile"),
    ("Le président du Chile est arrivé à London.", "Chile", "chile"),
    ("| Country | City |\n| Chile | London |\n", "Chile", "chile"),
    ("- London\n- Chile\n- Canada\n", "Canada", "canada"),
    ("print(f\"from {city}\")  # London, as in Chile", "London", "london"),
    ("The World Health\nOrganization met.", "World Health\nOrganization", "who"),
    ("The World Health \n Organization met.", "World Health \n Organization", "who"),
])
def test_a_name_is_linked(text: str, surface: str, entity: str) -> None:
    assert links(text)[surface].id == entity


@pytest.mark.parametrize("text", ["", " \n\t", "12 34", "\x00\x01", "🙂🙂", "I1 w@s 0n th3 r0ad t0 L0nd0n", "北京 и Москва"])
def test_a_text_without_a_known_name_has_no_link(text: str) -> None:
    assert not [one for one in links(text).values() if one.id is not None]


def test_a_text_in_capitals_is_read_too() -> None:
    assert links("THE GOVERNMENT OF CHILE MET IN LONDON.")["CHILE"].id == "chile"


def test_a_surname_alone_means_the_person_named_in_full_before_or_after() -> None:
    found = links("We thank Aylwin. Patricio Aylwin is there, and so is Aylwin's son.")
    assert found["Aylwin"].id == "aylwin"
    assert found["Aylwin"].candidates[0].reasons[0].feature == "named_in_full"


def test_a_surname_that_is_also_a_town_means_the_person_where_the_person_is_surer() -> None:
    assert links("Franklin Roosevelt came; we remember Roosevelt well.")["Roosevelt"].id == "fdr"


def test_the_surname_of_somebody_unknown_is_no_town() -> None:
    assert links("Willie Campbell was sentenced. His lawyer said that Campbell would appeal.")["Campbell"].id is None


def test_a_declared_short_form_means_what_it_was_declared_for() -> None:
    found = links("The World Health Organization (WHO) met. The WHO will report.")
    assert found["WHO"].id == "who"
    assert links("The Department of Health (DOH) met. The DOH will report.")["DOH"].id is None


def test_the_commission_means_the_one_that_was_named() -> None:
    assert links("The European Commission met in London. In May the Commission will report.")["Commission"].id == "commission"
    assert "Commission" not in links("A day later the Commission met in London.")


def test_a_former_name_still_names_what_bore_it_with_less_certainty() -> None:
    now, then = links("The Soviet Union fell.", "2020")["Soviet Union"], links("The Soviet Union stands.", "1970")["Soviet Union"]
    assert now.id == then.id == "ussr"
    assert now.score < then.score
    assert "no_longer_in_use" in {reason.feature for reason in now.candidates[0].reasons}


def test_the_reasons_of_a_score_add_up_to_its_log_odds() -> None:
    seen = 0
    for one in links("London, Chile and the FAO; Georgetown, Guyana.").values():
        for candidate in one.candidates:
            if 0.001 < candidate.score < 0.999:
                seen += 1
                odds = log(candidate.score / (1 - candidate.score))
                assert sum(reason.weight for reason in candidate.reasons) == pytest.approx(odds, abs=0.06)
        assert sum(candidate.score for candidate in one.candidates) <= 1.0005
        assert (one.id is not None) == (one.score >= NIL_BELOW)
    assert seen >= 4


SURFACES = st.sampled_from(["March", "march", "MARCH", "SALT", "FAO", "Nice", "São Paulo", "Sao Paulo", "Georgetown", "US", "x2", "İ"])
HITS = st.builds(NameHit, st.sampled_from([one.id for one in WORLD]), st.sampled_from(Kind), SURFACES, st.booleans(), st.booleans(),
                 st.sampled_from([0.0, 0.2, WELL_KNOWN, 0.7]), st.booleans())
MENTIONS = st.builds(
    Named, st.just(0), st.just(1), SURFACES, st.lists(HITS, min_size=1, max_size=3).map(tuple), st.sampled_from([None, Kind.PERSON, Kind.PLACE]),
    st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["", "state"]), st.just(False), st.just(()),
    st.sampled_from([None, True, False]), st.sampled_from([None, Kind.PERSON, Kind.PLACE]))


@given(MENTIONS)
def test_a_feature_that_is_not_asked_would_say_nothing(mention: Named) -> None:
    for feature, needed in NEEDED.items():
        if not needed(mention):
            assert [feature(mention, hit, Scene({}, {}, {})) for hit in mention.hits] == [0.0] * len(mention.hits), feature.__name__


@given(MENTIONS)
def test_features_say_between_nothing_and_all(mention: Named) -> None:
    for feature in FEATURES:
        for hit in mention.hits:
            assert -1.0 <= feature(mention, hit, Scene(ENTITIES, {}, {})) <= 1.0, feature.__name__
