"""`flpcheck serve`: the explorer in the browser, live."""

from __future__ import annotations

from typing import Any

import click

from flpcheck.cli.console import say
from flpcheck.cli.options import property_option, quiet, setting_options, settle_options
from flpcheck.cli.topics import TopicalCommand


@click.command("serve", cls=TopicalCommand)
@setting_options
@property_option
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; 0 for any free port.")
@click.option("--open/--no-open", default=False, help="Open the browser.")
def command(port: int, open: bool, **options: Any) -> int:
    """Explore SPEC and serve the explorer on this machine alone, until interrupted.

    For state spaces too large for a file: the page loads each configuration when you open it.  Interrupt the search
    once to serve what it has found; configurations beyond that are computed on demand.
    """
    from flpcheck.cli.progress import Meter
    from flpcheck.errors import BadRequest
    from flpcheck.examine import examine
    from flpcheck.serve import Live, Server
    from flpcheck.toured import toured

    request = settle_options(options).unfolded
    with quiet():
        with Meter() as meter:
            examination = examine(request, meter)
            others = toured(request)
        try:
            server = Server(Live(examination, others), port)
        except OSError as error:
            raise BadRequest(f"cannot listen on port {port}: {error}", next_step="choose another --port") from None
        with server:
            say(f"{len(examination.graph):,} configurations at {server.address}  (Ctrl-C ends)")
            if open:
                click.launch(server.address)
            _serve(server)
    return 0


def _serve(server: Any) -> None:
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        say("ended", err=True)
