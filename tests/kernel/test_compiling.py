"""What is compiled: a function once for each type of its arguments, and nothing that the world does not use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numba")
from flpcheck.explore.kernel import compile as compiling

PROGRAM = """
import importlib, json, pathlib
from flpcheck.explore.compiling import compile_kernel
from flpcheck.explore.kernel import compile as compiling

compile_kernel(1)
folder, found = pathlib.Path(compiling.__file__).parent, {}
for file in sorted(folder.glob("[a-z]*.py")):
    module = importlib.import_module(f"flpcheck.explore.kernel.{file.stem}")
    for name, thing in vars(module).items():
        here = hasattr(thing, "overloads") and thing.__module__ == module.__name__
        if here and "forceinline" not in thing.targetoptions:
            found[f"{file.stem}.{name}"] = [str(signature) for signature in thing.overloads]
print(json.dumps(found))
"""


def test_a_constant_makes_no_copy_of_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    if compiling.config.DISABLE_JIT:
        pytest.skip("nothing is compiled")
    for options in (compiling.OPTIONS, compiling.INNER):
        monkeypatch.setitem(options, "cache", False)

    def halved(number: int, even: bool) -> int:
        return number // 2 if even else number

    inner: Any = compiling.part(halved)

    def both() -> int:
        found = 0
        for number in range(3):
            found += inner(number, True) + inner(4, True) + inner(5, False)
        return found

    assert compiling.kernel(both)() == 22
    assert [signature for signature in inner.overloads if "Literal" in str(signature)] == []
    assert len(inner.overloads) == 1


@pytest.mark.long
def test_what_a_world_does_not_use_is_not_compiled(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(ran.stdout.splitlines()[-1])
    assert found["search.expand"]
    assert found["faults.interrupted"]
    unused = ("moment_of", "timed", "quiet_after", "fit_to_fire", "_busy", "_armed")
    assert [name for name in unused if found[f"timers.{name}"]] == []
    assert {name: several for name, several in found.items() if any("Literal" in one for one in several)} == {}
