"""Random command lines; `python tests/fuzz_commands.py` tries many more."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

pytest.importorskip("numba")
from fuzz_commands import fuzz

from flpcheck.cli import main as flpcheck


@pytest.mark.long
def test_no_command_line_ends_in_an_internal_error() -> None:
    counts = fuzz(range(40))
    assert {line.split()[0] for line in counts} == {"explore", "flp", "graph", "why", "worlds"}
    assert sum(number for line, number in counts.items() if "refused" not in line) > 10


@pytest.mark.parametrize(
    "line",
    [
        "graph omega_paxos --instance 'never accurate' --network multiset --no-reduction -o graph.dot",
        "why read_write_registers --instance 'patient, one crash' --engine reference",
        "flp omega_paxos --instance 'a leader' --no-reports",
    ],
)
def test_those_that_once_did_do_not_any_more(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lasso out of the graph; a process that is unknown before it crashes; an adversary without a move."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        flpcheck([*shlex.split(line), "--max-configurations", "400"])
    assert ended.value.code in {0, 3}
