"""The field of what is known of timers that wait for messages: which are due, and in which order they were armed."""

from __future__ import annotations

from flpcheck.system.clock import Clock
from flpcheck.system.oracles import WorldState
from flpcheck.system.patience import EARLIER


class TimerField:
    """The field of the timers of a system, for worlds in which some of them wait for messages.

    Parameters
    ----------
    clock
        The timers.
    processes
        Number of processes.
    """

    def __init__(self, clock: Clock, processes: int) -> None:
        self.clock, self.processes = clock, processes
        self.age_bits = (processes + 3).bit_length() if clock.ordered else 0
        """Ages are ranks of at most one more than there are processes, one more on the way, and `EARLIER`."""
        self.width = processes * (1 + self.age_bits)

    def number(self, world: WorldState) -> int:
        """Return what the field holds in a state of the world."""
        earlier = (1 << self.age_bits) - 1
        ages = sum(min(age, earlier) << self.age_bits * place for place, age in enumerate(world.ages))
        return world.due | ages << self.processes

    def world(self, world: WorldState, number: int) -> WorldState:
        """Return a state of the world with what the field holds."""
        due = number & (1 << self.processes) - 1
        ordered = self.age_bits > 0 and self.clock.runs(world)
        return world._replace(due=due, ages=self._ages(number >> self.processes) if ordered else ())

    def _ages(self, packed: int) -> tuple[int, ...]:
        earlier = (1 << self.age_bits) - 1
        ages = [packed >> self.age_bits * place & earlier for place in range(self.processes)]
        return tuple(EARLIER if age == earlier else age for age in ages)
