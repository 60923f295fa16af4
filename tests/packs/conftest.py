"""Packs for tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packs.made import write_pack


@pytest.fixture
def rail(tmp_path: Path) -> Path:
    """The folder of a sound pack of the test's own."""
    return write_pack(tmp_path / "rail")
