"""A run that moves: the same steps in an animated SVG, in the frames of a film, and on slides."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli.test_commands import Cli, cli  # noqa: F401
from PIL import Image

from flpcheck.examine import examine
from flpcheck.report.runs.flights import traced_run
from flpcheck.report.runs.motion import PALE, TURNS, Motion
from flpcheck.report.runs.spacetime import SpaceTime
from flpcheck.settle import Overrides, settle
from flpcheck.spec import load

SPECS = Path(__file__).parents[2] / "specs"


@cache
def motion(spec: str) -> Motion:
    """Return the first counterexample of a spec, in motion."""
    examination = examine(settle(load(str(SPECS / f"{spec}.py")), Overrides()))
    finding = next(finding for finding in examination.judged.findings if finding.schedule is not None)
    assert finding.schedule is not None
    return Motion(SpaceTime(traced_run(examination.system, finding.schedule), ("a run",), finding.faulty))


def test_a_loop_is_played_again_and_again() -> None:
    run = motion("paxos_duel")
    loop = run.diagram.run.loop
    assert loop is not None
    last = len(run.diagram.timeline) - 1
    assert [tick for tick in run.ticks if tick > loop] == list(range(loop + 1, last + 1)) * TURNS
    assert motion("broken/paxos_forgets_value").ticks == tuple(range(17))


@pytest.mark.parametrize("spec", ["paxos_duel", "broken/paxos_forgets_value", "broken/floodset_one_round_less"])
def test_a_message_arrives_when_it_is_received(spec: str) -> None:
    """Each dot moves along the arrow of its message, and is at its end in the moment in which the row is reached."""
    run = motion(spec)
    root = ElementTree.fromstring(run.svg)
    space = "{http://www.w3.org/2000/svg}"
    moves = root.findall(f".//{space}animateMotion")
    expected = sum(run.ticks.count(mark.since) for mark in run.diagram.marks if mark.way)
    assert len(moves) == expected > 0
    ends = {round(float(move.attrib["keyTimes"].split(";")[2]) * run.length, 2) for move in moves}
    received = {mark.since for mark in run.diagram.marks if mark.way}
    assert ends == {float(tick) for tick, row in enumerate(run.ticks) if row in received}
    assert all(move.attrib["keyPoints"] == "0;0;1;1" for move in moves)


def test_who_wants_no_motion_sees_the_whole_run() -> None:
    svg = motion("paxos_duel").svg
    style = re.search(r"<style>(.*?)</style>", svg, re.DOTALL)
    assert style is not None
    assert "@media (prefers-reduced-motion:reduce){.moving{display:none}}" in style[1]
    assert style[1].index("no-preference") < style[1].index("animation:")


def test_what_is_to_come_is_pale() -> None:
    run = motion("broken/paxos_forgets_value")
    pale = [run.frame(time).count(f'opacity="{PALE:.1f}"') for time in (0, 5, 16)]
    assert pale[0] > pale[1] > pale[2] == 0


def test_there_is_a_slide_for_every_step(cli: Cli, tmp_path: Path) -> None:  # noqa: F811
    line = ("graph", SPECS / "broken" / "floodset_one_round_less.py", "--view", "spacetime")
    assert cli(*line, "--slides", tmp_path / "slides").code == 0
    slides = sorted((tmp_path / "slides").iterdir())
    assert [slide.name for slide in slides] == ["000.png", "001.png"]
    with Image.open(slides[0]) as picture:
        assert picture.width * 9 == picture.height * 16


@pytest.mark.parametrize("suffix", ["gif", "apng", "webp"])
def test_a_film_has_a_frame_for_every_moment(cli: Cli, tmp_path: Path, suffix: str) -> None:  # noqa: F811
    line = ("graph", SPECS / "broken" / "floodset_one_round_less.py", "--view", "spacetime")
    film = tmp_path / f"run.{suffix}"
    assert cli(*line, "-o", film).code == 0
    with Image.open(film) as frames:
        assert frames.info.get("loop") == 0
        assert getattr(frames, "n_frames", 1) > 5  # equal ones may have been put together


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-o", "run.gif"), "only a space-time diagram can be played"),
        (("--animate", "--view", "fate"), "only a space-time diagram can be played"),
        (("--animate", "--view", "spacetime", "-o", "run.png"), "--animate writes an SVG"),
        (("--view", "spacetime", "-o", "run.dot"), "no source in the DOT language"),
        (("-o", "run.mp4"), "unknown picture format"),
    ],
)
def test_what_cannot_be_played_is_refused(cli: Cli, options: tuple[str, ...], words: str) -> None:  # noqa: F811
    refused = cli("graph", SPECS / "first_quorum.py", *options)
    assert refused.code == 2
    assert words in refused.err
    assert "next:" in refused.err


def test_a_diagram_is_written_as_a_pdf_with_its_words(cli: Cli, tmp_path: Path) -> None:  # noqa: F811
    line = ("graph", SPECS / "first_quorum.py", "--view", "spacetime")
    assert cli(*line, "-o", tmp_path / "run.pdf").code == 0
    assert (tmp_path / "run.pdf").read_bytes().startswith(b"%PDF")
    assert b"DejaVu" in (tmp_path / "run.pdf").read_bytes()
