"""Large arrays take memory where they are written, and give it back on request."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from flpcheck.explore.bounds import resident_memory
from flpcheck.explore.memory import HUGE, give_back, reserve

PAGE = HUGE // 4


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is given back there")
def test_memory_is_given_back_in_whole_pages() -> None:
    array = reserve(16 * PAGE, np.uint32)
    array[:] = 7
    before = resident_memory()
    assert give_back(array, 0, 10 * PAGE + 5) == 10 * PAGE
    assert before - resident_memory() > 8 * HUGE
    assert not array[: 10 * PAGE].any()
    assert (array[10 * PAGE :] == 7).all()
    array[3] = 1
    assert array[3] == 1


def test_what_is_no_whole_page_is_kept() -> None:
    array = reserve(4 * PAGE, np.uint32)
    array[:] = 7
    assert give_back(array, 5, PAGE + 4) == 5
    assert (array == 7).all()


def test_ordinary_arrays_keep_their_memory() -> None:
    array = np.full(4 * PAGE, 7, np.uint32)
    assert give_back(array, 0, len(array)) == 0
    assert (array == 7).all()
