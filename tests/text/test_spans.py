"""Names are found whole, longest first, within the clocks, and every span is exact."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from worldctx.model.clocks import Clocks
from worldctx.model.document import Passage
from worldctx.model.entity import Kind, Name
from worldctx.model.ids import DocumentId, EntityId, Revision
from worldctx.model.time import parse_interval, parse_when
from worldctx.ports.graph import NameRow
from worldctx.text.gazetteer import Gazetteer
from worldctx.text.names import capitalised_names
from worldctx.text.passages import passages_of

HEAD = Revision(10)


def row(entity: str, name: str, since: str | None = None, until: str | None = None, recorded: int = 1) -> NameRow:
    return NameRow(EntityId(entity), Kind.PLACE, Name(name, "en", parse_interval(since, until)), 0.5, Revision(recorded))


def found(rows: list[NameRow], text: str, as_of: str | None = None, revision: Revision = HEAD) -> list[tuple[str, list[str]]]:
    clocks = Clocks(parse_when(as_of) if as_of else None)
    matches = Gazetteer(rows).scan(text, clocks, revision)
    assert all(text[one.start:one.end] == one.surface for one in matches)
    return [(one.surface, [hit.entity for hit in one.hits]) for one in matches]


def test_the_longest_name_wins_and_words_are_whole() -> None:
    rows = [row("york", "York"), row("ny", "New York"), row("nyc", "New York City")]
    assert found(rows, "Yorkshire, New York City's mayor, New York.") == [("New York City", ["nyc"]), ("New York", ["ny"])]


def test_a_longer_name_outside_the_clocks_does_not_hide_a_shorter_one() -> None:
    rows = [row("ny", "New York"), row("nyc", "New York City", since="1990"), row("x", "New York City Hall", recorded=9)]
    assert found(rows, "In New York City Hall", as_of="1980", revision=Revision(5)) == [("New York", ["ny"])]
    assert found(rows, "In New York City Hall", as_of="1995", revision=Revision(5)) == [("New York City", ["nyc"])]
    assert found(rows, "In New York City Hall", as_of="1995") == [("New York City Hall", ["x"])]


def test_names_are_those_in_use_at_the_time() -> None:
    rows = [row("spb", "Leningrad", "1924-01-26", "1991-09-06"), row("spb", "Petrograd", "1914", "1924-01-25")]
    assert found(rows, "to Leningrad", as_of="1950") == [("Leningrad", ["spb"])]
    assert found(rows, "to Leningrad", as_of="1920") == []


def test_case_and_accents_are_folded_but_capitals_matter() -> None:
    rows = [row("us", "US"), row("rdg", "Reading"), row("sao", "São Paulo"), row("mosquito", "malaria")]
    assert found(rows, "tell us about reading") == []
    assert found(rows, "Reading is fun, he said in Reading") == [("Reading", ["rdg"])]
    assert found(rows, "SAO PAULO, Sao Paulo, sa\u0303o paulo") == [("SAO PAULO", ["sao"]), ("Sao Paulo", ["sao"])]
    assert found(rows, "Malaria in the US") == [("Malaria", ["mosquito"]), ("US", ["us"])]


def test_ambiguity_is_kept() -> None:
    assert found([row("b", "Georgia"), row("a", "Georgia")], "in Georgia") == [("Georgia", ["a", "b"])]


def test_an_extended_gazetteer_finds_what_one_built_at_once_finds() -> None:
    rows = [row(f"e{number}", f"Name{number} Town") for number in range(40)]
    text = " and ".join(f"Name{number} Town" for number in range(0, 40, 3))
    grown = Gazetteer(rows[:20])
    for one in rows[20:]:
        grown = grown.extended([one])
    assert grown.scan(text, Clocks(), HEAD) == Gazetteer(rows).scan(text, Clocks(), HEAD)


WORDS = st.lists(st.sampled_from(["a", "Á", "B", "b\u0301", "ß", "İ", "ﬁ", "🙂", "\r\n", ".", " ", "\0", "C-D"]), max_size=30)


@settings(max_examples=300)
@given(st.lists(WORDS.map("".join), min_size=1, max_size=6), WORDS.map("".join))
def test_spans_are_exact_whatever_the_text(names: list[str], text: str) -> None:
    rows = [row(f"e{number}", name) for number, name in enumerate(names)]
    end = 0
    for match in Gazetteer(rows).scan(text, Clocks(), HEAD):
        assert text[match.start:match.end] == match.surface
        assert match.start >= end
        end = match.end


@given(st.text(max_size=3000))
def test_passages_cover_everything_but_white_space(text: str) -> None:
    pieces = passages_of(DocumentId("d"), text)
    assert all(text[one.start:one.end] == one.text for one in pieces)
    assert [one.ordinal for one in pieces] == list(range(len(pieces)))
    covered = "".join(text[a.end:b.start] for a, b in zip([Passage(pieces[0].id, DocumentId("d"), 0, 0, 0, ""), *pieces], pieces, strict=False)) if pieces else text
    assert not covered.strip()


def test_a_text_without_any_blank_is_cut_by_length() -> None:
    assert max(len(one.text) for one in passages_of(DocumentId("d"), "x" * 10_000)) <= 1440


def test_abbreviations_do_not_end_a_sentence() -> None:
    assert len(passages_of(DocumentId("d"), "Mr. Smith met Dr. J. Jones in the U.S. capital. " * 3)) == 1


def test_names_that_the_graph_lacks_are_seen_without_their_titles() -> None:
    text = "Yesterday President Arturo Velloso met Zubin. The delegation thanked Zubin."
    assert [surface for _, _, surface in capitalised_names(text, [])] == ["Arturo Velloso", "Zubin", "Zubin"]
