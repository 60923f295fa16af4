"""`worldctx resolve`: candidates with reasons, decisions in the terminal, merges without a person, and all of it undone."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli


def entity(id_: str, name: str, kind: str = "person", **more: Any) -> str:
    return json.dumps({"type": "entity", "id": id_, "kind": kind, "names": [{"name": name}], **more})


def fact(subject: str, predicate: str, **more: Any) -> str:
    return json.dumps({"type": "fact", "subject": subject, "predicate": predicate, **more})


def born(subject: str, day: str) -> str:
    return fact(subject, "birth_date", value=day, datatype="edtf")


def office(subject: str) -> str:
    return fact(subject, "position_held", object="ent:harbour-master", valid={"from": "2001", "to": "2004"})


#: Ada Holm twice, and a namesake of hers who is somebody else; Jan Wolny and Jon Volny have little in common.
LINES = [
    entity("ent:ada", "Ada Holm"), born("ent:ada", "1950-05-27"), office("ent:ada"),
    entity("ent:ada-2", "Ada B. Holm"), born("ent:ada-2", "1950-05-27"), office("ent:ada-2"),
    entity("ent:ada-3", "Ada Holm"), born("ent:ada-3", "1990-01-01"),
    entity("ent:jan", "Jan Wolny"), entity("ent:harbour-master", "Harbour master", "concept", within="ent:bremen"),
    entity("ent:bremen", "Bremen", "place"),
    *(entity(f"ent:p{number}", f"Person{number} Other{number}") for number in range(200)),
]
PAIR = ("ent:ada", "ent:ada-2")


@pytest.fixture
def world(cli: Cli, tmp_path: Path) -> Path:
    lines, folder = tmp_path / "lines.jsonl", tmp_path / "w"
    lines.write_text("\n".join(LINES), encoding="utf-8")
    cli("import", "facts", lines, "--data", folder)
    return folder


def listed(cli: Cli, world: Path, *more: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cli("resolve", "list", "--json", "--data", world, *more).json["candidates"]
    return found


def ids(found: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["left"]["id"], one["right"]["id"]) for one in found]


def test_candidates_come_likeliest_first_with_reasons_and_facts(cli: Cli, world: Path) -> None:
    first, *others = listed(cli, world, "--min-score", "0", "--kind", "person")
    assert ids([first]) == [PAIR] and first["score"] > 0.8 and first["judgement"] is None
    assert all(one["score"] <= first["score"] for one in others)
    assert {"shared_neighbours", "same_birth_day"} <= {one["feature"] for one in first["reasons"]}
    assert first["left"]["facts"][0] == "birth date: 1950-05-27"
    assert "position held: Harbour master, 2001/2004" in first["left"]["facts"]
    shown = cli("resolve", "list", "--data", world).out
    assert "Ada B. Holm = Ada Holm ?" in shown or "Ada Holm = Ada B. Holm ?" in shown
    assert "same birth date: 1950-05-27" in shown


def test_the_list_is_the_same_every_time(cli: Cli, world: Path) -> None:
    assert listed(cli, world, "--min-score", "0") == listed(cli, world, "--min-score", "0")


@pytest.mark.parametrize("verb", ["same", "different"])
def test_a_judged_pair_is_not_proposed_again(cli: Cli, world: Path, verb: str) -> None:
    assert cli("resolve", verb, *PAIR, "--by", "me", "--json", "--data", world).json == {"judgements": 1, "same": verb == "same"}
    assert PAIR not in ids(listed(cli, world, "--min-score", "0", "--unsure"))


def test_an_unsure_pair_is_proposed_with_unsure_only_and_says_who_left_it_open(cli: Cli, world: Path) -> None:
    cli("resolve", "unsure", *PAIR, "--by", "me", "--at", "2024-05", "--data", world)
    assert PAIR not in ids(listed(cli, world))
    found = next(one for one in listed(cli, world, "--unsure") if ids([one]) == [PAIR])
    assert found["judgement"] == {"same": None, "by": "me", "at": "2024-05"}
    assert "judged unsure by me, 2024-05" in cli("resolve", "list", "--unsure", "--data", world).out


def test_undo_gives_back_what_was_before(cli: Cli, world: Path) -> None:
    cli("resolve", "same", *PAIR, "--by", "me", "--data", world)
    assert cli("resolve", "undo", *PAIR, "--by", "me", "--json", "--data", world).json == {"judgements": 1, "same": False}
    assert PAIR in ids(listed(cli, world, "--unsure"))
    done = cli("resolve", "undo", "ent:ada", "ent:jan", "--by", "me", "--data", world, code=1)
    assert "there is no judgement on ent:ada and ent:jan" in done.complaints[0]


def test_a_merge_through_what_was_judged_different_is_refused_with_the_pair(cli: Cli, world: Path) -> None:
    cli("resolve", "different", "ent:ada", "ent:ada-3", "--by", "me", "--data", world)
    cli("resolve", "same", *PAIR, "--by", "me", "--data", world)
    done = cli("resolve", "same", "ent:ada-2", "ent:ada-3", "--by", "me", "--data", world, code=1)
    assert "ent:ada and ent:ada-3 would be one, too, and were judged different by me" in done.complaints[0]


def test_different_says_when_a_chain_still_holds_the_two_together(cli: Cli, world: Path) -> None:
    for pair in (PAIR, ("ent:ada-2", "ent:ada-3")):
        cli("resolve", "same", *pair, "--by", "me", "--data", world)
    done = cli("resolve", "different", "ent:ada", "ent:ada-3", "--by", "me", "--json", "--data", world)
    assert done.json["same"] is True
    assert "still one through ent:ada-2" in done.complaints[0]


def test_auto_merges_what_is_likely_enough_and_undo_ends_it(cli: Cli, world: Path) -> None:
    planned = cli("resolve", "auto", "--dry-run", "--kind", "person", "--data", world)
    assert "merges: 1" in planned.out and "judgements: 0" in planned.out
    assert PAIR in ids(listed(cli, world))
    assert cli("resolve", "auto", "--kind", "person", "--at", "2024", "--json", "--data", world).json == {
        "merges": 1, "judgements": 1, "left_to_a_person": 0}
    assert PAIR not in ids(listed(cli, world, "--unsure"))
    lines = cli("export", "facts", "-", "--data", world).out.splitlines()
    (told,) = [one for one in map(json.loads, lines) if one["type"] == "judgement"]
    assert told["same"] is True and told["by"].startswith("resolve@1 score=0.") and told["at"] == "2024"
    cli("resolve", "undo", *PAIR, "--by", "me", "--data", world)
    assert PAIR in ids(listed(cli, world, "--unsure"))


def test_auto_needs_a_measured_threshold_or_one_that_is_given(cli: Cli, world: Path) -> None:
    assert "no threshold was measured for work" in cli("resolve", "auto", "--kind", "work", "--data", world, code=2).err
    assert "name it with --kind" in cli("resolve", "auto", "--threshold", "0.9", "--data", world, code=2).err


@pytest.mark.parametrize(("words", "told"), [
    (("ent:ada", "ent:ada"), "give two ids"), (("ent:ada", "ent:nobody"), "there is no entity 'ent:nobody'"), (("ent:ada", ""), "is no id"),
])
def test_a_judgement_on_nothing_is_refused(cli: Cli, world: Path, words: tuple[str, str], told: str) -> None:
    assert told in cli("resolve", "same", *words, "--by", "me", "--data", world, code=1).complaints[0]


def review(cli: Cli, world: Path, monkeypatch: pytest.MonkeyPatch, answers: str) -> dict[str, int]:
    monkeypatch.setattr("sys.stdin", io.StringIO(answers))
    done = cli("resolve", "review", "--by", "me", "--kind", "person", "--min-score", "0.8", "--json", "--data", world)
    counts: dict[str, int] = json.loads(done.out.splitlines()[-1])
    return counts


def test_a_person_decides_and_may_go_back(cli: Cli, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = review(cli, world, monkeypatch, "perhaps\nb\nn\nq\n")
    assert counts == {"same": 0, "different": 1, "unsure": 0, "skipped": 0, "taken back": 0}
    cli("resolve", "undo", *PAIR, "--by", "me", "--data", world)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    done = cli("resolve", "review", "--by", "me", "--unsure", "--min-score", "0.8", "--kind", "person", "--data", world)
    assert "same: 1" in done.out
    assert PAIR not in ids(listed(cli, world, "--unsure"))


def test_back_takes_the_last_decision_back_and_asks_again(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines, folder = tmp_path / "two.jsonl", tmp_path / "two"
    twins = [entity("ent:eve", "Eve Tide"), born("ent:eve", "1960-02-03"), office("ent:eve"),
             entity("ent:eve-2", "Eve Tide"), born("ent:eve-2", "1960-02-03"), office("ent:eve-2")]
    lines.write_text("\n".join([*LINES, *twins]), encoding="utf-8")
    cli("import", "facts", lines, "--data", folder)
    counts = review(cli, folder, monkeypatch, "y\nb\nn\nq\n")
    assert counts == {"same": 1, "different": 1, "unsure": 0, "skipped": 0, "taken back": 1}
    assert len(listed(cli, folder, "--kind", "person", "--min-score", "0.8")) == 1


def test_the_end_of_the_input_ends_the_sitting(cli: Cli, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert review(cli, world, monkeypatch, "") == {"same": 0, "different": 0, "unsure": 0, "skipped": 0, "taken back": 0}


def test_names_cannot_steer_the_terminal(cli: Cli, tmp_path: Path) -> None:
    lines, folder = tmp_path / "bad.jsonl", tmp_path / "bad"
    lines.write_text("\n".join([entity("ent:x", "Eve \x1b[31mTide\u202e"), entity("ent:y", "Eve \x1b[31mTide\u202e\nfake line")]), encoding="utf-8")
    cli("import", "facts", lines, "--data", folder)
    shown = cli("resolve", "list", "--min-score", "0", "--data", folder).out
    assert "Tide" in shown and "\x1b" not in shown and "\u202e" not in shown
    assert not any(line.startswith("fake line") for line in shown.splitlines())
