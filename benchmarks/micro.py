"""The parts of the kernel apart: making transitions, looking up and entering configurations, masks, questions.

    python -m benchmarks.micro

A model is explored once, for safety, with the clock on what it does.  Then everything about single processes is known,
and the parts are run again on it: one that makes every transition and looks none up; one that also looks up what they
lead to, and finds all of it; one that explores again from the beginning; one that builds the visited table again; one
that reads the masks.  The first two make what sleeps as well.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from benchmarks.against_spin import instances
from benchmarks.measure import ROOT, Refused, refusing
from benchmarks.models import Model
from benchmarks.table import machine, table, write_section
from flpcheck import Bounds, asynchronous, load, system_of
from flpcheck.explore.again import FAR
from flpcheck.explore.component_front import ComponentFront
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.marks import marks_of
from flpcheck.explore.memory import reserve, zeros
from flpcheck.explore.native import NativeSearch
from flpcheck.system.message_passing import MessagePassing

CASES = ("two_phase=5", "two_phase=7", "two_phase=9", "paxos=3", "paxos=4")
SPARSER = 3
"""The visited table as large as the search made it, then twice and four times as large."""
NO_HUGE_PAGES = 41  # prctl(PR_SET_THP_DISABLE)
BILLION = 10**9
COLUMNS = (
    "model",
    "huge pages",
    "slots used",
    "ns per transition: made",
    "made and found",
    "**so a look-up**",
    "ns per configuration: explored again",
    "entered in a new table",
    "all masks read",
)
SHARES = ("expanding", "growing", "asking")
"""What a search does: the hot loop; memory, the visited table and wider fields; Python's answers, filling of rows."""
SHARE_COLUMNS = (
    "model",
    "configurations",
    "transitions",
    "CPU seconds: search",
    *SHARES,
    "and reading masks",
    "questions to Python",
)


class Explored(NativeSearch):
    """A search for safety that has ended, with the CPU seconds of what it did."""

    def __init__(self, system: MessagePassing) -> None:
        self.components = ComponentFront(system)
        super().__init__(self.components, Bounds(), keep=False)
        self.spent = dict.fromkeys(SHARES, 0.0)
        begun = time.process_time()
        self.explore()
        self.seconds = time.process_time() - begun
        self.edges = int(self.space.tally[k.EDGES])

    @contextmanager
    def clock(self, share: str) -> Iterator[None]:
        """Count what happens now for one share, and what happens inside it for another only for that one."""
        begun, others = time.process_time(), sum(self.spent.values())
        yield
        inside = sum(self.spent.values()) - others
        self.spent[share] += time.process_time() - begun - inside

    def _prepare(self) -> int | None:
        with self.clock("asking"):
            return super()._prepare()

    def widen(self) -> None:
        """Make fields wider, with the clock on it."""
        with self.clock("growing"):
            super().widen()

    def ensure_capacity(self, configurations: int = 0, transitions: int = 0) -> None:
        """Make room, with the clock on it."""
        with self.clock("growing"):
            super().ensure_capacity(configurations, transitions)

    def run_kernel(self, space: k.Space, until: int, *, capacity: int, peek: bool) -> int:
        """Let the kernel expand configurations, on the clock."""
        with self.clock("expanding"):
            return super().run_kernel(space, until, capacity=capacity, peek=peek)

    @property
    def questions(self) -> int:
        """How many steps Python has been asked for."""
        return int(self.components.interner.store.sizes[k.Size.ANSWERS])

    def with_slots(self, slots: int) -> None:
        """Build the visited table again, of some size."""
        self._rehash(slots)

    def again(self, *, looked_up: bool) -> int:
        """Expand everything once more, and return how many transitions there were."""
        tally = _tally(self.found)
        while int(tally[k.NEXT]) < self.found:
            space = self.space._replace(tally=tally, asleep=np.zeros(0, np.uint32))
            self.attend(self.run_kernel(space, self.found, capacity=FAR, peek=not looked_up), space)
        return int(tally[k.EDGES])

    def explored_again(self) -> int:
        """Search again from the initial configurations, into other memory; return how many were found."""
        roots, old = len(set(self.roots)), self.space
        self.space = old._replace(
            states=reserve(len(old.states), np.uint64), slots=zeros(len(old.slots), np.uint32), tally=_tally(0)
        )
        try:
            self.space.states[: roots * self.width] = old.states[: roots * self.width]
            self.space.tally[k.FOUND] = roots
            self._rehash(len(old.slots))
            while self.next < self.found:
                self.attend(self.run_kernel(self.space, self.found, capacity=FAR, peek=False))
            return self.found
        finally:
            self.space = old


def _tally(found: int) -> Any:
    tally = np.zeros(k.TALLIES, np.int64)
    tally[[k.FOUND, k.BASE]] = found, -1
    return tally


def nanoseconds(part: Callable[[], object], repeat: int, each: int) -> float:
    """Return the median of what a part takes for each of the things that it does, in CPU time; one run is extra."""
    spent = []
    part()
    for _ in range(repeat):
        begun = time.process_time()
        part()
        spent.append(time.process_time() - begun)
    return statistics.median(spent) / each * BILLION


def explored(case: str) -> Explored:
    """Explore a model of some size, as in `two_phase=9`."""
    model, size = case_of(case)
    system = system_of(load(model.spec).protocol(**model.parameters(size)), asynchronous(network="set"))
    assert isinstance(system, MessagePassing)
    return Explored(system)


