"""Which changes of a package does no test notice?  A seeded sample of mutants, by the operators of mutmut.

    python tests/mutation.py --package reduce --number 200 --seed 0 --to /tmp/mutation

Works on a copy of the files that git knows, so the repository may be edited meanwhile.  First every test of the
selection runs once, which tells how long it takes and which lines it executes (`PACKAGE.map`; tests that take longer
than `SLOW` seconds are left out).  Then each mutant meets the tests that execute its statement: those that killed
others in the same file first, then the quick ones, then the rest of their files, because tests share cached
explorations.  All of that takes at most `BUDGET` seconds without a mutation, and a mutant has `LIMIT` seconds of CPU
time: one that needs more counts as noticed.  Each is a line of `PACKAGE.jsonl`; a second call goes on where the first
was ended.  Survivors that are known not to matter stand in `mutation_survivors.json`, each with the reason.

Tests run in forks of one process that has loaded NumPy, SciPy, Numba and pytest, but nothing of flpcheck.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
SELECTION = {
    "analyse": ["tests/analyse", "tests/rounds", "tests/closed_forms", "tests/reduce", "flpcheck/analyse"],
    "reduce": ["tests/reduce", "flpcheck/reduce"],
    "system": ["tests/system", "tests/world", "tests/rounds", "tests/analyse/test_against_naive.py", "flpcheck/system"],
    "world": ["tests/world", "tests/system", "tests/rounds", "flpcheck/world"],
}
"""Where the tests of each package are."""
LEFT_OUT = [f"tests/analyse/{name}" for name in ("test_crashes_elided.py", "test_fuzz.py")]
"""Tests that go through all specs: each of them takes longer than all others together."""
SLOW, BUDGET, LIMIT, ROOM = 5.0, 15.0, 30, 8 << 30
"""Seconds of one test; of all tests of a mutant; of CPU time for a mutant; bytes of address space."""
HEAVY = (
    "numpy",
    "scipy.sparse.csgraph",
    "numba",
    "networkx",
    "hypothesis",
    "rich.console",
    "click",
    "pytest",
    "coverage",
)
QUIET = [
    "-q",
    "--no-header",
    "-p",
    "no:cacheprovider",
    "-n",
    "0",
    "-m",
    "",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
]
KNOWN = Path(__file__).parent / "mutation_survivors.json"


class Tests(NamedTuple):
    """What the selection takes and executes: seconds by test, and tests by file and line."""

    seconds: dict[str, float]
    lines: dict[str, dict[int, list[str]]]

    def of(self, file: str, first: int, last: int, killers: Counter[str]) -> list[str]:
        """Return the tests for a statement, in the order in which they are to run."""
        lines = self.lines.get(file, {})
        direct = {test for line in range(first, last + 1) for test in lines.get(line, ())}
        direct = direct or {test for tests in lines.values() for test in tests}  # it runs when the module is loaded
        files = {test.partition("::")[0] for test in direct}
        rest = {test for test in self.seconds if test.partition("::")[0] in files} - direct
        chosen, spent = [], 0.0
        for group in (direct, rest):
            for test in sorted(group, key=lambda t: (-killers[t], self.seconds.get(t, SLOW), t)):
                spent += self.seconds.get(test, SLOW)
                if self.seconds.get(test, SLOW) < SLOW and spent < BUDGET:
                    chosen.append(test)
        return chosen


def forked(work: Callable[[], int], log: Path, limit: int = LIMIT) -> int:
    """Run something in a fork with a limit of CPU time; return its exit code, below 0 if it was ended."""
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
            resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(out, 1)
            os.dup2(out, 2)
            code = work()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def copied(to: Path) -> Path:
    """Copy what git knows of the repository, as it stands in the working tree."""
    tree = to / "tree"
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    shutil.rmtree(tree, ignore_errors=True)
    for name in filter(None, names):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            shutil.copy2(ROOT / name, tree / name)
    shutil.copytree(tree / "flpcheck", to / "unchanged", dirs_exist_ok=True)
    return tree


def restored(to: Path) -> Path:
    """Return the copy of an earlier call, without the mutation that was being tried when that was ended."""
    shutil.copytree(to / "unchanged", to / "tree" / "flpcheck", dirs_exist_ok=True)
    return to / "tree"


def _too_slow(*_: object) -> None:
    raise TimeoutError


class Recorder:
    """A plugin of pytest that notes what each test takes and executes."""

    def __init__(self, folder: Path) -> None:
        import coverage

        self.coverage = coverage.Coverage(data_file=None, include=[f"{folder}/*"])
        self.seconds: dict[str, float] = {}
        signal.signal(signal.SIGPROF, _too_slow)
        self.coverage.start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.coverage.switch_context(nodeid)
        signal.setitimer(signal.ITIMER_PROF, SLOW)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + (
            SLOW if report.failed else report.duration
        )

    def pytest_runtest_logfinish(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        self.coverage.switch_context("")

    def written(self, tree: Path, to: Path) -> None:
        """Write what was noted."""
        self.coverage.stop()
        data, lines = self.coverage.get_data(), {}
        for file in data.measured_files():
            found = data.contexts_by_lineno(file).items()
            name = Path(file).relative_to(tree).as_posix()
            lines[name] = {line: [t for t in tests if t] for line, tests in found}
        to.write_text(json.dumps({"seconds": self.seconds, "lines": lines}), encoding="utf-8")


def pytest_in(tree: Path, arguments: list[str], plugins: list[Any] | None = None) -> int:
    """Run pytest on a copy of the repository, in a process that has not loaded flpcheck."""
    import pytest

    os.chdir(tree)
    sys.path[:0] = [str(tree)]
    sys.dont_write_bytecode = True
    return int(pytest.main([*QUIET, f"--rootdir={tree}", *arguments], plugins or []))


def mapped(tree: Path, package: str, to: Path) -> Tests:
    """Return what the tests take and execute; they run if that is not known yet."""
    if not to.exists():

        def work() -> int:
            recorder = Recorder(tree / "flpcheck" / package)
            left_out = [f"--deselect={test}" for test in LEFT_OUT]
            code = pytest_in(tree, [*SELECTION[package], *left_out], [recorder])
            recorder.written(tree, to)
            return code

        code = forked(work, to.with_suffix(".map.log"), limit=60 * LIMIT)
        print(f"the tests without a mutation: exit {code}, see {to.with_suffix('.map.log')} (slow ones are ended)")
    found = json.loads(to.read_text(encoding="utf-8"))
    return Tests(found["seconds"], {f: {int(n): t for n, t in ls.items()} for f, ls in found["lines"].items()})


def tried(tree: Path, mutant: Any, tests: list[str], log: Path) -> dict[str, Any]:
    """Return what became of a mutant."""
    path, start = tree / mutant.file, time.perf_counter()
    before = path.read_bytes()
    for stale in path.parent.glob(f"__pycache__/{path.stem}.*"):
        stale.unlink()
    path.write_text(mutant.source, encoding="utf-8")
    try:
        code = forked(lambda: pytest_in(tree, ["-x", *tests]), log) if tests else 0
    finally:
        path.write_bytes(before)
    words = {0: "survived", 1: "killed"}
    how = words.get(code, "timeout" if code < 0 else "does not load")
    by = [line.split(" ")[1] for line in log.read_text().splitlines() if line.startswith(("FAILED ", "ERROR "))][:1]
    seconds = round(time.perf_counter() - start, 1)
    return {"name": mutant.name, "line": mutant.place.line, "how": how, "by": by, "tests": len(tests), "s": seconds}


def run(package: str, number: int, seed: int, to: Path, *, again: bool) -> Iterator[dict[str, Any]]:
    """Try mutants of a package and yield what became of each; of earlier calls, survivors are tried `again`."""
    from mutation_points import sampled

    done = to / f"{package}.jsonl"
    known = [json.loads(line) for line in done.read_text().splitlines()] if done.exists() else []
    results = {found["name"]: found for found in known if not again or found["how"] != "survived"}
    tree = restored(to) if (to / "unchanged").exists() else copied(to)
    tests = mapped(tree, package, to / f"{package}.map")
    killers: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant in sampled(tree, package, number, seed):
        found = results.get(mutant.name)
        if found is None:
            chosen = tests.of(mutant.file, mutant.place.first, mutant.place.last, killers[mutant.file])
            found = tried(tree, mutant, chosen, to / f"{package}.log")
            with done.open("a", encoding="utf-8") as file:
                file.write(json.dumps(found) + "\n")
        killers[mutant.file].update(found["by"])
        yield found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", choices=sorted(SELECTION), required=True)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--to", type=Path, required=True, help="folder for the copy and the results")
    parser.add_argument("--again", action="store_true", help="try survivors of earlier calls once more")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    for name in HEAVY:
        importlib.import_module(name)
    known, counts, start = json.loads(KNOWN.read_text(encoding="utf-8")), Counter[str](), time.perf_counter()
    for found in run(options.package, options.number, options.seed, options.to.resolve(), again=options.again):
        accepted = found["how"] == "survived" and found["name"] in known
        counts["survived, known" if accepted else found["how"]] += 1
        if found["how"] == "survived" and not accepted:
            print(f"{found['name']}   (line {found['line']}, {found['tests']} tests)", flush=True)
    print(options.package, dict(counts), f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
