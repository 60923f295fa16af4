"""Facts as of a date on Wikidata12k: each (subject, relation, year) against brute force. A miss is a bug."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.case import Case
from evals.office import MISSING, STALE
from evals.row import Figure, Row
from worldctx.client.client import connect_blocking, groups
from worldctx.model.errors import NotFound
from worldctx.wire.v1 import graph_pb2

#: Lines of one commit.
LINES = 10_000
#: Subjects asked about: every one whose number leaves this rest, of each year in which something of it changes.
EVERY = 5

Quintuple = tuple[str, str, str, int | None, int | None]


def quintuples(folder: Path) -> Iterator[Quintuple]:
    """Subject, relation, object, first and last year; `####` is an open side (Dasgupta et al. 2018, HyTE; ATISE)."""
    for name in ("train", "valid", "test"):
        for line in (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            subject, relation, target, start, end = line.split("\t")
            first, last = _year(start), _year(end)
            if first is not None and last is not None and last < first:
                continue  # a slip in the data: the store refuses an end before its start
            yield subject, relation, target, first, last


def _year(text: str) -> int | None:
    year = text.rsplit("-", 2)[0]
    return None if "#" in year else int(year)


def line_of(fact: Quintuple) -> str:
    """The fact in the facts format."""
    subject, relation, target, start, end = fact
    valid = {side: f"{'-' if year < 0 else ''}{abs(year):04d}" for side, year in (("from", start), ("to", end))
             if year is not None}
    return json.dumps({"type": "fact", "subject": f"tkg:{subject}", "predicate": relation, "object": f"tkg:{target}",
                       "valid": valid})


def run(data: Path) -> Row:
    """Ask the service for each subject, relation and year; compare sets."""
    facts = sorted(set(quintuples(data / "tkg" / "wikidata")), key=str)
    about: dict[str, list[Quintuple]] = defaultdict(list)
    for fact in facts:
        about[fact[0]].append(fact)
    cases: list[Case] = []
    newest = 0
    with TemporaryDirectory() as folder, connect_blocking(f"embedded:{folder}/world", embedder="none") as client:
        for group in groups(map(line_of, facts), LINES):
            assert not client.write_facts(group).refused
        for subject in sorted(about)[::EVERY]:
            own = about[subject]
            years = sorted({year for fact in own for year in (fact[3], fact[4]) if year is not None})
            for year in years:
                found: dict[str, set[str]] = defaultdict(set)
                request = graph_pb2.ListFactsRequest(
                    entity=f"tkg:{subject}", page_size=10_000,
                    clocks=graph_pb2.Clocks(as_of=f"{'-' if year < 0 else ''}{abs(year):04d}"))
                try:
                    answered = client.list_facts(request).facts
                except NotFound:  # nothing held that year, and no entity line was imported
                    answered = ()
                for one in answered:
                    found[one.predicate].add(one.object.removeprefix("tkg:"))
                for relation in sorted({fact[1] for fact in own}):
                    mine = [fact for fact in own if fact[1] == relation]
                    want = {fact[2] for fact in mine if (fact[3] is None or fact[3] <= year)
                            and (fact[4] is None or year <= fact[4])}
                    cases.append(_judged(f"{subject} {relation} {year}", want, found[relation]))
                    newest += want == {max(mine, key=lambda fact: (fact[3] or -9999, fact[2]))[2]}
    exact = sum(one.score for one in cases) / len(cases)
    stale = sum(one.fault == STALE for one in cases) / len(cases)
    return Row("facts as of a date", "tkg/wikidata (every 5th subject)", len(cases), (
        Figure("exact set", exact, exact, exact, newest / len(cases), 1.0),
        Figure("stale rate", stale, stale, stale, None, 0.0),
    ), "baseline: the newest fact only", tuple(cases))


def _judged(asked: str, want: set[str], found: set[str]) -> Case:
    stale, missing = sorted(found - want), sorted(want - found)
    return Case(asked, f"objects of {asked}", " ".join(sorted(want)) or "none", " ".join(sorted(found)) or "none",
                float(found == want), STALE if stale else MISSING if missing else "",
                (*(f"did not hold then: {one}" for one in stale), *(f"missing: {one}" for one in missing)))
