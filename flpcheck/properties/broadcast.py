"""Properties of atomic broadcast, plain and primary-order."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

from flpcheck.authoring.process import Observer
from flpcheck.authoring.property import Property, Reading, View
from flpcheck.authoring.values import Key, key, record
from flpcheck.properties.memory import claim, everything_noted


@record
class Broadcast:
    """A note: this message was broadcast, by a process that had delivered these before (in order)."""

    message: Any
    delivered: tuple[Any, ...] = ()


def broadcast_observer() -> Observer[tuple[Broadcast, ...], Any]:
    """Return the observer of the integrity properties: everything that was ever broadcast."""
    return everything_noted(Broadcast, "broadcasts")


def broadcast_integrity(delivered: Reading = "delivered") -> Property:
    """Claim integrity: every process delivers every message at most once, and only if it was broadcast.

    It listens to `note(Broadcast(message))` through `broadcast_observer()`.

    Parameters
    ----------
    delivered
        What a process has delivered, in order.

    References
    ----------
    Chandra, Toueg, "Unreliable Failure Detectors for Reliable Distributed Systems" (1996), section 7; Junqueira, Reed,
    Serafini, "Zab: High-performance broadcast for primary-backup systems" (2011), section III.
    """

    def honest(view: View[Any]) -> bool:
        known = {key(about.message) for about in view.observers["broadcasts"]}
        logs = [_names(log) for log in view.each(delivered).values()]
        return all(len(set(log)) == len(log) and known.issuperset(log) for log in logs)

    sentence = "Every process delivers every message at most once, and only if it was broadcast"
    return claim("broadcast_integrity", sentence, honest, delivered)


def total_order(delivered: Reading = "delivered") -> Property:
    """Claim total order: two processes that deliver the same two messages deliver them in the same order.

    References
    ----------
    Chandra, Toueg, "Unreliable Failure Detectors for Reliable Distributed Systems" (1996), section 7.

    Examples
    --------
    >>> view = View({"a": ("x", "y"), "b": ("z", "y")}, {}, frozenset(), {}, {})
    >>> total_order(lambda log: log)(view), agreed_order(lambda log: log)(view)
    (True, False)
    """

    def ordered(view: View[Any]) -> bool:
        return all(_same_order(a, b) for a, b in combinations(map(_names, view.each(delivered).values()), 2))

    sentence = "Two processes that deliver the same two messages deliver them in the same order"
    return claim("total_order", sentence, ordered, delivered)


def _names(log: Iterable[Any]) -> tuple[Any, ...]:
    """Return the identities of the messages in a log: 1 and True are two."""
    return tuple(map(key, log))


def _same_order(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    return [message for message in a if message in b] == [message for message in b if message in a]


def agreed_order(delivered: Reading = "delivered") -> Property:
    """Claim Zab's total order: a process that delivers a message has delivered before it all that any did before it.

    References
    ----------
    Junqueira, Reed, Serafini, "Zab: High-performance broadcast for primary-backup systems" (2011), section III.
    """

    def ordered(view: View[Any]) -> bool:
        logs = [_names(log) for log in view.each(delivered).values()]
        return all(_before(a, m) <= _before(b, m) for a in logs for b in logs for m in a if m in b)

    sentence = "A process that delivers a message has delivered, before it, all that any process delivered before it"
    return claim("agreed_order", sentence, ordered, delivered)


def _before(log: tuple[Any, ...], message: Any) -> set[Any]:
    return set(log[: log.index(message)])


def primary_order(delivered: Reading = "delivered", epoch: str = "epoch", counter: str = "counter") -> Property:
    """Claim primary order: deliveries come epoch by epoch, and within an epoch without a gap as its primary counted.

    That is Zab's local primary order (a primary's transactions are delivered in its order, none left out) and global
    primary order (those of an earlier primary before those of a later one).

    Parameters
    ----------
    delivered
        What a process has delivered, in order.
    epoch, counter
        Where a transaction keeps the number of its primary's epoch, and its own number there, from 1.

    References
    ----------
    Junqueira, Reed, Serafini, "Zab: High-performance broadcast for primary-backup systems" (2011), section III.
    """

    def ordered(view: View[Any]) -> bool:
        logs = view.each(delivered).values()
        return all(_gapless([(getattr(t, epoch), getattr(t, counter)) for t in log]) for log in logs)

    sentence = "Messages are delivered epoch by epoch, and within an epoch in the order of its primary, without a gap"
    return claim("primary_order", sentence, ordered, delivered)


def _gapless(numbers: list[tuple[int, int]]) -> bool:
    place = (0, 0)
    for epoch, counter in numbers:
        expected = place[1] + 1 if epoch == place[0] else 1
        if epoch < place[0] or counter != expected:
            return False
        place = epoch, counter
    return True


def primary_integrity(delivered: Reading = "delivered", epoch: str = "epoch") -> Property:
    """Claim primary integrity: a primary broadcasts only after it has delivered what earlier primaries' deliver ever.

    It listens to `note(Broadcast(transaction, delivered))` through `broadcast_observer()`.

    References
    ----------
    Junqueira, Reed, Serafini, "Zab: High-performance broadcast for primary-backup systems" (2011), section III: if a
    primary broadcasts and some process delivers a transaction of an earlier primary, the primary has delivered that
    transaction before it broadcast.
    """

    def intact(view: View[Any]) -> bool:
        ever = {key(transaction): transaction for log in view.each(delivered).values() for transaction in log}
        return all(_knew(about, ever) for about in view.observers["broadcasts"])

    def _knew(about: Broadcast, ever: dict[Key, Any]) -> bool:
        own = getattr(about.message, epoch)
        earlier = {name for name, transaction in ever.items() if getattr(transaction, epoch) < own}
        return earlier <= set(_names(about.delivered))

    sentence = (
        "A primary broadcasts only after it has delivered everything that is ever delivered from earlier primaries"
    )
    return claim("primary_integrity", sentence, intact, delivered)
