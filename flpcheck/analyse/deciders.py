"""Protocols in which no process decides: a verdict about decisions would be vacuous."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Any

from flpcheck.authoring.deciding import DECISION, INPUT, fields_read, lookalike
from flpcheck.authoring.events import Pid
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
        similar = _similar(system, DECISION)
        return NoDecider(f"{claim.name}: no process decides: {what}", place=place, why=similar, next_step=advice)
    if hasattr(system.protocol, "successors"):
        what, advice = "decisions(configuration) names no process", "define decisions(self, configuration) -> dict"
        return NoDecider(f"{claim.name}: no process decides: {what}", place=place, next_step=advice)
    why = _similar(system, DECISION)
    call = "rename it to `decision`" if why else "call the output `decision` in the local state"
    advice = f"{call}, or write Process(..., decides=True); {see('deciders')}"
    what = f"{claim.name}: no process decides: no state has a field 'decision'"
    return NoDecider(what, place=place, why=why, next_step=advice)


def overlooked(system: System, deciding: int, claims: Iterable[Property]) -> Iterator[str]:
    """Yield a sentence for each field that flpcheck reads and no state has, if another one was probably meant to be it.

    Parameters
    ----------
    system
        The system explored.
    deciding
        The registers that have a decision, as bits.
    claims
        The properties that the author has written: only they look for inputs in local states.
    """
    if not deciding and (similar := _similar(system, DECISION)):
        missing = "no state has a field 'decision', so agreement and termination are not judged"
        yield f"{missing}: {similar}; rename it to 'decision'"
    if any(_reads_inputs(claim) for claim in claims) and (similar := _similar(system, INPUT)):
        yield f"no state has a field 'input', so `view.inputs` is empty: {similar}; rename it to 'input'"


def _reads_inputs(claim: Property) -> bool:
    return any("inputs" in _names_in(part.__code__) for part in claim.predicates if hasattr(part, "__code__"))


def _names_in(code: CodeType) -> Iterator[str]:
    """Yield the names that a function looks up, those in its generators and inner functions too."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names_in(inner)


def _similar(system: System, wanted: str) -> str:
    """Return which field of which state was probably meant, as a clause; empty if none was, or if some state has it."""
    states = dict(reversed(list(_states(system))))  # of each class the first process
    if any(wanted in fields_read(kind) for kind in states):
        return ""
    for kind, pid in reversed(states.items()):
        if similar := lookalike(fields_read(kind), wanted):
            meant = "decision" if wanted == DECISION else "input"
            return f"in {kind.__name__}, the state of {pid}, field {similar!r} looks like the {meant}"
    return ""


def _states(system: System) -> Iterator[tuple[type, Pid]]:
    """Yield the classes of the local states in the initial configurations, each with a process that begins in one."""
    for item in system.initial():
        view: Any = system.view(item.configuration)
        for pid, state in view.states.items() if isinstance(view, View) else ():
            yield type(state), pid
