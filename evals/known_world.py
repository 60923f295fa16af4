"""The world that texts are read against in the rows about linking, places, dates and facts: all imports, once.

It is built by the commands that users call, and kept in a folder until the data or the list of imports changes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import worldctx

#: Smallest city: all that the package has, about a million names.
MIN_POPULATION = 500
#: Where it is kept, beside the sources; not under version control.
KEPT = Path(__file__).parents[1] / ".evals" / "world"


def imports(data: Path) -> Sequence[Sequence[str]]:
    """The arguments of each `worldctx import`, in order."""
    world = data / "world"
    return (
        ("pack",),
        ("map", "countries", str(world / "countries.json")),
        ("map", "fb15k", str(world / "fb15k-entity2wikidata.json")),
        # What comes later replaces the point of a country: see docs/places.md.
        ("places", "--min-population", str(MIN_POPULATION)),
        ("map", "openstates", str(world / "openstates-people.jsonl.gz")),
        ("map", "worldcup", str(world / "worldcup")),
        ("wikidata", str(data / "wikidata" / "wbgetentities-Q6-Q42-P31.json"), "--dump-date", "2015-08-15"),
    )


def known_world(data: Path, folder: Path = KEPT) -> Path:
    """The data directory of the world, built when it is not there, of other data, or of another way to import them.

    Raises:
        RuntimeError: an import failed; the message is what it said.
    """
    recipe = json.dumps([_digest(), *(
        [*one, *(str(_size(Path(part))) for part in one if part.startswith(str(data)))] for one in imports(data))])
    mark = folder / "recipe.json"
    if mark.exists() and mark.read_text(encoding="utf-8") == recipe:
        return folder / "data"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for one in imports(data):
        sys.stderr.write(f"import {' '.join(one)}\n")
        done = subprocess.run(
            [sys.executable, "-m", "worldctx", "import", *one, "--data", str(folder / "data"), "--json"],
            check=False, capture_output=True, text=True)
        # Some rows of real data are refused, which the command reports by its exit code: the good ones are in.
        if not done.stdout.startswith("{"):
            raise RuntimeError(f"worldctx import {' '.join(one)}: {done.stderr[-2000:]}")
    mark.write_text(recipe, encoding="utf-8")
    return folder / "data"


def _digest() -> str:
    """Of everything that decides what an import makes of its file."""
    product = Path(worldctx.__file__).parent
    found = blake2b(digest_size=16)
    for one in sorted(one for part in ("exchange", "packs", "graph", "model") for one in (product / part).rglob("*")):
        if one.is_file() and "__pycache__" not in one.parts:
            found.update(one.read_bytes())
    return found.hexdigest()


def _size(path: Path) -> int:
    return sum(one.stat().st_size for one in path.rglob("*")) if path.is_dir() else path.stat().st_size
