"""The gazetteer: every name in the graph, found in running text by one pass of an Aho-Corasick automaton."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from sys import intern

from daachorse import MATCH_KIND_STANDARD, CharwiseDoubleArrayAhoCorasick

from worldctx.model.clocks import Clocks
from worldctx.model.entity import Kind, Name
from worldctx.model.ids import ZERO, EntityId, Revision
from worldctx.model.time import ALWAYS, Interval
from worldctx.ports.graph import NameRow
from worldctx.ports.lexicon import NameHit, NameMatch
from worldctx.text.fold import fold, fold_name, grapheme_end
from worldctx.text.words import COMMON

#: New names take the layer before them in when it holds at most so many times as many, or so many: few layers, for each
#: is scanned, and each name is built into an automaton few times.
LAYER_RATIO, LAYER_MIN = 8, 512
#: Names in capitals up to this length (US, WHO, IT) must be written in capitals.
ACRONYM = 5
#: What begins the names of regions and is often written small.
DIRECTIONS = frozenset("central east eastern north northern south southern west western".split())
#: Surfaces whose entities are remembered; a full memory is emptied.
REMEMBERED = 1 << 14

_KINDS = tuple(Kind)
_PLACE_OF_KIND = {kind: place for place, kind in enumerate(_KINDS)}


class _Texts(Sequence[str]):
    """Texts in one piece of memory: as objects, a million names would take some hundred bytes each."""

    def __init__(self, texts: Iterable[str]) -> None:
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        self._data, self._starts = b"".join(encoded), array("Q", accumulate(map(len, encoded), initial=0))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, place: int) -> str:  # type: ignore[override]  # nobody slices
        return self._data[self._starts[place] : self._starts[place + 1]].decode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class _Names:
    """Rows of names in columns."""

    entities: _Texts
    texts: _Texts
    langs: tuple[str, ...]
    kinds: bytes
    preferred: bytes
    weights: array[float]
    recorded: array[int]
    dated: dict[int, Interval]

    def __len__(self) -> int:
        return len(self.kinds)

    def row(self, place: int) -> NameRow:
        """One of them as it came in."""
        name = Name(self.texts[place], self.langs[place], self.dated.get(place, ALWAYS), bool(self.preferred[place]))
        return NameRow(EntityId(self.entities[place]), _KINDS[self.kinds[place]], name, self.weights[place],
                       Revision(self.recorded[place]))


@dataclass(frozen=True, slots=True)
class _Layer:
    """Names and the automaton that finds their keys: `starts[i]:starts[i + 1]` are the names of the i-th key."""

    automaton: CharwiseDoubleArrayAhoCorasick | None
    starts: array[int]
    names: _Names

    def rows(self) -> Iterator[NameRow]:
        """All names, in the order of their keys."""
        return map(self.names.row, range(len(self.names)))


def _layer(rows: Iterable[NameRow]) -> _Layer:
    # Column by column, so that of a million rows there is never more than one at a time.
    keys: list[str] = []
    entities: list[str] = []
    texts: list[str] = []
    langs: list[str] = []
    kinds, preferred = bytearray(), bytearray()
    weights, recorded = array("d"), array("q")
    dated: dict[int, Interval] = {}
    for row in rows:
        name = row.name
        key = fold_name(name.text)
        if len(key) > 1 and not key.replace(" ", "").isdigit():
            if name.valid != ALWAYS:
                dated[len(keys)] = name.valid
            keys.append(key)
            entities.append(row.entity)
            texts.append(name.text)
            langs.append(intern(name.lang))
            kinds.append(_PLACE_OF_KIND[row.kind])
            preferred.append(name.preferred)
            weights.append(row.weight)
            recorded.append(row.recorded)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    often = Counter(keys)
    patterns = sorted(often)
    names = _Names(
        _Texts(entities[one] for one in order),
        _Texts(texts[one] for one in order),
        tuple(langs[one] for one in order),
        bytes(kinds[one] for one in order),
        bytes(preferred[one] for one in order),
        array("d", (weights[one] for one in order)),
        array("q", (recorded[one] for one in order)),
        {place: dated[one] for place, one in enumerate(order) if one in dated},
    )
    automaton = CharwiseDoubleArrayAhoCorasick(
        [f" {key} " for key in patterns], MATCH_KIND_STANDARD) if patterns else None
    return _Layer(automaton, array("q", accumulate((often[key] for key in patterns), initial=0)), names)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a surface may name, whatever the clocks: judged once, for names come again and again.

    Attributes:
        common: it is a common word, which must not open a sentence.
        rows: what it may name, with the time the name was in use and its revision.
        always: the answer when every name is in use at all times, from revision `newest` on; else None.
    """

    common: bool
    rows: tuple[tuple[NameHit, Interval, int], ...]
    newest: int
    always: tuple[NameHit, ...] | None

    def under(self, clocks: Clocks, revision: Revision) -> tuple[NameHit, ...]:
        """The entities whose name was recorded by a revision and had come into use under the clocks."""
        if self.always is not None and self.newest <= revision:
            return self.always
        lo, hi, cutoff = clocks.lo, clocks.hi, clocks.cutoff
        return _best(hit if valid.hi > lo else replace(hit, in_use=False) for hit, valid, recorded in self.rows
                     if recorded <= revision and valid.lo < hi and (cutoff is None or valid.lo < cutoff))


