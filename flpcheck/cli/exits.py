"""A spec that ends the interpreter must not look like a run without a finding."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from flpcheck.failure import USAGE_ERROR, is_authors


@contextmanager
def no_silent_exit() -> Iterator[None]:
    """Let a call of `os._exit` in a spec, inside of this block, say where it is and exit with 2.

    It cannot be caught: whatever calls it expects not to go on.
    """
    leave = os._exit

    def named(status: int) -> NoReturn:
        frame = sys._getframe(1)
        if is_authors(frame):
            from flpcheck.errors import Place

            place = Place(frame.f_code.co_filename, frame.f_lineno)
            text = f"error: {place}: the spec calls os._exit({status!r}), which ends the interpreter\n"
            os.write(2, (text + "  next: remove the call\n").encode(errors="backslashreplace"))
            status = USAGE_ERROR
        leave(status)

    os._exit = named
    try:
        yield
    finally:
        os._exit = leave
