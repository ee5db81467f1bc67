"""Event-driven protocols: the reference semantics of configurations and transitions.

In the asynchronous world anything may happen next.  In the synchronous world timers are longer than any delay: none
goes off while somebody can still start or receive something, so who is silent then has crashed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import Any, NamedTuple

from flpcheck.authoring.events import Pid
from flpcheck.authoring.process import Observer, Process
from flpcheck.authoring.property import View
from flpcheck.authoring.protocol import members, observers_of
from flpcheck.authoring.values import key, place_of, show
from flpcheck.errors import BadRequest, BadWorld, nearest
from flpcheck.system.components import Component, Components, Crashed, Move
from flpcheck.system.describe import fields_of
from flpcheck.system.interface import WORLD, Initial, Marks, Transition, check_values
from flpcheck.system.observers import Watch, Watched
from flpcheck.world import UNLIMITED, Rounds, World


class Budget(NamedTuple):
    """The world's own state: how many messages it has lost and duplicated so far."""

    lost: int = 0
    duplicated: int = 0


class Configuration(NamedTuple):
    """A configuration: the world's state, one component per process, the states of the observers."""

    world: Budget
    components: tuple[Component, ...]
    observers: tuple[Watched, ...]


class MessagePassing:
    """An event-driven protocol in an asynchronous world.

    Parameters
    ----------
    protocol
        An instance of a class made by `@protocol`, with `processes`.
    world
        What surrounds it.
    inputs
        Inputs that are fixed, by process.

    Raises
    ------
    SpecError, BadWorld
        If the protocol or the world cannot be used.
    """

    def __init__(self, protocol: Any, world: World, inputs: Mapping[Pid, Hashable] | None = None) -> None:
        self.protocol = protocol
        self.world = world
        self.parts = Components(members(protocol), world.network)
        self.names = self.registers = self.parts.names
        self.rulebooks: Sequence[Any] = self.parts.rulebooks
        self.values: list[Hashable] = []
        self.crashable = tuple(seat.index for seat in self.parts.seats if seat.crashable)
        self.deciders = sum(1 << seat.index for seat in self.parts.seats if seat.decides)
        self.watch = Watch(observers_of(protocol))
        self._marks: dict[Component, Marks] = {}
        self._fixed = dict(inputs or {})
        self.patient = world.timing == "synchronous"
        _refuse_rounds(protocol, world)
        world.failures.check(tuple(self.names[index] for index in self.crashable))

    @property
    def observers(self) -> tuple[Observer[Any, Any], ...]:
        """The observers beside the processes."""
        return self.watch.observers

    @property
    def overwritten(self) -> Sequence[str]:
        """Steps seen so far that change a decision already made, as sentences."""
        return self.parts.overwritten

    @property
    def received(self) -> set[type]:
        """The message kinds that somebody has received so far."""
        return {kind for seat in self.parts.seats if seat.asker for kind in seat.asker.delivered}

    @property
    def calls(self) -> int:
        """How often a step function was called so far."""
        return sum(seat.asker.calls for seat in self.parts.seats if seat.asker)

    def afresh(self) -> MessagePassing:
        """Return the same system with nothing asked yet."""
        return MessagePassing(self.protocol, self.world, self._fixed)

    def initial(self) -> list[Initial]:
        """Return the initial configurations: every input vector with every choice of initially dead processes."""
        starts = [self._starts(index) for index in range(len(self.names))]
        return [self._initial(vector, dead) for vector in product(*starts) for dead in self._initially_dead()]

    def _starts(self, index: int) -> list[tuple[Hashable, Any]]:
        member = self.parts.seats[index].member
        if not isinstance(member, Process):
            return [(None, None)]
        if member.name not in self._fixed:
            return list(member.starts)
        wanted = self._fixed[member.name]
        chosen = [(value, state) for value, state in member.starts if key(value) == key(wanted)]
        if not chosen:
            known = nearest(show(wanted), [show(value) for value, _ in member.starts])
            raise BadRequest(f"process {member.name} has no input {show(wanted)}", why=known)
        return chosen

    def _initially_dead(self) -> list[tuple[int, ...]]:
        dead = self.world.failures.initially_dead
        if isinstance(dead, tuple):
            return [tuple(self.parts.index[name] for name in dead)]
        return [choice for size in range(dead + 1) for choice in combinations(self.crashable, size)]

    def _initial(self, vector: tuple[tuple[Hashable, Any], ...], dead: tuple[int, ...]) -> Initial:
        components = [self.parts.component(index, state) for index, (_, state) in enumerate(vector)]
        for index in dead:
            components[index] = self.parts.corpse(components[index])
        observers = self.watch.initial()
        for seat in self.parts.seats:
            sends, notes = seat.asker.sent() if seat.asker and seat.index not in dead else ((), ())
            observers = self.watch.told(observers, notes)
            for to, message in sends:
                target = self.parts.index[to]
                components[target] = self.parts.put(components[target], self.parts.envelope(seat.index, message))
        inputs = {self.names[i]: value for i, (value, _) in enumerate(vector) if value is not None}
        configuration = Configuration(Budget(), tuple(components), observers)
        return Initial(configuration, inputs, tuple(self.names[index] for index in dead))

    def transitions(self, configuration: Configuration) -> Iterator[Transition]:
        """Yield the transitions whose successor differs: process events first, then the world's.

        Examples
        --------
        See `flpcheck.explore.explore`, which calls this once per configuration.
        """
        early = self.patient and self._busy(configuration)
        for component in configuration.components:
            for move in component.moves if component.moves is not None else self.parts.moves(component):
                if early and move.event.kind == "timeout":
                    continue
                successor = self._after(configuration, component.owner, move)
                if successor != configuration:
                    yield Transition(move.event, move.outcome, component.owner, successor, move.rule)
        yield from self._crashes(configuration)
        yield from self._tampering(configuration)

    def applicable(self, configuration: Configuration) -> Iterator[Transition]:
        """Yield all process events, those that leave the configuration as it is included."""
        early = self.patient and self._busy(configuration)
        for component in configuration.components:
            for move in self.parts.moves(component):
                if early and move.event.kind == "timeout":
                    continue
                successor = self._after(configuration, component.owner, move)
                yield Transition(move.event, move.outcome, component.owner, successor, move.rule)

    def _busy(self, configuration: Configuration) -> bool:
        """Whether somebody can still start or receive something, so that no timer has had the time to go off."""
        moves = (move for component in configuration.components for move in self.parts.moves(component))
        return any(move.event.kind != "timeout" for move in moves)

    def _after(self, configuration: Configuration, owner: int, move: Move) -> Configuration:
        world, components, observers = configuration
        changed = list(components)
        changed[owner] = move.after
        for to, envelope in move.puts:
            changed[to] = self.parts.put(changed[to], envelope)
        if move.notes:
            observers = self.watch.told(observers, move.notes)
        return Configuration(world, tuple(changed), observers)

    def _crashes(self, configuration: Configuration) -> Iterator[Transition]:
        failures = self.world.failures
        if not failures.crashes or failures.events == "elided":
            return
        if sum(c.crashed for c in configuration.components) >= failures.crashes + self._dead_budget(configuration):
            return
        for index in self.crashable:
            component = configuration.components[index]
            if not component.crashed:
                yield from self._crash(configuration, component)

    def _dead_budget(self, _: Configuration) -> int:
        """Return how many processes were named as initially dead: they do not count against the budget of crashes."""
        dead = self.world.failures.initially_dead
        return len(dead) if isinstance(dead, tuple) else 0

    def _crash(self, configuration: Configuration, component: Component) -> Iterator[Transition]:
        moves = [self.parts.crash(component)]
        if self.world.failures.mid_broadcast:
            late = self.patient and self._busy(configuration)
            moves += [m for m in self.parts.interrupted(component) if not (late and _of_a_timeout(m))]
        seen = set()
        for move in moves:  # choices of whom the messages reached that lead to the same place are one transition
            successor = self._after(configuration, component.owner, move)
            if successor not in seen:
                seen.add(successor)
                yield Transition(move.event, move.outcome, WORLD, successor, move.rule)

    def _tampering(self, configuration: Configuration) -> Iterator[Transition]:
        network, budget = self.world.network, configuration.world
        if network.loss == UNLIMITED or budget.lost < network.loss:
            spent = budget._replace(lost=budget.lost + (network.loss != UNLIMITED))
            yield from self._tampered(configuration._replace(world=spent), self.parts.lost)
        if network.duplication == UNLIMITED or budget.duplicated < network.duplication:
            if network.kind == "set":
                return  # a set already holds every message for ever
            spent = budget._replace(duplicated=budget.duplicated + (network.duplication != UNLIMITED))
            yield from self._tampered(configuration._replace(world=spent), self.parts.duplicated)

    def _tampered(self, configuration: Configuration, tamper: Any) -> Iterator[Transition]:
        for component in configuration.components:
            for envelope in self.parts.mailing.receivable(component.mailbox):
                move = tamper(component, envelope)
                yield Transition(move.event, 0, WORLD, self._after(configuration, component.owner, move))

    def marks(self, configuration: Configuration) -> Marks:
        """Return the bit masks of a configuration; cached per component."""
        values = decided = crashed = live = 0
        for component in configuration.components:
            mark = self._marks.get(component) or self._mark(component)
            values |= mark.values
            decided |= mark.decided
            crashed |= mark.crashed
            live |= mark.live_values
        return Marks(values, decided, crashed, live)

    def _mark(self, component: Component) -> Marks:
        values = 0
        for value in component.decisions:
            values |= self.bit(value)
        bit = 1 << component.owner
        mark = Marks(values, bit if values else 0, bit if component.crashed else 0, 0 if component.crashed else values)
        self._marks[component] = mark
        return mark

    def bit(self, value: Hashable) -> int:
        """Return the bit of a decision value; values get their numbers in the order in which they are met."""
        known = [key(other) for other in self.values]
        if key(value) not in known:
            check_values(len(known))
            self.values.append(value)
            return 1 << len(known)
        return 1 << known.index(key(value))

    def outputs(self, configuration: Configuration) -> dict[Pid, tuple[Hashable, ...]]:
        """Return the decisions made so far, by process."""
        return {self.names[c.owner]: c.decisions for c in configuration.components if c.decisions}

    def view(self, configuration: Configuration) -> View[Any]:
        """Return what properties see of a configuration."""
        pairs = list(zip(self.names, configuration.components, strict=True))
        return View(
            states={name: c.local for name, c in pairs if not c.crashed},
            outputs={name: c.decisions[0] for name, c in pairs if c.decisions},
            crashed=frozenset(name for name, c in pairs if c.crashed),
            inputs={name: c.local.input for name, c in pairs if getattr(c.local, "input", None) is not None},
            mail={name: tuple(e.letter for e in c.mailbox) for name, c in pairs},
            observers=self.watch.states(configuration.observers),
        )

    def describe(self, configuration: Configuration) -> dict[str, Any]:
        """Return a configuration as text: for each process its fields, its mailbox and whether it has crashed."""
        parts = {}
        for name, component in zip(self.names, configuration.components, strict=True):
            mail = [f"{show(e.letter.message)} from {e.letter.sender}" for e in component.mailbox]
            parts[name] = fields_of(component.local) | {"mail": mail}
            if isinstance(component.local, Crashed):
                parts[name] = {"crashed": "yes", **_registers(component.local), "mail": []}
        for name, state in self.watch.states(configuration.observers).items():
            parts[name] = fields_of(state)
        return parts


def _of_a_timeout(move: Move) -> bool:
    return move.event.during is not None and move.event.during.kind == "timeout"


def _registers(local: Crashed) -> dict[str, str]:
    return {name: show(value) for name, value in vars(local).items() if value is not None}


def _refuse_rounds(protocol: Any, world: World) -> None:
    """Raise `BadWorld` if a world speaks of rounds; without them it only bounds delays."""
    if world.rounds is None or world == replace(world, timing="synchronous", rounds=Rounds()):
        return
    raise BadWorld(
        f"an event-driven protocol in a world of rounds ({', '.join([world.timing, *world.rounds.words()])})",
        place=place_of(type(protocol)),
        why="its processes take one message at a time, and no round ever ends",
        next_step="use --timing synchronous without more (timers wait for messages), or write RoundProcess",
    )
