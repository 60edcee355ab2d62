"""The domain: files and values in, values out. `python -m include.processing VIDEO --out DIR` runs it alone."""

import os

# NumPy's and OpenCV's threads of linear algebra: each spins for 0.02 CPU-s when it starts, and nothing here needs it
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
