"""Every instance of every bundled spec: its expectations, and the same graph by an enumerator written apart."""

from __future__ import annotations

import pytest
from every_spec import every_instance, spec_named
from oracle.analysis import enumerated
from oracle.same_graph import assert_same

from flpcheck import load
from flpcheck.examine import examine
from flpcheck.settle import Overrides, settle
from flpcheck.spec import bundled

SMALL = 2_000
"""Configurations.  Larger instances are left to `flpcheck check specs`; the naive enumerator is slow on purpose."""


SMALL_ONES = [(name, instance) for name, instance in every_instance() if (instance.configurations or 0) <= SMALL]
SMALL_CASES = [(name, instance.name) for name, instance in SMALL_ONES]
WHOLE_CASES = [(name, instance.name) for name, instance in SMALL_ONES if not instance.bounds]


@pytest.mark.sampled(8)
@pytest.mark.parametrize(("name", "instance"), SMALL_CASES)
def test_an_instance_is_as_expected(name: str, instance: str) -> None:
    examination = examine(settle(load(name), Overrides(instance=instance)))
    assert [str(difference) for difference in examination.differences] == []
    assert examination.exit_code == 0


@pytest.mark.sampled(8)
@pytest.mark.parametrize(("name", "instance"), WHOLE_CASES)
def test_the_naive_enumerator_finds_the_same_graph(name: str, instance: str) -> None:
    found = spec_named(name).instance(instance)
    if found.reduction and hasattr(found.protocol, "reductions") and found.protocol.reductions():
        pytest.skip("explored modulo its reductions, which tests/reduce compares with the plain system")
    if found.world.oracle.kind not in {"", "omega", "diamond-S", "timers"}:
        pytest.skip("the naive enumerator knows no other detectors")
    if hasattr(found.protocol, "constraint"):
        pytest.skip("the naive enumerator knows no constraint")
    inputs = dict(found.inputs)
    assert_same(found.protocol, found.world, enumerated(found.protocol, found.world, inputs=inputs), inputs)


def test_every_instance_says_what_it_shows_and_pins_its_size() -> None:
    silent = [(name, i.name) for name, i in every_instance() if not i.about or i.configurations is None]
    assert silent == []


def test_every_instance_with_two_values_to_decide_pins_its_horn() -> None:
    for name, found in every_instance():
        decided = [value for value, number in (found.univalent or {}).items() if number]
        if len(decided) == 2:
            assert found.flp is not None, (name, found.name)
        assert spec_named(name).instance(found.name) is found


def test_every_broken_twin_violates_something_as_expected() -> None:
    for name, instance in every_instance():
        if name.startswith("broken/"):
            expected = {verdict.value for verdict in instance.verdicts.values()}
            assert "VIOLATED" in expected, name


def test_specs_are_textbook_pages() -> None:
    for name, path in bundled().items():
        text = path.read_text(encoding="utf-8")
        assert text.startswith('"""'), name
        assert len(text.splitlines()) <= 250, name


SYSTEMS = (
    "multi_paxos", "fast_paxos", "epaxos", "raft", "zab", "atomic_broadcast", "replicated_state_machine",
    "lock_service", "abd_register", "leader_election", "paxos",
)  # fmt: skip


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_runs_the_world_holds_in_a_million_configurations(name: str) -> None:
    assert max(instance.configurations or 0 for instance in load(name).instances) >= 1_000_000


def test_what_is_explored_every_day_is_small() -> None:
    daily = [(name, i) for name, i in every_instance() if not i.on_demand]
    large = {name for name, instance in daily if (instance.configurations or 0) > 300_000}
    assert large <= {"broken/raft_counts_old_terms"}, "Figure 8 is a long story; the others can wait to be asked for"
