"""Choosing an engine: what the kernel cannot do is done by the reference engine, and said."""

from __future__ import annotations

import subprocess
import sys

import pytest
from generators.graphs import random_graph
from kernel.same_engines import assert_equal

from flpcheck import asynchronous, load, system_of
from flpcheck.explore import Bounds, Cut, Progress, compiling, explore, native_obstacles, obstacle
from flpcheck.explore import engine as seam
from flpcheck.explore.engine import Exploration, search
from flpcheck.explore.forecast import Forecast
from flpcheck.explore.limits import TooWide
from flpcheck.machine import resident_memory
from flpcheck.stops import StopReason
from flpcheck.system import System
from flpcheck.system.message_passing import MessagePassing

pytest.importorskip("numba")
from flpcheck.explore.component_front import ComponentFront
from flpcheck.explore.native import NativeSearch


def two_phase(size: int) -> System:
    return system_of(load("tla/two_phase").protocol(resource_managers=size), asynchronous(network="set"))


def test_general_protocol_falls_back_and_says_so() -> None:
    graph = explore(system_of(random_graph(5), asynchronous()), engine="kernel")
    assert graph.engine == "reference"
    assert graph.fallback == obstacle(graph.system, "bfs")
    assert "defines `successors`, not `actions`" in graph.fallback


def test_depth_first_order_falls_back_and_says_so() -> None:
    graph = explore(two_phase(3), engine="kernel", order="dfs")
    assert (graph.engine, graph.order) == ("reference", "dfs")
    assert "breadth-first" in graph.fallback


def test_where_the_kernel_does_not_fit_into_the_bounds_the_reference_engine_explores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "flpcheck.explore.native", raising=False)
    monkeypatch.setattr(seam, "compiled", lambda _: False)
    late = explore(two_phase(3), Bounds(seconds=5), engine="kernel")
    assert (late.engine, "compiled first" in late.fallback) == ("reference", True)
    monkeypatch.setattr(seam, "compiled", lambda _: True)
    large = explore(two_phase(3), Bounds(memory=resident_memory() + 50 * 2**20), engine="kernel")
    assert (large.engine, "of max-memory" in large.fallback) == ("reference", True)
    assert explore(two_phase(3), Bounds(memory=2**50, seconds=600), engine="kernel").engine == "kernel"


def test_without_numba_the_reference_engine_explores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_obstacles, "find_spec", lambda _: None)
    assert explore(two_phase(3), engine="kernel").fallback == "numba is not installed"
    assert not explore(two_phase(3)).fallback


def warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kernel be compiled, and take over soon."""
    monkeypatch.setattr(compiling, "compiled", lambda _: True)
    monkeypatch.setattr(seam, "SWITCH_AT", 500)


def test_auto_hands_over_what_it_outgrows(monkeypatch: pytest.MonkeyPatch) -> None:
    warm(monkeypatch)
    graph = explore(two_phase(5))
    assert graph.engine == "kernel"
    assert not graph.fallback
    assert_equal(explore(two_phase(5), engine="reference"), graph)


class Slow:
    """A compilation that takes a number of looks."""

    looks = 3
    number = 0

    def __init__(self, words: int) -> None:
        self.left = self.looks
        self.ended = False

    @classmethod
    def begun(cls, words: int) -> Slow:
        cls.number += 1
        return cls(words)

    @property
    def done(self) -> bool:
        self.left -= 1
        return self.left < 0

    @property
    def succeeded(self) -> bool:
        return self.done


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> type[Slow]:
    """A machine on which the kernel has never been compiled."""
    monkeypatch.setattr(compiling, "compiled", lambda _: False)
    monkeypatch.setattr(compiling, "Compilation", Slow)
    monkeypatch.setattr(seam, "SWITCH_AT", 50)
    monkeypatch.setattr(compiling, "PATIENCE", 0.0)
    monkeypatch.setattr(compiling, "forecast", lambda _: None)
    monkeypatch.setattr(Slow, "looks", 3)
    monkeypatch.setattr(Slow, "number", 0)
    return Slow


def news(told: list[Progress]) -> list[str]:
    return [progress.news.partition("; ")[2] for progress in told if progress.news]


def test_auto_goes_on_while_the_kernel_is_compiled_and_says_so(cold: type[Slow]) -> None:
    told: list[Progress] = []
    graph = explore(two_phase(5), report=told.append)
    assert (graph.engine, cold.number) == ("kernel", 1)
    assert news(told)[0] == "the plain engine goes on meanwhile"
    plain = [progress.configurations for progress in told if progress.configurations]
    assert len([size for size in plain if size > seam.SWITCH_AT]) >= cold.looks
    assert_equal(explore(two_phase(5), engine="reference"), graph)


def test_a_model_that_is_done_first_waits_for_nothing(cold: type[Slow]) -> None:
    cold.looks = 10**6
    graph = explore(two_phase(5))
    assert (graph.engine, graph.complete, cold.number) == ("reference", True, 1)


def test_compiling_does_not_begin_where_it_would_not_fit_into_the_time(cold: type[Slow]) -> None:
    told: list[Progress] = []
    graph = explore(two_phase(5), Bounds(seconds=compiling.SECONDS / 2), report=told.append)
    assert (graph.engine, news(told), cold.number) == ("reference", [], 0)


def test_a_kernel_that_cannot_be_compiled_is_done_without(cold: type[Slow], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cold, "succeeded", property(lambda _: False))
    assert explore(two_phase(5)).engine == "reference"


def test_compiling_is_begun_only_for_a_search_that_will_last(cold: type[Slow], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "PATIENCE", 10.0**6)
    assert (explore(two_phase(5)).engine, cold.number) == ("reference", 0)
    monkeypatch.setattr(compiling, "AGAIN", 0.0)
    for told, number in ((Forecast(10, 10**9), 0), (Forecast(10**9, 10**9), 1)):
        monkeypatch.setattr(compiling, "forecast", lambda _, told=told: told)
        explore(two_phase(5))
        assert cold.number == number
    monkeypatch.setattr(compiling, "PATIENCE", 0.0)
    monkeypatch.setattr(compiling, "forecast", lambda _: Forecast(10, 10))
    explore(two_phase(5))
    assert cold.number == 1


def test_where_another_process_does_not_fit_into_memory_it_is_not_begun_and_that_is_said(cold: type[Slow]) -> None:
    bound = Bounds(memory=resident_memory() + compiling.MEMORY // 2)
    graph = explore(two_phase(5), bound)
    assert (graph.engine, graph.complete, graph.fallback, cold.number) == ("reference", True, compiling.NO_ROOM, 0)
    assert not explore(two_phase(2), bound).fallback


def test_compiling_that_memory_has_ended_is_not_done_in_its_place(
    cold: type[Slow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cold, "succeeded", property(lambda _: False))
    monkeypatch.setattr(cold, "ended", True, raising=False)
    monkeypatch.setattr(Slow, "__init__", lambda self, _: setattr(self, "left", self.looks))
    for engine in ("auto", "kernel"):
        graph = explore(two_phase(5), engine=engine)
        assert (graph.engine, graph.complete, graph.fallback) == ("reference", True, compiling.NO_ROOM)


def test_without_another_process_the_plain_engine_goes_on(cold: type[Slow], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(cold, "begun", refuse)
    assert explore(two_phase(5)).engine == "reference"


def test_a_bound_holds_while_the_kernel_is_compiled(cold: type[Slow]) -> None:
    cold.looks = 10**6
    told: list[Progress] = []
    graph = explore(two_phase(5), Bounds(seconds=0.3), engine="kernel", report=told.append)
    assert (graph.engine, len(graph), graph.cut) == ("reference", 1, Cut(StopReason.MAX_SECONDS, 1))
    assert graph.fallback == "the kernel was not compiled in time"
    reached, _ = search(Exploration(system=two_phase(5), keep=False, engine="kernel"), Bounds(seconds=0.3))
    assert (len(reached), reached.fallback) == (1, graph.fallback)
    assert news(told) == ["the search starts afterwards"]
    assert graph.seconds < 5


@pytest.mark.parametrize("bound", [stop for stop in StopReason if stop.ends_run])
def test_a_bound_discards_nothing_that_the_plain_engine_has_found(
    bound: StopReason, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm(monkeypatch)
    system, cut = two_phase(5), asked_of(monkeypatch, bound)
    graph = explore(system)
    assert (graph.engine, graph.cut) == ("reference", Cut(bound, int(graph.frontier.sum())))
    assert cut, "the kernel has looked"
    assert len(graph) > 500
    whole = explore(two_phase(5), engine="reference")
    assert graph.targets.tolist() == whole.targets[: len(graph.targets)].tolist()
    reached, _ = search(Exploration(system=two_phase(5), keep=False))
    assert (reached.engine, len(reached)) == ("reference", len(graph))
    assert reached.cut is not None
    assert reached.cut.bound == bound


def asked_of(monkeypatch: pytest.MonkeyPatch, bound: StopReason) -> list[int]:
    """Let a bound be exceeded as soon as the kernel looks, before it has expanded anything."""
    looks: list[int] = []

    def cut_at_once(search: NativeSearch, end: int, depth: int) -> None:
        looks.append(search.next)
        search.cut = bound

    monkeypatch.setattr(NativeSearch, "_expand_until", cut_at_once)
    return looks


def test_a_kernel_that_was_asked_for_reports_what_it_has_found(monkeypatch: pytest.MonkeyPatch) -> None:
    warm(monkeypatch)
    asked_of(monkeypatch, StopReason.MAX_SECONDS)
    assert explore(two_phase(5), engine="kernel").engine == "kernel"


def test_what_the_kernel_has_found_counts_where_it_is_more(monkeypatch: pytest.MonkeyPatch) -> None:
    warm(monkeypatch)

    def cut_later(search: NativeSearch, end: int, depth: int) -> None:
        search.expand_alone(end, depth)
        if search.next > 1000:
            search.cut = StopReason.MAX_SECONDS

    monkeypatch.setattr(NativeSearch, "_expand_until", cut_later)
    graph = explore(two_phase(5))
    assert (graph.engine, graph.complete) == ("kernel", False)
    assert len(graph) > 1000


def test_what_is_too_wide_for_the_kernel_goes_on_where_the_plain_engine_was(monkeypatch: pytest.MonkeyPatch) -> None:
    warm(monkeypatch)
    monkeypatch.setattr(NativeSearch, "run", too_wide)
    graph = explore(two_phase(5))
    assert (graph.engine, graph.fallback) == ("reference", "so wide")
    assert_equal(explore(two_phase(5), engine="reference"), graph)


def too_wide(_: NativeSearch) -> None:
    raise TooWide("so wide")


def test_words_are_estimated_as_the_kernel_lays_them_out() -> None:
    for size in (3, 5):
        graph = explore(two_phase(size), engine="reference")
        system = two_phase(size)
        assert isinstance(system, MessagePassing)
        search = NativeSearch(ComponentFront(system), Bounds())
        search.run()
        assert compiling.words_for(graph.configurations) == search.width == 1


def test_small_models_never_load_numba() -> None:
    program = """
import sys
from flpcheck import asynchronous, load, system_of
from flpcheck.explore import explore
graph = explore(system_of(load("wait_for_all").protocol(n=2), asynchronous()))
assert graph.engine == "reference" and "numba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_iterating_and_indexing_packed_configurations() -> None:
    graph = explore(two_phase(3), engine="kernel")
    configurations = list(graph.configurations)
    assert configurations[-1] == graph.configurations[-1]
    assert configurations[10:13] == list(graph.configurations[10:13])
    with pytest.raises(IndexError):
        graph.configurations[len(graph)]
