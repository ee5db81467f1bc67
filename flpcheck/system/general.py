"""The general front end: a protocol given by its actions on whole configurations (shared variables, global guards).

`successors(configuration)` is all actions in turn; a protocol may define it itself instead.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, NamedTuple

from flpcheck.authoring.actions import Action
from flpcheck.authoring.events import Event, Pid
from flpcheck.authoring.process import Observer
from flpcheck.authoring.protocol import MOST_PROCESSES, actions_of, asked, named_values, several
from flpcheck.authoring.rules import RuleBook
from flpcheck.authoring.values import Key, backwards, key, place_of, shorten, show
from flpcheck.errors import (
    BadAnswer,
    BadProtocol,
    BadRequest,
    BadValue,
    BadWorld,
    NondeterministicStep,
    SpecError,
    StepRaised,
    nearest,
)
from flpcheck.failure import raised
from flpcheck.system.asker import ONE_IN
from flpcheck.system.calls import Call
from flpcheck.system.describe import leaves_of
from flpcheck.system.interface import WORLD, DecisionValues, Initial, Marks, Transition, asked_once
from flpcheck.system.parts import SHARED, Told, ended
from flpcheck.system.questions import Questions
from flpcheck.system.unusable import located
from flpcheck.world import World

CONFIGURATIONS = "return or yield configurations"
SURELY, SAMPLE = 1000, 16
"""Number of first configurations whose successors are computed twice; of the later ones, one in SAMPLE."""


class Situation:
    """A configuration of a general protocol, made once: identity is equality."""

    __slots__ = ("content", "shared", "steps")

    def __init__(self, shared: Any, content: Key | None = None) -> None:
        self.shared = shared
        self.content = key(shared) if content is None else content
        self.steps: tuple[SuccessorStep, ...] | None = None

    def __repr__(self) -> str:
        return show(self.shared)


class SuccessorStep(NamedTuple):
    """One successor that the author yields: the event, its outcome, the next configuration, the probability."""

    event: Event
    outcome: int
    after: Situation
    chance: Fraction | None


class GeneralConfiguration(NamedTuple):
    """A configuration of the author, with the processes that have crashed (they take no more steps)."""

    situation: Situation
    crashed: frozenset[int]


class General(Questions):
    """A protocol with `initial()`, `actions()` (or `successors(configuration)`), and, for consensus, `decisions`.

    A crashed process is one whose events no longer happen; its decisions stay.  Events without a process are never
    stopped by a crash.
    """

    idles = True

    def __init__(self, protocol: Any, world: World, inputs: Mapping[Pid, Hashable] | None = None) -> None:
        self.protocol = protocol
        self.world = world
        self.values = DecisionValues()
        self.overwritten: Sequence[str] = []
        self.observers: Sequence[Observer[Any, Any]] = ()
        self.rulebooks: Sequence[RuleBook] = ()
        self.actions = actions_of(protocol)
        self.constrained = hasattr(protocol, "constraint")
        self.assumptions = ("within the constraint",) if self.constrained else ()
        self.place = place_of(type(protocol).actions if self.actions else type(protocol).successors)
        self._situations: dict[Key, Situation] = {}
        self._asked = 0
        self.tosses = False
        self._fixed = dict(inputs or {})
        self._marks: dict[Situation, tuple[dict[int, int], int, int]] = {}
        self.names: tuple[Pid, ...] = (
            several(protocol, "names", "return a list of names") if hasattr(protocol, "names") else ()
        )
        self._refuse_names()
        self.crashable = tuple(range(len(self.names)))
        self.registers: tuple[Pid, ...] = self.names
        self.deciders = self._deciders()
        self.abstaining = 0
        world.failures.check(self.names)
        self._refuse_surroundings(world)
        self._refuse_faults(world)

    def _refuse_names(self) -> None:
        wrong = next((name for name in self.names if not isinstance(name, str)), None)
        if wrong is not None or len(self.names) > MOST_PROCESSES:
            what = f"names() yields {wrong!r}" if wrong is not None else f"names() yields {len(self.names)} names"
            advice = f"yield at most {MOST_PROCESSES} strings"
            raise BadProtocol(what, place=place_of(type(self.protocol).names), next_step=advice)

    def _refuse_surroundings(self, world: World) -> None:
        if world.rounds is not None:
            why = "its transitions are the author's own, and none of them is a round"
            raise BadWorld(f"a general protocol cannot run in a {world.timing} world", place=self.place, why=why)
        if world.oracle.kind:
            why = "its successors are the author's own, so the author defines what failure detectors report"
            raise BadWorld(f"a general protocol cannot use {world.oracle}", place=self.place, why=why)
        if world.timers:
            why = "its successors are the author's own, so the author defines when timers fire"
            raise BadWorld(
                f"a general protocol has no timers, so timers={world.timers} does not apply", place=self.place, why=why
            )
        if world.network != type(world.network)():
            why = "its configurations are the author's own, so they hold any messages"
            raise BadRequest("a general protocol has no network to configure", place=self.place, why=why)

    def _refuse_faults(self, world: World) -> None:
        failures = world.failures
        for name in ("recoveries", "byzantine", "omission", "initially_dead", "inside_steps"):
            if getattr(failures, name):
                why = "its states and messages are the author's own: only the author knows what is stable or a lie"
                what = "crash points inside steps" if name == "inside_steps" else name.replace("_", " ")
                raise BadWorld(f"a general protocol cannot have {what}", place=self.place, why=why)

    def _deciders(self) -> int:
        if not self.beginnings:
            raise BadAnswer("initial() yields no configuration", place=place_of(type(self.protocol).initial))
        return self._bits(self._decisions(self.beginnings[0]))

    def _bits(self, outputs: Iterable[Pid]) -> int:
        """Return the registers of some names as bits; one that is met for the first time gets the next bit."""
        self.registers = tuple(dict.fromkeys((*self.registers, *outputs)))
        return sum(1 << self.registers.index(name) for name in outputs)

    def _decisions(self, shared: Any) -> Mapping[Pid, Any]:
        found: Mapping[Pid, Any] = (
            named_values(self.protocol, "decisions", shared) if hasattr(self.protocol, "decisions") else {}
        )
        return found

    def situation(self, shared: Any) -> Situation:
        """Return the one situation with this content."""
        name = key(shared)
        if name not in self._situations:
            self._situations[name] = Situation(shared, name)
        return self._situations[name]

    @property
    def calls(self) -> int:
        """Number of calls of `successors` so far."""
        return self._asked

    def afresh(self) -> General:
        """Return the same system with nothing asked yet."""
        return type(self)(self.protocol, self.world, self._fixed)

    @cached_property
    def beginnings(self) -> tuple[Any, ...]:
        """All that `initial` gives, whatever the inputs are."""
        return several(self.protocol, "initial", CONFIGURATIONS)

    @asked_once
    def initial(self) -> list[Initial]:
        """Return the initial configurations, in the author's order; inputs are read from `inputs(configuration)`."""
        try:
            return [initial for initial in map(self._initial, self.beginnings) if self._wanted(initial)]
        except BadValue as error:
            raise located(error, self.protocol.initial, self.beginnings) from None

    def _initial(self, shared: Any) -> Initial:
        inputs = named_values(self.protocol, "inputs", shared) if hasattr(self.protocol, "inputs") else {}
        return Initial(GeneralConfiguration(self.situation(shared), frozenset()), inputs)

    def _wanted(self, initial: Initial) -> bool:
        return all(key(initial.inputs.get(pid)) == key(value) for pid, value in self._fixed.items())

    def transitions(self, configuration: GeneralConfiguration) -> Iterator[Transition]:
        """Yield the transitions whose successor differs, in the author's order, then crashes."""
        for transition in self.applicable(configuration):
            if transition.successor != configuration:
                yield transition
        failures = self.world.failures
        if failures.events == "explicit" and len(configuration.crashed) < failures.crashes:
            for index, name in enumerate(self.names):
                if index not in configuration.crashed:
                    crashed = configuration._replace(crashed=configuration.crashed | {index})
                    yield Transition(Event("crash", name, world=True), 0, WORLD, crashed)

    def applicable(self, configuration: GeneralConfiguration) -> Iterator[Transition]:
        """Yield all transitions that are not crashes, including those that leave the configuration unchanged."""
        situation, crashed = configuration
        if situation.steps is None:
            situation.steps = tuple(self._ask(situation))
        for event, outcome, after, chance in situation.steps:
            mover = self.mover(event)
            if mover not in crashed:
                yield Transition(event, outcome, mover, GeneralConfiguration(after, crashed), None, chance)

    def confined(self, configuration: GeneralConfiguration) -> bool:
        """Return whether a configuration lies outside the author's constraint; it must return a bool."""
        if not self.constrained:
            return False
        found = asked(self.protocol, "constraint", configuration.situation.shared)
        if not isinstance(found, bool):
            place = place_of(type(self.protocol).constraint)
            raise BadAnswer(f"constraint() must return True or False, not {shorten(repr(found))}", place=place)
        return not found

    def mover(self, event: Event) -> int:
        """Return whose event it is; errors where that is no process, or the event has no kind."""
        if not isinstance(event.kind, str):
            advice = 'name what happens: Event("read", "p0")'
            what = f"the kind of an event must be a string, not {shorten(repr(event.kind))}"
            raise BadAnswer(what, place=self.place, next_step=advice)
        if event.process is None or event.world:
            return WORLD
        if event.process not in self.names:
            why = nearest(event.process, self.names)
            advice = "define names(self) -> list[str] with the names of all processes"
            raise BadAnswer(f"event {event} belongs to an unknown process", place=self.place, why=why, next_step=advice)
        return self.names.index(event.process)

    def confirm(self, shared: Any) -> None:
        """Ask about a configuration twice, whatever was asked before; raises what two answers that differ show."""
        self._ask(Situation(shared), surely=True)

    def look_ahead(self, configuration: GeneralConfiguration) -> None:
        """Ask about a configuration for the sake of verification only: once, but for one in `ONE_IN`."""
        situation = configuration.situation
        if situation.steps is None:
            situation.steps = tuple(self._ask(situation, surely=self._asked % ONE_IN == 0))

    def _ask(self, situation: Situation, *, surely: bool | None = None) -> list[SuccessorStep]:
        try:
            return self._answered(situation, surely=surely)
        except BadValue as error:
            for action in self.actions or (Action(self.protocol.successors),):
                found = [after for _, after in self.outcomes_of(action, situation.shared)]
                located(error, action.rule, found, situation.shared)
            raise

    def _answered(self, situation: Situation, *, surely: bool | None) -> list[SuccessorStep]:
        first = self.successors_of(situation.shared)
        self._asked += 1
        surely = self._asked <= SURELY or self._asked % SAMPLE == 0 if surely is None else surely
        again = self.successors_of(backwards(situation.shared)) if surely else first
        if again is not first and [(e, key(c)) for e, c in first] != [(e, key(c)) for e, c in again]:
            why = f"in {shorten(show(situation.shared), 300)}: it must not depend on the order of sets"
            raise NondeterministicStep(
                "successors() is nondeterministic: two calls with equal arguments gave different results",
                place=self.place,
                why=why,
            )
        return self._steps(situation, first)

    def _steps(self, situation: Situation, found: list[tuple[Event, Any]]) -> list[SuccessorStep]:
        steps, count = list[SuccessorStep](), dict[Event, int]()
        for labelled, after in found:
            event = labelled.toss
            count[event] = count.get(event, -1) + 1
            steps.append(SuccessorStep(event, count[event], self.situation(after), labelled.chance))
        self.coins_of([labelled for labelled, _ in found], situation.shared)
        return steps

    def coins_of(self, labelled: Sequence[Event], shared: Any) -> list[Event]:
        """Return the events of a configuration that toss a coin; their probabilities must add up to one."""
        coins = dict.fromkeys(event.toss for event in labelled if event.chance is not None)
        self.tosses |= bool(coins)
        for coin in coins:
            chances = [event.chance for event in labelled if event.toss == coin]
            together = sum(chance or Fraction(0) for chance in chances)
            if together != 1 or any(chance is None or chance <= 0 for chance in chances):
                why = f"{coin}: together {together}, in configuration {shorten(show(shared), 300)}"
                what = "the probabilities of a coin must be positive and add up to one"
                raise BadAnswer(what, place=self.place, why=why)
        return list(coins)

    def asked_about(self) -> list[Any]:
        """Return the configurations whose successors were computed."""
        return [situation.shared for situation in self._situations.values() if situation.steps is not None]

    def successors_of(self, shared: Any) -> list[tuple[Event, Any]]:
        """Return what the author yields of a configuration, asked now."""
        if not self.actions:
            return _yielded("successors", self.protocol.successors, (shared,))
        return [step for action in self.actions for step in self.outcomes_of(action, shared)]

    def outcomes_of(self, action: Action, shared: Any) -> list[tuple[Event, Any]]:
        """Return what an action yields of a configuration, asked now."""
        return _yielded(action.name, action.rule, (shared, *action.parameters))

    def marks(self, configuration: GeneralConfiguration) -> Marks:
        """Return the bit masks of a configuration."""
        situation, crashed = configuration
        if situation not in self._marks:
            outputs = self._decisions(situation.shared)
            named = self._bits(outputs)
            bits = {
                self.registers.index(name): self.values.bit(value)
                for name, value in outputs.items()
                if value is not None
            }
            self._marks[situation] = (bits, sum(1 << index for index in bits), named)
        bits, decided, _ = self._marks[situation]
        values = live = 0
        for index, bit in bits.items():
            values |= bit
            live |= 0 if index in crashed else bit
        return Marks(values, decided, sum(1 << index for index in crashed), live)

    def deciding(self, configuration: GeneralConfiguration) -> int:
        """Return the registers that `decisions` names, as bits."""
        self.marks(configuration)
        return self._marks[configuration.situation][2]

    def outputs(self, configuration: GeneralConfiguration) -> dict[Pid, tuple[Hashable, ...]]:
        """Return the decisions made so far, by process."""
        found = self._decisions(configuration.situation.shared)
        return {pid: (value,) for pid, value in found.items() if value is not None}

    def view(self, configuration: GeneralConfiguration) -> Any:
        """Return what properties see: the author's configuration itself."""
        return configuration.situation.shared

    def content(self, configuration: GeneralConfiguration) -> tuple[Key, ...]:
        """Return the identity of a configuration, and of who has crashed."""
        return (configuration.situation.content, key(tuple(sorted(configuration.crashed))))

    def describe(self, configuration: GeneralConfiguration) -> dict[str, Any]:
        """Return a configuration as text."""
        parts: dict[str, Any] = {"": leaves_of(configuration.situation.shared)}
        for index in sorted(configuration.crashed):
            parts[self.names[index]] = {"crashed": "yes"}
        return parts

    def sections(self) -> list[str]:
        """Return what the parts of a configuration are called beside the processes."""
        return [SHARED]

    def parts_of(self, configuration: GeneralConfiguration, _: Sequence[str]) -> Iterator[Hashable]:
        """Yield what tells each part of a configuration from others."""
        outputs = self.outputs(configuration)
        for index, name in enumerate(self.names):
            yield index, index in configuration.crashed, tuple(map(str, outputs.get(name, ())))
        yield configuration.situation

    def told_of(self, part: Any) -> Told:
        """Return the description of a part."""
        return {"state": part.shared} if isinstance(part, Situation) else ended(dead=part[1], decided=part[2])

    def calls_of(self, before: GeneralConfiguration, event: Event) -> Iterator[Call]:
        """Yield the calls of the rules that an event may come from; of `successors` where the author has no rules."""
        shared = before.situation.shared
        if not self.actions:
            yield partial(_listed, self.protocol.successors, shared)
        for action in self.actions:
            if any(found.toss == event for found, _ in self.outcomes_of(action, shared)):
                yield partial(_listed, action, shared)


def _listed(ask: Callable[[Any], Iterable[tuple[Event, Any]]], shared: Any) -> list[tuple[str, Any]]:
    return [(str(event), after) for event, after in ask(shared)]


def _yielded(name: str, ask: Callable[..., Any], arguments: tuple[Any, ...]) -> list[tuple[Event, Any]]:
    """Return the (Event, configuration) pairs that a method of the author yields of a configuration."""
    try:
        found = list(ask(*arguments))
    except SpecError:
        raise
    except Exception as error:
        where = f"in configuration {shorten(show(arguments[0]), 300)}"
        place = place_of(getattr(ask, "__func__", ask))
        raise raised(StepRaised, f"{name}() raised an exception", error, where, place=place) from error
    for item in found:
        if not (isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], Event)):
            why = f"it yielded {shorten(repr(item))}"
            place = place_of(getattr(ask, "__func__", ask))
            raise BadAnswer(f"{name}() must yield (Event, configuration) pairs", place=place, why=why)
    return found
