"""Checkpoints: a search that was cut, torn or killed anywhere ends, once resumed, where it would have ended."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from cli.test_commands import Cli, cli  # noqa: F401
from generators.protocols import RandomTables, liars, protocols, worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel.same_engines import JUDGED, assert_equal, same
from kill_and_resume import MODES, compare

from flpcheck import Bounds, World, asynchronous, load, system_of
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import BadRequest
from flpcheck.explore import explore

pytest.importorskip("numba")
from flpcheck.explore.checkpoint import Checkpoint

SMALL = 1_000
SPECS = Path(__file__).parents[2] / "specs"
TORN = st.floats(0, 1)


def tear(file: Path, share: float) -> None:
    """Lose the end of a file, but not its beginning."""
    content = file.read_bytes()
    header = content.index(b"\n", content.index(b"\n") + 1) + 1
    file.write_bytes(content[: header + int(share * (len(content) - header))])


@settings(max_examples=20, deadline=None)
@given(protocol=protocols, world=worlds, most=st.integers(1, SMALL), torn=TORN, every=st.sampled_from([0.0, 1e9]))
def test_graphs_are_resumed(
    tmp_path_factory: pytest.TempPathFactory, protocol: RandomTables, world: World, most: int, torn: float, every: float
) -> None:
    file, bounds = tmp_path_factory.mktemp("trail") / "file", Bounds(configurations=SMALL)
    make = partial(system_of, protocol, world)
    explore(make(), Bounds(configurations=most), engine="kernel", checkpoint=Checkpoint(file, {}, every=every))
    tear(file, torn)
    resumed = explore(make(), bounds, checkpoint=Checkpoint(file, {}, resume=True, every=every))
    assert_equal(explore(make(), bounds, engine="reference"), resumed)
    again = explore(make(), bounds, checkpoint=Checkpoint(file, {}, resume=True))
    assert_equal(resumed, again)


@pytest.mark.long
@settings(max_examples=20, deadline=None)
@given(pair=liars, most=st.integers(1, SMALL), torn=TORN)
def test_searches_that_begin_again_are_resumed(
    tmp_path_factory: pytest.TempPathFactory, pair: tuple[RandomTables, World], most: int, torn: float
) -> None:
    file, bounds = tmp_path_factory.mktemp("trail") / "file", Bounds(configurations=SMALL)
    make = partial(system_of, *pair)
    explore(make(), Bounds(configurations=most), engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
    tear(file, torn)
    resumed = explore(make(), bounds, checkpoint=Checkpoint(file, {}, resume=True, every=0))
    assert_equal(explore(make(), bounds, engine="reference"), resumed)


@settings(max_examples=20, deadline=None)
@given(protocol=protocols, world=worlds, most=st.integers(1, SMALL), torn=TORN)
def test_safety_searches_are_resumed(
    tmp_path_factory: pytest.TempPathFactory, protocol: RandomTables, world: World, most: int, torn: float
) -> None:
    file, bounds = tmp_path_factory.mktemp("trail") / "file", Bounds(configurations=SMALL)
    make = partial(system_of, protocol, world)
    cut = Bounds(configurations=most)
    examine_safety(make(), JUDGED[:1], cut, engine="kernel", checkpoint=Checkpoint(file, {}, every=0))
    tear(file, torn)
    resumed = examine_safety(make(), JUDGED, bounds, checkpoint=Checkpoint(file, {}, resume=True, every=0))
    same(examine_safety(make(), JUDGED, bounds, engine="reference"), resumed)


def test_smaller_bounds_than_at_the_time_of_writing_are_kept(tmp_path: Path) -> None:
    make = partial(system_of, load("tla/two_phase").protocol(resource_managers=4), asynchronous(network="set"))
    explore(make(), engine="kernel", checkpoint=Checkpoint(tmp_path / "file", {}, every=0))
    for bounds in (Bounds(configurations=500), Bounds(depth=3), Bounds(depth=0)):
        resumed = explore(make(), bounds, checkpoint=Checkpoint(tmp_path / "file", {}, resume=True))
        assert_equal(explore(make(), bounds, engine="reference"), resumed)


def test_a_protocol_that_no_longer_behaves_as_recorded_is_found_out(tmp_path: Path) -> None:
    spec, file = load("tla/two_phase"), tmp_path / "file"
    explore(
        system_of(spec.protocol(resource_managers=4), asynchronous()), engine="kernel", checkpoint=Checkpoint(file, {})
    )
    with pytest.raises(BadRequest, match="no longer behaves as recorded"):
        explore(
            system_of(spec.protocol(resource_managers=3), asynchronous()), checkpoint=Checkpoint(file, {}, resume=True)
        )


def test_what_is_no_checkpoint_of_this_search_is_refused_kindly(cli: Cli, tmp_path: Path) -> None:  # noqa: F811
    spec = [SPECS / "tla" / "two_phase.py", "-p", "resource_managers=4", "--engine", "kernel", "--no-reports"]
    assert cli("explore", *spec, "--checkpoint", "good").code == 0
    assert cli("explore", *spec, "--resume", "good").code == 0
    Path("bad").write_bytes(b"flpcheck is not what this file is about")
    Path("older").write_bytes(Path("good").read_bytes().replace(b"checkpoint 1\n", b"checkpoint 0\n", 1))
    Path("damaged").write_bytes(Path("good").read_bytes()[:40])
    told = {
        "cannot read the checkpoint": ["--resume", "missing"],
        "bad is not a checkpoint": ["--resume", "bad"],
        "its format is 0, and this version of flpcheck reads format 1": ["--resume", "older"],
        "is damaged": ["--resume", "damaged"],
        "--safety: False when recorded, True now": ["--resume", "good", "--safety"],
        "{'resource_managers': 4} when recorded": ["--resume", "good", "-p", "resource_managers=5"],
        "the world: ": ["--resume", "good", "--crashes", "1"],
        "use one of them": ["--resume", "good", "--checkpoint", "other"],
        "only the kernel engine writes checkpoints": ["--checkpoint", "other", "--engine", "reference"],
        "cannot write the checkpoint": ["--checkpoint", str(tmp_path / "no" / "folder")],
    }
    for words, options in told.items():
        refused = cli("explore", *spec, *options)
        assert (refused.code, refused.out) == (2, ""), words
        assert words in refused.err


@pytest.mark.long
@pytest.mark.sampled(1)
@pytest.mark.parametrize("mode", MODES)
def test_a_search_that_is_killed_again_and_again_ends_in_the_same_result(tmp_path: Path, mode: str) -> None:
    kills, _ = compare(mode, 6, 2, 0.05, tmp_path / "file")
    assert kills
