"""`--checkpoint` and `--resume`: long searches that survive being killed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from flpcheck.cli.options import SECONDS
from flpcheck.cli.topics import checkpoint_option

F = TypeVar("F", bound=Callable[..., Any])


def checkpoint_options(command: F) -> F:
    """Give a command the options that write and read checkpoints."""
    file = click.Path(dir_okay=False)
    for decorate in (
        checkpoint_option(
            "--checkpoint-every",
            type=SECONDS,
            default=5.0,
            show_default=True,
            metavar="S",
            help="Seconds between writes to the checkpoint.",
        ),
        checkpoint_option("--resume", type=file, metavar="FILE", help="Resume from a checkpoint, and extend it."),
        checkpoint_option(
            "--checkpoint", type=file, metavar="FILE", help="Write completed levels of a large search to FILE."
        ),
    ):
        command = decorate(command)
    return command


def checkpoint_of(request: Any, options: dict[str, Any], *, keep: bool) -> Any:
    """Return the checkpoint that the options ask for; None without them."""
    from flpcheck.errors import BadRequest

    path = options["resume"] or options["checkpoint"]
    if path is None:
        return None
    if options["resume"] and options["checkpoint"]:
        raise BadRequest("--checkpoint starts over, --resume continues", next_step="use one of them")
    from flpcheck.explore.engine import incompatible, unwritable

    if why_not := incompatible():
        raise unwritable(why_not)
    from flpcheck.explore.checkpoint import Checkpoint
    from flpcheck.explore.locks import hold

    if Path(path).exists():
        hold(Path(path))  # what cannot be written is refused before anything is compiled or searched
    every = options["checkpoint_every"]
    return Checkpoint(path, identity_of(request, keep=keep), resume=bool(options["resume"]), every=every)


def identity_of(request: Any, *, keep: bool) -> dict[str, Any]:
    """Return what must be unchanged for a search to resume: everything but the bounds and the properties."""
    import platform

    from flpcheck import __version__
    from flpcheck.authoring.protocol import constants, parameters
    from flpcheck.report.as_json import json_value
    from flpcheck.sources import user_modules

    return {
        "the version of flpcheck": __version__,
        "the version of Python": platform.python_version(),
        **{f"the content of module {name}": held[:12] for name, held in user_modules(request.spec.module).items()},
        "the protocol": type(request.protocol).__name__,
        "the parameters": json_value({**parameters(request.protocol), **constants(request.protocol)}),
        "the inputs": json_value(dict(request.inputs)),
        "the world": {**request.world.as_json(), "in words": str(request.world)},
        "--safety": not keep,
        "--reduce": request.reduce,
    }
