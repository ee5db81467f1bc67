"""One run on one file: a lock that ends with the process, however that ends."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from flpcheck.errors import BadRequest

try:
    import fcntl
except ImportError:  # pragma: no cover  (Windows: runs are not kept apart there)
    fcntl = None  # type: ignore[assignment]

_held: dict[Path, int] = {}


def hold(path: Path, *, create: bool = False) -> None:
    """Keep a file from other processes until this one ends.

    Parameters
    ----------
    path
        The file; holding it twice is holding it once.
    create
        Whether it may be missing.

    Raises
    ------
    BadRequest
        If another process holds it.
    OSError
        If it cannot be opened.
    """
    if path.exists() and not path.is_file():
        raise BadRequest(f"{path} is not a regular file", next_step="choose a file that may be overwritten")
    while True:
        file = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o666)
        if _is(_held.get(path.resolve()), path):
            os.close(file)
            return
        _lock(file, path)
        if _is(file, path):  # and not replaced by the run that held it until now
            _keep(file, path)
            return
        os.close(file)


def replace(new: Path, path: Path) -> None:
    """Put a file in the place of one that is held, and hold it instead."""
    hold(new)
    new.replace(path)
    file = _held.pop(new.resolve(), None)
    if file is not None:
        _keep(file, path)


def _lock(file: int, path: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise BadRequest(
            f"another run is using the checkpoint {path}",
            why="two runs would overwrite each other's records",
            next_step="wait until it ends, or use another checkpoint file",
        ) from None
    except OSError:  # a file system without locks
        return


def _keep(file: int, path: Path) -> None:
    earlier = _held.pop(path.resolve(), None)
    if earlier is not None:
        os.close(earlier)
    _held[path.resolve()] = file


def _is(file: int | None, path: Path) -> bool:
    """Whether an open file is the one that has this name."""
    if file is None:
        return False
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file), path.stat())
    return False
