"""Which modules a protocol is made of: the user's own, found by what they import, with what their files hold.

A checkpoint is good for the same content only, and so is the memory of a passed check.  The user's modules are those
outside the standard library and outside flpcheck; of installed packages the version counts, not every file.
"""

from __future__ import annotations

import ast
import hashlib
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

_OURS = Path(__file__).parent
PREFIX = "flpcheck_spec_"
"""Prefix of the names of modules that were loaded as specs; the rest is derived from the path."""


def user_modules(module: ModuleType) -> dict[str, str]:
    """Return what a module and all that it imports hold, the user's only.

    Parameters
    ----------
    module
        A loaded spec, or any module in which a protocol is defined.

    Returns
    -------
    dict[str, str]
        A SHA-256 of the file of each module, or the version of an installed package, by name, the module itself first;
        a spec is called by its file's stem, wherever it lies.  Imports are read from the source, those inside functions
        included; one that is made by `importlib` at run time is not seen.
        Cost: a parse of each file that was not parsed before.
    """
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        here = waiting.pop()
        name = title(here)
        file = _file(here)
        if name in found or file is None:
            continue
        if _is_installed(file):
            found[name] = _version(here, file)
            continue
        content = file.read_bytes()
        found[name] = hashlib.sha256(content).hexdigest()
        names = imported(content, here.__package__ or "") if file.suffix == ".py" else ()
        waiting += [sys.modules[n] for n in sorted(names, reverse=True) if sys.modules.get(n) is not None]
    return found


def title(module: ModuleType) -> str:
    """Return what a module is called: a spec by its file's stem, others by their names."""
    return Path(module.__file__ or "").stem if module.__name__.startswith(PREFIX) else module.__name__


def _file(module: ModuleType) -> Path | None:
    """Return the file of a user's module; None for the standard library, flpcheck, and what has no file."""
    name = getattr(module, "__file__", None)
    if name is None or module.__name__.partition(".")[0] in sys.stdlib_module_names:
        return None
    file = Path(name).resolve()
    ours = file.is_relative_to(_OURS) and not file.is_relative_to(_OURS / "specs")
    return None if ours or not file.is_file() else file


def _is_installed(file: Path) -> bool:
    return any(file.is_relative_to(folder) for folder in _site_folders())


@cache
def _site_folders() -> tuple[Path, ...]:
    paths = (sysconfig.get_path(name) for name in ("purelib", "platlib"))
    return tuple({Path(path).resolve() for path in paths if path} - {_OURS.parent.resolve()})


def _version(module: ModuleType, file: Path) -> str:
    top = sys.modules.get(module.__name__.partition(".")[0], module)
    status = file.stat()
    return str(getattr(top, "__version__", "")) or f"{status.st_size} bytes of {status.st_mtime_ns}"


@cache
def imported(content: bytes, package: str) -> frozenset[str]:
    """Return the full names that a source may import: modules, and members that may be modules.

    Examples
    --------
    >>> sorted(imported(b"import a.b; from .c import d", "p"))
    ['a', 'a.b', 'p.c', 'p.c.d']
    """
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return frozenset()
    return frozenset(name for node in ast.walk(tree) for name in _names(node, package))


def _names(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            parts = alias.name.split(".")
            yield from (".".join(parts[: size + 1]) for size in range(len(parts)))
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        base = ".".join([*above, *filter(None, [node.module])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)
