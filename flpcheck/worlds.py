"""The same protocol in every world that applies to it: a row for each world, with the verdicts.

Worlds come in families, each a function from a request to named worlds; `family` registers one.  A world that does not
fit the protocol says why; one that is too large is cut, and what it could not tell is INCOMPLETE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from flpcheck.analyse.deciders import ABOUT_DECISIONS
from flpcheck.authoring.events import Suspect, Timeout, Trust
from flpcheck.authoring.property import Property
from flpcheck.errors import BadProtocol, BadRequest, BadWorld, NoDecider, SpecError
from flpcheck.examine import Examination, examine
from flpcheck.explore import Bounds
from flpcheck.failure import Failure, item_of
from flpcheck.settle import Request
from flpcheck.signals import pending_signal
from flpcheck.world import (
    EVENTUAL,
    PREDICATES,
    TIMERS,
    UNLIMITED,
    Failures,
    Network,
    Oracle,
    Rounds,
    World,
    heard_of,
    partially_synchronous,
    synchronous,
)

UNSTABLE = 2
"""Maximum number of rounds before GST where the number of a round matters: without it the search would never end."""
Worlds: TypeAlias = Iterator[tuple[str, World | BadWorld]]
"""Names and worlds; in place of a world the reason why its parts do not go together."""
WorldFamily: TypeAlias = Callable[[Request], Worlds]
FAMILIES: list[WorldFamily] = []


def family(make: WorldFamily) -> WorldFamily:
    """Register a family of worlds: `make(request)` yields names and worlds to try."""
    FAMILIES.append(make)
    return make


@dataclass(frozen=True, eq=False)
class WorldResult:
    """A protocol in one world.

    Parameters
    ----------
    name
        The name of the world: how it differs from the others.
    world
        The world.
    examination
        The examination; None where the world does not fit the protocol.
    because
        Why it does not fit, or which step fails in it.
    vacuous
        The properties that were asked for and say nothing, because no process decides.
    failure
        Why it fits, as far as is known, and could not be examined.
    """

    name: str
    world: World
    examination: Examination | None
    because: str = ""
    vacuous: tuple[Property, ...] = ()
    failure: Failure | None = None


def compare(request: Request, bounds: Bounds) -> Iterator[WorldResult]:
    """Yield a protocol's row for each world of all families, the bounds applying to each.

    Parameters
    ----------
    request
        The protocol, its inputs, and the properties to judge.
    bounds
        Bounds of each search.

    Yields
    ------
    Row
        One per world.  A row with a failure means that the spec fails in its own world, or that something else went
        wrong; a step that fails in another world means that this world does not fit the spec.

    Examples
    --------
    >>> from flpcheck import load
    >>> from flpcheck.settle import Overrides, settle
    >>> rows = compare(settle(load("wait_for_all"), Overrides()), Bounds(configurations=100))
    >>> next(rows).name
    'no failures'
    """
    seen: list[World] = []
    for make in FAMILIES:
        for name, world in make(request):
            if pending_signal():
                return
            if isinstance(world, BadWorld):
                yield WorldResult(name, request.world, None, world.what)
            elif world not in seen:
                seen.append(world)
                yield _row(request, name, world, bounds)


def _row(request: Request, name: str, world: World, bounds: Bounds) -> WorldResult:
    here = replace(request, world=world, instance=None, limits=vars(bounds))
    try:
        return _examined(here, name)
    except (BadWorld, BadRequest, BadProtocol) as error:
        return WorldResult(name, world, None, error.what)
    except BaseException as error:
        if isinstance(error, SpecError) and world != request.world:
            return WorldResult(name, world, None, error.brief)
        failure = item_of(error, request.spec.path)
        return WorldResult(name, world, None, failure.brief, failure=failure)


def _examined(here: Request, name: str) -> WorldResult:
    """Examine a protocol in a world; where no process decides, without the properties that would say nothing."""
    try:
        return WorldResult(name, here.world, examine(here))
    except NoDecider:
        vacuous = tuple(claim for claim in here.claims if claim in ABOUT_DECISIONS)
        rest = tuple(claim for claim in here.claims if claim not in ABOUT_DECISIONS)
        return WorldResult(name, here.world, examine(replace(here, claims=rest)), vacuous=vacuous)


def columns(rows: list[WorldResult]) -> list[Property]:
    """Return the properties that some world was judged by, in order, and those that say nothing in some."""
    found = (finding.claim for row in rows if row.examination for finding in row.examination.analysis.findings)
    return list(dict.fromkeys([*found, *(claim for row in rows for claim in row.vacuous)]))


@family
def crashes(request: Request) -> Worlds:
    """No failure; up to f crashes, one more than the instance has; in mid-broadcast; dead from the start."""
    yield "no failures", _failing(request, Failures())
    most = min(request.world.failures.crashes + 1, max(len(request.system.crashable) - 1, 0))
    broken_off = request.world.rounds is not None
    for count in range(1, most + 1):
        what = f"{count} crash{'es' * (count > 1)}"
        yield what, _failing(request, Failures(count, mid_broadcast=broken_off))
        if broken_off:
            yield f"{what}, never mid-broadcast", _failing(request, Failures(count))
    if most and _has_mailboxes(request):
        yield "1 crash in mid-broadcast", _failing(request, Failures(1, crash_points="cut"))
        yield "1 initially dead", _failing(request, Failures(initially_dead=1))


@family
def recoveries(request: Request) -> Worlds:
    """Worlds with recoveries, after crashes between steps or inside them."""
    if _has_mailboxes(request):
        yield "1 crash, 1 recovery", _failing(request, Failures(1, recoveries=1))
        for points, what in (("write-first", "write-first"), ("torn", "torn writes")):
            yield f"1 crash, 1 recovery, {what}", _failing(request, Failures(1, recoveries=1, crash_points=points))
        yield "1 crash at a time, recoveries", _failing(request, Failures(1, recoveries=UNLIMITED))


@family
def misbehaviour(request: Request) -> Worlds:
    """One process omits messages, or is Byzantine."""
    if not _has_mailboxes(request):
        return
    yield "1 omits messages", _failing(request, Failures(omission=1))
    yield "1 Byzantine", _failing(request, Failures(byzantine=1))
    if hasattr(request.protocol, "signatures"):
        yield "1 Byzantine, signed messages", _failing(request, Failures(byzantine=1, authenticated=True))


@family
def networks(request: Request) -> Worlds:
    """Other networks, with the failures of the instance; lost and duplicated messages; a process or a link cut off."""
    if not _has_mailboxes(request):
        return
    world = request.world
    for kind in ("multiset", "fifo", "set"):
        yield f"{kind} network", _differing(world, network=Network(kind, world.network.ignored))
    yield "1 message lost", _differing(world, network=replace(world.network, loss=1))
    yield "1 message duplicated", _differing(world, network=replace(world.network, duplication=1))
    name = request.system.names[0]
    for ending, heals in (("", False), (" until it heals", True)):
        parted = replace(world.network, partition=((name,),), cut=frozenset(), heals=heals)
        yield f"{name} is cut off{ending}", _differing(world, network=parted)
    for other in request.system.names[1:2]:
        for ending, heals in (("", False), (" until it heals", True)):
            network = replace(world.network, partition=(), cut=frozenset({(name, other)}), heals=heals)
            yield f"nothing from {name} to {other}{ending}", _differing(world, network=network)


@family
def clocks(request: Request) -> Worlds:
    """Timers that wait for messages: always, or from some time on; for protocols that have timers."""
    if not _asks(request, Timeout):
        return
    bare = replace(request.world, timing="asynchronous", rounds=None, oracle=Oracle(), timers="")
    yield "asynchronous", bare
    told = replace(bare, failures=replace(bare.failures, events="explicit"))
    yield "synchronous", _differing(told, timing="synchronous", rounds=Rounds())
    late = {"timing": "eventually_synchronous"}
    yield "GST", _differing(told, **late, oracle=Oracle(TIMERS, UNLIMITED))
    yield "GST, 1 timeout before it", _differing(told, **late, oracle=Oracle(TIMERS, 1))
    yield "GST that never comes", _differing(told, **late, oracle=Oracle(TIMERS, stabilises=False))


@family
def detectors(request: Request) -> Worlds:
    """Failure detectors whose answers the protocol takes: from the strongest to one that is never right."""
    kinds = ("P", "S", "diamond-P", "diamond-S") if _asks(request, Suspect) else ()
    for kind in (*kinds, *(("omega",) if _asks(request, Trust) else ())):
        yield f"detector {kind}", _differing(request.world, oracle=Oracle(kind))
        if kind in EVENTUAL:
            yield f"detector {kind}, 1 mistake", _differing(request.world, oracle=Oracle(kind, 1))
    if kind := "diamond-S" if _asks(request, Suspect) else "omega" if _asks(request, Trust) else "":
        yield f"detector {kind}, never right", _differing(request.world, oracle=Oracle(kind, stabilises=False))


@family
def lock_step(request: Request) -> Worlds:
    """Faults of lock-step rounds: one process omits messages, or lies."""
    if not request.system.in_rounds:
        return
    most = request.world.rounds.most if request.world.rounds else None
    yield "1 omits sending", synchronous(rounds=most, send_omission=1)
    yield "1 omits receiving", synchronous(rounds=most, receive_omission=1)
    yield "1 omits both", synchronous(rounds=most, omission=1)
    if any(member.lies is not None for member in request.protocol.processes()):
        yield "1 Byzantine", synchronous(rounds=most, byzantine=1)
        if hasattr(request.protocol, "signatures"):
            yield "1 Byzantine, signed messages", synchronous(rounds=most, byzantine=1, authenticated=True)


@family
def hearing(request: Request) -> Worlds:
    """Heard-Of rounds under each communication predicate."""
    if request.system.in_rounds:
        most = request.world.rounds.most if request.world.rounds else None
        for predicate in PREDICATES.values():
            yield f"heard of: {predicate.name.replace('_', ' ')}", heard_of(predicate.name, rounds=most)


@family
def stabilisation(request: Request) -> Worlds:
    """GST in rounds: from some time on, every process is heard; where rounds are numbered, that time comes soon."""
    if not request.system.in_rounds:
        return
    soon = UNSTABLE if request.system.numbered else None
    when = "GST" if soon is None else f"GST within {soon} rounds"
    yield when, partially_synchronous(unstable=soon)
    yield f"{when}, 1 crash", partially_synchronous(1, unstable=soon)


def _failing(request: Request, failures: Failures) -> World | BadWorld:
    """Return the world with other failures; in rounds those are crashes, and all others follow the protocol."""
    rounds = request.world.rounds
    if rounds is not None:
        rounds = replace(rounds, faults="byzantine", faulty=0, authenticated=False, rushing=True)
    return _differing(request.world, failures=failures, rounds=rounds)


def _differing(world: World, **parts: Any) -> World | BadWorld:
    """Return a world with other parts, or why they do not go together with the rest of it."""
    try:
        return replace(world, **parts)
    except BadWorld as error:
        return error


def _has_mailboxes(request: Request) -> bool:
    """Whether messages lie in mailboxes: then there is a network to choose, and a process can be faulty by itself."""
    return request.system.plain.components is not None


def _asks(request: Request, answer: type) -> bool:
    """Whether some step of the protocol names this kind of event."""
    return any(answer in book.kinds for book in request.system.rulebooks)
