"""`worldctx resolve review`: candidates one by one in the terminal, and a person's decisions."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TextIO

from worldctx.commands.resolving import (
    At,
    By,
    MinScore,
    OfKind,
    Unsure,
    at_work,
    judged_in,
    judgement,
    labels_for,
    open_pairs,
    show,
    write,
)
from worldctx.commands.screen import out, say
from worldctx.commands.sink import Sink
from worldctx.commands.target import AsJson, Data, Server
from worldctx.ports.graph import GraphStore
from worldctx.resolve.candidates import Candidate, Census
from worldctx.resolve.judged import Camps, Judged, Pair, taken_back, tied

PROMPT = "same? y(es) n(o) u(nsure) s(kip) b(ack) q(uit): "
ANSWERS = {"y": True, "yes": True, "n": False, "no": False, "u": None, "unsure": None}
SKIP, BACK, QUIT = ("s", "skip"), ("b", "back"), ("q", "quit")


def resolve_review(
    by: By,
    kind: OfKind = None,
    min_score: MinScore = 0.5,
    unsure: Unsure = False,
    at: At = "",
    data: Data = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Decide about candidates one by one, likeliest first: y same, n different, u unsure, s skip, b back, q quit.

    Each decision is written at once; `b` takes the last one back and asks again. Answers may come from a pipe, one a
    line. The graph is read in the data directory or where the settings say; with --server the service writes.

    Example: worldctx resolve review --by me --kind person --data ./world
    """
    with at_work(data, server) as (graph, sink):
        census, judged = Census(graph, kind=kind), judged_in(graph)
        found = open_pairs(census, judged, min_score, unsure=unsure)
        review = Review(graph, sink, judged, by, at)
        review.run(found, census, sys.stdin)
    say(review.counts, as_json=as_json)


@dataclass(slots=True)
class Review:
    """One sitting: what was decided, and what that means for the pairs that come."""

    graph: GraphStore
    sink: Sink
    judged: Judged
    by: str
    at: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(
        ("same", "different", "unsure", "skipped", "taken back"), 0))
    _done: list[tuple[int, bool | None]] = field(default_factory=list)

    def run(self, found: Sequence[Candidate], census: Census, source: TextIO) -> None:
        """Ask about each pair that the decisions so far have not made one."""
        place = 0
        while place < len(found):
            one, camps = found[place], self._camps(found)
            if one.right.id in camps.of(one.left.id):
                place += 1
                continue
            show(one, labels_for(census, [one]), self.judged.between(*one.ids))
            if (against := camps.against(*one.ids)) is not None:
                out.print(f"  {against[0]} and {against[1]} were judged different; they would be one with these",
                          markup=False)
            answer = self._ask(source)
            if answer in QUIT:
                return
            if answer in BACK:
                place = self._take_back(found, place)
                continue
            if answer in SKIP:
                self.counts["skipped"] += 1
            else:
                same = ANSWERS[answer]
                if same and against is not None:
                    out.print("not written: judge that pair first", markup=False)
                    continue
                self._write(one.ids, same)
                self._done.append((place, same))
                self.counts["same" if same else "unsure" if same is None else "different"] += 1
            place += 1

    def _camps(self, found: Sequence[Candidate]) -> Camps:
        camps = Camps(self.judged.apart)
        for place, same in self._done:
            if same:
                camps.join(*found[place].ids)
            elif same is False:
                camps.part(*found[place].ids)
        return camps

    def _ask(self, source: TextIO) -> str:
        """The next answer that is one; the end of the input is `q`."""
        while True:
            if source.isatty():
                out.print(PROMPT, end="", markup=False)
            line = source.readline()
            answer = line.strip().lower()
            if not line:
                return QUIT[0]
            if answer in ANSWERS or answer in (*SKIP, *BACK, *QUIT):
                return answer
            out.print(f"answer one of: {PROMPT.partition('? ')[2].rstrip(': ')}", markup=False)

    def _take_back(self, found: Sequence[Candidate], place: int) -> int:
        """Undo the last decision of this sitting; returns the place of its pair, to be asked again."""
        if not self._done:
            out.print("nothing to take back", markup=False)
            return place
        last, same = self._done.pop()
        ids = found[last].ids
        history = [*self.judged.history(*ids), judgement(*ids, same, self.by, self.at)]
        self._write(ids, taken_back(history, tied=tied(self.graph, *ids)))
        self.counts["taken back"] += 1
        return last

    def _write(self, ids: Pair, same: bool | None) -> None:
        write(self.sink, [judgement(*ids, same, self.by, self.at)])
