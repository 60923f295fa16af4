"""Layer 3: stores of the temporal knowledge graph."""
