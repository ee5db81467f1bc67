"""Observers: automata beside the processes, fed by notes; their code runs once per (state, note)."""

from __future__ import annotations

from typing import Any

from flpcheck.authoring.process import Observer
from flpcheck.authoring.renaming import Renaming
from flpcheck.authoring.values import Key, backwards, key, place_of, shorten, show
from flpcheck.errors import BadProtocol, NondeterministicStep, StepRaised
from flpcheck.failure import raised


class ObserverState:
    """A state of one observer, made once: identity is equality."""

    __slots__ = ("after", "index", "state")

    def __init__(self, index: int, state: Any) -> None:
        self.index = index
        self.state = state
        self.after: dict[Key, ObserverState] = {}

    @property
    def content(self) -> Key:
        """Its content, comparable with that of others of its observer."""
        return key(self.state)


class Watch:
    """The observers of a protocol and their states."""

    def __init__(self, observers: tuple[Observer[Any, Any], ...]) -> None:
        self.observers = observers
        self._known: dict[tuple[int, Key], ObserverState] = {}
        self.asked: list[tuple[ObserverState, Any, ObserverState]] = []
        """The calls of observers so far: a state, a note, and the next state."""

    def _state(self, index: int, state: Any) -> ObserverState:
        return self._known.setdefault((index, key(state)), ObserverState(index, state))

    def initial(self) -> tuple[ObserverState, ...]:
        """Return the initial states."""
        return tuple(self._state(index, observer.start) for index, observer in enumerate(self.observers))

    def told(self, states: tuple[ObserverState, ...], notes: tuple[Any, ...]) -> tuple[ObserverState, ...]:
        """Return the states after every observer has taken the notes of a step."""
        for about in notes:
            states = tuple(self.after(state, about) for state in states)
        return states

    def after(self, before: ObserverState, about: Any) -> ObserverState:
        """Return the state of an observer after a note; its first call is made twice, to check determinism."""
        name = key(about)
        found = before.after.get(name)
        if found is None:
            step = self.observers[before.index].step
            try:
                after, again = step(before.state, about), step(backwards(before.state), backwards(about))
            except Exception as error:
                where = f"notified of {show(about)} in state {shorten(show(before.state))}"
                what = "an observer raised an exception"
                raise raised(StepRaised, what, error, where, place=place_of(step)) from error
            if key(after) != key(again):
                why = (
                    f"notified of {show(about)} in state {shorten(show(before.state))}: {show(after)} or {show(again)}"
                )
                raise NondeterministicStep(
                    "this observer is nondeterministic: two calls with equal arguments gave different results",
                    place=place_of(step),
                    why=why,
                )
            found = before.after[name] = self._state(before.index, after)
            self.asked.append((before, about, found))
        return found

    def told_so_far(self) -> list[tuple[int, Any, Any, Any]]:
        """Return the calls of observers: which one, its state, the note, and its next state."""
        return [(before.index, before.state, about, after.state) for before, about, after in self.asked]

    def renamed(self, state: ObserverState, to: Renaming) -> ObserverState:
        """Return a state under a renaming."""
        observer = self.observers[state.index]
        if observer.renamed is None:
            return self._state(state.index, to(state.state))
        try:
            return self._state(state.index, observer.renamed(state.state, to))
        except Exception as error:
            what, place = "renamed() of an observer raised an exception", place_of(observer.renamed)
            raise raised(BadProtocol, what, error, f"in state {shorten(show(state.state))}", place=place) from error

    def states(self, states: tuple[ObserverState, ...]) -> dict[str, Any]:
        """Return the states by the names of their observers."""
        return {observer.name: state.state for observer, state in zip(self.observers, states, strict=True)}
