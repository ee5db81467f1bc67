"""Several workers and one, compared where threads switch all the time, and where tables are filled again and again.

Run by `test_workers.py` with kernels as plain Python.
"""

from __future__ import annotations

import sys
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
from kernel.same_workers import assert_same_together, small_shares

from flpcheck import Bounds, load, system_of
from flpcheck.explore.kernel import visited
from flpcheck.explore.worker_pool import Together
from flpcheck.system import System

SWITCHING = 1e-7
LATE = cycle([False, False, True])
SIZES = cycle([2**14, 2**15, 2**16])
CASES = {"tla/two_phase": 300, "raft_elections": 600, "two_phase_commit": 700}


def made(name: str) -> System:
    """Return the first instance of a spec as a system."""
    instance = load(name).instances[0]
    return system_of(instance.protocol, instance.world, instance.inputs)


def often_filled_again(ensure: object) -> object:
    """Build the visited table again, with another size, whenever there might be too little room."""

    def ensured(portion: Together) -> bool:
        enough = bool(ensure(portion))  # type: ignore[operator]
        portion.search._rehash(next(SIZES))
        return enough

    return ensured


def read_late(array: np.ndarray[Any, Any], index: int) -> Any:
    """Read an element; every third time as before anything was written, as a thread does that is late."""
    return array.dtype.type(0) if next(LATE) else array[index]


def compare() -> None:
    """Compare eight workers with one."""
    sys.setswitchinterval(SWITCHING)
    visited.read = read_late  # type: ignore[attr-defined]
    np.seterr(all="ignore")
    Together._ensure_capacity = often_filled_again(Together._ensure_capacity)  # type: ignore[method-assign,assignment]
    with small_shares(PORTION=400, SHARE=1):
        for name, most in CASES.items():
            assert_same_together(partial(made, name), Bounds(configurations=most), 8)


if __name__ == "__main__":
    compare()
