"""Every proof that the list of promises names is a test that there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
#: Promises of this version; the others are named under "Not yet".
PROMISED = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}


def names_in(path: Path) -> set[str]:
    return {one.name for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_named_proof_is_a_test() -> None:
    proofs = re.findall(r"^- `([\w/]+\.py)::(test_\w+)`", TEXT, re.MULTILINE)
    assert len(proofs) > 30
    assert [f"{path}::{name}" for path, name in proofs if name not in names_in(ROOT / path)] == []


def test_every_promise_has_a_mechanism_and_a_proof_or_is_said_to_be_missing() -> None:
    sections = {int(number): body for number, body in re.findall(r"^## G(\d+) .*\n((?:(?!## ).*\n)+)", TEXT, re.MULTILINE)}
    assert set(sections) == PROMISED
    for body in sections.values():
        assert not body.startswith("- ")
        assert re.search(r"^- `", body, re.MULTILINE)
    missing = TEXT[TEXT.index("## Not promised"):]
    assert all(f"G{number}" in missing for number in set(range(1, 17)) - PROMISED)
