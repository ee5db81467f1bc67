"""The front end of symmetric general protocols: each successor is renamed to the representative of its orbit.

The representative is the configuration whose pairs of field and value have the least numbers, field by field.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.kernel.fields import FieldRenamings, lead, unpack
from flpcheck.explore.limits import TRIES_RENAMED
from flpcheck.explore.tries.comparison import Comparison
from flpcheck.explore.tries.field_table import FieldTable
from flpcheck.explore.tries.front import TrieFront
from flpcheck.explore.tries.packed import PackedGeneral
from flpcheck.explore.tries.shape import Broken, ConfigurationShape, ShapePlace
from flpcheck.reduce.equivariance import EquivarianceOfWholes, is_looked_at
from flpcheck.reduce.images import ImagesOfWholes
from flpcheck.reduce.orbits import Orbits
from flpcheck.system.general import General, GeneralConfiguration

if TYPE_CHECKING:
    from flpcheck.explore.kernel import arrays as k
    from flpcheck.explore.native import NativeSearch


class TrieOrbitFront(TrieFront):
    """Fields as without symmetry; every successor is renamed before it is looked up.

    Parameters
    ----------
    orbits
        The quotient explored.
    shape, patient
        As for `TrieFront`.
    """

    renames = True
    code = TRIES_RENAMED

    def __init__(self, orbits: Orbits, shape: ConfigurationShape, *, patient: bool = True) -> None:
        assert isinstance(orbits.plain, General)
        super().__init__(orbits.plain, shape, patient=patient)
        self.orbits = orbits
        self.table = FieldTable(self.plain, shape, orbits, self.processes)
        self.images = RepresentedWholes(self)
        self.system = orbits.seen_by(self.images)
        self.verifier = EquivarianceOfWholes(self.plain, orbits.group, ImagesOfWholes(self.plain, orbits.group))
        self._verified = 0

    def refined(self, broken: ShapePlace) -> TrieOrbitFront:
        """Return a front end that knows nothing but that a place is a field."""
        return TrieOrbitFront(self.orbits, self.shape.refined(broken), patient=self.patient)

    def renamings(self) -> FieldRenamings:
        """Return the renamings that lead to representatives."""
        return self.table.arrays

    def close(self) -> None:
        """Enter the images of values that are new."""
        self.table.close()
        self.meet()

    def numbers(self, configurations: Sequence[GeneralConfiguration]) -> list[list[int]]:
        """Return the number in each field of some configurations."""
        rows = super().numbers(configurations)
        self.close()
        for row in rows:
            self.shape.extend(row)
        return rows

    def ask(self, search: NativeSearch, space: k.Space) -> None:
        """Ask what is missing, and rename what is new in the answers."""
        super().ask(search, space)
        self.close()

    def prepare(self, search: NativeSearch) -> None:
        """Compare some of the configurations of the last level with the plain answer, and with their images."""
        super().prepare(search)
        self._verify(search)
        self.close()

    def finish(self, search: NativeSearch) -> None:
        """Do as before each level; what is met from here on was not found."""
        super().finish(search)
        self.images.searching = False

    def _verify(self, search: NativeSearch) -> None:
        """Verify the declared symmetries on configurations that were expanded: the first ones and a sample.

        Raises
        ------
        ReductionRefused
            With the configuration that contradicts the declaration.
        """
        first, self._verified = self._verified, search.next
        Comparison(self, search).compare([n for n in range(first, search.next) if is_looked_at(n + 1)])

    def least(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Replace rows by their representatives; return a renaming that leads to each, and how many do."""
        which, counts = np.zeros((2, len(rows)), np.int64)
        lead(rows, self.table.arrays, which, counts)
        return which, counts


class RepresentedWholes(ImagesOfWholes):
    """Images of configurations, the least of which is the kernel's.

    Parameters
    ----------
    front
        Whose numbers.

    Attributes
    ----------
    searching
        Whether a configuration that breaks the shape may be one that the search has yet to find.
    """

    def __init__(self, front: TrieOrbitFront) -> None:
        super().__init__(front.plain, front.orbits.group)
        self.front, self.searching = front, True

    def counts(self, configurations: Any) -> NDArray[np.int64] | None:
        """int64[n]: how many renamings leave each of some representatives as it is."""
        if not isinstance(configurations, PackedGeneral):
            return None
        rows = np.zeros((len(configurations), len(self.front.shape.values)), np.int64)
        unpack(configurations.layout, configurations.width, configurations.states, rows)
        return self.front.least(rows)[1]

    def least(self, configuration: GeneralConfiguration) -> tuple[GeneralConfiguration, int, int]:
        """Return the representative of an orbit, a renaming that leads there, and how many do."""
        try:
            rows = np.array(self.front.numbers([configuration]), np.int64)
        except Broken:
            if self.searching:
                raise
            return super().least(configuration)  # no search has found it
        which, counts = self.front.least(rows)
        return self.front.decoded(rows[0].tolist()), int(which[0]), int(counts[0])
