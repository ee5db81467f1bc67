"""The repository is what its documents say."""

from __future__ import annotations

import ast
import doctest
import inspect
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import flpcheck
from flpcheck.authoring.property import STANDARD
from flpcheck.cli import COMMANDS
from flpcheck.cli.init_command import TEMPLATE
from flpcheck.glossary import PAGE, TERMS, WIDTH

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LONGEST = 400
EXEMPT = {
    ("search.py", "expand"): 95,  # for one worker and for several
    ("tries.py", "expand_tries"): 80,
    ("rounds.py", "expand_rounds"): 80,
}  # hot loops, whose counters live in registers
UNIDIOMATIC = re.compile(
    r"\b(?:so (?:many|much|often|long)|(?:is|are|was|were) told(?! apart)|anew|whoever|(?:some|any|no|every)body"
    r"|one day|stops? to hold|leave \w+ away|is not so that|obliges?|answers? otherwise|hangs? on|in good order"
    r"|the own)\b",
    re.IGNORECASE,
)
RETIRED = {
    "Book", "anatomy", "blame", "crew", "culprit", "happenings", "outgrown", "patiently", "relieved", "room", "roomier",
    "trail", "uncollected", "watchman", "wished", "wishes",
}  # fmt: skip
"""Words that names were made of and that only this project understood; the field has words for all of them."""
HEADLESS = re.compile(r"(?:What|How|Who|Whom|Whose|Where|That)\b[^?]*$")
"""A docstring that begins thus describes a thing by a clause about it: `What came of Lemma 2`, not `Result of ...`."""
MAP_LINES = 110
NAMES = {"nobody dies", "nobody broadcasts", "n4, anybody", "is told"}
"""Names of instances and events of specs: commands, recorded schedules and pages refer to them."""
DOCUMENTS = sorted({*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "benchmarks").glob("*.md")})
PAGES = [
    page
    for page in DOCUMENTS
    if page.parent.name == "docs" and page.name not in {"glossary.md", "protocols.md", "comparison.md"}
]
SYSTEMS = {"MessagePassing", "InRounds", "General", "Over", "Quotient", "Orbits"}
MAY_NAME_SYSTEMS = {
    "explore/native_obstacles.py": "says which systems the kernel can explore, and hands it those",
    "explore/fronts.py": "chooses the front end of the kernel, one for each kind of system",
    "explore/component_front.py": "the front end that packs the components of message passing",
    "explore/tries/front.py": "the front end that traces general protocols",
    "explore/tries/tracing.py": "the same",
    "explore/tries/orbit_front.py": "the front end that renames these to representatives",
    "explore/tries/field_table.py": "the same",
    "explore/tries/moving.py": "the same",
    "explore/products.py": "composes the renamings of their group",
    "explore/in_rounds/front.py": "the front end of rounds",
    "explore/beside.py": "says which of them have timers that wait, or signatures",
    "explore/knowledge.py": "packs the signatures that their liars know",
    "explore/intern.py": "packs the components of message passing",
    "explore/symbol_table.py": "the same",
    "explore/quotient_front.py": "the front end that drops stale mail and renames ballots",
    "explore/held_interner.py": "the same",
    "explore/outdated_table.py": "the same",
    "explore/orbit_front.py": "the front end that renames these to representatives",
    "explore/orbit_interner.py": "the same",
    "explore/orbit_table.py": "the same",
    "conform/machine.py": "refuses all but message passing, whose processes it follows one by one",
}
"""Modules outside of system/ and reduce/ that may name classes of systems, and why; `system_of` constructs them."""
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


