"""Message delays: how many messages follow one another, at least, until a process decides, and how many are sent.

Time is counted as the literature does: every message takes at least one *message delay*; steps, timers and answers of
detectors take none, and a message that a process sends to itself is no message.  What is sent in one delay is received
in a later one.  A *fastest run* is one without failures that gets somewhere after the fewest delays.

Where steps of different processes commute (asynchronous worlds: Lemma 1 of FLP), that is the length of the longest
chain of messages that ends in the decision, each sent at or after the receipt of the one before.  The events of a run
can be ordered by the chains that lead to them, which keeps causes before effects: a run with a chain of d messages is
then over within d delays, and no chain is longer than the delays in which it lies.  In rounds a delay is a round.
Where timers wait for messages, delays also count what no chain shows: how long they wait.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flpcheck.analyse.fastest import FastestSearch, RunPrefix, Successors, space_of
from flpcheck.analyse.schedule import Schedule
from flpcheck.budget import OutOfBudget
from flpcheck.system import System

MOST = 30_000
"""Maximum number of states that a search makes: about a second."""
ENTRIES = 3
"""Maximum number of entries of a log that are counted one by one."""


@dataclass(frozen=True)
class FastestRun:
    """A run that gets somewhere after the fewest delays; of these, one with the fewest messages; then the shortest.

    Parameters
    ----------
    delays
        Number of message delays; in rounds, of rounds.
    sent, received
        Number of messages that processes send to others, and receive from others.
    schedule
        The run, of the plain system.
    """

    delays: int
    sent: int
    received: int
    schedule: Schedule


@dataclass(frozen=True)
class MessageDelays:
    """The fastest runs of a protocol.

    Parameters
    ----------
    first
        To the first decision; None if there is none, or if it is not known.
    worst
        To the first decision from the initial configuration from which it costs most; None if it is not known, or if
        there is no decision from one of them.
    everyone
        To where every process that has to decide has decided; None if that is never so, or not known.
    entries
        To each entry of a replicated log, one going on where the one before ends.
    in_rounds
        Whether delays are rounds.
    cut
        Whether a bound ended a search before all of this was known.
    """

    first: FastestRun | None
    worst: FastestRun | None
    everyone: FastestRun | None
    entries: tuple[FastestRun, ...] = ()
    in_rounds: bool = False
    cut: bool = False

    @property
    def slowest(self) -> FastestRun | None:
        """The run from the slowest inputs, if a decision takes more delays there than elsewhere."""
        differs = self.first is not None and self.worst is not None and self.worst.delays > self.first.delays
        return self.worst if differs else None

    @property
    def figures(self) -> dict[str, tuple[int, int]]:
        """The delays and the messages sent, by what they lead to; those of an entry are counted from the one before.

        Examples
        --------
        >>> nothing = Schedule(0, (), ())
        >>> entries = (FastestRun(4, 10, 8, nothing), FastestRun(6, 15, 12, nothing))
        >>> MessageDelays(FastestRun(4, 10, 8, nothing), FastestRun(5, 9, 9, nothing), None, entries).figures
        {'decision': (4, 10), 'slowest inputs': (5, 9), 'entry 1': (4, 10), 'entry 2': (2, 5)}
        """
        found = {"decision": self.first, "slowest inputs": self.slowest, "all decisions": self.everyone}
        figures = {name: (run.delays, run.sent) for name, run in found.items() if run is not None}
        before = (0, 0)
        for number, run in enumerate(self.entries, start=1):
            figures[f"entry {number}"] = run.delays - before[0], run.sent - before[1]
            before = run.delays, run.sent
        return figures


def message_delays(
    system: System, deciding: int, entries: Callable[[Any], int] | None = None, most: int = MOST
) -> MessageDelays | None:
    """Return the fastest runs to a decision, to all decisions, and to each entry of a log.

    Parameters
    ----------
    system
        A system; of a quotient, the plain one is searched.
    deciding
        The processes that may decide, as bits, as a graph knows them; 0 if none does.
    entries
        Number of entries that are final, by the view of a configuration; None where there is no log.
    most
        Maximum number of states to make in each search.

    Returns
    -------
    MessageDelays or None
        None where there are no messages: in shared memory and in general protocols.  Cost: at most `most` states of
        the reference semantics for the decisions, and as many for each entry.

    References
    ----------
    Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System" (1978), for chains of messages; Lamport,
    "Lower Bounds for Asynchronous Consensus" (2006), for message delays; Charron-Bost, Schiper, "The Heard-Of Model"
    (2009), for rounds.

    Examples
    --------
    >>> from flpcheck.settle import Overrides, settle
    >>> from flpcheck.spec import load
    >>> found = message_delays(settle(load("wait_for_all"), Overrides()).system, 0b11)
    >>> found.first.delays, found.first.sent, found.first.received, found.everyone.received
    (1, 2, 1, 2)
    """
    plain = system.plain
    space = space_of(plain)
    if space is None:
        return None
    decisions, log = _Decisions(space, deciding & ~plain.abstaining), _Log(space, entries)
    cut = [bool(deciding) and decisions.cut_after(most)]
    if entries is not None and (decisions.first or not cut[0]):
        cut.append(log.cut_after(most))
    least = decisions.first.values()
    return MessageDelays(
        _run(plain, min(least, key=lambda prefix: prefix.cost, default=None)),
        _run(plain, max(least, key=lambda prefix: prefix.cost) if len(least) == len(decisions.starts) else None),
        _run(plain, decisions.everyone),
        tuple(run for prefix in log.reached if (run := _run(plain, prefix)) is not None),
        plain.in_rounds,
        any(cut),
    )


def _run(system: System, prefix: RunPrefix | None) -> FastestRun | None:
    if prefix is None:
        return None
    return FastestRun(prefix.cost.delays, prefix.cost.sent, prefix.received, prefix.schedule(system))


def starts_of(system: System) -> list[RunPrefix]:
    """Return the initial configurations with the fewest failures, each as the beginning of a run."""
    initial = system.initial()
    least = min((len(one.dead) + len(one.faulty) for one in initial), default=0)
    calm = [n for n, one in enumerate(initial) if len(one.dead) + len(one.faulty) == least]
    return [RunPrefix(number, initial[number].configuration) for number in calm]


class _Decisions:
    """The cheapest states in which some process, and every process, has decided."""

    def __init__(self, space: Successors, deciders: int) -> None:
        self.space, self.deciders = space, deciders
        self.starts = starts_of(space.system)
        self.first: dict[int, RunPrefix] = {}
        self.everyone: RunPrefix | None = None

    def cut_after(self, most: int) -> bool:
        """FastestSearch; return whether a bound ended the search."""
        search = FastestSearch(self.space, self.starts, most)
        try:
            for prefix in search:
                self._look_at(prefix)
                if self.everyone is not None:
                    search.over.update(self.first)
        except OutOfBudget:
            return True
        return search.cut

    def _look_at(self, prefix: RunPrefix) -> None:
        decided = self.space.decided(prefix)
        if decided:
            self.first.setdefault(prefix.origin, prefix)
        if self.everyone is None and self.deciders and decided & self.deciders == self.deciders:
            self.everyone = prefix


class _Log:
    """The cheapest state with an entry; from there, the cheapest with one more; and so on."""

    def __init__(self, space: Successors, entries: Callable[[Any], int] | None) -> None:
        self.space, self.entries = space, entries
        self.reached: list[RunPrefix] = []

    def cut_after(self, most: int) -> bool:
        """FastestSearch; return whether a bound ended a search."""
        starts = starts_of(self.space.system)
        while len(self.reached) < ENTRIES:
            search = FastestSearch(self.space, starts, most)
            try:
                found = next((prefix for prefix in search if self._number(prefix) > len(self.reached)), None)
            except OutOfBudget:
                return True
            if found is None:
                return search.cut
            self.reached.append(found)
            starts = [found]
        return False

    def _number(self, prefix: RunPrefix) -> int:
        assert self.entries is not None
        return self.entries(self.space.system.view(prefix.configuration))
