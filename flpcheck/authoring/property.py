"""Properties of a protocol: the standard properties of consensus, and the author's own invariants."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import product
from typing import Any, Generic, TypeAlias, TypeVar

from flpcheck.authoring.events import Letter, Pid
from flpcheck.authoring.values import backwards, place_of, shorten
from flpcheck.errors import BadProperty, BadRequest, Place

S = TypeVar("S")


class Verdict(Enum):
    """The verdict of a search on a property; an unfinished search never says HOLDS."""

    HOLDS = "HOLDS"
    VIOLATED = "VIOLATED"
    INCOMPLETE = "INCOMPLETE"


HOLDS = Verdict.HOLDS
VIOLATED = Verdict.VIOLATED
INCOMPLETE = Verdict.INCOMPLETE


def lowered(claim: str) -> str:
    """Return a claim as it stands inside of a sentence: its first letter is small, unless it belongs to an acronym.

    Examples
    --------
    >>> lowered("Some server leads"), lowered("AC1: no two decide differently")
    ('some server leads', 'AC1: no two decide differently')
    """
    return claim if claim[1:2].isupper() else f"{claim[:1].lower()}{claim[1:]}"


@dataclass(frozen=True)
class View(Generic[S]):
    """A configuration as a property sees it, read-only; the fields mean the same in every world.

    Parameters
    ----------
    states
        The local state of each process that has one: those that omit messages are among them, crashed and Byzantine
        ones are not.
    outputs
        The decisions made so far, by process, those of crashed ones included.  A Byzantine process decides nothing.
        Of a passive learner that has decided several values one is shown, and the predicate is asked for each of them.
    crashed
        The processes that have crashed, or were dead from the start.  Where crashes are elided (`events="elided"`), a
        crashed process is one that takes no more steps, no event says so, and it is never among these.
    inputs
        The inputs of the processes whose state keeps a field `input`.
    mail
        The letters waiting for each process.
    observers
        The states of the observers.
    faulty
        The processes that are not correct: `crashed`, those that are Byzantine, and those that may omit messages.
    several
        All decisions of the passive learners that have decided more than one value, which violates agreement.
    """

    states: Mapping[Pid, S]
    outputs: Mapping[Pid, Any]
    crashed: frozenset[Pid]
    inputs: Mapping[Pid, Hashable]
    mail: Mapping[Pid, tuple[Letter[Any], ...]]
    observers: Mapping[str, Any] = field(default_factory=dict)
    faulty: frozenset[Pid] = frozenset()
    several: Mapping[Pid, tuple[Any, ...]] = field(default_factory=dict)

    def __getitem__(self, pid: Pid) -> S:
        """Return the local state of a live process."""
        return self.states[pid]

    def each(self, reading: Reading) -> dict[Pid, Any]:
        """Return what a reading finds in the local state of each live process that has it.

        Parameters
        ----------
        reading
            The name of a field, or a function from a local state to what is read in it; None is nothing.
            A predicate that looks at states through readings only is asked once for each combination of what they
            find, which on a large graph is far less often than for each combination of local states.

        Examples
        --------
        >>> from flpcheck import record
        >>> @record
        ... class Replica:
        ...     log: tuple[str, ...]
        >>> View({"r": Replica(("x",)), "client": None}, {}, frozenset(), {}, {}).each("log")
        {'r': ('x',)}
        """
        found = ((pid, read(reading, state)) for pid, state in self.states.items())
        return {pid: value for pid, value in found if value is not None}

    def backwards(self) -> View[S]:
        """Return the same configuration with every set and every mapping in the opposite order.

        A predicate that answers differently on it depends on an order that means nothing.

        Examples
        --------
        >>> view = View({"a": 1, "b": 2}, {}, frozenset(), {}, {})
        >>> view.backwards() == view, list(view.backwards().states)
        (True, ['b', 'a'])
        """
        return View(
            states=_turned(self.states),
            outputs=_turned(self.outputs),
            crashed=backwards(self.crashed),
            inputs=_turned(self.inputs),
            mail=_turned(self.mail),
            observers=_turned(self.observers),
            faulty=backwards(self.faulty),
            several=_turned(self.several),
        )

    def choices(self) -> Iterator[View[S]]:
        """Yield the same configuration with each choice of one decision for each process that has several.

        Examples
        --------
        >>> view = View({}, {"learner": 0}, frozenset(), {}, {}, several={"learner": (0, 1)})
        >>> [one.outputs for one in view.choices()]
        [{'learner': 0}, {'learner': 1}]
        """
        if not self.several:
            yield self
            return
        for chosen in product(*self.several.values()):
            yield replace(self, outputs={**self.outputs, **dict(zip(self.several, chosen, strict=True))})


def _turned(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    return {name: backwards(mapping[name]) for name in reversed(list(mapping))}


Reading: TypeAlias = str | Callable[[Any], Any]
"""A field name, or a function that reads something from a local state; None for a process without it."""


def read(reading: Reading, state: Any) -> Any:
    """Return what a reading finds in a local state; None if it has no such field (a passive learner has no state)."""
    if state is None:
        return None
    return getattr(state, reading, None) if isinstance(reading, str) else reading(state)


@dataclass(frozen=True)
class Property:
    """Something that holds or does not.

    Parameters
    ----------
    name
        How options, tables and JSON call it.
    statement
        One sentence that says what it claims.
    predicate
        For the author's own: what it says about one configuration, or about one step.
    kind
        `standard`, `invariant` (true everywhere), `sometimes` (true somewhere) or `step` (true of every step).
    place
        Where it is written.
    log
        For a property of replicated logs: where a process keeps the entries that are final.
    """

    name: str
    statement: str
    predicate: Callable[..., bool] | None = None
    kind: str = "standard"
    place: Place | None = field(default=None, compare=False)
    log: Reading | None = field(default=None, compare=False, kw_only=True)

    @property
    def predicates(self) -> tuple[Callable[..., Any], ...]:
        """The author's functions: none of a standard property."""
        return () if self.predicate is None else (self.predicate,)

    def __call__(self, *seen: Any) -> bool:
        """Judge one configuration, or the two local states of a step, by the author's predicate.

        Where a passive learner has decided several values it is asked for each of them: an invariant must be true for
        all, and an obligation for one.

        Raises
        ------
        BadProperty
            If the predicate returns something other than a `bool` or a `numpy.bool_`.
        """
        if self.predicate is None:
            message = f"{self.name} is evaluated on the whole graph, not on one configuration"
            raise BadRequest(message)
        if self.kind in {"invariant", "sometimes"} and isinstance(seen[0], View):
            answers = (self._judge(view) for view in seen[0].choices())
            return any(answers) if self.kind == "sometimes" else all(answers)
        return self._judge(*seen)

    def _judge(self, *seen: Any) -> bool:
        assert self.predicate is not None
        answer = self.predicate(*seen)
        if isinstance(answer, bool):
            return answer
        if type(answer).__module__ == "numpy" and type(answer).__name__ in {"bool", "bool_"}:
            return bool(answer)
        raise self._no_bool(answer)

    def _no_bool(self, answer: object) -> BadProperty:
        """Return what to say of an answer whose truth value says something that the author did not mean."""
        kind = type(answer).__name__
        if answer is None:
            what, why = "nothing", "is a return missing?"
        elif callable(answer):
            what, why = f"a {kind}", f"() is missing: a {kind} is always true, whatever a call would return"
        elif kind in {"generator", "map", "filter"}:
            what, why = f"a {kind}", f"all(...) or any(...) is missing: a {kind} is always true, whatever it yields"
        else:
            what, why = f"{shorten(repr(answer))}, of type {kind}", "a property must return True or False"
        advice = "return a bool, such as all(...), len(...) == n or bool(...)"
        return BadProperty(f"{self.name} returned {what}", place=self.place, why=why, next_step=advice)


