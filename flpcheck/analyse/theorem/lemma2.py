"""Lemma 2: some initial configuration is bivalent, or one silent process blocks the others from the start.

Fischer, Lynch, Paterson (1985), Lemma 2.  Initial configurations are adjacent if they differ in the input of one
process p.  Without p no process can tell them apart, so val(p, .) is the same for both.  On a chain of adjacent inputs
from a 0-valent to a 1-valent initial configuration either one is bivalent, or two neighbours have different valences,
and then nothing can be decided without the p in which they differ.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from flpcheck.analyse.theorem.silent import SilentValence
from flpcheck.analyse.valence import Valence
from flpcheck.authoring.events import Pid
from flpcheck.authoring.values import key
from flpcheck.explore.graph import StateGraph


class ChainLink(NamedTuple):
    """An initial configuration on a chain.

    Parameters
    ----------
    initial
        Its position in the list of initial configurations.
    inputs
        The inputs.
    valence
        As text.
    changed
        The process whose input differs from that of the link before; None for the first link.
    """

    initial: int
    inputs: Mapping[Pid, Hashable]
    valence: str
    changed: Pid | None


@dataclass(frozen=True)
class Beginning:
    """Result of checking Lemma 2.

    Parameters
    ----------
    bivalent
        The positions of the bivalent initial configurations.
    chain
        Adjacent initial configurations from one univalent one to an oppositely univalent one; empty if all agree.
    pivot
        The process in whose input the turning point of the chain differs from the link before.
    turn
        Position in the chain of the first link that is not like the first one.
    silent
        The values that can be decided without the pivot, there and in the link before, as text.
    """

    bivalent: tuple[int, ...]
    chain: tuple[ChainLink, ...]
    pivot: Pid | None
    turn: int | None
    silent: str


def beginning(valence: Valence, silent: SilentValence) -> Beginning:
    """Return the bivalent initial configurations, and the chain of adjacent inputs on which one must turn up.

    Cost: O(square of the number of initial configurations).
    """
    graph = valence.graph
    bivalent = tuple(place for place, root in enumerate(graph.roots) if valence.bivalent[root])
    places = _chain(valence)
    if not places:
        return Beginning(bivalent, (), None, None, "")
    changes = [None, *(_difference(graph, a, b) for a, b in pairwise(places))]
    links = tuple(
        ChainLink(place, graph.initial[place].inputs, valence.name(graph.roots[place]), changed)
        for place, changed in zip(places, changes, strict=True)
    )
    turn = next(number for number, link in enumerate(links) if link.valence != links[0].valence)
    pivot = links[turn].changed
    assert pivot is not None
    left = valence.words(int(silent.low((graph.system.names.index(pivot),))[graph.roots[places[turn]]]))
    return Beginning(bivalent, links, pivot, turn, left)


def _chain(valence: Valence) -> list[int]:
    """Return a shortest chain of adjacent initial configurations between two that are oppositely univalent."""
    graph = valence.graph
    starts = [p for p, root in enumerate(graph.roots) if valence.univalent[root]]
    best: list[int] = []
    for start in starts[:1]:
        came: dict[int, list[int]] = {start: [start]}
        waiting = deque([start])
        while waiting and not best:
            here = waiting.popleft()
            for other in range(len(graph.roots)):
                if other not in came and _difference(graph, here, other) is not None:
                    came[other] = [*came[here], other]
                    waiting.append(other)
                    root, first = graph.roots[other], graph.roots[start]
                    if valence.univalent[root] and valence.low[root] != valence.low[first]:
                        best = came[other]
                        break
    return best


def _difference(graph: StateGraph, one: int, other: int) -> Pid | None:
    """Return the process whose input alone tells two initial configurations apart; None if there is no such process."""
    mine, theirs = graph.initial[one], graph.initial[other]
    if mine.dead != theirs.dead or mine.inputs.keys() != theirs.inputs.keys():
        return None
    differing = [pid for pid, value in mine.inputs.items() if key(value) != key(theirs.inputs[pid])]
    return differing[0] if len(differing) == 1 else None
