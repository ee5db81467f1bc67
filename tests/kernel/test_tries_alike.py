"""General protocols modulo symmetry in the kernel: the orbits, levels, transitions and valence of plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from generators.alike_guards import AlikeGuards
from kernel.alike_engines import assert_same_orbits, sizes
from reduce.test_symmetry import VOTING
from reduce.test_symmetry_refused import Favourite

from flpcheck import (
    VIOLATED,
    Action,
    Event,
    Reduction,
    Renaming,
    Symmetric,
    agreement,
    asynchronous,
    integrity,
    load,
    protocol,
    put,
    record,
    replace,
    system_of,
)
from flpcheck.analyse import Valence, analyse
from flpcheck.errors import ReductionRefused
from flpcheck.explore import Bounds, explore, layout, obstacle
from flpcheck.reduce import Orbits, reduced
from flpcheck.reduce.equivariance import EquivarianceOfWholes

pytest.importorskip("numba")
from flpcheck.explore.tries import building, comparison, field_table, moving, shape

SMALL = 600


def folded(model: Any, crashes: int = 0) -> Orbits:
    system = reduced(system_of(model, asynchronous(crashes=crashes)))
    assert isinstance(system, Orbits)
    assert not obstacle(system, "bfs")
    return system


def assert_same_as_plain(system: Orbits) -> None:
    """Compare with the reference engine on the quotient, and with the plain system."""
    graph, whole = assert_same_orbits(system), explore(system.plain)
    assert np.array_equal(graph.weights, sizes(graph))
    assert graph.weights.sum() == len(whole)
    assert Valence.of(graph).census() == Valence.of(whole).census()


@pytest.mark.parametrize(
    "numbers", [{"acceptors": 3, "values": 2}, {"acceptors": 2, "values": 3}, {"acceptors": 4, "values": 1}]
)
@pytest.mark.parametrize("crashes", [0, 1])
def test_votings_have_the_same_orbits(numbers: dict[str, int], crashes: int) -> None:
    assert_same_as_plain(folded(VOTING(ballots=2, **numbers), crashes))


def test_bundled_instances_have_no_obstacle_modulo_symmetry() -> None:
    for instance in load("tla/voting").instances:
        assert not obstacle(reduced(system_of(instance.protocol, instance.world)), "bfs")


def assert_random_orbits(seeds: range, least: int) -> None:
    done = 0
    for seed in seeds:
        system = folded(AlikeGuards(seed), seed % 2)
        if explore(system.plain, Bounds(configurations=SMALL), engine="reference").complete:
            assert_same_as_plain(system)
            done += 1
    assert done >= least


@pytest.mark.parametrize("first", [0, 16])
def test_random_protocols_have_the_same_orbits(first: int) -> None:
    assert_random_orbits(range(first, first + 8), 2)


@pytest.mark.long
@pytest.mark.parametrize("first", range(100, 260, 40))
def test_many_random_protocols_have_the_same_orbits(first: int) -> None:
    assert_random_orbits(range(first, first + 40), 4)


def test_tables_and_fields_that_start_minimal(monkeypatch: pytest.MonkeyPatch) -> None:
    def exact(needs: list[int], _: Any, words: int) -> list[int]:
        return needs if layout._placed(needs, words) else []

    for module, name, value in (
        (building, "SMALL", 1), (building, "FEW", 1), (field_table, "SMALL", 1), (layout, "_widened", exact),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    assert_random_orbits(range(4), 1)


def test_sets_with_more_elements_than_bits_are_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "MOST_ELEMENTS", 1)
    assert_random_orbits(range(4), 1)


@pytest.mark.parametrize("unlike", ["name", "value"])
def test_an_asymmetric_protocol_is_refused(unlike: str) -> None:
    refused = 0
    for seed in range(8):
        try:
            explore(folded(AlikeGuards(seed, unlike), seed % 2), Bounds(configurations=50), engine="reference")
        except ReductionRefused:
            with pytest.raises(ReductionRefused, match="a configuration continues differently once names are permuted"):
                explore(folded(AlikeGuards(seed, unlike), seed % 2), engine="kernel")
            refused += 1
    assert refused > 2


@pytest.mark.parametrize("favours", ["acceptor", "value"])
def test_a_rule_that_favours_one_name_is_refused(favours: str) -> None:
    with pytest.raises(ReductionRefused, match="continues differently"):
        explore(folded(Favourite(favours=favours)), engine="kernel")


def test_bounds_cut_where_the_reference_engine_cuts() -> None:
    for bounds in (Bounds(depth=3), Bounds(depth=5)):
        graphs = [explore(folded(VOTING(ballots=2)), bounds, engine=engine) for engine in ("reference", "kernel")]
        assert len({(len(g), g.steps, int(g.frontier.sum()), g.cut) for g in graphs}) == 1
    graph = explore(folded(VOTING(ballots=2)), Bounds(configurations=20), engine="kernel")
    assert len(graph) <= 20
    assert graph.cut is not None


@record
class Pair:
    left: int = 0
    right: int = 0


@protocol
class Three:
    """Three that go on, in `events` of one kind or of their own; renaming is done by a function that is given."""

    renaming: Any = None
    events: Callable[[str], str] = str
    decided: Callable[[str, int], int | None] = lambda _, __: None
    most: int = 2

    def names(self) -> list[str]:
        return ["a", "b", "c"]

    def initial(self) -> Iterator[tuple[int, ...]]:
        yield (0, 0, 0)

    def actions(self) -> list[Action]:
        return [Action(self.goes, at) for at in range(3)]

    def goes(self, c: tuple[int, ...], at: int) -> Iterator[tuple[Event, tuple[int, ...]]]:
        if c[at] < self.most:
            yield Event(self.events(self.names()[at]), self.names()[at]), put(c, at, c[at] + 1)

    def decisions(self, c: tuple[int, ...]) -> dict[str, int | None]:
        return {name: self.decided(name, here) for name, here in zip(self.names(), c, strict=True)}

    def renamed(self, c: tuple[int, ...], to: Renaming) -> tuple[int, ...]:
        return self.renaming(c, to) if self.renaming else to.row(self.names(), c)

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("a", "b", "c"))]


def test_kinds_of_events_and_decisions_are_compared() -> None:
    assert len(explore(folded(Three(events=lambda _: "goes")), engine="kernel")) == 10
    with pytest.raises(ReductionRefused, match="continues differently"):
        explore(folded(Three()), engine="kernel")
    odd = Three(events=lambda _: "goes", decided=lambda name, here: here if name == "a" and here else None)
    with pytest.raises(ReductionRefused, match="decides differently"):
        explore(folded(odd), engine="kernel")


def _looks(c: tuple[int, ...], to: Renaming) -> tuple[int, ...]:
    return to.row(["a", "b", "c"], [n + 0 if n else 0 for n in c])


def _sorts(c: tuple[int, ...], to: Renaming) -> tuple[int, ...]:
    places = [to.pid(name) for name in ("a", "b", "c")]
    return tuple(c[place] for place, _ in sorted(enumerate(places), key=lambda pair: (pair[1], c[pair[0]])))


def _hides(c: tuple[int, ...], to: Renaming) -> tuple[int, ...]:
    """Exchanges nothing in some configurations, of which no stand-in tells."""
    return c if all(type(n) is int for n in c) and sum(c) > 1 else to.row(["a", "b", "c"], c)


@pytest.mark.parametrize("renaming", [_looks, _sorts])
def test_what_becomes_of_a_place_is_known_or_the_kernel_leaves_it(renaming: Any) -> None:
    graph = explore(folded(Three(renaming=renaming, events=lambda _: "goes")), engine="kernel")
    assert len(graph) == 10
    assert (graph.engine, graph.fallback) in {("kernel", ""), ("reference", moving.UNTRACED)}
    assert graph.engine == "reference" or renaming is _sorts


def test_images_are_compared_with_what_the_author_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EquivarianceOfWholes, "check_steps", lambda *_: None)
    monkeypatch.setattr(comparison.Comparison, "_compare_steps", lambda *_: None)
    graph = explore(folded(Three(renaming=_hides, events=lambda _: "goes")), engine="kernel")
    assert graph.fallback == moving.UNTRACED


@record
class Odd:
    """A part that is a record in one place and may be none in another."""

    first: Pair | None = Pair()
    second: Pair | None = Pair()


@protocol
class Halves:
    """Two parts that are exchanged; each goes on until it is no record any more."""

    def names(self) -> list[str]:
        return ["a", "b"]

    def initial(self) -> Iterator[Odd]:
        yield Odd()

    def actions(self) -> list[Action]:
        return [Action(self.goes, "a", "first"), Action(self.goes, "b", "second")]

    def goes(self, c: Odd, name: str, part: str) -> Iterator[tuple[Event, Odd]]:
        here = getattr(c, part)
        if here is not None:
            yield Event("goes", name), replace(c, **{part: replace(here, left=1) if here.left == 0 else None})

    def renamed(self, c: Odd, to: Renaming) -> Odd:
        return Odd(*to.row(self.names(), (c.first, c.second)))

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("a", "b"))]


def test_a_shape_that_is_broken_in_one_place_is_given_up_in_its_images() -> None:
    assert_same_as_plain(folded(Halves()))
    assert_same_as_plain(folded(Halves(), crashes=1))
    seen: Any = explore(folded(Halves()), engine="kernel").system
    assert not seen.images.front.shape.fresh


@record
class Bags:
    """Two sets."""

    left: frozenset[str] = frozenset()
    right: frozenset[str] = frozenset()


def test_a_set_that_is_a_field_in_one_place_becomes_one_in_its_images() -> None:
    def swapped(c: Bags, to: Renaming) -> Bags:
        return Bags(*to.row(["a", "b"], (c.left, c.right)))

    system: Any = folded(Three(events=lambda _: "goes")).plain
    object.__setattr__(system.protocol, "renaming", swapped)
    swap = Renaming({"a": "b", "b": "a"}, {})
    examples = [Bags(frozenset({"a"}), frozenset({"a", "b"}))]
    for flat, other in (((0,), (1,)), ((1,), (0,))):
        with pytest.raises(shape.Broken) as broken:
            moving.Movement(system, shape.ConfigurationShape(examples, frozenset({flat})), swap)
        assert broken.value.place.path == other
    moving.Movement(system, shape.ConfigurationShape(examples, frozenset({(0,), (1,)})), swap)


LOOKS: dict[str, Callable[[Any], Any]] = {
    "bool": bool, "equal": lambda s: s == 1, "unequal": lambda s: s != 1, "less": lambda s: s < 1,
    "more": lambda s: s > 1, "at most": lambda s: s <= 1, "at least": lambda s: s >= 1, "len": len,
    "in": lambda s: 1 in s, "str": str, "format": lambda s: f"{s}", "attribute": lambda s: s.value,
    "least": min, "sorted": sorted,
}  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
def test_a_stand_in_cannot_be_looked_at(look: str) -> None:
    with pytest.raises(moving.Inspected):
        LOOKS[look](moving.StandIn(shape.ShapePlace((), shape.LEAF)))


@protocol
class Throws(Three):
    """Each tosses a coin of its own."""

    odds: tuple[int, int, int] = (2, 2, 2)

    def goes(self, c: tuple[int, ...], at: int) -> Iterator[tuple[Event, tuple[int, ...]]]:
        if not c[at]:
            half = Fraction(1, self.odds[at])
            for chance, face in ((half, 1), (1 - half, 2)):
                yield Event("throws", self.names()[at], chance=chance), put(c, at, face)


def test_coins_are_compared() -> None:
    assert_same_as_plain(folded(Throws()))
    with pytest.raises(ReductionRefused, match="continues differently"):
        explore(folded(Throws(odds=(2, 2, 3))), engine="kernel")


@protocol
class Loose(VOTING):  # type: ignore[misc]
    """Any acceptor votes for any value."""

    def may_vote(self, c: Any, a: int, b: int, v: int) -> bool:
        return c.votes[b][a] is None


def test_verdicts_and_schedules_are_those_of_the_reference_engine() -> None:
    for seed in range(4):
        system = folded(AlikeGuards(seed))
        if explore(system.plain, Bounds(configurations=SMALL), engine="reference").complete:
            graphs = [explore(system, engine=engine) for engine in ("reference", "kernel")]
            told = [
                [(f.verdict, f.schedule and len(f.schedule)) for f in analyse(graph, [agreement, integrity]).findings]
                for graph in graphs
            ]
            assert told[0] == told[1]
    (found,) = analyse(explore(folded(Loose(acceptors=2)), engine="kernel"), [agreement]).findings
    assert found.verdict is VIOLATED
