"""`@protocol`: a class whose fields are the parameters and whose methods are the rules."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, TypeVar, dataclass_transform, get_type_hints

from flpcheck.authoring.actions import Action, derive_successors
from flpcheck.authoring.process import Observer
from flpcheck.authoring.rounds import RoundProcess
from flpcheck.authoring.values import place_of, shorten
from flpcheck.errors import BadProtocol, BadRequest, FlpcheckError, NondeterministicStep, nearest
from flpcheck.failure import raised

T = TypeVar("T")
MOST_PROCESSES = 64
"""Maximum number of processes of a protocol."""

ACTIONS = "return [Action(self.rule, ...), ...], in the order in which transitions are to be found"


_CONSTANT = "model constant"
Constant = Annotated[T, _CONSTANT]
"""A parameter that is a finite bound belonging to the model, such as `ballots: Constant[int] = 2`.

Termination verdicts are labelled with it, because with finitely many retries giving up looks like blocking.
"""


@dataclass_transform(frozen_default=True)
def protocol(cls: type[T]) -> type[T]:
    """Make a class a protocol; its annotated fields become parameters, with types and defaults.

    An event-driven protocol has `processes(self)`, and may have `observers(self)`.  One whose processes are
    `RoundProcess`es may say how many `rounds` it runs, after how many it repeats itself (`period`), and which
    `signatures(self, message)` a message bears, as (signer, statement) pairs.  A general one has
    `initial(self)`, and `actions(self)`, a list of `Action`s from which its `successors(self, configuration)` follow;
    or it defines those itself.  It may have `decisions(self, configuration)`.

    Raises
    ------
    BadProtocol
        If the class has none of `processes`, `actions` and `successors`, or both of the last two, or a parameter has
        no default.
    """
    made = dataclasses.dataclass(frozen=True)(cls)
    if not hasattr(made, "processes"):
        derive_successors(made)
    if not hasattr(made, "processes") and not hasattr(made, "successors"):
        raise BadProtocol(
            f"protocol {cls.__name__} has none of `processes`, `actions` and `successors`",
            place=place_of(cls),
            next_step="define processes(self) for an event-driven protocol, or initial(self) and actions(self)",
        )
    for field in dataclasses.fields(made):  # type: ignore[arg-type]
        if field.default is dataclasses.MISSING:
            raise BadProtocol(
                f"parameter {field.name!r} of {cls.__name__} has no default",
                place=place_of(cls),
                next_step=f"write `{field.name}: int = 3`, so that the spec runs without options",
            )
    made.__flpcheck_protocol__ = True  # type: ignore[attr-defined]
    return made


def is_protocol(thing: object) -> bool:
    """Return whether a thing is a class made by `@protocol`."""
    return inspect.isclass(thing) and getattr(thing, "__flpcheck_protocol__", False)


def is_general(model: Any) -> bool:
    """Return whether a protocol uses the general front end."""
    return hasattr(model, "successors")


def is_in_rounds(model: Any) -> bool:
    """Return whether the processes of a protocol run in rounds."""
    return not is_general(model) and any(isinstance(process, RoundProcess) for process in members(model))


def round_members(model: Any) -> tuple[RoundProcess[Any, Any], ...]:
    """Return the processes of a protocol in rounds, checked to have different names and to be of one kind."""
    found = members(model)
    for process in found:
        if not isinstance(process, RoundProcess):
            what = f"process {process.name!r} is not a RoundProcess, but others are"
            raise BadProtocol(
                what, place=place_of(type(model).processes), next_step="make all of them RoundProcess, or none"
            )
    return found


def parameters(model: Any) -> dict[str, Any]:
    """Return the parameters of a protocol, in order, with their values; model constants are not among them."""
    return {f.name: getattr(model, f.name) for f in dataclasses.fields(model) if not _is_constant(model, f.name)}


def constants(model: Any) -> dict[str, Any]:
    """Return the model constants of a protocol, in order, with their values."""
    return {f.name: getattr(model, f.name) for f in dataclasses.fields(model) if _is_constant(model, f.name)}


def _is_constant(model: Any, name: str) -> bool:
    hint = get_type_hints(type(model), include_extras=True)[name]
    return _CONSTANT in getattr(hint, "__metadata__", ())


def with_parameters(model: T, changes: dict[str, str]) -> T:
    """Return the protocol with some parameters changed, given as text.

    Raises
    ------
    BadRequest
        If there is no such parameter, or the text is not of its type.
    """
    hints = get_type_hints(type(model))
    names = [f.name for f in dataclasses.fields(model)]  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for name, text in changes.items():
        if name not in names:
            raise BadRequest(
                f"{type(model).__name__} has no parameter {name!r}",
                place=place_of(type(model)),
                why=nearest(name, names),
                next_step="parameters are the fields of the protocol class",
            )
        values[name] = _parse(name, text, hints[name])
    return dataclasses.replace(model, **values)  # type: ignore[type-var]


def _parse(name: str, text: str, kind: Any) -> Any:
    if kind is bool and text.lower() in {"true", "false", "yes", "no", "1", "0"}:
        return text.lower() in {"true", "yes", "1"}
    if kind is str:
        return text
    if kind in {int, float}:
        try:
            return kind(text)
        except ValueError:
            pass
    expected = getattr(kind, "__name__", str(kind))
    raise BadRequest(
        f"parameter {name!r} must be of type {expected}, got {text!r}",
        next_step=f"write -p {name}=VALUE with a value of type {expected}",
    )


def asked(model: Any, method: str, *arguments: Any) -> Any:
    """Return the result of a method of a protocol, an iterator read to its end; an exception is the author's error.

    Raises
    ------
    BadProtocol
        With the line of the spec on which the exception was raised.
    """
    try:
        found = getattr(model, method)(*arguments)
        return list(found) if isinstance(found, Iterator) else found
    except FlpcheckError:
        raise
    except Exception as error:
        what = f"{method}() of {type(model).__name__} raised an exception"
        raise raised(BadProtocol, what, error, place=place_of(type(model))) from error


def members(model: Any) -> tuple[Any, ...]:
    """Return the processes of a protocol, checked to have different names.

    They are `Process` and `PassiveLearner`, or `RoundProcess`.
    """
    found = several(model, "processes", "return a list of Process(...)")
    for process in found:
        if not isinstance(getattr(process, "name", None), str):
            what = f"processes() returned {shorten(repr(process))} among others, which is not a process"
            raise _bad_processes(model, what, 'return Process("p0", self.step, start=...)')
    names = [process.name for process in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _bad_processes(model, f"two processes are named {twice[0]!r}", "give each process its own name")
    if not found:
        raise _bad_processes(model, "the protocol has no processes", "return at least one Process")
    if len(found) > MOST_PROCESSES:
        what = f"the protocol has {len(found)} processes; the maximum is {MOST_PROCESSES}"
        why = "a set of processes is stored in one machine word"
        raise _bad_processes(model, what, "use fewer processes; protocols rarely need more than seven", why)
    return found


def _bad_processes(model: Any, what: str, next_step: str, why: str = "") -> BadProtocol:
    """Return the error for what `processes` returned; finding its place is dear, so it is looked for here alone."""
    return BadProtocol(what, place=place_of(type(model).processes), why=why, next_step=next_step)


def several(model: Any, method: str, advice: str, *arguments: Any) -> tuple[Any, ...]:
    """Return what a method of a protocol lists.

    Raises
    ------
    BadProtocol
        If it raises an exception, or what it returns is no list.
    """
    found = asked(model, method, *arguments)
    if not isinstance(found, Iterable) or isinstance(found, (str, bytes, set, frozenset)):
        what = f"{method}() returned {shorten(repr(found))} instead of a list"
        place = place_of(getattr(type(model), method))
        raise BadProtocol(what, place=place, why=_forgotten(found), next_step=advice)
    return tuple(found)


def named_values(model: Any, method: str, *arguments: Any) -> dict[Any, Any]:
    """Return the mapping from names of processes that a method of a protocol returns."""
    found = asked(model, method, *arguments)
    if not isinstance(found, Mapping):
        what = f"{method}() returned {shorten(repr(found))} instead of a dict"
        place = place_of(getattr(type(model), method))
        raise BadProtocol(what, place=place, why=_forgotten(found), next_step="return {process: value, ...}, or {}")
    return dict(found)


def _forgotten(found: Any) -> str:
    return "a function without a return returns None" if found is None else ""


def actions_of(model: Any) -> tuple[Action, ...]:
    """Return the actions of a general protocol, in canonical order; none if it defines `successors` itself.

    Raises
    ------
    BadProtocol
        If `actions` returns anything but actions whose rules are methods of the protocol.
    NondeterministicStep
        If two calls return different actions.
    """
    if not hasattr(model, "actions"):
        return ()
    found, again = (several(model, "actions", ACTIONS) for _ in range(2))
    for action in (*found, *again):
        _refuse_action(model, action)
    if [action.identity for action in found] != [action.identity for action in again]:
        what = "actions() is nondeterministic: two calls returned different actions"
        raise NondeterministicStep(what, place=place_of(type(model).actions), next_step="return them in a fixed order")
    return found


def _refuse_action(model: Any, action: Any) -> None:
    place = place_of(type(model).actions)
    if not isinstance(action, Action):
        what = f"actions() returned {shorten(repr(action))} among others, which is not an Action"
        raise BadProtocol(what, place=place, next_step=ACTIONS)
    if getattr(action.rule, "__self__", None) is not model:
        what = f"the rule of an action is {shorten(repr(action.rule))}, which is not a method of this protocol"
        raise BadProtocol(what, place=place, next_step="define rule(self, c, ...) in the class, and name it self.rule")


def observers_of(model: Any) -> tuple[Observer[Any, Any], ...]:
    """Return the observers of an event-driven protocol."""
    if not hasattr(model, "observers"):
        return ()
    advice = "return a list of Observer(...)"
    found = several(model, "observers", advice)
    for observer in found:
        if not isinstance(observer, Observer):
            what = f"observers() returned {shorten(repr(observer))} among others, which is not an Observer"
            raise BadProtocol(what, place=place_of(type(model).observers), next_step=advice)
    return found
