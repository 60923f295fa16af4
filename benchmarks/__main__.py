"""All benchmarks, one after the other, on one world."""

from __future__ import annotations

from benchmarks import erasure, gazetteer, imports, ingest, lookup, one_hop, search, start
from benchmarks.report import options


def main() -> None:
    """Run them all."""
    given = options(__doc__ or "")
    for benchmark in (ingest, imports, one_hop, gazetteer, search, lookup, start, erasure):
        benchmark.measure(given.size, given.directory).show(as_json=given.as_json)


if __name__ == "__main__":
    main()
