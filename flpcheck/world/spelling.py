"""From options to changes of a world, and from a world to the options that lead to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flpcheck.world.changed import PARTS, Changes, usual_oracle
from flpcheck.world.constructors import WORLDS
from flpcheck.world.crash_points import BETWEEN, CUT
from flpcheck.world.failures import Failures
from flpcheck.world.fairness import Fairness
from flpcheck.world.network import Network
from flpcheck.world.oracle import Oracle
from flpcheck.world.rounds import Rounds
from flpcheck.world.switches import SWITCHES, Switch
from flpcheck.world.world import World


def changes_in(options: Mapping[str, Any]) -> Changes:
    """Return the changes of a world that options ask for.

    Parameters
    ----------
    options
        Values by name of the switch; None where an option is not given.

    Raises
    ------
    BadRequest
        If a text cannot be read.

    Examples
    --------
    >>> changes_in({"loss": 2, "cut": "a>b", "timing": None})["network"]
    {'loss': 2, 'fair_loss': '', 'cut': frozenset({('a', 'b')})}
    """
    found: dict[str, dict[str, Any]] = {part: {} for part in PARTS}
    for switch in SWITCHES:
        if switch.help and options.get(switch.name) is not None:
            found[switch.part] |= switch.changes(options[switch.name])
    return found


@dataclass(frozen=True)
class _Usual:
    """The world that is changed: with another timing its parts are those which that timing brings."""

    timing: str
    network: Network
    failures: Failures
    oracle: Oracle
    rounds: Rounds | None
    timers: str
    fairness: Fairness


def options_between(world: World, base: World) -> list[str]:
    """Return the options that make one world of another.

    Examples
    --------
    >>> from flpcheck.world import asynchronous, synchronous
    >>> options_between(synchronous(1, rounds=2), asynchronous(loss=1))
    ['--crashes', '1', '--loss', '0', '--timing', 'synchronous', '--rounds', '2']
    """
    usual = _usual(world, base)
    found = []
    for switch in sorted(SWITCHES, key=lambda switch: switch.in_command):
        if switch.exists_in(world) and switch.exists_in(usual) and _differ(switch, world, usual):
            found += switch.options(world)
    return found


def _differ(switch: Switch, world: World, usual: Any) -> bool:
    if switch.name == "crash_points":
        return bool(switch.value(world) != _usual_points(world, usual))
    return bool(switch.value(world) != switch.value(usual))


def _usual(world: World, base: World) -> Any:
    if world.timing == base.timing:
        return base
    rounds = WORLDS[world.timing]().rounds
    return _Usual(
        base.timing, base.network, base.failures, usual_oracle(world.timing, base.oracle), rounds, "", base.fairness
    )


def _usual_points(world: World, usual: Any) -> str:
    if world.timing == usual.timing:
        return str(usual.failures.points)
    return CUT if world.rounds is not None and world.failures.crashes > 0 else BETWEEN