def _best(hits: Iterable[NameHit]) -> tuple[NameHit, ...]:
    """One hit for each entity, by id."""
    best: dict[str, NameHit] = {}
    for hit in hits:
        old = best.get(hit.entity)
        if old is None or _fit(hit) > _fit(old):
            best[hit.entity] = hit
    return tuple(best[key] for key in sorted(best))


def _fit(hit: NameHit) -> tuple[bool, bool, bool, str]:
    return hit.in_use, hit.exact, hit.preferred, hit.name


class Gazetteer:
    """An immutable ports.lexicon.Lexicon (daachorse). Names are matched case and accents aside, then by a case policy.

    - a name with capitals needs a capital first letter in the text (or a text in capitals);
    - a short name in capitals (US, WHO, IT) must be written so;
    - a name in lower case is found in any case;
    - a direction need no capital: southern Africa;
    - a name that is also a common word (Nice, Reading, Of) must not open a sentence.
    """

    def __init__(self, rows: Iterable[NameRow] = (), *, layers: tuple[_Layer, ...] | None = None) -> None:
        self._layers = layers if layers is not None else (_layer(rows),)
        self._meanings: dict[tuple[str | int, ...], _Meaning] = {}

    def __len__(self) -> int:
        return sum(len(layer.starts) - 1 for layer in self._layers)

    def extended(self, rows: Sequence[NameRow]) -> Gazetteer:
        """This gazetteer and more names; small additions cost little."""
        layers = list(self._layers)
        while layers and len(layers[-1].names) <= max(LAYER_MIN, LAYER_RATIO * len(rows)):
            rows = [*layers.pop().rows(), *rows]
        return Gazetteer(layers=(*layers, _layer(rows)))

    def scan(self, text: str, clocks: Clocks, revision: Revision) -> Sequence[NameMatch]:
        """See ports.lexicon.Lexicon."""
        folded = fold(text)
        padded = f" {folded.text} "
        # The pattern has a blank at each end and the text one in front: [start, end - 2) of the folded text.
        found = [(start, 2 - end, place, key) for place, layer in enumerate(self._layers)
                 if layer.automaton is not None for start, end, key in layer.automaton.find_overlapping(padded)]
        found.sort()
        matches: list[NameMatch] = []
        taken = 0
        at = 0
        while at < len(found):
            first, minus, *which = found[at]
            at += 1
            while at < len(found) and found[at][0] == first and found[at][1] == minus:
                which += found[at][2:]
                at += 1
            if first < taken:
                continue
            start, end = folded.span(first, -minus)
            end = grapheme_end(text, end)
            surface = text[start:end]
            meaning = self._meanings.get((surface, *which)) or self._meaning(surface, which)
            if not meaning.rows or (meaning.common and opens_sentence(text, start)):
                continue
            hits = meaning.under(clocks, revision)
            if hits:
                matches.append(NameMatch(start, end, surface, hits))
                taken = -minus
        return matches

    def _meaning(self, surface: str, which: Sequence[int]) -> _Meaning:
        """What a surface may name: `which` are pairs of layer and key."""
        common = surface.casefold() in COMMON
        rows: list[tuple[NameHit, Interval, int]] = []
        fitting: dict[str, bool] = {}
        for place, key in zip(which[::2], which[1::2], strict=True):
            layer = self._layers[place]
            names = layer.names
            for one in range(layer.starts[key], layer.starts[key + 1]):
                text = names.texts[one]
                fits = fitting.get(text)
                if fits is None:
                    fits = fitting[text] = fits_case(text, surface) and not (
                        common and surface.isupper() != text.isupper())
                if fits:
                    hit = NameHit(EntityId(names.entities[one]), _KINDS[names.kinds[one]], text, text == surface,
                                  bool(names.preferred[one]), names.weights[one])
                    rows.append((hit, names.dated.get(one, ALWAYS), names.recorded[one]))
        always = _best(hit for hit, _, _ in rows) if all(valid is ALWAYS for _, valid, _ in rows) else None
        meaning = _Meaning(common, tuple(rows), max((recorded for _, _, recorded in rows), default=ZERO), always)
        if len(self._meanings) >= REMEMBERED:
            self._meanings.clear()
        self._meanings[surface, *which] = meaning
        return meaning


def fits_case(name: str, surface: str) -> bool:
    """Whether a text may mean the name, by its capitals."""
    letters = [char for char in name if char.isalpha()]
    if not any(char.isupper() for char in letters):
        return True
    if len(letters) <= ACRONYM and all(char.isupper() for char in letters):
        return surface.upper() == surface
    first = name.partition(" ")[0].casefold()
    if letters[0].isupper() and first in DIRECTIONS and surface.startswith(first):
        return fits_case(name.partition(" ")[2], surface.partition(" ")[2])
    shown = [char for char in surface if char.isalpha()]
    return bool(shown) and (shown[0].isupper() or not letters[0].isupper())


def opens_sentence(text: str, start: int) -> bool:
    """Whether nothing but the end of a sentence, a line or a quotation mark stands before a position."""
    before = text[max(0, start - 8):start].rstrip(" \t\"'“‘«(")
    return not before or before[-1] in ".!?:;\n\r•-–—"
