"""Layer 6: what running text says, with spans."""
