"""Loops of a quotient, and how they continue in the plain system."""

from __future__ import annotations

from flpcheck.analyse.schedule import Schedule
from flpcheck.system import System


def growth(system: System, schedule: Schedule) -> int:
    """Return by how much the ballots of a quotient grow in each turn of a loop; 0 if nothing grows."""
    if system.ballots is None or schedule.loop is None:
        return 0
    return system.ballots.later(schedule.configurations[schedule.loop], schedule.configurations[-1])


def growth_of(system: System, schedule: Schedule) -> str:
    """Say how a loop of a quotient continues for ever although its ballots never return."""
    later = growth(system, schedule)
    return f"; each turn is the one before, with all current ballots {later} higher" if later else ""
