"""Random general protocols by actions: random guards over random fields, and random ways to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from random import Random
from typing import Any, TypeAlias

from flpcheck import Action, Event, protocol, put, record, replace

Term: TypeAlias = tuple[Any, ...]
Steps: TypeAlias = Iterator[tuple[Event, "Board"]]
CELLS, TOP = 2, 3


@record
class Cell:
    """Two fields, one of which may be empty."""

    a: int = 0
    b: int | None = None

    @property
    def full(self) -> bool:
        return self.b is not None

    def risen(self) -> Cell:
        return replace(self, a=min(self.a + 1, TOP - 1))


@record
class Board:
    """Records in a tuple, a set, a tuple whose length varies, and a plain field."""

    cells: tuple[Cell, ...]
    bag: frozenset[int] = frozenset()
    log: tuple[int, ...] = ()
    flag: int = 0


@protocol
class RandomGuards:
    """A protocol made of random actions."""

    rules: Any = ()  # for each action: process or None, guard, what to say, effects
    limits: Any = None  # a guard that keeps within the constraint

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> Iterator[Board]:
        yield from (Board((Cell(a), Cell(0, b))) for a in (0, 1) for b in (None, 0))

    def actions(self) -> list[Action]:
        return [Action(self.rule, number) for number in range(len(self.rules))]

    def rule(self, c: Board, number: int) -> Steps:
        process, guard, say, several = self.rules[number]
        if holds(guard, c):
            for effects in several:
                after = c
                for effect in effects:
                    after = done(effect, after)
                yield Event(f"rule {number}", process, message=value(say, c), world=process is None), after

    def decisions(self, c: Board) -> dict[str, int | None]:
        return {"p0": c.cells[0].b, "p1": c.cells[1].b if c.flag else None}


@protocol
class Confined(RandomGuards):
    """The same within a constraint."""

    def constraint(self, c: Board) -> bool:
        return holds(self.limits, c)


@protocol
class Tossing(RandomGuards):
    """The same, where a process whose rule has two outcomes tosses a coin that may be loaded."""

    def rule(self, c: Board, number: int) -> Steps:
        process, _, _, several = self.rules[number]
        heads = Fraction(1, 2 + number % 2)
        chances = (heads, 1 - heads) if process and len(several) == 2 else (None,) * len(several)
        for chance, (event, after) in zip(chances, super().rule(c, number), strict=False):
            yield replace(event, chance=chance), after


VALUES: dict[str, Callable[..., Any]] = {
    "const": lambda _, x: x,
    "a": lambda c, i: c.cells[i].a,
    "b": lambda c, i: c.cells[i].b,
    "flag": lambda c: c.flag,
    "cell": lambda c, i: c.cells[i],
    "size": lambda c: len(c.bag),
    "last": lambda c: c.log[-1] if c.log else None,
    "sum": lambda c: sum(cell.a for cell in c.cells) % TOP,
}
GUARDS: dict[str, Callable[..., bool]] = {
    "is": lambda c, left, right: value(left, c) == value(right, c),
    "empty": lambda c, i: c.cells[i].b is None,
    "full": lambda c, i: c.cells[i].full,
    "in": lambda c, x: x in c.bag,
    "covers": lambda c, xs: frozenset(xs) <= c.bag,
    "same cells": lambda c: c.cells[0] == c.cells[1],
    "any": lambda c, x: any(cell.a == x for cell in c.cells),
    "short": lambda c: len(c.log) < 2,
    "not": lambda c, one: not holds(one, c),
    "and": lambda c, one, other: holds(one, c) and holds(other, c),
    "or": lambda c, one, other: holds(one, c) or holds(other, c),
}
EFFECTS: dict[str, Callable[..., Board]] = {
    "set a": lambda c, i, term: replace(c, cells=put(c.cells, i, replace(c.cells[i], a=value(term, c) or 0))),
    "copy b": lambda c, i, term: _copied(c, i, Cell(c.cells[i].a, value(term, c))),
    "rise": lambda c, i: replace(c, cells=tuple(one.risen() if j == i else one for j, one in enumerate(c.cells))),
    "swap": lambda c: replace(c, cells=(c.cells[1], c.cells[0])),
    "add": lambda c, x: replace(c, bag=c.bag | {x}),
    "drop": lambda c, x: replace(c, bag=c.bag - {x}),
    "clear": lambda c: replace(c, bag=frozenset()),
    "keep": lambda c, x: replace(c, bag=frozenset(one for one in c.bag if one != x)),
    "push": lambda c, x: replace(c, log=(*c.log, x)[-2:]),
    "flag": lambda c, term: replace(c, flag=int(bool(value(term, c)))),
}


def _matches(c: Board, x: int) -> bool:
    match c.cells:
        case (Cell(a=a), Cell(b=None)):
            return a == x
    return False


GUARDS["match"] = _matches


def value(term: Term, c: Board) -> Any:
    """Return what a term means: a constant, or a part of the configuration."""
    return VALUES[term[0]](c, *term[1:])


def holds(guard: Term, c: Board) -> bool:
    """Return whether a guard holds; it looks no further than it must."""
    return GUARDS[guard[0]](c, *guard[1:])


def done(effect: Term, c: Board) -> Board:
    """Return the configuration after an effect, by one of several ways to write it."""
    return EFFECTS[effect[0]](c, *effect[1:])


def _copied(c: Board, i: int, cell: Cell) -> Board:
    """Return the board with another cell, copied as authors do it by hand."""
    return Board((*c.cells[:i], cell, *c.cells[i + 1 :]), c.bag, c.log, c.flag)


def random_guards(seed: int, *, confined: bool = False) -> RandomGuards:
    """Return a protocol of a few actions."""
    at = Random(seed)
    rules = tuple(
        (
            at.choice(["p0", "p1", None]),
            _guard(at, 3),
            _term(at),
            tuple(_effects(at) for _ in range(at.choice([1, 1, 2]))),
        )
        for _ in range(at.randrange(2, 7))
    )
    return Confined(rules, ("not", _guard(at, 1))) if confined else RandomGuards(rules)


def random_coins(seed: int) -> Tossing:
    """Return a protocol of a few actions, some of which toss coins."""
    return Tossing(random_guards(seed).rules)


def _term(at: Random) -> Term:
    kinds: list[Term] = [("const", at.randrange(TOP)), ("a", at.randrange(CELLS)), ("b", at.randrange(CELLS))]
    return at.choice([*kinds, ("flag",), ("size",), ("last",), ("sum",), ("cell", at.randrange(CELLS))])


def _number(at: Random) -> Term:
    return at.choice([("const", at.randrange(TOP)), ("a", at.randrange(CELLS)), ("b", at.randrange(CELLS)), ("sum",)])


def _guard(at: Random, depth: int) -> Term:
    if depth and at.random() < 0.6:
        kind = at.choice(["and", "or", "and", "not"])
        return (kind, _guard(at, depth - 1)) if kind == "not" else (kind, _guard(at, depth - 1), _guard(at, depth - 1))
    i, x = at.randrange(CELLS), at.randrange(TOP)
    leaves: list[Term] = [
        ("is", _term(at), _term(at)), ("is", _number(at), _number(at)), ("empty", i), ("full", i), ("in", x),
        ("covers", (x, (x + 1) % TOP)), ("same cells",), ("any", x), ("short",), ("match", x),
    ]  # fmt: skip
    return at.choice(leaves)


def _effects(at: Random) -> tuple[Term, ...]:
    return tuple(_effect(at) for _ in range(at.choice([1, 1, 2])))


def _effect(at: Random) -> Term:
    i, x = at.randrange(CELLS), at.randrange(TOP)
    kinds: list[Term] = [
        ("set a", i, _number(at)), ("copy b", i, _number(at)), ("rise", i), ("swap",), ("add", x), ("drop", x),
        ("clear",), ("keep", x), ("push", at.randrange(2)), ("flag", _term(at)),
    ]  # fmt: skip
    return at.choice(kinds)
