"""Layer 13: a corpus in, the corpus with world context out."""
