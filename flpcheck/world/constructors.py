"""The usual worlds, each made by a function whose arguments are the switches that make sense in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flpcheck.authoring.events import Pid
from flpcheck.errors import BadWorld
from flpcheck.world.crash_points import BETWEEN
from flpcheck.world.failures import Chosen, Failures
from flpcheck.world.fairness import Fairness
from flpcheck.world.forms import TIMINGS
from flpcheck.world.links import Link
from flpcheck.world.network import UNLIMITED, Network, losses
from flpcheck.world.oracle import TIMERS, Oracle
from flpcheck.world.rounds import FAULTS, Rounds
from flpcheck.world.switches import SWITCHES
from flpcheck.world.world import World


def asynchronous(  # noqa: PLR0913 -- each is a switch of its own
    crashes: int = 0,
    *,
    network: str = "multiset",
    ignored: str = "consumed",
    loss: int | str = 0,
    duplication: int = 0,
    partition: tuple[tuple[Pid, ...], ...] = (),
    cut: frozenset[Link] = frozenset(),
    heals: bool = False,
    crash_events: str = "explicit",
    crash_points: str = BETWEEN,
    mid_broadcast: bool = False,
    initially_dead: Chosen = 0,
    recoveries: int = 0,
    byzantine: Chosen = 0,
    omission: Chosen = 0,
    faulty: tuple[Pid, ...] | None = None,
    authenticated: bool = False,
    lies: str = "spoken",
    twins: tuple[Pid, ...] = (),
    detector: str = "",
    mistakes: int = 0,
    stabilises: bool = True,
    timers: str = "",
    fairness: Fairness = Fairness(),  # noqa: B008 -- a value that cannot change
) -> World:
    """Return an asynchronous world: any message may arrive at any time after it was sent, in any order.

    Parameters
    ----------
    crashes
        Maximum number of processes that crash in a run.
    network, ignored, loss, duplication, partition, cut, heals
        See `Network`; loss may also be `fair`, or `fair-links`: unlimited, and what `Network.fair_loss` says.
    crash_events, crash_points, mid_broadcast, initially_dead, recoveries, byzantine, omission, faulty, authenticated,
    lies, twins
        See `Failures`.
    detector, mistakes, stabilises
        See `Oracle`.
    timers, fairness
        See `World`.

    Examples
    --------
    >>> str(asynchronous(crashes=1))
    'asynchronous, multiset network, up to 1 crash'
    >>> str(asynchronous(crashes=1, detector="diamond-S", mistakes=1)).partition("crash, ")[2]
    'failure detector diamond-S (at most 1 answer before it stabilises)'
    """
    return _of_events("asynchronous", locals())


def eventually_synchronous(  # noqa: PLR0913 -- each is a switch of its own
    crashes: int = 0,
    *,
    network: str = "multiset",
    ignored: str = "consumed",
    loss: int | str = 0,
    duplication: int = 0,
    partition: tuple[tuple[Pid, ...], ...] = (),
    cut: frozenset[Link] = frozenset(),
    crash_points: str = BETWEEN,
    mid_broadcast: bool = False,
    initially_dead: Chosen = 0,
    recoveries: int = 0,
    byzantine: Chosen = 0,
    omission: Chosen = 0,
    faulty: tuple[Pid, ...] | None = None,
    authenticated: bool = False,
    lies: str = "spoken",
    twins: tuple[Pid, ...] = (),
    mistakes: int = UNLIMITED,
    stabilises: bool = True,
    timers: str = "",
    fairness: Fairness = Fairness(),  # noqa: B008 -- a value that cannot change
) -> World:
    """Return a world that is asynchronous up to an unknown time, and synchronous enough for timers after it.

    After Dwork, Lynch and Stockmeyer (1988), section 2.3, with the bounds of delays known and holding eventually: the
    time is the event `stabilise`; from then on timers wait for messages.

    Parameters
    ----------
    crashes
        Maximum number of processes that crash in a run.
    network, ignored, loss, duplication, partition, cut
        See `Network`; loss may also be `fair`, or `fair-links`: unlimited, and what `Network.fair_loss` says.
    crash_points, mid_broadcast, initially_dead, recoveries, byzantine, omission, faulty, authenticated, lies, twins
        See `Failures`.
    mistakes, stabilises
        See `Oracle`: how many timers may fire before that time, and whether it comes.
    timers, fairness
        See `World`: what is known of timers after that time; what an infinite run owes to each correct process.

    Examples
    --------
    >>> str(eventually_synchronous(mistakes=1)).partition("failures, ")[2]
    'eventual synchrony (at most 1 timeout before it stabilises)'
    """
    return _of_events("eventually_synchronous", {**locals(), "detector": TIMERS})


def synchronous(  # noqa: PLR0913 -- each is a switch of its own
    crashes: int = 0,
    *,
    network: str = "multiset",
    ignored: str = "consumed",
    loss: int | str = 0,
    duplication: int = 0,
    partition: tuple[tuple[Pid, ...], ...] = (),
    cut: frozenset[Link] = frozenset(),
    mid_broadcast: bool = True,
    initially_dead: Chosen = 0,
    recoveries: int = 0,
    byzantine: Chosen = 0,
    omission: Chosen = 0,
    faulty: tuple[Pid, ...] | None = None,
    authenticated: bool = False,
    lies: str = "spoken",
    twins: tuple[Pid, ...] = (),
    timers: str = "",
    rounds: int | None = None,
    rushing: bool = True,
    send_omission: Chosen = 0,
    receive_omission: Chosen = 0,
) -> World:
    """Return a synchronous world: lock-step rounds, in which every message of a live process arrives in its round.

    To an event-driven protocol it has no rounds: timers wait for messages.

    Parameters
    ----------
    crashes
        How many processes may crash in a run; who crashes in a round takes no part in its end.
    mid_broadcast
        Whether the messages of a crashing process's last round still reach some of the others; if not, they reach none.
    byzantine, omission, send_omission, receive_omission
        How many processes are faulty in this way, or which ones; see `Rounds`.  One of them only.
    authenticated, rushing
        See `Rounds`.
    rounds
        Number of rounds; None for the number that the protocol wants.
    network, ignored, loss, duplication, partition, cut
        For event-driven protocols; see `Network`.
    initially_dead, recoveries, faulty, lies, twins
        For event-driven protocols; see `Failures`.
    timers
        For event-driven protocols; see `World`.

    Examples
    --------
    >>> str(synchronous(crashes=1)), str(synchronous(byzantine=1))
    ('synchronous, up to 1 crash in mid-broadcast', 'synchronous, up to 1 Byzantine')
    """
    given = {**locals(), "mid_broadcast": mid_broadcast and crashes > 0}
    how, who = kind_of_faults(zip(FAULTS, (byzantine, send_omission, receive_omission, omission), strict=True))
    inside = Rounds(rounds, faults=how, faulty=who, authenticated=authenticated, rushing=rushing)
    in_rounds = {*FAULTS, "authenticated"}  # there, they are faults of rounds
    return _of_events("synchronous", {name: given[name] for name in given.keys() - in_rounds}, inside)


def heard_of(predicate: str = "any", *, rounds: int | None = None) -> World:
    """Return a world of Heard-Of rounds: whom a process hears in a round is bound by a communication predicate only.

    Parameters
    ----------
    predicate
        One of `flpcheck.world.predicates.PREDICATES`, or several joined by `+`.
    rounds
        Number of rounds; None for the number that the protocol wants.

    Examples
    --------
    >>> str(heard_of("no_split"))
    'heard of, any two processes hear a common one'
    """
    return World(timing="heard_of", rounds=Rounds(rounds, predicate))


def partially_synchronous(  # noqa: PLR0913 -- each is a switch of its own
    crashes: int = 0,
    *,
    mid_broadcast: bool = True,
    byzantine: Chosen = 0,
    omission: Chosen = 0,
    authenticated: bool = False,
    rounds: int | None = None,
    before: str = "any",
    unstable: int | None = None,
    rushing: bool = True,
    send_omission: Chosen = 0,
    receive_omission: Chosen = 0,
) -> World:
    """Return a partially synchronous world: rounds in which messages get lost until GST, and none afterwards.

    Dwork, Lynch, Stockmeyer, "Consensus in the Presence of Partial Synchrony" (1988), section 3.1: basic rounds with an
    unknown global stabilisation time.

    Parameters
    ----------
    crashes, mid_broadcast
        See `synchronous`; crashes happen before and after GST.
    byzantine, omission, authenticated, rushing, send_omission, receive_omission
        See `synchronous`; the faulty stay faulty after GST.
    rounds
        Total number of rounds.
    before
        The communication predicate of the rounds before GST.
    unstable
        Maximum number of rounds before GST: a model constant.

    Examples
    --------
    >>> str(partially_synchronous(crashes=1))
    'partially synchronous, before GST any process may miss any other, up to 1 crash in mid-broadcast'
    """
    how, who = kind_of_faults(zip(FAULTS, (byzantine, send_omission, receive_omission, omission), strict=True))
    surroundings = Rounds(rounds, before, True, unstable, how, who, authenticated, rushing)  # noqa: FBT003  -- it stabilises
    failures = Failures(crashes, mid_broadcast=mid_broadcast and crashes > 0)
    return World(failures=failures, timing="partially_synchronous", rounds=surroundings)


def _of_events(timing: str, given: Mapping[str, Any], rounds: Rounds | None = None) -> World:
    """Return a world by the values of its switches: their rows say which fields these are."""
    made: dict[str, dict[str, Any]] = {"": {}, "network": {}, "failures": {}, "oracle": {}}
    for switch in SWITCHES:
        if switch.name in given and switch.part in made:
            value = given[switch.name]
            made[switch.part] |= losses(value) if switch.name == "loss" else {switch.field: value}
    network, failures, oracle = Network(**made["network"]), Failures(**made["failures"]), Oracle(**made["oracle"])
    return World(network, failures, timing, rounds, oracle, **made[""])


def kind_of_faults(faults: Iterable[tuple[str, Chosen]]) -> tuple[str, Chosen]:
    """Return the one kind of faults in rounds of which there are any, and who is faulty.

    Raises
    ------
    BadWorld
        If there are several.
    """
    given = [(how, who) for how, who in faults if who]
    if len(given) > 1:
        raise BadWorld(f"{given[0][0]} and {given[1][0]} at the same time", next_step="choose one kind of fault")
    return given[0] if given else ("byzantine", 0)


WORLDS: dict[str, Callable[[], World]] = {
    "asynchronous": asynchronous,
    "eventually_synchronous": eventually_synchronous,
    "synchronous": synchronous,
    "heard_of": heard_of,
    "partially_synchronous": partially_synchronous,
}
"""The usual world of each timing."""
assert tuple(WORLDS) == TIMINGS
