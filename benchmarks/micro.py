"""The parts of the kernel apart: making transitions, looking up and entering configurations, masks, questions.

    python -m benchmarks.micro

A model is explored once.  Then everything about single processes is known, and the parts are run again on it: one that
makes every transition and looks none up; one that also looks up what they lead to, and finds all of it; one that
explores again from the beginning; one that builds the visited table again; one that reads the masks.  The first two
leave out what sleeps.
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
from functools import partial
from typing import Any

import numpy as np

from benchmarks.measure import ROOT, Refused
from benchmarks.table import machine, table, write_section
from flpcheck import Bounds, asynchronous, load, system_of
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.marks import marks_of
from flpcheck.explore.memory import reserve, zeros
from flpcheck.explore.native import FAR, NativeSearch
from flpcheck.system.message_passing import MessagePassing

SIZES = (5, 7, 8, 9)
SPARSER = 3
"""The visited table as large as the search made it, then twice and four times as large."""
NO_HUGE_PAGES = 41  # prctl(PR_SET_THP_DISABLE)
BILLION = 10**9
COLUMNS = (
    "configurations",
    "transitions",
    "huge pages",
    "slots used",
    "ns per transition: made",
    "made and found",
    "**so a look-up**",
    "ns per configuration: explored again",
    "entered in a new table",
    "all masks read",
    "questions per second",
)


class Explored(NativeSearch):
    """A search for safety that has ended, with how long Python was asked for answers."""

    def __init__(self, system: MessagePassing) -> None:
        super().__init__(system, Bounds(), keep=False)
        self.asking = 0.0
        self.explore()
        self.edges = int(self.space.tally[k.EDGES])

    def _prepare(self) -> None:
        begun = time.process_time()
        super()._prepare()
        self.asking += time.process_time() - begun

    @property
    def questions(self) -> int:
        """How many steps Python has been asked for."""
        return int(self.interner.store.sizes[k.ANSWERS])

    def with_slots(self, slots: int) -> None:
        """Build the visited table again, of some size."""
        self._rehash(slots)

    def again(self, *, looked_up: bool) -> int:
        """Expand everything once more, and return how many transitions there were."""
        space = self.space._replace(tally=_tally(self.found), asleep=np.zeros(0, np.uint32))
        self._run(space, self.found, room=FAR, peek=not looked_up)
        return int(space.tally[k.EDGES])

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
                self._run(self.space, self.found, room=FAR, peek=False)
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


def explored(managers: int) -> Explored:
    """Explore two-phase commit of some size."""
    system = system_of(load("tla/two_phase").protocol(resource_managers=managers), asynchronous(network="set"))
    assert isinstance(system, MessagePassing)
    return Explored(system)


def figures(managers: int, repeat: int) -> Iterator[dict[str, float]]:
    """Measure on two-phase commit of some size, with the visited table at several loads."""
    explored(1)  # loads the compiled code
    search = explored(managers)
    natural, found, edges = len(search.space.slots), search.found, search.edges
    states = search.space.states[: found * search.width]
    masks = partial(marks_of, search.interner, search.layout, search.width, states)
    for slots in (natural << doublings for doublings in range(SPARSER)):
        entered = nanoseconds(partial(search.with_slots, slots), repeat, found)
        if search.again(looked_up=True) != edges or search.explored_again() != found:
            raise Refused("the parts do not find what the whole has found")
        yield {
            "configurations": found,
            "transitions": edges,
            "load": found / slots,
            "made": nanoseconds(partial(search.again, looked_up=False), repeat, edges),
            "looked up": nanoseconds(partial(search.again, looked_up=True), repeat, edges),
            "explored": nanoseconds(search.explored_again, repeat, found),
            "entered": entered,
            "masks": nanoseconds(masks, repeat, found),
            "questions": search.questions / search.asking if search.asking else 0,
        }


def row(found: dict[str, float], *, huge: bool) -> list[str]:
    """Return the row of one measurement."""
    return [
        f"{found['configurations']:,}",
        f"{found['transitions']:,}",
        "yes" if huge else "no",
        f"{found['load']:.0%}",
        f"{found['made']:.1f}",
        f"{found['looked up']:.1f}",
        f"**{found['looked up'] - found['made']:.1f}**",
        f"{found['explored']:.1f}",
        f"{found['entered']:.1f}",
        f"{found['masks']:.1f}",
        f"{found['questions']:,.0f}",
    ]


def rows(wanted: argparse.Namespace) -> Iterator[list[str]]:
    """Measure every size in a process of its own, with and without huge pages."""
    for managers in wanted.sizes:
        for huge in (True, False):
            command = [sys.executable, "-m", "benchmarks.micro", "--one", str(managers), "--repeat", str(wanted.repeat)]
            command += [] if huge else ["--small-pages"]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Refused(f"exit code {done.returncode} of {' '.join(command)}\n{done.stderr}")
            for line in done.stdout.splitlines():
                cells = row(json.loads(line), huge=huge)
                print("  ".join(cells), file=sys.stderr, flush=True)
                yield cells


def measure_one(managers: int, repeat: int, *, small_pages: bool) -> None:
    """Measure one size in this process, and print the figures, a line of JSON for each load."""
    if small_pages:
        if sys.platform != "linux":
            raise Refused("only Linux can be asked for small pages")
        ctypes.CDLL(None).prctl(NO_HUGE_PAGES, 1, 0, 0, 0)
    for found in figures(managers, repeat):
        print(json.dumps(found), flush=True)


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.micro", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="N", help="resource managers (5 7 8 9)")
    parser.add_argument("--repeat", type=int, default=3, help="of each part; the median counts (3)")
    parser.add_argument("--quick", action="store_true", help="a small size, once; RESULTS.md is left alone")
    parser.add_argument("--one", type=int, metavar="N", help="this size in this process, as JSON")
    parser.add_argument("--small-pages", action="store_true", help="with --one: without huge pages")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    wanted = arguments(given)
    if wanted.quick:
        wanted.sizes, wanted.repeat = SIZES[:1], 1
    try:
        if wanted.one is not None:
            measure_one(wanted.one, wanted.repeat, small_pages=wanted.small_pages)
            return 0
        lines = list(rows(wanted))
    except Refused as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    about = (
        f"Two-phase commit, each size in a process of its own; CPU time, medians of {wanted.repeat}. What the columns "
        f"mean is said in `benchmarks/README.md`.\n\nMeasured on {machine()}."
    )
    text = f"## Parts of the kernel\n\n{about}\n\n{table(COLUMNS, lines)}"
    print(text)
    if not wanted.quick:
        write_section("micro", "python -m benchmarks.micro", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
