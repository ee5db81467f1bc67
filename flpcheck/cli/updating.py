"""`flpcheck check --update-expected`: what the instances of a spec would have to expect, as a diff."""

from __future__ import annotations

import sys
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flpcheck.cli.console import put, say
from flpcheck.errors import BadRequest
from flpcheck.exit_codes import AS_WANTED, DIFFERENT

if TYPE_CHECKING:
    from flpcheck.cli.checks import Checked
    from flpcheck.report.expected import Change


def refuse_contradictions(update: bool, write: bool, form: str, *, keep: bool) -> None:
    """Refuse options that cannot be combined."""
    if write and not update:
        raise BadRequest("--write does nothing by itself", next_step="add --update-expected")
    if update and (form != "text" or not keep):
        other = f"--format {form}" if keep else "--safety"
        why = "a diff is plain text" if keep else "safety mode produces no counts to expect"
        raise BadRequest(f"--update-expected and {other} cannot be combined", why=why, next_step=f"remove {other}")


def update_of(examination: Any) -> Any:
    """Return the changes for an examination; picklable."""
    from flpcheck.report.expected import update_of

    return update_of(examination)


def show_updates(found: Iterable[Checked], *, write: bool) -> list[int]:
    """Print the diff of each file, and on standard error what is not in it; return exit codes."""
    codes = [AS_WANTED]
    changes: dict[str, list[Change]] = {}
    for check in found:
        if check.failure is not None:
            codes.append(check.code)
            say(check.failure.text, err=True)
        elif check.part.refused:
            codes.append(check.code)
            say(check.part.refused, err=True)
        else:
            changes.setdefault(check.part.file, []).extend(check.part.changes)
    return [*codes, *(_updated(file, wanted, write=write) for file, wanted in changes.items())]


def _updated(file: str, changes: list[Change], *, write: bool) -> int:
    from flpcheck.authoring.values import printable
    from flpcheck.report.expected import diff, updated

    with open(file, "rb") as raw:  # noqa: PTH123
        encoding, _ = tokenize.detect_encoding(raw.readline)
    before = Path(file).read_bytes().decode(encoding)
    after, by_hand = updated(before, changes)
    for what in by_hand:
        say(f"{file}: {what}: change it by hand", err=True)
    shown = diff(file, before, after)
    if shown:
        put(printable(shown) if sys.stdout.isatty() else shown, nl=False)
    if write:
        Path(file).write_bytes(after.encode(encoding))
    return DIFFERENT if by_hand or (after != before and not write) else AS_WANTED
