"""Several workers and one, compared where threads switch all the time, and where tables are filled again and again.

Run by `test_workers.py` with kernels as plain Python.
"""

from __future__ import annotations

import sys
from functools import partial

import numpy as np
from kernel.same_workers import assert_same_together, small_shares

from flpcheck import Bounds, load, system_of
from flpcheck.explore.worker_pool import Together
from flpcheck.system import System

SWITCHING, LARGE = 1e-7, 2**15
CASES = {"tla/two_phase": 300, "raft_elections": 1200, "two_phase_commit": 700}


def made(name: str) -> System:
    """Return the first instance of a spec as a system."""
    instance = load(name).instances[0]
    return system_of(instance.protocol, instance.world, instance.inputs)


def often_filled_again(ensure: object) -> object:
    """Let the visited table be built again whenever there might be too little room."""

    def ensured(portion: Together) -> bool:
        enough = bool(ensure(portion))  # type: ignore[operator]
        portion.search._rehash(len(portion.search.space.slots))
        return enough

    return ensured


def compare() -> None:
    """Compare eight workers with one."""
    sys.setswitchinterval(SWITCHING)
    np.seterr(all="ignore")
    Together._ensure_capacity = often_filled_again(Together._ensure_capacity)  # type: ignore[method-assign,assignment]
    with small_shares(PORTION=400, SHARE=1):
        for name, most in CASES.items():
            assert_same_together(partial(made, name), Bounds(configurations=most), 8)


if __name__ == "__main__":
    compare()
