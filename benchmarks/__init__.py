"""What speed and memory are measured with: one seeded world, one command for each question (docs/performance.md)."""
