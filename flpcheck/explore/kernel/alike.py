"""Verification of declared symmetries of general protocols: what happens in an image is the image of what happens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.kernel.arrays import Layout, Numbers, Word, Words
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.fields import FieldRenamings
from flpcheck.explore.kernel.mailbox import mixed
from flpcheck.explore.kernel.tries import CRASHES, MISSING, Tries, applied, walked
from flpcheck.explore.kernel.tuples import ONE, U, loaded, stored, xored
from flpcheck.explore.kernel.words import value_of

SPREAD = 31
"""Distance between the numbers of two kinds of events, so that a mover and a kind are one number."""


@part
def _enter(layout: Layout, renamings: FieldRenamings, configuration: tuple[Word, ...]) -> None:
    """Write down the pairs of a configuration."""
    for field in range(len(renamings.here)):
        value = np.int64(value_of(layout, configuration, U(field)))
        renamings.here[field] = renamings.pairs[renamings.first[field] + value]


@kernel
def rename(
    layout: Layout, renamings: FieldRenamings, states: Words, which: Numbers, into: Words, shape: tuple[Word, ...]
) -> int:
    """Write the images of some configurations, each under a renaming; return how many fit into their fields."""
    width = len(shape)
    for number in range(len(which)):
        here = loaded(states, U(number * width), shape)
        _enter(layout, renamings, here)
        there = here
        for field in range(len(renamings.here)):
            pair = renamings.here[renamings.back[which[number], field]]
            after = U(renamings.values[renamings.images[pair, which[number]]])
            if after > layout.mask[field]:
                return number
            before = value_of(layout, here, U(field))
            there = xored(there, layout.word[field], (before ^ after) << layout.shift[field])
        stored(into, U(number * width), there)
    return len(which)


@part
def _fingerprint(layout: Layout, renamings: FieldRenamings, configuration: tuple[Word, ...], renaming: int) -> int:
    """Return a hash of a configuration under a renaming, in which fields that hold their first value do not count.

    So elements of sets that are met later change nothing.
    """
    _enter(layout, renamings, configuration)
    total = np.int64(0)
    for field in range(len(renamings.here)):
        pair = np.int64(renamings.images[renamings.here[field], renaming])
        if renamings.values[pair] > 0:
            total += mixed(pair)
    return mixed(total)


@part
def _hashed_steps(
    layout: Layout, tries: Tries, renamings: FieldRenamings, current: tuple[Word, ...], renaming: int
) -> tuple[bool, int]:  # fmt: skip
    """Return whether all is known that happens in a configuration, and a hash of it under a renaming."""
    crashed, total = value_of(layout, current, U(CRASHES)), np.int64(0)
    for group in range(len(tries.missed)):
        leaf = walked(layout, tries, group, current)
        if leaf == MISSING:
            return False, 0
        for outcome in range(tries.leaves[leaf, 0], tries.leaves[leaf, 1]):
            mover = tries.movers[outcome]
            successor = applied(current, tries.keep, tries.put, U(outcome * len(current)))
            if successor == current or (mover >= 0 and (crashed >> U(mover)) & ONE):
                continue
            mover = renamings.movers[renaming, mover] if mover >= 0 else mover
            event = mixed(tries.kinds[outcome] * SPREAD + mover + 1)
            total += mixed(event ^ _fingerprint(layout, renamings, successor, renaming))
    return True, total


@kernel
def hash_steps(
    layout: Layout,
    tries: Tries,
    renamings: FieldRenamings,
    states: Words,
    which: Numbers,
    into: Numbers,
    known: NDArray[np.bool_],
    shape: tuple[Word, ...],
) -> None:
    """Write a hash of what happens in each of some configurations under a renaming: who moves, how, and where to.

    It is `known` only where no group has to be asked.
    """
    for number in range(len(which)):
        current = loaded(states, U(number * len(shape)), shape)
        known[number], into[number] = _hashed_steps(layout, tries, renamings, current, which[number])
