"""Layer 4: search indexes that follow the graph."""
