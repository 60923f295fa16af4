"""Layer 1: the nouns. Frozen values that import nothing of ours but each other."""
