"""Run by the Python that has txtai, which is not in our environment: ranks documents for queries by its hybrid search.

`python txtai_ranking.py MODEL < pool.json`; the pool is {"documents": [text], "queries": [text], "depth": number}.
It imports nothing of ours, so that an environment with txtai alone is enough.
"""

from __future__ import annotations

import json
import sys

from txtai import Embeddings  # type: ignore[import-not-found]  # another environment has it


def main() -> None:
    """BM25 and vectors of the model in a folder, fused with equal weights: the settings of txtai's documentation."""
    pool = json.load(sys.stdin)
    index = Embeddings(path=sys.argv[1], hybrid=True, backend="numpy")
    index.index((number, text, None) for number, text in enumerate(pool["documents"]))
    found = index.batchsearch(pool["queries"], pool["depth"])
    json.dump([[number for number, _ in one] for one in found], sys.stdout)


if __name__ == "__main__":
    main()
