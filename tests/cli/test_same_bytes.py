"""The same ask at the same revision is the same bytes: client, command line and enrichment, whatever the hash seed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SAMPLES

ROOT = Path(__file__).parents[2]
#: Asks in every way there is, checks that all say the same, and prints what they said.
SCRIPT = """
import io, json, sys
from contextlib import redirect_stdout
from pathlib import Path
import zstandard
from tests.conftest import serving
from worldctx.cli import run
from worldctx.client.client import connect_blocking
from worldctx.config import Settings
from worldctx.enrich.options import Options
from worldctx.exchange.documents import parse_document
from worldctx.wire.messages import document_message, to_dict
from worldctx.wire.v1 import context_pb2
from worldctx.wiring import open_running

world, folder, samples = map(Path, sys.argv[1:])
folder.mkdir()
questions = [{"id": "q1", "text": "Who is the President of Chile?", "as_of": "1972-06-01"},
             {"id": "q2", "text": "Who was Deep Throat?", "as_of": "1990", "known_by": "2006"},
             {"id": "q3", "text": "How high is Mount Everest?", "as_of": "2024", "limit": 5, "strict": False},
             {"id": "q4", "text": "Salvador Allende in Santiago", "as_of": "1971", "budget": 99, "profile": "header", "filter": {"kinds": ["place"]}}]
documents = [parse_document(line, max_chars=10**6) for line in samples.read_bytes().splitlines()]
revision = 2
common = {"budget": 256, "limit": 10, "profile": "header"}
for one in documents:
    record = {"id": one.id, "text": one.text, **common, "document": to_dict(document_message(one))}
    questions.append(record | ({"known_by": one.published.edtf} if one.published else {}))
queries = folder / "queries.jsonl"
queries.write_text("".join(json.dumps(one) + "\\n" for one in questions))
told = {}

def same(name, answers):
    lines = [json.dumps(one, ensure_ascii=False, sort_keys=True) for one in answers]
    assert told.setdefault("answers", lines) == lines, name

def command_line(*words):
    shown = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(shown):
        assert run([str(word) for word in words]) == 0, words
        shown.flush()
    return [json.loads(line) for line in shown.buffer.getvalue().splitlines()]

def requests():
    from google.protobuf.json_format import ParseDict
    for one in questions:
        yield one["id"], ParseDict({**{"budget": 512, "limit": 10, "profile": "brief"}, **{k: v for k, v in one.items() if k != "id"}, "revision": revision}, context_pb2.LookUpRequest())

def records(out):
    rows = zstandard.ZstdDecompressor().stream_reader((out / "documents.ctx.jsonl.zst").read_bytes()).read()
    return [json.loads(row) for row in rows.splitlines()]

def through(client, name):
    same(name + " LookUp", [to_dict(client.look_up(request)) for _, request in requests()])
    same(name + " LookUpMany", [to_dict(item.response) for item in client.look_up_many(requests())])
    enriched = [to_dict(item.response) for item in client.enrich([(one.id, one) for one in documents], Options(full=True).request(revision))]
    assert told.setdefault("enriched", enriched) == enriched, name

with connect_blocking(f"embedded:{world}", embedder="hashing") as client:
    assert client.stats().index_revision == revision
    through(client, "embedded")
data = ("--data", world, "--embedder", "hashing")
with open_running(Settings.read(data=world, embedder="hashing", listen="127.0.0.1:0")) as running, serving(running) as address:
    with connect_blocking(address) as client:
        through(client, "remote")
    server = ("--server", address)
    same("lookup --input --server", [{k: v for k, v in one.items() if k != "id"} for one in command_line("lookup", "--input", queries, *server)])
    command_line("enrich", samples, folder / "remote", "--full", *server, "--json")
same("lookup --input", [{k: v for k, v in one.items() if k != "id"} for one in command_line("lookup", "--input", queries, *data)])
(first,) = command_line("lookup", questions[0]["text"], "--as-of", "1972-06-01", *data, "--json")
assert first == json.loads(told["answers"][0]), "lookup --json"
command_line("enrich", samples, folder / "embedded", "--full", *data, "--json")
names = ("embedded", "remote")
assert (folder / names[0] / "documents.ctx.jsonl.zst").read_bytes() == (folder / names[1] / "documents.ctx.jsonl.zst").read_bytes()
assert [row["record"] for row in records(folder / "embedded")] == told["enriched"]
# A document that is looked up as of its own day is told what enrichment tells it.
for one, asked, enriched in zip(documents, told["answers"][4:], told["enriched"], strict=True):
    if one.published and one.published.is_exact_day:
        assert json.loads(asked) == enriched, one.id
print(json.dumps([told, [row["context_hash"] for row in records(folder / "remote")], (folder / "remote" / "documents.ctx.jsonl.zst").read_bytes().hex()]))
"""


@pytest.mark.slow
def test_every_way_of_asking_gives_the_same_bytes_whatever_the_hash_seed(world: Path, tmp_path: Path) -> None:
    told = []
    documents = tmp_path / "documents.jsonl"
    documents.write_bytes(b"".join(SAMPLES.read_bytes().splitlines(keepends=True)[:8]))
    for seed in ("1", "77"):
        own = shutil.copytree(world, tmp_path / f"world{seed}")
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        words = [sys.executable, "-c", SCRIPT, str(own), str(tmp_path / f"out{seed}"), str(documents)]
        done = subprocess.run(words, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert told[0] == told[1]
    assert told[0].count("context_hash") >= 20
