"""Factors of a state space, in words, each with a cure and the command that tries it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from flpcheck.analyse.multipliers import Multiplier
from flpcheck.authoring.events import Gather
from flpcheck.authoring.protocol import constants, with_parameters
from flpcheck.authoring.reduction import StaleMail, Symmetric
from flpcheck.errors import BadWorld
from flpcheck.examine import Examination
from flpcheck.reduce import declared_by
from flpcheck.report.command import explore_command

SHOWN = 5
"""Maximum number of parts, and of cures, that a summary names."""
NOTABLE = 1.5
"""Minimum factor of a part that a summary names."""


class Cure(NamedTuple):
    """A way to make a state space smaller.

    Parameters
    ----------
    part
        The part that it reduces; None for the whole.
    advice
        The advice.
    command
        The command that tries it; empty where the spec has to be changed.
    """

    part: Multiplier | None
    advice: str
    command: str = ""

    def __str__(self) -> str:
        return f"{self.advice}: {self.command}" if self.command else self.advice


def multiplied(examination: Examination) -> Iterator[str]:
    """Yield what multiplies the space, and what would make it smaller, a sentence each; nothing of a small one."""
    found = examination.multipliers
    parts = [part for part in found.parts if part.factor >= NOTABLE][:SHOWN] if found else []
    if found is None or not parts:
        return
    size = len(examination.judged.graph)
    first = "" if found.looked_at == size else f" (of the first {found.looked_at:,} configurations)"
    yield f"the space is multiplied by{first}: {', '.join(map(str, parts))}"
    cures = [cure for cure in cures_of(examination) if cure.part is None or cure.part in parts]
    yield from (f"to make it smaller, {cure}" for cure in cures[:SHOWN])


def cures_of(examination: Examination) -> list[Cure]:
    """Return what would make a large space smaller, the part that multiplies it most first."""
    found = examination.multipliers
    parts = found.parts if found else ()
    cures = [cure for part in parts for cure in _CURES[part.kind](examination, part)]
    alike = list({cure.advice: cure for cure in reversed(cures)}.values())[::-1]
    return [*alike, *_constants(examination)] if parts else []


def _of_message(examination: Examination, part: Multiplier) -> Iterator[Cure]:
    system = examination.system.plain
    if part.senders > 1 and not any(Gather in book.kinds for book in system.rulebooks):
        yield Cure(part, f"collect {part.name} messages in one step with Gather")
    elif not any(isinstance(one, StaleMail) for one in declared_by(system)):
        yield Cure(part, f"declare in reductions() when {part.name} messages are stale (StaleMail)")


ALIKE = 0.02
"""Maximum relative difference of the factors of processes that are perhaps symmetric."""


def _of_process(examination: Examination, part: Multiplier) -> Iterator[Cure]:
    assert examination.multipliers is not None
    processes = [other for other in examination.multipliers.parts if other.kind == part.kind]
    as_much = [
        other.name for other in processes if other.states == part.states and abs(other.factor / part.factor - 1) < ALIKE
    ]
    if len(as_much) > 1 and not any(isinstance(one, Symmetric) for one in declared_by(examination.system.plain)):
        yield Cure(part, f"declare {', '.join(sorted(as_much))} Symmetric in reductions(), if only their names differ")


def _of_field(_: Examination, part: Multiplier) -> Iterator[Cure]:
    yield Cure(part, f"reset {part.name} as soon as no step reads it any more, or leave it out")


def _of_observer(_: Examination, part: Multiplier) -> Iterator[Cure]:
    yield Cure(part, f"let {part.name} remember only what its property needs")


def _of_switch(examination: Examination, part: Multiplier) -> Iterator[Cure]:
    world = examination.request.world
    network, failures = world.network, world.failures
    if part.name == "crashes":
        with suppress(BadWorld):  # not every world can do without the events
            elided = replace(world, failures=replace(failures, events="elided"))
            yield Cure(part, "leave crash events out of the graph (verdicts stay)", _command(examination, world=elided))
    elif part.name == "loss" and network.loss > 0:
        fewer = replace(world, network=replace(network, loss=network.loss - 1))
        yield Cure(part, "allow fewer losses", _command(examination, world=fewer))
    elif part.name == "duplication" and network.duplication > 0:
        fewer = replace(world, network=replace(network, duplication=network.duplication - 1))
        yield Cure(part, "allow fewer duplications", _command(examination, world=fewer))
    elif part.name == "recoveries" and failures.recoveries > 0:
        fewer = replace(world, failures=replace(failures, recoveries=failures.recoveries - 1))
        yield Cure(part, "allow fewer recoveries", _command(examination, world=fewer))


_CURES = {
    "message": _of_message,
    "process": _of_process,
    "field": _of_field,
    "observer": _of_observer,
    "switch": _of_switch,
}


def _constants(examination: Examination) -> Iterator[Cure]:
    """Yield a smaller value of each constant that is a number."""
    protocol = examination.request.protocol
    for name, value in constants(protocol).items():
        if type(value) is int and value > 1:
            smaller = with_parameters(protocol, {name: str(value - 1)})
            yield Cure(None, f"set the constant {name} to a smaller value", _command(examination, protocol=smaller))


def _command(examination: Examination, **changes: Any) -> str:
    return explore_command(replace(examination.request, instance=None, **changes))
