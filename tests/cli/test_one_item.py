"""A combination, or a world, in which the spec is at fault is one item of `sweep` and `worlds`; the rest goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.test_commands import Cli, cli  # noqa: F401

from flpcheck.failure import item_of

SPEC = '''
"""Each process decides its input; some sizes are mistakes."""
from flpcheck import At, Instance, Process, Processes, Start, Step, asynchronous, protocol, record, replace

@record
class State:
    input: int = 0
    decision: int | None = None

@protocol
class Sizes:
    n: int = 2

    def processes(self) -> Processes[str]:
        inputs = {} if self.n == 1 else {0: State(0), 1: State(1)}
        return [Process(f"p{i}", self.step, inputs=inputs) for i in range(self.n)]

    def step(self, at: At, s: State, event: Start) -> Step[State, str]:
        if self.n == 3:
            raise ValueError("three")
        if self.n == 4:
            raise SystemExit(0)
        return replace(s, decision=s.input), ()

INSTANCES = (Instance("it", Sizes(), asynchronous()),)
'''
LINE = SPEC[: SPEC.index("def step")].count("\n") + 1
INITIAL = '''
"""A general protocol that may have no initial configuration."""
from flpcheck import Instance, asynchronous, protocol

@protocol
class Sizes:
    n: int = 2

    def initial(self):
        return [0] * (self.n - 1)

    def successors(self, shared):
        return []

INSTANCES = (Instance("it", Sizes(), asynchronous()),)
'''


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "sizes.py"
    file.write_text(SPEC, encoding="utf-8")
    return file


def test_a_sweep_goes_on_past_combinations_in_which_the_spec_is_at_fault(cli: Cli, spec: Path) -> None:  # noqa: F811
    run = cli("sweep", spec, "--over", "n=1..5", "--property", "agreement", "--format", "json")
    cells = [json.loads(line) for line in run.out.splitlines()]
    assert [cell["verdict"] for cell in cells] == [None, "VIOLATED", None, None, "VIOLATED"]
    wrong = {cell["at"]["n"]: cell["error"] for cell in cells if cell["error"]}
    assert list(wrong) == ["1", "3", "4"]
    assert wrong["1"]["what"] == "process 'p0' has no input to start with: `inputs` is empty"
    assert wrong["3"]["why"].startswith("ValueError: three")
    assert wrong["4"]["what"] == "the spec calls sys.exit(0)"
    assert {error["exit_code"] for error in wrong.values()} == {run.code} == {2}


def test_the_table_of_a_sweep_names_what_is_wrong(cli: Cli, spec: Path) -> None:  # noqa: F811
    run = cli("sweep", spec, "--over", "n=2..3", "--property", "agreement")
    assert run.code == 2
    assert [line.split() for line in run.out.splitlines()[2:4]] == [["2", "VIOLATED"], ["3", "error"]]
    assert f"n=3: {spec.name}:{LINE + 2}: a step raised an exception" in run.out


def test_a_sweep_ends_where_what_is_swept_does_not_exist(cli: Cli, spec: Path) -> None:  # noqa: F811
    run = cli("sweep", spec, "--over", "m=1..2", "--property", "agreement")
    assert (run.code, run.out) == (2, "")


def test_a_general_protocol_without_initial_configurations_is_an_item(cli: Cli, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "general.py"
    file.write_text(INITIAL, encoding="utf-8")
    run = cli("sweep", file, "--over", "n=1..2", "--property", "deadlock_freedom", "--format", "json")
    first, second = map(json.loads, run.out.splitlines())
    assert (first["error"]["what"], second["error"], run.code) == ("initial() yields no configuration", None, 2)


@pytest.mark.long
def test_worlds_have_a_row_for_the_one_that_could_not_be_examined(cli: Cli, spec: Path) -> None:  # noqa: F811
    run = cli("worlds", spec, "-p", "n=3", "--property", "agreement")
    assert run.code == 2
    row = next(line for line in run.out.splitlines() if line.startswith("no failures "))
    assert row.split()[:3] == ["no", "failures", "error"]
    assert f"no failures: {spec.name}:{LINE + 2}: a step raised an exception" in run.out
    told = [json.loads(line) for line in cli("worlds", spec, "-p", "n=3", "--format", "json").out.splitlines()]
    assert [row["name"] for row in told if row["error"]] == ["no failures"]
    assert all(not row["fits"] for row in told)


def test_whatever_the_spec_raises_in_a_world_is_an_item_of_it(cli: Cli, spec: Path) -> None:  # noqa: F811
    run = cli("worlds", spec, "-p", "n=4", "--property", "agreement", "--format", "json")
    assert run.code == 2
    errors = [json.loads(line)["error"] for line in run.out.splitlines()]
    assert {error["what"] for error in errors if error} == {"the spec calls sys.exit(0)"}


def test_an_interrupt_ends_a_report() -> None:
    with pytest.raises(KeyboardInterrupt):
        item_of(KeyboardInterrupt(), "spec.py")
