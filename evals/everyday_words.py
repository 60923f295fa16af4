"""Makes worldctx/text/everyday_words.txt: words that running text writes in lower case far more often than as a name.

The counts come from the evaluation data (speeches, question passages, dialogues, news); only single words leave it.
Read: `python -m evals.everyday_words ../shared/data > worldctx/text/everyday_words.txt`
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: Occurrences in lower case that a word needs, and the share of all its occurrences inside sentences.
OFTEN, SHARE = 20, 0.6
#: Inside a sentence only: a capital after a full stop says nothing.
_INSIDE = re.compile(r"(?<=[a-z,;] )([A-Za-z]+)\b")


def texts(data: Path) -> Iterator[str]:
    """All running text of the evaluation data."""
    with gzip.open(data / "speeches" / "ungd.jsonl.gz", "rt", encoding="utf-8") as file:
        yield from (json.loads(line)["text"] for line in file)
    for path in sorted((data / "qa").glob("*.json")):
        yield from _strings(json.loads(path.read_text(encoding="utf-8")))
    with zipfile.ZipFile(data / "lihua" / "LiHuaWorld.zip") as archive:
        yield from (archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    yield re.sub(r"<[^>]+>", " ", (data / "toponyms" / "geovirus.xml").read_text(encoding="utf-8"))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def everyday(data: Path) -> list[str]:
    """The words, sorted."""
    small, capital = Counter[str](), Counter[str]()
    for text in texts(data):
        for word in _INSIDE.findall(text):
            (small if word.islower() else capital)[word.lower()] += 1
    return sorted(word for word, count in small.items()
                  if count >= OFTEN and len(word) > 2 and count > SHARE * (count + capital[word]))


if __name__ == "__main__":
    sys.stdout.write("\n".join(everyday(Path(sys.argv[1]))) + "\n")
