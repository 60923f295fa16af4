"""The read path as a story: text → mentions → links → facts and passages → slots → text."""

from __future__ import annotations

from dataclasses import dataclass

from worldctx.lookup.assemble import assemble, day_of
from worldctx.lookup.event import listed, with_events
from worldctx.lookup.events import found
from worldctx.lookup.link import salience
from worldctx.lookup.linking import linked
from worldctx.lookup.relevance import related, relevant
from worldctx.lookup.render import render
from worldctx.lookup.request import Request, request_of
from worldctx.lookup.retrieval import retrieved
from worldctx.lookup.same_event import marked
from worldctx.lookup.telling import told
from worldctx.model.ask import Ask
from worldctx.model.context import Context, LeftOut, RankedPassage
from worldctx.model.ids import Revision
from worldctx.ports.deadline import Deadline
from worldctx.ports.world import World
from worldctx.text.language import guess_language


@dataclass(frozen=True, slots=True)
class PassageAnswer:
    """Passages, the revision they were read at, and what was left out."""

    passages: tuple[RankedPassage, ...]
    revision: Revision
    left_out: tuple[LeftOut, ...] = ()


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
    request = request_of(ask, world)
    deadline.check()
    links, labels, publisher, ground = linked(request, world)
    deadline.check()
    weights = salience(links, len(request.text))
    left = _not_in_english(request)
    events, happened = found(request, links, weights, deadline)
    deadline.check()
    if request.is_prompt:
        weights = with_events(weights, events)
    facts, touching, absent, labels = told(request, weights, labels, deadline, left)
    deadline.check()
    events = listed(events, happened, touching, labels)
    passages, near = retrieved(request, world, deadline, left)
    written = ask.document.published if ask.document is not None else None
    passages = marked(request.text, written, not request.is_prompt, passages)
    slots = assemble(request.text, ask.document, links, request.dates, weights, publisher, facts, events, labels,
                     absent, ground)
    shown = relevant(passages, near, request.text) if request.is_prompt else related(passages, near, links)
    rendered, unfit = render(ask.profile, ask.budget, world.tokens, request.text, ask.document, slots, facts, shown,
                             _clocks_line(request))
    if len(shown) < len(passages):
        left.append(LeftOut("rendered passages", "relevance", len(passages) - len(shown)))
    return Context(links, facts, passages, request.dates, slots, rendered, _as_of(request), request.basis,
                   day_of(request.clocks.cutoff), request.reader.revision, (*left, *unfit))


def _not_in_english(request: Request) -> list[LeftOut]:
    """What is not read in a text of another language: dates, offices and cues in words. Names and numbers are."""
    document = request.ask.document
    language = (document.language if document is not None else "") or guess_language(request.text)
    english = language.partition("-")[0] in ("", "en")
    return [] if english else [LeftOut("dates and cues in words", f"language {language}")]


def find_passages(ask: Ask, world: World, deadline: Deadline) -> PassageAnswer:
    """Passages for a text under the three clocks; see `look_up` for the errors."""
    request = request_of(ask, world)
    left: list[LeftOut] = []
    passages, _ = retrieved(request, world, deadline, left)
    return PassageAnswer(passages, request.reader.revision, tuple(left))


def _as_of(request: Request) -> str:
    return "" if request.clocks.as_of is None else request.clocks.as_of.edtf


def _clocks_line(request: Request) -> str:
    as_of = _as_of(request)
    parts = [f"As of {as_of}" if as_of else "At any time"]
    if request.clocks.cutoff is not None:
        parts.append(f"known by {day_of(request.clocks.cutoff)}")
    return ", ".join(parts) + ":"
