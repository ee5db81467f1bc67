"""What the papers say of the protocols of logs, counted from traces, and mistakes that a newcomer might make."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from flpcheck import VIOLATED, load, protocol, system_of
from flpcheck.analyse import Analysis, analyse
from flpcheck.explore import explore


def findings(name: str, instance: str, *claims: str) -> Analysis:
    spec = load(name)
    found = spec.instance(instance)
    graph = explore(system_of(found.protocol, found.world, found.inputs))
    return analyse(graph, [spec.property_named(claim) for claim in claims])


def received(schedule: Any) -> Counter[str]:
    """Count what was received on a schedule, by the kind of message; a gathering is one reception of each letter."""
    counted: Counter[str] = Counter()
    for transition in schedule.transitions:
        message = transition.event.message
        letters = [letter.message for letter in message] if transition.event.kind == "gather" else [message]
        counted.update(type(letter).__name__ for letter in letters if letter is not None)
    return counted


def test_a_calm_leader_needs_one_round_trip_per_slot() -> None:
    schedule = findings("multi_paxos", "calm", "the_log_is_full").findings[0].schedule
    quorum, slots = 2, 2
    assert received(schedule) == {
        "Prepare": quorum, "Promise": quorum,  # phase 1, once for all slots
        "Request": slots,
        "Accept": slots * quorum, "Accepted": slots * quorum,  # there and back for each slot
    }  # fmt: skip


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("name", "claim"), [("multi_paxos", "one_command_per_slot"), ("raft", "election_safety")])
def test_quorums_that_need_not_meet_are_found_out(name: str, claim: str) -> None:
    spec = load(name)

    @protocol
    class HalfIsEnough(spec.protocol):  # type: ignore[misc, name-defined]
        @property
        def quorum(self) -> int:
            return 1

    model = HalfIsEnough(terms=1) if name == "raft" else HalfIsEnough(slots=1)
    graph = explore(system_of(model, spec.instances[0].world))
    assert analyse(graph, [spec.property_named(claim)]).findings[0].verdict is VIOLATED
