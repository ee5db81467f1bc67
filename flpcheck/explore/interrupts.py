"""Ctrl-C as a wish that a search looks at, not an exception in the middle of something.

A search that was stopped between two of its steps can be reported, continued and analysed; one that was stopped while
its tables were being rebuilt could not.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flpcheck.explore.overtime import hurry

ONE_PRESS = 0.5
"""Seconds within which two interrupts are one press of Ctrl-C."""
_wishes: list[float] = []


@contextmanager
def patiently() -> Iterator[None]:
    """Note Ctrl-C inside of this block, for `wished` to tell; a second Ctrl-C interrupts at once.

    Only the main thread can do that, and a handler that somebody else has installed is left alone.  Blocks may be
    nested; the wish is forgotten at the end of the outermost.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _wishes.clear()


def _note(_: int, __: Any) -> None:
    """Note a wish; one that follows at once is the same key, passed on by a parent as well as by the terminal."""
    if _wishes and time.monotonic() - _wishes[0] > ONE_PRESS:
        raise KeyboardInterrupt
    if not _wishes:
        _wishes.append(time.monotonic())
        hurry()


def wished() -> bool:
    """Return whether Ctrl-C was pressed."""
    return bool(_wishes)
