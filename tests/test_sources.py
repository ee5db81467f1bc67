"""Which modules a protocol is made of, and that a checkpoint is good for their content only."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from cli.test_commands import Cli, cli  # noqa: F401

from flpcheck import load
from flpcheck.sources import imported, user_modules
from flpcheck.spec import import_spec

RULES = "from deeper_rules import TARGET as TARGET\nWAIT = 1\n"
SPEC = """
from imported_rules import TARGET
from flpcheck import *

@record
class V:
    number: int

@record
class S:
    sent: int = 0
    heard: frozenset = frozenset()
    decision: int | None = None

@protocol
class P:
    def processes(self):
        return [Process(f"p{i}", self.step, start=S()) for i in range(3)]

    def step(self, at: At, s: S, event: Start | V):
        if isinstance(event, V):
            return replace(s, heard=s.heard | {(at.sender, event.number)}), ()
        if s.sent == 2:
            return s, ()
        return replace(s, sent=s.sent + 1), (to_others(V(s.sent)), send(V(9), TARGET))

INSTANCES = (Instance("x", P(), asynchronous(), {agreement: HOLDS}),)
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "imported_rules.py").write_text(RULES)
    (tmp_path / "deeper_rules.py").write_text('TARGET = "p1"\n')
    (tmp_path / "spec.py").write_text(SPEC)
    return tmp_path / "spec.py"


def test_all_imported_modules_of_the_user_are_found(spec: Path) -> None:
    found = user_modules(load(str(spec)).module)
    assert list(found) == ["spec", "imported_rules", "deeper_rules"]
    assert all(len(content) == 64 for content in found.values())


def test_a_spec_is_called_by_its_file_wherever_it_lies(spec: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    before = user_modules(load(str(spec)).module)
    for name in ("spec", "imported_rules", "deeper_rules"):
        (other / f"{name}.py").write_text((tmp_path / f"{name}.py").read_text())
    assert user_modules(load(str(other / "spec.py")).module) == before


def test_bundled_variants_count_what_they_build_on() -> None:
    assert list(user_modules(load("broken/paxos_forgets_value").module))[:2] == ["paxos_forgets_value", "paxos"]


def test_imports_are_read_from_the_source() -> None:
    text = b"import os, a.b\nfrom c import d\ndef f():\n    from .. import g\n    from .h import i\n"
    names = {"os", "a", "a.b", "c", "c.d", "p", "p.g", "p.q.h", "p.q.h.i"}
    assert imported(text, "p.q") == names
    assert imported(b"def", "") == frozenset()


@pytest.mark.parametrize("changed", ["imported_rules", "deeper_rules", "spec"])
def test_a_checkpoint_is_refused_where_an_imported_module_has_changed(
    cli: Cli,  # noqa: F811
    spec: Path,
    tmp_path: Path,
    changed: str,
) -> None:
    pytest.importorskip("numba")
    options = ("explore", str(spec), "--no-reports", "--engine", "kernel", "--max-configurations", "500")
    file = str(tmp_path / "checkpoint")
    assert cli(*options, "--checkpoint", file, "--checkpoint-every", "0").code in {0, 3}
    assert cli(*options, "--resume", file).code in {0, 3}
    source = tmp_path / f"{changed}.py"
    source.write_text(source.read_text() + "\n# changed\n")
    for name in ("imported_rules", "deeper_rules"):
        sys.modules.pop(name, None)
    refused = cli(*options, "--resume", file)
    assert refused.code == 2
    assert f"the content of module {changed}: " in refused.err


def test_a_spec_imports_the_file_beside_it_whatever_another_spec_has_imported_by_that_name(tmp_path: Path) -> None:
    """A variant may also import from the folder above it; a file of its own folder goes first."""
    spec = "from sibling_of_specs import NAME as NAME\n"
    folders = {"": "above", "tla": "beside", "broken": ""}
    for folder, name in folders.items():
        (tmp_path / folder).mkdir(exist_ok=True)
        if name:
            (tmp_path / folder / "sibling_of_specs.py").write_text(f"NAME = {name!r}\n")
        (tmp_path / folder / "some_spec.py").write_text(spec)
    for folder in ("", "tla", "broken", "tla", ""):
        module = import_spec(str(tmp_path / folder / "some_spec.py"))
        assert (folders[folder] or "above") == module.NAME, folder
