"""Spin as one of the programs that are measured: a verifier compiled for one model of one size."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.measure import Outcome, Refused, Run, measured
from benchmarks.models import Model

MODELS = Path(__file__).parent / "spin"
MEMORY = 20_000  # megabytes that Spin may use


@dataclass(frozen=True)
class Baseline:
    """A way of writing models for Spin, and how they are compiled.

    Parameters
    ----------
    name
        The models are `spin/MODEL_NAME.pml`.
    about
        What is special about it.
    flags
        For the compiler.
    """

    name: str
    about: str
    flags: tuple[str, ...]


EXHAUSTIVE = (
    "-DSAFETY",  # assertions and deadlocks only, no cycles
    "-DNOREDUCE",  # every configuration, as flpcheck has it
)
TEXTBOOK = Baseline("textbook", "models as they are specified, flags as in Spin's manual", ("-O2", *EXHAUSTIVE))
TUNED = Baseline(
    "tuned",
    "models of one process on bit masks, flags for speed",
    (
        "-O3",
        "-march=native",
        *EXHAUSTIVE,
        "-DNOFAIR",
        "-DNOCOMP",  # states are stored as they are: faster, and not larger by much
        "-DSFH",  # a faster hash function; states are still compared in full
        "-DNOBOUNDCHECK",
    ),
)
BASELINES = {baseline.name: baseline for baseline in (TEXTBOOK, TUNED)}
ROUNDED = 10**8
NEEDED = ("spin", "gcc")


@dataclass(frozen=True)
class Verifier:
    """A compiled model.

    Parameters
    ----------
    program
        What was compiled.
    before
        How many of its configurations come before the initial ones, and do not count.
    """

    program: Path
    before: int = 0

    def run(self, configurations: int) -> Run:
        """Search everything, with a hash table of as many slots as there are configurations, or up to twice as many."""
        bits = max(10, configurations.bit_length())
        printed, cost = measured([str(self.program), f"-w{bits}"], self.program.parent)
        found = outcome_of(printed)
        return Run(replace(found, configurations=found.configurations - self.before), cost)


def build(model: Model, baseline: Baseline, size: int, folder: Path) -> Verifier:
    """Have Spin write a verifier for a model of a size, as a baseline writes it, and compile it."""
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing:
        raise Refused(f"not installed: {', '.join(missing)}; on Debian, `apt install {' '.join(missing)}`")
    folder.mkdir(parents=True)
    file = MODELS / f"{model.name}_{baseline.name}.pml"
    _call(["spin", f"-D{model.macro}={size}", "-a", str(file)], folder)
    _call(["gcc", "-w", *baseline.flags, f"-DMEMLIM={MEMORY}", "-o", "pan", "pan.c"], folder)
    return Verifier(folder / "pan", model.before)


def outcome_of(printed: str) -> Outcome:
    """Read what a verifier printed at its end.

    Spin counts the initial configuration among its transitions, and prints eight digits: from 10^8 on a number is
    rounded.  That will do for transitions, which are only shown; a rounded number of states is no result.
    """
    stored, transitions = _figure(r"states, stored", printed), _figure(r"transitions", printed)
    errors = re.search(r"errors: (\d+)", printed)
    depth = re.search(r"depth reached (\d+)", printed)
    if stored is None or transitions is None or errors is None or depth is None:
        return Outcome(0, 0, 0, complete=False, why="Spin printed no result")
    why = ""
    if int(errors[1]):
        why = "Spin stopped at an error"
    elif "not completed" in printed or "too small" in printed:
        why = "Spin did not complete its search"
    elif stored >= ROUNDED:
        why = "Spin rounds numbers of states beyond 10^8"
    return Outcome(stored, transitions - 1, int(depth[1]), not why, why)


def _figure(of: str, printed: str) -> int | None:
    found = re.search(rf"^\s*([\d.]+(?:e\+\d+)?) {of}", printed, re.MULTILINE)
    return int(float(found[1])) if found else None


def version() -> str:
    """Return Spin's version, and the compiler's."""
    spin = _call(["spin", "-V"]).strip().removeprefix("Spin Version ").split(" ")[0]
    gcc = _call(["gcc", "-dumpfullversion"]).strip()
    return f"Spin {spin}, gcc {gcc}"


def _call(command: Sequence[str], folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"exit code {done.returncode} of {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout
