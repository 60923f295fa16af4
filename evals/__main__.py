"""All measurements by name. `python -m evals DATA` is `worldctx eval run DATA`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from evals import (
    dates,
    dialogues,
    events,
    facts_as_of,
    future,
    kinds,
    language,
    linking,
    multi_hop,
    names,
    office,
    passages,
    reader,
    right_context,
    same_thing,
    speed,
    toponyms,
)
from evals.row import Row

#: Every measurement by the name under which it is asked for, in the order of the table: one line each.
MEASURED: Mapping[str, Callable[[Path, str], Iterable[Row]]] = {
    "facts-as-of": lambda data, embedder: [facts_as_of.run(data)],
    "office": lambda data, embedder: office.run(data),
    "dated": lambda data, embedder: [passages.run_dated(data, embedder)],
    "dialogues": dialogues.run,
    "multi-hop": multi_hop.run_many,
    "events": lambda data, embedder: events.run(data),
    "future": lambda data, embedder: future.run(data),
    "reader": lambda data, embedder: [reader.run(data)],
    "where": lambda data, embedder: toponyms.run(data),
    "dates": lambda data, embedder: [dates.run(data)],
    "who": lambda data, embedder: linking.run(data),
    "names": lambda data, embedder: names.run(data),
    "language": lambda data, embedder: language.run(data),
    "kinds": lambda data, embedder: kinds.run(data),
    "right-context": lambda data, embedder: right_context.run(data),
    "speed": lambda data, embedder: speed.run(data),
    "same-thing": lambda data, embedder: same_thing.run(data),
}


if __name__ == "__main__":
    from worldctx.cli import run

    sys.exit(run(["eval", "run", *sys.argv[1:]]))
