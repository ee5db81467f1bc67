"""Properties that clients can observe: linearizability, and what sequencers are for."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from flpcheck.authoring.history import History, Sequential, explained_by, linearizable
from flpcheck.authoring.property import Property, Reading, View
from flpcheck.properties.memory import claim


def linearizable_history(thing: Sequential) -> Property:
    """Claim that the clients could have done all this one after the other; every order is tried.

    It reads the history that `history_observer()` keeps.

    Parameters
    ----------
    thing
        The object as it behaves when one operation follows another, such as `register()`.

    References
    ----------
    Herlihy, Wing, "Linearizability: A Correctness Condition for Concurrent Objects" (1990); Wing, Gong, "Testing and
    Verifying Concurrent Objects" (1993).
    """

    def explained(view: View[Any]) -> bool:
        return linearizable(view.observers["history"], thing)

    return claim("linearizable_history", "The history of the clients is linearizable", explained)


def linearized_by_log(log: Reading, thing: Sequential) -> Property:
    """Claim that the log itself is the order that explains everything that the clients observed.

    No search: the longest log is taken as the order.  Where logs agree this implies `linearizable_history`, at the cost
    of one pass over the log; what it adds is that the order is the log's.

    Parameters
    ----------
    log
        What a replica has executed, in order, as (client, operation) pairs, each of a client's operations once.
    thing
        The object as it behaves when one operation follows another.

    References
    ----------
    Schneider, "Implementing Fault-Tolerant Services Using the State Machine Approach" (1990), section 3; Herlihy, Wing,
    "Linearizability" (1990), section 1: an operation takes effect at one point between its begin and its end.
    """

    def explained(view: View[Any]) -> bool:
        history: History = view.observers["history"]
        longest: tuple[Any, ...] = max(view.each(log).values(), key=len, default=())
        return explained_by(longest, history, thing)

    sentence = "The order of the log explains everything that the clients observed"
    return claim("linearized_by_log", sentence, explained, log)


def sequencer_safety(accepted: Reading = "accepted") -> Property:
    """Claim that a resource accepts nothing of an old lock generation after something of a newer one.

    Parameters
    ----------
    accepted
        The lock generations under which a resource has accepted operations, in order.

    References
    ----------
    Burrows, "The Chubby lock service for loosely-coupled distributed systems" (2006), section 2.4.

    Examples
    --------
    >>> view = View({"file": (1, 2, 1)}, {}, frozenset(), {}, {})
    >>> sequencer_safety(lambda generations: generations)(view)
    False
    """

    def ordered(view: View[Any]) -> bool:
        return all(a <= b for generations in view.each(accepted).values() for a, b in pairwise(generations))

    sentence = "A resource accepts no operation of an old lock generation after one of a newer generation"
    return claim("sequencer_safety", sentence, ordered, accepted)
