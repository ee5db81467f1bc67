"""GitHub workflow commands: annotations on the line of the property or of the rule."""

from __future__ import annotations

from collections.abc import Sequence

from flpcheck.authoring.values import printable
from flpcheck.errors import from_here
from flpcheck.report.ci.results import ERROR, FAILED, OK, Result


def workflow_commands(parts: Sequence[list[Result]]) -> str:
    """Return an annotation for everything that is not as it should be or holds vacuously, and a closing line."""
    results = [result for part in parts for result in part]
    bad = sum(result.outcome != OK for result in results)
    vacuous = sum(result.vacuous for result in results)
    lines = [_annotation(result) for result in results if result.outcome != OK or result.vacuous]
    closing = f"flpcheck: {len(results)} results, {bad} to look at"
    return "\n".join([*lines, closing + (f", {vacuous} vacuous" if vacuous else "")])


def _annotation(result: Result) -> str:
    kind = "error" if result.outcome in {FAILED, ERROR} else "notice" if result.outcome == OK else "warning"
    text = result.message + (f"\n{result.detail}" if result.detail else "")
    where = f"file={_property(from_here(result.place.file))},line={result.place.line},title={_property(result.title)}"
    return f"::{kind} {where}::{_data(text)}"


def _data(text: str) -> str:
    """Escape what would end a workflow command."""
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape what would end a property of a workflow command.

    Examples
    --------
    >>> _property("a,b: 100%")
    'a%2Cb%3A 100%25'
    """
    return _data(text).replace(":", "%3A").replace(",", "%2C")
