"""`flpcheck explore --watch`: the same command again, in a process of its own, whenever a file of the spec is saved."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import click

from flpcheck.cli.console import say
from flpcheck.exit_codes import AS_WANTED

PAUSE = 0.2
"""Time between two looks at the files, in seconds."""
Stamps = dict[Path, tuple[int, int]]
"""Time of the last change and size of each file; a file that is missing has none."""


class Child(Protocol):
    """A command that runs beside this one."""

    def terminate(self) -> None:
        """Ask it to end."""

    def wait(self) -> int:
        """Wait for its end."""

    def poll(self) -> int | None:
        """Return its exit code; None while it runs."""


def watch(
    spec: str, start: Callable[[], Child] | None = None, pause: Callable[[], None] = lambda: time.sleep(PAUSE)
) -> int:
    """Run a command, and run it again whenever the spec or a module beside it that it imports has changed.

    A run that has not ended when a file changes is ended.  Errors in the file are printed by the command, and the next
    change runs it again.  Ctrl-C ends the watch.

    Parameters
    ----------
    spec
        The file of the spec.
    start
        Starts the command; by default the one that this process was given, without `--watch`.
    pause
        Waits a moment between two looks at the files.

    Returns
    -------
    int
        The exit code: 0, because there is no last verdict.
    """
    begin = start or _again
    while True:
        seen, child = stamps_of(spec), begin()
        try:
            _until_changed(spec, seen, child, pause)
        except KeyboardInterrupt:  # Ctrl-C has reached the command as well
            child.wait()
            return AS_WANTED
        if child.poll() is None:
            child.terminate()
            child.wait()
        if sys.stdout.isatty():
            click.clear()


def _until_changed(spec: str, seen: Stamps, child: Child, pause: Callable[[], None]) -> None:
    announced = False
    while stamps_of(spec) == seen:
        if not announced and child.poll() is not None:
            others = f" and {len(seen) - 1} more" if len(seen) > 1 else ""
            say(f"watching {spec}{others}: save to run again, Ctrl-C to end", err=True)
            announced = True
        pause()


def _again() -> Child:
    sys.stdout.flush()
    arguments = [argument for argument in sys.argv[1:] if argument != "--watch"]
    return subprocess.Popen(
        [sys.executable, "-m", "flpcheck", *arguments], env={**os.environ, "FLPCHECK_EXPLORE_WATCH": "0"}
    )


def stamps_of(spec: str) -> Stamps:
    """Return the stamps of a spec and of the modules beside it that it imports, however deep."""
    from flpcheck.sources import imported
    from flpcheck.spec import folders_of

    waiting, found = [Path(spec).resolve()], Stamps()
    folders = folders_of(waiting[0])
    while waiting:
        file = waiting.pop()
        if file not in found and file.is_file():
            state = file.stat()
            found[file] = state.st_mtime_ns, state.st_size
            waiting += [beside for name in imported(file.read_bytes(), "") for beside in _files_of(name, folders)]
    return found


def _files_of(name: str, folders: Sequence[Path]) -> list[Path]:
    """Return where a module may lie beside the spec."""
    inner = Path(*name.split(".")) if name else Path()
    return [folder / place for folder in folders for place in (inner.with_suffix(".py"), inner / "__init__.py") if name]
