"""`worldctx resolve`: which entities may be one, and decisions about them that can be taken back."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from worldctx.commands.resolving import (
    At,
    By,
    Id,
    MinScore,
    OfKind,
    Unsure,
    at_work,
    judged_in,
    judgement,
    labels_for,
    open_pairs,
    record,
    show,
    write,
)
from worldctx.commands.screen import complain, out, say, write_json
from worldctx.commands.target import AsJson, Data, Server
from worldctx.model.entity import Kind
from worldctx.model.errors import BadInput
from worldctx.model.judgement import Judgement
from worldctx.ports.graph import GraphStore
from worldctx.resolve.automatic import merges, threshold_of
from worldctx.resolve.candidates import Census
from worldctx.resolve.judged import Judged, judgements, taken_back, tied

#: Who judges where no person does.
METHOD = "resolve@1"


def resolve_list(
    kind: OfKind = None,
    min_score: MinScore = 0.5,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="At most so many.")] = 20,
    unsure: Unsure = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Pairs of entities that may be one, likeliest first, with the reasons; what was judged is left out.

    It reads the whole graph itself, in the data directory or where the settings say; a service may go on working on it.

    Example: worldctx resolve list --kind person --min-score 0.8 --data ./world
    """
    from worldctx.config import Settings
    from worldctx.wiring import reading

    with reading(Settings.read(data=data)) as graph:
        census, judged = Census(graph, kind=kind), judged_in(graph)
        found = open_pairs(census, judged, min_score, unsure=unsure)
        labels = labels_for(census, found[:limit])
    if as_json:
        write_json({"candidates": [record(one, labels, judged.between(*one.ids)) for one in found[:limit]],
                    "found": len(found)})
        return
    for one in found[:limit]:
        show(one, labels, judged.between(*one.ids))
        out.print()
    more = f", {len(found) - limit:,} more with --limit" if len(found) > limit else ""
    out.print(f"{len(found):,} found{more}" if found else "none", markup=False)


