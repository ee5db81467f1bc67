"""Benchmarks read what the programs print, and give no ratio between searches that found different things."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import (
    against_reference,
    against_spin,
    bounds,
    brief,
    flpcheck_peer,
    growth,
    micro,
    reductions,
    spin_peer,
    workers,
)
from benchmarks.measure import Cost, Outcome, Refused, Run, measured, same
from benchmarks.models import MODELS
from benchmarks.table import RESULTS, section_of, write_section

SPIN = """
State-vector 20 byte, depth reached 22, errors: 0
   296448 states, stored
  1439362 states, matched
  1735810 transitions (= stored+matched)
        0 atomic steps
hash conflicts:    182461 (resolved)
"""
LARGE = """
State-vector 20 byte, depth reached 28, errors: 0
 10340352 states, stored
1.1321805e+08 states, matched
1.235584e+08 transitions (= stored+matched)
"""


def run(configurations: int, cpu: float = 1.0) -> Run:
    return Run(Outcome(configurations, 10 * configurations, 5, complete=True), Cost(cpu, cpu, 2**20))


def test_spin_is_read() -> None:
    assert spin_peer.outcome_of(SPIN) == Outcome(296_448, 1_735_809, 22, complete=True)


def test_spin_rounds_numbers_of_transitions() -> None:
    found = spin_peer.outcome_of(LARGE)
    assert (found.configurations, found.transitions) == (10_340_352, 123_558_399)
    assert against_spin.rounded(found.transitions) == "123.6 million"


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ("error: max search depth too small\n" + SPIN, "complete"),
        ("Warning: Search not completed\n" + SPIN, "complete"),
        (SPIN.replace("errors: 0", "errors: 1"), "error"),
        (SPIN.replace("   296448 states, stored", "1.6239063e+08 states, stored"), "rounds"),
        ("pan: out of memory\n", "no result"),
    ],
)
def test_a_search_of_spin_that_says_less_than_everything_is_no_result(printed: str, why: str) -> None:
    found = spin_peer.outcome_of(printed)
    assert not found.complete
    assert why in found.why
    with pytest.raises(Refused, match="did not end"):
        same(found, found)


def compared(ours: float, **theirs: float) -> against_spin.Comparison:
    """Each competitor ran once, in that many CPU seconds; flpcheck needs half a second to start."""
    spin = {name: against_spin.Runs([run(288, cpu)], [run(12, 0.0)]) for name, cpu in theirs.items()}
    return against_spin.Comparison("model", {"flpcheck": against_spin.Runs([run(288, ours)], [run(12, 0.5)]), **spin})


def test_each_baseline_has_its_ratio() -> None:
    row = compared(1.5, textbook=30.0, tuned=10.0).row()
    assert len(row) == len(against_spin.columns(["textbook", "tuned"]))
    assert [cell for cell in row if "**" in cell] == ["**30.0**", "**10.0**"]
    assert row[-5:-3] == ["20.0", "6.7"]


def test_no_ratio_without_equal_counts() -> None:
    found = compared(1.5, textbook=30.0, tuned=10.0)
    found.runs["tuned"].whole.append(run(287))
    with pytest.raises(Refused, match="288, 288, 288, 287"):
        found.row()


def test_no_ratio_for_a_cut_search() -> None:
    cut = Outcome(288, 761, 10, complete=False, why="flpcheck was cut")
    with pytest.raises(Refused, match="flpcheck was cut"):
        same(cut, replace(cut, complete=True))


def test_no_ratio_when_the_start_is_all_there_is() -> None:
    assert not any("**" in cell for cell in compared(0.55, tuned=0.3).row())


def test_every_model_is_written_for_every_baseline() -> None:
    models = [f"{model.name}_{baseline}.pml" for model in MODELS for baseline in model.baselines]
    assert {baseline for model in MODELS for baseline in model.baselines} == set(spin_peer.BASELINES)
    assert sorted(path.name for path in spin_peer.MODELS.iterdir()) == sorted(models)


def test_engines_must_also_find_the_same_transitions() -> None:
    found = Outcome(288, 761, 10, complete=True)
    with pytest.raises(Refused, match="transitions: 761, 760"):
        same(found, replace(found, transitions=760), also=("transitions",))


def test_flpcheck_is_read_and_the_engine_is_the_one_asked_for() -> None:
    found = {"engine": "reference", "complete": True, "cut": None, "configurations": 12, "transitions": 14, "depth": 4}
    assert flpcheck_peer.outcome_of(json.dumps(found)) == Outcome(12, 14, 4, complete=True)
    with pytest.raises(Refused, match="the kernel engine was asked for, and the reference engine explored"):
        flpcheck_peer.outcome_of(json.dumps(found), "kernel")


@pytest.mark.parametrize("explore_only", [False, True])
def test_flpcheck_runs(*, explore_only: bool) -> None:
    flpcheck = flpcheck_peer.Flpcheck("reference", explore_only=explore_only)
    found = flpcheck.run("specs/tla/two_phase.py", {"resource_managers": 2})
    assert found.outcome.configurations == 2**2 + 4**2 + 6**2
    assert found.cost.cpu > 0
    assert found.cost.peak > 2**20


def test_a_command_that_fails_is_refused() -> None:
    with pytest.raises(Refused, match="exit code 2"):
        measured(["sh", "-c", "echo no such model >&2; exit 2"])


def test_growth_forecasts_the_next_size() -> None:
    assert growth.forecast([run(10, 1.0), run(100, 2.0), run(1000, 11.0)]) == pytest.approx(101.0)


def test_a_section_is_replaced_and_others_stay(tmp_path: Path) -> None:
    results = tmp_path / "RESULTS.md"
    for name, text in (("a", "old"), ("b", "other"), ("a", "new")):
        write_section(name, "make a table", text, results)
    written = results.read_text(encoding="utf-8")
    assert "old" not in written
    assert written.index("new") < written.index("other")
    assert written.count("<!-- a: ") == 1


def test_the_readme_shows_what_was_measured() -> None:
    shown = section_of(brief.NAME, brief.README.read_text(encoding="utf-8"))
    assert shown == brief.brief(RESULTS.read_text(encoding="utf-8"))
    assert "| Two-phase commit, 10 resource managers | 61,515,776 |" in shown
    shown = section_of(brief.SYMMETRY, brief.README.read_text(encoding="utf-8"))
    assert shown == brief.symmetry(RESULTS.read_text(encoding="utf-8"))
    assert "| Two-phase commit, 12 resource managers | 2,193,563,648 | 6,656 |" in shown


def test_workers_are_compared_by_elapsed_time_after_the_start() -> None:
    alone, together = run(1000, 2.0), run(1000, 1.5)
    cells = workers.row("model", [0.5, 0.5], [[alone], [together]])
    assert cells[:5] == ["model", "1,000", "1.50", "1.00", "**1.5**"]
    assert len(cells) == len(workers.columns(2))
    with pytest.raises(Refused, match="differ in configurations"):
        workers.row("model", [0.5, 0.5], [[alone], [run(999)]])


def test_without_spin_the_comparison_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert against_spin.main(["--quick"]) == 1
    assert "not installed: spin, gcc" in capsys.readouterr().err


def test_sizes_are_read_from_the_command_line() -> None:
    assert [(model.name, size) for model, size in against_spin.instances(["two_phase=5,6"])] == [
        ("two_phase", 5),
        ("two_phase", 6),
    ]
    with pytest.raises(Refused, match="--sizes raft=3"):
        against_spin.instances(["raft=3"])


def test_reference_is_compared_on_specs_that_exist() -> None:
    root = Path(__file__).parents[1]
    assert all((root / spec).exists() for spec, _, _ in against_reference.INSTANCES.values())


def test_the_parts_of_the_kernel_are_measured_on_what_they_find() -> None:
    pytest.importorskip("numba")
    found = list(micro.figures("two_phase=2", 1))
    assert [figure["configurations"] for figure in found] == [56] * micro.SPARSER
    assert [figure["load"] for figure in found] == [found[0]["load"] / factor for factor in (1, 2, 4)]
    assert all(figure[part] >= 0 for figure in found for part in ("made", "looked up", "explored", "entered", "masks"))
    assert sum(found[0][share] for share in micro.SHARES) <= found[0]["search"]
    assert len(micro.row("small", found[0], huge=True)) == len(micro.COLUMNS)
    assert len(micro.share_row("small", found[0])) == len(micro.SHARE_COLUMNS)


def test_parts_that_find_something_else_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setattr(micro.Explored, "explored_again", lambda _: 55)
    with pytest.raises(Refused, match="do not find what the whole has found"):
        list(micro.figures("two_phase=2", 1))


def test_reductions_are_compared_with_the_whole_graph() -> None:
    row = reductions.measure("tla/two_phase:rm=5").split("|")
    assert row[1:5] == [" tla/two_phase:rm=5 ", " 8,832 ", " 4,181 ", " 1,299 "]
    assert reductions.measure("wait_for_all,n=3", 100).split("|")[2:5] == [" >100 ", " >100 ", " >100 "]


@pytest.mark.parametrize(
    ("option", "limit", "measured_", "holds"),
    [
        ("--max-memory", 300, 349, True),
        ("--max-memory", 300, 351, False),
        ("--max-memory", 1000, 1099, True),
        ("--max-seconds", 10, 11.9, True),
        ("--max-seconds", 10, 12.1, False),
        ("--max-seconds", 100, 111, False),
    ],
)
def test_a_bound_holds_within_a_tenth_or_a_little(option: str, limit: float, measured_: float, holds: bool) -> None:
    found = {"cut": {"bound": option[2:]}, "configurations": 1000, "unfinished": []}
    run = bounds.Bounded("paxos", "kernel", option, limit, measured_, Cost(1.0, 2.0, 2**20), found)
    assert run.holds is holds
    assert run.over == pytest.approx(measured_ - limit)
    assert ("not kept" in bounds.row(run)[4]) is not holds
