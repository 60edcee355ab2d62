"""The machine that a figure comes from, and where the benches keep what they make."""

import os
import platform
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reelscribe-bench"


def memory() -> float:
    """GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def machine() -> str:
    try:
        system = platform.freedesktop_os_release()
        name = f"{system.get('NAME', '')} {system.get('VERSION_ID', '')}"
    except OSError:
        name = platform.system()
    hardware = f"{platform.machine()}, {os.cpu_count()} cores, {memory():.0f} GiB"
    return f"{hardware}, {name}, Python {platform.python_version()}"
