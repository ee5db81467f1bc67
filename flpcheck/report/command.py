"""The command that does the same again: every finding can be replayed by the line that is printed with it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from flpcheck.analyse import Schedule, path_of
from flpcheck.authoring.protocol import constants, parameters
from flpcheck.reduce import plain
from flpcheck.settle import Request
from flpcheck.spec import Spec
from flpcheck.system import System
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world import UNLIMITED, WORLDS, World
from flpcheck.world.changed import usual_oracle
from flpcheck.world.crash_points import BETWEEN, CUT
from flpcheck.world.links import links_text

CHOSEN = ("initially_dead", "byzantine", "omission", "faulty")


def options_of(setting: Request) -> list[str]:
    """Return the options that lead to a setting: the instance if it is one, else parameters and world."""
    if setting.instance is not None and setting.instance.name:
        first = setting.spec.instances[0] is setting.instance
        return [] if first else ["--instance", setting.instance.name]
    base = setting.spec.instances[0] if setting.spec.instances else None
    options: list[str] = []
    start = base.protocol if base else setting.spec.protocol()
    known = {**parameters(start), **constants(start)}
    for name, value in {**parameters(setting.protocol), **constants(setting.protocol)}.items():
        if value != known[name]:
            options += ["-p", f"{name}={value}"]
    options += _world_options(setting.world, base.world if base else World())
    options += [] if setting.reduction else ["--no-reduction"]
    for pid, value in setting.inputs.items():
        options += ["--input", f"{pid}={value}"]
    return options


def _world_options(world: World, base: World) -> list[str]:
    pairs: list[tuple[str, Any, Any]] = [
        ("--crashes", world.failures.crashes, base.failures.crashes),
        ("--crash-events", world.failures.events, base.failures.events),
        ("--recoveries", _budget(world.failures.recoveries), _budget(base.failures.recoveries)),
        *((f"--{name.replace('_', '-')}", _named(world, name), _named(base, name)) for name in CHOSEN),
        ("--lies", world.failures.alphabet, base.failures.alphabet),
        ("--twins", ",".join(world.failures.twins), ",".join(base.failures.twins)),
        ("--partition", _groups(world), _groups(base)),
        ("--cut", links_text(world.network.cut), links_text(base.network.cut)),
        ("--network", world.network.kind, base.network.kind),
        ("--ignored", world.network.ignored, base.network.ignored),
        ("--loss", _budget(world.network.loss), _budget(base.network.loss)),
        ("--duplication", _budget(world.network.duplication), _budget(base.network.duplication)),
    ]
    options = [text for name, value, usual in pairs if value != usual for text in (name, str(value))]
    options += _round_options(world, base) + _oracle_options(world, base)
    if world.timers != (base.timers if world.timing == base.timing else ""):
        options += ["--timers", world.timer_rule]
    options += _crash_points(world, base)
    switches = [
        (world.failures.authenticated, base.failures.authenticated, "--authenticated", "--unauthenticated"),
        (world.network.heals, base.network.heals, "--heals", "--never-heals"),
    ]
    return options + [yes if value else no for value, usual, yes, no in switches if value != usual]


def _crash_points(world: World, base: World) -> list[str]:
    usual = base.failures.points
    if world.timing != base.timing:  # another timing brings its own
        usual = CUT if world.rounds is not None and world.failures.crashes > 0 else BETWEEN
    points = world.failures.points
    switches = {BETWEEN: ["--no-mid-broadcast"], CUT: ["--mid-broadcast"]}
    return [] if points == usual else switches.get(points, ["--crash-points", points])


def _oracle_options(world: World, base: World) -> list[str]:
    oracle, usual = world.oracle, base.oracle
    if world.timing != base.timing:
        usual = usual_oracle(world.timing, usual)
    if oracle == usual:
        return []
    if not oracle.kind:
        return ["--detector", "none"]
    options = ["--detector", oracle.kind] if oracle.kind != usual.kind else []
    if oracle.stabilises != usual.stabilises:
        options.append("--stabilises" if oracle.stabilises else "--never-stabilises")
    same = oracle.mistakes == usual.mistakes or not oracle.stabilises
    return options + ([] if same else ["--mistakes", _budget(oracle.mistakes)])


def _round_options(world: World, base: World) -> list[str]:
    options = ["--timing", world.timing] if world.timing != base.timing else []
    usual = (base if world.timing == base.timing else WORLDS[world.timing]()).rounds
    if world.rounds is None or usual is None:
        return options
    rounds = world.rounds
    pairs: list[tuple[str, Any, Any]] = [
        ("--rounds", rounds.most, usual.most),
        ("--predicate", rounds.predicate, usual.predicate),
        ("--unstable-rounds", rounds.unstable, usual.unstable),
    ]
    if (rounds.faults, rounds.faulty) != (usual.faults, usual.faulty):
        who = str(rounds.faulty) if isinstance(rounds.faulty, int) else ",".join(rounds.faulty)
        pairs.append((f"--{rounds.faults.replace('_', '-')}", who, None))
    options += [text for name, value, other in pairs if value != other for text in (name, str(value))]
    if rounds.authenticated != usual.authenticated:
        options.append("--authenticated" if rounds.authenticated else "--unauthenticated")
    if rounds.rushing != usual.rushing:
        options.append("--rushing" if rounds.rushing else "--no-rushing")
    return options


def _named(world: World, name: str) -> str:
    chosen = getattr(world.failures, name)
    if chosen is None:
        return "anybody"
    return ",".join(chosen) if isinstance(chosen, tuple) else str(chosen)


def _groups(world: World) -> str:
    return "|".join(",".join(group) for group in world.network.partition)


def _budget(budget: int) -> str:
    return "unlimited" if budget == UNLIMITED else str(budget)


def replay_command(setting: Request, system: System, schedule: Schedule, *, safety: bool = False) -> str:
    """Return the command that replays a schedule.

    Empty if there is none: if an event leaves its configuration unchanged, or if the protocol stands in no file, but in
    a cell of a notebook.

    Parameters
    ----------
    setting, system, schedule
        What was explored, and a schedule of it.
    safety
        Whether it was found in safety mode: what liars can say is then found again in that mode.
    """
    path = path_of(plain(system), schedule)
    if path is None or not Path(setting.spec.file).is_file():
        return ""
    where = f"{schedule.initial}:" + ".".join(map(str, path))
    loop = [] if schedule.loop is None else ["--loop", str(schedule.loop)]
    found = plain(system)
    if safety and isinstance(found, MessagePassing) and found.speech.searching:
        loop += ["--safety", *(text for claim in setting.claims for text in ("--property", claim.name))]
    return command_line("replay", setting.spec, *options_of(setting), "--path", where, *loop)


def explore_command(setting: Request, *extra: str) -> str:
    """Return the command that explores a setting."""
    return command_line("explore", setting.spec, *options_of(setting), *extra)


def command_line(command: str, spec: Spec, *rest: str) -> str:
    """Return a command on a spec, quoted for a shell."""
    choice = ["--protocol", spec.choice] if spec.choice else []
    return shlex.join(["flpcheck", command, spec.path, *choice, *rest])
