"""The gazetteer: every name in the graph, found in running text by one pass of an Aho-Corasick automaton."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from daachorse import MATCH_KIND_STANDARD, CharwiseDoubleArrayAhoCorasick

from worldctx.model.clocks import Clocks
from worldctx.model.ids import Revision
from worldctx.ports.graph import NameRow
from worldctx.ports.lexicon import NameHit, NameMatch
from worldctx.text.fold import fold, fold_name, grapheme_end
from worldctx.text.words import COMMON

#: A layer of new names is merged into the big one when it holds more than this share of it.
COMPACT_SHARE = 0.25
COMPACT_MIN = 2000
#: Names in capitals up to this length (US, WHO, IT) must be written in capitals.
ACRONYM = 5


@dataclass(frozen=True, slots=True)
class _Layer:
    automaton: CharwiseDoubleArrayAhoCorasick | None
    keys: tuple[str, ...]
    postings: dict[str, tuple[NameRow, ...]]


def _layer(rows: Iterable[NameRow]) -> _Layer:
    postings: dict[str, list[NameRow]] = defaultdict(list)
    for row in rows:
        key = fold_name(row.name.text)
        if len(key) > 1 and not key.replace(" ", "").isdigit():
            postings[key].append(row)
    keys = tuple(sorted(postings))
    automaton = CharwiseDoubleArrayAhoCorasick([f" {key} " for key in keys], MATCH_KIND_STANDARD) if keys else None
    return _Layer(automaton, keys, {key: tuple(found) for key, found in postings.items()})


class Gazetteer:
    """An immutable ports.lexicon.Lexicon (daachorse). Names are matched case and accents aside, then by a case policy.

    - a name with capitals needs a capital first letter in the text (or a text in capitals);
    - a short name in capitals (US, WHO, IT) must be written so;
    - a name in lower case is found in any case;
    - a name that is also a common word (Nice, Reading, Of) must not open a sentence.
    """

    def __init__(self, rows: Iterable[NameRow] = (), *, layers: tuple[_Layer, ...] | None = None) -> None:
        self._layers = layers if layers is not None else (_layer(rows),)

    def __len__(self) -> int:
        return sum(len(layer.keys) for layer in self._layers)

    def extended(self, rows: Sequence[NameRow]) -> Gazetteer:
        """This gazetteer and more names; small additions cost little."""
        base, extra = self._layers[0], [row for layer in self._layers[1:] for found in layer.postings.values()
                                        for row in found]
        extra += rows
        if len(extra) > max(COMPACT_MIN, COMPACT_SHARE * len(base.keys)):
            return Gazetteer([row for found in base.postings.values() for row in found] + extra)
        return Gazetteer(layers=(base, _layer(extra)))

    def scan(self, text: str, clocks: Clocks, revision: Revision) -> Sequence[NameMatch]:
        """See ports.lexicon.Lexicon."""
        folded = fold(text)
        padded = f" {folded.text} "
        raw: dict[tuple[int, int], list[NameRow]] = defaultdict(list)
        for layer in self._layers:
            if layer.automaton is None:
                continue
            for start, end, index in layer.automaton.find_overlapping(padded):
                # The pattern has a blank at each end and the text one in front: [start, end - 2) of the folded text.
                raw[start, end - 2].extend(layer.postings[layer.keys[index]])
        matches: list[NameMatch] = []
        taken = 0
        for (first, last), rows in sorted(raw.items(), key=lambda one: (one[0][0], -one[0][1])):
            if first < taken:
                continue
            start, end = folded.span(first, last)
            end = grapheme_end(text, end)
            surface = text[start:end]
            hits = _hits(text, start, surface, rows, clocks, revision)
            if hits:
                matches.append(NameMatch(start, end, surface, hits))
                taken = last
        return matches


def _hits(text: str, start: int, surface: str, rows: Sequence[NameRow], clocks: Clocks,
          revision: Revision) -> tuple[NameHit, ...]:
    best: dict[str, NameHit] = {}
    opening: bool | None = None
    for row in rows:
        name = row.name
        if row.recorded > revision or not name.valid.overlaps(clocks.lo, clocks.hi):
            continue
        if clocks.cutoff is not None and name.valid.lo >= clocks.cutoff:
            continue
        if not fits_case(name.text, surface):
            continue
        if surface.casefold() in COMMON:
            opening = opens_sentence(text, start) if opening is None else opening
            if opening or surface.isupper() != name.text.isupper():
                continue
        hit = NameHit(row.entity, row.kind, name.text, name.text == surface, name.preferred, row.weight)
        old = best.get(row.entity)
        if old is None or (hit.exact, hit.preferred, hit.name) > (old.exact, old.preferred, old.name):
            best[row.entity] = hit
    return tuple(best[key] for key in sorted(best))


def fits_case(name: str, surface: str) -> bool:
    """Whether a text may mean the name, by its capitals."""
    letters = [char for char in name if char.isalpha()]
    if not any(char.isupper() for char in letters):
        return True
    if len(letters) <= ACRONYM and all(char.isupper() for char in letters):
        return surface.upper() == surface
    shown = [char for char in surface if char.isalpha()]
    return bool(shown) and (shown[0].isupper() or not letters[0].isupper())


def opens_sentence(text: str, start: int) -> bool:
    """Whether nothing but the end of a sentence, a line or a quotation mark stands before a position."""
    before = text[max(0, start - 8):start].rstrip(" \t\"'“‘«(")
    return not before or before[-1] in ".!?:;\n\r•-–—"
