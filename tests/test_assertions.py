"""No assertion of the tests is of a kind that cannot fail, or that leaves open what is the case."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

TESTS = sorted(Path(__file__).parent.rglob("*.py"))
VALUES = (ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Constant, ast.JoinedStr, ast.Lambda, ast.GeneratorExp)
"""What is true, or false, whatever is the case."""


def weak(source: str) -> list[tuple[int, str]]:
    """Return the weak assertions of a file: (line, why)."""
    return [(line, why) for line, why in _weak_below(ast.parse(source), frozenset(), single=False) if why]


def _weak_below(node: ast.AST, parameters: frozenset[str], *, single: bool) -> Iterator[tuple[int, str]]:
    """Yield the line of each assertion with what is wrong with it; `single`: in a test of one case, in no loop."""
    for child in ast.iter_child_nodes(node):
        its, one = parameters, single and not isinstance(child, ast.For | ast.While)
        if isinstance(child, ast.FunctionDef):
            its, one = _parametrized(child), child.name.startswith("test_") and not child.decorator_list
        if isinstance(child, ast.Assert):
            yield child.lineno, _fault(child.test, its, single=one)
        yield from _weak_below(child, its, single=one)


def _parametrized(function: ast.FunctionDef) -> frozenset[str]:
    """Return the parameters that a test gets from `parametrize`."""
    marks = [call for call in function.decorator_list if isinstance(call, ast.Call) and call.args]
    named = {node.value for mark in marks for node in ast.walk(mark.args[0]) if isinstance(node, ast.Constant)}
    texts = (name for name in named if isinstance(name, str))
    return frozenset(part.strip() for text in texts for part in text.split(","))


def _fault(test: ast.expr, parameters: frozenset[str], *, single: bool) -> str:
    plain = test.operand if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) else test
    if isinstance(plain, ast.IfExp):
        return "`A if B else C == D` compares D with C only: put parentheses around the first part"
    if isinstance(plain, VALUES):
        return "it does not depend on anything"
    if not (isinstance(plain, ast.BoolOp) and isinstance(plain.op, ast.Or)):
        return ""
    if any(_implies(one, other) for one, other in permutations(plain.values, 2)):
        return "one side follows from the other"
    if any(_asks_for(side, parameters) for side in plain.values):
        return "for some parameters it asserts nothing: parametrize what is expected"
    return "a test of one case knows which side is true" if single else ""


def _implies(one: ast.expr, other: ast.expr) -> bool:
    """Whether `'ab' in x` stands beside `'b' in x`, or a side is there twice."""
    match one, other:
        case (
            ast.Compare(ast.Constant(str(longer)), [ast.In()], [inside]),
            ast.Compare(ast.Constant(str(shorter)), [ast.In()], [same]),
        ):
            return shorter in longer and ast.dump(inside) == ast.dump(same)
    return ast.dump(one) == ast.dump(other)


def _asks_for(side: ast.expr, parameters: frozenset[str]) -> bool:
    """Whether a side only asks which case of a parametrized test this is."""
    names = {node.id for node in ast.walk(side) if isinstance(node, ast.Name)}
    return isinstance(side, ast.Compare) and bool(names) and names <= parameters


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_no_assertion_is_weak(path: Path) -> None:
    assert weak(path.read_text(encoding="utf-8")) == []


WEAK = {
    "a conditional": "assert a if b else c == d",
    "a tuple": "assert (a, 'message')",
    "a constant": "assert 'yes'",
    "the same twice": "assert a or a",
    "a part of the other": "assert 'p0 starts' in out or 'starts' in out",
    "a parameter": "@pytest.mark.parametrize('a', X)\ndef test_it(a):\n    assert found(a) or a == 'github'",
    "a parameter of several": "@pytest.mark.parametrize(('n', 'm'), X)\ndef test_it(n, m):\n    assert a(n) or m == 2",
    "one case": "def test_it():\n    assert 'outside' not in verdicts or 'only p0' in because",
}
STRONG = {
    "parentheses": "assert (a if b else c) == d",
    "a message": "assert a, 'message'",
    "two different texts": "assert 'p0 starts' in out or 'p1 starts' in out",
    "a loop": "def test_it():\n    for x in xs:\n        assert x is None or x > 1",
    "a helper": "def helper(x):\n    assert x is None or x > 1",
}


@pytest.mark.parametrize("name", WEAK)
def test_weak_assertions_are_found(name: str) -> None:
    assert len(weak(WEAK[name])) == 1


@pytest.mark.parametrize("name", STRONG)
def test_other_assertions_are_let_through(name: str) -> None:
    assert weak(STRONG[name]) == []
