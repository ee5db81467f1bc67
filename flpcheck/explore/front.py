"""The seam between the kernel's search and whatever makes its rows: components, read tries, rounds.

A front end numbers what stands in each field of a configuration, expands packed configurations by tables of its own, is
asked where these have nothing, and decodes.  The search knows where configurations are kept, levels and bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.graph import Bools, Masks
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.arrays import Numbers
from flpcheck.explore.kernel.search import Limits
from flpcheck.explore.marks import Packed
from flpcheck.explore.tries.shape import ShapePlace
from flpcheck.system import Configuration

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch


class Look(Protocol):
    """The masks of packed configurations, by tables that grow with the search."""

    def update(self, *, expanded: bool) -> None:
        """Learn what is new; what has events, too, if all configurations have been prepared for being expanded."""

    def masks(self, packed: Packed, which: int) -> Masks:
        """uint64[n]: one of the masks of `kernel.masks`."""

    def ended(self, packed: Packed, configurations: Sequence[Configuration], among: Bools) -> Bools:
        """Return which of some of them are known to have no process event that leads elsewhere."""


class FrontEnd(Protocol):
    """The interface between the kernel's search and one kind of protocol.

    Attributes
    ----------
    system
        What is explored.
    fixed
        Fields that never need more bits.
    code
        Added to the number of words of a configuration, to tell which machine code is needed.
    sleeps
        Whether the kernel writes down what sleeps, where transitions are not kept.
    renames
        Whether the kernel renames successors, and which renaming it was is kept with each transition.
    side_by_side
        Whether several workers may expand configurations at the same time.
    """

    system: Any
    fixed: frozenset[int]
    code: int
    sleeps: bool
    renames: bool
    side_by_side: bool

    @property
    def degree(self) -> int:
        """Maximum number of transitions of a configuration, as far as is known."""

    @property
    def largest(self) -> int:
        """Maximum number of transitions of one process that have to be told apart before they are entered."""

    def refined(self, broken: ShapePlace) -> FrontEnd:
        """Return a front end to begin again with, because a configuration did not fit into the shape of a place."""

    def begun_again(self) -> FrontEnd:
        """Return a front end to begin again with, because a letter that was dropped is not dead."""

    def numbers(self, configurations: Sequence[Any]) -> list[list[int]]:
        """Return the number in each field of some configurations."""

    def widths(self) -> list[int]:
        """Return how many bits each field needs now; raises `TooWide` if the tables cannot number what it holds."""

    def grow(self) -> None:
        """Make room in tables that are nearly full."""

    def prepare(self, search: NativeSearch) -> int | None:
        """Ask what a level needs; return the first of its configurations that cannot be expanded, if there is one.

        Where the error shows depends on which configuration is expanded first, so the search raises it.
        """

    def finish(self, search: NativeSearch) -> None:
        """Raise what is wrong with what was found in the last level."""

    def limits(self, limits: Limits) -> Limits:
        """Return limits with what the world allows."""

    def expand(
        self, layout: k.Layout, space: k.Space, batch: k.Batch, limits: Limits, until: int, shape: tuple[Any, ...]
    ) -> int:
        """Let the kernel expand configurations up to an id, and return why it stopped."""

    def ask(self, search: NativeSearch, space: k.Space) -> None:
        """Ask what is missing, as the tally of a space says."""

    def configurations(self, layout: k.Layout, width: int, states: NDArray[np.uint64]) -> Sequence[Configuration]:
        """Return packed configurations as those of the reference semantics, each decoded when it is looked at."""

    def confined(self, configurations: Sequence[Configuration]) -> Bools:
        """bool[n]: which of some packed configurations lie outside the author's constraint."""

    def look(self, bit: Callable[[Hashable], int]) -> Look:
        """Return the masks that a watcher sees, given the bits of decision values."""

    def heard(self, search: NativeSearch) -> Iterator[tuple[int, Any]]:
        """Yield what liars may have heard in expanded configurations."""

    @property
    def fingerprint(self) -> str:
        """Fingerprint of what a checkpoint depends on."""

    def met(self) -> tuple[int, int, int, int]:
        """Return how much was met so far: components, questions, local states, envelopes."""

    def recorded(self, first: Sequence[int], last: Sequence[int]) -> dict[str, NDArray[Any]]:
        """Return what was met between two answers of `met`, for a checkpoint."""

    def relearn(
        self, search: NativeSearch, first: int, components: Sequence[tuple[int, NDArray[np.int64]]], questions: Numbers
    ) -> bool:
        """Meet again what a checkpoint has, components numbered from `first` on; return whether the numbers agree."""
