"""Contract suites, strategies and failpoints, shipped so that others can prove their own back ends."""
