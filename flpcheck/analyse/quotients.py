"""What findings on a quotient owe to the plain system: properties that see no ballots, and how a loop goes on."""

from __future__ import annotations

from flpcheck.analyse.asking import Predicate
from flpcheck.analyse.orbits import refuse_if_it_sees_names
from flpcheck.analyse.schedule import Schedule
from flpcheck.errors import ReductionRefused
from flpcheck.explore.graph import StateGraph
from flpcheck.reduce import Orbits, Quotient
from flpcheck.system import System


def refuse_if_it_sees_ballots(graph: StateGraph, predicate: Predicate) -> None:
    """Refuse a reduction that the author's own predicate does not respect."""
    system = graph.system.below if isinstance(graph.system, Orbits) else graph.system
    if not isinstance(system, Quotient) or system.shift is None:
        return
    for number, configuration in enumerate(graph.configurations):
        views = (system.view(configuration), system.view(system.image(configuration)))
        if len({predicate.holds_in(view, number) for view in views}) > 1:
            name = predicate.claim.name
            what = f"a declared reduction is wrong: property {name} depends on the absolute value of a ballot"
            why = f"it changes in configuration {number} when all ballots are shifted: {system.describe(configuration)}"
            raise ReductionRefused(what, place=predicate.claim.place, why=why, next_step="explore with --no-reduction")


def refuse_if_it_tells_apart(graph: StateGraph, predicate: Predicate) -> None:
    """Refuse reductions that the author's own predicate does not respect."""
    refuse_if_it_sees_ballots(graph, predicate)
    refuse_if_it_sees_names(graph, predicate)


def growth(system: System, schedule: Schedule) -> int:
    """Return by how much the ballots of a quotient grow in each turn of a loop; 0 if nothing grows."""
    if not isinstance(system, Quotient) or schedule.loop is None:
        return 0
    return system.later(schedule.configurations[schedule.loop], schedule.configurations[-1])


def growth_of(system: System, schedule: Schedule) -> str:
    """Say how a loop of a quotient goes on for ever although its ballots never come back."""
    later = growth(system, schedule)
    return f"; each round is the one before with all current ballots {later} higher" if later else ""
