"""Layer 12: what callers import; light."""
