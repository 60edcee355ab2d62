"""The domain: files and values in, values out. `python -m include.processing VIDEO --out DIR` runs it alone."""
