"""Read tries: what a rule does in a configuration, by what it reads there, and the search that walks them.

A group is a rule with its parameters.  An inner node of its trie names the field that the rule reads next, a leaf the
outcomes; an outcome is `word & keep | put` for each word.  Nothing else of a rule is known here, so a missing leaf is
where Python is asked.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba.core.extending import overload

from flpcheck.explore.kernel.arrays import (
    BASE,
    CUT,
    DONE,
    EDGES,
    FOUND,
    FULL,
    MISS_COMPONENT,
    MISS_FIELD,
    NEXT,
    UNKNOWN,
    Batch,
    Layout,
    Numbers,
    Space,
    Word,
    Words,
)
from flpcheck.explore.kernel.compile import HOT, inlined, kernel, part, prefetch
from flpcheck.explore.kernel.fields import renamed
from flpcheck.explore.kernel.packing import bits_of
from flpcheck.explore.kernel.search import Limits
from flpcheck.explore.kernel.tuples import ONE, ZERO, U, hashed, loaded, stored, tuple_setitem, word_of, xored
from flpcheck.explore.kernel.visited import home, resolve_batch

# Columns of `Tries.nodes`.
FIELD, FIRST_CHILD, CHILDREN = range(3)
COLUMNS = 3
MISSING = -1
WORLDLY = -1
"""The mover of what no process does."""
CLOSED = -1
"""The first outcome of a leaf of a constraint, which comes first: nothing happens in such a configuration."""
CRASHES = 0
"""The field that says who has crashed, a bit for each process that may; it has no bits where none does."""


class Tries(NamedTuple):
    """The tries of all groups, one after the other.

    Parameters
    ----------
    roots
        int64[groups]: the first node of each; `MISSING` where nothing was asked.
    nodes
        int64[n, columns]: the field that is read, or -1 - leaf; where the children stand, and for how many values.
    children
        int64[m]: a node for each value of the field, or `MISSING`.
    leaves
        int64[n, 2]: the first outcome, and the one after the last; or `CLOSED`.
    keep, put
        uint64[outcomes * words], for the present layout.
    movers, kinds
        int64[outcomes]: which process moves, and the number of the event's kind.
    missed
        int64[groups]: the groups that have to be asked in the configuration where a search has stopped.
    """

    roots: Numbers
    nodes: Numbers
    children: Numbers
    leaves: Numbers
    keep: Words
    put: Words
    movers: Numbers
    kinds: Numbers
    missed: Numbers


class RuleTables(NamedTuple):
    """The tries of all rules, and `FieldRenamings` that lead to representatives.

    Where these are None, as without symmetry, nothing of them is compiled.
    """

    tries: Tries
    renamings: Any = None


def applied(configuration: tuple[Word, ...], keep: Words, put: Words, first: Word) -> tuple[Word, ...]:
    """Return a configuration after an outcome whose words begin at `first`."""
    return tuple(word & keep[first + U(at)] | put[first + U(at)] for at, word in enumerate(configuration))


@overload(applied, jit_options=HOT, strict=False)
def _applied(configuration: Any, keep: Any, put: Any, first: Any) -> Any:
    if len(configuration) == 1:
        return lambda configuration, keep, put, first: ((configuration[0] & keep[first]) | put[first],)
    if len(configuration) == 2:
        return lambda configuration, keep, put, first: (
            (configuration[0] & keep[first]) | put[first],
            (configuration[1] & keep[first + ONE]) | put[first + ONE],
        )

    def many(configuration: Any, keep: Any, put: Any, first: Any) -> Any:
        found = configuration
        for at in range(len(configuration)):
            found = tuple_setitem(found, at, (configuration[at] & keep[first + U(at)]) | put[first + U(at)])
        return found

    return many


@inlined
def walked(layout: Layout, tries: Tries, group: int, current: tuple[Word, ...]) -> int:
    """Return the leaf of a group in a configuration, or `MISSING`."""
    node = tries.roots[group]
    while node != MISSING:
        field = tries.nodes[node, FIELD]
        if field < 0:
            return -1 - field
        value = np.int64((word_of(current, layout.word[field]) >> layout.shift[field]) & layout.mask[field])
        if value >= tries.nodes[node, CHILDREN]:
            return MISSING
        node = tries.children[tries.nodes[node, FIRST_CHILD] + value]
    return MISSING


@part
def _note_missed(layout: Layout, tries: Tries, first: int, current: tuple[Word, ...]) -> int:
    """Write down which groups from one on are to be asked in a configuration; return how many they are."""
    count = 0
    for group in range(first, len(tries.missed)):
        if walked(layout, tries, group, current) == MISSING:
            tries.missed[count] = group
            count += 1
    return count


@inlined
def _crash(layout: Layout, current: tuple[Word, ...], process: Word) -> tuple[Word, ...]:
    return xored(current, layout.word[CRASHES], (ONE << process) << layout.shift[CRASHES])


@inlined
def _keep(space: Space, edge: Word, mover: int, renaming: int) -> None:
    """Store who moves along a transition, and the renaming that it applies, if that is wanted."""
    space.movers[edge] = np.int16(mover)
    if len(space.renamed) > 0:
        space.renamed[edge] = np.uint16(renaming)


@inlined
def _count(bits: Word) -> int:
    count = 0
    while bits != ZERO:
        bits &= bits - ONE
        count += 1
    return count


# What is true in the loop is said in `search.py`; the two differ in where successors come from.
@kernel
def expand_tries(
    layout: Layout,
    rules: RuleTables,
    space: Space,
    batch: Batch,
    limits: Limits,
    until: int,
    shape: tuple[Word, ...],
) -> int:
    """Expand configurations in the order of their ids, as `search.expand` does; return why it stopped.

    Where groups have to be asked, the configuration and their number stand in the tally, and they in `tries.missed`.
    """
    width, (tries, renamings) = U(len(shape)), rules
    found, edges, source = U(space.tally[FOUND]), U(space.tally[EDGES]), U(space.tally[NEXT])
    last, capacity, edge_capacity, tight = U(until), U(limits.capacity), U(limits.edge_capacity), U(limits.tight)
    keep, counted = len(space.targets) > 0 and not limits.peek, len(space.offsets) > 1
    bits, done, count, stop = bits_of(space.slots), edges, ZERO, DONE
    base, space.tally[BASE] = space.tally[BASE], -1
    processes, brink = _count(layout.mask[CRASHES]), min(capacity, tight)
    while source < last:
        if found + count >= brink or edges >= edge_capacity:
            found = resolve_batch(space, batch, count, found, edges, shape)
            count = ZERO
            if found >= capacity or edges >= edge_capacity:
                stop = FULL
                break
        alone, found_before, edges_before = found >= tight, found if base < 0 else U(base), edges
        base = np.int64(-1)
        current = loaded(space.states, source * width, shape)
        crashed = (word_of(current, layout.word[CRASHES]) >> layout.shift[CRASHES]) & layout.mask[CRASHES]
        crashes = processes if _count(crashed) < limits.crashes else 0
        for group in range(len(tries.missed) + crashes):
            outcome, end = np.int64(0), np.int64(1)
            crash = group - len(tries.missed)
            if crash < 0:
                leaf = walked(layout, tries, group, current)
                if leaf == MISSING:
                    stop = UNKNOWN
                    space.tally[MISS_COMPONENT] = np.int64(source)
                    space.tally[MISS_FIELD] = _note_missed(layout, tries, group, current)
                    break
                outcome, end = tries.leaves[leaf, 0], tries.leaves[leaf, 1]
                if outcome == CLOSED:
                    alone = False  # what is not expanded goes beyond no bound
                    break
            elif (crashed >> U(crash)) & ONE:
                continue
            while outcome < end:
                place, outcome = outcome, outcome + 1
                if crash < 0:
                    mover = tries.movers[place]
                    successor = applied(current, tries.keep, tries.put, U(place) * width)
                    if successor == current or (mover >= 0 and (crashed >> U(mover)) & ONE):
                        continue
                else:
                    mover, successor = np.int64(WORLDLY), _crash(layout, current, U(crash))
                stop, successor, renaming = renamed(layout, renamings, successor)
                if stop != DONE:
                    break
                hash_ = hashed(successor)
                stored(batch.words, count * width, successor)
                batch.hashes[count] = hash_
                prefetch(space.slots, home(hash_, bits))
                if keep:
                    _keep(space, edges, mover, renaming)
                count += ONE
                edges += ONE
                if count == U(len(batch.hashes)):
                    if not limits.peek:
                        found = resolve_batch(space, batch, count, found, edges, shape)
                    count = ZERO
            if stop != DONE:
                break
        if stop != DONE:
            space.tally[BASE] = np.int64(found_before) if alone else -1
            break
        if limits.peek:
            count = ZERO
        elif alone:
            found = resolve_batch(space, batch, count, found, edges, shape)
            count = ZERO
            if found > U(limits.most):
                found, edges, stop = found_before, edges_before, CUT
                break
        source += ONE
        done = edges
        if counted:
            space.offsets[source] = edges
    if not limits.peek:
        found = resolve_batch(space, batch, count, found, edges, shape)
    space.tally[FOUND], space.tally[EDGES], space.tally[NEXT] = found, done, source
    return stop


@kernel
def classify(
    layout: Layout,
    tries: Tries,
    states: Words,
    group: int,
    first: int,
    into: Numbers,
    shape: tuple[Word, ...],
) -> int:
    """Write the leaf of a group in each configuration, from `first` on; return the first in which it is missing."""
    width = len(shape)
    for number in range(first, len(into)):
        leaf = walked(layout, tries, group, loaded(states, U(number * width), shape))
        if leaf == MISSING:
            return number
        into[number] = leaf
    return len(into)
