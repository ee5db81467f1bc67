"""Packed configurations of general protocols, decoded on demand; and what a predicate says of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.values import key
from flpcheck.budget import OutOfBudget, look
from flpcheck.explore.graph import Bools, MarkArrays, Masks
from flpcheck.explore.kernel.arrays import Layout
from flpcheck.explore.kernel.tries import CRASHES, classify
from flpcheck.explore.kernel.words import column
from flpcheck.explore.layout import with_fields
from flpcheck.explore.marks import Packed
from flpcheck.explore.tries.building import Forest
from flpcheck.explore.tries.shape import Broken
from flpcheck.explore.tries.tracing import reads_of_predicate
from flpcheck.explore.watching import ends
from flpcheck.system import Configuration
from flpcheck.system.general import GeneralConfiguration

if TYPE_CHECKING:
    from flpcheck.explore.tries.front import TrieFront

Ints = NDArray[np.int64]
PATIENCE, SHARE = 2_000, 0.5
"""Number of rows from which on there may be at most `SHARE` rows for each configuration: else they do not pay."""
LEAST_SAMPLE, ONE_IN = 16, 1024
"""Minimum number of configurations of a level, and the share beyond that, that are compared with the plain answer."""


class PackedGeneral(Sequence[GeneralConfiguration]):
    """Configurations by id, each decoded when it is looked at.

    Parameters
    ----------
    front
        What the numbers mean.
    layout, width
        Where the fields stand, and in how many words.
    states
        uint64[n * width].
    """

    def __init__(self, front: TrieFront, layout: Layout, width: int, states: NDArray[np.uint64]) -> None:
        self.front, self.system = front, front.plain
        self.layout, self.width, self.states = layout, width, states
        self.fields = list(zip(layout.word.tolist(), layout.shift.tolist(), layout.mask.tolist(), strict=True))

    def __len__(self) -> int:
        return len(self.states) // self.width

    @overload
    def __getitem__(self, number: int) -> GeneralConfiguration: ...
    @overload
    def __getitem__(self, number: slice) -> list[GeneralConfiguration]: ...
    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        return self.front.decoded(self.row(int(number) % len(self)))

    def __iter__(self) -> Iterator[GeneralConfiguration]:
        return (self[number] for number in range(len(self)))

    def row(self, number: int) -> list[int]:
        """Return the number in each field of a configuration; elements of sets met later are in none."""
        words = self.states[number * self.width : (number + 1) * self.width].tolist()
        found = [(words[word] >> shift) & mask for word, shift, mask in self.fields]
        self.front.shape.extend(found)
        return found

    # By what `decisions` says.

    def marks(self) -> MarkArrays:
        """Return the bit masks of all configurations.  Cost: a walk, a sort, and one question for each answer."""
        first, which = self.by_decisions
        rows = np.array([self.system.marks(self[number]) for number in first.tolist()], np.uint64).reshape(-1, 4)
        return MarkArrays(*rows[which].T)

    def alike(self, ask: Callable[[Any], Any]) -> tuple[Ints, Ints]:
        """Return the first of all configurations of which a function reads the same, in order; which each is like.

        Cost: a walk, a sort, and one question for each of them.
        """
        return first_and_like(self.front.query(ask).leaves(self))

    @cached_property
    def by_decisions(self) -> tuple[Ints, Ints]:
        """The first configuration for each answer of `decisions`, in order; which of them each is like."""
        leaves = self.front.decided.leaves(self)
        crashed = np.zeros(len(self), np.uint64)
        column(self.states, self.layout, self.width, CRASHES, crashed)
        return first_and_like(leaves << self.front.processes | crashed.astype(np.int64))


def first_and_like(kinds: Ints) -> tuple[Ints, Ints]:
    """Return where each kind is first, in order; and which of them stands in each place."""
    _, first, which = np.unique(kinds, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return first[order], place[which]


class TooMany(Exception):
    """Keeping what a function reads does not pay, because it reads too much."""


class Query:
    """The values of a function of configurations, asked once for each path of reads.

    Parameters
    ----------
    front
        What the numbers mean.
    ask
        The function; its answers are not looked at here.

    Notes
    -----
    Configurations with the same leaf have the same answer.
    """

    def __init__(self, front: TrieFront, ask: Callable[[Any], Any]) -> None:
        self.front = front
        self.ask = ask
        self.forest = Forest(1)
        self.walked = 0

    def leaves(self, packed: PackedGeneral) -> Ints:
        """int64[n]: which leaf each configuration leads to; each its own where that cannot be told, or does not pay.

        Cost: a walk each, a question for each leaf; and two for each configuration of a sample, which are compared.
        """
        try:
            found = self._leaves(packed)
        except (Broken, TooMany):
            return np.arange(len(packed))
        return found if self._is_confirmed(packed, found) else np.arange(len(packed))

    def _leaves(self, packed: PackedGeneral) -> Ints:
        found, first = np.zeros(len(packed), np.int64), 0
        shape = (np.uint64(0),) * packed.width
        while first < len(packed):
            layout = with_fields(packed.layout, len(self.front.shape.values))
            first = int(classify(layout, self.forest.tries, packed.states, 0, first, found, shape))
            if first < len(packed):
                look()
                self._learn(packed.row(first))
            if self.forest.rows >= PATIENCE and self.forest.rows > SHARE * (self.walked + first):
                raise TooMany
        self.walked += len(packed)
        return found

    def _is_confirmed(self, packed: PackedGeneral, leaves: Ints) -> bool:
        """Whether some configurations, spread over all, have the same answer as the first of their leaves."""
        first, like = first_and_like(leaves)
        sample = np.linspace(0, len(packed) - 1, min(len(packed), LEAST_SAMPLE + len(packed) // ONE_IN), dtype=np.int64)
        pairs = zip(sample.tolist(), first[like[sample]].tolist(), strict=True)
        return all(self._answer(packed, one) == self._answer(packed, other) for one, other in pairs if one != other)

    def _answer(self, packed: PackedGeneral, number: int) -> Any:
        """Return what the function says of a configuration, or how it fails."""
        try:
            return key(self.ask(self.front.shape.decode(packed.row(number))))
        except OutOfBudget:
            raise
        except Exception as error:
            return type(error)

    def _learn(self, row: list[int]) -> None:
        reads = reads_of_predicate(self.front.shape, self.ask, row)
        self.front.shape.extend(row)
        self.front.meet()
        self.forest.reads_whole(0, reads.whole)
        self.forest.enter(0, reads.fields, row.__getitem__)


class TrieLook:
    """The masks of packed configurations, by what `decisions` says.

    Parameters
    ----------
    front
        What the numbers mean.
    """

    def __init__(self, front: TrieFront) -> None:
        self.front = front
        self._states: NDArray[np.uint64] | None = None

    def update(self, *, expanded: bool) -> None:
        """Tables grow where something is looked up."""

    def masks(self, packed: Packed, which: int) -> Masks:
        """uint64[n]: one of the masks of some configurations."""
        if self._states is not packed.states:
            self._marks = self.front.configurations(packed.layout, packed.width, packed.states).marks()
            self._states = packed.states
        return self._marks[which]

    def ended(self, _: Packed, configurations: Sequence[Configuration], among: Bools) -> Bools:
        """Return which of some of them have no process event that leads elsewhere; each is asked."""
        found = among.copy()
        for number in np.flatnonzero(among).tolist():
            found[number] = ends(self.front.system, configurations[number])
        return found
