"""The seam: one call that explores, whichever engine does it."""

from __future__ import annotations

from collections.abc import Callable

from flpcheck.errors import BadRequest, nearest
from flpcheck.explore.bounds import Bounds
from flpcheck.explore.graph import StateGraph
from flpcheck.explore.progress import Progress
from flpcheck.explore.reference import Search
from flpcheck.system import System

ENGINES = ("auto", "reference")
ORDERS = ("bfs", "dfs")


def explore(
    system: System,
    bounds: Bounds | None = None,
    *,
    engine: str = "auto",
    order: str = "bfs",
    report: Callable[[Progress], None] | None = None,
) -> StateGraph:
    """Return every configuration that a system can reach, and the transitions between them.

    Parameters
    ----------
    system
        A protocol in a world, from `system_of`.
    bounds
        Where to cut; without bounds the search ends when nothing is left.
    engine
        `auto` chooses; `reference` is plain Python.
    order
        `bfs` for shortest schedules, `dfs` to go deep first.
    report
        Called now and then with the progress.

    Raises
    ------
    SpecError
        If the protocol misbehaves; the error carries the schedule that leads there.

    Examples
    --------
    >>> from flpcheck import asynchronous, load, system_of
    >>> from flpcheck.explore import explore
    >>> spec = load("wait_for_all")
    >>> len(explore(system_of(spec.protocol(n=2), asynchronous())))
    28
    """
    if engine not in ENGINES:
        raise BadRequest(f"no engine {engine!r}", why=nearest(engine, ENGINES))
    if order not in ORDERS:
        raise BadRequest(f"no order {order!r}", why=nearest(order, ORDERS))
    return Search(system, bounds or Bounds(), order, report).run()
