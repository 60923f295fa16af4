"""ContextService: what is the context of this text, as of this date?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from worldctx.lookup.pipeline import find_passages, look_up
from worldctx.model.ask import Ask
from worldctx.model.context import LeftOut
from worldctx.model.errors import WorldctxError
from worldctx.model.time import When, parse_when
from worldctx.ports.deadline import Deadline
from worldctx.rpc.backing import Backing
from worldctx.wire.messages import (
    ask_from,
    context_message,
    document_from,
    filter_from,
    left_out_messages,
    passage_message,
)
from worldctx.wire.status import status_of
from worldctx.wire.v1 import context_pb2


class ContextService:
    """The calls as plain functions from message to message; they run in worker threads, remote and embedded alike."""

    def __init__(self, backing: Backing) -> None:
        self._backing = backing
        self._orphans, self._lock = 0, threading.Lock()

    def counts(self) -> Mapping[str, int]:
        """Hits of the index that were dropped because the graph does not hold them, since the start."""
        return {"orphans": self._orphans}

    def look_up(self, request: context_pb2.LookUpRequest, deadline: Deadline) -> context_pb2.LookUpResponse:
        """One context."""
        return self._answer(ask_from(request, self._backing.settings.max_text_chars), deadline)

    def look_up_many(
        self, request: context_pb2.LookUpManyRequest, deadline: Deadline
    ) -> context_pb2.LookUpManyResponse:
        """The contexts of one message's items, in order; a bad item fails alone."""
        items = [_item(one.id, partial(self.look_up, one.request, deadline)) for one in request.items]
        return context_pb2.LookUpManyResponse(items=items)

    def enrich(self, request: context_pb2.EnrichRequest, deadline: Deadline) -> context_pb2.EnrichResponse:
        """The records of one message's documents, in order, under the options that the message carries.

        In a stream every message carries those of the first (rpc/streams.py).
        """
        items = [_item(one.id, partial(self._enriched, one, request.options, deadline)) for one in request.items]
        return context_pb2.EnrichResponse(items=items)

    def search(self, request: context_pb2.SearchRequest, deadline: Deadline) -> context_pb2.SearchResponse:
        """Passages only."""
        ask = ask_from(
            context_pb2.LookUpRequest(
                text=request.text,
                as_of=request.as_of,
                known_by=request.known_by,
                revision=request.revision,
                strict=request.strict,
                limit=request.limit,
            ),
            self._backing.settings.max_text_chars,
        )
        ask = self._pinned(replace(ask, filter=filter_from(request.filter)), deadline)
        answer = find_passages(ask, self._backing.world, deadline)
        self._count(answer.left_out)
        return context_pb2.SearchResponse(
            passages=[passage_message(one) for one in answer.passages],
            revision=answer.revision,
            left_out=left_out_messages(answer.left_out),
        )

    def _enriched(
        self, item: context_pb2.EnrichRequest.Item, options: context_pb2.LookUpRequest, deadline: Deadline
    ) -> context_pb2.LookUpResponse:
        document = document_from(item.document, self._backing.settings.max_text_chars)
        request = context_pb2.LookUpRequest()
        request.CopyFrom(options)
        request.text = document.text
        request.ClearField("document")
        ask = ask_from(request, self._backing.settings.max_text_chars, enriching=True)
        return self._answer(replace(ask, document=document), deadline)

    def _answer(self, ask: Ask, deadline: Deadline) -> context_pb2.LookUpResponse:
        answer = look_up(self._pinned(ask, deadline), self._backing.world, deadline)
        self._count(answer.left_out)
        return context_message(answer)

    def _count(self, left: Sequence[LeftOut]) -> None:
        found = sum(one.count for one in left if one.why == "orphan")
        with self._lock:
            self._orphans += found

    def _pinned(self, ask: Ask, deadline: Deadline) -> Ask:
        """The ask at a revision that graph and index hold, with today's date where a prompt names none."""
        if ask.revision is None:
            ask = replace(ask, revision=self._backing.world.search.revision)
        else:
            self._backing.follower.wait_for(ask.revision, deadline)
        if ask.now is None and ask.document is None and ask.as_of is None:
            ask = replace(ask, now=today())
        return ask


def today() -> When:
    """The one look at the wall clock: the date of asking, told in the answer as `as_of`."""
    return parse_when(datetime.now(UTC).date().isoformat())


def _item(item: str, call: Callable[[], context_pb2.LookUpResponse]) -> context_pb2.LookUpManyResponse.Item:
    try:
        return context_pb2.LookUpManyResponse.Item(id=item, response=call())
    except WorldctxError as error:
        return context_pb2.LookUpManyResponse.Item(id=item, error=status_of(error))
