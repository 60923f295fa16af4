"""Domain packs: a folder with a vocabulary, a mapping, shapes, a gazetteer policy and tests. See docs/packs.md."""
