"""`flpcheck warm`, and the kernel compiled in a process of its own: once, and then at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

PROGRAM = """
import time
from flpcheck.explore.compiling import Compilation
one = Compilation.begun(1)
assert one is Compilation.begun(1) and not one.succeeded
while not one.done:
    time.sleep(0.1)
assert one.succeeded
"""
LARGE = (
    "explore",
    "paxos",
    "--instance",
    "crash events",
    "--property",
    "agreement",
    "--no-reports",
    "--format",
    "json",
)


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a machine that has never compiled the kernel."""
    return {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}


def flpcheck(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flpcheck", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)


@pytest.mark.long
def test_what_another_process_has_compiled_is_at_hand(cold: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], env=cold, check=True, timeout=600)
    warm = flpcheck(cold, "warm", "--words", "1")
    assert (warm.returncode, warm.stderr) == (0, "")
    first, second = warm.stdout.splitlines()
    assert first == "configurations of 1 word: was compiled before"
    assert second.startswith(f"compiled code is in {cold['NUMBA_CACHE_DIR']} (")
    found = flpcheck(cold, *LARGE)
    assert json.loads(found.stdout)["engine"] == "kernel"
    assert "compiling" not in found.stderr


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    warm = flpcheck({**os.environ, "NUMBA_CACHE_DIR": str(file / "cache")}, "warm", "--words", "1")
    assert warm.returncode == 2
    assert str(file / "cache") in warm.stderr
