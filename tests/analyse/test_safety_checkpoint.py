"""A search for violations writes the checkpoint that it is given, and goes on from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flpcheck import HOLDS, Bounds, agreement, asynchronous, load, system_of
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import BadRequest
from flpcheck.system import System

pytest.importorskip("numba")
from flpcheck.explore.checkpoint import Checkpoint


def make() -> System:
    return system_of(load("tla/two_phase").protocol(resource_managers=3), asynchronous(network="set"))


def test_a_safety_search_writes_its_checkpoint_and_is_resumed_from_that_file_only(tmp_path: Path) -> None:
    file = tmp_path / "file"
    cut = Bounds(configurations=50)
    examine_safety(make(), [agreement], cut, engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
    assert file.exists()
    resumed = examine_safety(make(), [agreement], checkpoint=Checkpoint(file, {}, resume=True, every=0))
    assert [finding.verdict for finding in resumed.findings] == [HOLDS]
    assert len(resumed.graph) == len(examine_safety(make(), [agreement], engine="reference").graph) > 50
    with pytest.raises(BadRequest, match="cannot read the checkpoint"):
        examine_safety(make(), [agreement], checkpoint=Checkpoint(tmp_path / "missing", {}, resume=True))


def test_a_safety_search_that_cannot_write_its_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="only the kernel engine writes checkpoints"):
        examine_safety(make(), [agreement], engine="reference", checkpoint=Checkpoint(tmp_path / "file", {}))
