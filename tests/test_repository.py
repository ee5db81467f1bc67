"""The repository is what its documents say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import flpcheck
from flpcheck.authoring.property import STANDARD
from flpcheck.cli import COMMANDS
from flpcheck.cli.init_command import TEMPLATE

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LONGEST = 400
EXEMPT = {("search.py", "expand"): 80}  # the hot loop: its counters live in registers
PYTHON = sorted(p for folder in ("flpcheck", "specs", "tests", "benchmarks") for p in (ROOT / folder).rglob("*.py"))


def flpcheck_run(*arguments: str, folder: Path) -> str:
    command = [sys.executable, "-m", "flpcheck", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder).stdout


def test_the_example_of_the_readme_is_what_the_tool_prints(tmp_path: Path) -> None:
    flpcheck_run("init", "vote", folder=tmp_path)
    options = ("-p", "quorum=1", "--property", "agreement", "--no-reports")
    printed = flpcheck_run("explore", "vote.py", *options, folder=tmp_path)
    trace = printed[printed.index("agreement is violated") : printed.index("     flpcheck replay")].rstrip()
    example = README.partition("<!-- example")[2].partition("```text\n")[2].partition("```")[0].rstrip()
    assert example == trace
    assert f"{404:,} configurations" in printed


def test_the_protocol_of_the_readme_is_the_template() -> None:
    protocol = README.partition("```python\n")[2].partition("```")[0]
    template = TEMPLATE.replace("{{", "{").replace("}}", "}").replace("{name}", "VoteProtocol")
    lines = [line for line in protocol.splitlines() if line.strip()]
    assert [line for line in lines if line not in template.splitlines()] == []


def test_the_readme_names_every_command() -> None:
    assert [name for name in COMMANDS if f"flpcheck {name}" not in README] == []


def test_links_of_the_documents_lead_somewhere() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "flpcheck/ARCHITECTURE.md", "reports/README.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert "://" in target or (ROOT / name).parent.joinpath(target).exists(), (name, target)


def test_the_map_names_every_folder_and_file_of_the_package() -> None:
    text = (ROOT / "flpcheck" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for folder in (p for p in (ROOT / "flpcheck").iterdir() if p.is_dir() and (p / "__init__.py").exists()):
        assert f"`{folder.name}/`" in text, folder
    for file in (ROOT / "flpcheck").glob("*.py"):
        assert file.name.startswith("__") or f"`{file.name}`" in text, file


def test_public_names_are_listed_once_and_can_be_imported() -> None:
    assert list(flpcheck.__all__) == sorted(set(flpcheck.__all__))
    missing = [name for name in flpcheck.__all__ if not hasattr(flpcheck, name)]
    assert missing == []
    source = (ROOT / "flpcheck" / "__init__.py").read_text(encoding="utf-8")
    typed = set(re.findall(r"(\w+) as \1\b", source))
    assert typed == set(flpcheck.__all__)
    assert {p.name for p in STANDARD} <= set(flpcheck.__all__)


def test_files_are_short() -> None:
    long = [path for path in PYTHON if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST]
    assert long == []


@pytest.mark.parametrize("path", [p for p in PYTHON if "tests" not in p.parts], ids=lambda p: p.name)
def test_functions_are_short(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body and body[-1].end_lineno else 0
            assert lines <= EXEMPT.get((path.name, node.name), 40), (path.name, node.name, lines)


def test_generated_pages_name_no_folder_of_the_machine_that_made_them() -> None:
    pages = [*(ROOT / "reports").rglob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    assert pages
    assert [page for page in pages if str(ROOT) in page.read_text(encoding="utf-8")] == []
