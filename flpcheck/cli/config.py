"""Defaults for options from `[tool.flpcheck]`: for all commands, or for one in `[tool.flpcheck.explore]`.

A key that is no option, and a variable `FLPCHECK_...` that is none, are refused: a typo must not silently lift a bound.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from flpcheck.cli import COMMANDS
from flpcheck.errors import BadRequest, Place

PREFIX = "FLPCHECK_"
OTHERS = frozenset({"FLPCHECK_CHROMIUM", "FLPCHECK_TERMS"})
"""Variables that are no options: where the tests find a browser; whether outputs end with the terms in them."""


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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"{file} is not valid TOML: {error}", place=Place(str(file), 1)) from error
    _refuse_unknown(table, str(file))
    common = {_name(key): value for key, value in table.items() if not isinstance(value, dict)}
    own = {name: {_name(k): v for k, v in table.get(name, {}).items()} for name in COMMANDS}
    return {name: {**common, **own[name]} for name in COMMANDS}


def _refuse_unknown(table: Any, file: str) -> None:
    """Raise `BadRequest` for a key that is neither an option nor a command."""
    if not isinstance(table, dict):
        raise BadRequest("[tool.flpcheck] must be a table", place=Place(file, 1), next_step="write [tool.flpcheck]")
    if not table:
        return
    options = {name: options_of(name) for name in COMMANDS}
    everywhere = set().union(*options.values())
    for key, value in table.items():
        if isinstance(value, dict) and key in COMMANDS:
            for own in value:
                _refuse(own, options[key], f"[tool.flpcheck.{key}]", file)
        elif isinstance(value, dict):
            _refuse(key, COMMANDS, "[tool.flpcheck] as a table", file)
        else:
            _refuse(key, everywhere, "[tool.flpcheck]", file)


def _refuse(key: str, known: Iterable[str], where: str, file: str) -> None:
    if _name(key) not in known:
        shown = sorted(name.replace("_", "-") for name in known)
        raise BadRequest(
            f"unknown key {key!r} in {where}", place=Place(file, _line(file, key)), why=_closest(key, shown)
        )


def _line(file: str, key: str) -> int:
    """Return the first line of a file that sets a key, or heads a table of that name."""
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    wanted = re.compile(rf"\s*(\[.*\b)?[\"']?{re.escape(key)}[\"']?\s*[=\].]")
    return next((number for number, line in enumerate(lines, start=1) if wanted.match(line)), 1)


def _closest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name.replace("_", "-"), known, n=1)
    return f"did you mean {close[0]!r}?" if close else "keys are the names of options, such as max-seconds"


def options_of(command: str) -> set[str]:
    """Return the names of a command's options and arguments, as click has them."""
    found: click.Command = import_module(f"flpcheck.cli.{command}_command").command
    return {parameter.name for parameter in found.params if parameter.name}


def refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    """Raise `BadRequest` for an environment variable `FLPCHECK_...` that matches no option of any command."""
    given = [name for name in environment if name.startswith(PREFIX) and name not in OTHERS]
    if not given:
        return
    known = {f"{PREFIX}{command}_{option}".upper() for command in COMMANDS for option in options_of(command)}
    for name in sorted(given):
        if name not in known | {f"{PREFIX}CONFIG"}:
            close = difflib.get_close_matches(name, sorted(known), n=1)
            why = f"did you mean {close[0]}?" if close else "variables are FLPCHECK_COMMAND_OPTION"
            advice = "such as FLPCHECK_CHECK_MAX_SECONDS=60; unset it otherwise"
            raise BadRequest(f"the environment variable {name} matches no option", why=why, next_step=advice)


def _name(key: str) -> str:
    return key.replace("-", "_")
