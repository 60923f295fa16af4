"""Layer 14: for people."""
