"""Layer 2: the promises that stores and models keep."""
