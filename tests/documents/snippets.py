"""What stands in the documents, ready to be run: files to write, commands with what they print, Python to execute.

In a `console` block a line `$ command` is run, and the lines after it must occur in its output in this order; a line
`...` stands for anything.  `# exit code N` says how it ends, if not with 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

FENCE = re.compile(r"^(?P<fence>```+)(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=fence)\s*$", re.M | re.S)
HEADING = re.compile(r"^#{2,3} ", re.M)
EXIT = re.compile(r"\s+# exit code (\d+)\s*$")


@dataclass(frozen=True)
class Command:
    """A command, how it ends, and what it prints."""

    line: str
    code: int
    expected: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class File:
    """A file to be written, or to be continued."""

    name: str
    text: str
    append: bool


@dataclass(frozen=True)
class Python:
    """Python to be executed."""

    text: str


Snippet = Command | File | Python


def parts(document: Path) -> dict[str, str]:
    """Return the parts of a document by their headings; those without snippets are left out."""
    text = document.read_text(encoding="utf-8")
    beginnings = [0, *(found.start() for found in HEADING.finditer(text))]
    pieces = [text[start:end] for start, end in pairwise([*beginnings, len(text)])]
    found = [(piece.partition("\n")[0].strip("# "), piece) for piece in pieces if any(snippets(piece))]
    assert len(dict(found)) == len(found), "two parts have one heading"
    return dict(found)


def snippets(text: str) -> Iterator[Snippet]:
    """Yield the snippets of a text, in order."""
    for block in FENCE.finditer(text):
        info, body = block["info"].strip(), block["body"]
        title = re.search(r'title="([^"]+)"', info)
        if title:
            yield File(title[1], body, append="append" in info)
        elif info == "console":
            yield from commands(body)
        elif info == "python":
            yield Python(body)


def commands(body: str) -> Iterator[Command]:
    """Yield the commands of a console block."""
    current: Command | None = None
    for line in body.splitlines():
        if line.startswith("$ "):
            if current is not None:
                yield current
            code = EXIT.search(line)
            current = Command(EXIT.sub("", line)[2:], int(code[1]) if code else 0)
        elif current is not None and line.strip():
            current.expected.append(line)
    if current is not None:
        yield current


def missing(expected: list[str], printed: str) -> str | None:
    """Return the first expected line that does not occur in what was printed, after those before it."""
    lines = iter([_plain(line) for line in printed.splitlines()])
    for wanted in expected:
        if wanted.strip() != "..." and not any(_plain(wanted) in line for line in lines):
            return wanted
    return None


def _plain(line: str) -> str:
    """Return a line with its white space evened out: columns move with the width of a terminal."""
    return " ".join(line.split())
