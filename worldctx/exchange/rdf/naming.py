"""Ids and predicates as IRIs and back: each id has one IRI, from which it comes back as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote, unquote

from pyoxigraph import NamedNode

from worldctx.exchange.rdf.terms import BLANK, ID, NAMESPACES, OURS, PREDICATE
from worldctx.model.ids import is_id

#: Schemes whose ids are IRIs already; `ent:x` and `src:a` are none, though they look like it.
_SCHEMES = re.compile(r"(?:https?|ftp|urn|tag|info|doi|mailto):", re.IGNORECASE)
#: Characters that stay as they are behind a prefix of ours; NamedNode checks what may stand there (RFC 3987).
_SAFE = ":/@!$&'()*+,;=-._~"
#: What the reader of our own records relies on is not used for the direct triple of a fact.
_RESERVED = (OURS, NAMESPACES["rdf"], NAMESPACES["skosxl"])


class Naming:
    """The ids and the predicates that a mapping gives to IRIs.

    Args:
        ids: prefixes of ids with the IRIs they stand for, `{}` for what follows: `wd` with
            `http://www.wikidata.org/entity/{}`; the first is the one that is written.
        predicates: IRIs with our names for them; the first IRI of a name is the one that is written.
    """

    def __init__(self, ids: Mapping[str, Iterable[str]], predicates: Mapping[str, str]) -> None:
        self._heads = [(*_cut(template), prefix) for prefix, templates in ids.items() for template in templates]
        self._heads.sort(key=lambda head: -len(head[0]))
        self._templates = {prefix: next(iter(templates), "") for prefix, templates in ids.items()}
        self._names = dict(predicates)
        self._iris: dict[str, str] = {}
        for iri, name in predicates.items():
            self._iris.setdefault(name, iri)
        self.id_of = lru_cache(maxsize=100_000)(self._id_of)
        self.node_of = lru_cache(maxsize=100_000)(self._node_of)
        self.predicate_node = lru_cache(maxsize=10_000)(self._predicate_node)

    def predicate_of(self, iri: str) -> str:
        """Our name of a predicate; the IRI where it has none."""
        return self._names.get(iri) or _decoded(iri, PREDICATE) or iri

    def _id_of(self, iri: str) -> str:
        own = _decoded(iri, ID)
        if own and is_id(own):
            return own
        for head, tail, prefix in self._heads:
            if iri.startswith(head) and iri.endswith(tail) and len(iri) > len(head) + len(tail):
                return f"{prefix}:{iri[len(head) : len(iri) - len(tail)]}"
        return iri

    def _node_of(self, name: str) -> NamedNode:
        prefix, _, rest = name.partition(":")
        template = self._templates.get(prefix)
        made = [template.replace("{}", rest)] if template and rest else []
        if _SCHEMES.match(name) and (not name.startswith(OURS) or name.startswith(BLANK)):
            made.append(name)
        for iri in made:
            node = _node(iri)
            # An IRI of ours is written as another's id would be: what comes back has to be the same.
            if node is not None and node.value == iri and self._id_of(iri) == name:
                return node
        return NamedNode(ID + encoded(name))

    def _predicate_node(self, name: str) -> NamedNode:
        made = [self._iris[name]] if name in self._iris else []
        if _SCHEMES.match(name):
            made.append(name)
        for iri in made:
            node = _node(iri)
            if node is not None and self.predicate_of(iri) == name and not iri.startswith(_RESERVED):
                return node
        return NamedNode(PREDICATE + encoded(name))


def encoded(text: str) -> str:
    """A text as the last part of a URN; `decoded` gives it back."""
    return quote(text, safe=_SAFE)


def decoded(iri: str, space: str) -> str:
    """The text that `encoded` put behind a prefix of ours; empty where the IRI is no such one."""
    return _decoded(iri, space) or ""


def _decoded(iri: str, space: str) -> str | None:
    if not iri.startswith(space):
        return None
    try:
        text = unquote(iri[len(space) :], errors="strict")
    except UnicodeDecodeError:
        return None
    return text if text and encoded(text) == iri[len(space) :] else None


def _node(iri: str) -> NamedNode | None:
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def _cut(template: str) -> tuple[str, str]:
    head, _, tail = template.partition("{}")
    return head, tail
