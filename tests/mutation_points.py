"""Where a package can be mutated, by the operators of mutmut, and the mutated sources.

What no test of behaviour can or should notice is left out:

- annotations, `TYPE_CHECKING` blocks and `assert` statements, which only narrow types;
- errors (`raise`) and texts with a blank in them, which are sentences for a reader, pinned by documents;
- constants in capitals at the top of a module, which say how many are looked at or shown, and have no right value;
- `cast`, `show`, `shorten` and `place_of`, whose arguments end up in types and sentences;
- `strict=` of `zip`, which is a safeguard;
- what fails the first time that it runs: a value or an argument replaced by None, a positional argument removed.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_assignment, operator_string

SENTENCES = {"cast", "show", "shorten", "place_of", "TypeVar", "len", "isinstance"}


class Mutant(NamedTuple):
    """A file with one change."""

    file: str
    place: Point
    source: str
    diff: str

    @property
    def name(self) -> str:
        """The change, as it stands in lists of survivors."""
        return f"{self.file}: {self.diff}"


class Point(NamedTuple):
    """A node and its mutated form; the lines of the innermost statement around it, its header only if compound."""

    node: cst.CSTNode
    other: cst.CSTNode
    line: int
    first: int
    last: int


class Places(cst.CSTVisitor):
    """Collects nodes with their mutated forms, and the statement around each."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        self.found: list[Point] = []
        self._statements: list[tuple[int, int]] = []
        self._depth = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if self._skipped(node):
            return False
        if isinstance(node, cst.BaseStatement | cst.SimpleStatementLine):
            self._statements.append(self._lines(node))
        if isinstance(node, cst.FunctionDef):
            self._depth += 1
        if self._statements:
            line = self.get_metadata(PositionProvider, node).start.line if _placed(node) else self._statements[-1][0]
            self.found.extend(Point(node, other, line, *self._statements[-1]) for other in mutated(node))
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if self._skipped(original_node):
            return
        if isinstance(original_node, cst.BaseStatement | cst.SimpleStatementLine):
            self._statements.pop()
        if isinstance(original_node, cst.FunctionDef):
            self._depth -= 1

    def _lines(self, node: cst.CSTNode) -> tuple[int, int]:
        place = self.get_metadata(PositionProvider, node)
        body = getattr(node, "body", None)
        if isinstance(node, cst.BaseCompoundStatement) and isinstance(body, cst.IndentedBlock):
            return place.start.line, self.get_metadata(PositionProvider, body.body[0]).start.line - 1
        return place.start.line, place.end.line

    def _skipped(self, node: cst.CSTNode) -> bool:  # noqa: PLR0911  -- one answer for each kind of node
        match node:
            case cst.Annotation() | cst.Raise() | cst.Assert() | cst.Import() | cst.ImportFrom() | cst.Decorator():
                return True
            case cst.If(test=cst.Name(value="TYPE_CHECKING")):
                return True
            case cst.Call(func=cst.Name(value=called)) if called in SENTENCES:
                return True
            case cst.Assign(targets=[cst.AssignTarget(target=target), *_]) if not self._depth:
                names = [target] if isinstance(target, cst.Name) else [e.value for e in getattr(target, "elements", ())]
                return all(getattr(name, "value", "").isupper() or name.value == "__all__" for name in names)
            case cst.Arg(keyword=cst.Name(value="strict")):
                return True
            case cst.AnnAssign(annotation=cst.Annotation(annotation=cst.Name(value="TypeAlias"))):
                return True
            case _:
                return False


def mutated(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the mutated forms of a node."""
    for kind, operator in mutation_operators:
        if (
            not isinstance(node, kind)
            or operator is operator_assignment
            or (operator is operator_string and _is_text(node))
        ):
            continue
        for other in operator(node):
            if operator is not operator_arg_removal or _drops_a_keyword(node, other):
                yield other


def _drops_a_keyword(node: cst.CSTNode, other: cst.CSTNode) -> bool:
    assert isinstance(node, cst.Call)
    assert isinstance(other, cst.Call)
    kept = {argument.keyword.value for argument in other.args if argument.keyword} | {"strict"}
    return len(other.args) < len(node.args) and any(a.keyword and a.keyword.value not in kept for a in node.args)


def _placed(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.BaseExpression | cst.BaseStatement | cst.SimpleStatementLine)


def _is_text(node: cst.CSTNode) -> bool:
    """Return whether a string is a text to read rather than a name that the program compares."""
    return not isinstance(node, cst.SimpleString) or not str(node.evaluated_value).isidentifier()


def points_of(path: Path) -> tuple[cst.Module, list[Point]]:
    """Return a file as a tree, and where it can be mutated."""
    wrapper = MetadataWrapper(cst.parse_module(path.read_text(encoding="utf-8")))
    places = Places()
    wrapper.visit(places)
    return wrapper.module, places.found


def mutant(module: cst.Module, point: Point, file: str) -> Mutant:
    """Return a file with one change."""
    mutated = module.deep_replace(point.node, point.other)
    assert isinstance(mutated, cst.Module)
    return Mutant(file, point, mutated.code, _difference(module.code, mutated.code))


def _difference(before: str, after: str) -> str:
    """Return the changed lines of a mutant in one line."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    changed = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    old = " ".join(line[1:].strip() for line in changed if line.startswith("-"))
    return f"{old}  =>  {' '.join(line[1:].strip() for line in changed if line.startswith('+'))}"


def sampled(root: Path, package: str, number: int, seed: int) -> Iterator[Mutant]:
    """Yield mutants of a package in random order, no second one of a line while there are lines without any."""
    modules: dict[str, cst.Module] = {}
    by_line: dict[tuple[str, int], list[Point]] = defaultdict(list)
    for path in sorted((root / "flpcheck" / package).rglob("*.py")):
        file = path.relative_to(root).as_posix()
        modules[file], points = points_of(path)
        for point in points:
            by_line[file, point.line].append(point)
    at = {place: Random(f"{seed} {place}") for place in by_line}  # a place more or less changes nothing for the others
    order = sorted(by_line, key=lambda place: at[place].random())
    lines = [(place[0], at[place].sample(by_line[place], k=len(by_line[place]))) for place in order]
    turns = range(max((len(points) for _, points in lines), default=0))
    chosen = ((file, points[turn]) for turn in turns for file, points in lines if turn < len(points))
    for file, point in islice(chosen, number):
        yield mutant(modules[file], point, file)
