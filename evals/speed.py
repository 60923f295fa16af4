"""How fast names are found among a million, and how fast the whole read path is, in processor time of one core.

Both on real text, news and speeches, against spaCy in the same run: its PhraseMatcher and its entity ruler at a tenth
of the names, for that is what fits. Times move with the machine and with what else it does: compare within a run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import psutil  # type: ignore[import-untyped]  # it ships no types

from evals.known_world import known_world
from evals.row import Figure, Row
from evals.speeches import speeches
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.commands.catching_up import catch_up
from worldctx.config import Settings
from worldctx.intake.live_lexicon import LiveLexicon
from worldctx.model.clocks import Clocks
from worldctx.model.document import Document
from worldctx.model.ids import DocumentId
from worldctx.wire.v1 import context_pb2
from worldctx.wiring import reading

#: Of the speeches: one of so many. Of the names: one of so many for spaCy. Times that everything is measured.
SPEECHES_EVERY, NAMES_EVERY, TURNS = 60, 10, 3
#: Characters that spaCy is given, which is slower.
SPACY_CHARS = 300_000
MEGA = 1_000_000
#: Date of all texts: all names of the world are in use.
YEAR = "2012"


def news(data: Path) -> list[str]:
    """The articles of GeoVirus."""
    root = ElementTree.parse(data / "toponyms" / "geovirus.xml").getroot()
    return [text for one in root.iter("article") if (text := one.findtext("text"))]


def run_scan(data: Path) -> Row:
    """The gazetteer alone."""
    texts = [*news(data), *(one.document.text for one in speeches(data)[::SPEECHES_EVERY])]
    size = sum(len(text.encode()) for text in texts) / MEGA
    process = psutil.Process()
    before = process.memory_info().rss
    with reading(Settings.read(data=known_world(data))) as graph:
        begun, lexicon, head = time.process_time(), LiveLexicon(), graph.head()
        lexicon.follow(graph, head)
        loading, held = time.process_time() - begun, (process.memory_info().rss - before) / MEGA
        names = sorted({row.name.text for row in graph.names()})
    clocks = Clocks()
    found = sum(len(lexicon.scan(text, clocks, head)) for text in texts)
    rates = _rates(lambda: [lexicon.scan(text, clocks, head) for text in texts], size)
    spacy_rate, spacy_load = _phrase_matcher(names[::NAMES_EVERY], texts)
    peer = f"spaCy {version('spacy')} PhraseMatcher, a tenth of the names:"
    return Row("alias scan", f"{len(names):,} names, {size:.1f} MB of news and speeches", len(texts), (
        Figure("MB/s per core", rates[-1], rates[0], rates[-1], None, 8.0, ((peer, spacy_rate),)),
        Figure("load, s of processor time", loading, loading, loading, None, None, ((peer, spacy_load),), True),
        Figure("memory of the names, MB", held, held, held, None, None, (), True)),
        f"the best of {TURNS} turns, slowest and best as the interval; {found:,} names found; load reads all names "
        "from the graph and builds the automaton")


def _rates(work: Callable[[], object], size: float) -> list[float]:
    """Sizes in a second of processor time, slowest first."""
    rates = []
    for _ in range(TURNS):
        begun = time.process_time()
        work()
        rates.append(size / (time.process_time() - begun))
    return sorted(rates)


def _some(texts: Sequence[str]) -> list[str]:
    taken, left = [], SPACY_CHARS
    for text in texts:
        if left <= 0:
            break
        taken.append(text[:left])
        left -= len(text)
    return taken


def _phrase_matcher(names: Sequence[str], texts: Sequence[str]) -> tuple[float, float]:
    """Megabytes in a second, and seconds until it is ready."""
    import spacy
    from spacy.matcher import PhraseMatcher

    begun = time.process_time()
    language = spacy.blank("en")
    matcher = PhraseMatcher(language.vocab)
    matcher.add("name", [language.make_doc(name) for name in names])
    loading = time.process_time() - begun
    some = _some(texts)
    size = sum(len(text.encode()) for text in some) / MEGA
    return _rates(lambda: [matcher(language.make_doc(one)) for one in some], size)[-1], loading


def run_pipeline(data: Path) -> Row:
    """The whole read path without vectors: mentions, dates, links, facts, passages, the context as text."""
    articles = news(data)
    spoken = [one.document.text for one in speeches(data)[::SPEECHES_EVERY]]
    with TemporaryDirectory() as folder:
        copytree(known_world(data), Path(folder) / "world")
        with connect_blocking(f"embedded:{folder}/world", embedder="none", timeout_s=600) as client:
            documents = [(str(number), Document(DocumentId(f"eval:{number}"), text=text))
                         for number, text in enumerate([*articles, *spoken])]
            begun = time.process_time()
            assert not [one for one in client.ingest(documents) if one.HasField("error")]
            catch_up(client)
            ingesting = _words([*articles, *spoken]) / (time.process_time() - begun)
            _enriched(client, articles[:20])  # names and entities that come again are remembered, as in a long run
            rates = _rates(lambda: _enriched(client, articles), _words(articles))
            speech_rates = _rates(lambda: _enriched(client, spoken), _words(spoken))
    with reading(Settings.read(data=known_world(data))) as graph:
        names = sorted({row.name.text for row in graph.names()})[::NAMES_EVERY]
    ruler = (f"spaCy {version('spacy')} blank with entity ruler, a tenth of the names:", _ruler(names, articles))
    sizes = f"{_words(articles):,} words of news, {_words(spoken):,} of speeches"
    return Row("whole pipeline", sizes, len(articles) + len(spoken), (
        Figure("news, words/s per core", rates[-1], rates[0], rates[-1], None, 20_000, (ruler,)),
        Figure("speeches, words/s per core", speech_rates[-1], speech_rates[0], speech_rates[-1], None, 20_000),
        Figure("ingest, words/s per core", ingesting, ingesting, ingesting)),
        f"enriched through the client in the known world, without vectors; the best of {TURNS} turns; spaCy finds "
        "names and does nothing else")


def _words(texts: Sequence[str]) -> int:
    return sum(len(text.split()) for text in texts)


def _enriched(client: BlockingClient, texts: Sequence[str]) -> None:
    items = ((str(number), Document(DocumentId(f"asked:{number}"), text=text)) for number, text in enumerate(texts))
    for item in client.enrich(items, context_pb2.LookUpRequest(as_of=YEAR)):
        assert not item.HasField("error"), item.error


def _ruler(names: Sequence[str], texts: Sequence[str]) -> float:
    import spacy
    from spacy.pipeline import EntityRuler

    language = spacy.blank("en")
    ruler = language.add_pipe("entity_ruler")
    assert isinstance(ruler, EntityRuler)
    ruler.add_patterns([{"label": "NAME", "pattern": name} for name in names])
    some = _some(texts)
    return _rates(lambda: list(language.pipe(some)), _words(some))[-1]


def run(data: Path) -> Iterator[Row]:
    """Both rows."""
    yield run_scan(data)
    yield run_pipeline(data)
