"""What the system says of this process and of others: how much memory they occupy, and when this one began."""

from __future__ import annotations

import os
import time
from pathlib import Path

PAGE = 4096


def resident_memory() -> int:
    """Return the bytes of memory that this process occupies now (its peak, where the system tells no more)."""
    found = occupied_by("self")
    return peak_memory() if found is None else found


def occupied_by(process: int | str) -> int | None:
    """Return the bytes of memory that a process occupies now; None where the system does not tell."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except (OSError, IndexError):
        return None


def process_began() -> float:
    """Return when this process began, on the monotonic clock; now, where the system does not tell."""
    try:
        ticks = int(Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError, IndexError):
        age = 0.0
    return time.monotonic() - max(age, 0.0)


def physical_memory() -> int:
    """Return the bytes of memory of this machine; 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0


def peak_memory() -> int:
    """Return the most bytes of memory that this process ever occupied; 0 where the system does not tell."""
    try:
        import resource
        import sys
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
