"""The repository is what its documents say."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
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
UNIDIOMATIC = re.compile(
    r"\b(?:so (?:many|much|often|long)|(?:is|are|was|were) told(?! apart)|anew|whoever|(?:some|any|no)body|one day"
    r"|stops? to hold)\b",
    re.IGNORECASE,
)
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
    """Each module is named in the rows of its folder: `name.py`, or `name` in a row that says what a folder holds."""
    rows = rows_of_the_map()
    package = ROOT / "flpcheck"
    files = [file.relative_to(package) for file in package.rglob("*.py") if not file.name.startswith("__")]
    folder_of = {file: file.parts[0] if len(file.parts) > 1 else "" for file in files}
    inner = {f"{part}/" for file in files for part in file.parts[1:-1]}
    assert {folder_of[file] for file in files} - rows.keys() == set()
    assert [name for name in sorted(inner) if not any(f"`{name}`" in row for row in rows.values())] == []
    assert [str(f) for f in files if not ways_to_name(f) & names_in(rows[folder_of[f]], f)] == []


def ways_to_name(file: Path) -> set[str]:
    """Return how a row may call a file; the commands are all called by the end of their names."""
    return {f"`{file.name}`", f"`{file.stem}`", f"`_{file.name.rpartition('_')[2]}`"}


def rows_of_the_map() -> dict[str, str]:
    """Return the rows of the map by folder; those of single files under the empty name."""
    text = (ROOT / "flpcheck" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    found, folder = {"": ""}, ""
    for row in text.partition("| Folder or file")[2].partition("\n\n")[0].splitlines()[2:]:
        first = row.split("|")[1]
        if not first.strip().startswith(("├", "└")):
            folder = name.group(1) if (name := re.match(r" `(\w+)/`", first)) else ""
        found[folder] = f"{found.get(folder, '')}{row}\n"
    return found


def names_in(rows: str, file: Path) -> set[str]:
    """Return what is named in the rows of a folder; for a file of an inner folder, in the row of that folder."""
    if len(file.parts) > 2:
        rows = "\n".join(row for row in rows.splitlines() if f"`{file.parts[-2]}/`" in row.split("|")[1])
    return set(re.findall(r"`[\w./]+`", rows))


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


def test_docstrings_and_help_texts_are_idiomatic() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in PYTHON if ROOT / "flpcheck" in path.parents}
    texts = [(path.name, line, text) for path, tree in trees.items() for line, text in texts_for_readers(tree)]
    assert len(texts) > len(trees)
    assert [(name, line, word) for name, line, text in texts for word in UNIDIOMATIC.findall(prose(text))] == []


def test_the_command_list_is_idiomatic() -> None:
    assert [text for text in COMMANDS.values() if UNIDIOMATIC.search(text)] == []


def texts_for_readers(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield docstrings, those of constants and fields included, and the help of options, with their lines."""
    for node in ast.walk(tree):
        helps = [keyword.value for keyword in getattr(node, "keywords", ()) if keyword.arg == "help"]
        texts = [node.value] if isinstance(node, ast.Expr) else [part for text in helps for part in ast.walk(text)]
        for part in texts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.lineno, part.value


def prose(text: str) -> str:
    """Return a docstring without its examples, code, and names of parameters, on one line."""
    pieces = doctest.DocTestParser().parse(inspect.cleandoc(text))
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    return " ".join(re.sub(r"`[^`]*`|^[\w, ]+\n(?= {4})", "", text, flags=re.MULTILINE).split())


def folders_of_tests() -> dict[str, list[ast.FunctionDef]]:
    """Return the tests by the folder that they are in."""
    found: dict[str, list[ast.FunctionDef]] = {}
    for file in (ROOT / "tests").rglob("test_*.py"):
        tests = found.setdefault(file.parent.name, [])
        tree = ast.parse(file.read_text(encoding="utf-8"))
        tests += [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return found


@pytest.mark.long
@pytest.mark.parametrize(("folder", "tests"), sorted(folders_of_tests().items()), ids=lambda part: str(part)[:20])
def test_each_folder_of_tests_has_some_that_are_not_long(folder: str, tests: list[ast.FunctionDef]) -> None:
    quick = [test for test in tests if "pytest.mark.long" not in map(ast.unparse, test.decorator_list)]
    assert len(quick) > len(tests) / 2, folder


def test_a_plain_run_leaves_out_what_is_long_and_says_how_it_is_run(tmp_path: Path) -> None:
    assert 'which `pytest -m ""` and CI run' in " ".join(README.split())
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "\npytest\n" in script
    assert "\npytest -m long " in script
    (tmp_path / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.pytest.ini_options]")[2]
    table = settings.partition("\n[")[0].replace('pythonpath = ["tests", "."]', "")
    (tmp_path / "pyproject.toml").write_text(f"[tool.pytest.ini_options]{table}", encoding="utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_some.py").write_text(SOME_TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "ignore"]
    whole, quick, named = (
        subprocess.run([*command, *more], capture_output=True, text=True, check=False, cwd=tmp_path).stdout
        for more in (["-m", ""], [], ["tests"])
    )
    assert ("13 passed" in whole, "long tests" in whole, "worker" in whole) == (True, False, True)
    assert ("4 passed" in quick, '9 long tests were not run: pytest -m ""' in quick, "worker" in quick) == 3 * (True,)
    assert ('9 long tests were not run: pytest -m ""' in named, "worker" in named) == (True, False)


SOME_TESTS = """
import os, pytest
@pytest.mark.long
def test_long(): pass
@pytest.mark.sampled(3)
@pytest.mark.parametrize("n", range(11))
def test_sampled(n): pass
def test_quick(): pass
"""


def test_generated_pages_name_no_folder_of_the_machine_that_made_them() -> None:
    pages = [*(ROOT / "reports").rglob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    assert pages
    assert [page for page in pages if str(ROOT) in page.read_text(encoding="utf-8")] == []
