"""SIGKILL at every failpoint: what was acknowledged is there, what was not is there whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from worldctx.graph.sqlite import open_graph
from worldctx.model.ids import DocumentId
from worldctx.testing.failpoints import environment

WRITER = """
import sys
from pathlib import Path
from worldctx.graph.sqlite import open_graph
from worldctx.model.change import Batch
from worldctx.model.fact import Evidence
from worldctx.testing.graph import claim, record

store = open_graph(Path(sys.argv[1]))
for number in range(6):
    one = record(f"doc:{number}")
    store.attempt(one.document.content_hash)
    fact = claim(evidence=Evidence(one.document.id, 0, 3))
    store.apply(Batch(facts=(fact,), documents=(one,)))
    print(number, flush=True)
store.close()
"""


def write(directory: Path, env: dict[str, str] | None = None) -> tuple[int, list[int]]:
    """Run the writer; its exit status and the documents it acknowledged."""
    done = subprocess.run([sys.executable, "-c", WRITER, str(directory)], env=env, capture_output=True, check=False,
                          timeout=60)
    return done.returncode, [int(line) for line in done.stdout.split()]


@pytest.mark.parametrize(("point", "nth", "acknowledged", "held"), [
    ("graph.migrate.before_commit", 1, 0, 0),
    ("graph.ledger.before_commit", 3, 2, 2),
    ("graph.apply.begun", 3, 2, 2),
    ("graph.apply.before_commit", 1, 0, 0),
    ("graph.apply.before_commit", 4, 3, 3),
    ("graph.apply.after_commit", 4, 3, 4),
])
def test_a_kill_loses_nothing_that_was_acknowledged(
        tmp_path: Path, point: str, nth: int, acknowledged: int, held: int) -> None:
    status, acks = write(tmp_path / "killed", environment(point, "kill", nth))
    assert (status, len(acks)) == (-9, acknowledged)
    store = open_graph(tmp_path / "killed")
    keys = [DocumentId(f"doc:{number}") for number in range(6)]
    assert list(store.at().documents(keys)) == keys[:held]
    assert [len(store.at().passages_of(key)) for key in keys] == [1] * held + [0] * (6 - held)
    assert store.at().counts()["facts"] == held
    assert list(store.check()) == []
    store.close()
    assert write(tmp_path / "killed")[0] == write(tmp_path / "unbroken")[0] == 0
    dumps = []
    for name in ("killed", "unbroken"):
        store = open_graph(tmp_path / name)
        dumps.append(list(store.dump()))
        store.close()
    assert dumps[0] == dumps[1]
