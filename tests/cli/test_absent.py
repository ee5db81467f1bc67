"""Without Numba, SciPy and Graphviz small specs are explored all the same, and what is missing is named."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT = """
import json, sys
from flpcheck.cli import main

class Without:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in MISSING else self.finder.find_spec(name, path, target)
    def __getattr__(self, name):
        return getattr(self.finder, name)

MISSING = {"numba", "llvmlite", "scipy", "graphviz", "pygraphviz"}
sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""
OTHER_NUMBA = """
import json, sys
from flpcheck.cli import main
from numba.cpython.unsafe import tuple

del tuple.tuple_setitem
"""
RUN = """
for line in json.loads(sys.argv[1]):
    try:
        main(line)
    except SystemExit as end:
        print("exit code", end.code)
"""


def ran(prelude: str, lines: list[list[str]], folder: Path) -> list[str]:
    """Run command lines in one interpreter; return what each printed, up to its exit code."""
    command = [sys.executable, "-c", prelude + RUN, json.dumps(lines)]
    paths = {"PATH": str(folder), "PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(folder)}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True, cwd=folder, env=paths
    )
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout.split("exit code ")


def test_small_specs_are_explored_without_the_large_libraries(tmp_path: Path) -> None:
    lines = [
        ["explore", "wait_for_all", "--reports", "r"],
        ["check", "sequencer", "raft_elections"],
        ["flp", "sequencer", "--reports", "r"],
        ["replay", "sequencer", "--path", "0"],
        ["graph", "sequencer", "-o", "graph.svg"],
        ["explore", "wait_for_all", "--engine", "kernel", "--no-reports"],
        ["explore", "wait_for_all", "--checkpoint", "levels", "--no-reports"],
    ]
    explored, checked, flp, replayed, drawn, native, checkpoint, last = ran(WITHOUT, lines, tmp_path)
    codes = [printed[0] for printed in (checked, flp, replayed, drawn, native, checkpoint, last)]
    assert codes == ["0", "0", "0", "0", "2", "0", "2"]
    assert "all 28 configurations were examined" in explored
    for name in ("numba", "scipy", "graphviz", "pygraphviz"):
        assert f"{name} (" in explored.partition("not installed: ")[2]
    assert "4 of 4 instances as expected" in checked
    assert {file.name for file in tmp_path.rglob("r/*/*")} == {"summary.txt", "explorer.html", "theorem.txt"}
    assert "the proof on this protocol" in " ".join(flp.split())
    assert "p0 has input 0" in replayed
    assert "error: cannot draw a picture" in drawn
    assert "the reference engine explored, because numba is not installed" in native
    assert "it cannot be used here: numba is not installed" in checkpoint


def test_another_numba_that_lacks_what_the_kernel_needs_is_named(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    plain = ["explore", "wait_for_all", "--no-reports", "--engine", "kernel"]
    lines = [plain, [*plain, "--safety"], [*plain, "--checkpoint", "levels"]]
    explored, safely, checkpoint, last = ran(OTHER_NUMBA, lines, tmp_path)
    assert [printed[0] for printed in (safely, checkpoint, last)] == ["0", "0", "2"]
    for printed in (explored, safely):
        assert "cannot compile the kernel (AttributeError: " in " ".join(printed.split())
    assert "28 configurations" in explored
    assert "28 configurations" in safely
    assert "only the kernel engine writes checkpoints" in checkpoint
