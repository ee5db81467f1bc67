"""Ctrl-C and SIGTERM, deferred: noted, and looked at by a run between two steps, not raised in the middle of one.

A search that was stopped between two of its steps can be reported, continued and analysed; one that was stopped while
its tables were being rebuilt could not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flpcheck.explore.overtime import hurry
from flpcheck.signals import deferring, forget_signals, interrupt, note_signal, pending_signal

__all__ = ["deferred_interrupts", "pending_signal"]

ONE_PRESS = 0.5
"""Seconds within which two interrupts are one press of Ctrl-C."""
_when: list[float] = []


@contextmanager
def deferred_interrupts() -> Iterator[None]:
    """Note Ctrl-C and SIGTERM inside of this block, for `pending_signal` to tell; a second one interrupts at once.

    SIGTERM is left alone outside of the command line, where a program that goes on after a search must end by it.
    Blocks may be nested; the signal is forgotten at the end of the outermost.
    """
    outermost = False
    try:
        with deferring(_note) as outermost:
            yield
    finally:
        if outermost:
            forget_signals()
            _when.clear()


def _note(number: int, _: Any) -> None:
    """Note a signal; one that follows at once is the same key, passed on by a parent as well as by the terminal."""
    if _when and time.monotonic() - _when[0] > ONE_PRESS:
        interrupt(number)
    if not _when:
        _when.append(time.monotonic())
        note_signal(number)
        hurry()
