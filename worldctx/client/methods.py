"""The methods of the service as a client names them: light, since it must not load what answers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

from worldctx.wire.v1 import admin_pb2, context_pb2, graph_pb2, ingest_pb2

R = TypeVar("R", bound=Message)


@dataclass(frozen=True, slots=True)
class Method(Generic[R]):
    """A full method name and the type of its response."""

    path: str
    response: type[R]


LOOK_UP = Method("/worldctx.v1.ContextService/LookUp", context_pb2.LookUpResponse)
LOOK_UP_MANY = Method("/worldctx.v1.ContextService/LookUpMany", context_pb2.LookUpManyResponse)
ENRICH = Method("/worldctx.v1.ContextService/Enrich", context_pb2.EnrichResponse)
SEARCH = Method("/worldctx.v1.ContextService/Search", context_pb2.SearchResponse)
GET_ENTITY = Method("/worldctx.v1.GraphService/GetEntity", graph_pb2.GetEntityResponse)
FIND_ENTITIES = Method("/worldctx.v1.GraphService/FindEntities", graph_pb2.FindEntitiesResponse)
LIST_FACTS = Method("/worldctx.v1.GraphService/ListFacts", graph_pb2.ListFactsResponse)
NEIGHBOURS = Method("/worldctx.v1.GraphService/Neighbours", graph_pb2.NeighboursResponse)
TIMELINE = Method("/worldctx.v1.GraphService/Timeline", graph_pb2.TimelineResponse)
INGEST = Method("/worldctx.v1.IngestService/Ingest", ingest_pb2.IngestResponse)
GET_IMPORT_MARK = Method("/worldctx.v1.IngestService/GetImportMark", ingest_pb2.GetImportMarkResponse)
WRITE_FACTS = Method("/worldctx.v1.IngestService/WriteFacts", ingest_pb2.WriteFactsResponse)
WITHDRAW = Method("/worldctx.v1.IngestService/Withdraw", ingest_pb2.WithdrawResponse)
ERASE = Method("/worldctx.v1.IngestService/Erase", ingest_pb2.EraseResponse)
ENQUEUE = Method("/worldctx.v1.IngestService/Enqueue", ingest_pb2.EnqueueResponse)
CLAIM = Method("/worldctx.v1.IngestService/Claim", ingest_pb2.ClaimResponse)
FAIL = Method("/worldctx.v1.IngestService/Fail", ingest_pb2.FailResponse)
PARK = Method("/worldctx.v1.IngestService/Park", ingest_pb2.ParkResponse)
GET_RECORDS = Method("/worldctx.v1.IngestService/GetRecords", ingest_pb2.GetRecordsResponse)
TAKE_OVERDUE = Method("/worldctx.v1.IngestService/TakeOverdue", ingest_pb2.TakeOverdueResponse)
LIST_NAMES = Method("/worldctx.v1.IngestService/ListNames", ingest_pb2.ListNamesResponse)
LIST_DEAD_LETTERS = Method("/worldctx.v1.IngestService/ListDeadLetters", ingest_pb2.ListDeadLettersResponse)
RETRY_DEAD_LETTERS = Method("/worldctx.v1.IngestService/RetryDeadLetters", ingest_pb2.RetryDeadLettersResponse)
DROP_DEAD_LETTERS = Method("/worldctx.v1.IngestService/DropDeadLetters", ingest_pb2.DropDeadLettersResponse)
STATS = Method("/worldctx.v1.AdminService/Stats", admin_pb2.StatsResponse)
VERIFY = Method("/worldctx.v1.AdminService/Verify", admin_pb2.VerifyResponse)
REBUILD = Method("/worldctx.v1.AdminService/Rebuild", admin_pb2.RebuildResponse)
