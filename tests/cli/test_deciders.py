"""What `sweep` and `worlds` print of a protocol in which no process decides."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.test_commands import Cli, cli  # noqa: F401

SPEC = '''
"""Two processes start, and that is all."""
from flpcheck import At, Instance, Process, Processes, Start, Step, agreement, asynchronous, protocol, record
from flpcheck import HOLDS, termination

@record
class State:
    started: bool = False
    decided: int | None = None

@protocol
class Nothing:
    n: int = 2

    def processes(self) -> Processes[str]:
        return [Process(f"p{i}", self.step, start=State()) for i in range(self.n)]

    def step(self, at: At, s: State, event: Start) -> Step[State, str]:
        return State(started=True), ()

INSTANCES = (Instance("it", Nothing(), asynchronous(), {agreement: HOLDS, termination: HOLDS}),)
'''


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "nothing.py"
    file.write_text(SPEC, encoding="utf-8")
    return file


def test_a_sweep_has_a_dash_where_no_process_decides(cli: Cli, spec: Path) -> None:  # noqa: F811
    run = cli("sweep", spec, "--over", "n=1..2", "--property", "agreement")
    assert run.code == 0
    assert [line.split()[-1] for line in run.out.splitlines()[2:4]] == ["-", "-"]
    assert "HOLDS" not in run.out


def test_worlds_have_no_verdict_on_decisions(cli: Cli, spec: Path) -> None:  # noqa: F811
    few = ("--max-configurations", "100")
    run = cli("worlds", spec, *few, "--property", "agreement", "--property", "deadlock_freedom")
    assert run.code == 0
    head, first = (next(line for line in run.out.splitlines() if line.startswith(start)) for start in ("world", "no f"))
    assert "agreement" in head.split()
    assert first.split()[-2:] == ["-", "-"]  # agreement, and the horn of the theorem
    assert "in every world" not in run.out


def test_expecting_a_verdict_on_decisions_is_an_error(cli: Cli, spec: Path) -> None:  # noqa: F811
    run = cli("explore", spec, "--no-reports")
    assert run.code == 2
    assert "no process decides: no state has a field 'decision'" in run.err
    assert "field 'decided' looks like the decision" in run.err


def test_without_expectations_the_likely_field_is_named(cli: Cli, spec: Path) -> None:  # noqa: F811
    spec.write_text(SPEC.partition("INSTANCES")[0], encoding="utf-8")
    run = cli("explore", spec, "--no-reports")
    said = "not judged: in State, the state of p0, field 'decided' looks like the decision; rename it to 'decision'"
    assert said in " ".join(run.out.split())
    assert not [line for line in run.out.splitlines() if line.startswith(("agreement", "termination"))]


@pytest.mark.parametrize(("name", "reads"), [("proposal", True), ("input", False)])
def test_an_input_under_another_name_is_named_where_a_property_looks_for_inputs(
    cli: Cli, spec: Path, name: str, *, reads: bool  # noqa: F811
) -> None:  # fmt: skip
    own = "@invariant\ndef valid(view):\n    return all(v in view.inputs.values() for v in view.outputs.values())\n"
    text = SPEC.partition("INSTANCES")[0].replace("    started", f"    {name}: int = 0\n    started", 1)
    spec.write_text(text.replace("import HOLDS", "import invariant, HOLDS") + own, encoding="utf-8")
    out = " ".join(cli("explore", spec, "--no-reports").out.split())
    said = "`view.inputs` is empty: in State, the state of p0, field 'proposal' looks like the input"
    assert (said in out) is reads
