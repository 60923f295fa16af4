"""The vocabularies that are read and written, by their usual prefixes, and our own small one."""

from __future__ import annotations

from functools import lru_cache

from pyoxigraph import NamedNode

#: Usual prefixes (prefix.cc) of what the exporter writes. `wctx` is ours: a URN, for it needs no web domain.
NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "schema": "https://schema.org/",
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "oa": "http://www.w3.org/ns/oa#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "sf": "http://www.opengis.net/ont/sf#",
    "sem": "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "wctx": "urn:worldctx:vocab:",
    "id": "urn:worldctx:id:",
    "predicate": "urn:worldctx:predicate:",
}
#: Where our ids, predicates, facts, methods and agents become IRIs; what stands behind is percent-encoded (RFC 3986).
ID, PREDICATE, FACT = NAMESPACES["id"], NAMESPACES["predicate"], "urn:worldctx:fact:"
METHOD, AGENT = "urn:worldctx:method:", "urn:worldctx:agent:"
#: Nodes of the export that stand for a line, a name or a geometry, named by a digest of what they hold.
NODE = "urn:worldctx:node:"
#: Blank nodes as they get ids (with the digest of their file), and as they stand in a data set while it is read.
BLANK, LOCAL = "urn:worldctx:blank:", "urn:worldctx:local:"
#: Everything of ours.
OURS = "urn:worldctx:"
#: Library of Congress datatype of EDTF texts.
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"
#: The same, as others write it.
EDTF_OTHERS = frozenset({"https://id.loc.gov/datatypes/edtf/EDTF", "http://id.loc.gov/datatypes/edtf/EDTF-level0",
                         "http://id.loc.gov/datatypes/edtf/EDTF-level1", "http://id.loc.gov/datatypes/edtf/EDTF-level2"})


@lru_cache(maxsize=4096)
def term(curie: str) -> NamedNode:
    """The node for a prefixed name, `schema:name`, of `NAMESPACES`."""
    prefix, _, name = curie.partition(":")
    return NamedNode(NAMESPACES[prefix] + name)


def local_name(iri: str) -> str:
    """What stands behind the last `#`, `/` or `:` of an IRI; the IRI where there is nothing."""
    bare = iri.rstrip("#/:")
    return bare[max(bare.rfind(mark) for mark in "#/:") + 1 :] or iri
