"""An independent check of conformance: all ways through a log and the configurations of the reference semantics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from random import Random
from typing import Any

from flpcheck.authoring.events import OWN, Event, Start, Suspect, Timeout, Trust
from flpcheck.authoring.values import key
from flpcheck.conform import Seen, crash, deliver, effect, like, look, own, recover
from flpcheck.system.interface import Transition
from flpcheck.system.message_passing import MessagePassing

OWN_EVENTS = {"start": Start, "timeout": Timeout, "suspect": Suspect, "trust": Trust}


LARGE = 1000
"""Maximum number of places that are looked at."""


def is_run(system: MessagePassing, seens: Sequence[Seen], *, causal: bool, gap: int) -> bool | None:
    """Return whether a log is a run, by a search over (positions, configurations, letters untold, unlogged steps).

    None if that is too large to be found out.
    """
    queues = [[s for s in seens if s.process == p] for p in system.names] if causal else [list(seens)]
    count = len(system.names)
    stack = [((0,) * len(queues), i.configuration, ((),) * count, (gap,) * count) for i in system.initial()]
    visited = {_name(*node) for node in stack}
    while stack:
        if len(visited) > LARGE:
            return None
        places, configuration, untold, left = stack.pop()
        if all(place == len(queue) for place, queue in zip(places, queues, strict=True)):
            return True
        found = [(places, *there) for there in _alone(system, configuration, untold, left)]
        for number, (place, queue) in enumerate(zip(places, queues, strict=True)):
            if place < len(queue):
                after = (*places[:number], place + 1, *places[number + 1 :])
                found += [(after, *there) for there in _told(system, configuration, untold, left, queue[place], gap)]
        for node in found:
            if _name(*node) not in visited:
                visited.add(_name(*node))
                stack.append(node)
    return False


def _name(places: Any, configuration: Any, untold: Any, left: Any) -> Any:
    return places, configuration, tuple(tuple(key(letter) for letter in letters) for letters in untold), left


def _alone(system: MessagePassing, configuration: Any, untold: Any, left: Any) -> Iterator[Any]:
    """Yield what losses and unlogged steps lead to."""
    for step in [*system.applicable(configuration), *system.adversary.events(configuration)]:
        if step.event.kind in {"lose", "duplicate"}:
            if _helps(system, configuration, step):
                yield step.successor, untold, left
        elif not step.event.world and left[step.mover]:
            yield (
                step.successor,
                _put(untold, step.mover, sent_by(system, configuration, step)),
                _put(left, step.mover, left[step.mover] - 1),
            )


def _helps(system: MessagePassing, configuration: Any, step: Transition) -> bool:
    """Whether a loss lets a later letter through, or a duplicate is the second copy: a third can be made later."""
    if step.event.kind == "lose":
        return system.world.network.kind == "fifo"
    index = system.names.index(step.event.process)
    box = configuration.components[index].mailbox
    letter = (step.event.sender, key(step.event.message))
    return sum((e.letter.sender, key(e.letter.message)) == letter for e in box) < 2


def _put(values: Any, place: int, value: Any) -> Any:
    return (*values[:place], value, *values[place + 1 :])


def sent_by(system: MessagePassing, configuration: Any, step: Transition) -> tuple[Any, ...]:
    """Return the (receiver, message) pairs of a step."""
    if step.event.kind in {"crash", "recover"}:
        return ()
    event = step.event.message if step.event.kind == "deliver" else _own_event(step.event)
    local = configuration.components[step.mover].local
    return system.parts.answer(step.mover, local, event, step.event.sender).outcomes[step.outcome].sends


def _own_event(event: Event) -> Any:
    kind = OWN_EVENTS[event.kind]
    return kind(event.message) if event.message is not None else kind()


def _told(
    system: MessagePassing, configuration: Any, untold: Any, left: Any, seen: Seen, gap: int
) -> Iterator[Any]:  # fmt: skip
    """Yield what steps lead to that are as an observation says."""
    index = system.names.index(seen.process)
    local = configuration.components[index].local
    fresh = _put(left, index, gap)
    if not seen.before.fits(local):
        return
    if seen.how in {"state", "effect"}:
        if seen.after.fits(local):
            for rest in _rests(seen, untold[index]):
                yield configuration, _put(untold, index, rest), fresh
        return
    for step in _steps(system, configuration, seen, index):
        if seen.after.fits(step.successor.components[index].local):
            for rest in _rests(seen, sent_by(system, configuration, step)):
                yield step.successor, _put(untold, index, rest), fresh


def _steps(system: MessagePassing, configuration: Any, seen: Seen, index: int) -> Iterator[Transition]:
    kinds = {"deliver": {"deliver"}, "own": set(OWN_EVENTS), "crash": {"crash"}, "recover": {"recover"}}[seen.how]
    steps = [*system.applicable(configuration), *system.adversary.events(configuration)]
    for step in steps:
        event = step.event
        if event.process != seen.process or event.kind not in kinds:
            continue
        if seen.how == "deliver":
            if seen.event.fits(event.message) and seen.sender in {None, event.sender}:
                yield step
        elif seen.how != "own" or key(_own_event(event)) == key(seen.event):
            yield step
    if seen.how == "own" and isinstance(seen.event, OWN):
        yield from _idle(system, configuration, seen.event, index)


def _idle(system: MessagePassing, configuration: Any, event: Any, index: int) -> Iterator[Transition]:
    """Yield the steps that change and send nothing: to a search they are no events."""
    local = configuration.components[index].local
    if configuration.components[index].crashed:
        return
    for number, outcome in enumerate(system.parts.answer(index, local, event).outcomes):
        if not outcome.sends and not outcome.notes and key(outcome.state) == key(local):
            name = type(event).__name__.lower()
            yield Transition(Event(name, system.names[index]), number, index, configuration)


def _rests(seen: Seen, letters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Return what is left of some letters without those told of, each possibility once."""
    found: dict[Any, tuple[Any, ...]] = {}
    for places in permutations(range(len(letters)), len(seen.sent)):
        pairs = [(letters[place], told) for place, told in zip(places, seen.sent, strict=True)]
        if all(to == receiver and what.fits(message) for (to, message), (receiver, what) in pairs):
            rest = tuple(letter for place, letter in enumerate(letters) if place not in places)
            if not (seen.only and rest):
                found[key(rest)] = rest
    return list(found.values())


