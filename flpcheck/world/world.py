"""A world: everything around a protocol, as one value.  The same protocol runs in all worlds that make sense for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flpcheck.authoring.events import Pid
from flpcheck.world.failures import Chosen, Failures
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
        return {
            "timing": self.timing,
            "network": self.network.kind,
            "ignored": self.network.ignored,
            "loss": _budget(self.network.loss),
            "duplication": _budget(self.network.duplication),
            "partition": [list(group) for group in self.network.partition],
            "crashes": self.failures.crashes,
            "crash_events": self.failures.events,
            "mid_broadcast": self.failures.mid_broadcast,
            "initially_dead": _named(self.failures.initially_dead),
            "recoveries": _budget(self.failures.recoveries),
            "byzantine": _named(self.failures.byzantine),
            "omission": _named(self.failures.omission),
            "faulty": None if self.failures.faulty is None else list(self.failures.faulty),
        }

    def __str__(self) -> str:
        return self.text()

    def text(self, *, with_network: bool = True) -> str:
        """Return the world in words; a protocol whose processes share memory has no network to speak of."""
        failures = self.failures
        parts = [self.timing, *(self._network_words() if with_network else ["shared memory"])]
        parts += _chosen(failures.initially_dead, "initially dead")
        parts += _chosen(failures.byzantine, "Byzantine")
        parts += _chosen(failures.omission, "omitting messages")
        parts += self._crash_words()
        if not (failures.crashes or failures.initially_dead or failures.misbehaving):
            parts.append("no failures")
        elif failures.faulty is not None:
            parts.append(f"only {', '.join(failures.faulty)} may fail")
        return ", ".join(parts)

    def _crash_words(self) -> list[str]:
        failures = self.failures
        if not failures.crashes:
            return []
        how = " in mid-broadcast" if failures.mid_broadcast else ""
        elided = " (elided)" if failures.events == "elided" else ""
        at_a_time = " at a time" if failures.recoveries else ""
        words = [f"up to {failures.crashes} crash{'es' if failures.crashes > 1 else ''}{at_a_time}{how}{elided}"]
        if failures.recoveries:
            ending = "y" if failures.recoveries == 1 else "ies"
            words.append(f"{_budget(failures.recoveries)} recover{ending}")
        return words

    def _network_words(self) -> list[str]:
        network = self.network
        parted = (
            [f"partition {' | '.join(' '.join(group) for group in network.partition)}"] if network.partition else []
        )
        stays = ["ignored messages stay"] if network.ignored == "stays" else []
        return [f"{network.kind} network", *stays, *(f"{n} {_budget(b)}" for n, b in _budgets(network) if b), *parted]


def _budgets(network: Network) -> tuple[tuple[str, int], ...]:
    return (("loss", network.loss), ("duplication", network.duplication))


def _named(chosen: Chosen) -> Any:
    return chosen if isinstance(chosen, int) else list(chosen)


def _chosen(chosen: Chosen, what: str) -> list[str]:
    if not chosen:
        return []
    return [f"up to {chosen} {what}" if isinstance(chosen, int) else f"{', '.join(chosen)} {what}"]


def _budget(budget: int) -> int | str:
    return "unlimited" if budget == UNLIMITED else budget


def asynchronous(  # noqa: PLR0913  -- every switch of the world, by name
    crashes: int = 0,
    *,
    network: str = "multiset",
    ignored: str = "consumed",
    loss: int = 0,
    duplication: int = 0,
    initially_dead: Chosen = 0,
    crash_events: str = "explicit",
    mid_broadcast: bool = False,
    recoveries: int = 0,
    byzantine: Chosen = 0,
    omission: Chosen = 0,
    faulty: tuple[Pid, ...] | None = None,
    partition: tuple[tuple[Pid, ...], ...] = (),
) -> World:
    """Return an asynchronous world: any message may arrive at any time after it was sent, in any order.

    Parameters
    ----------
    crashes
        How many processes may crash in a run.
    network, ignored, loss, duplication, partition
        See `Network`.
    initially_dead, crash_events, mid_broadcast, recoveries, byzantine, omission, faulty
        See `Failures`.

    Examples
    --------
    >>> str(asynchronous(crashes=1))
    'asynchronous, multiset network, up to 1 crash'
    """
    failures = Failures(crashes, crash_events, initially_dead, mid_broadcast, recoveries, byzantine, omission, faulty)
    return World(Network(network, ignored, loss, duplication, partition), failures)
