"""`check --jobs`: the same output, byte for byte, whatever the number of processes; Ctrl-C ends them all."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli.test_commands import Cli, cli  # noqa: F401

SPECS = Path(__file__).parents[2] / "specs"
FLPCHECK = [sys.executable, "-c", "from flpcheck.cli import main; main()"]
TIMES = re.compile(r'\d+\.\d\d\b|time="[\d.]+"|"seconds": \{[^}]*\}|"peak_memory_bytes": \d+')


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """Return a spec with a wrong count, and one with a wrong verdict, each in one of its instances."""
    text = (SPECS / "wait_for_all.py").read_text(encoding="utf-8")
    file = tmp_path / "wrong.py"
    file.write_text(
        text.replace("configurations=84", "configurations=85").replace("agreement: HOLDS", "agreement: VIOLATED")
    )
    return file


@pytest.mark.sampled(1)
@pytest.mark.parametrize("form", ["text", "json", "jsonl", "junit", "sarif", "github", "markdown"])
def test_every_format_is_the_same_whatever_the_number_of_workers(cli: Cli, wrong: Path, form: str) -> None:  # noqa: F811
    alone, together = (
        cli("check", wrong, SPECS / "first_quorum.py", "--format", form, "--jobs", workers) for workers in "12"
    )
    assert alone.code == together.code == 1
    assert TIMES.sub("", alone.out) == TIMES.sub("", together.out)
    assert ('"expected": "VIOLATED"' if form.startswith("json") else "expected VIOLATED") in alone.out


@pytest.mark.sampled(1)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_prints_what_was_checked_and_ends_the_children(tmp_path: Path, workers: str) -> None:
    endless = tmp_path / "endless.py"
    text = (SPECS / "tla" / "two_phase.py").read_text(encoding="utf-8")
    endless.write_text(text.replace("resource_managers=5", "resource_managers=12"), encoding="utf-8")
    arguments = ["check", str(endless), "--format", "json", "--jobs", workers]
    child = subprocess.Popen(FLPCHECK + arguments, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert child.stdout is not None
    first = json.loads(child.stdout.readline())
    os.killpg(child.pid, signal.SIGINT)
    rest, _ = child.communicate(timeout=60)
    assert child.returncode == 130
    assert first["configurations"] == 288
    assert all(json.loads(line)["cut"]["bound"] == "interrupted" for line in rest.splitlines())
    assert is_gone(child.pid)


def is_gone(group: int) -> bool:
    """Whether no process of a group is left, after a moment of patience."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
