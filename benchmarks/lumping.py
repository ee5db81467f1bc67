"""What merging indistinguishable local states would save: `python -m benchmarks.lumping [SPEC:INSTANCE ...]`.

Two local states of a process are alike if they have decided the same and answer everything alike: the same messages and
notes, and next states that are alike (the coarsest bisimulation, by partition refinement).  Everything is every event
that the process was ever asked about, so the table is complete and merging would be exact.  Counting votes one by one
instead of gathering a quorum is what this is meant to forgive (Bokor, Kinder, Serafini, Suri 2011).
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any

from flpcheck import Gather, load
from flpcheck.authoring.values import key
from flpcheck.errors import FlpcheckError
from flpcheck.explore import explore
from flpcheck.system import system_of
from flpcheck.system.asker import Asker, Outcome

USUAL = (
    "paxos:one ballot each", "multi_paxos:calm", "raft:one term", "raft:two leaders", "epaxos:calm", "zab:two servers",
    "actors/paxos:two clients", "first_quorum:one crash, n=3",
)  # fmt: skip
Place = tuple[int, Hashable]


def alike(system: Any, states: dict[Place, Any]) -> dict[Place, int]:
    """Return the class of each local state, by process and state."""
    events: dict[int, dict[Hashable, tuple[Any, Any]]] = defaultdict(dict)
    for row in system.parts.rows.values():
        events[row.owner][key(row.event), row.sender] = row.event, row.sender
    answers = {
        (owner, name): [_answer(system.parts.seats[owner].asker, state, *event) for event in events[owner].values()]
        for (owner, name), state in states.items()
    }
    classes = _numbered({place: (place[0], key(getattr(states[place], "decision", None))) for place in states})
    while True:
        finer = _numbered({place: (classes[place], _told(place[0], answers[place], classes)) for place in states})
        if len(set(finer.values())) == len(set(classes.values())):
            return finer
        classes = finer


def _answer(asker: Asker | None, state: Any, event: Any, sender: Any) -> tuple[Outcome, ...] | str:
    if asker is None or (isinstance(event, Gather) and event.letters not in asker.groups(state, event.letters)):
        return "not applicable"
    try:
        return asker.ask(state, event, sender, thorough=False).outcomes
    except FlpcheckError:
        return "refused"


def _told(owner: int, answers: Iterable[tuple[Outcome, ...] | str], classes: dict[Place, int]) -> Hashable:
    """Return what answers look like from outside, given classes of states."""

    def seen(outcome: Outcome) -> Hashable:
        after = key(outcome.state)
        sends = tuple((to, key(message)) for to, message in outcome.sends)
        return classes.get((owner, after), after), sends, key(outcome.notes)

    return tuple(answer if isinstance(answer, str) else frozenset(map(seen, answer)) for answer in answers)


def _numbered(names: dict[Place, Hashable]) -> dict[Place, int]:
    numbers: dict[Hashable, int] = {}
    return {place: numbers.setdefault(name, len(numbers)) for place, name in names.items()}


def measure(name: str) -> str:
    """Return a line: local states and configurations, before and after merging."""
    spec, _, instance = name.partition(":")
    found = load(spec).instance(instance)
    graph = explore(system_of(found.protocol, found.world, found.inputs), engine="reference")
    components = {c for configuration in graph.configurations for c in configuration.components}
    states: dict[Place, Any] = {(c.owner, key(c.local)): c.local for c in components if not c.crashed}
    classes = alike(graph.system, states)
    merged = {
        (tuple((classes.get((c.owner, key(c.local)), c), c.mailbox) for c in x.components), x.observers)
        for x in graph.configurations
    }
    return (
        f"| {spec}, {instance} | {len(states):,} | {len(set(classes.values())):,} | {len(graph):,} | {len(merged):,} | "
        f"{len(graph) / len(merged):.2f} |"
    )


if __name__ == "__main__":
    print(
        "| model | local states | after merging | configurations | after merging them | gain |\n"
        "|---|--:|--:|--:|--:|--:|"
    )
    for asked in sys.argv[1:] or USUAL:
        print(measure(asked))
