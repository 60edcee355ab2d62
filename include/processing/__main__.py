"""python -m include.processing VIDEO --out DIR. Each worker process runs this file again: it imports nothing there."""

if __name__ == "__main__":
    import os
    import sys

    from include.processing.command import INTERRUPTED, main

    status = main()
    if status == INTERRUPTED:
        os._exit(status)  # the pool's threads would wait for workers that are gone
    sys.exit(status)
