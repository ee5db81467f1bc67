"""The folder of compiled code; known without loading the compiler."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

from flpcheck.caches import home


def _files() -> list[Path]:
    return sorted(Path(__file__).parent.glob("*.py"))


def _sources() -> str:
    """Return a name for the sources of all kernels together."""
    texts = (path.read_bytes() for path in _files())
    return hashlib.sha256(b"".join(texts)).hexdigest()[:16]


@cache
def folder() -> Path:
    """Return the folder for the kernels as they are.

    Numba looks at the file of a function only, so a change in a file that it inlines would go unnoticed; a folder for
    each state of the sources cannot be stale.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    return Path(chosen) if chosen else home() / f"kernel-{_sources()}"


def compiled(words: int) -> bool:
    """Return whether the kernel needs no compiling for configurations of `words` words."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"} or _mark(words).exists()


def note_compiled(words: int) -> None:
    """Note that the kernel is compiled for configurations of `words` words."""
    if not compiled(words):
        with contextlib.suppress(OSError):  # then the next search asks again
            _mark(words).touch()


def _mark(words: int) -> Path:
    """Return the file that says so: for these files, this Numba and this processor, as Numba itself has it."""
    return folder() / f"words-{words}-{_machine()}"


@cache
def _machine() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8", errors="replace").splitlines() if info.exists() else []
    processor = sorted({line for line in lines if line.startswith(("model name", "flags"))}) or [platform.machine()]
    ages = [str(path.stat().st_mtime_ns) for path in _files()]  # Numba compiles a file again that was touched
    parts = (
        __file__,
        _sources(),
        sys.version,
        version("numba"),
        os.environ.get("NUMBA_CPU_NAME", ""),
        *ages,
        *processor,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
