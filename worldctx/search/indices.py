"""Indices on an Elasticsearch server: those of one name are numbered, and one of them serves, behind an alias."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from worldctx.model.errors import StoreUnavailable
from worldctx.model.ids import ZERO, Revision
from worldctx.search import mapping
from worldctx.search.cluster import ADMIN_S, BAD_REQUEST, MISSING, Cluster

#: Of an index's number.
DIGITS = 6


def create(cluster: Cluster, alias: str, dimension: int, embedder: str, *, served: bool) -> str:
    """A new index with the next number; or, when another process was quicker, the one that serves now."""
    number = max((int(one[-DIGITS:]) for one in every_index(cluster, alias)), default=0) + 1
    index = f"{alias}-{number:0{DIGITS}d}"
    # Passages are written under a name of their own, so that the server makes no index for them when it is gone.
    aliases: dict[str, Any] = {_entrance_of(index, ZERO): {}} | ({alias: {}} if served else {})
    status, answer = cluster.ask("PUT", f"/{index}", mapping.definition(dimension, embedder) | {"aliases": aliases},
                                 timeout=ADMIN_S, passed=(BAD_REQUEST,))
    if status < BAD_REQUEST:
        return index
    there = serving(cluster, alias)
    if there and served:
        return there[0]
    raise StoreUnavailable(f"{cluster} made no index {index}: {answer.get('error', {}).get('reason', '')}")


def every_index(cluster: Cluster, alias: str) -> list[str]:
    """All indices of an alias, those that do not serve included."""
    _, answer = cluster.ask("GET", f"/{alias}-*?filter_path=*.settings.index.uuid&expand_wildcards=all",
                            timeout=ADMIN_S, passed=(MISSING,))
    return sorted(one for one in answer if re.fullmatch(rf"{re.escape(alias)}-\d{{{DIGITS}}}", one))


def serving(cluster: Cluster, alias: str) -> list[str]:
    """The indices that an alias stands for: one, or none yet."""
    status, answer = cluster.ask("GET", f"/_alias/{alias}", timeout=ADMIN_S, passed=(MISSING,))
    return sorted(answer) if status < MISSING else []


def entrance(cluster: Cluster, index: str) -> str:
    """The name under which passages are written: another one after each erasure, nobody's while one is under way."""
    return _entrance_of(index, max(_erasures(cluster, index), default=0))


def close_entrance(cluster: Cluster, index: str) -> Revision:
    """Let nobody write passages any more, before an erasure; those who write at this moment may end.

    Returns:
        The newest erasure so far; 0 when there was none, or one that was killed.
    """
    before = _erasures(cluster, index)
    _rename(cluster, index, before, [])
    return Revision(max(before, default=0))


def open_entrance(cluster: Cluster, index: str, revision: Revision) -> None:
    """Let passages be written again, by those who know that this erasure is the newest."""
    _rename(cluster, index, _erasures(cluster, index), [revision])


def _rename(cluster: Cluster, index: str, before: Sequence[int], after: Sequence[int]) -> None:
    actions = [{"remove": {"index": index, "alias": _entrance_of(index, one)}} for one in before if one not in after]
    actions += [{"add": {"index": index, "alias": _entrance_of(index, one)}} for one in after]
    if actions:
        cluster.ask("POST", "/_aliases", {"actions": actions}, timeout=ADMIN_S)


def _entrance_of(index: str, erased: int) -> str:
    return f"{index}-write-{erased}" if erased else f"{index}-write"


def _erasures(cluster: Cluster, index: str) -> list[int]:
    """The erasures that the names of entrances tell, 0 for that of an index from which nothing was erased."""
    _, answer = cluster.ask("GET", f"/{index}/_alias", timeout=ADMIN_S)
    name = re.compile(rf"{re.escape(index)}-write(?:-(\d+))?")
    return sorted(int(found[1] or 0) for alias in answer[index]["aliases"] if (found := name.fullmatch(alias)))


def publish(cluster: Cluster, alias: str, index: str) -> None:
    """Put an index behind the alias, in place of what is there, in one step."""
    actions = [{"remove": {"index": one, "alias": alias}} for one in serving(cluster, alias)]
    actions.append({"add": {"index": index, "alias": alias}})
    cluster.ask("POST", "/_aliases", {"actions": actions}, timeout=ADMIN_S)


def drop_others(cluster: Cluster, alias: str, index: str) -> None:
    """Remove all indices of an alias but one."""
    for one in every_index(cluster, alias):
        if one != index:
            cluster.ask("DELETE", f"/{one}", timeout=ADMIN_S, passed=(MISSING,))
