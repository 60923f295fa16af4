"""The packs that come with worldctx."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from worldctx.exchange.pack.declaration import FILE


def shelf() -> dict[str, Path]:
    """Their folders, by name."""
    folder = Path(str(files("worldctx") / "packs" / "domains"))
    return {path.name: path for path in sorted(folder.iterdir()) if (path / FILE).is_file()} if folder.is_dir() else {}
