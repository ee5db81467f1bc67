"""Short schedules: what a random run has shown is shown by few of its events, and these in the best order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from flpcheck.analyse.schedule import Schedule, confirm, same_event
from flpcheck.analyse.slicing import sliced
from flpcheck.budget import look
from flpcheck.system import Configuration, System, Transition

MOST = 20_000
"""Maximum number of configurations of the search among the events that are left."""


def shortened(system: System, schedule: Schedule, shows: Callable[[Configuration], bool]) -> Schedule:
    """Return a schedule that shows the same, without events that are not needed.

    Parameters
    ----------
    system, schedule
        A plain system, and a schedule of it.
    shows
        Whether a configuration shows what the last one does.

    Returns
    -------
    Schedule
        Of the schedules of events that slicing leaves, none is shorter, unless there are very many.
    """
    short = sliced(system, schedule, shows)
    best = _shortest_among(system, short, shows) or short
    confirm(system, best)
    return best


def _shortest_among(system: System, schedule: Schedule, shows: Callable[[Configuration], bool]) -> Schedule | None:
    """Search breadth-first, by the events of a schedule only; None if they lead to too many configurations."""
    start = schedule.configurations[0]
    ways: dict[Configuration, tuple[Configuration, Transition] | None] = {start: None}
    level = [start]
    while level:
        reached = next((here for here in level if shows(here)), None)
        if reached is not None:
            return _way(schedule.initial, ways, reached)
        after = list[Configuration]()
        for here in level:
            look()
            for step in _among(system, here, schedule.transitions):
                if step.successor not in ways:
                    ways[step.successor] = here, step
                    after.append(step.successor)
        level = after if len(ways) <= MOST else []
    return None


def _among(system: System, here: Configuration, wanted: Sequence[Transition]) -> Iterator[Transition]:
    """Yield those of some transitions that can happen in a configuration."""
    for one in system.possible(here):
        alike = [step for step in wanted if one.fits(step)]
        for step in system.happen(here, one) if alike else ():
            if any(same_event(step, other) for other in alike):
                yield step


def _way(
    initial: int, ways: dict[Configuration, tuple[Configuration, Transition] | None], last: Configuration
) -> Schedule:  # fmt: skip
    steps = list[Transition]()
    here = last
    while (came := ways[here]) is not None:
        here, step = came
        steps.append(step)
    steps.reverse()
    return Schedule(initial, (here, *(step.successor for step in steps)), tuple(steps))
