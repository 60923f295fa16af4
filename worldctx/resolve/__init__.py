"""Which entities may be one thing: candidate pairs, explained scores, and decisions that can be undone."""
