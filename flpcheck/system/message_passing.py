"""Event-driven protocols: the reference semantics of configurations and transitions.

In the asynchronous world anything may happen next.  In the synchronous world timers are longer than any delay: none
goes off while somebody can still start or receive something, so who is silent then has crashed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

from flpcheck.authoring.events import Pid
from flpcheck.authoring.process import Observer, Process
from flpcheck.authoring.property import View
from flpcheck.authoring.protocol import members, observers_of
from flpcheck.authoring.values import key, place_of, show
from flpcheck.errors import BadRequest, BadWorld, nearest
from flpcheck.system.components import Byzantine, Component, Components, Crashed, Move, remains
from flpcheck.system.describe import fields_of
from flpcheck.system.faults import Faults
from flpcheck.system.interface import WORLD, Initial, Marks, Transition, check_values
from flpcheck.system.observers import Watch, Watched
from flpcheck.world import UNLIMITED, Rounds, World
from flpcheck.world.failures import choices


class Budget(NamedTuple):
    """The world's own state: what it has done so far, as far as that is limited, and who misbehaves.

    Parameters
    ----------
    lost, duplicated, recovered
        How many messages were lost and duplicated, and how many processes have come back.
    faulty
        Bit p: process p misbehaves from the start (Byzantine, or omitting messages).
    """

    lost: int = 0
    duplicated: int = 0
    recovered: int = 0
    faulty: int = 0


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
        self.parts = Components(members(protocol), world)
        self.names = self.registers = self.parts.names
        self.rulebooks: Sequence[Any] = self.parts.rulebooks
        self.values: list[Hashable] = []
        world.network.check(self.names)
        self.crashable = self._crashable()
        self.deciders = sum(1 << seat.index for seat in self.parts.seats if seat.decides)
        self.suspects = self._suspects()
        self.watch = Watch(observers_of(protocol))
        self._marks: dict[Component, Marks] = {}
        self._fixed = dict(inputs or {})
        self.patient = world.timing == "synchronous"
        _refuse_rounds(protocol, world)
        self.faults = Faults(protocol, self.parts, self.suspects if world.failures.byzantine else ())
        self._check_recovery()

    def _crashable(self) -> tuple[int, ...]:
        failures = self.world.failures
        failures.check(tuple(seat.name for seat in self.parts.seats if seat.crashable))
        return tuple(
            seat.index
            for seat in self.parts.seats
            if seat.crashable and (failures.faulty is None or seat.name in failures.faulty)
        )

    def _suspects(self) -> tuple[int, ...]:
        """Return the processes that may misbehave from the start."""
        chosen = self.world.failures.misbehaving
        if isinstance(chosen, tuple):
            return tuple(sorted(self.parts.index[name] for name in chosen))
        return self.crashable if chosen else ()

    def _check_recovery(self) -> None:
        """Every initial state can crash and recover, or the author hears of it now."""
        if self.world.failures.recoveries:
            for index in self.crashable:
                for _, state in self._starts(index):
                    self.parts.remains(index, state)

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
        found = []
        for bad in choices(self.world.failures.misbehaving, self.suspects, self.names):
            liars = bad if self.world.failures.byzantine else ()
            starts = [[(None, Byzantine())] if i in liars else self._starts(i) for i in range(len(self.names))]
            for vector in product(*starts):
                found += [self._initial(vector, dead, bad) for dead in self._initially_dead() if not {*dead} & {*bad}]
        return found

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
        return list(choices(self.world.failures.initially_dead, self.crashable, self.names))

    def _initial(self, vector: Sequence[tuple[Hashable, Any]], dead: tuple[int, ...], bad: tuple[int, ...]) -> Initial:
        faulty = sum(1 << index for index in bad)
        liars = bad if self.world.failures.byzantine else ()
        components = [self.parts.component(index, state) for index, (_, state) in enumerate(vector)]
        for index in dead:
            components[index] = self.parts.component(index, remains(components[index].local))
        observers = self.watch.initial()
        for seat in self.parts.seats:
            sends, notes = seat.asker.sent() if seat.asker and seat.index not in {*dead, *liars} else ((), ())
            observers = self.watch.told(observers, notes)
            for to, message in sends:
                if not self.world.network.connects(seat.name, to):
                    continue
                target = self.parts.index[to]
                components[target] = self.parts.put(components[target], self.parts.envelope(seat.index, message))
        inputs = {self.names[i]: value for i, (value, _) in enumerate(vector) if value is not None}
        configuration = Configuration(Budget(faulty=faulty), tuple(components), observers)
        names = (tuple(self.names[index] for index in chosen) for chosen in (dead, bad))
        return Initial(configuration, inputs, *names)

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
        yield from self._recoveries(configuration)
        for suspect in self.suspects:
            if configuration.world.faulty >> suspect & 1:
                yield from self._misbehaviour(configuration, suspect)

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
        down = sum(isinstance(component.local, Crashed) for component in configuration.components)
        if down >= failures.crashes + self._dead_budget(configuration):
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
        yield from self._distinct(configuration, moves)

    def _distinct(self, configuration: Configuration, moves: Sequence[Move]) -> Iterator[Transition]:
        """Choices of whom the messages of one process reached that lead to the same place are one transition."""
        seen = {configuration}
        for move in moves:
            successor = self._after(configuration, move.after.owner, move)
            if successor not in seen:
                seen.add(successor)
                yield Transition(move.event, move.outcome, WORLD, successor, move.rule)

    def _misbehaviour(self, configuration: Configuration, suspect: int) -> Iterator[Transition]:
        if self.world.failures.omission:
            yield from self._distinct(configuration, self.faults.omissions(configuration.components[suspect]))
            return
        for component in configuration.components:
            for move in self.faults.lies(component, suspect):
                successor = self._after(configuration, component.owner, move)
                if successor != configuration:
                    yield Transition(move.event, move.outcome, WORLD, successor, move.rule)

    def _recoveries(self, configuration: Configuration) -> Iterator[Transition]:
        most, budget = self.world.failures.recoveries, configuration.world
        if not most or (most != UNLIMITED and budget.recovered >= most):
            return
        spent = configuration._replace(world=budget._replace(recovered=budget.recovered + (most != UNLIMITED)))
        for component in configuration.components:
            move = self.parts.recovery(component)
            if move is not None:
                yield Transition(move.event, 0, WORLD, self._after(spent, component.owner, move))

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
        values = decided = live = 0
        faulty = crashed = configuration.world.faulty
        for component in configuration.components:
            mark = self._marks.get(component) or self._mark(component)
            values |= mark.values
            decided |= mark.decided
            crashed |= mark.crashed
            live |= 0 if faulty >> component.owner & 1 else mark.live_values
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
            if isinstance(component.local, Byzantine):
                parts[name] = {"Byzantine": "yes", "mail": []}
            elif configuration.world.faulty >> component.owner & 1:
                parts[name] = {"faulty": "yes"} | parts[name]
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
