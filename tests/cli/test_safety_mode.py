"""`--safety` is the same run without transitions: it says, writes and draws the same, as far as that is known."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli.test_commands import CONTRACT, Cli, cli  # noqa: F401


def test_safety_mode_judges_what_it_can_and_names_the_rest(cli: Cli) -> None:  # noqa: F811
    options = ("--format", "json", "--no-reports")
    found = cli("explore", "wait_for_all", "--instance", "one crash", "--safety", *options)
    whole = cli("explore", "wait_for_all", "--instance", "one crash", *options)
    assert found.code == 0
    assert [key for key in CONTRACT if key not in found.json] == []
    for name in ("configurations", "transitions", "depth", "complete"):
        assert found.json[name] == whole.json[name]
    assert found.json["properties"]["agreement"]["verdict"] == "HOLDS"
    assert "termination" in found.json["not_asked"]
    assert "termination" not in found.json["properties"]


def test_safety_mode_finds_the_shortest_schedule(cli: Cli) -> None:  # noqa: F811
    options = ("--property", "agreement", "--format", "json", "--no-reports")
    found, whole = (cli("explore", "first_quorum", *more, *options).json for more in (("--safety",), ()))
    assert found["cut"]["bound"] == "first-violation"
    assert found["properties"]["agreement"] == whole["properties"]["agreement"]


def test_an_expected_violation_ends_a_safety_search_as_wanted(cli: Cli) -> None:  # noqa: F811
    expected = cli("explore", "first_quorum", "--instance", "one crash, n=3", "--safety")
    assert expected.code == 0
    assert re.search(r"^agreement +VIOLATED \(expected\)", expected.out, re.MULTILINE)
    assert "INCOMPLETE" in expected.out
    assert cli("explore", "first_quorum", "--instance", "one crash, n=3", "--safety", "--max-depth", "1").code == 3
    assert cli("explore", "first_quorum", "--crashes", "0", "-p", "n=4", "--safety").code == 1


def test_where_safety_mode_can_judge_nothing_that_is_asked_nothing_is_concluded(cli: Cli) -> None:  # noqa: F811
    found = cli("explore", "wait_for_all", "--safety", "--property", "termination", "--no-reports")
    assert found.code == 3
    assert "termination is not judged without transitions: it depends on what can still happen" in found.out


def test_an_unexpected_violation_is_one_whatever_else_is_as_expected(cli: Cli) -> None:  # noqa: F811
    line = ("explore", "wait_for_all", "--instance", "one crash", "--no-reports", "--property")
    assert cli(*line, "agreement").code == 0
    for mode in ((), ("--safety",)):
        assert cli(*line, "interactive_consistency", *mode).code == 1


def test_safety_mode_tells_the_same_story(cli: Cli) -> None:  # noqa: F811
    line = ("explore", "first_quorum", "--property", "agreement", "--no-reports")
    told, safely = (cli(*line, *mode).out.partition("agreement is violated  (")[2] for mode in ((), ("--safety",)))
    assert "p0.decision: None → 0" in told
    stories = [[line.partition("   [")[0].rstrip() for line in out.splitlines()[1:]] for out in (told, safely)]
    assert stories[0] == stories[1]  # but for valence, which needs the graph


@pytest.mark.parametrize("form", ["junit", "sarif", "github", "markdown"])
def test_safety_mode_has_every_format(cli: Cli, form: str) -> None:  # noqa: F811
    line = ("explore", "first_quorum", "--property", "agreement", "--no-reports", "--max-depth", "9", "--format", form)
    told, safely = (cli(*line, *mode) for mode in ((), ("--safety",)))
    assert told.code == safely.code == 1
    for text in ("p0 decides 0 while p1 decides 1", "--path 1:0.0", "p0 starts"):
        assert text in told.out
        assert text in safely.out


def test_safety_mode_draws_the_counterexample(cli: Cli, tmp_path: Path) -> None:  # noqa: F811
    line = ("explore", "first_quorum", "--property", "agreement", "--pictures", "dot", "--format", "json")
    for folder, mode in (("whole", ()), ("safely", ("--safety", "--engine", "kernel"))):
        cli(*line, *mode, "--reports", tmp_path / folder)
    names = {file.name for file in (tmp_path / "safely" / "first_quorum").iterdir()}
    assert names == {"summary.txt", "counterexample-agreement.dot", "spacetime-agreement.svg"}
    drawn, whole = (tmp_path / name / "first_quorum" / "counterexample-agreement.dot" for name in ("safely", "whole"))
    edges = [
        [text for text in file.read_text(encoding="utf-8").splitlines() if "->" in text] for file in (drawn, whole)
    ]
    assert len(edges[0]) == len(edges[1]) > 3
    assert "40 configurations, 48 transitions, depth 2, stopped at the first violation with" in drawn.read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("claim", ["agreement", "validity", "deadlock_freedom"])
def test_safety_mode_goes_deep_first_if_asked_to(cli: Cli, claim: str) -> None:  # noqa: F811
    spec = "wait_for_all" if claim == "deadlock_freedom" else "first_quorum"
    line = (
        "explore",
        spec,
        "--crashes",
        "1",
        "--property",
        claim,
        "--order",
        "dfs",
        "--no-reports",
        "--format",
        "json",
    )
    told, safely = (cli(*line, *mode).json for mode in ((), ("--safety",)))
    assert safely["properties"][claim]["verdict"] == told["properties"][claim]["verdict"] != "INCOMPLETE"
    assert safely["configurations"] <= told["configurations"]


@pytest.mark.parametrize("spec", ["paxos_duel", "raft_elections"])
def test_safety_mode_uses_declared_reductions(cli: Cli, spec: str) -> None:  # noqa: F811
    told, safely = (cli("explore", spec, "--no-reports", "--format", "json", *m).json for m in ((), ("--safety",)))
    assert safely["engine"] == "reference"
    for name, found in safely["properties"].items():
        if found["verdict"] != "INCOMPLETE":
            assert found == told["properties"][name]
    if safely["complete"]:
        assert [safely[name] for name in ("configurations", "transitions", "depth")] == [
            told[name] for name in ("configurations", "transitions", "depth")
        ]
    else:
        assert safely["configurations"] < told["configurations"]


def test_what_an_expected_violation_leaves_unjudged_is_no_difference(cli: Cli) -> None:  # noqa: F811
    line = ("first_quorum", "--instance", "one crash", "--safety")
    shown = cli("explore", *line, "--no-reports")
    assert shown.code == 0
    assert "INCOMPLETE (expected HOLDS)" in shown.out
    assert "differs" not in shown.out
    report = cli("check", *line, "--format", "junit")
    assert report.code == 0
    assert 'failures="0" skipped="2"' in report.out
