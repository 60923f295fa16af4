"""Fifty kills during ingest: nothing that was acknowledged is missing, no document is there in part, verify is clean."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from worldctx.config import Settings
from worldctx.model.ids import DocumentId
from worldctx.ports.deadline import Deadline
from worldctx.wiring import open_running

#: Writes batches for ever and prints the ids of each after its acknowledgement.
WRITER = """
import itertools, sys
from pathlib import Path
from worldctx.config import Settings
from worldctx.wiring import open_running
with open_running(Settings.read(data=Path(sys.argv[1]), embedder="hashing")) as running:
    for batch in itertools.count():
        names = [f"k:{sys.argv[2]}:{batch}:{number}" for number in range(5)]
        acks = running.writer.ingest([b'{"id":"%s","text":"Peace came to %s. It held for long."}' % (name.encode(), name.encode()) for name in names])
        print(*[ack.document for ack in acks if ack.error is None], flush=True)
"""


@pytest.mark.slow
def test_what_was_acknowledged_survives_fifty_kills(tmp_path: Path) -> None:
    rng = random.Random(11)
    data = tmp_path / "world"
    acknowledged: set[str] = set()
    for kill in range(50):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(data), str(kill)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        acknowledged.update(process.stdout.readline().split())
        time.sleep(rng.random() * 0.15)
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read()
        # A line that was cut short by the kill was not read whole by anybody.
        acknowledged.update(word for line in rest.splitlines(keepends=True) if line.endswith("\n") for word in line.split())
        process.wait()
        process.stdout.close()
    assert len(acknowledged) > 250
    with open_running(Settings.read(data=data, embedder="hashing")) as running:
        running.follower.wait_for(running.world.graph.head(), Deadline.after(60))
        reader = running.world.graph.at()
        found = reader.documents([DocumentId(one) for one in acknowledged])
        assert acknowledged - set(found) == set()
        stored = [json.loads(line) for line in running.world.graph.dump()]
        documents = [one for one in stored if one["type"] == "document"]
        assert all(reader.passages_of(DocumentId(one["id"])) for one in documents)
        assert running.verify() == []
