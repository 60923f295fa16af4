"""What is asked of Elasticsearch, as plain values: which passages a view may see, and the requests for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from worldctx.model.ids import Revision
from worldctx.model.time import MAX_INSTANT
from worldctx.ports.search import Vector, View
from worldctx.search.mapping import keyword

#: Nothing of a hit but what is asked for: its score, and columns that are read without unpacking the rest.
_BARE: dict[str, Any] = {"_source": False, "stored_fields": "_none_", "track_total_hits": False}
#: Not the watermark.
_PASSAGE = {"term": {"kind": {"value": "passage"}}}


def shown(revision: Revision) -> dict[str, Any]:
    """What a revision shows: recorded by then, and not gone."""
    return {"filter": [_range("recorded", lte=revision)], "must_not": [_range("gone", lte=revision)]}


def visible(view: View, revision: Revision) -> dict[str, Any]:
    """The filter of a view, clauses of a `bool` query: exactly the passages that the embedded index lets through.

    Args:
        revision: that of the view, or the newest that the index has.
    """
    found = shown(revision)
    must, must_not = found["filter"], found["must_not"]
    clocks, wanted = view.clocks, view.filter
    # What is undated, so that its end is MAX_INSTANT, was not said by any time.
    if clocks.said_by is not None:
        must.append(_range("published_hi", lte=min(clocks.said_by, MAX_INSTANT - 1)))
    elif clocks.strict:
        must.append(_range("published_hi", lt=MAX_INSTANT))
    if wanted.published_from is not None:
        must.append(_range("published_lo", gte=wanted.published_from.lo))
    if wanted.published_to is not None:
        must.append(_range("published_hi", lte=wanted.published_to.hi))
    if wanted.sources:
        starts = [value for value in wanted.sources if value.endswith(":")]
        must.append({"bool": {"should": [_among("publisher", wanted.sources), _among("host", wanted.sources),
                                         *({"prefix": {"document": {"value": start}}} for start in starts)]}})
    if wanted.places:
        must.append(_among("place", wanted.places))
    if wanted.languages:
        must.append(_among("language", wanted.languages))
    if view.without is not None:
        must_not.append({"term": {"document": {"value": view.without}}})
    return found


def by_words(boosts: Mapping[str, float], seen: Mapping[str, Any], size: int) -> dict[str, Any]:
    """The best passages with some of the terms, by the server's own score."""
    should = [{"term": {"words": {"value": term, "boost": boost}}} for term, boost in boosts.items()]
    # The terms in a query of their own: a filter that lets everything through is then taken out by the server, and the
    # others are looked at only for passages that can be among the best.
    query = {"bool": {"must": {"bool": {"should": should}}, **seen}}
    return _BARE | {"query": query, "docvalue_fields": ["card"], "size": size}


def by_vector(vector: Vector, seen: Mapping[str, Any], size: int, looks: int) -> dict[str, Any]:
    """The nearest passages, as far as the server can tell.

    Args:
        looks: how many it keeps in sight; where the filter lets no more through it looks at each.
    """
    near = {"field": "vector", "query_vector": [float(value) for value in vector], "k": size, "num_candidates": looks,
            "filter": {"bool": seen}}
    return _BARE | {"knn": near, "docvalue_fields": ["row"], "size": size}


def frequencies(terms: Iterable[str], revision: Revision) -> dict[str, Any]:
    """How many passages of a revision have each term, those that are gone included."""
    filters = [{"term": {"words": {"value": term}}} for term in terms]
    return {"size": 0, "track_total_hits": False, "query": _range("recorded", lte=revision),
            "aggs": {"often": {"filters": {"filters": filters}}}}


def totals(revision: Revision) -> dict[str, Any]:
    """How many passages a revision has, and how many terms they have together."""
    query = {"bool": {"filter": [_PASSAGE, _range("recorded", lte=revision)]}}
    return {"size": 0, "track_total_hits": True, "query": query,
            "aggs": {"length": {"sum": {"field": "length"}}}}


def own_counts(terms: Sequence[str]) -> dict[str, Any]:
    """What the server counts for its own scores, with all that it holds at the moment, whatever its revision."""
    return {"doc": {"words": " ".join(terms)}, "fields": ["words"], "term_statistics": True, "field_statistics": True,
            "positions": False, "offsets": False, "payloads": False}


def still_there(documents: Sequence[str], revision: Revision, size: int, after: Sequence[Any]) -> dict[str, Any]:
    """Passages of documents that were recorded by then and are not gone, whole, by passage.

    Args:
        after: where the page before ended.
    """
    query = {"bool": {"filter": [_among("document", documents), _range("recorded", lte=revision)],
                      "must_not": [{"exists": {"field": "gone"}}]}}
    return _page(query, size, after) | {"_source": True, "docvalue_fields": ["card", "row"]}


def passages_of(documents: Sequence[str], size: int, after: Sequence[Any]) -> dict[str, Any]:
    """All passages of documents, of every revision, gone or not: their ids, and when they were recorded."""
    query = {"bool": {"filter": [_PASSAGE, {"terms": {"document": list(documents)}}]}}
    return _page(query, size, after) | {"_source": False, "stored_fields": "_none_"}


def passages(revision: Revision, size: int, after: Sequence[Any]) -> dict[str, Any]:
    """The passages that a revision shows, by id."""
    query = {"bool": shown(revision) | {"must": _PASSAGE}}
    return _page(query, size, after) | {"_source": False, "stored_fields": "_none_"}


def _page(query: dict[str, Any], size: int, after: Sequence[Any]) -> dict[str, Any]:
    page = {"query": query, "size": size, "track_total_hits": False, "sort": [{"passage": "asc"}, {"recorded": "asc"}]}
    return page | {"search_after": list(after)} if after else page


def _range(field: str, **bounds: int) -> dict[str, Any]:
    return {"range": {field: bounds}}


def _among(field: str, values: Sequence[str]) -> dict[str, Any]:
    return {"terms": {field: sorted(set(map(keyword, values)))}}
