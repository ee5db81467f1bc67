"""What is said of a search that leaves events out, and where it leaves none out."""

from __future__ import annotations

import pytest
from cli.test_commands import Cli, cli  # noqa: F401
from fuzz_stubborn import leaving_out

from flpcheck import (
    Bounds,
    agreement,
    asynchronous,
    load,
)  # fmt: skip
from flpcheck.analyse.safety import examine_safety
from flpcheck.authoring.property import HOLDS, INCOMPLETE
from flpcheck.reduce import universe
from flpcheck.reduce.universe import TooManyRows

ASYNCHRONOUS = asynchronous()


LINE = ("explore", "two_phase_commit", "-p", "timeouts=True", "-p", "participants=4", "--no-reports", "--safety")


def test_events_are_left_out_on_request_only(cli: Cli) -> None:  # noqa: F811
    whole = cli(*LINE, "--property", "ac1", "--format", "json").json
    left = cli(*LINE, "--property", "ac1", "--format", "json", "--reduce", "stubborn").json
    assert (whole["configurations"] >= 10_101, left["configurations"]) == (True, 432)
    assert whole["properties"]["ac1"]["verdict"] == left["properties"]["ac1"]["verdict"] == "HOLDS"
    assert left["reductions"] == ["dead-letters", "equal-states", "stubborn-sets"]
    assert "events that can wait are left out" in cli(*LINE, "--reduce", "stubborn", "--property", "ac1").out


def test_a_graph_has_all_events(cli: Cli) -> None:  # noqa: F811
    found = cli(*LINE[:-1], "--reduce", "stubborn")
    assert found.code == 2
    assert "events cannot be left out here" in found.err
    assert "add --safety" in found.err


def test_a_protocol_with_too_many_rows_is_searched_without(cli: Cli) -> None:  # noqa: F811
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(universe, "MOST_ROWS", 10)
        with pytest.raises(TooManyRows):
            leaving_out(load("wait_for_all").protocol(n=2), ASYNCHRONOUS, stays=True)
        found = cli(*LINE, "--property", "ac1", "--reduce", "stubborn", "--format", "json").json
    assert found["reductions"] == ["dead-letters", "equal-states"]
    assert found["configurations"] == 896


def test_a_cut_search_proves_nothing() -> None:
    for bounds, verdict in ((Bounds(configurations=20), INCOMPLETE), (Bounds(), HOLDS)):
        system = leaving_out(load("wait_for_all").protocol(n=3), ASYNCHRONOUS, stays=True)
        (finding,) = examine_safety(system, [agreement], bounds).findings
        assert finding.verdict is verdict
