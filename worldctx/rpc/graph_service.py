"""GraphService: entities and facts under the three clocks."""

from __future__ import annotations

import base64

from worldctx.exchange.fields import id_of
from worldctx.lookup import browse
from worldctx.model.errors import BadInput
from worldctx.model.ids import EntityId, FactId, Revision, digest
from worldctx.model.time import parse_interval
from worldctx.ports.deadline import Deadline
from worldctx.ports.graph import GraphReader
from worldctx.rpc.backing import Backing
from worldctx.wire.messages import clocks_from, entity_message, fact_message
from worldctx.wire.v1 import graph_pb2


class GraphService:
    """The calls as plain functions from message to message."""

    def __init__(self, backing: Backing) -> None:
        self._backing = backing

    def get_entity(self, request: graph_pb2.GetEntityRequest, deadline: Deadline) -> graph_pb2.GetEntityResponse:
        """One entity."""
        reader, clocks = self._reader(request.clocks), clocks_from(request.clocks)
        found = browse.entity(reader, _id(request.id, "id"), clocks)
        return graph_pb2.GetEntityResponse(entity=entity_message(found, clocks), revision=reader.revision)

    def find_entities(
        self, request: graph_pb2.FindEntitiesRequest, deadline: Deadline
    ) -> graph_pb2.FindEntitiesResponse:
        """Entities by name."""
        if not request.name.strip():
            raise BadInput.at("name", "is empty")
        reader, clocks = self._reader(request.clocks), clocks_from(request.clocks)
        found = browse.find(reader, request.name, clocks, _limit(request.limit, 20, "limit"))
        return graph_pb2.FindEntitiesResponse(
            entities=[entity_message(one, clocks) for one in found], revision=reader.revision
        )

    def list_facts(self, request: graph_pb2.ListFactsRequest, deadline: Deadline) -> graph_pb2.ListFactsResponse:
        """A page of facts; the token pins the revision of the first page."""
        clocks, query = clocks_from(request.clocks), _query(request)
        after, revision = _token(request.page_token, query)
        reader = self._reader(request.clocks) if revision is None else self._backing.world.graph.at(revision)
        entity = browse.known(reader, _id(request.entity, "entity"), clocks)
        facts, more = browse.list_facts(
            reader,
            entity,
            clocks,
            _limit(request.page_size, 100, "page_size"),
            predicate=request.predicate,
            naming=request.naming,
            after=after,
        )
        return graph_pb2.ListFactsResponse(
            facts=[fact_message(one) for one in facts],
            next_page_token=_token_text(facts[-1].fact.id, reader.revision, query) if more else "",
            revision=reader.revision,
        )

    def neighbours(self, request: graph_pb2.NeighboursRequest, deadline: Deadline) -> graph_pb2.NeighboursResponse:
        """Entities one fact away."""
        reader, clocks = self._reader(request.clocks), clocks_from(request.clocks)
        entity = browse.known(reader, _id(request.entity, "entity"), clocks)
        found = browse.neighbours(reader, entity, clocks, _limit(request.limit, 50, "limit"))
        return graph_pb2.NeighboursResponse(
            revision=reader.revision,
            neighbours=[
                graph_pb2.Neighbour(entity=entity_message(end, clocks), fact=fact_message(fact)) for end, fact in found
            ],
        )

    def timeline(self, request: graph_pb2.TimelineRequest, deadline: Deadline) -> graph_pb2.TimelineResponse:
        """Dated facts in order."""
        reader, clocks = (
            self._reader(request.clocks),
            clocks_from(graph_pb2.Clocks(known_by=request.clocks.known_by, strict=request.clocks.strict)),
        )
        period = parse_interval(getattr(request, "from"), request.to, "timeline")
        entity = browse.known(reader, _id(request.entity, "entity"), clocks)
        facts = browse.timeline(reader, entity, clocks, period, _limit(request.limit, 200, "limit"))
        return graph_pb2.TimelineResponse(facts=[fact_message(one) for one in facts], revision=reader.revision)

    def _reader(self, clocks: graph_pb2.Clocks) -> GraphReader:
        return self._backing.world.graph.at(Revision(clocks.revision) if clocks.revision else None)


def _id(text: str, field: str) -> EntityId:
    if not text:
        raise BadInput.at(field, "is missing")
    return EntityId(id_of({field: text}, field))


def _limit(given: int, default: int, field: str) -> int:
    if not 0 <= given <= 10_000:
        raise BadInput.at(field, f"{given} is not between 1 and 10,000")
    return given or default


def _query(request: graph_pb2.ListFactsRequest) -> str:
    """What a page token belongs to: everything asked but the page's size and place."""
    asked = graph_pb2.ListFactsRequest()
    asked.CopyFrom(request)
    asked.ClearField("page_token")
    asked.ClearField("page_size")
    return digest(asked.SerializeToString(deterministic=True).hex(), size=6)


def _token_text(after: FactId, revision: int, query: str) -> str:
    return base64.urlsafe_b64encode(f"{query} {revision} {after}".encode()).decode()


def _token(text: str, query: str) -> tuple[FactId, Revision | None]:
    if not text:
        return FactId(""), None
    try:
        asked, revision, after = base64.urlsafe_b64decode(text.encode()).decode().split(" ", 2)
        number = int(revision)
        known = FactId(id_of({"page_token": after}, "page_token"))
    except (ValueError, BadInput) as error:
        raise BadInput.at("page_token", "was not made by this service; begin with an empty one") from error
    if asked != query:
        raise BadInput.at("page_token", "belongs to another question; change nothing but page_size between pages")
    return known, Revision(number)
