"""Wikidata: its JSON dump as entities and facts, with ranks, qualifiers and references; see docs/import-wikidata.md."""
