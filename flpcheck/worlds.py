"""The same protocol in every world that makes sense for it: a row for each, with the verdicts side by side.

Worlds come in families, each a function from a setting to named worlds; `family` registers one.  A world that does not
fit the protocol says why; one that is too large is cut, and what it could not tell is INCOMPLETE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import Property
from flpcheck.errors import BadProtocol, BadRequest, BadWorld
from flpcheck.examine import Examination, Setting, examine
from flpcheck.explore import Bounds
from flpcheck.system import system_of
from flpcheck.world import UNLIMITED, Network, World
from flpcheck.world.failures import Failures

Worlds: TypeAlias = Iterator[tuple[str, World]]
Family: TypeAlias = Callable[[Setting], Worlds]
FAMILIES: list[Family] = []


def family(make: Family) -> Family:
    """Register a family of worlds: `make(setting)` yields names and worlds to try."""
    FAMILIES.append(make)
    return make


@dataclass(frozen=True, eq=False)
class Row:
    """A protocol in one world.

    Parameters
    ----------
    name
        What is different about this world.
    world
        The world.
    examination
        What was found; None where the world does not fit the protocol.
    because
        Why it does not fit.
    """

    name: str
    world: World
    examination: Examination | None
    because: str = ""


def compare(setting: Setting, bounds: Bounds) -> Iterator[Row]:
    """Yield a protocol's row for each world of all families, the bounds applying to each.

    Parameters
    ----------
    setting
        The protocol, its inputs, and the properties to judge.
    bounds
        Where to cut each search.

    Examples
    --------
    >>> from flpcheck import load
    >>> from flpcheck.examine import Wishes, settle
    >>> rows = compare(settle(load("wait_for_all"), Wishes()), Bounds(configurations=100))
    >>> next(rows).name
    'no failures'
    """
    seen: list[World] = []
    for make in FAMILIES:
        for name, world in make(setting):
            if world not in seen:
                seen.append(world)
                yield _row(setting, name, world, bounds)


def _row(setting: Setting, name: str, world: World, bounds: Bounds) -> Row:
    here = replace(setting, world=world, instance=None, bounds=bounds)
    try:
        return Row(name, world, examine(here))
    except (BadWorld, BadRequest, BadProtocol) as error:
        return Row(name, world, None, error.what)


def columns(rows: list[Row]) -> list[Property]:
    """Return the properties that some world was judged by, in order."""
    found = (finding.claim for row in rows if row.examination for finding in row.examination.findings.findings)
    return list(dict.fromkeys(found))


def _failing(setting: Setting, failures: Failures) -> World:
    return replace(setting.world, failures=failures)


def _crashable(setting: Setting) -> tuple[Pid, ...]:
    system = system_of(setting.protocol, World(), setting.inputs)
    return tuple(system.names[index] for index in system.crashable)


@family
def crashes(setting: Setting) -> Worlds:
    """No failure; up to f crashes, one more than the instance has; in mid-broadcast; dead from the start."""
    yield "no failures", _failing(setting, Failures())
    most = min(setting.world.failures.crashes + 1, max(len(_crashable(setting)) - 1, 0))
    for count in range(1, most + 1):
        yield f"{count} crash{'es' * (count > 1)}", _failing(setting, Failures(count))
    if most:
        yield "1 crash in mid-broadcast", _failing(setting, Failures(1, mid_broadcast=True))
        yield "1 initially dead", _failing(setting, Failures(initially_dead=1))


@family
def recoveries(setting: Setting) -> Worlds:
    """Crashed processes come back."""
    yield "1 crash, 1 recovery", _failing(setting, Failures(1, recoveries=1))
    yield "1 crash at a time, recoveries", _failing(setting, Failures(1, recoveries=UNLIMITED))


@family
def misbehaviour(setting: Setting) -> Worlds:
    """One process omits messages, or is Byzantine."""
    yield "1 omits messages", _failing(setting, Failures(omission=1))
    yield "1 Byzantine", _failing(setting, Failures(byzantine=1))


@family
def networks(setting: Setting) -> Worlds:
    """Other networks, with the failures of the instance; lost and duplicated messages."""
    world = setting.world
    for kind in ("multiset", "fifo", "set"):
        yield f"{kind} network", replace(world, network=Network(kind, world.network.ignored))
    yield "1 message lost", replace(world, network=replace(world.network, loss=1))
    yield "1 message duplicated", replace(world, network=replace(world.network, duplication=1))
