"""Large arrays: address space that becomes memory when it is touched, on huge pages where the system has them."""

from __future__ import annotations

import mmap
import sys
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from flpcheck.budget import look

NORESERVE = 0x4000
HUGE = 2**21


def zeros(count: int, dtype: DTypeLike) -> NDArray[Any]:
    """Return an array of zeros, on huge pages if it is large enough for them to matter.

    Raises
    ------
    OutOfBudget
        If the run may not use that memory.
    """
    size = count * np.dtype(dtype).itemsize
    if size >= HUGE:
        look(size)
    if size < HUGE or sys.platform != "linux":
        return np.zeros(count, dtype)
    return _mapped(size, 0)[:size].view(dtype)


def reserve(count: int, dtype: DTypeLike) -> NDArray[Any]:
    """Return an array that takes memory only where it is written, or a small one where the system has no such thing.

    A caller must be ready for fewer elements than it asked for.
    """
    size = count * np.dtype(dtype).itemsize
    if sys.platform == "linux":
        try:
            return _mapped(size, NORESERVE)[:size].view(dtype)
        except (OSError, ValueError, OverflowError):
            pass
    return np.zeros(min(count, 2**16), dtype)


def _mapped(size: int, flags: int) -> NDArray[np.uint8]:
    pages = mmap.mmap(-1, -(-size // HUGE) * HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | flags)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        pages.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(pages, dtype=np.uint8)


def give_back(array: NDArray[Any], first: int, last: int) -> int:
    """Give the memory of the elements from `first` up to `last` back; they read as zeros afterwards.

    Only whole huge pages of an array from `reserve` or `zeros` can be given back; elsewhere nothing happens.

    Returns
    -------
    int
        Where to go on next time: what lies before it is given back.
    """
    pages = _pages_of(array)
    per_page = HUGE // array.itemsize
    start, end = -(-first // per_page), last // per_page
    if pages is None or end <= start:
        return first
    pages.madvise(mmap.MADV_DONTNEED, start * HUGE, (end - start) * HUGE)
    return end * per_page


def _pages_of(array: Any) -> mmap.mmap | None:
    """Return the mapping that an array begins at, if there is one."""
    while isinstance(array, np.ndarray):
        array = array.base
    pages = array.obj if isinstance(array, memoryview) else array
    return pages if isinstance(pages, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED") else None


def grown(array: NDArray[Any], count: int) -> NDArray[Any]:
    """Return a copy with at least `count` elements along the first axis, the new ones zero.

    Raises
    ------
    OutOfBudget
        If the run may not use that memory: until the copy is made, there are both.
    """
    rows = max(count, 2 * len(array))
    if array.nbytes >= HUGE:
        look(rows * (array.nbytes // len(array)))
    larger = np.zeros((rows, *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger
