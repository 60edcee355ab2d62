"""python -m include.processing VIDEO --out DIR. Each worker process runs this file again: it imports nothing there."""

if __name__ == "__main__":
    import os
    import sys

    from include.processing.command import main

    status = main()
    sys.stdout.flush()
    os._exit(status)  # taking all modules apart costs 0.1 CPU-s; and threads of an interrupted pool would be waited for
