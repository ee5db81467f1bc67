"""The local steps that a search has taken, by which it is judged whether the letters that it dropped are dead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from flpcheck.stops import StopReason
from flpcheck.system import System
from flpcheck.system.components import Component
from flpcheck.world.network import Mailbox

if TYPE_CHECKING:
    from flpcheck.system.questions import Dropped

FIRST = 64
"""Number of configurations at which it is judged first; then whenever a search has found twice as many.  One that has
begun again is judged where the one before was judged last."""


class Settling:
    """When it is judged which letters are dead: where a level begins, the more seldom the more was found.

    Every engine judges at the same places, so all of them begin again at the same place, knowing the same.

    Parameters
    ----------
    system
        The system explored.
    """

    def __init__(self, system: System) -> None:
        self.letters: Dropped | None = system.dead_letters
        self.next = FIRST if self.letters is None else max(FIRST, self.letters.settled)
        self._size, self._found = (0, 0, 0), 0

    def is_due(self, found: int, *, at_once: bool) -> bool:
        """Return whether to judge now, given how many configurations were found."""
        if self.letters is None or not (at_once or found >= self.next):
            return False
        self.next, self._found = max(2 * found, FIRST), found
        return True

    def settle(
        self, steps: dict[int, set[int]], guarded: Callable[[int], Iterable[tuple[int, Mailbox]]], components: int
    ) -> None:  # fmt: skip
        """Judge, unless nothing is new: by local steps, and places and mailboxes of processes among some components.

        Raises
        ------
        Refuted
            If a letter was dropped that is heeded after all.
        """
        assert self.letters is not None
        size = (len(self.letters.dropped), sum(map(len, steps.values())), components)
        if size != self._size and (self.letters.dropped or self.letters.merged):
            self.letters.settled = self._found
            self.letters.settle(steps, guarded)
        self._size = size


def is_judged(system: System, cut: StopReason | None) -> bool:
    """Return whether a search that ends is judged: not if the whole run ends, unless it may have gone wrong ways.

    What drops letters only leaves out some runs, but where unequal states were merged there are runs that do not exist.
    """
    return cut is None or not cut.ends_run or bool(system.dead_letters is not None and system.dead_letters.merged)


class PlainSteps:
    """The local steps of the components that were expanded in plain Python.

    Parameters
    ----------
    system
        A system that drops dead letters.
    """

    def __init__(self, system: System) -> None:
        assert system.components is not None
        assert system.dead_letters is not None
        self.parts, self.letters = system.components, system.dead_letters
        self.taken: dict[int, set[int]] = {}
        self.seen: set[Component] = set()

    def add(self, components: Iterable[Component]) -> None:
        """Enter the steps of some components."""
        for component in components:
            if component not in self.seen:
                self.seen.add(component)
                after = {self.letters.place_of(move.after) for move in self.parts.moves(component)}
                self.taken.setdefault(self.letters.place_of(component), set()).update(after)

    def guarded(self, owner: int) -> Iterator[tuple[int, Mailbox]]:
        """Yield the places and mailboxes of a process."""
        living = (c for c in self.seen if c.owner == owner and not c.crashed)
        yield from ((self.letters.place_of(component), component.mailbox) for component in living)
