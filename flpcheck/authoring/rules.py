"""The rules of a step function: its `case` clauses (or returns), named by their comments, and which of them ran.

Where a step function leaves the rest to a method of the protocol, the rule there is named as well, if it has a comment.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import re
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import CodeType, FrameType
from typing import Any, TypeVar, get_type_hints

from flpcheck.authoring.admitted import kinds_of
from flpcheck.errors import BadProtocol, Place

R = TypeVar("R")


@dataclass(frozen=True)
class Rule:
    """One rule of a protocol: a return of a step function, named by the comment on its line or on its case.

    Parameters
    ----------
    name
        The comment, or the source text of the case.
    place
        The line of the return.
    idle
        True for a rule that changes nothing on purpose: `return s, ()` or `return DEFER`.
    named
        Whether the name is a comment.
    """

    name: str
    place: Place
    idle: bool
    named: bool


def unwrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the plain function below a bound method or a partial."""
    bound = _bound(function)
    return getattr(bound, "__func__", bound)


def _bound(function: Callable[..., Any]) -> Callable[..., Any]:
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _implementations(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """Return a step function and those of the same name that it may call by `super()`, the most special one first."""
    function = _bound(function)
    plain = unwrapped(function)
    owner = getattr(function, "__self__", None)
    inherited = [vars(cls).get(plain.__name__) for cls in type(owner).__mro__] if owner is not None else []
    return list(dict.fromkeys([plain, *(found for found in inherited if inspect.isfunction(found))]))


@functools.cache
def _helpers_of(owner: type, step: str) -> tuple[dict[tuple[str, int], str], frozenset[CodeType]]:
    """Return the comments on the returns of a protocol's methods, by file and line, and the methods that have any."""
    told: dict[tuple[str, int], str] = {}
    helping = set()
    for function in (f for cls in owner.__mro__ for name, f in vars(cls).items() if name != step):
        if inspect.isfunction(function):
            own = _comments_of(function)
            told |= own
            helping |= {function.__code__} if own else set()
    return told, frozenset(helping)


def _comments_of(function: Callable[..., Any]) -> dict[tuple[str, int], str]:
    rules = _rules_of(function, in_rounds=False)
    return {(rule.place.file, rule.place.line): rule.name for rule in rules if rule.named}


class RuleBook:
    """The rules of one step function, and what its signature says it takes.

    Attributes
    ----------
    rules
        By the place of their return, in the order of the file; those of a step function that this one overrides
        come after its own.
    kinds
        The classes that the annotation of the event parameter allows; empty without an annotation.
    """

    def __init__(self, function: Callable[..., Any], *, in_rounds: bool = False) -> None:
        self.function = unwrapped(function)
        self.code: CodeType = self.function.__code__
        self.name = self.function.__name__
        self.place = Place(self.code.co_filename, self.code.co_firstlineno)
        self.kinds = () if in_rounds else self._kinds()
        implementations = _implementations(function)
        self.codes = {implementation.__code__ for implementation in implementations}
        self.own = tuple(rule.place for rule in _rules_of(self.function, in_rounds=in_rounds))
        self.rules = {rule.place: rule for found in implementations for rule in _rules_of(found, in_rounds=in_rounds)}
        self._places = {(place.file, place.line): place for place in self.rules}
        self._left = {place for place in self.own if not self.rules[place].idle}
        owner: type = type(getattr(_bound(function), "__self__", None))
        self._helpers, helping = _helpers_of(owner, self.name)
        self.watched = self.codes | helping

    def _kinds(self) -> tuple[type, ...]:
        parameter = list(inspect.signature(self.function).parameters)[-1]
        try:
            hints = get_type_hints(self.function, localns=_closure(self.function), include_extras=True)
        except (NameError, TypeError, AttributeError, SyntaxError) as error:
            raise BadProtocol(
                f"the annotation of {parameter!r} cannot be read: {error}",
                place=self.place,
                why="it determines which messages the step takes, and liars send no others",
                next_step="import it outside TYPE_CHECKING, or define it at the top level of the file",
            ) from error
        return kinds_of(hints.get(parameter))

    def admits(self, kind: type) -> bool:
        """Return whether the step takes events of a class, from whomever: without an annotation it takes all."""
        return not self.kinds or issubclass(kind, self.kinds)

    def watch(self, call: Callable[[], R]) -> tuple[R, Rule | None]:
        """Run a step and return its answer with the rule that gave it.

        Lines are traced only inside the step function and its helpers, and an outer tracer is put back afterwards.
        """
        lines: list[tuple[str, int]] = []

        def on_line(frame: FrameType, event: str, _: object) -> Any:
            if event == "line":
                lines.append((frame.f_code.co_filename, frame.f_lineno))
            return on_line

        def on_call(frame: FrameType, _: str, __: object) -> Any:
            return on_line if frame.f_code in self.watched else None

        outer = sys.gettrace()
        sys.settrace(on_call)
        try:
            answer = call()
        finally:
            sys.settrace(outer)
        return answer, self._last(lines)

    def _last(self, lines: list[tuple[str, int]]) -> Rule | None:
        passed = [self._places[line] for line in lines if line in self._places]
        self._left.difference_update(passed)
        told = [self._helpers[line] for line in lines if line in self._helpers]
        if not passed or not told:
            return self.rules[passed[-1]] if passed else None
        rule = self.rules[passed[-1]]
        return replace(rule, name="; ".join(dict.fromkeys([rule.name, *told] if rule.named else told)))

    @property
    def names(self) -> list[str]:
        """The names that rules have, alone or joined with those of helpers by `; `."""
        return list(dict.fromkeys([*(rule.name for rule in self.rules.values()), *self._helpers.values()]))

    @property
    def helpers(self) -> list[Rule]:
        """The rules with a comment in the methods to which the step function leaves the rest."""
        return [Rule(name, Place(*at), idle=False, named=True) for at, name in self._helpers.items()]

    def never_taken(self) -> list[Rule]:
        """Return the rules that no step took; not those that ignore on purpose, nor those that are overridden."""
        return [self.rules[place] for place in self.own if place in self._left]


def _closure(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the names that a function takes from the functions around it, as far as they have a value."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    found = {}
    for name, cell in cells:
        with contextlib.suppress(ValueError):
            found[name] = cell.cell_contents
    return found


@functools.cache
def _rules_of(function: Callable[..., Any], *, in_rounds: bool) -> tuple[Rule, ...]:
    """Return the rules that one function writes down; none if its source is not at hand.

    What dataclasses generate calls its file `<string>`, and from Python 3.13 on so does what `python -c` runs.
    """
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, SyntaxError):
        return ()
    if not tree.body or getattr(tree.body[0], "name", "") != inspect.unwrap(unwrapped(function)).__code__.co_name:
        return ()
    parameters = list(inspect.signature(function).parameters)
    place = -3 if in_rounds else -2  # receive(at, state, round, heard), or step(at, state, event)
    state = parameters[place] if len(parameters) >= -place else ""
    finder = _Returns(lines, first, function.__code__.co_filename, state, in_rounds=in_rounds)
    finder.visit(tree)
    return tuple(finder.rules)


class _Returns(ast.NodeVisitor):
    """Collects the returns of a step function with the names of the cases around them."""

    def __init__(self, lines: list[str], first: int, file: str, state: str, *, in_rounds: bool) -> None:
        self.lines, self.first, self.file, self.state = lines, first, file, state
        self.in_rounds = in_rounds
        self.cases: list[int] = []
        self.rules: list[Rule] = []
        self.assigned = False  # whether the name of the state stands for something else by now

    def visit_Name(self, node: ast.Name) -> None:
        self.assigned |= node.id == self.state and isinstance(node.ctx, ast.Store)

    def visit_match_case(self, node: ast.match_case) -> None:
        self.cases.append(node.pattern.lineno)
        self.generic_visit(node)
        self.cases.pop()

    def visit_Return(self, node: ast.Return) -> None:
        around = self.cases[-1:] or [node.lineno]
        comment = _name(self.lines, node.lineno) or _name(self.lines, around[0])
        name = comment or self.lines[around[0] - 1].strip().rstrip(":")
        place = Place(self.file, self.first + node.lineno - 1)
        self.rules.append(Rule(name, place, self._idle(node.value), named=bool(comment)))

    def _idle(self, value: ast.expr | None) -> bool:
        match value:
            case ast.Name("DEFER"):
                return True
            case ast.Name(name) if self.in_rounds:
                return name == self.state and not self.assigned
            case ast.Tuple([ast.Name(name), ast.Tuple([])]):
                return name == self.state and not self.assigned
        return False


def _name(lines: list[str], number: int) -> str:
    """Return the comment on a line, counted from 1, or on a line of its own above it."""
    above = lines[number - 2].strip() if number > 1 else ""
    return _comment(lines[number - 1]) or (_comment(above) if above.startswith("#") else "")


def _comment(line: str) -> str:
    found = re.search(r"#\s*(.+?)\s*$", line)
    return found.group(1) if found else ""
