"""`flpcheck gallery`: tables and pages generated from what the specs are found to do."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flpcheck.cli.console import say
from flpcheck.cli.options import SpecPath, jobs_option
from flpcheck.cli.topics import older_name
from flpcheck.exit_codes import AS_WANTED, DIFFERENT

if TYPE_CHECKING:
    from flpcheck.cli.checks import Checked


@click.command("gallery")
@click.argument("specs", nargs=-1, required=True, type=SpecPath())
@click.option("--reports", default="reports", metavar="DIR", help="Folder for the gallery.")
@older_name("--to", "folder", "reports")
@click.option("--readme", type=click.Path(exists=True, dir_okay=False), help="Also update the table in this file.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a text file is not current.")
@jobs_option
def command(specs: tuple[str, ...], reports: str, readme: str | None, jobs: int, *, check: bool) -> int:
    """Write a gallery of SPECS: one table, one page for each with its pictures and counterexamples.

    Exit code 1 if a result differs from what an instance expects; `check` shows the difference.
    """
    from flpcheck.cli.checks import Checks, How, Selection, files
    from flpcheck.report import gallery
    from flpcheck.toured import toured

    shown = gallery.exhibit if check else partial(gallery.drawn, folder=reports)
    others = partial(toured, largest=gallery.GALLERY_TOURED)
    told = partial(shown, beside=gallery.guided(files(specs)), others=others)
    checks = Checks(files(specs), Selection(), told, How(alone=jobs == 1), jobs)
    found = list(checks)
    if checks.interrupted:
        return checks.interrupted
    broken = [one for one in found if one.failure is not None]
    if broken:
        return _unexamined(broken)
    parts = [one.part for one in found]
    texts = gallery.pages(parts, reports)
    if readme is not None:
        texts[readme] = gallery.inserted(Path(readme).read_text(encoding="utf-8"), parts, reports)
    return max(_unexpected(found), _compare(texts) if check else _write(texts))


def _unexamined(broken: list[Checked]) -> int:
    """Say what could not be examined: there is no gallery without it."""
    for one in broken:
        say(f"error: {one.failure.text}" if one.failure else "", err=True)
    return max(one.code for one in broken)


def _unexpected(found: list[Checked]) -> int:
    """Say what is not as expected."""
    bad = [one for one in found if one.code]
    for one in bad:
        say("\n".join([one.heartbeat, *one.part.differences]), err=True)
    say(f"{len(found) - len(bad)} of {len(found)} instances as expected", err=True)
    return DIFFERENT if bad else 0


def _write(texts: dict[str, str]) -> int:
    for path, text in texts.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
    say(f"wrote {len(texts)} files, and the pictures", err=True)
    return AS_WANTED


def _compare(texts: dict[str, str]) -> int:
    stale = [path for path, text in texts.items() if not Path(path).is_file() or _read(path) != text]
    for path in stale:
        say(f"{path} is not current", err=True)
    if stale:
        say("run the same command without --check", err=True)
    else:
        say(f"{len(texts)} generated files are current", err=True)
    return DIFFERENT if stale else 0


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
