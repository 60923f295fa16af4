"""The read path as a story: text → mentions → links → facts and passages → slots → text. The only file with I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from worldctx.lookup.assemble import assemble, day_of, declared_country
from worldctx.lookup.fuse import Fused, fuse, years_in
from worldctx.lookup.link import SCORED, Scene, link, salience
from worldctx.lookup.mention import Named, find_mentions
from worldctx.lookup.predicates import JURISDICTION, RIVALS, asked_for
from worldctx.lookup.prefer import Resolve, conflicts, ordered, preferred
from worldctx.lookup.rank import Matter, Scored, compared, rank
from worldctx.lookup.render import render
from worldctx.model.ask import Ask, clocks_of
from worldctx.model.clocks import Clocks
from worldctx.model.context import (
    Claim,
    Context,
    DateMention,
    LeftOut,
    Link,
    RankedFact,
    RankedPassage,
    Span,
)
from worldctx.model.document import Document, Passage
from worldctx.model.entity import Entity, label_under
from worldctx.model.errors import BadInput
from worldctx.model.fact import Fact
from worldctx.model.ids import DocumentId, EntityId, PassageId, Revision, SourceId
from worldctx.model.time import DAY, civil
from worldctx.ports.deadline import Deadline
from worldctx.ports.graph import FactTable, GraphReader, Side, Step, Walk
from worldctx.ports.lexicon import NameHit
from worldctx.ports.search import Hit, View
from worldctx.ports.world import World
from worldctx.search.analysis import spaced, terms, words
from worldctx.text.dates import find_dates, only_date

#: A text up to this long that is no document is a prompt: its words are read as a question.
PROMPT_CHARS = 600
#: Linked entities whose facts are read, and facts read of each in either direction.
ENTITIES, FACTS_EACH = 24, 32
#: Of so many of them, the ones that the text is most about, the holders of offices are read.
OFFICES_OF = 6
#: Ambiguous candidates whose neighbours are read for coherence.
COHERENT = 48
#: Facts that have an entity as subject, as object; who holds an office (Chile → President of Chile → its holder then).
ABOUT, NAMING, HOLDERS = Step(Side.SUBJECT), Step(Side.OBJECT), Step(Side.OBJECT, "position_held")
#: Salience of what an event must touch, and how long ago it may have begun, to be told without being named.
TOUCHED, NEAR_IN_TIME = 0.4, 2 * 366 * DAY
#: Hits asked of each retriever for each passage wanted.
OVERSAMPLE = 3
#: Characters of a long text that stand for it in the vector search: the model's window is 256 tokens.
EMBED_CHARS = 1000
#: Cosine from which on a passage is near enough to a prompt to be shown whatever its words.
CLOSE = 0.45
#: Share of a prompt's words that a passage must have to be shown, and how many are enough of a long one.
ENOUGH_SHARE, ENOUGH_WORDS = 0.6, 3
#: What makes a question, as index terms: no passage needs it to answer.
QUESTION_WORDS = frozenset(terms(
    "who whom whose what which when where why how did do does many much long old tell me about please explain describe "
    "give information know happened say"))
#: Cosine below which a passage has nothing to do with the text.
NEAR = 0.25
#: Seconds that a step needs at least; with less left it is left out, in the stated order.
GRAPH_WALK_S, VECTORS_S, SEARCH_S = 0.010, 0.030, 0.004


@dataclass(frozen=True, slots=True)
class PassageAnswer:
    """Passages, the revision they were read at, and what was left out."""

    passages: tuple[RankedPassage, ...]
    revision: Revision
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class _Request:
    """An ask with everything that is decided before the first look at the graph."""

    ask: Ask
    text: str
    clocks: Clocks
    basis: str
    reader: GraphReader
    dates: tuple[DateMention, ...]

    @property
    def is_prompt(self) -> bool:
        return self.ask.document is None and len(self.text) <= PROMPT_CHARS


def look_up(ask: Ask, world: World, deadline: Deadline) -> Context:
    """Everything that can truthfully be said for this ask, within its budget.

    Args:
        ask: the question; `ask.revision` must be one that graph and index hold.
        world: the open stores.
        deadline: with little time left, graph walk, vectors and search are left out, in this order, and said so.

    Raises:
        BadInput: no text, or a limit or budget out of range.
        RevisionUnavailable: the revision is beyond the graph's head.
        DeadlineExceeded, Cancelled
    """
    request = _request(ask, world)
    deadline.check()
    links, labels, publisher = _link(request, world)
    deadline.check()
    weights = salience(links, len(request.text))
    left: list[LeftOut] = []
    facts, events, absent, labels = _facts(request, weights, labels, deadline, left)
    deadline.check()
    passages, near = _passages(request, world, deadline, left)
    slots = assemble(request.text, ask.document, links, request.dates, weights, publisher, facts, events, labels,
                     absent)
    shown = relevant(passages, near, request.text) if request.is_prompt else related(passages, near, links)
    rendered, unfit = render(ask.profile, ask.budget, world.tokens, request.text, ask.document, slots, facts, shown,
                             _clocks_line(request))
    if len(shown) < len(passages):
        left.append(LeftOut("rendered passages", "relevance", len(passages) - len(shown)))
    return Context(links, facts, passages, request.dates, slots, rendered, _as_of(request), request.basis,
                   day_of(request.clocks.cutoff), request.reader.revision, (*left, *unfit))


def find_passages(ask: Ask, world: World, deadline: Deadline) -> PassageAnswer:
    """Passages for a text under the three clocks; see `look_up` for the errors."""
    request = _request(ask, world)
    left: list[LeftOut] = []
    passages, _ = _passages(request, world, deadline, left)
    return PassageAnswer(passages, request.reader.revision, tuple(left))


def _request(ask: Ask, world: World) -> _Request:
    text = ask.text or (ask.document.text if ask.document else "")
    if not text.strip():
        raise BadInput.at("text", "is empty; send a prompt or a document")
    if not 1 <= ask.limit <= 1000:
        raise BadInput.at("limit", f"{ask.limit} is not between 1 and 1000")
    if not 0 <= ask.budget <= 1_000_000:
        raise BadInput.at("budget", f"{ask.budget} is not between 0 and 1,000,000")
    named = only_date(text) if ask.document is None and ask.as_of is None and len(text) <= PROMPT_CHARS else None
    clocks, basis = clocks_of(ask, named)
    anchor = (ask.document.published if ask.document else None) or ask.as_of or ask.now
    revision = ask.revision if ask.revision is not None else world.search.revision
    return _Request(ask, text, clocks, basis, world.graph.at(revision), tuple(find_dates(text, anchor)))


def _link(request: _Request, world: World) -> tuple[tuple[Link, ...], dict[EntityId, str], Link | None]:
    """Links of the text, the labels of the entities behind them, and what the declared publisher means."""
    revision = request.reader.revision
    matches = world.lexicon.scan(request.text, request.clocks, revision)
    mentions = find_mentions(request.text, matches, request.ask.filter.kinds)
    declared = _declared_names(request.ask.document)
    outside = [find_mentions(name, world.lexicon.scan(name, request.clocks, revision)) for name in declared]
    whole = [tuple(one for one in found if one.start == 0 and one.end == len(name))
             for name, found in zip(declared, outside, strict=True)]
    every = (*mentions, *(one for found in whole for one in found))
    # A name that comes again has the same hits.
    wanted = {hit.entity for one in {one.surface: one for one in every}.values() for hit in _best_hits(one)}
    country = declared_country(request.ask.document)
    entities = _existing(request, wanted | ({country} if country else set()))
    scene = _scene(request, mentions, whole, entities, entities.get(country) if country else None)
    labels = {key: label_under(one, request.clocks) for key, one in entities.items()}
    publisher = link(whole[0], scene, labels) if whole and whole[0] else ()
    return (link(tuple(_trimmed(one) for one in mentions), scene, labels), labels,
            publisher[0] if publisher else None)


def _declared_names(document: Document | None) -> tuple[str, ...]:
    return () if document is None else (document.publisher, document.place)


def _best_hits(mention: Named) -> tuple[NameHit, ...]:
    if len(mention.hits) <= SCORED:
        return mention.hits
    return tuple(sorted(mention.hits, key=lambda hit: (-hit.weight, not hit.preferred, hit.entity))[:SCORED])


def _trimmed(mention: Named) -> Named:
    return mention if len(mention.hits) <= SCORED else replace(mention, hits=_best_hits(mention))


def _existing(request: _Request, wanted: set[EntityId]) -> dict[EntityId, Entity]:
    """Entities that were there to be named: not those whose birth or founding lies in the future of the clocks."""
    return dict(request.reader.entities(wanted - request.reader.unborn(wanted, request.clocks)))


def _scene(request: _Request, mentions: Sequence[Named], declared: Sequence[tuple[Named, ...]],
           entities: dict[EntityId, Entity], country: Entity | None) -> Scene:
    present: dict[EntityId, int] = {}
    for surface in {one.surface: one for one in mentions}.values():
        for hit in surface.hits:
            if hit.entity in entities:
                present[hit.entity] = present.get(hit.entity, 0) + 1
    near: dict[EntityId, set[EntityId]] = {key: {one.within} if one.within else set() for key, one in entities.items()}
    ambiguous = sorted({hit.entity for one in mentions if len(one.hits) > 1 for hit in _trimmed(one).hits
                        if hit.entity in entities})
    ambiguous.sort(key=lambda key: (-entities[key].weight, key))
    about = request.reader.walk([Walk(tuple(ambiguous[:COHERENT]), (ABOUT,))], request.clocks, FACTS_EACH)
    for subject, other in zip(about.subjects.tolist(), about.objects.tolist(), strict=True):
        if other >= 0:
            near.setdefault(about.ids[subject], set()).add(about.ids[other])
    home = {hit.entity for found in declared for one in found for hit in _trimmed(one).hits if hit.entity in entities}
    home |= {container for key in home if (container := entities[key].within)}
    home |= {country.id} if country is not None else set()
    return Scene(entities, {key: frozenset(value) for key, value in near.items()}, present, frozenset(home))


def _facts(request: _Request, weights: Mapping[EntityId, float], labels: Mapping[EntityId, str], deadline: Deadline,
           left: list[LeftOut]) -> tuple[tuple[RankedFact, ...], tuple[EntityId, ...], tuple[Claim, ...],
                                         dict[EntityId, str]]:
    """The chosen facts, events around the linked entities, what was asked for and is not there, and all labels."""
    reader, clocks = request.reader, request.clocks
    ids = tuple(sorted(weights, key=lambda key: (-weights[key], key))[:ENTITIES])
    asked = asked_for(request.text) if request.is_prompt else {}
    walks = [Walk(ids, (ABOUT,))]
    if deadline.remaining >= GRAPH_WALK_S:
        walks.append(Walk(ids, (NAMING,)))
        walks += [Walk(ids[:OFFICES_OF], (Step(Side.OBJECT, predicate), HOLDERS)) for predicate in sorted(JURISDICTION)]
    else:
        left.append(LeftOut("graph_walk", "deadline"))
    walks += [Walk(ids, (Step(side, predicate),)) for predicate in asked for side in Side]
    table = reader.walk(walks, clocks, FACTS_EACH)
    labels = dict(labels)
    words = frozenset[str]()
    if request.is_prompt:
        words = frozenset(request.text.casefold().replace("?", " ").replace(",", " ").split())
        _name(request, compared(table, weights), labels)
    matter = Matter(clocks, weights, asked, words, labels,
                    frozenset((date.valid.lo, date.valid.hi) for date in request.dates
                              if date.valid.start is not None and date.valid.end is not None))
    same = _same(reader, table)
    chosen = tuple(one for one in rank(table, matter, request.ask.limit, reader.facts, same)
                   if clocks.sees(one.fact.valid, one.fact.known))
    events = _events_near(table, weights, clocks)
    absent = _absent(ids, asked, table, labels)
    _name(request, [*events, *(end for one in chosen for end in (one.fact.subject, one.fact.object) if end)], labels)
    return _shown(request, chosen, labels, same), events, absent, labels


def _name(request: _Request, ids: Iterable[EntityId], labels: dict[EntityId, str]) -> None:
    """Add the labels of entities that have none yet."""
    labels.update(request.reader.labels({one for one in ids if one not in labels}, request.clocks))


def _events_near(table: FactTable, weights: Mapping[EntityId, float], clocks: Clocks) -> tuple[EntityId, ...]:
    """Events of the time before the date asked about that touch what the text is about, latest first, ties by id.

    Only those that the text does not name itself.
    """
    if clocks.as_of is None:
        return ()
    touched: dict[EntityId, float] = {}
    begun: dict[EntityId, int] = {}
    for row in np.flatnonzero(table.events).tolist():
        event, other, start = table.ids[table.subjects[row]], table.objects[row], int(table.starts[row])
        if event not in weights:
            salient = weights.get(table.ids[other], 0.0) if other >= 0 else 0.0
            touched[event] = max(touched.get(event, 0.0), salient)
            begun[event] = max(begun.get(event, start), start)
    near = [(clocks.hi - begun[event], event) for event in touched
            if touched[event] >= TOUCHED and 0 <= clocks.hi - begun[event] <= NEAR_IN_TIME]
    return tuple(event for _, event in sorted(near)[:5])


def _absent(ids: Sequence[EntityId], asked: Mapping[str, float], table: FactTable,
            labels: Mapping[EntityId, str]) -> tuple[Claim, ...]:
    """What the prompt asks for of the one entity that it names and no fact says."""
    if not asked or len(ids) != 1:
        return ()
    if any(table.names[place] in asked for place in np.unique(table.predicates)):
        return ()
    return (Claim(f"asked.{next(iter(asked))}", labels.get(ids[0], str(ids[0])), str(ids[0]), 0.0, "graph_inference",
                  "worldctx-facts@1"),)


def _same(reader: GraphReader, table: FactTable) -> Resolve:
    """The id under which an id of a fact that may have rivals is read: what was merged speaks of one thing."""
    rival = np.array([name in RIVALS for name in table.names], bool)[table.predicates]
    places = np.unique(np.concatenate([table.subjects[rival], table.objects[rival]])).tolist()
    resolved = reader.resolve([table.ids[place] for place in places if place >= 0])
    return lambda one: resolved.get(one, one)


def _shown(request: _Request, chosen: Sequence[Scored], labels: Mapping[EntityId, str], same: Resolve,
           ) -> tuple[RankedFact, ...]:
    """The chosen facts as an answer shows them; of those that rival each other the preferred one first."""
    facts = {one.fact.id: one for one in chosen}
    in_answer = [one.fact for one in chosen]
    against = conflicts(in_answer, request.clocks, same)
    weighed = _rivals(request, in_answer, same)
    sources = request.reader.sources({one.source for one in (*in_answer, *weighed) if one.source is not None})
    first = preferred(weighed, sources, request.clocks, same)
    shown = []
    for one in map(facts.__getitem__, ordered(in_answer, first, request.clocks, same)):
        source = sources.get(one.fact.source or SourceId(""))
        shown.append(RankedFact(
            one.fact, labels.get(one.fact.subject, str(one.fact.subject)),
            labels.get(one.fact.object, str(one.fact.object)) if one.fact.object is not None else "",
            request.clocks.shown(one.fact.valid, one.fact.known), source.title if source else "",
            source.url if source else "", one.score, one.reasons, tuple(map(str, against.get(one.fact.id, ()))),
            one.fact.id in first))
    return tuple(shown)


def _rivals(request: _Request, facts: Sequence[Fact], same: Resolve) -> list[Fact]:
    """All facts that the clocks show of the subjects and predicates on which facts of the answer rival each other.

    An answer leaves out who else says the same; the rule of preference counts them.
    """
    claims = Counter((fact.predicate, same(fact.subject)) for fact in facts if fact.predicate in RIVALS)
    about: dict[str, list[EntityId]] = {}
    for predicate, subject in sorted(one for one, count in claims.items() if count > 1):
        about.setdefault(predicate, []).append(subject)
    return [fact for predicate, subjects in about.items()
            for fact in request.reader.facts_about(subjects, request.clocks, predicate=predicate)]


def _passages(request: _Request, world: World, deadline: Deadline, left: list[LeftOut],
              ) -> tuple[tuple[RankedPassage, ...], frozenset[PassageId]]:
    """Passages by BM25 and vectors, fused, and which of them are near in meaning.

    Every hit is read again from the graph and checked against the clocks.
    """
    ask = request.ask
    if deadline.remaining < SEARCH_S:
        left += [LeftOut("vectors", "deadline"), LeftOut("search", "deadline")]
        return (), frozenset()
    own = ask.document.id if ask.document is not None and ask.document.id else None
    view = View(request.reader.revision, request.clocks, ask.filter, own)
    breadth = max(30, OVERSAMPLE * ask.limit)
    text = request.text if ask.document is None else f"{ask.document.title} {request.text}"
    lists: dict[str, Sequence[Hit]] = {"bm25": world.search.text(text, view, breadth)}
    if world.embedder is None or world.search.dimension == 0:
        left.append(LeftOut("vectors", "unavailable"))
    elif deadline.remaining < VECTORS_S:
        left.append(LeftOut("vectors", "deadline"))
    else:
        vector = world.embedder.embed([text[:EMBED_CHARS]])[0]
        lists["vectors"] = [hit for hit in world.search.nearest(vector, view, breadth) if hit.score >= NEAR]
    deadline.check()
    near = frozenset(hit.passage for hit in lists.get("vectors", ()) if hit.score >= CLOSE)
    years = _years(request)
    hits = {hit.passage: hit.document for found in lists.values() for hit in found}
    # Only a year that is asked about needs the texts of all that were found.
    read = _read(request, hits) if years else {}
    texts = {key: piece.text for key, (piece, _) in read.items()}
    shown: list[RankedPassage] = []
    orphans = 0
    fused = fuse(lists, texts, years)
    for first in range(0, len(fused), ask.limit):
        some = fused[first:first + ask.limit]
        if not years:
            read = _read(request, {one.passage: hits[one.passage] for one in some})
        orphans += sum(one.passage not in read for one in some)
        shown += [_passage(one, *read[one.passage]) for one in some if one.passage in read]
        if len(shown) >= ask.limit:
            break
    if orphans:
        left.append(LeftOut("passages", "orphan", orphans))
    return tuple(shown[:ask.limit]), near


def _read(request: _Request, hits: Mapping[PassageId, DocumentId]) -> dict[PassageId, tuple[Passage, Document]]:
    """Found passages and their documents as the graph has them, those that the clocks let through."""
    pieces = request.reader.passages(hits)
    documents = request.reader.documents(set(hits.values()))
    return {key: (piece, document) for key, piece in pieces.items()
            if (document := documents.get(piece.document)) and request.clocks.said(document.published)}


def relevant(passages: Sequence[RankedPassage], near: frozenset[PassageId], prompt: str) -> tuple[RankedPassage, ...]:
    """The passages that are worth a model's tokens: all are answered, but those with little of the prompt not rendered.

    A passage is shown when its meaning is near (`near`), or when enough of the prompt's words stand in it or its title.
    """
    asked = sorted(set(terms(prompt)) - QUESTION_WORDS)
    needed = min(ENOUGH_WORDS, ceil(ENOUGH_SHARE * len(asked)))
    return tuple(one for one in passages if one.id in near or _shared(asked, f"{one.title} {one.text}", needed))


def related(passages: Sequence[RankedPassage], near: frozenset[PassageId],
            links: Sequence[Link]) -> tuple[RankedPassage, ...]:
    """The passages worth a model's tokens beside a whole document, which shares words with nearly every other.

    A passage is shown when its meaning is near, or when it, or its title, names something that the document names:
    what was linked, or a full name that nothing is known of. A document that names nothing keeps all.
    """
    names = {f" {' '.join(words(one.surface))} " for one in links if one.id is not None or " " in one.surface}
    if not names:
        return tuple(passages)
    return tuple(one for one in passages if one.id in near or _named(names, f"{one.title} {one.text}"))


def _named(names: Iterable[str], text: str) -> bool:
    folded = f" {' '.join(words(text))} "
    return any(name in folded for name in names)


def _shared(asked: Sequence[str], text: str, needed: int) -> bool:
    """Whether so many index terms begin words of a text: a stem is the beginning of its words, near enough for this."""
    folded = spaced(text)
    for term in asked:
        if needed <= 0:
            break
        needed -= f" {term}" in folded
    return needed <= 0


def _passage(one: Fused, piece: Passage, document: Document) -> RankedPassage:
    return RankedPassage(one.passage, document.id, document.title, piece.text, Span(piece.start, piece.end),
                         document.published, document.publisher, document.url, one.score, one.reasons)


def _years(request: _Request) -> frozenset[int]:
    """Years that a prompt names: written ones, and those of its resolved dates."""
    if not request.is_prompt:
        return frozenset()
    years = set(years_in(request.text))
    for date in request.dates:
        if date.valid.start is not None and date.valid.end is not None:
            first, last = civil(date.valid.lo)[0], civil(date.valid.hi - 1)[0]
            if last - first <= 10:
                years.update(range(first, last + 1))
    return frozenset(years)


def _as_of(request: _Request) -> str:
    return "" if request.clocks.as_of is None else request.clocks.as_of.edtf


def _clocks_line(request: _Request) -> str:
    as_of = _as_of(request)
    parts = [f"As of {as_of}" if as_of else "At any time"]
    if request.clocks.cutoff is not None:
        parts.append(f"known by {day_of(request.clocks.cutoff)}")
    return ", ".join(parts) + ":"
