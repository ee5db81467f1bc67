"""`flpcheck list`: the bundled specs."""

from __future__ import annotations

from typing import Any

import click

from flpcheck.cli.console import put
from flpcheck.cli.options import quiet

FOLDERS = {"broken": "broken/", "tla": "tla/", "actors": "actors/", "memory": "memory/"}
"""Folders, as a part of the names of the specs in them."""


@click.command("list")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--all", "everything", is_flag=True, help="Describe every spec, with its parameters and instances.")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", help="Output format.")
def command(words: tuple[str, ...], format: str, *, everything: bool) -> int:
    """List the bundled specs by topic; with WORDs describe those whose name or title has them all.

    `flpcheck explore NAME` runs one.
    """
    from flpcheck.errors import BadRequest
    from flpcheck.report.as_json import json_text
    from flpcheck.report.contract import versioned
    from flpcheck.spec import bundled, load

    with quiet():
        specs = [spec for spec in map(load, bundled()) if _has(spec, words)]
    if not specs:
        raise BadRequest(
            f"no bundled spec has {' and '.join(map(repr, words))} in its name or title",
            next_step="flpcheck list shows all names",
        )
    if format == "json":
        for spec in specs:
            put(json_text(versioned(_described(spec))))
        return 0
    if words or everything:
        _print(specs)
    else:
        _print_topics(specs)
    return 0


def _has(spec: Any, words: tuple[str, ...]) -> bool:
    text = f"{spec.name} {spec.title}".lower().replace("_", " ")
    return all(word.lower().replace("_", " ") in text for word in words)


def _topic(spec: Any) -> str:
    """Return what a spec is about: its folder says it, else the world of its first instance."""
    folder = str(spec.name).rpartition("/")[0]
    if folder:
        return FOLDERS.get(folder, folder)
    world = spec.instances[0].world
    if world.failures.byzantine or (world.rounds is not None and world.rounds.faulty):
        return "liars"
    if world.rounds is not None:
        return "rounds"
    return "clocks and failure detectors" if world.oracle.kind or world.timing != "asynchronous" else "asynchronous"


def _print_topics(specs: list[Any]) -> None:
    """Print the names by topic: it fits a screen."""
    from rich.text import Text

    from flpcheck.cli.console import results

    console, topics = results(), dict[str, list[str]]()
    for spec in specs:
        topics.setdefault(_topic(spec), []).append(spec.name.rpartition("/")[2])
    for topic, names in sorted(topics.items(), key=lambda item: (item[0] in FOLDERS.values(), item[0])):
        console.print(Text.assemble((topic, "bold"), "  ", ", ".join(names)))
    console.print(Text("flpcheck list WORD tells more of those that have it in name or title; --all of all", "dim"))


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
