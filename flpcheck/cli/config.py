"""Defaults for options from `[tool.flpcheck]`: for all commands, or for one in `[tool.flpcheck.explore]`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from flpcheck.cli import COMMANDS
from flpcheck.errors import BadRequest, Place


def defaults(path: str | None) -> dict[str, dict[str, Any]]:
    """Return the default map for click: command line and environment take precedence over it.

    Parameters
    ----------
    path
        A TOML file; `pyproject.toml` of the current folder if None, and nothing if there is none.
    """
    file = Path(path or "pyproject.toml")
    if not file.is_file():
        if path is None:
            return {}
        raise BadRequest(f"no configuration file {path!r}")
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("flpcheck", {})
    except tomllib.TOMLDecodeError as error:
        raise BadRequest(f"{file} is not valid TOML: {error}", place=Place(str(file), 1)) from error
    common = {_name(key): value for key, value in table.items() if not isinstance(value, dict)}
    own = {name: {_name(k): v for k, v in table.get(name, {}).items()} for name in COMMANDS}
    return {name: {**common, **own[name]} for name in COMMANDS}


def _name(key: str) -> str:
    return key.replace("-", "_")
