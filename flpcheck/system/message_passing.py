"""Event-driven protocols: the reference semantics of configurations and transitions.

In the asynchronous world anything may happen next.  In the synchronous world timers wait for messages (`clock.py`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from flpcheck.authoring.events import Event, Letter, Pid
from flpcheck.authoring.process import Observer, Process
from flpcheck.authoring.property import View
from flpcheck.authoring.protocol import members
from flpcheck.authoring.values import Key, key, place_of, show
from flpcheck.budget import look
from flpcheck.errors import BadWorld, nearest
from flpcheck.system.adversary import Adversary
from flpcheck.system.calls import Call, of_step
from flpcheck.system.components import Byzantine, Component, Components, Crashed, has_output_register, remains
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.crashes import Crashes
from flpcheck.system.describe import fields_of
from flpcheck.system.faults import Faults
from flpcheck.system.interface import DecisionValues, Initial, Marks, Transition, asked_once, starts_of
from flpcheck.system.laws import Laws
from flpcheck.system.observers import ObserverState
from flpcheck.system.oracles import WorldState
from flpcheck.system.parts import THE_WORLD, Told, of_component, spent
from flpcheck.system.possibility import Possibility, PossibleSteps
from flpcheck.system.questions import Questions
from flpcheck.system.speech import Speech
from flpcheck.system.twins import check_twins
from flpcheck.world import Rounds, World
from flpcheck.world.failures import choices

EVENTS = ("start", "timeout", "deliver", "gather", "suspect", "trust")
"""Kinds of the events of a process."""
PORTION = 1024
"""Number of input vectors between two checks of the limits of the run."""


class MessagePassing(Questions):
    """An event-driven protocol in a world.

    Parameters
    ----------
    protocol
        An instance of a class made by `@protocol`, with `processes`.
    world
        The world.
    inputs
        Inputs that are fixed, by process.

    Raises
    ------
    SpecError, BadWorld
        If the protocol or the world cannot be used.
    """

    def __init__(self, protocol: Any, world: World, inputs: Mapping[Pid, Hashable] | None = None) -> None:
        self.protocol = protocol
        self.world = world = world.for_events()
        self.parts = Components(members(protocol), world)
        self._twins = self.parts.cast.twins
        self.names = self.registers = self.parts.names
        self.rulebooks: Sequence[Any] = self.parts.rulebooks
        self.values = DecisionValues()
        world.network.check(tuple(self.parts.cast.heard))
        check_twins(world, tuple(self.parts.cast.heard))
        self.crashable = self._crashable()
        self.deciders = sum(1 << seat.index for seat in self.parts.seats if seat.decides)
        self.abstaining = sum(1 << seat.index for seat in self.parts.seats if seat.abstains)
        self.suspects = self._suspects()
        self._marks: dict[Component, Marks] = {}
        self.fixed = dict(inputs or {})
        _refuse_rounds(protocol, world)
        _refuse_fair_links(world, self.parts)
        self._refuse_unknown_rules()
        self.laws = Laws(protocol, world, self.parts)
        self.watch = self.laws.watch
        self.crashes = Crashes(self.parts, world.failures, self.crashable)
        self.speech = Speech(protocol, self.parts, self.crashes, world.failures.lies, self._crowds())
        self.faults = Faults(self.parts, self.speech, self.laws.signatures, self.crashes.restart)
        self.adversary = Adversary(world, self.laws, self.crashes, self.faults, self.crashable, self.suspects)
        self._answer()
        self.crashes.check(lambda index: (state for _, state in self._starts(index)))

    def _refuse_unknown_rules(self) -> None:
        """Raise `BadWorld` if fairness is demanded of a rule that no process has."""
        known = list(dict.fromkeys(name for book in self.parts.rulebooks for name in book.names))
        for demand in self.world.fairness.rules if known else ():
            if not {*demand.rule.split("; ")} <= {*known, *EVENTS}:
                what = f"fairness demands that the rule {demand.rule!r} is taken, and no process has it"
                advice = f"write the comment of a rule, or the kind of an event: {', '.join(EVENTS)}"
                raise BadWorld(what, why=nearest(demand.rule, known), next_step=advice)

    def _answer(self) -> None:
        """Answer what is known already; a budget of mistakes, lies or losses is shared, so its steps do not commute."""
        world, network, failures = self.world, self.world.network, self.world.failures
        reliable = not (network.loss or network.duplication or failures.inside_steps)
        honest = not (failures.recoveries or failures.misbehaving or world.oracle.kind)
        alone = all(seat.asker is not None and seat.asker.process.gather is None for seat in self.parts.seats)
        self.components, self.clock = self.parts, self.laws.clock
        self.separate = not self.laws.hinders
        self._steps = PossibleSteps(self.parts, separate=self.separate)
        self.commutes = world.timing == "asynchronous" and not world.timers and reliable and honest
        self.monotone = self.separate and network.kind == "multiset" and alone
        self.liars = self.faults if self.speech.crowds else None
        self.listens = self.speech.searching

    def _crashable(self) -> tuple[int, ...]:
        failures = self.world.failures
        able = [seat.member.name for seat in self.parts.seats if seat.crashable or seat.index in self._twins]
        failures.check(tuple(dict.fromkeys(able)))
        return tuple(
            seat.index
            for seat in self.parts.seats
            if seat.crashable and (failures.faulty is None or seat.name in failures.faulty)
        )

    def _suspects(self) -> tuple[int, ...]:
        """Return the processes that may misbehave from the start."""
        chosen = self.world.failures.byzantine or self.world.failures.omission
        if isinstance(chosen, tuple):
            return tuple(sorted(self.parts.index[name] for name in chosen))
        return self.crashable if chosen else ()

    def _crowds(self) -> list[int]:
        """Return each choice of liars, as a mask."""
        if not self.world.failures.byzantine:
            return []
        chosen = choices(self.world.failures.byzantine, self.suspects, self.names)
        return [sum(1 << index for index in liars) for liars in chosen]

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
        """The message kinds that some process has received so far."""
        return {kind for seat in self.parts.seats if seat.asker for kind in seat.asker.delivered}

    @property
    def tosses(self) -> bool:
        """Whether some step has tossed a coin so far."""
        return any(seat.asker.tosses for seat in self.parts.seats if seat.asker)

    @property
    def calls(self) -> int:
        """Number of calls of step functions so far."""
        return sum(seat.asker.calls for seat in self.parts.seats if seat.asker)

    def afresh(self) -> MessagePassing:
        """Return the same system with empty tables."""
        fresh = MessagePassing(self.protocol, self.world, self.fixed)
        fresh.speech.adopt(self.speech)
        return fresh

    def overheard(self, reached: Iterable[tuple[int, Component]]) -> bool:
        """Add to the liars' messages those that correct processes sent in a search; return whether any was new."""
        if not self.speech.unheard or not self.speech.learn(reached, self.faults.said):
            return False
        self.values.clear()
        self._marks.clear()
        return True

    @asked_once
    def initial(self) -> list[Initial]:
        """Return the initial configurations: every input vector with every choice of initially dead processes."""
        found = []
        for bad in choices(self.world.failures.byzantine or self.world.failures.omission, self.suspects, self.names):
            liars = bad if self.world.failures.byzantine else ()
            starts = [[(None, Byzantine())] if i in liars else self._starts(i) for i in range(len(self.names))]
            for place, vector in enumerate(product(*starts)):
                if place % PORTION == PORTION - 1:
                    look()
                odd = tuple(sorted({*bad, *self._twins}))
                found += [self._initial(vector, dead, odd) for dead in self._initially_dead() if not {*dead} & {*bad}]
        return found

    def _starts(self, index: int) -> list[tuple[Hashable, Any]]:
        member = self.parts.seats[index].member
        if index in self._twins and isinstance(member, Process):
            return [(None, state) for _, state in member.starts]
        return starts_of(member, self.fixed) if isinstance(member, Process) else [(None, None)]

    def _initially_dead(self) -> list[tuple[int, ...]]:
        return list(choices(self.world.failures.initially_dead, self.crashable, self.names))

    def _initial(self, vector: Sequence[tuple[Hashable, Any]], dead: tuple[int, ...], bad: tuple[int, ...]) -> Initial:
        components = [self.parts.component(index, state) for index, (_, state) in enumerate(vector)]
        for index in dead:
            components[index] = self.parts.component(index, remains(components[index].local))
        faulty = WorldState(faulty=sum(1 << index for index in bad))
        configuration = MessagePassingConfiguration(faulty, tuple(components), self.watch.initial())
        for seat in self.parts.seats:
            component = configuration.components[seat.index]
            if seat.asker and not component.crashed:
                configuration = self.laws.moved(configuration, self.parts.opening(component, seat.asker))
        configuration = self.laws.clock.begun(configuration)
        inputs = {self.names[i]: value for i, (value, _) in enumerate(vector) if value is not None}
        names = (tuple(self.names[index] for index in chosen) for chosen in (dead, bad))
        return Initial(configuration, inputs, *names)

    def transitions(self, configuration: MessagePassingConfiguration) -> Iterator[Transition]:
        """Yield the transitions whose successor differs: process events first, then the world's.

        Examples
        --------
        See `flpcheck.explore.explore`, which calls this once per configuration.
        """
        for transition in self.applicable(configuration):
            if transition.successor != configuration:
                yield transition
        yield from self.adversary.events(configuration)

    def applicable(self, configuration: MessagePassingConfiguration) -> Iterator[Transition]:
        """Yield all process events, including those that leave the configuration unchanged."""
        twins = self._twins
        for component in configuration.components if not twins else self._correct(configuration):
            for move in component.moves if component.moves is not None else self.parts.moves(component):
                successor = self.laws.happens(configuration, move)
                if successor is not None:
                    yield Transition(move.event, move.outcome, component.owner, successor, move.rule, move.chance)

    def possible(self, configuration: MessagePassingConfiguration) -> list[Possibility]:
        """Return the events that may happen next, those of the transitions among them, in their order."""
        components = configuration.components if not self._twins else self._correct(configuration)
        own = [one for component in components for one in self._steps.of(component) if not one.idle]
        return own + [Possibility.of(step) for step in self.adversary.events(configuration)]

    def happen(self, configuration: MessagePassingConfiguration, possibility: Possibility) -> list[Transition]:
        """Return the transitions that a possible event is, by outcome; none if it is hindered, or changes nothing."""
        found = []
        for how in possibility.outcomes:
            if isinstance(how, Transition):
                found.append(how)
            elif (after := self.laws.happens(configuration, how)) not in {None, configuration}:
                found.append(Transition(how.event, how.outcome, possibility.mover, after, how.rule, how.chance))
        return found

    def _correct(self, configuration: MessagePassingConfiguration) -> list[Component]:
        """Return the components of processes that do not run twice."""
        return [component for component in configuration.components if component.owner not in self._twins]

    def admissible(self, configuration: MessagePassingConfiguration) -> bool:
        """Return whether a run may stay here for ever: a world that will stabilise, or heal, does."""
        return self.rests(configuration.world)

    def rests(self, world: WorldState) -> bool:
        """Return whether a run may stay for ever where the world is in some state."""
        return not self.laws.partition.stands(world) and self.laws.oracles.admissible(world)

    def owed(self, configuration: MessagePassingConfiguration, transition: Transition) -> bool:
        """Return whether fairness promises a process event."""
        return self.laws.oracles.owed(transition.event, configuration.components)

    def marks(self, configuration: MessagePassingConfiguration) -> Marks:
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
            values |= self.values.bit(value)
        bit = 1 << component.owner
        mark = Marks(values, bit if values else 0, bit if component.crashed else 0, 0 if component.crashed else values)
        self._marks[component] = mark
        return mark

    def deciding(self, configuration: MessagePassingConfiguration) -> int:
        """Return the processes whose local state has a decision, as bits."""
        return sum(1 << c.owner for c in self._correct(configuration) if has_output_register(c.local))

    def outputs(self, configuration: MessagePassingConfiguration) -> dict[Pid, tuple[Hashable, ...]]:
        """Return the decisions made so far, by process."""
        return {self.names[c.owner]: c.decisions for c in configuration.components if c.decisions}

    def view(self, configuration: MessagePassingConfiguration) -> View[Any]:
        """Return what properties see of a configuration."""
        pairs = list(zip(self.names, configuration.components, strict=True))
        crashed = frozenset(name for name, c in pairs if isinstance(c.local, Crashed))
        misbehaving = configuration.world.faulty
        return View(
            states={name: c.local for name, c in pairs if not c.crashed and c.owner not in self._twins},
            outputs={name: c.decisions[0] for name, c in pairs if c.decisions},
            several={name: c.decisions for name, c in pairs if len(c.decisions) > 1},
            crashed=crashed,
            inputs={name: c.local.input for name, c in pairs if getattr(c.local, "input", None) is not None},
            mail={name: tuple(e.letter for e in c.mailbox) for name, c in pairs},
            observers=self.watch.states(configuration.observers),
            faulty=crashed.union(self.parts.pids[c.owner] for _, c in pairs if misbehaving >> c.owner & 1),
        )

    def content(self, configuration: MessagePassingConfiguration) -> tuple[Key, ...]:
        """Return the identity of a configuration: of its components, of the world's state, of its observers."""
        world, components, observers = configuration
        return (*(c.content for c in components), key(tuple(world)), *(watched.content for watched in observers))

    def mailboxes(self, configuration: MessagePassingConfiguration) -> dict[Pid, tuple[Letter[Any], ...]]:
        """Return the unread messages of each process; those that have crashed or are Byzantine read none."""
        return {
            name: () if isinstance(c.local, Byzantine | Crashed) else tuple(e.letter for e in c.mailbox)
            for name, c in zip(self.names, configuration.components, strict=True)
        }

    def describe(self, configuration: MessagePassingConfiguration) -> dict[str, Any]:
        """Return a configuration as text: for each process its fields, its mailbox and whether it has crashed."""
        parts, mailboxes = {}, self.mailboxes(configuration)
        for name, component in zip(self.names, configuration.components, strict=True):
            mail = {"mail": [f"{show(letter.message)} from {letter.sender}" for letter in mailboxes[name]]}
            if isinstance(component.local, Byzantine):
                parts[name] = {"Byzantine": "yes"} | mail
            elif isinstance(component.local, Crashed):
                parts[name] = {"crashed": "yes", **_registers(component.local)} | mail
            else:
                faulty = {"faulty": "yes"} if configuration.world.faulty >> component.owner & 1 else {}
                parts[name] = faulty | fields_of(component.local) | mail
        for name, state in self.watch.states(configuration.observers).items():
            parts[name] = fields_of(state)
        told = self.laws.describe(configuration)
        return parts | ({"world": told} if told else {})

    def sections(self) -> list[str]:
        """Return what the parts of a configuration are called beside the processes: the observers, then the world."""
        told = self._told(self.initial()[0].configuration)
        return [observer.name for observer in self.observers] + ([THE_WORLD] if told else [])

    def parts_of(self, configuration: MessagePassingConfiguration, sections: Sequence[str]) -> Iterator[Hashable]:
        """Yield what tells each part of a configuration from others."""
        faulty = configuration.world.faulty
        yield from ((component, faulty >> component.owner & 1) for component in configuration.components)
        yield from configuration.observers
        if THE_WORLD in sections[len(configuration.observers) :]:
            yield THE_WORLD, *self._told(configuration).items()

    def told_of(self, part: Any) -> Told:
        """Return the description of a part."""
        if isinstance(part, ObserverState):
            return {"state": part.state}
        name, *rest = part
        return of_component(self.parts, name, faulty=rest[0]) if name != THE_WORLD else {"fields": ("", dict(rest))}

    def _told(self, configuration: MessagePassingConfiguration) -> dict[str, str]:
        """Return the world's own state as text: what it has spent, what its oracle and clock know."""
        return spent(self.world, configuration.world) | self.laws.describe(configuration)

    def calls_of(self, before: MessagePassingConfiguration, event: Event) -> Iterator[Call]:
        """Yield the call of the step that an event is, or that is cut short in it."""
        return of_step(self.parts, before.components, event.during or event)


def _registers(local: Crashed) -> dict[str, str]:
    return {name: show(value) for name, value in vars(local).items() if value is not None}


def _refuse_rounds(protocol: Any, world: World) -> None:
    """Raise `BadWorld` if a world speaks of rounds; without them it only bounds delays."""
    if world.rounds is None or world == replace(world, timing="synchronous", rounds=Rounds()):
        return
    raise BadWorld(
        f"an event-driven protocol in a world of rounds ({', '.join([world.timing, *world.rounds.words()])})",
        place=place_of(type(protocol)),
        why="its processes receive one message at a time, and there are no rounds",
        next_step="use --timing synchronous alone (timers wait for messages), or write RoundProcess",
    )


def _refuse_fair_links(world: World, parts: Components) -> None:
    """Raise `BadWorld` if links are fair to a passive learner: they promise receipt, and it receives nothing."""
    learners = [seat.name for seat in parts.seats if seat.asker is None]
    if learners and world.network.fair_loss == "links":
        raise BadWorld(
            f"with fair links some messages of each sender are received, and {learners[0]} reads them unreceived",
            next_step="make it a process that receives or gathers, or use --loss fair",
        )
