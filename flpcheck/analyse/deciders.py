"""Protocols in which no process decides: a verdict about decisions would be vacuous."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flpcheck.authoring.deciding import fields_of_class, looks_like_a_decision
from flpcheck.authoring.property import STANDARD, Property, View, deadlock_freedom, termination
from flpcheck.authoring.values import place_of
from flpcheck.errors import NoDecider
from flpcheck.glossary import see
from flpcheck.system import System

ABOUT_DECISIONS = frozenset(claim for claim in STANDARD if claim is not deadlock_freedom)
UNKNOWN = "no state that was reached before the search was cut has a field 'decision'"
NEVER = "no process ever decides"


def is_vacuous(claim: Property, deciding: int, deciders: int) -> bool:
    """Return whether a property speaks of decisions and no process decides, or of those that must and none has to."""
    return claim in ABOUT_DECISIONS and not (deciders if claim is termination else deciding)


def no_decider(system: System, claim: Property, deciding: int) -> NoDecider:
    """Return the error for a property of decisions where no process decides, or none has to.

    Parameters
    ----------
    system
        The system explored.
    claim
        The property.
    deciding
        The registers that have a decision, as bits.
    """
    place = place_of(type(system.protocol))
    if deciding:
        advice = f"remove decides=False from some process; {see('deciders')}"
        return NoDecider(f"{claim.name}: every process has decides=False", place=place, next_step=advice)
    if system.memory is not None:
        what, advice = "no local state has a field 'decision'", "call the output `decision` in the local state"
        return NoDecider(f"{claim.name}: no process decides: {what}", place=place, next_step=advice)
    if hasattr(system.protocol, "successors"):
        what, advice = "decisions(configuration) names no process", "define decisions(self, configuration) -> dict"
        return NoDecider(f"{claim.name}: no process decides: {what}", place=place, next_step=advice)
    similar = looks_like_a_decision(_fields(system))
    why = f"field {similar!r} looks like the decision" if similar else ""
    advice = f"call the output `decision` in the local state, or write Process(..., decides=True); {see('deciders')}"
    what = f"{claim.name}: no process decides: no state has a field 'decision'"
    return NoDecider(what, place=place, why=why, next_step=advice)


def overlooked(system: System, deciding: int) -> str:
    """Return the field that was probably meant to be the decision where no process decides; empty if none was."""
    return "" if deciding else looks_like_a_decision(_fields(system))


def _fields(system: System) -> Iterator[str]:
    """Yield the fields of the local states in the initial configurations."""
    for item in system.initial():
        view: Any = system.view(item.configuration)
        for state in view.states.values() if isinstance(view, View) else ():
            yield from fields_of_class(type(state))
