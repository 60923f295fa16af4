"""On real speeches: they go in whole, spans are exact, answers come, and nothing known after a speech is in its record."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path

import pytest

from tests.conftest import pack_lines
from worldctx.client.client import connect_blocking
from worldctx.enrich.options import Options
from worldctx.enrich.run import enrich
from worldctx.exchange.facts import line_of
from worldctx.exchange.gazetteers import places
from worldctx.model.ask import Ask
from worldctx.model.time import parse_when
from worldctx.wire.messages import to_dict

SPEECHES = 60


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_speeches_are_ingested_looked_up_and_enriched(data_dir: Path, tmp_path: Path) -> None:
    with gzip.open(data_dir / "speeches" / "ungd.jsonl.gz", "rb") as file:
        lines = list(islice(file, 0, None, 2195 // SPEECHES))
    sample = tmp_path / "speeches.jsonl"
    sample.write_bytes(b"".join(lines))
    with connect_blocking(f"embedded:{tmp_path / 'world'}", embedder="none", timeout_s=120) as client:
        client.write_facts(pack_lines())
        assert not client.write_facts([line_of(one) for one in places(100_000)]).refused
        acks = list(client.ingest([(str(number), line.strip()) for number, line in enumerate(lines)]))
        assert all(not ack.error.message for ack in acks)
        assert list(client.verify().problems) == []
        for line in lines:
            record = json.loads(line)
            answer = to_dict(client.look_up(Ask(record["text"][:400], as_of=parse_when(record["published_at"]))))
            for link in answer["entities"]:
                assert record["text"][link["span"]["start"]:link["span"]["end"]] == link["surface"]
            assert answer["passages"]
        counts = enrich(client, [sample], tmp_path / "out", Options(full=True), resume=False, progress=lambda path, done: None)
    assert (counts["ok"], counts["error"]) == (len(lines), 0)
    import zstandard

    rows = zstandard.ZstdDecompressor().stream_reader((tmp_path / "out" / "speeches.ctx.jsonl.zst").read_bytes()).read().splitlines()
    facts = 0
    for row, line in zip(map(json.loads, rows), lines, strict=True):
        spoken = parse_when(json.loads(line)["published_at"])
        for fact in row["record"]["facts"]:
            facts += 1
            assert not fact["known_since"] or parse_when(fact["known_since"]).hi <= spoken.hi, (row["id"], fact)
            assert not fact["valid"]["to"] or parse_when(fact["valid"]["to"]).lo < spoken.hi, (row["id"], fact)
        assert all(parse_when(one["published_at"]).hi <= spoken.hi for one in row["record"]["passages"])
    assert facts > 100
