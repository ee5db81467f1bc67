"""Comparing configurations with their images: what is decided there, and what happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flpcheck.budget import look
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.alike import hash_steps, rename
from flpcheck.explore.kernel.tries import MISSING
from flpcheck.explore.layout import with_fields
from flpcheck.explore.tries.moving import UNTRACED
from flpcheck.explore.tries.packed import PackedGeneral
from flpcheck.explore.tries.tracing import Untraceable
from flpcheck.reduce.equivariance import under

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch
    from flpcheck.explore.tries.orbit_front import TrieOrbitFront

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
PIECE = 2**14
"""Maximum number of images compared at once."""


class Comparison:
    """Compares what the tries say of configurations and of their images, and what the author's functions do.

    Parameters
    ----------
    front
        What the numbers mean.
    search
        Whose configurations.
    """

    def __init__(self, front: TrieOrbitFront, search: NativeSearch) -> None:
        self.front, self.search = front, search

    def compare(self, numbers: Sequence[int]) -> None:
        """Compare some configurations with their images.

        Raises
        ------
        ReductionRefused
            With the first configuration that contradicts the declaration.
        Untraceable
            If the tables do not say what the author's functions do.
        """
        group = self.front.orbits.group
        pairs = [(number, renaming) for number in numbers for renaming in under(group, number + 1)]
        for first in range(0, len(pairs), PIECE):
            which: Ints = np.array(pairs[first : first + PIECE], np.int64)
            self._compare_images(which)
            self._compare_decisions(which)
            self._compare_steps(which)

    def _packed(self, numbers: Ints, renamings: Ints) -> PackedGeneral:
        """Return configurations under renamings."""
        search, front, done = self.search, self.front, -1
        while done < len(numbers):
            look()
            search.attend(k.WIDE)
            layout = with_fields(search.layout, len(front.shape.values))
            states: Words = search.space.states[: search.found * search.width].reshape(-1, search.width)
            here = states[numbers].reshape(-1)
            there: Words = np.zeros_like(here)
            done = int(rename(layout, front.renamings(), here, renamings, there, search.shape))
        return PackedGeneral(front, layout, search.width, there)

    def _compare_images(self, pairs: Ints) -> None:
        """Compare what the table makes of configurations with what the author does: one renaming of each, in turn."""
        numbers, first = np.unique(pairs[:, 0], return_index=True)
        chosen = np.array([first[at] + at % (pairs[:, 0] == n).sum() for at, n in enumerate(numbers)], np.int64)
        here, there = self._packed(numbers, 0 * numbers), self._packed(numbers, pairs[chosen, 1])
        for place, renaming in enumerate(pairs[chosen, 1].tolist()):
            if self.front.verifier.images.image(here[place], renaming) != there[place]:
                raise Untraceable(UNTRACED)

    def _compare_decisions(self, pairs: Ints) -> None:
        """Compare what is decided, once for each answer of `decisions` here and there."""
        if not hasattr(self.front.plain.protocol, "decisions"):
            return
        here, there = self._packed(pairs[:, 0], 0 * pairs[:, 1]), self._packed(pairs[:, 0], pairs[:, 1])
        kinds = np.stack([self.front.decided.leaves(here), self.front.decided.leaves(there), pairs[:, 1]])
        _, first = np.unique(kinds, axis=1, return_index=True)
        for place in sorted(first.tolist()):
            look()
            self.front.verifier.check_decisions(here[place], int(pairs[place, 1]))

    def _compare_steps(self, pairs: Ints) -> None:
        """Compare what happens; where coins are tossed, what the author's functions say, too."""
        nothing = 0 * pairs[:, 1]
        after = self._hashed_steps(pairs[:, 0], nothing, pairs[:, 1])
        otherwise = self._hashed_steps(pairs[:, 0], pairs[:, 1], nothing)
        differ = after != otherwise
        suspected = np.flatnonzero(differ | self.front.plain.tosses)
        here = self._packed(pairs[suspected, 0], 0 * suspected)
        for place, number in enumerate(suspected.tolist()):
            look()
            self.front.verifier.check_steps(here[place], int(pairs[number, 1]))
        if differ.any():
            raise Untraceable(UNTRACED)

    def _hashed_steps(self, numbers: Ints, before: Ints, after: Ints) -> Ints:
        """int64[n]: a hash of what happens in configurations under renamings, itself under others."""
        found, left = np.zeros(len(numbers), np.int64), np.arange(len(numbers))
        while len(left):
            here = self._packed(numbers[left], before[left])
            tries, table = self.front.forest.pack(here.layout, here.width), self.front.renamings()
            told, known = np.zeros(len(left), np.int64), np.zeros(len(left), np.bool_)
            hash_steps(here.layout, tries, table, here.states, after[left], told, known, self.search.shape)
            found[left] = told
            for row in dict.fromkeys(tuple(here.row(place)) for place in np.flatnonzero(~known).tolist()):
                self._ask(list(row))
            self.front.close()
            left = left[~known]
        return found

    def _ask(self, row: list[int]) -> None:
        """Ask what was not asked yet of a configuration with these numbers."""
        forest = self.front.forest
        for group in range(forest.groups):
            self.front.shape.extend(row)
            if forest.leaf(group, row.__getitem__) == MISSING:
                self.front.ask_row(group, row)
