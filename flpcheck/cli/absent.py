"""Packages that flpcheck needs and that are not installed, and what does not work without them."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

COSTS = {
    "numba": "a search of many configurations takes far longer",
    "scipy": "judging termination takes longer",
    "graphviz": "cannot draw a picture",
    "pygraphviz": "no picture can be rendered",
}


def absent() -> str:
    """Return what is missing, with its cost, as one line; empty if nothing is.

    A command `dot` takes the place of pygraphviz.
    """
    missing = [name for name in COSTS if find_spec(name) is None]
    if "pygraphviz" in missing and shutil.which("dot"):
        missing.remove("pygraphviz")
    listing = ", ".join(f"{name} ({COSTS[name]})" for name in missing)
    return f"not installed: {listing}; next: pip install {' '.join(missing)}" if missing else ""
