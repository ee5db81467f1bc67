"""Verdicts on runs without Numba, without SciPy, and without both: the same ones, found by the reference engine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEEDS = range(12)

ASKED = """
import json, sys
for name in sys.argv[1].split():
    sys.modules[name] = None  # importing it fails
sys.path.insert(0, {tests!r})
from generators.protocols import random_protocol, random_world
from live.test_unheard import random_learning
from live.test_by_orbits import CLAIMS, random_alike
from live.test_strengths import RECORDED
from flpcheck import Bounds, always_eventually, eventually, eventually_always, for_each, system_of, termination
from flpcheck.analyse import analyse
from flpcheck.explore import explore
from flpcheck.reduce import reduced

def decided(view, pid):
    return pid in view.outputs

def somewhere(view):
    return any(state is not None and getattr(state, "place", 0) == 2 for state in view.states.values())

STAYS = eventually_always(somewhere, name="stays")
SOME = [for_each(eventually(decided)), always_eventually(somewhere, name="again"), STAYS]
ENGINE = "auto" if "numba" in sys.argv[1] else "kernel"
asked = [(system_of(model, world), []) for model, world, _ in RECORDED]
for seed in {seeds}:
    asked.append((system_of(random_protocol(seed), random_world(seed)), SOME))
    asked.append((system_of(*random_learning(seed)), SOME))
    model, world = random_alike(seed)
    asked.append((reduced(system_of(model, world)), CLAIMS[1:]))
found = []
for system, claims in asked:
    graph = explore(system, Bounds(configurations=300), engine=ENGINE)
    claims = [*claims, *([termination] if graph.deciders else [])]
    found.append([(f.verdict.name, len(f.faulty)) for f in analyse(graph, claims).findings] if graph.complete else [])
used = sorted({{"numba", "scipy"}} & {{name for name, module in sys.modules.items() if module is not None}})
print(json.dumps([found, used]))
"""


def verdicts(blocked: str) -> tuple[list[list[list[object]]], list[str]]:
    code = ASKED.format(tests=str(ROOT / "tests"), seeds=SEEDS)
    done = subprocess.run(
        [sys.executable, "-c", code, blocked], capture_output=True, text=True, check=False, cwd=ROOT, timeout=900
    )
    assert done.returncode == 0, done.stderr
    found, used = json.loads(done.stdout.splitlines()[-1])
    return found, used


@pytest.mark.long
def test_verdicts_on_runs_are_the_same_without_numba_and_scipy() -> None:
    pytest.importorskip("numba")
    pytest.importorskip("scipy")
    whole, used = verdicts("")
    assert used == ["numba", "scipy"]
    names = {verdict[0] for some in whole for verdict in some}
    assert names >= {"HOLDS", "VIOLATED"}
    assert sum(map(len, whole)) > 150
    for blocked, left in (("numba", ["scipy"]), ("scipy", ["numba"]), ("numba scipy", [])):
        found, used = verdicts(blocked)
        assert used == left
        assert found == whole, blocked
