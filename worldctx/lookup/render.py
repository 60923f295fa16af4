"""From a context to text for a model, within a token budget, with citations. Pure.

Context text is untrusted text: what could forge our delimiters or a chat template is taken out of every item.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import regex

from worldctx.lookup.assemble import shown_interval
from worldctx.lookup.predicates import words_of
from worldctx.model.ask import Profile
from worldctx.model.context import (
    Claim,
    LeftOut,
    RankedFact,
    RankedPassage,
    Rendered,
    RenderedSpan,
    Slots,
    Span,
)
from worldctx.model.document import Document
from worldctx.model.source import host_of
from worldctx.model.time import Interval
from worldctx.ports.world import TokenCounter

#: Most tokens of a `header` prefix, and the confidence below which it leaves a field out (context-record: profiles).
HEADER_TOKENS = 48
CONFIDENCE_FLOOR = 0.8
#: Longest quotation of one passage in `brief`, in characters.
QUOTE_CHARS = 700
_TEMPLATE = re.compile(r"<\|[^|<>]{0,64}\|>|\[/?INST\]|<</?SYS>>|</?s>|<(?:start|end)_of_turn>|\{\{|\}\}")
#: One of these stands in all that `_TEMPLATE` and `_CITATION` match.
_MARKS = ("<", "[", "{{", "}}")
_BREAK = re.compile("[\n\r\t\u2028\u2029]")
#: Control, format (bidirectional marks too), private-use and surrogate characters (Unicode general categories).
_HIDDEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Co}\p{Cs}]+")
_CITATION = re.compile(r"\[(\d+)\]")


def safe(text: str) -> str:
    """One line of text without control, bidirectional or private-use characters, chat-template tokens or citations."""
    # Printable text (str.isprintable) has none of the characters that are taken out, nor any white space but blanks.
    kept = text if text.isprintable() else _HIDDEN.sub("", _BREAK.sub(" ", text))
    if any(mark in kept for mark in _MARKS):
        while (stripped := _TEMPLATE.sub("", kept)) != kept:
            kept = stripped
        kept = _CITATION.sub(r"(\1)", kept)
    return " ".join(kept.split())


@dataclass(slots=True)
class _Page:
    """Text as it grows, with its spans and its count of tokens."""

    tokens: TokenCounter
    budget: int
    text: str = ""
    used: int = 0
    spans: list[RenderedSpan] = field(default_factory=list)

    def add(self, lines: Sequence[tuple[str, str]], *, reserve: int = 0) -> bool:
        """Append lines (text, item id) together, or none of them when they do not fit."""
        left = self.budget - self.used - reserve
        cost = 0
        for text, _ in lines:
            cost += self.tokens.count(text, left - cost)
            if cost > left:
                return False
        for text, item in lines:
            start = len(self.text)
            self.text += text + "\n"
            if item:
                self.spans.append(RenderedSpan(Span(start, start + len(text)), "citation", item))
        self.used += cost
        return True


def render(profile: Profile, budget: int, tokens: TokenCounter, body: str, document: Document | None, slots: Slots,
           facts: Sequence[RankedFact], passages: Sequence[RankedPassage], clocks_line: str,
           ) -> tuple[Rendered, tuple[LeftOut, ...]]:
    """The text of a profile, and what did not fit.

    Args:
        profile: brief, header, meco or plain.
        budget: tokens of context at most; the body is not counted.
        tokens: the counter.
        body: the document's text, appended by header, meco and plain.
        document: its declared metadata.
        slots, facts, passages: what there is to say.
        clocks_line: which clocks the answer stands under, in words.
    """
    if profile is Profile.BRIEF:
        return _brief(budget, tokens, slots, facts, passages, clocks_line)
    prefix = {Profile.HEADER: _header, Profile.MECO: _meco, Profile.PLAIN: _plain}[profile](
        document, slots, tokens, min(budget, HEADER_TOKENS))
    spans = [RenderedSpan(Span(0, len(prefix)), part) for part in ("context", "masked") if prefix]
    spans.append(RenderedSpan(Span(len(prefix), len(prefix) + len(body)), "body"))
    return Rendered(prefix + body, tuple(spans), tokens.count(prefix) if prefix else 0, tokens.name, profile), ()


def _claims(slots: Slots, name: str) -> list[Claim]:
    return [claim for slot in (slots.source, slots.when, slots.where, slots.who, slots.what, slots.why)
            for claim in slot.claims if claim.field == name and claim.confidence >= CONFIDENCE_FLOOR]


def _header(document: Document | None, slots: Slots, tokens: TokenCounter, budget: int) -> str:
    host = host_of(document.url) if document else ""
    values = [host or (document.publisher if document else "")]
    values += [claim.value for claim in _claims(slots, "time.published")[:1]]
    values += [claim.value for claim in _claims(slots, "place.created")[:1]]
    # Where its voice comes from tells more of a text than where it was spoken: see "context helps" in docs/quality.md.
    values += [claim.value for claim in _claims(slots, "source.country")[:1]]
    fields = list(dict.fromkeys(safe(value) for value in values if value))
    while fields and tokens.count(" | ".join(fields)) > budget:
        fields.pop()
    return " | ".join(fields) + "\n\n" if fields else ""


def _meco(document: Document | None, slots: Slots, tokens: TokenCounter, budget: int) -> str:
    host = safe(host_of(document.url)) if document else ""
    line = f"URL: {host}"
    return f"{line}\n\n" if host and tokens.count(line) <= budget else ""


def _plain(document: Document | None, slots: Slots, tokens: TokenCounter, budget: int) -> str:
    return ""


def _brief(budget: int, tokens: TokenCounter, slots: Slots, facts: Sequence[RankedFact],
           passages: Sequence[RankedPassage], clocks_line: str) -> tuple[Rendered, tuple[LeftOut, ...]]:
    page = _Page(tokens, budget)
    page.add([(clocks_line, "")])
    for label, slot, names in (("Source", slots.source, None), ("When", slots.when, None), ("Where", slots.where, None),
                               ("Who", slots.who, None), ("What", slots.what, ("events",)), ("Why", slots.why, None)):
        told = [claim for claim in slot.claims
                if claim.value and (names is None or claim.field in names) and not _echoes(claim)]
        values = list(dict.fromkeys(map(_value, told)))[:5]
        if values:
            page.add([(f"{label}: {'; '.join(values)}", "")])
    for claim in slots.what.claims:
        if claim.field.startswith("asked."):
            page.add([(f"Unknown: {words_of(claim.field.removeprefix('asked.'))} of {safe(claim.value)}: "
                       "no claim passes these clocks", "")])
    cited: dict[tuple[str, str], int] = {}
    dropped_facts = _facts(page, facts, cited)
    dropped_passages = _passages(page, passages, cited)
    left = [LeftOut(what, "budget", count) for what, count in (("facts", dropped_facts), ("passages", dropped_passages))
            if count]
    spans = [RenderedSpan(Span(0, len(page.text)), "context"), *page.spans]
    return Rendered(page.text, tuple(spans), tokens.count(page.text), tokens.name, Profile.BRIEF), tuple(left)


def _value(claim: Claim) -> str:
    """The value of a claim; of an event with when it took place."""
    if claim.field == "events" and claim.valid is not None:
        return f"{safe(claim.value)} ({shown_interval(claim.valid)})"
    return safe(claim.value)


def _echoes(claim: Claim) -> bool:
    """Whether it only says what the text itself tells: a reader of the text has that before them."""
    return claim.field == "events" and not claim.ref


def _cite(cited: dict[tuple[str, str], int], title: str, url: str) -> tuple[int, str | None]:
    """Number of a source, and its line when it is new."""
    key = (title, url)
    if key in cited:
        return cited[key], None
    number = len(cited) + 1
    return number, f"  [{number}] {safe(title) or 'unnamed source'}{f', {safe(url)}' if url else ''}"


def _facts(page: _Page, facts: Sequence[RankedFact], cited: dict[tuple[str, str], int]) -> int:
    dropped = 0
    opened = False
    for one in facts:
        number, source = _cite(cited, one.source_title, one.source_url)
        lines = [("Facts:", "")] if not opened else []
        lines.append((f"- {fact_line(one)} [{number}]", str(one.fact.id)))
        if source is not None:
            lines.append((source, ""))
        if page.add(lines):
            opened = True
            cited.setdefault((one.source_title, one.source_url), number)
        else:
            dropped += 1
    return dropped


def fact_line(one: RankedFact) -> str:
    """A fact as a line: subject, predicate, object, when it held, since when that was public, conflict said."""
    literal = one.fact.literal
    value = one.object_name or one.fact.object_text
    unit = f" {safe(literal.unit)}" if literal is not None and literal.unit else ""
    when = _validity(one.valid)
    since = one.fact.known.since
    known = f"; public since {since.edtf}" if since is not None and one.fact.known.basis == "stated" else ""
    conflict = ""
    if one.conflicts:
        conflict = f" ({'preferred; ' if one.preferred else 'disputed: '}other sources say otherwise)"
    claim = f"{safe(one.subject_name)} — {safe(words_of(one.fact.predicate))}: {safe(value)}"
    return f"{claim}{unit}{when}{known}{conflict}"


def _validity(valid: Interval) -> str:
    if valid.start is None and valid.end is None:
        return ""
    if valid.start is not None and valid.end is not None:
        shown = shown_interval(valid)
        return f", {shown}" if shown == valid.start.edtf else f", {valid.start.edtf} to {valid.end.edtf}"
    if valid.start is not None:
        return f", since {valid.start.edtf}"
    return f", until {valid.end.edtf}" if valid.end is not None else ""


def _passages(page: _Page, passages: Sequence[RankedPassage], cited: dict[tuple[str, str], int]) -> int:
    dropped = 0
    opened = False
    for one in passages:
        title = ", ".join(part for part in (one.title or str(one.document), one.source,
                                            one.published.edtf if one.published else "undated") if part)
        number, source = _cite(cited, title, one.url)
        quote = safe(one.text)
        quote = quote if len(quote) <= QUOTE_CHARS else quote[:QUOTE_CHARS].rsplit(" ", 1)[0] + " …"
        lines = [("Passages:", "")] if not opened else []
        lines.append((f"- “{quote}” [{number}]", str(one.id)))
        if source is not None:
            lines.append((source, ""))
        if page.add(lines):
            opened = True
            cited.setdefault((title, one.url), number)
        else:
            dropped += 1
    return dropped


