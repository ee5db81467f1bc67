"""The author's code at one step of a schedule, in Python's debugger."""

from __future__ import annotations

import pdb
from collections.abc import Callable, Iterator
from functools import partial
from itertools import takewhile
from types import MappingProxyType
from typing import Any

from flpcheck.analyse import Schedule
from flpcheck.authoring.events import Event, Gather, Recovered, Start, Suspect, Timeout, Trust
from flpcheck.authoring.step import At
from flpcheck.errors import BadRequest
from flpcheck.system import System
from flpcheck.system.general import General
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.rounds import InRounds

Call = Callable[[], Any]
OWN = {"start": Start, "timeout": Timeout, "recover": Recovered}
TOLD = {"suspect": Suspect, "trust": Trust}


def debug(system: System, run: Schedule, number: int) -> list[Any]:
    """Call the author's code as at a step of a schedule, in the debugger, and return what it answers if it may.

    Parameters
    ----------
    system, run
        A schedule, and what it runs in.
    number
        Which step, from 1 on.

    Raises
    ------
    BadRequest
        If there is no such step, or none of the author's code runs in it.
    """
    if not 1 <= number <= len(run):
        raise BadRequest(f"no step {number} in the schedule", why=f"choose 1 to {len(run)}")
    event, before = run.transitions[number - 1].event, run.configurations[number - 1]
    calls = list(_calls(system, before, event))
    if not calls:
        what = f"step {number} runs no code of the spec: {event}"
        raise BadRequest(what, next_step="choose a step of a process; `replay` without --debug numbers them")
    # Frames of flpcheck itself are passed over; what a spec imports from it is not the author's code.
    answers = (pdb.Pdb(skip=["flpcheck.*"]).runcall(call) for call in calls)
    return list(takewhile(lambda answer: answer is not None, answers))  # who leaves the debugger gets none


def _calls(system: System, before: Any, event: Event) -> Iterator[Call]:
    """Yield the calls of the author's code that a transition consists of."""
    if isinstance(system, General):
        yield partial(_listed, system.protocol.successors, before.situation.shared)
    elif isinstance(system, InRounds):
        yield from _of_round(system, before, event)
    elif isinstance(system, MessagePassing):
        yield from _of_process(system, before, event.during or event)


def _listed(successors: Callable[[Any], Any], shared: Any) -> list[Any]:
    return [(str(event), after) for event, after in successors(shared)]


def _of_process(system: MessagePassing, before: Any, event: Event) -> Iterator[Call]:
    asked, owner = _asked(event), system.names.index(event.process) if event.process in system.names else -1
    asker = system.parts.seats[owner].asker if owner >= 0 else None
    if asked is None or asker is None or (event.kind == "recover" and not asker.takes(Recovered)):
        return
    local = before.components[owner].local
    state = local.stable if event.kind == "recover" else local
    yield partial(asker.process.step, At(asker.process.name, event.sender, system.names), state, asked)


def _asked(event: Event) -> Any:
    """Return the event as a step function takes it; None if it is not asked."""
    message: Any = event.message
    if event.kind in OWN:
        return OWN[event.kind]()
    if event.kind in TOLD:
        return TOLD[event.kind](message)
    if event.kind == "gather":
        return Gather(message)
    return message if event.kind == "deliver" else None


def _of_round(system: InRounds, before: Any, event: Event) -> Iterator[Call]:
    """Yield how each process that lives through a round receives what it hears, its own message included."""
    number, heard = max(before.number, 1), dict[str, dict[str, Any]]()
    for sender, receiver, message, arrives in system.letters(before, event):
        if arrives:
            heard.setdefault(receiver, {})[sender] = message
    crashes = dict(event.pattern.crashes) if event.pattern else {}
    for part, asker in zip(before.parts, system.parts.askers, strict=True):
        name = asker.process.name
        if part.running and name not in crashes:
            own = system.parts.sends(part, number)[system.names.index(name)]
            told = heard.get(name, {}) | ({} if own is None else {name: own.letter.message})
            ordered = MappingProxyType({pid: told[pid] for pid in system.names if pid in told})
            yield partial(asker.process.receive, asker.at, part.local, number, ordered)
