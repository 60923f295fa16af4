"""torch uses one thread in these tests: it spins on all cores for each text, and the tests run side by side."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
