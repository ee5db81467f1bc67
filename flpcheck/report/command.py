"""The command that does the same again: every finding can be replayed by the line that is printed with it."""

from __future__ import annotations

import shlex
from pathlib import Path

from flpcheck.analyse import Schedule, path_of
from flpcheck.authoring.protocol import constants, parameters
from flpcheck.examine import Examination
from flpcheck.settle import AUTO, Request
from flpcheck.spec import Spec
from flpcheck.system import System
from flpcheck.world import World
from flpcheck.world.spelling import options_between


def options_of(request: Request) -> list[str]:
    """Return the options that lead to a request: the instance if it is one, else parameters and world."""
    if request.instance is not None and request.instance.name:
        first = request.spec.instances[0] is request.instance
        return [] if first else ["--instance", request.instance.name]
    base = request.spec.instances[0] if request.spec.instances else None
    options: list[str] = []
    start = base.protocol if base else request.spec.protocol()
    known = {**parameters(start), **constants(start)}
    for name, value in {**parameters(request.protocol), **constants(request.protocol)}.items():
        if value != known[name]:
            options += ["-p", f"{name}={value}"]
    options += options_between(request.world, base.world if base else World())
    options += [] if request.reduction else ["--no-reduction"]
    options += [] if request.reduce == AUTO else ["--reduce", request.reduce]
    for pid, value in request.inputs.items():
        options += ["--input", f"{pid}={value}"]
    return options


def replay_of(examination: Examination, schedule: Schedule) -> str:
    """Return the command that replays a schedule of an examination, in the same mode; empty if there is none."""
    return replay_command(examination.request, examination.system, schedule, keep=examination.keep)


def replay_command(request: Request, system: System, schedule: Schedule, *, keep: bool = True) -> str:
    """Return the command that replays a schedule.

    Empty if there is none: if an event leaves its configuration unchanged, or if the protocol stands in no file, but in
    a cell of a notebook.

    Parameters
    ----------
    request, system, schedule
        The system explored, and a schedule of it.
    keep
        Whether transitions were kept when it was found: what liars can say is found again in the same mode.
    """
    path = path_of(system.plain, schedule)
    if path is None or not Path(request.spec.file).is_file():
        return ""
    where = f"{schedule.initial}:" + ".".join(map(str, path))
    loop = [] if schedule.loop is None else ["--loop", str(schedule.loop)]
    if not keep and system.liars is not None and system.listens:
        loop += ["--safety", *(text for claim in request.claims for text in ("--property", claim.name))]
    return command_line("replay", request.spec, *options_of(request), "--path", where, *loop)


def explore_command(request: Request, *extra: str) -> str:
    """Return the command that explores a request."""
    return command_line("explore", request.spec, *options_of(request), *extra)


def command_line(command: str, spec: Spec, *rest: str) -> str:
    """Return a command on a spec, quoted for a shell."""
    choice = ["--protocol", spec.choice] if spec.choice else []
    return shlex.join(["flpcheck", command, spec.path, *choice, *rest])
