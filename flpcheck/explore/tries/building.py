"""Read tries in the making: paths are entered, leaves found again, outcomes packed for the present layout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from flpcheck.errors import InternalError
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel import tries as t
from flpcheck.explore.memory import grown
from flpcheck.explore.tries.shape import ShapePlace

SMALL = 2**10
ALL = 2**64 - 1
ROOT = -1
FEW = 4
"""Number of values that a node can hold at first."""


class TrieOutcome(NamedTuple):
    """An outcome of a rule: field -> number, the sets that are written as a whole, the mover, the kind of the event."""

    writes: dict[int, int]
    whole: list[ShapePlace]
    mover: int
    kind: str


class Forest:
    """The tries of some groups.

    Parameters
    ----------
    groups
        How many.

    Attributes
    ----------
    tries
        The arrays; what is in use of each is counted here.
    rows
        How many leaves there are.
    """

    def __init__(self, groups: int) -> None:
        self.groups = groups
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.rows, self._nodes, self._children, self._packed = 0, 0, 0, 0
        self._layout: k.Layout | None = None
        self.outcomes: list[TrieOutcome] = []
        self._kinds: dict[str, int] = {}
        self._owned: list[list[int]] = [[] for _ in range(self.groups)]
        self._whole: list[set[ShapePlace]] = [set() for _ in range(self.groups)]
        self.tries = t.Tries(
            roots=np.full(self.groups, t.MISSING, np.int64),
            nodes=np.zeros((SMALL, t.COLUMNS), np.int64),
            children=np.zeros(SMALL, np.int64),
            leaves=np.zeros((SMALL, 2), np.int64),
            keep=np.zeros(SMALL, np.uint64),
            put=np.zeros(SMALL, np.uint64),
            movers=np.zeros(SMALL, np.int64),
            kinds=np.zeros(SMALL, np.int64),
            missed=np.zeros(self.groups, np.int64),
        )

    def _reserve(self, name: str, count: int) -> None:
        if len(getattr(self.tries, name)) < count:
            self.tries = self.tries._replace(**{name: grown(getattr(self.tries, name), count)})

    # Paths.

    def leaf(self, group: int, number: Callable[[int], int]) -> int:
        """Return the leaf of a group where fields have these numbers, `MISSING` if that was not asked."""
        node = int(self.tries.roots[group])
        while node != t.MISSING:
            field, first, children = (int(column) for column in self.tries.nodes[node])
            if field < 0:
                return -1 - field
            value = number(field)
            node = int(self.tries.children[first + value]) if value < children else t.MISSING
        return t.MISSING

    def enter(
        self,
        group: int,
        fields: Iterable[int],
        number: Callable[[int], int],
        outcomes: Sequence[TrieOutcome] | None = (),
    ) -> int:
        """Enter what a group does where it reads some fields, in that order, and they have these numbers.

        Existing nodes are followed, whatever they read, so a path may hold too many fields, never too few.

        Parameters
        ----------
        group, fields
            Which group, and what it reads.
        number
            The number of any field in the configuration that was asked about.
        outcomes
            What it does; None for a constraint that lets nothing happen.

        Returns
        -------
        int
            The leaf.
        """
        left, link = dict.fromkeys(fields), ROOT
        while (node := self._follow(group, link)) != t.MISSING or left:
            if node == t.MISSING:
                node = self._node(next(iter(left)))
                self._link(group, link, node)
            field = int(self.tries.nodes[node, t.FIELD])
            if field < 0:
                raise InternalError("a rule was asked where its answer is known")
            left.pop(field, None)
            link = self._child(node, number(field))
        node = self._node(-1 - self._leaf(outcomes))
        self._owned[group].append(node)
        self._link(group, link, node)
        return self.rows - 1

    def _follow(self, group: int, link: int) -> int:
        return int(self.tries.roots[group] if link == ROOT else self.tries.children[link])

    def _link(self, group: int, link: int, node: int) -> None:
        if link == ROOT:
            self.tries.roots[group] = node
        else:
            self.tries.children[link] = node

    def _node(self, field: int) -> int:
        self._reserve("nodes", self._nodes + 1)
        self.tries.nodes[self._nodes] = (field, 0, 0)
        self._nodes += 1
        return self._nodes - 1

    def _child(self, node: int, value: int) -> int:
        """Return where the child of a node for a value stands, after reserving it."""
        _, first, count = self.tries.nodes[node].tolist()
        if value >= count:
            start, wider = self._children, max(FEW, 2 * count, value + 1)
            self._reserve("children", start + wider)
            self.tries.children[start : start + wider] = t.MISSING
            self.tries.children[start : start + count] = self.tries.children[first : first + count]
            self.tries.nodes[node, 1:] = start, wider
            first = start
            self._children += wider
        return int(first + value)

    def _leaf(self, outcomes: Sequence[TrieOutcome] | None) -> int:
        first = len(self.outcomes)
        self._reserve("leaves", self.rows + 1)
        self.tries.leaves[self.rows] = t.CLOSED
        if outcomes is not None:
            self._enter_outcomes(first, outcomes)
        self.rows += 1
        return self.rows - 1

    def _enter_outcomes(self, first: int, outcomes: Sequence[TrieOutcome]) -> None:
        self.outcomes += outcomes
        self._reserve("movers", len(self.outcomes))
        self._reserve("kinds", len(self.outcomes))
        self.tries.leaves[self.rows] = first, len(self.outcomes)
        self.tries.movers[first : len(self.outcomes)] = [outcome.mover for outcome in outcomes]
        self.tries.kinds[first : len(self.outcomes)] = [
            self._kinds.setdefault(outcome.kind, len(self._kinds)) for outcome in outcomes
        ]

    def outcomes_of(self, group: int, row: Sequence[int]) -> list[TrieOutcome]:
        """Return what a group does where fields have these numbers; nothing where it was not asked."""
        leaf = self.leaf(group, row.__getitem__)
        first, last = (0, 0) if leaf == t.MISSING else self.tries.leaves[leaf].tolist()
        return self.outcomes[first:last]

    def is_closed(self, group: int, row: Sequence[int]) -> bool:
        """Return whether a group, which is a constraint, lets nothing happen where fields have these numbers."""
        leaf = self.leaf(group, row.__getitem__)
        return leaf != t.MISSING and int(self.tries.leaves[leaf, 0]) == t.CLOSED

    # Sets.

    def reads_whole(self, group: int, sets: Iterable[ShapePlace]) -> None:
        """Note that a group has read all elements of some sets."""
        self._whole[group].update(sets)

    def meet(self, place: ShapePlace, field: int) -> None:
        """Let whatever has read, or written, a whole set do so with an element that it did not hold then."""
        for group in range(self.groups):
            if place in self._whole[group]:
                self._owned[group] = [self._deeper(node, field) for node in self._owned[group]]
        for outcome in self.outcomes:
            if place in outcome.whole:
                outcome.writes.setdefault(field, 0)
                self._packed = 0

    def _deeper(self, leaf: int, field: int) -> int:
        """Let a leaf read one more field first, whose value was 0 so far; return where the leaf is now."""
        node = self._node(int(self.tries.nodes[leaf, t.FIELD]))
        self.tries.nodes[leaf] = (field, 0, 0)
        child = self._child(leaf, 0)  # may move the children elsewhere
        self.tries.children[child] = node
        return node

    # Outcomes.

    def pack(self, layout: k.Layout, width: int) -> t.Tries:
        """Return the tries with all outcomes packed for a layout."""
        if self._layout is None or not extends(layout, self._layout):
            self._packed = 0
        self._layout = layout
        if self._packed < len(self.outcomes):
            self._reserve("keep", len(self.outcomes) * width)
            self._reserve("put", len(self.outcomes) * width)
            places = [array.tolist() for array in layout]
            for number in range(self._packed, len(self.outcomes)):
                keep, put = packed(self.outcomes[number].writes, places, width)
                self.tries.keep[number * width : (number + 1) * width] = keep
                self.tries.put[number * width : (number + 1) * width] = put
            self._packed = len(self.outcomes)
        return self.tries


def extends(layout: k.Layout, before: k.Layout) -> bool:
    """Return whether a layout is another one with further fields."""
    pairs = zip(layout, before, strict=True)
    return layout is before or all(np.array_equal(now[: len(then)], then) for now, then in pairs)


def packed(writes: dict[int, int], places: list[list[int]], width: int) -> tuple[list[int], list[int]]:
    """Return, for each word, the mask of the bits to keep, and the bits to put."""
    words, shifts, masks = places
    keep, put = [ALL] * width, [0] * width
    for field, number in writes.items():
        word, shift, mask = words[field], shifts[field], masks[field]
        if number > mask:
            raise InternalError("an outcome does not fit into its field")
        keep[word] &= ~(mask << shift)
        put[word] |= number << shift
    return keep, put