def case_of(case: str) -> tuple[Model, int]:
    """Return the model and the size of a case."""
    ((model, size),) = instances([case])
    return model, size


def figures(case: str, repeat: int) -> Iterator[dict[str, float]]:
    """Measure on a model of some size, with the visited table at several loads."""
    explored(case.partition("=")[0] + "=1")  # loads the compiled code
    search = explored(case)
    spent, seconds = dict(search.spent), search.seconds
    natural, found, edges = len(search.space.slots), search.found, search.edges
    states = search.space.states[: found * search.width]
    masks = partial(marks_of, search.components.interner, search.layout, search.width, states)
    for slots in (natural << doublings for doublings in range(SPARSER)):
        entered = nanoseconds(partial(search.with_slots, slots), repeat, found)
        if search.again(looked_up=True) != edges or search.explored_again() != found:
            raise Refused("the parts do not find what the whole has found")
        yield {
            **spent,
            "search": seconds,
            "questions": search.questions,
            "configurations": found,
            "transitions": edges,
            "load": found / slots,
            "made": nanoseconds(partial(search.again, looked_up=False), repeat, edges),
            "looked up": nanoseconds(partial(search.again, looked_up=True), repeat, edges),
            "explored": nanoseconds(search.explored_again, repeat, found),
            "entered": entered,
            "masks": nanoseconds(masks, repeat, found),
        }


def row(title: str, found: dict[str, float], *, huge: bool) -> list[str]:
    """Return the row of the parts, of one measurement."""
    return [
        title,
        "yes" if huge else "no",
        f"{found['load']:.0%}",
        f"{found['made']:.1f}",
        f"{found['looked up']:.1f}",
        f"**{found['looked up'] - found['made']:.1f}**",
        f"{found['explored']:.1f}",
        f"{found['entered']:.1f}",
        f"{found['masks']:.1f}",
    ]


def share_row(title: str, found: dict[str, float]) -> list[str]:
    """Return the row of the whole, of one measurement."""
    return [
        title,
        f"{found['configurations']:,}",
        f"{found['transitions']:,}",
        f"{found['search']:.2f}",
        *(f"{found[share]:.2f}" for share in SHARES),
        f"{found['masks'] * found['configurations'] / BILLION:.2f}",
        f"{found['questions']:,}",
    ]


def measured(wanted: argparse.Namespace) -> Iterator[tuple[str, bool, list[dict[str, float]]]]:
    """Measure every case in a process of its own, with and without huge pages."""
    for case in wanted.cases:
        model, size = case_of(case)
        for huge in (True, False):
            command = [sys.executable, "-m", "benchmarks.micro", "--one", case, "--repeat", str(wanted.repeat)]
            command += [] if huge else ["--small-pages"]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Refused(f"exit code {done.returncode} of {' '.join(command)}\n{done.stderr}")
            print(done.stdout, end="", file=sys.stderr, flush=True)
            yield model.heading(size), huge, [json.loads(line) for line in done.stdout.splitlines()]


def measure_one(case: str, repeat: int, *, small_pages: bool) -> None:
    """Measure one case in this process, and print the figures, a line of JSON for each load."""
    if small_pages:
        if sys.platform != "linux":
            raise Refused("only Linux can be asked for small pages")
        ctypes.CDLL(None).prctl(NO_HUGE_PAGES, 1, 0, 0, 0)
    for found in figures(case, repeat):
        print(json.dumps(found), flush=True)


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.micro", description=__doc__)
    parser.add_argument("--cases", nargs="+", default=CASES, metavar="MODEL=N", help=" ".join(CASES))
    parser.add_argument("--repeat", type=int, default=3, help="of each part; the median counts (3)")
    parser.add_argument("--quick", action="store_true", help="a small size, once; RESULTS.md is left alone")
    parser.add_argument("--one", metavar="MODEL=N", help="this one in this process, as JSON")
    parser.add_argument("--small-pages", action="store_true", help="with --one: without huge pages")
    return parser.parse_args(given)


@refusing
def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    wanted = arguments(given)
    if wanted.quick:
        wanted.cases, wanted.repeat = CASES[:1], 1
    if wanted.one is not None:
        measure_one(wanted.one, wanted.repeat, small_pages=wanted.small_pages)
        return 0
    found = list(measured(wanted))
    text = report(found, wanted.repeat)
    print(text)
    if not wanted.quick:
        write_section("micro", "python -m benchmarks.micro", text)
    return 0


def report(found: Sequence[tuple[str, bool, list[dict[str, float]]]], repeat: int) -> str:
    """Return both tables: where the time of a search goes, and what its parts take."""
    shares = [share_row(title, figures[0]) for title, huge, figures in found if huge]
    parts = [row(title, each, huge=huge) for title, huge, figures in found for each in figures]
    return (
        f"## Where the time goes\n\nOne search for safety each, in a process of its own after a small one that loads "
        f"the compiled code; CPU seconds. What the columns mean is said in `benchmarks/README.md`.\n\n"
        f"Measured on {machine()}.\n\n{table(SHARE_COLUMNS, shares)}\n\n"
        f"The parts of the hot loop, medians of {repeat}:\n\n{table(COLUMNS, parts)}"
    )


if __name__ == "__main__":
    sys.exit(main())
