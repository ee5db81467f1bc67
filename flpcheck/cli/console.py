"""The console that results are printed on: as wide as the terminal, or wide enough for a log."""

from __future__ import annotations

import sys

from rich.console import Console

LOG_WIDTH = 118


def results() -> Console:
    """Return a console on standard output."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else LOG_WIDTH)
