"""Places where a function walks through a set that it has just built: the order differs from run to run.

Sets in states and messages are found out by asking twice, but a set that a step builds for itself iterates in the same
order both times.  These places are suspicious, not wrong: the sum of a set does not depend on its order.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from flpcheck.errors import Place

WALKING = {"iter", "next", "list", "tuple", "enumerate", "zip", "map", "reversed"}
BUILDING = {"set", "frozenset"}


def suspicious_places(file: str) -> list[Place]:
    """Return the lines of a file that walk through a set built in the same function, in no particular order.

    Parameters
    ----------
    file
        A Python file without syntax errors.
    """
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [Place(file, line) for line in sorted({line for f in functions for line in _lines(f)})]


def _lines(function: ast.FunctionDef) -> Iterator[int]:
    names = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and _is_set(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for walked in _walked(function):
        if _is_set(walked, names):
            yield walked.lineno


def _walked(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """Yield the expressions that are iterated over one by one."""
    unordered = set(map(id, _consumed_whole(function)))
    for node in ast.walk(function):
        if isinstance(node, ast.For):
            yield node.iter
        elif isinstance(node, (ast.ListComp, ast.GeneratorExp)) and id(node) not in unordered:
            yield from (generator.iter for generator in node.generators)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WALKING:
            yield from node.args


def _consumed_whole(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """Yield comprehensions whose order does not matter, because a sorted list, a set or a sum is made of them."""
    whole = BUILDING | {"sorted", "sum", "any", "all", "len", "min", "max"}
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in whole:
            yield from node.args


def _is_set(node: ast.expr, names: set[str]) -> bool:
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Call(ast.Name(name)):
            return name in BUILDING
        case ast.Name(name):
            return name in names
        case ast.BinOp(left, ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor(), right):
            return _is_set(left, names) or _is_set(right, names)
    return False
