"""`flpcheck check`: every instance of every spec against its expectations, for CI."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from flpcheck.cli.options import SpecPath, format_option, quiet

DIFFERENT, INCONCLUSIVE = 1, 3


@click.command("check")
@click.argument("specs", nargs=-1, required=True, type=SpecPath())
@click.option("--instance", "instances", multiple=True, metavar="NAME", help="Only this instance (may be repeated).")
@format_option
@click.option("--engine", type=click.Choice(["auto", "reference", "kernel"]), default="auto", help="What explores.")
@click.option("--allow-incomplete", is_flag=True, help="A search that was cut is no failure.")
@click.option("--max-seconds", type=float, metavar="S", help="Cut each search after S seconds.")
def command(
    specs: tuple[str, ...], instances: tuple[str, ...], format: str, engine: str, max_seconds: float | None, *,
    allow_incomplete: bool,
) -> int:  # fmt: skip
    """Check every instance of SPECS (files, folders or bundled names) against what it expects.

    Exit code 0: every verdict, count and length is as expected; 1: something differs; 3: a search was cut where a
    verdict was expected, and nothing differs.
    """
    found = examinations(specs, instances, engine, max_seconds)
    codes = _text(found) if format == "text" else _formatted(found, format)
    return _code(codes, allow_incomplete=allow_incomplete)


def _text(found: Iterable[Any]) -> list[int]:
    codes, table = [], _table()
    for examination in found:
        codes.append(examination.exit_code)
        _add_row(table, examination)
    _print(table, len(codes), codes)
    return codes


def _formatted(found: Iterable[Any], form: str) -> list[int]:
    """Print examinations for a machine: those in JSON as they come, documents at the end."""
    from flpcheck.report.ci import written

    kept, codes = [], []
    for examination in found:
        codes.append(examination.exit_code)
        if form in {"json", "jsonl"}:
            click.echo(written([examination], form))
        else:
            kept.append(examination)
    if form not in {"json", "jsonl"}:
        click.echo(written(kept, form))
    return codes


def examinations(
    specs: tuple[str, ...], instances: tuple[str, ...] = (), engine: str = "auto", seconds: float | None = None
) -> Iterator[Any]:
    """Examine every instance of some specs (files, folders or bundled names), one after the other."""
    from flpcheck.cli.progress import Meter
    from flpcheck.examine import Wishes, examine, settle
    from flpcheck.other_seeds import check_other_seeds
    from flpcheck.spec import load

    for path in _files(specs):
        with quiet():
            spec = load(path)
        names: list[str | None] = [i.name for i in spec.instances if not instances or i.name in instances]
        for name in names or ([None] if not instances else []):
            bounds = {} if seconds is None else {"seconds": seconds}
            wishes = Wishes(instance=name, engine=engine, bounds=bounds)
            with quiet(), Meter() as meter:
                setting = settle(spec, wishes)
                check_other_seeds(setting, wishes)
                examination = examine(setting, meter)
            _heartbeat(path, examination)
            yield examination


def _heartbeat(path: str, examination: Any) -> None:
    instance = examination.setting.instance
    if sys.stderr.isatty():
        click.echo(f"{path} {instance.name if instance else ''}: {len(examination.graph):,} configurations", err=True)


def _files(specs: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for spec in specs:
        if Path(spec).is_dir():
            from flpcheck.spec import specs_in

            found += map(str, specs_in(Path(spec)))
        else:
            found.append(spec)
    return found


def _table() -> Any:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name, side in (("spec", "left"), ("instance", "left"), ("configurations", "right"), ("seconds", "right")):
        table.add_column(name, justify="right" if side == "right" else "left")
    table.add_column("result", overflow="fold")
    return table


def _add_row(table: Any, examination: Any) -> None:
    setting, graph = examination.setting, examination.graph
    name = setting.instance.name if setting.instance else "(no instance)"
    words = {0: "[green]as expected[/]", DIFFERENT: "[bold red]differs[/]", INCONCLUSIVE: "[yellow]incomplete[/]"}
    result = words[examination.exit_code]
    details = [str(difference) for difference in examination.differences]
    if graph.cut is not None and examination.exit_code:
        details.append(f"cut by {graph.cut.bound}")
    text = result + ("" if not details else "\n" + "\n".join(details))
    table.add_row(setting.spec.name, name, f"{len(graph):,}", f"{graph.seconds:.2f}", text)


def _print(table: Any, total: int, codes: list[int]) -> None:
    from flpcheck.cli.console import results

    console = results()
    console.print(table)
    bad, open_ = codes.count(DIFFERENT), codes.count(INCONCLUSIVE)
    tail = f", {open_} incomplete" if open_ else ""
    console.print(f"\n{total - bad - open_} of {total} instances as expected, {bad} differing{tail}")


def _code(codes: list[int], *, allow_incomplete: bool) -> int:
    if DIFFERENT in codes:
        return DIFFERENT
    return INCONCLUSIVE if INCONCLUSIVE in codes and not allow_incomplete else 0
