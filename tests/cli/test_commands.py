"""The command line as a user meets it: what is printed, where, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flpcheck.cli import main

SPECS = Path(__file__).parents[2] / "specs"


class Run(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        (line,) = self.out.splitlines()
        return json.loads(line)


Cli = Callable[..., Run]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Run:
        with pytest.raises(SystemExit) as exit_:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert isinstance(exit_.value.code, int)
        return Run(exit_.value.code, captured.out, captured.err)

    return run


CONTRACT = [
    "schema_version", "spec", "instance", "parameters", "constants", "world", "engine", "complete", "cut",
    "configurations", "transitions", "edges", "depth", "initial", "valence", "disagreeing", "critical", "properties",
    "flp", "seconds", "peak_memory_bytes", "reports",
]  # fmt: skip


def test_json_has_the_keys_of_the_contract(cli: Cli) -> None:
    found = cli("explore", SPECS / "wait_for_all.py", "--instance", "one crash", "--format", "json", "--no-reports")
    assert found.code == 0
    assert [key for key in CONTRACT if key not in found.json] == []
    assert found.json["initial"].keys() == {"configurations", "bivalent", "univalent", "none", "unknown"}
    assert found.json["valence"] == {"bivalent": 0, "univalent": {"0": 51, "1": 17}, "none": 16, "unknown": 0}
    judged = found.json["properties"]["termination"]
    assert (judged["verdict"], judged["expected"], judged["as_expected"]) == ("VIOLATED", "VIOLATED", True)
    assert judged["counterexample"]["schedule"] == [
        {"event": "crash", "process": "p0", "sender": None, "message": None, "outcome": 0}
    ]
    assert judged["counterexample"]["loop"] is None
    assert found.json["reports"] == []


def test_changed_parameters_lose_the_expectations_and_violations_count(cli: Cli) -> None:
    changed = cli("explore", "wait_for_all", "-p", "n=3", "--crashes", "2", "--format", "json", "--no-reports")
    assert changed.json["instance"] is None
    assert changed.json["parameters"] == {"n": 3}
    assert changed.json["properties"]["termination"]["expected"] is None
    assert changed.code == 1


def test_parameters_that_are_an_instance_again_have_its_expectations(cli: Cli) -> None:
    found = cli("explore", "wait_for_all", "-p", "n=3", "--crashes", "1", "--format", "json", "--no-reports")
    assert found.json["instance"] == "one crash, n=3"
    assert (found.json["configurations"], found.json["transitions"]) == (1696, 5640)
    assert found.code == 0


def test_a_cut_search_is_inconclusive_and_says_which_bound(cli: Cli) -> None:
    arguments = ("explore", "wait_for_all", "-p", "n=3", "--crashes", "0", "--max-configurations", "50", "--no-reports")
    found = cli(*arguments, "--property", "agreement", "--format", "json")
    assert found.code == 3
    assert not found.json["complete"]
    assert found.json["configurations"] == 50
    assert found.json["cut"]["bound"] == "max-configurations"
    assert found.json["valence"]["unknown"] > 0
    assert found.json["properties"]["agreement"]["verdict"] == "INCOMPLETE"


def test_elided_crashes_block_without_crash_events(cli: Cli) -> None:
    options = ("-p", "n=2", "--crashes", "1", "--crash-events", "elided", "--format", "json", "--no-reports")
    found = cli("explore", "wait_for_all", *options)
    assert found.json["configurations"] == 28
    counterexample = found.json["properties"]["termination"]["counterexample"]
    assert counterexample["faulty"] == ["p0"]
    assert counterexample["length"] == 0


def test_the_summary_is_on_stdout_and_names_what_matters(cli: Cli) -> None:
    found = cli("explore", "wait_for_all", "--instance", "one crash", "--no-reports")
    for text in ("84 configurations", "120 transitions", "VIOLATED (expected)", "p0 crashes", "flpcheck replay"):
        assert text in found.out
    assert found.err == ""


def test_reports_are_written_where_asked(cli: Cli, tmp_path: Path) -> None:
    found = cli("explore", "wait_for_all", "--reports", tmp_path / "out", "--format", "json")
    written = [Path(path) for path in found.json["reports"]]
    assert {path.name for path in written} >= {"summary.txt", "graph.svg", "graph.png", "graph.dot"}
    assert all(path.stat().st_size > 0 for path in written)
    assert (tmp_path / "out" / "wait_for_all" / "summary.txt").is_file()


def test_a_printed_replay_command_replays(cli: Cli) -> None:
    explored = cli("explore", "first_quorum", "--no-reports")
    (command,) = {line.strip() for line in explored.out.splitlines() if "flpcheck replay" in line}
    replayed = cli(*command.split()[1:])
    assert replayed.code == 0
    assert "has decided 0" in replayed.out
    assert "has decided 1" in replayed.out


def test_a_schedule_from_json_replays(cli: Cli, tmp_path: Path) -> None:
    explored = cli("explore", "first_quorum", "--format", "json", "--no-reports")
    file = tmp_path / "found.json"
    file.write_text(explored.out, encoding="utf-8")
    replayed = cli("replay", "first_quorum", "--schedule", file, "--property", "agreement", "--format", "json")
    assert replayed.json["schedule"] == explored.json["properties"]["agreement"]["counterexample"]["schedule"]


def test_a_lasso_replays_with_its_loop(cli: Cli) -> None:
    arguments = ("read_write_registers", "--instance", "polite, one crash", "--property", "termination")
    explored = cli("explore", *arguments, "--format", "json", "--no-reports")
    counterexample = explored.json["properties"]["termination"]["counterexample"]
    assert (counterexample["length"], counterexample["loop"]) == (10, 2)
    bad = cli("replay", *arguments[:3], "--path", "1:0.1.0", "--loop", "1")
    assert bad.code == 2
    assert "does not return" in bad.err


def test_an_event_that_is_not_applicable_is_refused_with_those_that_are(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "schedule.json"
    file.write_text('[{"event": "deliver", "process": "p0", "message": "Nonsense"}]', encoding="utf-8")
    refused = cli("replay", "wait_for_all", "--schedule", file)
    assert refused.code == 2
    assert "event 1 of the schedule is not applicable" in refused.err
    assert "p0 starts" in refused.err


def test_check_compares_with_the_expectations(cli: Cli, tmp_path: Path) -> None:
    good = cli("check", SPECS / "wait_for_all.py")
    assert good.code == 0
    assert "as expected" in good.out
    text = (SPECS / "wait_for_all.py").read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.py"
    wrong.write_text(text.replace("configurations=84", "configurations=85"), encoding="utf-8")
    bad = cli("check", wrong)
    assert bad.code == 1
    assert "configurations: expected 85, found 84" in " ".join(bad.out.split())


@pytest.mark.long
def test_what_is_on_demand_waits_to_be_asked_for(cli: Cli, tmp_path: Path) -> None:
    text = (SPECS / "wait_for_all.py").read_text(encoding="utf-8")
    spec = tmp_path / "some.py"
    spec.write_text(text.replace("configurations=1696,", "configurations=1696, on_demand=True,"), encoding="utf-8")
    told = cli("check", spec).out
    assert "1 more on demand" in " ".join(told.split())
    assert "one crash, n=3" not in told
    for option in (("--on-demand",), ("--instance", "one crash, n=3")):
        assert "one crash, n=3" in " ".join(cli("check", spec, *option).out.split())
    assert cli("gallery", spec, "--reports", tmp_path / "gallery").code == 0
    table = (tmp_path / "gallery" / "README.md").read_text(encoding="utf-8")
    assert "| one crash, n=3 (on demand) | 1,696 | 10 |" in table


def test_check_is_inconclusive_where_a_bound_cuts_by_surprise(cli: Cli) -> None:
    cut = cli("check", SPECS / "tla" / "paxos.py", "--instance", "ballots 0..1", "--max-seconds", "0.001")
    assert cut.code == 3
    assert cli("check", SPECS / "tla" / "paxos.py", "--max-seconds", "0.001", "--allow-incomplete").code == 0
    patient = cli("check", SPECS / "wait_for_all.py", "--instance", "one crash", "--max-seconds", "600")
    assert patient.code == 0, "a bound that does not cut changes nothing"
    assert "one crash" in patient.out


def test_what_was_not_judged_does_not_differ(cli: Cli, tmp_path: Path) -> None:
    """How many rounds it takes is found by judging termination."""
    wrong = tmp_path / "wrong.py"
    text = (SPECS / "floodset.py").read_text(encoding="utf-8")
    wrong.write_text(text.replace("within=2", "within=5", 1), encoding="utf-8")
    judged = cli("explore", wrong, "--property", "termination", "--no-reports").out
    assert "differs: rounds until all have decided: expected 5, found 2" in judged
    assert "differs" not in cli("explore", wrong, "--property", "agreement", "--no-reports").out


def test_of_many_differences_the_first_are_listed(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "wait_for_all.py").write_text((SPECS / "wait_for_all.py").read_text(encoding="utf-8"), encoding="utf-8")
    counts = "configurations=1, transitions=1, depth=1, bivalent=1, critical=1"
    text = (
        f"from wait_for_all import *\nINSTANCES = (Instance('wrong', WaitForAll(), asynchronous(), {{}}, {counts}),)\n"
    )
    (tmp_path / "wrong.py").write_text(text, encoding="utf-8")
    out = " ".join(cli("explore", "wrong.py", "--no-reports").out.split())
    assert out.count("differs: ") == 3
    assert "differs in 2 more; `flpcheck check wrong.py` lists them" in out


def test_an_expected_violation_that_is_not_found_differs(cli: Cli, tmp_path: Path) -> None:
    text = (SPECS / "wait_for_all.py").read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.py"
    wrong.write_text(text.replace("agreement: HOLDS", "agreement: VIOLATED"), encoding="utf-8")
    assert cli("check", wrong).code == 1


@pytest.mark.long
def test_list_names_every_bundled_spec(cli: Cli) -> None:
    found = cli("list", "--format", "json")
    names = {json.loads(line)["name"] for line in found.out.splitlines()}
    files = {
        path.relative_to(SPECS).with_suffix("").as_posix()
        for path in SPECS.rglob("*.py")
        if path.parent.name != "tours" and not path.name.startswith("_")
    }
    assert names == files


def test_init_writes_a_spec_that_checks(cli: Cli, tmp_path: Path) -> None:
    assert cli("init", "my_vote").code == 0
    assert cli("check", tmp_path / "my_vote.py").code == 0
    again = cli("init", "my_vote")
    assert again.code == 2
    assert "--force" in again.err


def test_defaults_come_from_pyproject_and_the_command_line_wins(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.flpcheck]\nmax-configurations = 40\nformat = "json"\n')
    config = ("--config", tmp_path / "pyproject.toml")
    limited = cli(*config, "explore", "wait_for_all", "-p", "n=3", "--no-reports")
    assert limited.json["configurations"] == 40
    whole = cli(*config, "explore", "wait_for_all", "-p", "n=2", "--max-configurations", "0", "--no-reports")
    assert whole.json["complete"]


def test_defaults_are_read_from_the_current_folder(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.flpcheck.explore]\nmax-depth = 1\nno-reports = true\n")
    assert cli("explore", "wait_for_all", "--format", "json").json["depth"] == 1


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (("explore", "no_such_spec"), ("cannot find spec 'no_such_spec'", "flpcheck list")),
        (("explore", "wait_for_al"), ("Did you mean 'wait_for_all'?",)),
        (("explore", "missing/file.py"), ("no such file",)),
        (("explore", "wait_for_all", "-p", "m=3"), ("no parameter 'm'", "available: n")),
        (("explore", "wait_for_all", "-p", "n=three"), ("'n' must be of type int", "'three'")),
        (("explore", "wait_for_all", "-p", "n"), ("NAME=VALUE",)),
        (("explore", "wait_for_all", "--instance", "one crsh"), ("Did you mean 'one crash'?",)),
        (("explore", "wait_for_all", "--property", "agrement"), ("Did you mean 'agreement'?",)),
        (("explore", "wait_for_all", "--crashes", "-1"), ("crashes=-1 is negative",)),
        (("explore", "wait_for_all", "--crashes", "2"), ("only 2 processes can crash",)),
        (("explore", "wait_for_all", "--network", "pigeon"), ("pigeon",)),
        (("explore", "wait_for_all", "--input", "p7=1"), ("no process 'p7' with an input",)),
        (("explore", "wait_for_all", "--max-memory", "much"), ("'much' is not a size",)),
        (("explore", "wait_for_all", "--crash-events", "elided", "--mid-broadcast"), ("cannot be elided",)),
        (("explore", "wait_for_all", "--initially-dead", "p9"), ("'p9' does not exist",)),
        (("explore", "test_and_set", "--network", "fifo"), ("no network to configure",)),
        (("explroe", "paxos"), ("'explore'",)),
        (("replay", "wait_for_all"), ("--path or --schedule",)),
        (("replay", "wait_for_all", "--path", "0:99"), ("takes transition 99",)),
    ],
)  # fmt: skip
def test_usage_errors_say_what_and_what_next(cli: Cli, arguments: tuple[str, ...], texts: tuple[str, ...]) -> None:
    found = cli(*arguments)
    assert found.code == 2
    assert found.out == ""
    for text in texts:
        assert text in found.err


def _process(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "flpcheck", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "100"})


def test_help_imports_click_only() -> None:
    code = (
        "import sys; sys.argv = ['flpcheck', '--help']\n"
        "from flpcheck.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'rich', 'networkx', 'scipy', 'numba', 'graphviz', 'pygraphviz', 'hypothesis', 'pytest'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    assert _process(code=code).stdout.splitlines()[-1] == "[]"


def test_output_does_not_depend_on_the_hash_seed() -> None:
    outputs = set()
    for seed in ("0", "1", "2"):
        arguments = [sys.executable, "-m", "flpcheck", "explore", "sequencer", "--format", "json", "--no-reports"]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        answer = json.loads(subprocess.run(arguments, capture_output=True, check=True, env=environment).stdout)
        del answer["seconds"], answer["peak_memory_bytes"]
        outputs.add(json.dumps(answer))
    assert len(outputs) == 1


def test_shell_completion_is_offered() -> None:
    environment = {**os.environ, "_FLPCHECK_COMPLETE": "bash_source"}
    code = "from flpcheck.cli import cli; cli(prog_name='flpcheck')"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert "_FLPCHECK_COMPLETE=bash_complete" in answer.stdout


@pytest.mark.sampled(1)
@pytest.mark.parametrize("form", ["jsonl", "junit", "sarif", "github", "markdown"])
def test_check_and_explore_print_the_formats_of_others_and_nothing_else(cli: Cli, form: str) -> None:
    checked = cli("check", SPECS / "wait_for_all.py", SPECS / "broken" / "paxos_forgets_value.py", "--format", form)
    assert (checked.code, checked.err) == (0, "")
    starts = {"jsonl": "{", "junit": "<?xml", "sarif": "{", "github": "flpcheck: ", "markdown": "## flpcheck"}
    assert checked.out.startswith(starts[form])
    explored = cli(
        "explore", SPECS / "wait_for_all.py", "-p", "n=4", "--crashes", "1", "--no-reports", "--format", form
    )
    assert explored.code == 1
    assert "termination" in explored.out


def test_export_writes_graphs_and_prints_runs(cli: Cli) -> None:
    assert cli("export", SPECS / "sequencer.py", "--to", "aut", "-o", "graph.aut").code == 0
    assert Path("graph.aut").read_text(encoding="utf-8").startswith("des (")
    run = cli("export", SPECS / "broken" / "paxos_forgets_value.py", "--to", "mermaid")
    assert (run.code, run.out.splitlines()[0]) == (0, "sequenceDiagram")
    nothing = cli("export", SPECS / "always_zero.py", "--to", "itf", "--property", "agreement")
    assert nothing.code == 2
    assert "no run to show as 'itf'" in nothing.err


@pytest.mark.parametrize(
    ("form", "step"),
    [("mermaid", "Note over p_p0: starts"), ("itf", '"event": "p0 starts"'), ("shiviz", 'p0 {"p0": 1}\np0 starts')],
)
def test_replay_hands_a_schedule_on(cli: Cli, form: str, step: str) -> None:
    run = cli("replay", SPECS / "wait_for_all.py", "--path", "0:0.0", "--format", form)
    assert run.code == 0
    assert step in run.out


@pytest.mark.parametrize("view", ["spacetime", "fate"])
def test_runs_are_drawn(cli: Cli, view: str) -> None:
    assert cli("graph", SPECS / "first_quorum.py", "--view", view, "-o", "run.png").code == 0
    assert Path("run.png").read_bytes().startswith(b"\x89PNG")


def test_list_fits_a_screen_and_describes_what_is_asked_for(cli: Cli) -> None:
    short = cli("list")
    assert len(short.out.splitlines()) <= 45
    assert "broken/  " in short.out
    found = cli("list", "raft", "elections")
    assert "raft_elections" in found.out
    assert "multi_paxos" not in found.out
    nothing = cli("list", "no_such_thing")
    assert nothing.code == 2
    assert "no bundled spec has 'no_such_thing'" in nothing.err


def test_worlds_goes_on_where_one_does_not_fit(cli: Cli) -> None:
    """A partition that heals cannot be combined with timers that wait: a line says so, and the others have rows."""
    shown = cli("worlds", "paxos_backoff", "--max-configurations", "300", "--property", "agreement")
    assert shown.code == 0
    assert "p0 is cut off until it heals: a partition that heals cannot be combined" in shown.out
    assert "synchronous " in shown.out


def test_explore_ends_with_what_to_open_and_what_to_try(cli: Cli, tmp_path: Path) -> None:
    shown = cli("explore", "wait_for_all", "--instance", "one crash", "--reports", tmp_path)
    look, trial = shown.out.splitlines()[-2:]
    assert look.startswith("look: open ")
    assert "explorer.html" in look
    assert trial.startswith("try: flpcheck graph wait_for_all --instance 'one crash'")
