"""Where machine code is kept; known without loading the compiler."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from flpcheck.caches import home


def _sources() -> str:
    """Return a name for the sources of all kernels together."""
    texts = (path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return hashlib.sha256(b"".join(texts)).hexdigest()[:16]


@cache
def folder() -> Path:
    """Return the folder for the kernels as they are.

    Numba looks at the file of a function only, so a change in a file that it inlines would go unnoticed; a folder for
    each state of the sources cannot be stale.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    return Path(chosen) if chosen else home() / f"kernel-{_sources()}"


def compiled() -> bool:
    """Return whether the hot loop has ever been compiled on this machine, as far as one can tell from outside."""
    return next(folder().rglob("search.expand-*.nbi"), None) is not None
