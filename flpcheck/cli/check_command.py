"""`flpcheck check`: every instance of every spec against its expectations, for CI."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from flpcheck.cli import INTERRUPTED
from flpcheck.cli.options import SpecPath, format_option

if TYPE_CHECKING:
    from flpcheck.cli.checks import Checked

DIFFERENT, INCONCLUSIVE = 1, 3


@click.command("check")
@click.argument("specs", nargs=-1, required=True, type=SpecPath())
@click.option("--instance", "instances", multiple=True, metavar="NAME", help="Only this instance (may be repeated).")
@format_option
@click.option("--engine", type=click.Choice(["auto", "reference", "kernel"]), default="auto", help="What explores.")
@click.option("--allow-incomplete", is_flag=True, help="A search that was cut is no failure.")
@click.option("--max-seconds", type=float, metavar="S", help="Cut each search after S seconds.")
@click.option("--on-demand", is_flag=True, help="Also the large instances that are otherwise left out.")
@click.option("--workers", type=click.IntRange(min=1), default=1, metavar="N", help="So many instances side by side.")
def command(
    specs: tuple[str, ...], instances: tuple[str, ...], format: str, engine: str, max_seconds: float | None,
    workers: int, *, allow_incomplete: bool, on_demand: bool,
) -> int:  # fmt: skip
    """Check every instance of SPECS (files, folders or bundled names) against what it expects.

    Exit code 0: every verdict, count and length is as expected; 1: something differs; 3: a search was cut where a
    verdict was expected, and nothing differs; 130: interrupted, what was checked before that is printed.
    """
    from flpcheck.cli.checks import Selection, checked, files, tasks, told_in

    selection, paths = Selection(instances, on_demand), files(specs)
    found = UntilInterrupted(checked(tasks(paths, selection, engine, max_seconds), told_in(format), workers))
    if format == "text":
        codes, table = _rows(found)
        _print(table, codes, selection.left_out(paths))
    else:
        codes = _formatted(found, format)
    return INTERRUPTED if found.interrupted else _code(codes, allow_incomplete=allow_incomplete)


class UntilInterrupted:
    """What comes out of some checks until somebody presses Ctrl-C."""

    def __init__(self, checks: Iterator[Checked]) -> None:
        self.checks = checks
        self.interrupted = False

    def __iter__(self) -> Iterator[Checked]:
        try:
            for check in self.checks:
                yield check
                if sys.stderr.isatty():
                    click.echo(check.heartbeat, err=True)
                self.interrupted = check.interrupted
                if self.interrupted:
                    return
        except KeyboardInterrupt:
            self.interrupted = True


def _rows(found: Iterable[Checked]) -> tuple[list[int], Any]:
    codes, table = [], _table()
    for check in found:
        codes.append(check.code)
        table.add_row(*check.part)
    return codes, table


def _formatted(found: Iterable[Checked], form: str) -> list[int]:
    """Print examinations for a machine: those in JSON as they come, documents at the end."""
    from flpcheck.report.ci import writer_of

    kept, codes, joined = [], [], writer_of(form).joined
    for check in found:
        codes.append(check.code)
        if form in {"json", "jsonl"}:
            click.echo(joined([check.part]))
        else:
            kept.append(check.part)
    if form not in {"json", "jsonl"}:
        click.echo(joined(kept))
    return codes


def _table() -> Any:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name, side in (("spec", "left"), ("instance", "left"), ("configurations", "right"), ("seconds", "right")):
        table.add_column(name, justify="right" if side == "right" else "left")
    table.add_column("result", overflow="fold")
    return table


def _print(table: Any, codes: list[int], left_out: int) -> None:
    from flpcheck.cli.console import results

    console, total = results(), len(codes)
    console.print(table)
    bad, open_ = codes.count(DIFFERENT), codes.count(INCONCLUSIVE)
    tail = f", {open_} incomplete" if open_ else ""
    console.print(f"\n{total - bad - open_} of {total} instances as expected, {bad} differing{tail}")
    if left_out:
        console.print(f"{left_out} more on demand: --on-demand checks them as well")


def _code(codes: list[int], *, allow_incomplete: bool) -> int:
    if DIFFERENT in codes:
        return DIFFERENT
    return INCONCLUSIVE if INCONCLUSIVE in codes and not allow_incomplete else 0
