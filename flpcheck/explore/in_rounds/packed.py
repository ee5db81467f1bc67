"""Packed configurations between rounds, decoded on demand, and their masks."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.values import key
from flpcheck.explore.graph import Bools, MarkArrays, Masks
from flpcheck.explore.kernel.arrays import Layout
from flpcheck.explore.kernel.masks import LIVE, or_masks
from flpcheck.explore.marks import Packed, identified, in_order_of_decision
from flpcheck.explore.watching import ends
from flpcheck.system import Configuration
from flpcheck.system.round_states import CORRECT, RoundState
from flpcheck.system.rounds import RoundConfiguration

if TYPE_CHECKING:
    from flpcheck.explore.in_rounds.front import RoundFront


class PackedRounds(Sequence[RoundConfiguration]):
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

    def __init__(self, front: RoundFront, layout: Layout, width: int, states: NDArray[np.uint64]) -> None:
        self.front = front
        self.layout, self.width, self.states = layout, width, states
        self.fields = list(zip(layout.word.tolist(), layout.shift.tolist(), layout.mask.tolist(), strict=True))

    def __len__(self) -> int:
        return len(self.states) // self.width

    @overload
    def __getitem__(self, number: int) -> RoundConfiguration: ...
    @overload
    def __getitem__(self, number: slice) -> list[RoundConfiguration]: ...
    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        return self.front.decoded(self.row(int(number) % len(self)))

    def __iter__(self) -> Iterator[RoundConfiguration]:
        return (self[number] for number in range(len(self)))

    def row(self, number: int) -> list[int]:
        """Return the number in each field of a configuration."""
        words = self.states[number * self.width : (number + 1) * self.width].tolist()
        return [(words[word] >> shift) & mask for word, shift, mask in self.fields]

    def marks(self) -> MarkArrays:
        """Return the bit masks of all configurations; values get their bits in the order of their first decisions."""
        decisions = [[identified(part.decisions) for part in register.members] for register in self.front.parts]
        values = self.front.system.values
        for value in in_order_of_decision(decisions, Packed(self.states, self.layout, self.width)):
            values.bit(value)
        bits = {key(value): 1 << place for place, value in enumerate(values)}
        look = RoundLook(self.front, lambda value: bits.get(key(value), 0))
        look.update(expanded=False)
        packed = Packed(self.states, self.layout, self.width)
        return MarkArrays(*(look.masks(packed, which) for which in range(LIVE + 1)))


class RoundLook:
    """The masks of packed configurations, by tables of parts.

    Parameters
    ----------
    front
        Whose parts.
    bit
        The bit of a decision value, 0 for one that is of no interest.
    """

    def __init__(self, front: RoundFront, bit: Callable[[Hashable], int]) -> None:
        self.front = front
        self.bit = bit
        self._tables: list[list[tuple[int, ...]]] = [[] for _ in front.parts]
        self._arrays: list[NDArray[np.uint64]] = []

    def update(self, *, expanded: bool) -> None:  # noqa: ARG002
        """Enter the parts that are new."""
        for table, register in zip(self._tables, self.front.parts, strict=True):
            table.extend(map(self._masks, register.members[len(table) :]))
        self._arrays = [np.array(table, np.uint64).reshape(-1, LIVE + 1) for table in self._tables]

    def _masks(self, part: RoundState) -> tuple[int, ...]:
        """Return what `InRounds.marks` makes of a part."""
        values = 0
        for value in part.decisions:
            values |= self.bit(value)
        faulty = part.crashed or part.status != CORRECT
        return values, (values != 0) << part.owner, faulty << part.owner, 0 if faulty else values

    def masks(self, packed: Packed, which: int) -> Masks:
        """uint64[n]: one of the masks of some configurations."""
        into = np.zeros(len(packed.states) // packed.width, np.uint64)
        for owner, table in enumerate(self._arrays):
            column = np.ascontiguousarray(table[:, which])
            if column.any():
                or_masks(packed.states, packed.layout, packed.width, owner, column, into)
        return into

    def ended(self, _: Packed, configurations: Sequence[Configuration], among: Bools) -> Bools:
        """Return which of some of them have no round that leads elsewhere; each is asked."""
        found = among.copy()
        for number in np.flatnonzero(among).tolist():
            found[number] = ends(self.front.system, configurations[number])
        return found
