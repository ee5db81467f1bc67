"""A world: everything around a protocol, as one value.  The same protocol runs in all worlds that make sense for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flpcheck.authoring.events import Pid
from flpcheck.world.failures import Failures
from flpcheck.world.network import UNLIMITED, Network


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
        `asynchronous`: no bound on delays or speeds, so crashed and slow look the same.
    """

    network: Network = field(default_factory=Network)
    failures: Failures = field(default_factory=Failures)
    timing: str = "asynchronous"

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
        return ", ".join(parts)

    def _network_words(self) -> list[str]:
        network = self.network
        stays = ["ignored messages stay"] if network.ignored == "stays" else []
        return [f"{network.kind} network", *stays, *(f"{n} {_budget(b)}" for n, b in _budgets(network) if b)]


def _budgets(network: Network) -> tuple[tuple[str, int], ...]:
    return (("loss", network.loss), ("duplication", network.duplication))


def _budget(budget: int) -> int | str:
    return "unlimited" if budget == UNLIMITED else budget


def asynchronous(
    crashes: int = 0,
    *,
    network: str = "multiset",
    ignored: str = "consumed",
    loss: int = 0,
    duplication: int = 0,
    initially_dead: int | tuple[Pid, ...] = 0,
    crash_events: str = "explicit",
    mid_broadcast: bool = False,
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

    Examples
    --------
    >>> str(asynchronous(crashes=1))
    'asynchronous, multiset network, up to 1 crash'
    """
    return World(
        Network(network, ignored, loss, duplication), Failures(crashes, crash_events, initially_dead, mid_broadcast)
    )
