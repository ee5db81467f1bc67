"""What reductions that need no declaration save: `python -m benchmarks.reductions [SPEC:INSTANCE ...]`.

A table of configurations and processor seconds: of the whole graph, without dead letters (`--reduce dead-letters`), and
with equal local states merged as well (`--reduce equal-states`).  A search includes guessing which states are equal,
and every time that it begins again.  Start-up and loading the kernel are left out.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

from flpcheck import Bounds, Instance, asynchronous, load, replace
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.state_reads import Observation
from flpcheck.reduce.without_dead_letters import without_dead_letters
from flpcheck.system import System, system_of

USUAL = (
    "tla/two_phase:rm=3", "tla/two_phase:rm=5", "tla/two_phase:rm=5,resource_managers=6",
    "tla/two_phase:rm=5,resource_managers=7", "two_phase_commit,participants=2,timeouts=True",
    "two_phase_commit,participants=3,timeouts=True", "two_phase_commit,participants=4,timeouts=True",
    "two_phase_commit,participants=5,timeouts=True", "first_quorum,n=3", "first_quorum,n=4", "first_quorum,n=5",
    "wait_for_all,n=3", "wait_for_all,n=4", "wait_for_all,n=5", "paxos:one ballot each", "multi_paxos:calm",
    "multi_paxos:one slot", "tla/paxos:ballots 0..1", "raft:two leaders", "raft:one term", "actors/paxos:two clients",
    "broken/paxos_small_quorum:split brain", "broken/paxos_forgets_value:one ballot each",
)  # fmt: skip
"""Models: an instance of a spec, or its protocol in the asynchronous world; then parameters that are changed."""
MOST = 4_000_000
"""Maximum number of configurations of a search."""
WANTED = 1.1
"""Maximum ratio to the CPU seconds of a search of the whole graph."""


def model(name: str) -> System:
    """Return the plain system of a model."""
    where, *parameters = name.split(",")
    spec, _, instance = where.partition(":")
    known = load(spec).instance(instance) if instance else Instance("", load(spec).protocol(), asynchronous())
    chosen: dict[str, Any] = {one: _value(text) for one, text in (pair.split("=") for pair in parameters)}
    return system_of(replace(known.protocol, **chosen), known.world, known.inputs)


def _value(text: str) -> int | bool:
    return text == "True" if text in {"True", "False"} else int(text)


def reduced(name: str) -> Iterator[System]:
    """Yield a model with no reduction, without dead letters, and with equal local states merged as well."""
    yield model(name)
    yield without_dead_letters(model(name))
    yield without_dead_letters(model(name), Observation())


def measure(name: str, most: int = MOST) -> str:
    """Return the row of a model."""
    sizes, seconds = list[str](), list[float]()
    systems = reduced(name)
    while True:
        gc.collect()
        started = time.process_time()  # making the third system guesses
        system = next(systems, None)
        if system is None:
            break
        found = examine_safety(system, (), Bounds(configurations=most)).graph
        seconds.append(time.process_time() - started)
        sizes.append(f"{len(found):,}" if found.complete else f">{most:,}")
    ratios = seconds[1] / seconds[0], seconds[2] / seconds[0]
    figures = [*sizes, *(f"{one:.2f}" for one in (*seconds, *ratios)), f"{WANTED:g}"]
    return f"| {name} | {' | '.join(figures)} |"


def main(names: Iterable[str]) -> None:
    """Print the table."""
    examine_safety(model("wait_for_all,n=3"), (), engine="kernel")
    heads = (
        "model",
        "whole",
        "dead letters",
        "equal states",
        *["CPU s"] * 3,
        "dead / whole",
        "equal / whole",
        "wanted",
    )
    print(f"| {' | '.join(heads)} |\n|---{'|--:' * (len(heads) - 1)}|")
    for name in names or USUAL:
        print(measure(name), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
