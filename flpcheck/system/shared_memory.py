"""Protocols in shared memory as transition systems: shown by process and object, with errors by method."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, NamedTuple

from flpcheck.authoring.actions import Action
from flpcheck.authoring.events import Event, Pid
from flpcheck.authoring.objects import Object, Op
from flpcheck.authoring.shared_memory import SharedMemory
from flpcheck.authoring.values import Key, backwards, key, place_of, shorten, show
from flpcheck.errors import BadValue, NondeterministicStep, StepRaised
from flpcheck.failure import raised
from flpcheck.system.calls import Call
from flpcheck.system.describe import fields_of
from flpcheck.system.general import General, GeneralConfiguration, Situation, SuccessorStep
from flpcheck.system.parts import Told, ended
from flpcheck.world import World

METHODS = ("next", "then", "apply")
"""The author's functions that a step calls."""


class Part(NamedTuple):
    """The local state of a process, or the value of an object, with what tells it from others."""

    owner: int | str
    name: Key
    value: Any
    crashed: bool = False
    halted: bool = False


class InSharedMemory(General):
    """A `SharedMemory` protocol; a crashed process takes no more steps, and the objects stay as they are."""

    protocol: SharedMemory[Any]

    def __init__(
        self, protocol: SharedMemory[Any], world: World, inputs: Mapping[Pid, Hashable] | None = None
    ) -> None:  # fmt: skip
        self.objects: tuple[Object[Any], ...] = protocol.object_list
        super().__init__(protocol, world, inputs)
        self.memory = self
        self.place = place_of(type(protocol).next)

    def pending(self, configuration: GeneralConfiguration) -> dict[int, tuple[int, Op]]:
        """Return, for each process that has neither crashed nor halted, the object and the operation it applies next.

        Objects are given by their positions.
        """
        found: dict[int, tuple[int, Op]] = {}
        for i, s in enumerate(configuration.situation.shared.locals):
            op = None if i in configuration.crashed else self.protocol.next(i, s)
            if op is not None:
                found[i] = self.protocol.place_on(i, s, op), op
        return found

    def describe(self, configuration: GeneralConfiguration) -> dict[str, Any]:
        """Return a configuration as text: the local state of each process, then the value of each object."""
        shared = configuration.situation.shared
        parts: dict[str, Any] = {}
        for index, (name, local) in enumerate(zip(self.names, shared.locals, strict=True)):
            parts[name] = self._of_crashed(local) if index in configuration.crashed else fields_of(local)
        return parts | {thing.name: {"": show(value)} for thing, value in zip(self.objects, shared.values, strict=True)}

    def _of_crashed(self, local: Any) -> dict[str, str]:
        decision = getattr(local, "decision", None)
        return {"crashed": "yes"} | ({} if decision is None else {"decision": show(decision)})

    def sections(self) -> list[str]:
        """Return the names of the objects."""
        return [thing.name for thing in self.objects]

    def parts_of(self, configuration: GeneralConfiguration, sections: Sequence[str]) -> Iterator[Hashable]:
        """Yield what tells each part of a configuration from others: the local states, then the values."""
        pending, shared = self.pending(configuration), configuration.situation.shared
        for index, local in enumerate(shared.locals):
            yield Part(index, key(local), local, index in configuration.crashed, index not in pending)
        for name, value in zip(sections, shared.values, strict=True):
            yield Part(name, key(value), value)

    def told_of(self, part: Part) -> Told:
        """Return what there is to say of a part."""
        decision = getattr(part.value, "decision", None) if isinstance(part.owner, int) else None
        end = ended(dead=part.crashed, decided=() if decision is None else (str(decision),))
        return {"state": part.value, **({"why": "has halted"} if part.halted else {}), **end}

    def calls_of(self, before: GeneralConfiguration, event: Event) -> Iterator[Call]:
        """Yield the calls that an event consists of: what a process does next, and what it makes of the answer."""
        if event.process in self.names:
            shared, i = before.situation.shared, self.names.index(event.process)
            for _, ask in self._questions(i, shared.values):
                yield partial(ask, shared.locals[i])

    def situation(self, shared: Any) -> Situation:
        """Return the one situation with this content.

        Raises
        ------
        BadValue
            If a local state or the value of an object cannot be part of a configuration.
        """
        try:
            return super().situation(shared)
        except BadValue as error:
            raise self._in_part(shared, error) from None

    def _in_part(self, shared: Any, error: BadValue) -> BadValue:
        names = (*(f"the local state of {name}" for name in self.names), *(thing.name for thing in self.objects))
        for name, value in zip(names, (*shared.locals, *shared.values), strict=True):
            try:
                key(value)
            except BadValue as inner:
                what = f"{name}: {inner.what}"
                return BadValue(what, place=inner.place or self.place, why=inner.why, next_step=inner.next_step)
        return error

    def outcomes_of(self, action: Action, shared: Any) -> list[tuple[Event, Any]]:
        """Return what a process does in a configuration, asked now; errors name the method that raised."""
        try:
            return super().outcomes_of(action, shared)
        except StepRaised as error:
            cause = error.__cause__ or error
            what = f"{next(_called(cause.__traceback__), action.name)}() raised an exception"
            raise raised(StepRaised, what, cause, self._where(action, shared), place=self.place) from cause

    def _where(self, action: Action, shared: Any) -> str:
        (i,) = action.parameters
        assert isinstance(i, int)
        return f"{self.names[i]} is in local state {shorten(show(shared.locals[i]), 300)}"

    def _ask(self, situation: Situation, *, surely: bool | None = None) -> list[SuccessorStep]:
        try:
            return super()._ask(situation, surely=surely)
        except NondeterministicStep as error:
            raise self._impure(situation.shared) or error from None
        except BadValue as error:
            located = (self._in_part(after, error) for _, after in self.successors_of(situation.shared))
            raise next((found for found in located if found is not error), error) from None

    def _impure(self, shared: Any) -> NondeterministicStep | None:
        """Return the error for the method that answers differently when asked again, None if none does so now."""
        again = backwards(shared)
        for action, (i, s) in zip(self.actions, enumerate(shared.locals), strict=True):
            for name, ask in self._questions(i, shared.values):
                if len({show(ask(state)) for state in (s, again.locals[i], s, again.locals[i])}) > 1:
                    what = f"{name}() is nondeterministic: two calls with equal arguments gave different results"
                    place = place_of(getattr(type(self.protocol), name))
                    return NondeterministicStep(what, place=place, why=self._where(action, shared))
        return None

    def _questions(self, i: int, values: tuple[Any, ...]) -> Iterator[tuple[str, Callable[[Any], object]]]:
        """Yield what a step asks the author of a local state, by the name of the method."""
        protocol = self.protocol

        def then(s: Any) -> object:
            op = protocol.next(i, s)
            if op is None:
                return None
            place = protocol.place_on(i, s, op)
            return protocol.then(i, s, self.objects[place].apply(values[place], op, i)[1])

        yield "next", lambda s: protocol.next(i, s)
        yield "then", then


def _called(trace: TracebackType | None) -> Iterator[str]:
    """Yield the methods of the author that were running, the outermost first."""
    while trace is not None:
        if trace.tb_frame.f_code.co_name in METHODS:
            yield trace.tb_frame.f_code.co_name
        trace = trace.tb_next
