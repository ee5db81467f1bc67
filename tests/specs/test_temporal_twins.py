"""Broken twins of what must happen: for each kind of claim a spec whose rule is wrong in one line violates it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flpcheck import HOLDS, UNLIMITED, VIOLATED, Property, load
from flpcheck.authoring.property import Verdict
from flpcheck.authoring.refinement import Refinement
from flpcheck.authoring.temporal import POSSIBLE, SENTENCES, Temporal
from flpcheck.spec import bundled

PAIRS = {
    "stop_and_wait_acknowledges_once": "stop_and_wait",
    "zab_keeps_late_answers": "zab",
    "token_ring_keeps_the_privilege": "token_ring",
    "two_phase_commit_majority": "two_phase_commit",
    "reliable_broadcast_no_relay": "reliable_broadcast",
    "paxos_forgets_value": "paxos",
}
"""Twins, and the specs that they break."""


def expected(name: str, verdict: Verdict) -> dict[str, Property]:
    """Return the properties of which some instance of a spec expects a verdict, by name."""
    pairs = (pair for instance in load(name).instances for pair in instance.verdicts.items())
    return {claim.name: claim for claim, found in pairs if found is verdict}


def broken() -> Iterator[Property]:
    """Yield what twins violate and the specs that they break do not."""
    for twin, spec in PAIRS.items():
        kept = expected(spec, HOLDS)
        yield from (claim for name, claim in expected(f"broken/{twin}", VIOLATED).items() if name in kept)


@pytest.mark.parametrize("operator", SENTENCES)
def test_each_operator_has_a_twin(operator: str) -> None:
    assert operator in {claim.operator for claim in broken() if isinstance(claim, Temporal)}


def test_claims_for_each_process_and_refinements_have_twins() -> None:
    assert any(isinstance(claim, Temporal) and claim.each for claim in broken())
    assert any(isinstance(claim, Refinement) for claim in broken())


def test_unfair_losses_violate_what_fair_ones_do_not() -> None:
    by = {(i.world.network.loss, i.world.network.fair_loss): i.verdicts for i in load("stop_and_wait").instances}
    fair, unfair = by[UNLIMITED, "letters"], by[UNLIMITED, ""]
    owed = [claim for claim in fair if isinstance(claim, Temporal) and claim.operator != POSSIBLE]
    assert owed
    assert {fair[claim] for claim in owed} == {HOLDS}
    assert {unfair[claim] for claim in owed} == {VIOLATED}


@pytest.mark.parametrize("twin", PAIRS)
def test_twins_say_which_line_is_broken(twin: str) -> None:
    assert "# BROKEN" in bundled()[f"broken/{twin}"].read_text(encoding="utf-8")
