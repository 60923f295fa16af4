"""What kind of text is it: registers told by where a text is from, topics told by hand, on texts of no training."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from evals.case import Case
from evals.row import Row, mean_figure
from worldctx.text.kinds import REGISTERS, TOPICS, Judged, kind_of

#: Topics of pieces of the data sets, read and judged by hand; several where several are right, `none` where that is.
GOLD = Path(__file__).parent / "gold" / "topics.jsonl"
#: Texts of each source, and the confidence from which on an answer is given.
EACH, SHOWN = 120, 0.8


@dataclass(frozen=True, slots=True)
class Text:
    """A text and the classes that are right for it; none where it is right to say nothing."""

    key: str
    text: str
    codes: frozenset[str]


def half(key: str) -> int:
    """0 for development, 1 for the test, by a hash of the key."""
    return hashlib.sha256(key.encode()).digest()[0] % 2


@cache
def speeches(data: Path) -> Sequence[tuple[str, str]]:
    """Key and text of every speech."""
    with gzip.open(data / "speeches" / "ungd.jsonl.gz", "rt", encoding="utf-8") as file:
        return [(one["id"], one["text"]) for one in map(json.loads, file)]


def _news(data: Path) -> list[tuple[str, str]]:
    root = ElementTree.parse(data / "toponyms" / "geovirus.xml").getroot()
    return [(f"geovirus:{place}", one.findtext("text") or "") for place, one in enumerate(root.iter("article"))]


def _articles(data: Path) -> list[tuple[str, str]]:
    qa = data / "qa"
    hotpot = json.loads((qa / "hotpotqa_train_corpus.json").read_text(encoding="utf-8"))
    dated = json.loads((qa / "timeqa_human_train.json").read_text(encoding="utf-8"))
    return [*((f"hotpot:{place}", "".join(parts)) for place, parts in enumerate(hotpot.values())),
            *((f"timeqa:{place}:{number}", text) for place, entry in enumerate(dated)
              for number, text in enumerate(entry["paras"]))]


def _chats(data: Path) -> list[tuple[str, str]]:
    with zipfile.ZipFile(data / "lihua" / "LiHuaWorld.zip") as chats:
        return [(f"lihua:{name}", chats.read(name).decode("utf-8", "replace")) for name in sorted(chats.namelist())
                if name.endswith(".txt") and "__MACOSX" not in name]


def labelled_by_source(data: Path) -> list[Text]:
    """Speeches, whole and in the middle, are spoken, Wikinews reports, Wikipedia is an encyclopedia, chats discuss."""
    middles = [(f"{key}:middle", text[3000:4200]) for key, text in speeches(data) if len(text) > 5000]
    sources = (("SP", speeches(data)), ("SP", middles), ("NE", _news(data)), ("EN", _articles(data)),
               ("ID", _chats(data)))
    draw = random.Random(5)
    return [Text(key, text, frozenset({code})) for code, texts in sources
            for key, text in draw.sample(list(texts), EACH)]


def labelled_by_topic(data: Path) -> list[Text]:
    """Pieces whose topics were judged by hand."""
    hotpot = [f"{title} {''.join(parts)}" for title, parts in json.loads(
        (data / "qa" / "hotpotqa_train_corpus.json").read_text(encoding="utf-8")).items()]
    musique = [f"{one['title']} {one['text']}" for one in json.loads(
        (data / "qa" / "musique_train_corpus.json").read_text(encoding="utf-8"))]
    texts = {f"hotpot:{place}": text for place, text in enumerate(hotpot)}
    texts |= {f"musique:{place}": text for place, text in enumerate(musique)}
    texts |= {key: text for key, text in _articles(data) if key.startswith("timeqa:")} | dict(_news(data))
    texts |= {f"speech:{key}:4000": text[4000:4800] for key, text in speeches(data)}
    gold = map(json.loads, GOLD.read_text(encoding="utf-8").splitlines())
    return [Text(one["id"], texts[one["id"]], frozenset(one["topics"])) for one in gold]


def run(data: Path) -> Iterator[Row]:
    """Accuracy of the best class, and how many answers are given and right from the confidence on that is shown."""
    yield _row("which register", "120 each of speeches, their middles, news, encyclopedia, chats; test half",
               labelled_by_source(data), lambda text: kind_of(text).register, {k: v[0] for k, v in REGISTERS.items()},
               "baseline: the most frequent; published for 8 registers with linear models: about 0.56")
    yield _row("which topic", "pieces judged by hand, test half", labelled_by_topic(data),
               lambda text: kind_of(text).topic, TOPICS, "baseline: the most frequent; IPTC Media Topics, top level; "
               "accuracy over pieces that have a topic")


def _row(name: str, source: str, texts: Sequence[Text], judge: Callable[[str], Judged | None],
         words: dict[str, str], note: str) -> Row:
    test = [one for one in texts if half(one.key)]
    found = [(one, judge(one.text)) for one in test]
    having = [(one, best) for one, best in found if one.codes]
    counts: dict[str, int] = {}
    for one, _ in having:
        for code in sorted(one.codes):
            counts[code] = counts.get(code, 0) + 1
    common = max(sorted(counts), key=counts.__getitem__)
    shown = [(one, best) for one, best in found if best is not None and best.confidence >= SHOWN]
    cases = tuple(Case(
        one.key, one.text[:200], ", ".join(words[code] for code in sorted(one.codes)) or "none",
        "" if best is None else words[best.code], float(best is not None and best.code in one.codes),
        "" if best is not None and best.code in one.codes else
        f"{', '.join(sorted(one.codes)) or 'none'} taken for {best.code if best else 'none'}",
        (f"confidence {best.confidence}",) if best else ()) for one, best in found)
    return Row(name, source, len(test), (
        mean_figure("accuracy", [float(best is not None and best.code in one.codes) for one, best in having],
                    [float(common in one.codes) for one, _ in having]),
        mean_figure(f"precision at {SHOWN}", [float(best.code in one.codes) for one, best in shown]),
        mean_figure(f"share shown at {SHOWN}", [float(best is not None and best.confidence >= SHOWN)
                                                for _, best in found])), note, cases)
