"""The command line: each command parses, calls and prints; nothing else does.

Only click is imported here; a command imports what it needs when it runs.
"""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from typing import Any

import click

from flpcheck.exit_codes import (
    AS_WANTED,
    CLOSED_PIPE,
    INCONCLUSIVE,
    INTERNAL_ERROR,
    INTERRUPTED,
    TERMINATED,
    USAGE_ERROR,
)

COMMANDS = {
    "explore": "Explore a protocol: its configurations, their valence, its properties, a picture.",
    "simulate": "Make random runs, for state spaces that no search finishes.",
    "trace": "Hold logs of a real system against a spec: is what they tell a run of it?",
    "check": "Check every instance of specs against its expectations (for CI).",
    "flp": "The FLP theorem on a protocol: its horn with a certificate, the lemmas, the adversary at work.",
    "why": "Why a configuration is bivalent, univalent or blocked.",
    "worlds": "Compare a protocol's properties in many worlds, in one table.",
    "graph": "Draw the state graph, a quotient of it, or a part of it.",
    "export": "Write the state graph, or a run, for other tools.",
    "sweep": "Judge a property over ranges of parameters and crashes: where does it stop holding?",
    "serve": "Explore in the browser, configurations computed on demand.",
    "step": "Step through a protocol in the terminal.",
    "replay": "Replay a schedule, event by event.",
    "list": "List the bundled specs.",
    "schema": "Print the JSON Schema of what commands print.",
    "gallery": "Write tables and pages about specs, generated from what is found.",
    "init": "Write a first spec to start from.",
    "warm": "Compile the engine for large models ahead of time.",
}


class ClosedPipe(Exception):
    """The reader of the output has closed it; click and rich make exit code 1 of what Python raises then."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they run, so that `--help` answers at once."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ClosedPipe from error
        except SystemExit as error:
            if isinstance(error.__context__, BrokenPipeError):
                raise ClosedPipe from error
            raise

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; an unknown name gets a suggestion."""
        if cmd_name not in COMMANDS:
            self._fail_with_suggestion(ctx, cmd_name)
        found: click.Command = import_module(f"flpcheck.cli.{cmd_name}_command").command
        return found

    def _fail_with_suggestion(self, ctx: click.Context, name: str) -> None:
        from flpcheck.errors import nearest

        ctx.fail(f"no command {name!r}: {nearest(name, COMMANDS)}")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _configure(ctx: click.Context, _: click.Parameter, path: str | None) -> None:
    """Fill the defaults of all commands from `[tool.flpcheck]`; the environment goes first, and is looked at here."""
    from flpcheck.cli.config import defaults, refuse_unknown_variables

    if ctx.resilient_parsing:
        return
    refuse_unknown_variables(os.environ)
    ctx.default_map = defaults(path)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from flpcheck import __version__

        click.echo(f"flpcheck {__version__}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "FLPCHECK",
        "max_content_width": 120,
    },
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@click.option(
    "--config", type=click.Path(dir_okay=False), expose_value=False, callback=_configure, metavar="FILE",
    help="Read defaults from [tool.flpcheck] of this file; ./pyproject.toml if there is one.",
)  # fmt: skip
def cli() -> None:
    """Explore everything a consensus protocol can do.

    Try `flpcheck explore paxos`, or `flpcheck list` for more bundled specs.
    """


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line and return its exit code, one of `flpcheck.exit_codes`, through SystemExit."""
    from flpcheck.cli.console import print_what_cannot_be_encoded
    from flpcheck.signals import terminable

    print_what_cannot_be_encoded()
    with terminable():
        code = _finished(arguments)
    sys.exit(code)


def began() -> float | None:
    """Return when the command began, on the monotonic clock: with its process, if it is the only one of it."""
    from flpcheck.machine import process_began

    return process_began() if click.get_current_context().find_root().obj else None


def _finished(arguments: list[str] | None) -> int:
    """Run the command line to its end, what it prints included, and return its exit code."""
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except (BrokenPipeError, ClosedPipe):
        _stop_printing(sys.stdout, sys.stderr)
        return CLOSED_PIPE
    except OSError as error:  # a full disk behind standard output
        _stop_printing(sys.stdout)
        return _explain(error)
    return code


def _stop_printing(*streams: Any) -> None:
    """Let nothing more be written to streams, where writing fails."""
    for stream in streams:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run(arguments: list[str] | None) -> int:
    from flpcheck.cli.absent import absent

    try:
        code = cli.main(arguments, prog_name="flpcheck", standalone_mode=False, obj=arguments is None)
        _print_error(absent())
    except click.exceptions.Abort as error:
        click.echo("interrupted", err=True)
        return code_of(error.__cause__)
    except click.ClickException as error:
        error.show()
        return USAGE_ERROR
    except KeyboardInterrupt as error:
        _print_error(str(error))
        return code_of(error)
    except (BrokenPipeError, ClosedPipe):
        raise
    except BaseException as error:  # every uncaught exception ends here, never as a violation: a spec may raise any
        return _explain(error)
    return code if isinstance(code, int) else AS_WANTED


def code_of(interrupt: BaseException | None) -> int:
    """Return the exit code of a run that Ctrl-C or SIGTERM has ended at once."""
    from flpcheck.signals import Terminated

    return TERMINATED if isinstance(interrupt, Terminated) else INTERRUPTED


def _print_error(text: str) -> None:
    from flpcheck.cli.console import say

    if text:
        say(text, err=True)


def _explain(error: BaseException) -> int:
    """Print an error that flpcheck can explain, or the traceback of one that it cannot; return the exit code."""
    from flpcheck.failure import explained, failure_of

    known = explained(error)
    if known is not None:
        code = failure_of(known, "").code
        word = "INCOMPLETE" if code == INCONCLUSIVE else "error"
        _print_error(f"{word}: {known}")
        return code
    import traceback

    traceback.print_exception(error)
    click.echo("internal error: please report this with the spec and the command", err=True)
    return INTERNAL_ERROR
