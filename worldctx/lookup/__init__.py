"""Layer 7: from an ask to a context; pure but for pipeline.py."""
