"""`worldctx lookup --input`: a file of queries answered line by line, in order, at one revision."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from worldctx.client.apart import each_apart
from worldctx.client.client import BlockingClient, groups
from worldctx.commands.catching_up import catch_up
from worldctx.commands.outfile import writing
from worldctx.commands.screen import Complaints, progress
from worldctx.exchange.fields import parse_object, text_of
from worldctx.exchange.jsonl import Line, lines
from worldctx.exchange.streams import name_of
from worldctx.model.errors import BadInput, WorldctxError
from worldctx.wire.messages import request_from, to_dict
from worldctx.wire.status import error_of, status_of
from worldctx.wire.v1 import context_pb2

#: Queries that are read and asked together.
BATCH = 200
#: A query, or what is wrong with its line, under its id.
Query = tuple[str, "context_pb2.LookUpRequest | WorldctxError"]


def answer_file(client: BlockingClient, source: Path, target: Path | None, ask: context_pb2.LookUpRequest) -> int:
    """Answer each line of a file; returns the exit code, 1 when a line could not be answered.

    Args:
        client: of the world to ask.
        source: the queries.
        target: where the answers go, None for standard output; there whole or not at all.
        ask: what stands for the fields that a query leaves out.
    """
    complaints = Complaints()
    if not ask.revision:
        ask.revision = catch_up(client)
    with writing(target) as file, progress("queries") as bar:
        for group in groups(lines(source), BATCH):
            queries = [_query(source, one, ask) for one in group]
            for number, (name, answer) in enumerate(_answers(client, queries)):
                record: dict[str, Any] = {"id": name}
                if isinstance(answer, WorldctxError):
                    one = group[number]
                    where = f"{name_of(source)}: line {one.number}" if isinstance(one, Line) else ""
                    complaints.add(where, answer.message)
                    record |= {"error": answer.message, "reason": answer.reason}
                else:
                    record |= to_dict(answer)
                file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
            bar.advance(len(group))
    complaints.close()
    return 1 if complaints.count else 0


def _query(source: Path, line: Line | BadInput, ask: context_pb2.LookUpRequest) -> Query:
    if isinstance(line, BadInput):
        return "", line
    name = str(line.number)
    try:
        record = parse_object(line.data)
        name = _name(record) or name
        request = context_pb2.LookUpRequest()
        request.CopyFrom(ask)
        request.MergeFrom(request_from(record))
        return name, request
    except WorldctxError as error:
        return name, error


def _name(record: Mapping[str, Any]) -> str:
    """The id of a query: a text, or a number as text; empty where it has none."""
    given = record.get("id")
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else text_of(record, "id")


def _answers(
    client: BlockingClient, queries: Sequence[Query]
) -> Iterator[tuple[str, context_pb2.LookUpResponse | WorldctxError]]:
    good = [(name, one) for name, one in queries if isinstance(one, context_pb2.LookUpRequest)]
    answers = iter(each_apart(client.look_up_many, good, _refused))
    for name, one in queries:
        if isinstance(one, WorldctxError):
            yield name, one
            continue
        item = next(answers)
        yield name, error_of(item.error) if item.WhichOneof("result") == "error" else item.response


def _refused(
    query: tuple[str, context_pb2.LookUpRequest], error: BadInput
) -> context_pb2.LookUpManyResponse.Item:
    return context_pb2.LookUpManyResponse.Item(id=query[0], error=status_of(error))
