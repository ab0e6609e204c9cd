"""For all tests: one thread each, as jobs have, since pytest runs as many at once as there are cores."""

import os
import sys

if "numpy" in sys.modules:
    raise RuntimeError("numpy is loaded before its threads are limited: it would not heed that")
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
