"""Indices on an Elasticsearch server: those of one name are numbered, and one of them serves, behind an alias."""

from __future__ import annotations

import re
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
    """The name under which passages are written; another one after each erasure."""
    return _entrance_of(index, _erased(cluster, index))


def enter_anew(cluster: Cluster, index: str, revision: Revision) -> None:
    """Rename the entrance, in one step, because of an erasure: who writes under the old name is refused.

    Args:
        revision: of the erasure; where a later one has renamed it already, that name stays.
    """
    before = _erased(cluster, index)
    if before < revision:
        actions = [{"remove": {"index": index, "alias": _entrance_of(index, before)}},
                   {"add": {"index": index, "alias": _entrance_of(index, revision)}}]
        cluster.ask("POST", "/_aliases", {"actions": actions}, timeout=ADMIN_S)


def _entrance_of(index: str, erased: Revision) -> str:
    return f"{index}-write-{erased}" if erased else f"{index}-write"


def _erased(cluster: Cluster, index: str) -> Revision:
    """The newest erasure, by the name of the entrance; 0 when nothing was erased."""
    _, answer = cluster.ask("GET", f"/{index}/_alias", timeout=ADMIN_S)
    found = re.findall(rf"^{re.escape(index)}-write(?:-(\d+))?$", "\n".join(answer[index]["aliases"]), re.MULTILINE)
    return Revision(max((int(number or 0) for number in found), default=0))


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
