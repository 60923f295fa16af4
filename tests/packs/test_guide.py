"""The guide is true: whoever types what it says sees what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs" / "packs.md"
#: A file that is shown in full, an addition to one, or commands with what they print.
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
NAMED = re.compile(r"(Add(?:\s+to)?\s+)?`(rail/[\w.]+)`")

#: How small an archive gets depends on the release of zlib.
SIZE = re.compile(r"(?<=bytes: )[\d,]+")


def blocks() -> Iterator[tuple[str, str, str]]:
    """Kind, the text in front, and what is in it, of every block of the example."""
    guide = DOCS.read_text(encoding="utf-8").split("## What is in a pack")[0]
    at = 0
    for found in BLOCK.finditer(guide):
        yield found[1], guide[at:found.start()], found[2]
        at = found.end()


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each command and what it prints."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def shown(command: str, folder: Path) -> str:
    """What a command prints, with complaints, as on a terminal of 100 columns."""
    script = folder / "worldctx"
    if not script.exists():
        script.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m worldctx \"$@\"\n", encoding="utf-8")
        script.chmod(0o755)
    done = subprocess.run(command, shell=True, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "COLUMNS": "100", "WORLDCTX_EMBEDDER": "none"})
    assert "Traceback" not in done.stdout
    return done.stdout


@pytest.mark.slow
def test_the_guide_is_true(tmp_path: Path) -> None:
    (tmp_path / "rail").mkdir()
    ran = 0
    for kind, before, text in blocks():
        if kind == "console":
            for command, output in commands(text):
                assert SIZE.sub("", shown(command, tmp_path)) == SIZE.sub("", output), command
                ran += 1
            continue
        added, name = NAMED.findall(before)[-1]
        with (tmp_path / name).open("a" if added else "w", encoding="utf-8") as file:
            file.write(("\n" if added else "") + text)
    assert ran > 12
    assert not any(path.name.startswith("pack:") for path in tmp_path.iterdir())
