"""Which quotients stand over a plain system: by ballots and stale mail below, by symmetries above."""

from __future__ import annotations

from flpcheck.authoring.protocol import several
from flpcheck.authoring.reduction import BallotShift, Interchangeable, Reduction, StaleMail, Symmetric, Symmetry
from flpcheck.authoring.values import place_of
from flpcheck.errors import BadProtocol, ReductionRefused
from flpcheck.glossary import see
from flpcheck.reduce.orbits import Orbits
from flpcheck.reduce.quotient import Quotient
from flpcheck.system.general import General
from flpcheck.system.interface import System
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world import World

OFF = f"explore with --no-reduction; {see('quotient')}"


def reduced(system: System, symmetries: tuple[type[Symmetry], ...] = (Symmetric, Interchangeable)) -> System:
    """Return the quotient of a system by what its protocol declares in `reductions`; the system itself without any.

    Parameters
    ----------
    system
        The plain system.
    symmetries
        Which kinds of symmetry to use.

    Raises
    ------
    BadProtocol, ReductionRefused
        If what is declared cannot be used, or not in this world.

    Examples
    --------
    >>> from flpcheck import load, system_of
    >>> from flpcheck.explore import explore
    >>> duel = load("paxos_duel").instance("duel")
    >>> len(explore(reduced(system_of(duel.protocol, duel.world, duel.inputs))))
    68
    """
    declared = declared_by(system)
    local = _local(declared)
    if local and isinstance(system, General):
        what = f"reductions() of {type(system.protocol).__name__} declares a {type(local[0]).__name__}"
        why = "a general protocol has no mailboxes and no local states; use Symmetric or Interchangeable"
        raise BadProtocol(what, place=place_of(type(system.protocol).reductions), why=why)
    _check_order(system, local)
    if _outdated(system.world):
        local = ()
    _check_delays(system, local)
    below = Quotient(system, local) if local and isinstance(system, MessagePassing) else system
    kept = tuple(reduction for reduction in declared if isinstance(reduction, symmetries))
    if not isinstance(system, MessagePassing | General) or not kept:
        return below
    if _told_apart(system):
        return below
    orbits = Orbits(below, system, kept)
    return orbits if len(orbits.group) > 1 else below


def declared_by(system: System) -> tuple[Reduction, ...]:
    """Return the reductions that a protocol declares."""
    if not isinstance(system, MessagePassing | General) or not hasattr(system.protocol, "reductions"):
        return ()
    return several(system.protocol, "reductions", "return a tuple of reductions")


def _local(declared: tuple[Reduction, ...]) -> tuple[Reduction, ...]:
    """Return the reductions by what single processes can no longer be reached by: old ballots, and mail about them."""
    return tuple(reduction for reduction in declared if isinstance(reduction, BallotShift | StaleMail))


def _outdated(world: World) -> str:
    """Return why no ballot or message can be said to be out of date in a world, as a clause; empty if some can."""
    failures = world.failures
    if failures.byzantine or failures.twins:
        return "what a Byzantine process may say does not go stale"
    return "a process that recovers may be behind all others" if failures.recoveries else ""


def unused(system: System) -> str:
    """Return which declared reductions a system cannot use in its world, and why, as a sentence; empty if none.

    Parameters
    ----------
    system
        The plain system.
    """
    declared = declared_by(system)
    symmetries = tuple(reduction for reduction in declared if isinstance(reduction, Symmetric | Interchangeable))
    pairs = (_local(declared), _outdated(system.world)), (symmetries, _told_apart(system))
    told = [
        f"{' and '.join(dict.fromkeys(type(reduction).__name__ for reduction in some))}, because {reason}"
        for some, reason in pairs
        if some and reason
    ]
    return f"declared but not used in this world: {'; '.join(told)}" if told else ""


def used(system: System) -> tuple[str, ...]:
    """Return the names of the reductions that a system uses: the declared ones, then those that need no declaration.

    Examples
    --------
    >>> from flpcheck import load, system_of
    >>> duel = load("paxos_duel").instance("duel")
    >>> used(reduced(system_of(duel.protocol, duel.world, duel.inputs)))
    ('BallotShift', 'StaleMail')
    """
    names, below, letters = [], system, system.dead_letters
    if isinstance(below, Orbits):
        names, below = ["symmetry"], below.below
    if isinstance(below, Quotient):
        names += sorted(type(reduction).__name__ for reduction in below.reductions)
    if letters is not None:
        names += ["dead-letters", *(["equal-states"] if letters.merged else [])]
    names += ["stubborn-sets"] if system.stubborn is not None else []
    return tuple(names)


def _check_order(system: System, local: tuple[Reduction, ...]) -> None:
    """Refuse to drop mail that stands in a queue: what comes after it waits until it has been received."""
    if system.world.network.kind == "fifo" and any(isinstance(reduction, StaleMail) for reduction in local):
        raise ReductionRefused(
            "stale mail cannot be dropped from a fifo network",
            place=place_of(type(system.protocol).reductions),
            why="later messages can be received only after it",
            next_step=OFF,
        )


def _check_delays(system: System, local: tuple[Reduction, ...]) -> None:
    """Refuse to rename letters, or to drop them, where it matters how long each has been under way."""
    if local and system.clock is not None and system.clock.delays is not None:
        raise ReductionRefused(
            f"messages cannot be renamed or dropped with timers={system.world.timers}",
            place=place_of(type(system.protocol).reductions),
            why="each message counts the delays within which it arrives",
            next_step=OFF,
        )


def _told_apart(system: System) -> str:
    """Return why processes that are alike are told apart all the same, as a clause; empty if they are not.

    The initial configurations do not show that.
    """
    failures, clock = system.world.failures, system.clock
    reasons = {
        "a process that misbehaves is not like the others": failures.misbehaving,
        "only some processes may crash": failures.faulty is not None,
        "a partition tells processes apart": system.world.network.cuts,
        "timers differ in patience": clock is not None and clock.ordered,
        "each message counts the delays within which it arrives": clock is not None and clock.delays is not None,
        "a constraint need not be the same under other names": hasattr(system.protocol, "constraint"),
    }
    return next((reason for reason, applies in reasons.items() if applies), "")