def resolve_auto(
    threshold: Annotated[
        Optional[float], typer.Option("--threshold", min=0.5, max=1, metavar="T", help="Default: as measured.")
    ] = None,
    kind: OfKind = None,
    by: By = METHOD,
    at: At = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing, and show what would be judged.")] = False,
    data: Data = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Judge the same what scores at least the measured threshold of its kind (docs/resolution.md).

    Other kinds than persons have none: name one with --kind and give --threshold. What was judged before is
    left alone, and so is what would join entities through others that were judged different or score low.

    Example: worldctx resolve auto --kind person --dry-run --data ./world
    """
    thresholds = {one: threshold or threshold_of(one) for one in Kind if kind in (None, one)}
    if threshold is not None and kind is None:
        raise typer.BadParameter("a threshold is one of a kind: name it with --kind")
    if kind is not None and thresholds[kind] > 1:
        raise typer.BadParameter(f"no threshold was measured for {kind}; give one with --threshold")
    with at_work(data, server) as (graph, sink):
        census = Census(graph, kind=kind)
        judged = judged_in(graph)
        found = list(merges(census, judged, thresholds))
        taken = [one.candidate for one in found if not one.against]
        if dry_run:
            labels = labels_for(census, taken)
            for one in taken:
                if as_json:
                    write_json(record(one, labels, None))
                else:
                    show(one, labels, None)
        told = [judgement(*one.ids, True, f"{by} score={one.score.value:.4f}", at) for one in taken]
        written = 0 if dry_run else write(sink, told)
    for each in found:
        if each.against:
            complain(f"{' and '.join(each.candidate.ids)}: left to a person: {each.against}")
    say({"merges": len(taken), "judgements": written, "left_to_a_person": len(found) - len(taken)}, as_json=as_json)


def resolve_same(left: Id, right: Id, by: By, at: At = "", data: Data = None, server: Server = None,
                 as_json: AsJson = False) -> None:
    """Judge that two ids are one: everything is read so from now on.

    Refused where entities that were judged different would become one through it.

    Example: worldctx resolve same ent:ada wd:Q7259 --by me --data ./world
    """
    _judge(judgement(left, right, True, by, at), data, server, as_json=as_json)


def resolve_different(left: Id, right: Id, by: By, at: At = "", data: Data = None, server: Server = None,
                      as_json: AsJson = False) -> None:
    """Judge that two ids are not one. A merge of the two ends, exactly as if it had not been.

    Example: worldctx resolve different ent:ada ent:ada-2 --by me --data ./world
    """
    _judge(judgement(left, right, False, by, at), data, server, as_json=as_json)


def resolve_unsure(left: Id, right: Id, by: By, at: At = "", data: Data = None, server: Server = None,
                   as_json: AsJson = False) -> None:
    """Leave a pair open: it is read as two, and shown again with --unsure only.

    Example: worldctx resolve unsure ent:ada ent:ada-2 --by me --data ./world
    """
    _judge(judgement(left, right, None, by, at), data, server, as_json=as_json)


def resolve_undo(left: Id, right: Id, by: By, at: At = "", data: Data = None, server: Server = None,
                 as_json: AsJson = False) -> None:
    """Take the last judgement on a pair back: the one before it holds again, or none. All of them are kept.

    Reads the judgements in the data directory, or where the settings say; with --server the service writes.

    Example: worldctx resolve undo ent:ada ent:ada-2 --by me --data ./world
    """
    given = judgement(left, right, None, by, at)
    with at_work(data, server) as (graph, sink):
        history = judged_in(graph).history(given.left, given.right)
        if not history:
            raise BadInput.at("left", f"there is no judgement on {left} and {right}; `worldctx resolve list` has ids")
        back = judgement(left, right, taken_back(history, tied=tied(graph, given.left, given.right)), by, at)
        written = write(sink, [back])
        _say(graph, back, written, as_json=as_json)


def _judge(given: Judgement, data: Data, server: Server, *, as_json: bool) -> None:
    with at_work(data, server) as (graph, sink):
        _check(graph, given)
        written = write(sink, [given])
        _say(graph, given, written, as_json=as_json)


def _check(graph: GraphStore, given: Judgement) -> None:
    """Refuse a judgement on nothing, and a merge that speaks against another judgement.

    Raises:
        BadInput
    """
    reader = graph.at()
    known = reader.entities([given.left, given.right])
    for field, one in (("left", given.left), ("right", given.right)):
        if one not in known and not reader.facts_about([one], limit=1) and not reader.facts_naming([one], limit=1):
            raise BadInput.at(field, f"there is no entity {one!r}; `worldctx resolve list` shows ids")
    if given.same:
        told = judgements(graph)
        read_as = reader.resolve([given.left, given.right])
        left, right = (read_as.get(one, one) for one in (given.left, given.right))
        direct = {given.left, given.right}
        stands = Judged((one for one in told if {one.left, one.right} != direct), reader.resolve).between(left, right)
        if left != right and stands is not None and stands.same is False:
            raise BadInput.at("right", f"{stands.left} and {stands.right} would be one, too, and were judged different "
                                       f"by {stands.by or 'somebody'}; judge that pair first")


def _say(graph: GraphStore, given: Judgement, written: int, *, as_json: bool) -> None:
    read_as = graph.at().resolve([given.left, given.right])
    is_one = read_as.get(given.left, given.left) == read_as.get(given.right, given.right)
    if is_one and not given.same:
        complain(f"{given.left} and {given.right} are still one through {_through(graph, given)}; judge those pairs")
    say({"judgements": written, "same": is_one}, as_json=as_json)


def _through(graph: GraphStore, given: Judgement) -> str:
    others = [one for one in graph.at().members(given.left) if one not in (given.left, given.right)]
    return ", ".join(others[:5]) or "an external id"
