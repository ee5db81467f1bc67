"""flpcheck: an exhaustive model checker for consensus protocols, with FLP valence.

The public names are listed in `__init__.pyi`, and imported on first use: `import flpcheck` alone loads nothing.
"""

from __future__ import annotations

from functools import cache
from typing import Any

__version__ = "0.1.0"


@cache
def _homes() -> dict[str, str]:
    """Return the module of each public name."""
    import ast
    from pathlib import Path

    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [statement for statement in stub.body if isinstance(statement, ast.ImportFrom)]
    return {alias.name: str(statement.module) for statement in imports for alias in statement.names}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "__all__":  # asked by `from flpcheck import *`
        return sorted(_homes())
    if name.startswith("__") or name not in _homes():
        message = f"module 'flpcheck' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_homes()[name]), name)


def __dir__() -> list[str]:
    return [*_homes(), "__version__"]
