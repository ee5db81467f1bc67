"""`flpcheck gallery`: tables and pages generated from what the specs are found to do."""

from __future__ import annotations

from pathlib import Path

import click

from flpcheck.cli.options import SpecPath

STALE = 1


@click.command("gallery")
@click.argument("specs", nargs=-1, required=True, type=SpecPath())
@click.option("--to", "folder", default="reports", metavar="DIR", help="Where the gallery goes.")
@click.option("--readme", type=click.Path(exists=True, dir_okay=False), help="Also renew the table in this file.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a text file is not current.")
def command(specs: tuple[str, ...], folder: str, readme: str | None, *, check: bool) -> int:
    """Write a gallery of SPECS: one table, one page for each with its pictures and counterexamples."""
    from flpcheck.cli.checks import Selection, examined, files, tasks
    from flpcheck.cli.progress import Meter
    from flpcheck.report import gallery

    found = []
    for task in tasks(files(specs), Selection()):
        with Meter() as meter:
            found.append(examined(task, meter))
    texts = gallery.pages(found, folder)
    if readme is not None:
        texts[readme] = gallery.inserted(Path(readme).read_text(encoding="utf-8"), found, folder)
    if check:
        return _compare(texts)
    for path, text in texts.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
    drawn = gallery.draw(found, folder)
    click.echo(f"wrote {len(texts)} pages and {len(drawn)} pictures for {len(found)} instances", err=True)
    return 0


def _compare(texts: dict[str, str]) -> int:
    stale = [path for path, text in texts.items() if not Path(path).is_file() or _read(path) != text]
    for path in stale:
        click.echo(f"{path} is not current", err=True)
    if stale:
        click.echo("run the same command without --check", err=True)
    else:
        click.echo(f"{len(texts)} generated files are current", err=True)
    return STALE if stale else 0


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