agreement = Property("agreement", "no two correct processes decide differently")
uniform_agreement = Property("uniform_agreement", "no two processes decide differently, crashed ones included")
validity = Property("validity", "if all processes propose the same value, only that value is decided (unanimity)")
any_input_validity = Property("any_input_validity", "every decided value is the input of some process")
correct_unanimity = Property(
    "correct_unanimity", "if all correct processes propose the same value, no correct process decides another"
)
interactive_consistency = Property(
    "interactive_consistency",
    "a correct process decides a vector, in the order of the processes, that holds the input of every correct process",
)
integrity = Property("integrity", "no process changes its decision")
non_triviality = Property("non_triviality", "at least two different values can be decided")
termination = Property("termination", "every correct process decides in every fair run")
deadlock_freedom = Property("deadlock_freedom", "wherever no event is possible, every live process has decided")

STANDARD: tuple[Property, ...] = (
    agreement,
    uniform_agreement,
    validity,
    any_input_validity,
    correct_unanimity,
    interactive_consistency,
    integrity,
    non_triviality,
    termination,
    deadlock_freedom,
)


def _own(function: Callable[..., bool], kind: str) -> Property:
    doc = (function.__doc__ or "").strip().splitlines()
    claim = doc[0].rstrip(".") if doc else function.__name__.replace("_", " ")
    return Property(function.__name__, claim, function, kind, place_of(function))


def invariant(function: Callable[[Any], bool]) -> Property:
    """Make a predicate over a `View` an invariant: it must be true in every reachable configuration.

    The first line of its docstring becomes the statement.  For a general protocol the argument is the configuration.

    Examples
    --------
    >>> @invariant
    ... def none_crashes(view: View[int]) -> bool:
    ...     '''No process ever crashes.'''
    ...     return not view.crashed
    >>> none_crashes.statement
    'No process ever crashes'
    """
    return _own(function, "invariant")


def sometimes(function: Callable[[Any], bool]) -> Property:
    """Make a predicate over a `View` an obligation: it must be true in at least one reachable configuration."""
    return _own(function, "sometimes")


def step_invariant(function: Callable[[Any, Any], bool]) -> Property:
    """Make a predicate over two local states an invariant of steps: true of every step that a process takes.

    It is asked for the local state of the process before and after the step; for a general protocol, for the
    configuration before and after every transition.  A step that leaves the whole configuration unchanged, as one that
    only sends to processes that have crashed or lie, is no transition, and is not asked about.

    Examples
    --------
    >>> @step_invariant
    ... def never_back(before: int, after: int) -> bool:
    ...     '''Counters never go back.'''
    ...     return after >= before
    >>> never_back(1, 2), never_back(2, 1)
    (True, False)
    """
    return _own(function, "step")
