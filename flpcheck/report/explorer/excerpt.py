"""The part of a graph that goes into a file: all of it if a browser can hold it, otherwise the interesting part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from flpcheck.explore import StateGraph
from flpcheck.report.explorer.ways import ReplayPath


class PageLimits(NamedTuple):
    """Limits of a file.

    Parameters
    ----------
    whole
        Maximum number of configurations of a graph that is written out whole; of larger ones an excerpt is.
    excerpt
        Number of configurations written out of a larger graph, in addition to the ways to what was found.
    """

    whole: int
    excerpt: int


PAGE_LIMITS = PageLimits(15_000, 6_000)
"""Limits within which a browser opens a page at once."""
ANNEX_LIMITS = PageLimits(400, 150)
"""Limits of what a page holds of another instance, for the tours through it."""


def chosen(graph: StateGraph, ways: Iterable[ReplayPath], limits: PageLimits = PAGE_LIMITS) -> list[int]:
    """Return the configurations to write out: all, or the ways and what surrounds them, and the beginning.

    Parameters
    ----------
    graph
        The graph.
    ways
        Ways that the page opens, to violations, critical configurations, stops of tours.
    limits
        How much the file may hold.

    Returns
    -------
    list of int
        In order.  Each one's way from an initial configuration is among them.
    """
    if len(graph) <= limits.whole:
        return list(range(len(graph)))
    on_ways = {number for way in ways for number in way.numbers}
    beside = {target for number in on_ways for target in graph.targets[graph.out(number)].tolist()}
    found = set(range(limits.excerpt)) | on_ways | _with_origins(graph, beside)
    return sorted(found)


def _with_origins(graph: StateGraph, numbers: Iterable[int]) -> set[int]:
    """Return some configurations with those on the ways by which they were found."""
    found: set[int] = set()
    for start in numbers:
        number = start
        while number >= 0 and number not in found:
            found.add(number)
            number = int(graph.parent[number])
    return found
