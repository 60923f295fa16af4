"""What every store asks of a batch before it writes any of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields, is_dataclass

from worldctx.graph.interned import is_storable
from worldctx.model.change import Batch, Erasure
from worldctx.model.entity import Entity
from worldctx.model.errors import BadInput
from worldctx.model.fact import Fact
from worldctx.model.ids import SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.time import When

#: Characters; the embedded store keeps the ids of all facts in memory in a column as wide as the longest.
LONGEST_FACT_ID = 200


def check_batch(batch: Batch) -> None:
    """Refuse a batch that no store may take.

    Raises:
        BadInput: it names the first field that is wrong.
    """
    for place, record in enumerate(batch.documents):
        if not record.document.content_hash:
            raise BadInput.at(f"documents[{place}].content_hash", "is empty; it is the key by which it is known")
    for place, fact in enumerate(batch.facts):
        if not fact.id:
            raise BadInput.at(f"facts[{place}].id", "is empty; model.fact.fact_id gives the id that its content has")
        if len(fact.id) > LONGEST_FACT_ID or "\0" in fact.id:
            raise BadInput.at(f"facts[{place}].id", f"is longer than {LONGEST_FACT_ID} characters or holds a NUL; "
                                                    "model.fact.fact_id gives a good one")
        if (fact.object is None) == (fact.literal is None):
            raise BadInput.at(f"facts[{place}].object", "give an object or a literal, one of the two")
        if not 0 <= fact.confidence <= 1:
            raise BadInput.at(f"facts[{place}].confidence", f"{fact.confidence} is not between 0 and 1")
    for place, one in enumerate(batch.withdrawals):
        if sum(target is not None for target in (one.fact, one.document, one.source)) != 1:
            raise BadInput.at(f"withdrawals[{place}]", "give exactly one of fact, document and source")


def check_erasure(erasure: Erasure) -> None:
    """Refuse an erasure of nothing in particular.

    Raises:
        BadInput
    """
    if bool(erasure.sources) == (erasure.document is not None):
        raise BadInput.at("erasure", "give exactly one of sources and document")


def sources_named(batch: Batch) -> set[SourceId]:
    """The sources that facts, entities and judgements of a batch name."""
    return {one.source for _, told in _attributed(batch) for one in told if one.source is not None}


def check_sources(batch: Batch, held: Collection[str]) -> None:
    """Refuse a batch that names a source that the store does not hold, its own sources included.

    Raises:
        BadInput: it names the first line that is wrong.
    """
    for name, told in _attributed(batch):
        for place, one in enumerate(told):
            if one.source is not None and one.source not in held:
                raise BadInput.at(f"{name}[{place}].source", f"{one.source!r} is not known; send the source first, or "
                                                             "in the same batch")


def _attributed(batch: Batch) -> tuple[tuple[str, Sequence[Fact | Entity | Judgement]], ...]:
    return ("facts", batch.facts), ("entities", batch.entities), ("judgements", batch.judgements)


def unstorable(value: object, path: str = "") -> str | None:
    """Where in a batch a text stands that has no UTF-8 form, as a dotted path; None when there is none."""
    if isinstance(value, str):
        return None if is_storable(value) else path
    inner: Iterable[tuple[str, object]] = ()
    if is_dataclass(value) and not isinstance(value, When):
        inner = ((f"{path}.{field.name}".lstrip("."), getattr(value, field.name)) for field in fields(value))
    elif isinstance(value, dict):
        inner = [*((f"{path} (key)", key) for key in value), *((f"{path}.{key}", one) for key, one in value.items())]
    elif isinstance(value, tuple):
        inner = ((f"{path}[{place}]", one) for place, one in enumerate(value))
    return next((found for name, one in inner if (found := unstorable(one, name)) is not None), None)
