"""The calls of the author's code that an event consists of, to be made once more: for a debugger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flpcheck.authoring.events import Event, Gather, Pid, Recovered
from flpcheck.authoring.step import At
from flpcheck.system.components import Component, Components, Seat

if TYPE_CHECKING:
    from flpcheck.system.rounds import InRounds, RoundConfiguration

Call = Callable[[], Any]


def of_step(parts: Components, before: Iterable[Component], event: Event) -> Iterator[Call]:
    """Yield the call of a step function that an event of a process is; none if it is the world's own."""
    for component in before:
        seat = parts.seats[component.owner]
        if seat.asker is None or seat.name != event.process:
            continue
        state, asked = component.local, _asked(parts, seat, event)
        if event.kind == "recover":
            state, asked = state.stable, Recovered() if seat.asker.takes(Recovered) else None
        if asked is not None:
            yield partial(seat.asker.process.step, At(seat.asker.process.name, event.sender, parts.names), state, asked)


def _asked(parts: Components, seat: Seat, event: Event) -> Any:
    """Return the event as a step function takes it; None if it is not asked."""
    if event.kind == "gather":
        return Gather(event.message)  # type: ignore[arg-type]
    return event.message if event.kind == "deliver" else dict(parts.own_events(seat)).get(event)


def of_round(system: InRounds, before: RoundConfiguration, event: Event) -> Iterator[Call]:
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
