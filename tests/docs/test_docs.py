"""The documentation names every verb, setting and error code that there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.settings import IngestSettings
from worldctx.cli import GROUPS, VERBS
from worldctx.config import Settings
from worldctx.exchange.facts import parse_line
from worldctx.wire.status import STATUS

DOCS = Path(__file__).parents[2] / "docs"


def test_every_verb_has_a_heading() -> None:
    headings = set(re.findall(r"^## (.+)$", (DOCS / "cli.md").read_text(encoding="utf-8"), re.MULTILINE))
    verbs = {getattr(verb, "__name__", str(verb)) for verb in VERBS}
    verbs |= {f"{group} {verb}" for group, (_, members) in GROUPS.items() for verb in members}
    assert verbs <= headings


def test_every_setting_is_in_the_table_with_its_meaning() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"`WORLDCTX_{name.upper()}`" in text
        assert str(field.description) in text
    for name, field in IngestSettings.model_fields.items():
        default = "" if field.default in ("", None) else f"`{field.default}`"
        assert f"| `WORLDCTX_INGEST_{name.upper()}` | {default} | {field.description} |" in text


def test_every_status_code_is_told() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    assert {code.name for code in STATUS.values()} <= set(re.findall(r"[A-Z_]{6,}", text))


def test_the_lines_of_the_facts_format_can_be_imported() -> None:
    block = next(one for one in re.findall(r"```\n(.*?)```", (DOCS / "cli.md").read_text(encoding="utf-8"), re.DOTALL) if '"type"' in one)
    assert len([parse_line(line) for line in block.splitlines()]) == 5


@pytest.mark.parametrize("page", sorted([*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CHANGELOG.md"]), ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
