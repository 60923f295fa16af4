"""Layer 5: texts to vectors."""
