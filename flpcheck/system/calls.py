"""The calls of the author's code that an event consists of, to be made once more: for a debugger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flpcheck.authoring.events import Event, Gather, Pid, Recovered, Start, Suspect, Timeout, Trust
from flpcheck.authoring.step import At
from flpcheck.system.components import Component, Components

if TYPE_CHECKING:
    from flpcheck.system.rounds import Between, InRounds

Call = Callable[[], Any]
OWN = {"start": Start, "timeout": Timeout, "recover": Recovered}
ABOUT = {"suspect": Suspect, "trust": Trust}


def of_step(parts: Components, before: Iterable[Component], event: Event) -> Iterator[Call]:
    """Yield the call of a step function that an event of a process is; none if it is the world's own."""
    asked = _asked(event)
    for component in before:
        asker = parts.seats[component.owner].asker
        if asked is None or asker is None or parts.names[component.owner] != event.process:
            continue
        if event.kind != "recover" or asker.takes(Recovered):
            state = component.local.stable if event.kind == "recover" else component.local
            yield partial(asker.process.step, At(asker.process.name, event.sender, parts.names), state, asked)


def _asked(event: Event) -> Any:
    """Return the event as a step function takes it; None if it is not asked."""
    message: Any = event.message
    if event.kind in OWN:
        return OWN[event.kind]()
    if event.kind in ABOUT:
        return ABOUT[event.kind](message)
    if event.kind == "gather":
        return Gather(message)
    return message if event.kind == "deliver" else None


def of_round(system: InRounds, before: Between, event: Event) -> Iterator[Call]:
    """Yield how each process that lives through a round receives what it hears, its own message included."""
    number, heard = max(before.number, 1), dict[Pid, dict[Pid, Any]]()
    for sender, receiver, message, arrives in system.letters(before, event):
        if arrives:
            heard.setdefault(receiver, {})[sender] = message
    crashes = dict(event.pattern.crashes) if event.pattern else {}
    for part, asker in zip(before.parts, system.parts.askers, strict=True):
        name = asker.process.name
        if part.running and name not in crashes:
            own = system.parts.sends(part, number)[part.owner]
            received = heard.get(name, {}) | ({} if own is None else {name: own.letter.message})
            ordered = MappingProxyType({pid: received[pid] for pid in system.names if pid in received})
            yield partial(asker.process.receive, asker.at, part.local, number, ordered)
