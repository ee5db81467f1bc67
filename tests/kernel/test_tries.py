"""General protocols in the kernel: what rules read is traced, and both engines find the same."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from generators.guards import random_guards
from kernel.same_engines import assert_equal, assert_same, same

from flpcheck import (
    HOLDS,
    VIOLATED,
    Action,
    Bounds,
    Event,
    agreement,
    asynchronous,
    deadlock_freedom,
    integrity,
    load,
    protocol,
    put,
    record,
    replace,
    system_of,
)  # fmt: skip
from flpcheck.analyse.case import Case
from flpcheck.analyse.properties import judge
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import SpecError
from flpcheck.explore import engine, explore, layout, reference
from flpcheck.system import System

pytest.importorskip("numba")
from flpcheck.explore.checkpoint import Checkpoint
from flpcheck.explore.tries import building, front, proxies, shape

QUICK = 400


def assert_same_guards(seed: int, **options: Any) -> None:
    made = random_guards(seed, **options)
    for crashes in (0, 1):
        assert_same(lambda: system_of(made, asynchronous(crashes=crashes)), Bounds(configurations=QUICK))  # noqa: B023


@pytest.mark.sampled(4)
@pytest.mark.parametrize("seed", range(12))
def test_random_guards_over_random_fields(seed: int) -> None:
    assert_same_guards(seed)


@pytest.mark.long
@pytest.mark.parametrize("first", range(100, 220, 40))
def test_many_random_guards(first: int) -> None:
    for seed in range(first, first + 40):
        assert_same_guards(seed)


@pytest.mark.parametrize("seed", range(6))
def test_random_constraints(seed: int) -> None:
    assert_same_guards(seed, confined=True)


def test_tables_and_fields_that_start_minimal(monkeypatch: pytest.MonkeyPatch) -> None:
    def exact(needs: list[int], _: Any, words: int) -> list[int]:
        return needs if layout._placed(needs, words) else []

    for module, name, value in ((building, "SMALL", 1), (building, "FEW", 1), (layout, "_widened", exact)):
        monkeypatch.setattr(module, name, value)
    for seed in range(3):
        assert_same_guards(seed)


def test_children_that_move_as_an_element_is_met_stay_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "SMALL", 1)
    assert_same_guards(500015)


def test_sets_with_more_elements_than_bits_are_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "MOST_ELEMENTS", 1)
    for seed in range(3):
        assert_same_guards(seed)


def test_bounds_cut_alike() -> None:
    for bounds in (Bounds(configurations=57), Bounds(depth=4), Bounds(depth=3, configurations=50)):
        assert_same(lambda: system_of(random_guards(2), asynchronous(crashes=1)), bounds)


@pytest.mark.parametrize("seed", [0, 3])
def test_searches_that_keep_no_transitions(seed: int) -> None:
    found = [
        examine_safety(
            system_of(random_guards(seed), asynchronous(crashes=1)), [agreement, deadlock_freedom], engine=one
        )
        for one in ("reference", "kernel")
    ]
    assert found[1].graph.engine == "kernel"
    same(*found)


@pytest.mark.parametrize("depth", [1, 4, 7])
@pytest.mark.parametrize("confined", [False, True])
def test_searches_are_resumed(tmp_path: Path, depth: int, confined: bool) -> None:
    make = partial(system_of, random_guards(1, confined=confined), asynchronous())
    file, bounds = tmp_path / "file", Bounds(configurations=QUICK)
    explore(make(), Bounds(depth=depth), engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
    resumed = explore(make(), bounds, checkpoint=Checkpoint(file, {}, resume=True, every=0))
    assert resumed.engine == "kernel"
    assert_equal(explore(make(), bounds, engine="reference"), resumed)


def test_the_kernel_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SWITCH_AT", 100)
    one = load("tla/voting").instance("ballots 0..1")
    graph = explore(system_of(one.protocol, one.world))
    assert graph.engine == "kernel"
    assert_equal(explore(system_of(one.protocol, one.world), engine="reference"), graph)


# Protocols that look where tracing cannot follow: the graphs are equal, or the kernel refuses.


@record
class Pair:
    left: int = 0
    right: int | None = None


@record
class Desk:
    pair: Pair = Pair()
    row: tuple[int, ...] = (0, 0)
    bag: frozenset[int] = frozenset()


Steps = Iterator[tuple[Event, Desk]]


@protocol
class Cheat:
    """Counts in both fields; what else it does is given by the test."""

    rule: Any = None

    def initial(self) -> list[Desk]:
        return [Desk()]

    def actions(self) -> list[Action]:
        return [Action(self.counts, 0), Action(self.counts, 1), Action(self.cheats)]

    def counts(self, c: Desk, i: int) -> Steps:
        if c.row[i] < 3:
            yield Event("counts", message=i), replace(c, row=put(c.row, i, c.row[i] + 1))

    def cheats(self, c: Desk) -> Steps:
        yield from self.rule(c)


def by_type(c: Desk) -> Steps:
    if type(c) is Desk and c.row[0] == 2:
        yield Event("type"), replace(c, pair=Pair(1))


def by_type_of_a_row(c: Desk) -> Steps:
    yield Event("type"), replace(c, pair=Pair(int(type(c.row) is tuple)))


def by_formatting(c: Desk) -> Steps:
    yield Event("%s %s" % c.row), replace(c, pair=Pair(1))  # noqa: UP031


def by_text(c: Desk) -> Steps:
    yield Event(f"{c.row} {c.pair!r}"), replace(c, pair=Pair(len(str(c.bag))))


def by_copying(c: Desk) -> Steps:
    yield Event("copies"), replace(c, pair=copy.copy(c.pair), bag=c.bag | {c.row[0]})


def by_hashing(c: Desk) -> Steps:
    seen = {c.row: 1, (1, 1): 2, (2, 0): 3}
    yield Event("hashes", message=(c.row, frozenset({c.pair}))), replace(c, pair=Pair(len(seen)))


def by_identity(c: Desk) -> Steps:
    right = c.pair.right
    yield Event("copies"), Desk(Pair(c.pair.left, right if right is not None else c.row[1]), c.row, c.bag)


def by_catching(c: Desk) -> Steps:
    try:
        yield Event("catches"), replace(c, pair=Pair(c.row.missing))  # type: ignore[attr-defined]
    except Exception:
        yield Event("caught"), replace(c, pair=Pair(c.row[0]))


def by_the_whole_set(c: Desk) -> Steps:
    if c.row == (len(c.bag), 1):
        yield Event("adds"), replace(c, bag=c.bag | {c.row[0], 7})
    if sorted(c.bag) == [1, 7]:
        yield Event("empties"), replace(c, bag=frozenset())


def by_clearing(c: Desk) -> Steps:
    """The set is written as a whole where it has had no element so far; later ones are cleared, too."""
    if c.row[0] != 3:
        yield Event("clears"), replace(c, bag=frozenset())
    if c.row[1] < 2:
        yield Event("adds"), replace(c, bag=c.bag | {c.row[0] + 10}, row=put(c.row, 0, 0))


def by_a_first_element(c: Desk) -> Steps:
    """The element that makes the difference is met while the rule is asked."""
    if not c.bag:
        yield Event("resets"), replace(c, bag=c.bag | {5}, row=put(c.row, 1, 0))


def by_mixed_elements(c: Desk) -> Steps:
    yield Event("adds"), replace(c, bag=c.bag | {True if c.row[0] else 1} if not c.bag else frozenset())


KEPT: list[Desk] = []


def by_keeping(c: Desk) -> Steps:
    KEPT.append(c)
    yield Event("keeps"), replace(c, pair=Pair(KEPT[0].row[0]))


@cache
def risen(pair: Pair, row: tuple[int, ...]) -> Pair:
    return replace(pair, left=max(row))


def by_caching(c: Desk) -> Steps:
    yield Event("caches"), replace(c, pair=risen(c.pair, c.row))


@dataclass(frozen=True)
class Odd:
    """A record that is not what it seems: some attributes are made on demand."""

    x: int = 0

    def __getattr__(self, name: str) -> int:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.x


def by_hooks(c: Desk) -> Steps:
    yield Event("odd"), replace(c, pair=Odd(c.row[0]))  # type: ignore[arg-type]
    if isinstance(c.pair, Odd) and c.pair.anything == 2:
        yield Event("two"), replace(c, pair=Pair(9))


CHEATS = [
    by_type, by_type_of_a_row, by_formatting, by_text, by_copying, by_hashing, by_identity, by_catching,
    by_the_whole_set, by_mixed_elements, by_hooks, by_keeping, by_caching,
    by_clearing, by_a_first_element,
]  # fmt: skip


@pytest.mark.parametrize("rule", CHEATS, ids=lambda rule: rule.__name__)
def test_cheats_are_followed_or_refused(rule: Callable[[Desk], Steps]) -> None:
    KEPT.clear()
    kernel = explore(system_of(Cheat(rule), asynchronous()), engine="kernel")
    KEPT.clear()
    reference = explore(system_of(Cheat(rule), asynchronous()), engine="reference")
    assert len(reference) >= 16
    if kernel.engine == "kernel":
        assert_equal(reference, kernel)
    else:
        assert "could not be traced" in kernel.fallback
        assert np.array_equal(reference.targets, kernel.targets)
    assert (kernel.engine == "kernel") == (rule not in {by_type, by_type_of_a_row})


def test_a_read_that_is_missed_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def number(self: proxies.Reads, field: int) -> int:
        if len(self.fields) < 1:
            self.fields[field] = None
        return self.numbers[field]

    monkeypatch.setattr(proxies.Reads, "number", number)
    graph = explore(system_of(Cheat(by_the_whole_set), asynchronous()), engine="kernel")
    assert graph.engine == "reference"
    assert "could not be traced" in graph.fallback


def test_rows_that_do_not_pay_are_left_to_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SWITCH_AT", 20)
    monkeypatch.setattr(reference, "GLANCE", 8)
    monkeypatch.setattr(front, "PATIENCE", 20)
    make = partial(system_of, Cheat(by_text), asynchronous())
    graph = explore(make())
    assert graph.engine == "reference"
    assert "its rules read too much" in graph.fallback
    assert explore(make(), engine="kernel").engine == "kernel"


def fails(c: Desk) -> Steps:
    if c.row == (2, 1):
        yield Event("fails"), replace(c, pair=Pair(1 // 0))


def misleads(c: Desk) -> Steps:
    if c.row == (2, 1):
        yield Event("unknown", "nobody"), c


def is_no_event(c: Desk) -> Steps:
    if c.row == (1, 2):
        yield "event", c  # type: ignore[misc]


def is_mutable(c: Desk) -> Steps:
    if c.row == (1, 2):
        yield Event("lists"), replace(c, pair=[])  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", [fails, misleads, is_no_event, is_mutable], ids=lambda rule: rule.__name__)
def test_errors_are_those_of_the_reference_semantics(rule: Callable[[Desk], Steps]) -> None:
    told = []
    for which in ("reference", "kernel"):
        with pytest.raises(SpecError) as caught:
            explore(system_of(Cheat(rule), asynchronous()), engine=which)
        told.append((type(caught.value), str(caught.value), caught.value.schedule))
    assert told[0] == told[1]
    assert told[0][2]


@protocol
class Wavers:
    """p0 decides 1, and then, if it may, 2; p1 decides 2, and then 1."""

    wavers: bool = True

    def names(self) -> list[str]:
        return ["p0", "p1"]

    def initial(self) -> list[tuple[int, int]]:
        return [(0, 0)]

    def actions(self) -> list[Action]:
        return [Action(self.decides), Action(self.wavers_between)]

    def decides(self, c: tuple[int, int]) -> Iterator[tuple[Event, tuple[int, int]]]:
        if c == (0, 0):
            yield Event("decide", "p0"), (1, 2)

    def wavers_between(self, c: tuple[int, int]) -> Iterator[tuple[Event, tuple[int, int]]]:
        if self.wavers and c == (1, 2):
            yield Event("waver", "p1"), (2, 1)  # each has decided before and after, and the same values are decided

    def decisions(self, c: tuple[int, int]) -> dict[str, int | None]:
        return {"p0": c[0] or None, "p1": c[1] or None}


@pytest.mark.parametrize("which", ["reference", "kernel"])
@pytest.mark.parametrize("wavers", [False, True])
def test_a_changed_decision_is_seen_although_no_bit_changes(which: str, wavers: bool) -> None:
    graph = explore(system_of(Wavers(wavers=wavers), asynchronous()), engine=which)
    assert graph.engine == which
    finding = judge(Case(graph), integrity)
    assert finding.verdict is (VIOLATED if wavers else HOLDS)
    assert finding.because == ("p1 waver changes a decision" if wavers else "")


@pytest.mark.parametrize(("spec", "instance"), [("tla/transaction_commit", "rm=3"), ("tla/ewd998", "n=2, most=1")])
def test_bundled_specs(spec: str, instance: str) -> None:
    one = load(spec).instance(instance)

    def make() -> System:
        return system_of(one.protocol, one.world, one.inputs)

    assert len(assert_same(make)) == one.configurations
