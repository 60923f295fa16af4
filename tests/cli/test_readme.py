"""What the README says is true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SAMPLES

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.slow
def test_the_readme_is_true(tmp_path: Path) -> None:
    blocks = re.findall(r"```(\w+)\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    shell = next(block for kind, block in blocks if kind == "sh" and "worldctx import" in block)
    output = ""
    for line in shell.splitlines():
        command = re.sub(r"\s+#.*$", "", line).replace(".venv/bin/worldctx", f"'{sys.executable}' -c 'from worldctx.cli import main; main()'")
        done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stderr)
        output += done.stdout
    assert "Salvador Allende" in output
    assert "Mark Felt" not in output
    python = next(block for kind, block in blocks if kind == "python")
    done = subprocess.run([sys.executable, "-c", python], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Salvador Allende" in done.stdout, done.stderr


def test_samples_have_each_their_own_id() -> None:
    ids = [json.loads(line)["id"] for line in SAMPLES.read_bytes().splitlines()]
    assert len(set(ids)) == len(ids)
