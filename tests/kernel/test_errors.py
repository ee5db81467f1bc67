"""Both engines say the same of a spec that is wrong: what, where, and the schedule that leads there."""

from __future__ import annotations

from typing import Any

import bad_specs as bad
import pytest
from kernel.same_workers import small_shares

from flpcheck import World, asynchronous, system_of
from flpcheck.errors import SpecError
from flpcheck.explore import explore

pytest.importorskip("numba")

SPECS = {
    step.__name__: bad.Lonely(step=step)
    for step in (
        bad.divides, bad.divides_later, bad.knows_no_bye, bad.forgets_a_case, bad.writes_to_nobody,
        bad.replies_to_a_start, bad.returns_a_state, bad.returns_a_message, bad.chooses_a_state, bad.turns_mutable,
    )
} | {
    "wants_exactly_one": bad.Lonely(step=bad.greets, gather=bad.wants_exactly_one),
    "invents": bad.Lonely(step=bad.greets, gather=bad.invents),
    "trips": bad.Lonely(step=bad.greets, gather=bad.trips),
    "overhears_badly": bad.Watched(observe=bad.overhears_badly),
    "learns_badly": bad.Watched(learn=bad.learns_badly),
}  # fmt: skip


def told(protocol: Any, world: World, engine: str, workers: int = 1) -> tuple[str, str, tuple[str, ...]]:
    with pytest.raises(SpecError) as caught:
        explore(system_of(protocol, world), engine=engine, workers=workers)
    return type(caught.value).__name__, str(caught.value), caught.value.schedule


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("world", [asynchronous(), asynchronous(network="set", crashes=1)], ids=str)
def test_both_engines_say_the_same(name: str, world: World) -> None:
    if name in {"overhears_badly", "learns_badly"}:
        world = asynchronous(network=world.network.kind)
    said = told(SPECS[name], world, "reference")
    assert told(SPECS[name], world, "kernel") == said
    with small_shares():
        assert told(SPECS[name], world, "kernel", workers=3) == said
