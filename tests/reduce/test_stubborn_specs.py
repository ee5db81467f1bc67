"""Bundled specs, of which stubborn sets are expanded, are judged as without."""

from __future__ import annotations

from functools import partial

import pytest
from every_spec import every_instance, spec_named
from fuzz_equal_states import observing, violated

from flpcheck import Bounds, agreement, any_input_validity, system_of, uniform_agreement, validity
from flpcheck.analyse.finding import Judged
from flpcheck.analyse.mail_reads import reader_of_mail
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.state_reads import Observation
from flpcheck.authoring.property import Property
from flpcheck.reduce import universe
from flpcheck.reduce.stubborn import leaving_out, why_whole
from flpcheck.system import System

SMALL = 12_000
FEW_ROWS = 4_000
"""Rows for which a test waits; a spec that has more is left out."""
BOUNDS = Bounds(configurations=SMALL)
STATES = (agreement, uniform_agreement, validity, any_input_validity)
COMPARED = {
    f"{name}:{instance.name}": (name, instance)
    for name, instance in every_instance()
    if (instance.configurations or SMALL) < SMALL
    and not why_whole(system_of(instance.protocol, instance.world, instance.inputs))
}


def test_broken_specs_are_among_them() -> None:
    assert sum(at.startswith("broken/") for at in COMPARED) > 1


@pytest.mark.long
@pytest.mark.parametrize("at", COMPARED)
def test_bundled_specs_are_judged_as_without(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts and lengths of counterexamples are the same, of invariants and standard properties, one by one."""
    monkeypatch.setattr(universe, "MOST_ROWS", FEW_ROWS)
    name, instance = COMPARED[at]
    plain = system_of(instance.protocol, instance.world, instance.inputs)
    own = [claim for claim in spec_named(name).own_properties if claim.kind in {"invariant", "sometimes"}]
    for claim in [*(STATES if plain.deciders else ()), *own]:
        if reader_of_mail([claim], steps=False):
            continue
        if leaving_out(plain, Observation(), stays=True) is None:
            pytest.skip("there are too many rows")
        one = examine_safety(plain, [claim], BOUNDS)
        other = observing(partial(judged, plain, claim))
        if one.graph.complete or one.violated:
            assert violated(other) == violated(one), claim
            assert len(other.graph) <= len(one.graph) or one.violated


def judged(plain: System, claim: Property, observation: Observation) -> Judged:
    left = leaving_out(plain, observation, stays=claim in STATES)
    assert left is not None
    return examine_safety(left, [claim], BOUNDS)
