"""`kill -9` at random moments of a search that is resumed each time: it ends where it would have ended.

    python tests/kill_and_resume.py --managers 9 --kills 10

Two-phase commit, with the graph kept and in safety mode.  Every other kill comes as soon as a record begins to be
written.  Prints how far the search had come at each kill, and how many of them tore a record.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flpcheck.explore.record_log import RecordLog

SPEC = Path(__file__).parents[1] / "specs" / "tla" / "two_phase.py"
FLPCHECK = [sys.executable, "-c", "from flpcheck.cli import main; main()"]
MODES = {"graph": ("--property", "agreement"), "safety": ("--safety",)}
MAY_DIFFER = ("seconds", "peak_memory_bytes", "engine", "purity")


def killed(command: Sequence[str], file: Path, patience: float) -> bool:
    """Start a search, wait until it has written something more and a random time after that, and kill it.

    Return whether it was still running.
    """
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    before = _size(file)
    while child.poll() is None and _size(file) <= before:
        time.sleep(0.0002)
    time.sleep(random.uniform(0, patience))
    child.send_signal(signal.SIGKILL)
    child.communicate()
    return child.returncode == -signal.SIGKILL


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def torn(file: Path) -> bool:
    """Return whether the last record of a checkpoint is not whole."""
    copy = file.with_name("copy")
    shutil.copy(file, copy)
    identity = json.loads(copy.read_bytes().splitlines()[1])
    for _ in RecordLog(copy, identity).records():
        pass
    return copy.stat().st_size < file.stat().st_size


def ended(command: Sequence[str]) -> dict[str, Any]:
    """Let a search end, and return what it printed, without what may differ."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return {key: value for key, value in found.items() if key not in MAY_DIFFER}


def compare(mode: str, managers: int, kills: int, patience: float, file: Path) -> tuple[list[int], int]:
    """Kill and resume, and compare the end with that of a search that is not killed.

    Return the file's size at each kill, and how many of them tore a record.
    """
    explore = [*FLPCHECK, "explore", str(SPEC), "-p", f"resource_managers={managers}", "--max-configurations", "0"]
    explore += ["--engine", "kernel", "--format", "json", "--no-reports", "--no-reduction"]
    explore += ["--checkpoint-every", "0", *MODES[mode]]
    sizes, tears = list[int](), 0
    for number in range(kills):
        wish = "--resume" if file.exists() else "--checkpoint"
        if killed([*explore, wish, str(file)], file, patience * (number % 2)):
            sizes.append(_size(file))
            tears += torn(file)
    resumed = ended([*explore, "--resume", str(file)])
    assert resumed == ended(explore), (mode, resumed)
    assert resumed["configurations"] == 2**managers + 4**managers + 6**managers
    return sizes, tears


def main() -> None:
    """Compare in each mode, and print where the kills fell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--managers", type=int, default=9)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--patience", type=float, default=0.5, help="maximum delay of a kill, in seconds")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    wanted = parser.parse_args()
    for mode in wanted.modes:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "checkpoint"
            sizes, tears = compare(mode, wanted.managers, wanted.kills, wanted.patience, file)
            at = ", ".join(f"{size / _size(file):.1%}" for size in sizes)
        print(f"{mode}: the same result after {len(sizes)} kills, {tears} of which tore a record, at {at}")  # noqa: T201


if __name__ == "__main__":
    main()
