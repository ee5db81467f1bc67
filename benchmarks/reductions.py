"""What reductions that need no declaration save: `python -m benchmarks.reductions [SPEC:INSTANCE ...]`.

A table of configurations and processor seconds: of the whole graph, without dead letters (`--reduce dead-letters`),
with equal local states merged as well (`--reduce equal-states`), with stubborn sets alone, and with all three
(`--reduce stubborn`).  A search includes guessing which states are equal, every time that it begins again, and finding
the universe for stubborn sets, of which decisions alone are watched; a dash says that they are refused, or that there
are too many rows.  Start-up and loading the kernel are left out.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flpcheck import Bounds, Instance, asynchronous, load, replace
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.state_reads import Observation
from flpcheck.reduce.stubborn import Stubborn, universe_of, why_whole
from flpcheck.reduce.universe import TooManyRows
from flpcheck.reduce.without_dead_letters import without_dead_letters
from flpcheck.system import System, system_of
from flpcheck.system.message_passing import MessagePassing

USUAL = (
    "tla/two_phase:rm=3", "tla/two_phase:rm=5", "tla/two_phase:rm=5,resource_managers=6",
    "tla/two_phase:rm=5,resource_managers=7", "two_phase_commit,participants=2,timeouts=True",
    "two_phase_commit,participants=3,timeouts=True", "two_phase_commit,participants=4,timeouts=True",
    "two_phase_commit,participants=5,timeouts=True", "first_quorum,n=3,quorum=2", "first_quorum,n=4,quorum=3",
    "first_quorum,n=5,quorum=4",
    "wait_for_all,n=3", "wait_for_all,n=4", "wait_for_all,n=5", "wait_for_all,n=6",
    "paxos:one ballot each", "multi_paxos:calm",
    "multi_paxos:one slot", "tla/paxos:ballots 0..1", "raft:two leaders", "raft:one term", "actors/paxos:two clients",
    "broken/paxos_small_quorum:split brain", "broken/paxos_forgets_value:one ballot each",
)  # fmt: skip
"""Models: an instance of a spec, or its protocol in the asynchronous world; then parameters that are changed."""
MOST = 4_000_000
"""Maximum number of configurations of a search."""
WANTED = 1.1
"""Maximum ratio of dead letters and of equal states to the CPU seconds of a search of the whole graph."""
COLUMNS = 5
"""Number of choices of reductions."""


def model(name: str) -> System:
    """Return the plain system of a model."""
    where, *parameters = name.split(",")
    spec, _, instance = where.partition(":")
    known = load(spec).instance(instance) if instance else Instance("", load(spec).protocol(), asynchronous())
    chosen: dict[str, Any] = {one: _value(text) for one, text in (pair.split("=") for pair in parameters)}
    return system_of(replace(known.protocol, **chosen), known.world, known.inputs)


def _value(text: str) -> int | bool:
    return text == "True" if text in {"True", "False"} else int(text)


def reduced(name: str) -> Iterator[Callable[[], System]]:
    """Yield a model with no reduction, and with each choice of reductions."""
    yield lambda: model(name)
    yield lambda: without_dead_letters(model(name))
    yield lambda: without_dead_letters(model(name), Observation())
    if not why_whole(model(name)):
        yield lambda: leaving_out(model(name), merges=False, drops=False)
        yield lambda: leaving_out(model(name))


def leaving_out(plain: System, **how: bool) -> Stubborn:
    """Return a system of which stubborn sets are expanded."""
    assert isinstance(plain, MessagePassing)
    return Stubborn(plain, Observation(), universe_of(plain), stays=True, **how)


def measure(name: str, most: int = MOST) -> str:
    """Return the row of a model."""
    sizes, seconds = list[str](), list[float]()
    for make in reduced(name):
        gc.collect()
        started = time.process_time()  # making a system may guess
        try:
            found = examine_safety(make(), (), Bounds(configurations=most)).graph
            sizes.append(f"{len(found):,}" if found.complete else f">{most:,}")
        except TooManyRows:
            sizes.append("-")
        seconds.append(time.process_time() - started)
    refused = ["-"] * (COLUMNS - len(sizes))
    spent = [f"{one:.2f}" for one in seconds]
    ratios = [f"{one / seconds[0]:.2f}" for one in seconds[1:3]]
    return f"| {name} | {' | '.join([*sizes, *refused, *spent, *refused, *ratios, f'{WANTED:g}'])} |"


def main(names: Iterable[str]) -> None:
    """Print the table."""
    examine_safety(model("wait_for_all,n=3"), (), engine="kernel")
    sizes = ["model", "whole", "dead letters", "equal states", "stubborn sets", "all three"]
    heads = [*sizes, *["CPU s"] * COLUMNS, "dead / whole", "equal / whole", "wanted"]
    print(f"| {' | '.join(heads)} |\n|---{'|--:' * (len(heads) - 1)}|")
    for name in names or USUAL:
        print(measure(name), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
