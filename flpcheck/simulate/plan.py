"""Plans of random runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from flpcheck.errors import BadRequest


@dataclass(frozen=True)
class RunPlan:
    """A choice of random runs.

    Parameters
    ----------
    runs
        Number of runs.
    seed
        Each run depends on this, on its number, and on nothing else.
    length
        Maximum number of events of a run.
    only
        The number of the only run to make; all if None.
    until_covered
        Whether to stop once every rule was taken and every kind of message was received.

    Examples
    --------
    >>> list(RunPlan(runs=3).numbers), list(RunPlan(runs=3, only=7).numbers)
    ([0, 1, 2], [7])
    """

    runs: int = 1_000
    seed: int = 0
    length: int = 200
    only: int | None = None
    until_covered: bool = False

    def __post_init__(self) -> None:
        for name, least in (("runs", 1), ("length", 1)):
            if getattr(self, name) < least:
                raise BadRequest(f"{name}={getattr(self, name)} leaves nothing to do", next_step="give a larger number")

    @property
    def numbers(self) -> Iterable[int]:
        """The numbers of the runs, in order."""
        return range(self.runs) if self.only is None else (self.only,)

    def chance(self, number: int) -> Random:
        """Return the source of all choices of a run."""
        return Random(f"{self.seed}/{number}")
