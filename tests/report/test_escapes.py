"""What does not print never leaves: names and docstrings with escape sequences, in everything that is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.test_commands import Cli, cli  # noqa: F401
from lxml import etree

NASTY = "\\x1b]0;pwned\\x07\\x1b[2J\\u202e [/] <b> | ``` %0A"
SPEC = f'''"""Title \\x1b[31mred."""
from flpcheck import *

@record
class S:
    input: object = 0
    decision: object = None

@record
class M:
    text: str

@protocol
class P:
    """Title \\x1b[31mred."""

    def processes(self):
        return [Process(f"p{{i}}{NASTY}", self.step, start=S(i)) for i in range(2)]

    def step(self, at: At, s: S, event: Start | M):
        match event:
            case Start() if s.decision is None:
                return replace(s, decision=s.input), to_others(M("{NASTY}"))
            case _:
                return s, ()

INSTANCES = (Instance("x {NASTY}", P(), asynchronous(crashes=1), {{agreement: HOLDS}}),)
'''
COMMANDS = (
    ("explore", "--reports", "reports"), ("check",), ("list",), ("flp", "--no-reports"), ("worlds",),
    ("why",), ("replay", "--path", "0:0.0"), ("replay", "--path", "0:99"), ("sweep", "--property", "agreement"),
    ("gallery", "--reports", "gallery"), ("explore", "--no-reports", "--instance", "y"),
    *(("explore", "--no-reports", "--format", form) for form in ("json", "junit", "sarif", "github", "markdown")),
    *(("export", "--to", form, "-o", f"out.{form}") for form in ("aut", "graphml", "dot", "mermaid", "itf", "shiviz")),
    *(("graph", "--view", view, "-o", f"{view}.svg") for view in ("trace", "spacetime", "fate")),
)  # fmt: skip
BINARY = {".png", ".pdf", ".pyc", ".ttf"}


def is_clean(text: str) -> bool:
    """Whether all prints; Graphviz itself writes tabs and blanks that do not break."""
    return all(c.isprintable() or c in "\n\t\xa0" for c in text)


@pytest.fixture
def nasty(tmp_path: Path) -> Path:
    file = tmp_path / "nasty.py"
    file.write_text(SPEC, encoding="utf-8")
    return file


@pytest.mark.sampled(5)
@pytest.mark.parametrize(("command", "options"), [(command, options) for command, *options in COMMANDS])
def test_nothing_that_does_not_print_is_printed_or_written(
    cli: Cli,  # noqa: F811
    nasty: Path,
    command: str,
    options: list[str],
) -> None:
    told = cli(command, *([] if command == "list" else [nasty]), *options)
    assert told.code in {0, 1, 2}, told.err
    assert is_clean(told.out)
    assert is_clean(told.err)
    for file in sorted(Path().rglob("*")):
        if file.is_file() and file.suffix not in BINARY and file != nasty and file.name != nasty.name:
            text = file.read_text(encoding="utf-8")
            assert is_clean(text), file
            if file.suffix in {".svg", ".graphml"}:
                etree.fromstring(text.encode())


def test_huge_values_are_shortened(cli: Cli, nasty: Path) -> None:  # noqa: F811
    nasty.write_text(SPEC.replace("decision=s.input", "decision=(s.input, *range(10**4))"), encoding="utf-8")
    for form in ("text", "junit", "sarif", "github", "markdown"):
        told = cli("explore", nasty, "--no-reports", "--format", form)
        assert told.code == 1
        assert len(told.out) < 20_000, form
