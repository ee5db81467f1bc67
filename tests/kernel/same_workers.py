"""Explores with one worker and with several, and compares what they find, word by word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import pytest

from flpcheck import Bounds
from flpcheck.explore import worker_pool
from flpcheck.explore.component_front import ComponentFront
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.native import NativeSearch
from flpcheck.reduce.dead_letters import Refuted
from flpcheck.system import System
from flpcheck.system.message_passing import MessagePassing

COUNTERS = [k.FOUND, k.EDGES, k.NEXT]
LITTLE = {"PORTION": 50, "LEAST": 2, "SHARE": 3, "HANDFUL": 1, "ALONE": 1, "SHORT": 8, "RESERVED": 16}


@contextmanager
def small_shares(**other: int) -> Iterator[None]:
    """Give workers little to do at a time, and room for little, so that small models need many portions."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**LITTLE, **other}.items():
            patch.setattr(worker_pool, name, value)
        yield


def searched(system: System, bounds: Bounds, workers: int, *, keep: bool) -> NativeSearch:
    """Explore with some workers, from the beginning if a letter that was dropped is not dead."""
    assert isinstance(system, MessagePassing)
    while True:
        search = NativeSearch(ComponentFront(system), bounds, keep=keep, workers=workers)
        with suppress(Refuted):
            search.explore()
            return search


def arrays(search: NativeSearch) -> Iterator[Any]:
    """Yield all that a search has found."""
    space, found, edges = search.space, search.found, int(search.space.tally[k.EDGES])
    yield space.states[: found * search.width]
    yield search.layout
    if search.keep:
        yield space.offsets[: search.next + 1]
        yield space.targets[:edges]
        yield space.movers[:edges]
    else:
        yield space.asleep[:found]


def assert_same_together(make: Callable[[], System], bounds: Bounds, workers: int = 2) -> None:
    """Compare one worker with several, with and without the graph.

    A system remembers what its protocol has answered, so the searches share one, unless it learns which letters are
    dead.
    """
    first = make()
    for keep in (True, False):
        alone, together = (
            searched(first if first.dead_letters is None else make(), bounds, number, keep=keep)
            for number in (1, workers)
        )
        assert together.space.tally[COUNTERS].tolist() == alone.space.tally[COUNTERS].tolist()
        assert (together.levels, together.cut) == (alone.levels, alone.cut)
        for one, other in zip(arrays(alone), arrays(together), strict=True):
            assert np.array_equal(one, other)