def test_the_map_names_every_folder_and_every_module_beside_them_and_nothing_that_is_not_there() -> None:
    package = ROOT / "flpcheck"
    text = (package / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows, _, places = text.partition("## Where a new")
    modules = [path for path in package.glob("*.py") if not path.name.startswith("__")]
    folders = {path.parent.relative_to(package) for path in package.rglob("*.py")} - {Path()}
    table = [row.split("|")[1] for row in rows.splitlines() if row.startswith("|")]
    named = {name for cell in table for name in re.findall(r"`([\w./]+)`", cell)}
    assert {path.name for path in modules} | {f"{folder.as_posix()}/" for folder in folders} == named
    paths = re.findall(r"`(\w[\w/]*(?:/|\.py))`", places.partition("## Ideas")[0])
    assert [name for name in paths if not any((at / name).exists() for at in (package, ROOT))] == []
    assert len(text.splitlines()) <= MAP_LINES


def test_no_two_public_classes_or_types_have_one_name() -> None:
    """A type that is written down twice, word for word, has one meaning."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "flpcheck").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, set()).add(str(path))
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                target = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
                if re.fullmatch(r"[A-Z][a-z]\w*", target):
                    found.setdefault(target, set()).add(ast.unparse(node.value))
    assert len(found) > 300
    assert {name: where for name, where in found.items() if len(where) > 1 and not name.startswith("_")} == {}


def test_no_name_is_a_metaphor_that_was_retired() -> None:
    found: list[tuple[str, str]] = []
    for path in (ROOT / "flpcheck").rglob("*.py"):
        source = io.StringIO(path.read_text(encoding="utf-8"))
        names = {token.string for token in tokenize.generate_tokens(source.readline) if token.type == tokenize.NAME}
        words = {word.lower() for name in {*names, path.stem} for word in re.findall(r"[A-Z]?[a-z]+", name)}
        found += [(path.name, word) for word in sorted((words | names) & RETIRED)]
    assert found == []


def test_public_names_are_listed_once_and_can_be_imported() -> None:
    stub = (ROOT / "flpcheck" / "__init__.pyi").read_text(encoding="utf-8")
    listed = sorted(re.findall(r"(\w+) as \1\b", stub))
    everything: dict[str, object] = {}
    exec("from flpcheck import *", everything)
    assert sorted(everything.keys() - {"__builtins__"}) == listed
    assert sorted(dir(flpcheck)) == sorted([*listed, "__version__"])
    assert {p.name for p in STANDARD} <= set(listed)
    with pytest.raises(AttributeError, match="no attribute 'agrement'"):
        flpcheck.agrement  # type: ignore[attr-defined]  # noqa: B018


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


def test_no_module_asks_what_class_a_system_is() -> None:
    """Analyses and reports ask `system/questions.py`: a further kind of system answers, and they stay as they are."""
    package = ROOT / "flpcheck"
    modules = {str(file.relative_to(package)): file for file in package.rglob("*.py")}
    outside = [name for name in modules if not name.startswith(("system/", "reduce/"))]
    naming = {name for name in outside if list(system_classes_in(ast.parse(modules[name].read_text(encoding="utf-8"))))}
    assert naming == MAY_NAME_SYSTEMS.keys()


def system_classes_in(tree: ast.AST) -> Iterator[str]:
    """Yield the classes of systems that a module names, imports, or mentions in an annotation written as text."""
    for node in ast.walk(tree):
        names = [node.id] if isinstance(node, ast.Name) else [node.attr] if isinstance(node, ast.Attribute) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        names += [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
        yield from SYSTEMS.intersection(names)


def test_the_test_of_system_classes_sees_every_way_to_name_one() -> None:
    for source in (
        "isinstance(system, InRounds)",
        "type(system) is rounds.InRounds",
        "from flpcheck.system.rounds import InRounds as Other",
        "match system:\n    case InRounds():\n        pass",
        "def ask(system: 'InRounds') -> None: ...",
        "type(system).__name__ == 'InRounds'",
    ):
        assert list(system_classes_in(ast.parse(source))), source
    assert not list(system_classes_in(ast.parse("system.in_rounds and graph.system.plain is not system")))


def test_what_is_written_is_idiomatic() -> None:
    """Messages, docstrings, comments, and names of rules and tests."""
    sources = [path for path in PYTHON if path != Path(__file__)]  # where the phrases themselves are listed
    texts = [(path.name, line, text) for path in sources for line, text in texts_of(path)]
    assert len(texts) > 10 * len(sources)
    found = [(name, line, text) for name, line, text in texts if UNIDIOMATIC.search(prose(text))]
    assert [item for item in found if item[2] not in NAMES] == []


def test_docstrings_name_what_they_describe() -> None:
    texts = [(path.name, text) for path in (ROOT / "flpcheck").rglob("*.py") for text in docstrings_of(path)]
    assert len(texts) > 2000
    assert [(name, text) for name, text in texts if HEADLESS.match(text.partition("\n")[0])] == []


def docstrings_of(path: Path) -> Iterator[str]:
    """Yield the docstrings of a file, those of its constants and fields included: all strings that are statements."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Expr(ast.Constant(str(text))):
                yield text


def test_documents_and_the_explorer_are_idiomatic() -> None:
    changes = ROOT / "CHANGELOG.md"  # says what was called how at its time
    assets = [path for path in (ROOT / "flpcheck" / "report").rglob("*") if path.suffix in {".js", ".html"}]
    paths = [path for path in (*DOCUMENTS, ROOT / "docs" / "notebook.ipynb", *assets) if path != changes]
    assert {path.suffix for path in paths} == {".md", ".ipynb", ".js", ".html"}
    texts = [(path.name, line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(name, line) for name, line in texts if UNIDIOMATIC.search(line)] == []


def texts_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of more than a word in a file, and its comments, with their lines."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, node.value
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.lineno, node.name.replace("_", " ")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_the_glossary_is_short_and_its_page_is_made_of_it() -> None:
    assert list(TERMS) == sorted(TERMS, key=str.lower)
    assert [name for name, term in TERMS.items() if len(str(term)) > WIDTH] == []
    assert [
        term.source for term in TERMS.values() if term.source and not re.search(r"[A-Z]\w+.* \d{4}", term.source)
    ] == []
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert page.endswith("\n\n".join(f"## {name}\n\n{term}" for name, term in TERMS.items()) + "\n")


def test_each_term_of_the_glossary_is_used_outside_of_it() -> None:
    documents = [page.read_text(encoding="utf-8") for page in (*PAGES, ROOT / "README.md")]
    sources = [path for path in PYTHON if ROOT / "flpcheck" in path.parents and path.name != "glossary.py"]
    text = "\n".join([*documents, *(text for path in sources for _, text in texts_of(path))])
    assert [name for name in TERMS if not re.search(rf"\b{name}\b", text)] == []


@pytest.mark.long
def test_pages_and_errors_lead_to_the_glossary() -> None:
    assert [page.name for page in PAGES if "](glossary.md" not in page.read_text(encoding="utf-8")] == []
    calls = [node for path in PYTHON for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = [
        call.args
        for call in calls
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "see"
    ]
    literal = [part.value for arguments in names for part in arguments if isinstance(part, ast.Constant)]
    assert len(literal) > 4
    assert [name for name in literal if name not in TERMS] == []


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


@pytest.mark.parametrize(("folder", "tests"), sorted(folders_of_tests().items()), ids=lambda part: str(part)[:20])
def test_each_folder_of_tests_has_some_that_are_not_long(folder: str, tests: list[ast.FunctionDef]) -> None:
    quick = [test for test in tests if "pytest.mark.long" not in map(ast.unparse, test.decorator_list)]
    assert len(quick) > len(tests) / 2, folder


@pytest.mark.long
def test_a_plain_run_leaves_out_what_is_long_and_says_how_it_is_run(tmp_path: Path) -> None:
    assert 'Tests marked `long` are skipped; `pytest -m ""` and CI run them' in " ".join(README.split())
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
