"""Every call by its name: which service, which messages, unary or stream. Server and embedded client read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from worldctx.ports.deadline import Deadline
from worldctx.rpc.admin_service import AdminService
from worldctx.rpc.backing import Backing
from worldctx.rpc.context_service import ContextService
from worldctx.rpc.graph_service import GraphService
from worldctx.rpc.ingest_service import IngestService
from worldctx.wire.v1 import admin_pb2, context_pb2, graph_pb2, ingest_pb2

#: From a request and its deadline to the response; raises WorldctxError.
Handler = Callable[[Any, Deadline], Message]


@dataclass(frozen=True, slots=True)
class Call:
    """One RPC. A `stream` is bidirectional, one response per request, in order.

    Attributes:
        ordered: a message of the stream must be done before the next is begun, since it changes what is stored.
        settings: field of the stream's first message that counts for the later ones too.
    """

    service: str
    name: str
    request: type[Message]
    response: type[Message]
    stream: bool = False
    ordered: bool = False
    settings: str = ""

    @property
    def path(self) -> str:
        """The full method name on the wire."""
        return f"/{self.service}/{self.name}"


_CONTEXT, _GRAPH = "worldctx.v1.ContextService", "worldctx.v1.GraphService"
_INGEST, _ADMIN = "worldctx.v1.IngestService", "worldctx.v1.AdminService"
LOOK_UP = Call(_CONTEXT, "LookUp", context_pb2.LookUpRequest, context_pb2.LookUpResponse)
LOOK_UP_MANY = Call(_CONTEXT, "LookUpMany", context_pb2.LookUpManyRequest, context_pb2.LookUpManyResponse, stream=True)
ENRICH = Call(
    _CONTEXT, "Enrich", context_pb2.EnrichRequest, context_pb2.EnrichResponse, stream=True, settings="options"
)
SEARCH = Call(_CONTEXT, "Search", context_pb2.SearchRequest, context_pb2.SearchResponse)
GET_ENTITY = Call(_GRAPH, "GetEntity", graph_pb2.GetEntityRequest, graph_pb2.GetEntityResponse)
FIND_ENTITIES = Call(_GRAPH, "FindEntities", graph_pb2.FindEntitiesRequest, graph_pb2.FindEntitiesResponse)
LIST_FACTS = Call(_GRAPH, "ListFacts", graph_pb2.ListFactsRequest, graph_pb2.ListFactsResponse)
NEIGHBOURS = Call(_GRAPH, "Neighbours", graph_pb2.NeighboursRequest, graph_pb2.NeighboursResponse)
TIMELINE = Call(_GRAPH, "Timeline", graph_pb2.TimelineRequest, graph_pb2.TimelineResponse)
INGEST = Call(_INGEST, "Ingest", ingest_pb2.IngestRequest, ingest_pb2.IngestResponse, stream=True, ordered=True)
GET_IMPORT_MARK = Call(
    _INGEST, "GetImportMark", ingest_pb2.GetImportMarkRequest, ingest_pb2.GetImportMarkResponse
)
WRITE_FACTS = Call(_INGEST, "WriteFacts", ingest_pb2.WriteFactsRequest, ingest_pb2.WriteFactsResponse)
WITHDRAW = Call(_INGEST, "Withdraw", ingest_pb2.WithdrawRequest, ingest_pb2.WithdrawResponse)
ERASE = Call(_INGEST, "Erase", ingest_pb2.EraseRequest, ingest_pb2.EraseResponse)
ENQUEUE = Call(_INGEST, "Enqueue", ingest_pb2.EnqueueRequest, ingest_pb2.EnqueueResponse, stream=True, ordered=True)
CLAIM = Call(_INGEST, "Claim", ingest_pb2.ClaimRequest, ingest_pb2.ClaimResponse)
FAIL = Call(_INGEST, "Fail", ingest_pb2.FailRequest, ingest_pb2.FailResponse)
PARK = Call(_INGEST, "Park", ingest_pb2.ParkRequest, ingest_pb2.ParkResponse)
GET_RECORDS = Call(_INGEST, "GetRecords", ingest_pb2.GetRecordsRequest, ingest_pb2.GetRecordsResponse)
TAKE_OVERDUE = Call(_INGEST, "TakeOverdue", ingest_pb2.TakeOverdueRequest, ingest_pb2.TakeOverdueResponse)
LIST_NAMES = Call(_INGEST, "ListNames", ingest_pb2.ListNamesRequest, ingest_pb2.ListNamesResponse)
LIST_DEAD_LETTERS = Call(
    _INGEST, "ListDeadLetters", ingest_pb2.ListDeadLettersRequest, ingest_pb2.ListDeadLettersResponse
)
RETRY_DEAD_LETTERS = Call(
    _INGEST, "RetryDeadLetters", ingest_pb2.RetryDeadLettersRequest, ingest_pb2.RetryDeadLettersResponse
)
DROP_DEAD_LETTERS = Call(
    _INGEST, "DropDeadLetters", ingest_pb2.DropDeadLettersRequest, ingest_pb2.DropDeadLettersResponse
)
STATS = Call(_ADMIN, "Stats", admin_pb2.StatsRequest, admin_pb2.StatsResponse)
VERIFY = Call(_ADMIN, "Verify", admin_pb2.VerifyRequest, admin_pb2.VerifyResponse)
REBUILD = Call(_ADMIN, "Rebuild", admin_pb2.RebuildRequest, admin_pb2.RebuildResponse)
SERVICES = (_CONTEXT, _GRAPH, _INGEST, _ADMIN)


def handlers(
    backing: Backing, counters: Callable[[], Mapping[str, int]]
) -> tuple[Mapping[Call, Handler], Callable[[], Mapping[str, int]]]:
    """The function behind each call, and all running counters.

    Args:
        backing: the open world.
        counters: those of the pool that the calls run in.
    """
    context, graph = ContextService(backing), GraphService(backing)

    def every() -> Mapping[str, int]:
        return {**counters(), **context.counts()}

    ingest, admin = IngestService(backing), AdminService(backing, every)
    table: dict[Call, Handler] = {
        LOOK_UP: context.look_up,
        LOOK_UP_MANY: context.look_up_many,
        ENRICH: context.enrich,
        SEARCH: context.search,
        GET_ENTITY: graph.get_entity,
        FIND_ENTITIES: graph.find_entities,
        LIST_FACTS: graph.list_facts,
        NEIGHBOURS: graph.neighbours,
        TIMELINE: graph.timeline,
        INGEST: ingest.ingest,
        WRITE_FACTS: ingest.write_facts,
        GET_IMPORT_MARK: ingest.get_import_mark,
        WITHDRAW: ingest.withdraw,
        ERASE: ingest.erase,
        ENQUEUE: ingest.enqueue,
        CLAIM: ingest.claim,
        FAIL: ingest.fail,
        PARK: ingest.park,
        GET_RECORDS: ingest.get_records,
        TAKE_OVERDUE: ingest.take_overdue,
        LIST_NAMES: ingest.list_names,
        LIST_DEAD_LETTERS: ingest.list_dead_letters,
        RETRY_DEAD_LETTERS: ingest.retry_dead_letters,
        DROP_DEAD_LETTERS: ingest.drop_dead_letters,
        STATS: admin.stats,
        VERIFY: admin.verify,
        REBUILD: admin.rebuild,
    }
    return table, every
