"""Ctrl-C: the child of a shell gets SIGINT in the middle of a search, reports what it has found, and exits with 130."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SPECS = Path(__file__).parents[2] / "specs"
FLPCHECK = [sys.executable, "-c", "from flpcheck.cli import main; main()"]
HUGE = ["-p", "resource_managers=12", "--format", "json"]
COUNTERS = ("configurations", "transitions", "depth")


def interrupted(arguments: list[str], word: bytes) -> tuple[int, str]:
    """Run flpcheck on a terminal, press Ctrl-C when the progress says a word, and return exit code and output."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    child = subprocess.Popen(FLPCHECK + arguments, stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    shown = b""
    while word not in shown:
        shown += os.read(ours, 4096)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=120)
    os.close(ours)
    return child.returncode, out


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("engine", "arguments"),
    [
        ("reference", ["--engine", "reference", "--property", "agreement", "--no-reports"]),
        ("kernel", ["--engine", "kernel", "--property", "agreement", "--no-reports"]),
        ("kernel", ["--engine", "kernel", "--safety", "--property", "agreement"]),
    ],
)
def test_what_was_found_is_reported(engine: str, arguments: list[str]) -> None:
    code, out = interrupted(["explore", str(SPECS / "tla/two_phase.py"), *HUGE, *arguments], b"depth ")
    found = json.loads(out)
    assert code == 130
    assert (found["engine"], found["complete"], found["cut"]["bound"]) == (engine, False, "interrupted")
    assert found["properties"]["agreement"]["verdict"] == "INCOMPLETE"
    assert found["configurations"] > found["cut"]["frontier"] > 0
    assert all(found[name] > 0 for name in COUNTERS)
