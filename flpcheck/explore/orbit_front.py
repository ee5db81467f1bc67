"""The front end of symmetric event-driven protocols: each successor is renamed to the representative of its orbit.

The representative of an orbit is the configuration whose components have the least numbers, process by process.  The
analyses see the same representatives, for they ask the kernel for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from flpcheck.authoring.reduction import Symmetric
from flpcheck.authoring.renaming import Renaming
from flpcheck.explore.beside import code_of
from flpcheck.explore.kernel.folding import count_leading, find_least
from flpcheck.explore.kernel.search import ProcessTables
from flpcheck.explore.orbit_interner import OrbitInterner
from flpcheck.explore.packed import PackedConfigurations
from flpcheck.explore.quotient_front import HeldFront
from flpcheck.reduce.group import orders_of, renaming_of
from flpcheck.reduce.images import ImagesOfParts
from flpcheck.reduce.orbits import Orbits
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.message_passing import MessagePassing

if TYPE_CHECKING:
    from numpy.typing import NDArray


class OrbitFront(HeldFront):
    """Fields as without symmetry; every successor is renamed before it is looked up.

    Parameters
    ----------
    orbits
        The quotient explored.
    """

    renames = True
    interner: OrbitInterner

    def __init__(self, orbits: Orbits) -> None:
        self.interner, self.code = OrbitInterner(orbits), code_of(orbits)
        self.fixed = frozenset({len(self.interner.seats), self.interner.store.rules.timers} - {0})
        self.system = orbits.seen_by(KernelImages(self, orbits))

    def process_tables(self) -> ProcessTables:
        """Return what is known of single processes by now, and the renamings."""
        return super().process_tables()._replace(folding=self.interner.renaming.folding)

    def least(self, numbers: list[int]) -> tuple[list[int], int, int]:
        """Return the least configuration of an orbit by its components' numbers, a renaming, and how many lead there.

        Parameters
        ----------
        numbers
            The number of each process's component, then that of each value in fields beside that name processes.
        """
        interner, found = self.interner, np.zeros(2, np.int64)
        while found[0] == 0:
            interner.renaming.close()
            interner.grow()
            folding = interner.renaming.folding
            folding.renamings.fields[:] = numbers
            find_least(interner.store, folding, found)
        return folding.renamings.least.tolist(), int(found[1]), int(found[0])

    def decoded(self, row: Sequence[int]) -> MessagePassingConfiguration:
        """Return the configuration whose fields have these numbers."""
        interner, processes = self.interner, len(self.interner.seats)
        components = tuple(interner.decoded(owner, number) for owner, number in enumerate(row[:processes]))
        after = processes + 1 + len(interner.watched)
        watched = zip(interner.watched, row[processes + 1 : after], strict=True)
        observers = tuple(states[number] for states, number in watched)
        return MessagePassingConfiguration(interner.world(row[processes], row[after:]), components, observers)

    def counts(self, configurations: PackedConfigurations) -> NDArray[np.int64]:
        """int64[n]: how many renamings leave each of some representatives as it is."""
        into, done = np.zeros(len(configurations), np.int64), 0
        while done < len(into):
            self.interner.grow()
            store, folding = self.interner.store, self.interner.renaming.folding
            layout, width, states = configurations.layout, configurations.width, configurations.states
            done = int(count_leading(layout, width, store, folding, states, into, done))
        return into


class KernelImages(ImagesOfParts):
    """Images of configurations, the least of which is the kernel's.

    Parameters
    ----------
    front
        Whose numbers.
    orbits
        The quotient.
    """

    def __init__(self, front: OrbitFront, orbits: Orbits) -> None:
        assert isinstance(orbits.plain, MessagePassing)
        super().__init__(orbits.plain, orbits.group)
        self.front, table = front, front.interner.renaming
        self._classes = () if table.listed else orbits.classes
        if not table.listed:
            self.numbered = orders_of(orbits.classes, processes=orbits.listed)

    @property
    def undone(self) -> bool:
        """Whether some transition may undo a decision."""
        return self.front.interner.undone

    def counts(self, configurations: Any) -> NDArray[np.int64] | None:
        """int64[n]: how many renamings leave each of some representatives as it is."""
        return self.front.counts(configurations) if isinstance(configurations, PackedConfigurations) else None

    def leading(self, configuration: MessagePassingConfiguration) -> Renaming:
        """Return a renaming that leads to the representative of an orbit."""
        _, number, _ = self.least(configuration)
        if not self._classes:
            return self.group[number]
        kinds = sorted(self._classes, key=lambda found: isinstance(found, Symmetric))
        moved = [(type(found), name) for found in kinds for name in found.names]
        return renaming_of(moved, self.front.interner.renaming.points.best.tolist())

    def least(self, configuration: MessagePassingConfiguration) -> tuple[MessagePassingConfiguration, int, int]:
        """Return the representative of an orbit, a renaming that leads there, and how many do."""
        front, processes = self.front, len(configuration.components)
        interner, numbers = front.interner, front.numbers([configuration])[0]
        least, renaming, count = front.least([*numbers[:processes], *interner.beside.row(numbers)])
        row = interner.beside.written([*least[:processes], *numbers[processes:]], least[processes:])
        return front.decoded(row), renaming, count
