"""The rules of a step function: its `case` clauses (or returns), named by their comments, and which of them ran."""

from __future__ import annotations

import ast
import functools
import inspect
import re
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any, TypeVar, get_type_hints

from flpcheck.authoring.values import annotated_kinds
from flpcheck.errors import Place

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
    """

    name: str
    place: Place
    idle: bool


def unwrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the plain function below a bound method or a partial."""
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__func__", function)


class RuleBook:
    """The rules of one step function, and what its signature says it takes.

    Attributes
    ----------
    rules
        By line of their return, in the order of the file.
    kinds
        The classes that the annotation of the event parameter allows; empty without an annotation.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = unwrapped(function)
        self.code: CodeType = self.function.__code__
        self.name = self.function.__name__
        self.place = Place(self.code.co_filename, self.code.co_firstlineno)
        self.kinds = self._kinds()
        self.rules: dict[int, Rule] = {rule.place.line: rule for rule in self._parse()}
        self.taken: set[int] = set()

    def _kinds(self) -> tuple[type, ...]:
        parameter = list(inspect.signature(self.function).parameters)[-1]
        try:
            hints = get_type_hints(self.function)
        except (NameError, TypeError):
            return ()
        return annotated_kinds(hints, parameter)

    def watch(self, call: Callable[[], R]) -> tuple[R, Rule | None]:
        """Run a step and return its answer with the rule that gave it.

        Lines are traced only inside the step function itself, and an outer tracer is put back afterwards.
        """
        lines: list[int] = []

        def on_line(frame: FrameType, event: str, _: object) -> Any:
            if event == "line":
                lines.append(frame.f_lineno)
            return on_line

        def on_call(frame: FrameType, _: str, __: object) -> Any:
            return on_line if frame.f_code is self.code else None

        outer = sys.gettrace()
        sys.settrace(on_call)
        try:
            answer = call()
        finally:
            sys.settrace(outer)
        return answer, self._last(lines)

    def _last(self, lines: list[int]) -> Rule | None:
        for line in reversed(lines):
            if line in self.rules:
                self.taken.add(line)
                return self.rules[line]
        return None

    def never_taken(self) -> list[Rule]:
        """Return the rules that no step took, those that ignore on purpose left out."""
        return [rule for line, rule in self.rules.items() if line not in self.taken and not rule.idle]

    def _parse(self) -> list[Rule]:
        try:
            lines, first = inspect.getsourcelines(self.function)
        except OSError:
            return []
        tree = ast.parse(textwrap.dedent("".join(lines)))
        finder = _Returns(lines, first, self.place.file, self._state_name())
        finder.visit(tree)
        return finder.rules

    def _state_name(self) -> str:
        parameters = list(inspect.signature(self.function).parameters)
        return parameters[-2] if len(parameters) > 1 else ""


class _Returns(ast.NodeVisitor):
    """Collects the returns of a step function with the names of the cases around them."""

    def __init__(self, lines: list[str], first: int, file: str, state: str) -> None:
        self.lines, self.first, self.file, self.state = lines, first, file, state
        self.cases: list[str] = []
        self.rules: list[Rule] = []
        self.assigned = False  # whether the name of the state stands for something else by now

    def visit_Name(self, node: ast.Name) -> None:
        self.assigned |= node.id == self.state and isinstance(node.ctx, ast.Store)

    def visit_match_case(self, node: ast.match_case) -> None:
        line = node.pattern.lineno
        self.cases.append(_comment(self.lines[line - 1]) or self.lines[line - 1].strip().rstrip(":"))
        self.generic_visit(node)
        self.cases.pop()

    def visit_Return(self, node: ast.Return) -> None:
        text = self.lines[node.lineno - 1]
        name = _comment(text) or (self.cases[-1] if self.cases else text.strip())
        place = Place(self.file, self.first + node.lineno - 1)
        self.rules.append(Rule(name, place, self._idle(node.value)))

    def _idle(self, value: ast.expr | None) -> bool:
        match value:
            case ast.Name("DEFER"):
                return True
            case ast.Tuple([ast.Name(name), ast.Tuple([])]):
                return name == self.state and not self.assigned
        return False


def _comment(line: str) -> str:
    found = re.search(r"#\s*(.+?)\s*$", line)
    return found.group(1) if found else ""
