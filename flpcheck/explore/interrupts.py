"""Ctrl-C and SIGTERM as a wish that a run looks at, not an exception in the middle of something.

A search that was stopped between two of its steps can be reported, continued and analysed; one that was stopped while
its tables were being rebuilt could not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flpcheck.explore.overtime import hurry
from flpcheck.signals import deferring, forget_wishes, interrupt, wish, wished

__all__ = ["deferred_interrupts", "wished"]

ONE_PRESS = 0.5
"""Seconds within which two interrupts are one press of Ctrl-C."""
_when: list[float] = []


@contextmanager
def deferred_interrupts() -> Iterator[None]:
    """Note Ctrl-C and SIGTERM inside of this block, for `wished` to tell; a second one interrupts at once.

    SIGTERM is left alone outside of the command line, where a program that goes on after a search must end by it.
    Blocks may be nested; the wish is forgotten at the end of the outermost.
    """
    outermost = False
    try:
        with deferring(_note) as outermost:
            yield
    finally:
        if outermost:
            forget_wishes()
            _when.clear()


def _note(number: int, _: Any) -> None:
    """Note a wish; one that follows at once is the same key, passed on by a parent as well as by the terminal."""
    if _when and time.monotonic() - _when[0] > ONE_PRESS:
        interrupt(number)
    if not _when:
        _when.append(time.monotonic())
        wish(number)
        hurry()
