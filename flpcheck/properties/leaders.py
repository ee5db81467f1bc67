"""Properties of leaders: Raft's, and of everything else that elects."""

from __future__ import annotations

from typing import Any

from flpcheck.authoring.events import Pid
from flpcheck.authoring.process import Observer
from flpcheck.authoring.property import Property, Reading, View, read
from flpcheck.authoring.values import key, record
from flpcheck.properties.memory import claim, everything_noted


@record
class Elected:
    """A note: this server has become the leader of this term (or epoch, or ballot)."""

    term: int
    leader: Pid


@record
class Committed:
    """A note: the leader of a term has committed this entry, at this index of its log."""

    term: int
    index: int
    entry: Any


def election_observer() -> Observer[tuple[Elected, ...], Any]:
    """Return the observer of `election_safety`: all that were ever elected."""
    return everything_noted(Elected, "elections")


def election_safety() -> Property:
    """Claim Raft's Election Safety: at most one leader is ever elected in a term.

    It listens to `note(Elected(term, at.me))` through `election_observer()`: leaders that have stepped down or
    restarted count as well.

    References
    ----------
    Ongaro, Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014), Figure 3 and section 5.2.

    Examples
    --------
    >>> elected = Elected(1, "a"), Elected(1, "b")
    >>> election_safety()(View({}, {}, frozenset(), {}, {}, {"elections": elected}))
    False
    """

    def safe(view: View[Any]) -> bool:
        elected = view.observers["elections"]
        return len({key(election.term) for election in elected}) == len(elected)

    return claim("election_safety", "At most one leader is ever elected in a term", safe)


def leader_append_only(leader: Reading) -> Property:
    """Claim Raft's Leader Append-Only: a leader never overwrites or deletes entries in its log; it only appends.

    Parameters
    ----------
    leader
        A function from a local state to (term, log) if it is a leader's, else None.

    References
    ----------
    Ongaro, Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014), Figure 3 and section 5.3.

    Examples
    --------
    >>> never_shorter = leader_append_only(lambda state: state)
    >>> never_shorter((1, ("x",)), (1, ("x", "y"))), never_shorter((1, ("x",)), (1, ()))
    (True, False)
    """

    def appends(before: Any, after: Any) -> bool:
        old, new = read(leader, before), read(leader, after)
        if old is None or new is None or old[0] != new[0]:
            return True
        return key(tuple(new[1][: len(old[1])])) == key(tuple(old[1]))

    return claim("leader_append_only", "A leader only appends to its log", appends, leader, kind="step")


def commit_observer() -> Observer[tuple[Committed, ...], Any]:
    """Return the observer of `leader_completeness`: every entry that a leader ever committed."""
    return everything_noted(Committed, "commits")


def leader_completeness(leader: Reading) -> Property:
    """Claim Raft's Leader Completeness: what was committed in a term is in the logs of the leaders of all later terms.

    It listens to `note(Committed(term, index, entry))` through `commit_observer()`.

    Parameters
    ----------
    leader
        A function from a local state to (term, log) if it is a leader's, else None; indexes count from 1.

    References
    ----------
    Ongaro, Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014), Figure 3 and section 5.4.
    """

    def complete(view: View[Any]) -> bool:
        leaders = view.each(leader).values()
        return all(_has(log, c) for c in view.observers["commits"] for term, log in leaders if term > c.term)

    sentence = "What is committed in a term is in the logs of the leaders of all later terms"
    return claim("leader_completeness", sentence, complete, leader)


def _has(log: tuple[Any, ...], committed: Committed) -> bool:
    return len(log) >= committed.index and key(log[committed.index - 1]) == key(committed.entry)
