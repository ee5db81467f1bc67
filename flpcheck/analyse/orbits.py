"""What can be read from a quotient by symmetries, and what cannot.

Names change along its transitions.  What a configuration shows by itself (two decisions, a broken invariant, nothing
more to do) is the same in its whole orbit.  What can be decided from it is followed through the renamings of values.
What follows one process along a run is not read from it at all (TLC's combination of the two invents and misses
violations; Bosnacki, 2003, has one that is sound).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.sweep import TransitionArrays, backward, bits, blocks_between, spread
from flpcheck.authoring.property import (
    Property,
    any_input_validity,
    correct_unanimity,
    interactive_consistency,
    termination,
    validity,
)
from flpcheck.authoring.reduction import Interchangeable, Symmetric, Symmetry
from flpcheck.authoring.values import key
from flpcheck.budget import looking
from flpcheck.explore.graph import Masks, StateGraph
from flpcheck.reduce import Orbits
from flpcheck.system import System

FOLLOW_PROCESSES = (termination, correct_unanimity, interactive_consistency)
FOLLOW_VALUES = (validity, any_input_validity)


def symmetries_for(claims: Iterable[Property]) -> tuple[type[Symmetry], ...]:
    """Return which kinds of symmetry may be used to judge some properties; none if none are named.

    Examples
    --------
    >>> from flpcheck import agreement
    >>> [kind.__name__ for kind in symmetries_for([agreement, validity])]
    ['Symmetric']
    """
    asked = tuple(claims)
    if not asked or any(map(_follows_processes, asked)):
        return ()
    return (Symmetric,) if any(claim in FOLLOW_VALUES for claim in asked) else (Symmetric, Interchangeable)


def _follows_processes(claim: Property) -> bool:
    """Whether a property looks at a process in more than one configuration."""
    return claim in FOLLOW_PROCESSES or claim.kind not in {"standard", "invariant", "sometimes"}


def unjudged(system: System, claim: Property) -> str:
    """Return why a property cannot be judged on a quotient by symmetries; empty if it can."""
    follows = _follows_processes(claim)
    if not isinstance(system, Orbits) or not (follows or (system.exchanges_values and claim in FOLLOW_VALUES)):
        return ""
    return f"{'processes' if follows else 'values'} change their names along paths of this quotient: use --no-reduction"


def values_reachable(graph: StateGraph) -> Masks:
    """Return which values can be decided from each configuration, under the names that they have there.

    Where values are exchanged along transitions, the sweep is over (configuration, order of the values).

    Returns
    -------
    uint64[n]
        Cost: that of `backward`, times the number of orders if values are exchanged.
    """
    system = graph.system
    if not isinstance(system, Orbits) or not system.exchanges_values:
        return backward(graph, graph.marks.values)
    orders = [_order(system, number) for number in range(len(system.group))]
    known = sorted(set(orders))
    taken = np.array([known.index(order) for order in orders])[_renamings(graph, system)]
    size = len(known)
    after = np.array([[known.index(_then_back(one, other)) for other in known] for one in known])
    degrees = np.repeat(np.diff(graph.offsets), size)
    offsets = np.concatenate([[0], np.cumsum(degrees)]).astype(np.int64)
    sources = np.repeat(np.arange(len(graph) * size), degrees)
    edges = np.arange(len(sources)) - offsets[sources] + graph.offsets[sources // size]
    targets = graph.targets[edges].astype(np.int64) * size + after[sources % size, taken[edges]]
    seed = np.stack([_permuted(graph.marks.values, order) for order in known], axis=1).reshape(-1)
    found = spread(TransitionArrays(offsets, targets, blocks_between([0, len(seed)])), seed)
    same = known.index(tuple(range(len(system.values))))
    return np.ascontiguousarray(found.reshape(-1, size)[:, same])


def _order(system: Orbits, number: int) -> tuple[int, ...]:
    """Return where a renaming takes the bit of each value; every value in the orbit of a known one has a bit."""
    for value in list(system.values):
        for to in system.group:
            system.plain.values.bit(to.value(value))
    keys = [key(value) for value in system.values]
    return tuple(keys.index(key(system.group[number].value(value))) for value in system.values)


def _then_back(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """Return the order that undoes `other` first and then does `one`."""
    undone = sorted(range(len(other)), key=other.__getitem__)
    return tuple(one[place] for place in undone)


def _permuted(masks: Masks, order: tuple[int, ...]) -> Masks:
    found = np.zeros_like(masks)
    for bit, place in enumerate(order):
        found |= (masks >> np.uint64(bit) & np.uint64(1)) << np.uint64(place)
    return found


def _renamings(graph: StateGraph, system: Orbits) -> NDArray[np.int64]:
    """Return the number of the renaming along each transition."""
    found = [0] * len(graph.targets)
    for source in looking(np.flatnonzero(np.diff(graph.offsets) > 0).tolist()):
        steps = system.below.transitions(graph.configurations[source])
        for edge, step in zip(range(*graph.offsets[source : source + 2].tolist()), steps, strict=True):
            found[edge] = system.least(step.successor)[1]
    return np.array(found, dtype=np.int64)


def under_all_names(system: System, mask: int) -> int:
    """Return some values with all that they are exchanged with: what is decided in one run is so in its images."""
    if not isinstance(system, Orbits):
        return mask
    return sum({1 << _order(system, number)[bit] for number in range(len(system.group)) for bit in bits(mask)})
