"""txtai on the pools of MuSiQue and HotpotQA, apart: it needs another torch than ours, so it has its own environment.

```sh
python3 -m venv txtai && txtai/bin/pip install txtai==9.14.0
python -m evals.with_txtai DATA txtai/bin/python
```
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from evals.multi_hop import hotpot, musique
from evals.pool import Found, recalls
from evals.row import mean_figure
from worldctx.embed.folder import model_folder

SCRIPT = Path(__file__).with_name("txtai_ranking.py")
DEPTH = 10


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the evaluation data.")],
    python: Annotated[Path, typer.Argument(help="The Python of an environment with txtai.")],
) -> None:
    """Recall of all supporting passages by txtai's hybrid search with the same MiniLM weights as ours."""
    model = model_folder(None).path
    for pool in (musique(data), hotpot(data)):
        asked = {"documents": [f"{one['title']}\n{one['text']}" for one in pool.documents],
                 "queries": [one.text for one in pool.questions], "depth": DEPTH}
        done = subprocess.run([str(python), str(SCRIPT), str(model)], input=json.dumps(asked), text=True, check=True,
                              stdout=subprocess.PIPE, env={**os.environ, "HF_HUB_OFFLINE": "1"})
        found = [Found(tuple(str(pool.documents[number]["id"]) for number in one)) for one in json.loads(done.stdout)]
        for depth in (2, 5):
            figure = mean_figure(f"recall@{depth}", recalls(pool.questions, found, depth))
            sys.stdout.write(f"{pool.name}: {figure.metric} {figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})\n")


if __name__ == "__main__":
    typer.run(main)
