"""A world: everything around a protocol, as one value.  The same protocol runs in all worlds that make sense for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flpcheck.authoring.events import Pid
from flpcheck.errors import BadWorld, nearest
from flpcheck.world.failures import Failures
from flpcheck.world.network import UNLIMITED, Network
from flpcheck.world.oracle import TIMERS, Oracle


@dataclass(frozen=True)
class World:
    """The surroundings of a protocol.

    Parameters
    ----------
    network
        How messages travel.
    failures
        What may fail.
    timing
        `asynchronous`: no bound on delays or speeds, so crashed and slow look the same.  `eventually-synchronous`:
        from an unknown time on, a timer goes off only when all mail has been delivered.
    oracle
        The failure detector, or the timers of an eventually synchronous world.
    """

    network: Network = field(default_factory=Network)
    failures: Failures = field(default_factory=Failures)
    timing: str = "asynchronous"
    oracle: Oracle = field(default_factory=Oracle)

    def __post_init__(self) -> None:
        if self.timing not in {"asynchronous", "eventually-synchronous"}:
            known = ["asynchronous", "eventually-synchronous"]
            raise BadWorld(f"no timing {self.timing!r}", why=nearest(self.timing, known))
        if self.oracle.kind and self.failures.events == "elided":
            what = f"crashes cannot be elided in a world with {self.oracle}"
            why = "what it may say depends on who has crashed, so a crash must be an event"
            raise BadWorld(what, why=why, next_step="use crash_events='explicit'")

    def as_json(self) -> dict[str, Any]:
        """Return the world as the JSON contract has it."""
        dead = self.failures.initially_dead
        return {
            "timing": self.timing,
            "network": self.network.kind,
            "ignored": self.network.ignored,
            "loss": _budget(self.network.loss),
            "duplication": _budget(self.network.duplication),
            "crashes": self.failures.crashes,
            "crash_events": self.failures.events,
            "mid_broadcast": self.failures.mid_broadcast,
            "initially_dead": dead if isinstance(dead, int) else list(dead),
            "detector": self.oracle.kind if self.oracle.kind != TIMERS else None,
            "mistakes": _budget(self.oracle.mistakes),
        }

    def __str__(self) -> str:
        return self.text()

    def text(self, *, with_network: bool = True) -> str:
        """Return the world in words; a protocol whose processes share memory has no network to speak of."""
        failures = self.failures
        parts = [self.timing, *(self._network_words() if with_network else ["shared memory"])]
        if failures.initially_dead:
            dead = failures.initially_dead
            parts.append(
                f"up to {dead} initially dead" if isinstance(dead, int) else ", ".join(dead) + " initially dead"
            )
        if failures.crashes:
            how = " in mid-broadcast" if failures.mid_broadcast else ""
            elided = " (elided)" if failures.events == "elided" else ""
            parts.append(f"up to {failures.crashes} crash{'es' if failures.crashes > 1 else ''}{how}{elided}")
        elif not failures.initially_dead:
            parts.append("no failures")
        if self.oracle.kind:
            parts.append(str(self.oracle))
        return ", ".join(parts)

    def _network_words(self) -> list[str]:
        network = self.network
        stays = ["ignored messages stay"] if network.ignored == "stays" else []
        return [f"{network.kind} network", *stays, *(f"{n} {_budget(b)}" for n, b in _budgets(network) if b)]


def _budgets(network: Network) -> tuple[tuple[str, int], ...]:
    return (("loss", network.loss), ("duplication", network.duplication))


def _budget(budget: int) -> int | str:
    return "unlimited" if budget == UNLIMITED else budget


def asynchronous(  # noqa: PLR0913 -- each is a switch of its own
    crashes: int = 0,
    *,
    network: str = "multiset",
    ignored: str = "consumed",
    loss: int = 0,
    duplication: int = 0,
    initially_dead: int | tuple[Pid, ...] = 0,
    crash_events: str = "explicit",
    mid_broadcast: bool = False,
    detector: str = "",
    mistakes: int = 0,
) -> World:
    """Return an asynchronous world: any message may arrive at any time after it was sent, in any order.

    Parameters
    ----------
    crashes
        How many processes may crash in a run.
    network, ignored, loss, duplication
        See `Network`.
    initially_dead, crash_events, mid_broadcast
        See `Failures`.
    detector, mistakes
        See `Oracle`.

    Examples
    --------
    >>> str(asynchronous(crashes=1))
    'asynchronous, multiset network, up to 1 crash'
    >>> str(asynchronous(crashes=1, detector="diamond-S", mistakes=1)).partition("crash, ")[2]
    'failure detector diamond-S (at most 1 answer before it stabilises)'
    """
    failures = Failures(crashes, crash_events, initially_dead, mid_broadcast)
    return World(Network(network, ignored, loss, duplication), failures, oracle=Oracle(detector, mistakes))


def eventually_synchronous(
    crashes: int = 0, *, mistakes: int = 0, network: str = "multiset", ignored: str = "consumed"
) -> World:
    """Return a world that is asynchronous up to an unknown time, and synchronous enough for timers after it.

    After Dwork, Lynch and Stockmeyer (1988), section 2.3, with the bounds of delays known and holding eventually: the
    time is the event `stabilise`; from then on timers are longer than delays, so a timer goes off only when no letter
    waits to be received.

    Parameters
    ----------
    crashes
        How many processes may crash in a run.
    mistakes
        How many timers may go off before that time; `UNLIMITED` if the time never comes.
    network, ignored
        See `Network`.

    Examples
    --------
    >>> str(eventually_synchronous(mistakes=1)).partition("failures, ")[2]
    'eventual synchrony (at most 1 timeout before it stabilises)'
    """
    oracle = Oracle(TIMERS, mistakes)
    return World(Network(network, ignored), Failures(crashes), "eventually-synchronous", oracle)