def random_run(system: MessagePassing, chance: Random, length: int) -> list[tuple[Any, Transition]]:
    """Return a random run as (configuration before, transition) pairs; nothing is lost or duplicated in it."""
    here, run = chance.choice(system.initial()).configuration, list[tuple[Any, Transition]]()
    while len(run) < length:
        steps = [s for s in system.transitions(here) if s.event.kind not in {"duplicate", "heal", "stabilise"}]
        if not steps:
            break
        step = chance.choice(steps)
        run.append((here, step))
        here = step.successor
    return run


def observed(system: MessagePassing, run: Sequence[Any], chance: Random, known: float) -> Iterator[Seen]:
    """Yield what a log might tell of a run, of each field with some probability."""
    for before, step in run:
        event, process = step.event, step.event.process
        index = system.names.index(process) if process else -1
        old, new = before.components[index].local, step.successor.components[index].local
        if event.kind == "lose":
            continue
        if event.kind == "crash":
            yield crash(process)
            continue
        if event.kind == "recover":
            yield recover(process, after=part(new, chance, known))
            continue
        sends = sent_by(system, before, step)
        told = [(to, part(message, chance, known)) for to, message in sends if chance.random() < known]
        chance.shuffle(told)
        at_once = chance.randint(0, len(told))
        more = {"before": part(old, chance, known), "after": part(new, chance, known), "sent": told[:at_once]}
        more["only"] = len(told) == at_once == len(sends) and chance.random() < 0.5
        if event.kind == "deliver":
            sender = event.sender if chance.random() < known else None
            yield deliver(process, part(event.message, chance, known), sender, **more)
        else:
            yield own(process, _own_event(event), **more)
        if told[at_once:]:
            yield effect(process, sent=told[at_once:])
        if chance.random() < 0.2:
            yield look(process, part(new, chance, known))


def part(value: Any, chance: Random, known: float) -> Any:
    """Return some of what is to be known of a value."""
    fields = {name: getattr(value, name) for name in getattr(type(value), "__dataclass_fields__", ())}
    kind = type(value).__name__ if chance.random() < known else ""
    return like(kind, {name: what for name, what in fields.items() if chance.random() < known})


def with_a_lie(seens: list[Seen], chance: Random) -> list[Seen]:
    """Return a log in which one thing is different: a line is missing, doubled, later, or of another step."""
    place = chance.randrange(len(seens))
    seen, rest = seens[place], seens[:place] + seens[place + 1 :]
    way = chance.randrange(4)
    if way == 0:
        return rest
    if way == 1:
        return [*seens[:place], seen, seen, *seens[place + 1 :]]
    if way == 2:
        later = chance.randint(place, len(rest))
        return [*rest[:later], seen, *rest[later:]]
    other = chance.choice(seens)
    field = chance.choice(["after", "before", "sent", "event"])
    if (field == "event" and other.how != seen.how) or (
        field == "sent" and seen.how not in {"deliver", "own", "effect"}
    ):
        field = "after"
    changed = replace(seen, **{field: getattr(other, field)})
    return [*seens[:place], changed, *seens[place + 1 :]]
