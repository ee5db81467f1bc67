"""A world: everything around a protocol, as one value.  The same protocol runs in all worlds that make sense for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from flpcheck.errors import BadWorld, nearest
from flpcheck.world.failures import Failures
from flpcheck.world.fairness import STRONG, Fairness
from flpcheck.world.forms import TIMINGS
from flpcheck.world.network import Network
from flpcheck.world.oracle import TIMERS, Oracle
from flpcheck.world.plain import check_types
from flpcheck.world.rounds import FAULTS, Rounds
from flpcheck.world.switches import in_json, in_words
from flpcheck.world.timers import AFTER_MESSAGES, ANY_TIME, assumed, check, delays_in


@dataclass(frozen=True)
class World:
    """The surroundings of a protocol.

    Parameters
    ----------
    network
        How messages travel.
    failures
        The failures that the world allows.
    timing
        `asynchronous`: no bound on delays or speeds, so crashed and slow look the same.  `eventually_synchronous`:
        from an unknown time on, timers wait for messages.  The other timings are of rounds; `synchronous` also means,
        to an event-driven protocol, that timers wait for messages from the beginning.
    rounds
        The rules of rounds; None in worlds without rounds.
    oracle
        The failure detector, or the timers of an eventually synchronous world.
    timers
        What is known of the lengths of timers.  `any-time`: nothing, a timer may fire whenever it is armed.
        `after-messages`: each is longer than any busy period, so one that was armed before the present busy period may
        fire in it, and no other.  `after-delays:K`: each is longer than K message delays.  Empty for what is usual:
        `after-messages` in synchronous worlds and after GST, else `any-time`.
    fairness
        What an infinite run owes to each correct process.
    """

    network: Network = field(default_factory=Network)
    failures: Failures = field(default_factory=Failures)
    timing: str = "asynchronous"
    rounds: Rounds | None = None
    oracle: Oracle = field(default_factory=Oracle)
    timers: str = ""
    fairness: Fairness = field(default_factory=Fairness)

    def __post_init__(self) -> None:
        check_types(self)
        self._check_timers()
        if self.timing not in TIMINGS:
            raise BadWorld(f"no timing {self.timing!r}", why=nearest(self.timing, TIMINGS))
        if (self.rounds is None) != (self.timing in {"asynchronous", "eventually_synchronous"}):
            raise BadWorld(f"the {self.timing} world {'has no' if self.rounds else 'needs'} rounds")
        if self.oracle.kind and self.rounds is not None:
            why = "in rounds, processes learn only which messages arrive"
            raise BadWorld(
                f"{self.oracle} cannot be combined with timing={self.timing}",
                why=why,
                next_step="use --timing asynchronous",
            )
        if self.oracle.kind and self.failures.events == "elided":
            what = f"crashes cannot be elided in a world with {self.oracle}"
            why = "what it may say depends on which processes have crashed, so a crash must be an event"
            raise BadWorld(what, why=why, next_step="use --crash-events explicit")
        if self.failures.events == "elided" and self.timing != "asynchronous":
            why = "a process that is silent for ever can be told from a slow one, so a crash must be an event"
            raise BadWorld(
                f"crashes cannot be elided with timing={self.timing}", why=why, next_step="use --crash-events explicit"
            )
        if self.network.heals and self.timing != "asynchronous":
            why = "a partition that lasts for an unknown time is an unbounded delay"
            raise BadWorld(
                f"a partition that heals cannot be combined with timing={self.timing}",
                why=why,
                next_step="remove --timing",
            )

    def _check_timers(self) -> None:
        check(self.timers)
        if self.timers == self._usual_timers:
            object.__setattr__(self, "timers", "")
        if not self.timers:
            return
        if self.timing not in {"asynchronous", "eventually_synchronous", "synchronous"}:
            why = "processes that run in rounds have no timers"
            raise BadWorld(
                f"timers={self.timers} cannot be combined with timing={self.timing}",
                why=why,
                next_step="remove --timers",
            )
        if self.timing == "eventually_synchronous" and self.timers == ANY_TIME:
            why = "after GST, timers wait for messages; otherwise the world would be asynchronous"
            raise BadWorld(
                f"timers={self.timers} cannot be combined with timing={self.timing}",
                why=why,
                next_step="use --timing asynchronous",
            )
        if delays_in(self.timers) and self.network.kind == "set":
            why = "the delays of each copy of a message are counted, and a set keeps only one copy"
            raise BadWorld(
                f"timers={self.timers} cannot be combined with a set network",
                why=why,
                next_step="use --network multiset",
            )
        if self.failures.events == "elided":
            why = "a process that is silent when a timer fires may be taken for crashed, so a crash must be an event"
            hint = "use --crash-events explicit"
            raise BadWorld(f"crashes cannot be elided with timers={self.timers}", why=why, next_step=hint)

    @property
    def _usual_timers(self) -> str:
        return AFTER_MESSAGES if self.timing in {"synchronous", "eventually_synchronous"} else ANY_TIME

    @property
    def has_misbehaving(self) -> bool:
        """Whether some process may be Byzantine or omit messages, in rounds or out of them."""
        return bool(self.failures.misbehaving or (self.rounds is not None and self.rounds.faulty))

    @property
    def timer_rule(self) -> str:
        """The assumption about the lengths of timers (after GST, where there is one)."""
        return self.timers or self._usual_timers

    def for_events(self) -> World:
        """Return the world as event-driven protocols have it, their faulty processes among the failures."""
        rounds = self.rounds
        if self.timing != "synchronous" or rounds is None or not rounds.faulty:
            return self
        if rounds.faults not in {"byzantine", "omission"}:
            return self
        who: dict[str, Any] = {rounds.faults: rounds.faulty}
        failures = replace(self.failures, authenticated=rounds.authenticated, **who)
        return replace(self, failures=failures, rounds=replace(rounds, faults=FAULTS[0], faulty=0, authenticated=False))

    @property
    def weaker(self) -> str:
        """Which assumptions of the FLP theorem the world relaxes, as phrases; empty if it keeps them all."""
        if self.rounds is not None:
            return self.rounds.weaker
        relaxed = []
        if self.failures.crashes == 0 and not self.failures.misbehaving:
            relaxed.append("no process can crash" + (" after the start" if self.failures.initially_dead else ""))
        if self.oracle.reliable:
            timers = self.oracle.kind == TIMERS
            assumption = "timers are eventually reliable" if timers else f"{self.oracle} reports crashes"
            relaxed.append(assumption)
        if self.rounds is None and self.timers:
            relaxed.append(assumed(self.timers).partition(";")[0])
        return " and ".join(relaxed)

    @property
    def more_than_weak(self) -> bool:
        """Whether it has strong demands, or demands on single rules."""
        fairness = self.fairness
        return bool(fairness.rules or STRONG in {fairness.timers, fairness.letters} or self.network.fair_loss)

    @property
    def rounds_after_gst(self) -> bool:
        """Whether the rounds that matter for termination are those after GST."""
        return self.rounds is not None and self.rounds.stabilises

    def as_json(self) -> dict[str, Any]:
        """Return the world as the JSON contract has it."""
        return in_json(self)

    def __str__(self) -> str:
        return self.text()

    def text(self, *, with_network: bool = True) -> str:
        """Return the world in words; a protocol whose processes share memory has no network to speak of."""
        return in_words(self, with_network=with_network)
