"""Facts from the operating system: memory of this and other processes, and when this one started.

psutil is imported when it is asked: a command that only prints does without.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Files in which Linux states the memory limit of a container (cgroup v2, v1)."""


def resident_memory() -> int:
    """Return the bytes of memory that this process occupies now."""
    return occupied_by(None) or 0


def occupied_by(process: int | None) -> int | None:
    """Return the bytes of memory that a process (this one, if None) occupies now; None if it has ended."""
    import psutil

    try:
        return int(_process(process or os.getpid()).memory_info().rss)
    except psutil.Error:
        return None


@lru_cache(8)  # this process, and those that work beside it
def _process(number: int) -> psutil.Process:
    """Return a process, of which finding out that it is there costs more than asking it."""
    import psutil

    return psutil.Process(number)


def process_began() -> float:
    """Return when this process began, on the monotonic clock."""
    import psutil

    age = time.time() - psutil.Process().create_time()
    return time.monotonic() - max(age, 0.0)


def physical_memory() -> int:
    """Return the bytes of memory that this machine has, or that the container may occupy, if that is less."""
    import psutil

    return min([int(psutil.virtual_memory().total), *_limits()])


def _limits() -> list[int]:
    """Return the limits of the container, if there is one and it has any."""
    found = [Path(file) for file in CONTAINER if Path(file).is_file()]
    texts = [file.read_text(encoding="ascii").strip() for file in found]
    return [int(text) for text in texts if text.isdigit()]


def peak_memory() -> int:
    """Return the most bytes of memory that this process ever occupied; 0 where the system does not tell."""
    try:
        import resource
        import sys
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
