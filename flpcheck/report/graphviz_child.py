"""The child process that runs Graphviz: JSON on standard input and output; it imports nothing but pygraphviz."""

from __future__ import annotations

import base64
import json
import sys


def main() -> None:
    """Read `{"dot", "formats", "layout"}` and write the pictures by format, in base64."""
    job = json.load(sys.stdin.buffer)
    from pygraphviz import AGraph

    graph = AGraph(string=job["dot"])
    layout = job["layout"]
    made = {form: base64.b64encode(graph.draw(format=form, prog=layout)).decode() for form in job["formats"]}
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main()
