"""Random command lines: every spec in random worlds, through every command that explores.

    python tests/fuzz_commands.py --number 300 --first 0

A command line may be refused, with what to do next; it may find anything.  It must not end in an internal error, nor in
an exception.  A command line that does is printed.
"""

from __future__ import annotations

import shlex
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from random import Random
from tempfile import TemporaryDirectory

from fuzzing import option_parser, print_counts, seeds

from flpcheck import load
from flpcheck.cli import main as flpcheck
from flpcheck.errors import InternalError
from flpcheck.spec import bundled

BOUNDS = ["--max-configurations", "400", "--max-seconds", "20"]
COMMANDS = {
    "explore": ["--no-reports"],
    "flp": ["--no-reports"],
    "why": [],
    "graph": ["-o", "graph.dot"],
    "worlds": [],
}
WORLDS = [
    ["--crashes", "1"], ["--crashes", "2"], ["--crashes", "1", "--crash-events", "elided"],
    ["--crashes", "1", "--mid-broadcast"], ["--crashes", "1", "--recoveries", "1", "--crash-points", "write-first"],
    ["--crashes", "1", "--recoveries", "1", "--crash-points", "torn"], ["--crash-points", "cut"], ["--cut", "a>b"],
    ["--crashes", "1", "--recoveries", "1", "--mid-broadcast"], ["--cut", "p0-p1", "--heals"],
    ["--initially-dead", "1"], ["--crashes", "1", "--recoveries", "1"],
    ["--crashes", "1", "--recoveries", "unlimited"], ["--byzantine", "1"], ["--omission", "1"], ["--network", "set"],
    ["--network", "fifo"], ["--network", "multiset"], ["--ignored", "stays"], ["--loss", "1"], ["--loss", "unlimited"],
    ["--duplication", "1"], ["--network", "set", "--duplication", "unlimited"], ["--timing", "synchronous"],
    ["--timing", "heard_of"], ["--timing", "eventually_synchronous"], ["--timing", "partially_synchronous"],
    ["--detector", "P"], ["--detector", "diamond-S"], ["--detector", "omega"], ["--mistakes", "1"], ["--rounds", "2"],
    ["--predicate", "majority"], ["--authenticated"], ["--send-omission", "1"], ["--detector", "none"],
]  # fmt: skip
SEARCHES = [
    [], [], [], ["--safety"], ["--order", "dfs"], ["--engine", "reference"], ["--engine", "kernel"], ["--no-reduction"],
    ["--max-depth", "3"], ["--workers", "2"],
]  # fmt: skip
ENDS = {0: "as expected", 1: "differs", 2: "refused", 3: "cut"}


def drawn(seed: int) -> list[str]:
    """Return a command line."""
    at = Random(seed)
    name = at.choice(list(bundled()))
    command = at.choice(list(COMMANDS))
    instance = at.choice([i.name for i in load(name).instances if not i.on_demand])
    world = [word for options in at.sample(WORLDS, at.choice([0, 1, 1, 2])) for word in options]
    search = at.choice(SEARCHES)
    if "--safety" in search and command != "explore":
        search = []
    return [command, name, "--instance", instance, *world, *search, *COMMANDS[command], *BOUNDS]


def tried(seed: int) -> str:
    """Run a command line and return how it ended."""
    line = drawn(seed)
    code, printed = ended(line)
    if code not in ENDS:
        raise InternalError(f"flpcheck {shlex.join(line)}  (seed {seed}): exit code {code}\n{printed[-3000:]}")
    return f"{line[0]} {ENDS[code]}"


def ended(line: list[str]) -> tuple[int, str]:
    """Run a command line in a folder of its own; return its exit code, and what it printed."""
    output, code = StringIO(), 0
    with TemporaryDirectory() as folder, chdir(folder), redirect_stdout(output), redirect_stderr(output):
        try:
            flpcheck(line)
        except SystemExit as end:
            code = int(end.code or 0)
    return code, output.getvalue()


def fuzz(seeds: Iterable[int]) -> Counter[str]:
    """Return how many command lines ended in which way."""
    return Counter(tried(seed) for seed in seeds)


def main() -> None:
    """Try many and print how they ended; go on after a wrong one, and print it."""
    options = option_parser(__doc__, 300).parse_args()
    started, counts = time.monotonic(), Counter[str]()
    for seed in seeds(options):
        try:
            counts[tried(seed)] += 1
        except InternalError as error:
            counts["WRONG"] += 1
            print(error, flush=True)  # noqa: T201
    print_counts(counts, f"{options.number} command lines", started)


if __name__ == "__main__":
    main()
