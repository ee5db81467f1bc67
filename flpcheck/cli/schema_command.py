"""`flpcheck schema`: the JSON Schema of what commands print."""

from __future__ import annotations

import click

from flpcheck.cli.console import put


@click.command("schema")
@click.argument("names", nargs=-1, metavar="[COMMAND]...")
def command(names: tuple[str, ...]) -> int:
    """Print the JSON Schema of the lines that COMMAND prints with `--format json`; without COMMAND, of every command.

    Its version is the `schema_version` of each line; docs/reference/json.md shows it as tables.
    """
    from flpcheck.errors import BadRequest, nearest
    from flpcheck.report.as_json import json_text
    from flpcheck.report.contract import DOCUMENTS, schema_of

    for name in names:
        if name not in DOCUMENTS:
            raise BadRequest(f"{name!r} prints no JSON", why=nearest(name, DOCUMENTS))
    put(json_text(schema_of(*names), indent=1))
    return 0
