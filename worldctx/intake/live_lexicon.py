"""The lexicon that follows the graph: an immutable gazetteer, swapped whole when names were added."""

from __future__ import annotations

from collections.abc import Sequence

from worldctx.model.clocks import Clocks
from worldctx.model.ids import ZERO, Revision
from worldctx.ports.graph import GraphStore
from worldctx.ports.lexicon import NameMatch
from worldctx.text.gazetteer import Gazetteer


class LiveLexicon:
    """A ports.lexicon.Lexicon over all names up to `revision`; reading needs no lock."""

    def __init__(self, gazetteer: Gazetteer | None = None, revision: Revision = ZERO) -> None:
        self._gazetteer = gazetteer if gazetteer is not None else Gazetteer(())
        self.revision = revision
        #: The newest erasure that the names are without.
        self._erased = ZERO

    def scan(self, text: str, clocks: Clocks, revision: Revision) -> Sequence[NameMatch]:
        """See ports.lexicon.Lexicon."""
        return self._gazetteer.scan(text, clocks, revision)

    def follow(self, graph: GraphStore, head: Revision) -> None:
        """Take in the names recorded up to `head`, all anew when some were erased. Only the follower calls this."""
        erased = graph.erased()
        if head <= self.revision and erased == self._erased:
            return
        head = max(head, self.revision)
        begun = self.revision if erased == self._erased else ZERO
        rows = (row for row in graph.names(begun) if row.recorded <= head)
        if begun == ZERO:
            # One at a time: the first names of an open store may be a million.
            self._gazetteer = Gazetteer(rows)
        elif fresh := list(rows):
            self._gazetteer = self._gazetteer.extended(fresh)
        self.revision, self._erased = head, erased
