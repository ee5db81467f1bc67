"""`flpcheck list`: the bundled specs."""

from __future__ import annotations

from typing import Any

import click

from flpcheck.cli.console import put
from flpcheck.cli.options import quiet


@click.command("list")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", help="Output format.")
def command(format: str) -> int:
    """List the bundled specs with their instances and parameters; `flpcheck explore NAME` runs one."""
    from flpcheck.report.as_json import json_text
    from flpcheck.report.contract import versioned
    from flpcheck.spec import bundled, load

    with quiet():
        specs = [load(name) for name in bundled()]
    if format == "json":
        for spec in specs:
            put(json_text(versioned(_described(spec))))
        return 0
    _print(specs)
    return 0


def _described(spec: Any) -> dict[str, Any]:
    from flpcheck.authoring.protocol import constants, parameters
    from flpcheck.report.as_json import plain_values

    model = spec.protocol()
    return {
        "name": spec.name,
        "title": spec.title,
        "parameters": plain_values({**parameters(model), **constants(model)}),
        "instances": [instance.name for instance in spec.instances],
    }


def _print(specs: list[Any]) -> None:
    from rich.table import Table

    from flpcheck.cli.console import results

    table = Table(box=None, padding=(0, 2, 1, 0), header_style="dim")
    for column in ("name", "what it is", "parameters", "instances"):
        table.add_column(column, overflow="fold")
    for spec in specs:
        described = _described(spec)
        parameters = ", ".join(f"{name}={value}" for name, value in described["parameters"].items())
        table.add_row(spec.name, spec.title.rstrip("."), parameters, ", ".join(described["instances"]))
    results().print(table)
