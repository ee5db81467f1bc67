"""Folders for what flpcheck can recompute."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Return the user's cache folder for flpcheck; it may not exist."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "flpcheck")
