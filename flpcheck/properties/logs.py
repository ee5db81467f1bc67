"""Properties of replicated logs."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

from flpcheck.authoring.process import Observer
from flpcheck.authoring.property import Property, Reading, View
from flpcheck.authoring.values import key, record
from flpcheck.properties.memory import claim, everything_noted


@record
class Applied:
    """A note: some server has applied this entry, at this index of its log, to its state machine."""

    index: int
    entry: Any


def prefix_agreement(log: Reading = "log", name: str = "prefix_agreement") -> Property:
    """Claim that of any two logs one is a prefix of the other.

    For delivered sequences this is uniform agreement and total order at once.

    Parameters
    ----------
    log
        Where a process keeps what is final: committed, chosen or delivered.
    name
        How options and reports call it.

    References
    ----------
    Lamport, "Paxos Made Simple" (2001), section 3; Hadzilacos, Toueg, "A Modular Approach to Fault-Tolerant Broadcasts
    and Related Problems" (1994), section 3.

    Examples
    --------
    >>> view = View({"a": ("x", "y"), "b": ("x",), "c": ("y",)}, {}, frozenset(), {}, {})
    >>> prefix_agreement(lambda log: log)(view)
    False
    """

    def agree(view: View[Any]) -> bool:
        return all(_agree(a, b) for a, b in combinations(view.each(log).values(), 2))

    return replace(claim(name, "Of any two logs one is a prefix of the other", agree, log), log=log)


def _agree(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    return all(key(x) == key(y) for x, y in zip(a, b, strict=False))


def log_matching(log: Reading = "log", term: Reading = "term") -> Property:
    """Claim Raft's Log Matching: logs that have an entry with the same index and term are equal up to that index.

    Parameters
    ----------
    log
        Where a server keeps its log, committed or not.
    term
        Where an entry keeps its term.

    References
    ----------
    Ongaro, Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014), Figure 3 and section 5.3.
    """

    def match(view: View[Any]) -> bool:
        return all(_match(a, b, term) for a, b in combinations(view.each(log).values(), 2))

    sentence = "Logs that have an entry with the same index and term are equal up to that index"
    return claim("log_matching", sentence, match, log)


def _match(a: tuple[Any, ...], b: tuple[Any, ...], term: Reading) -> bool:
    terms = [key(_read(term, x)) == key(_read(term, y)) for x, y in zip(a, b, strict=False)]
    last = max((index for index, same in enumerate(terms) if same), default=-1)
    return _agree(a[: last + 1], b[: last + 1])


def _read(reading: Reading, entry: Any) -> Any:
    return getattr(entry, reading) if isinstance(reading, str) else reading(entry)


def applied_observer() -> Observer[tuple[Applied, ...], Any]:
    """Return the observer of `state_machine_safety`: every entry that any process ever applied."""
    return everything_noted(Applied, "applied")


def state_machine_safety() -> Property:
    """Claim Raft's State Machine Safety: no two servers ever apply different entries at the same index.

    It listens to `note(Applied(index, entry))` through `applied_observer()`, so it holds servers to what they applied
    before a restart.

    References
    ----------
    Ongaro, Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014), Figure 3 and section 5.4.3.
    Schneider, "Implementing Fault-Tolerant Services Using the State Machine Approach" (1990), section 1.2.
    """

    def safe(view: View[Any]) -> bool:
        applied = view.observers["applied"]
        return len({key(entry.index) for entry in applied}) == len(applied)

    return claim("state_machine_safety", "No two servers ever apply different entries at the same index", safe)


def replica_agreement(applied: Reading = "applied", state: Reading = "state") -> Property:
    """Claim that replicas which have applied the same commands are in the same state.

    Parameters
    ----------
    applied
        What a replica has applied, in order; if it only counts, how much.
    state
        Its copy of the state machine.

    References
    ----------
    Schneider, "Implementing Fault-Tolerant Services Using the State Machine Approach" (1990), section 2: a state
    machine's outputs are determined by the requests that it processes, in their order, and by nothing else.
    """

    def equal(view: View[Any]) -> bool:
        states = view.each(state)
        pairs = [(key(done), key(states[pid])) for pid, done in view.each(applied).items()]
        return all(a[0] != b[0] or a[1] == b[1] for a, b in combinations(pairs, 2))

    return claim("replica_agreement", "Replicas that have applied the same commands are in the same state", equal)
