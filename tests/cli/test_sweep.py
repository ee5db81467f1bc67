"""`flpcheck sweep`: where a property stops holding."""

from __future__ import annotations

import json
import shlex

import pytest
from click.testing import CliRunner

from flpcheck import load
from flpcheck.cli import cli
from flpcheck.errors import BadRequest
from flpcheck.settle import Overrides
from flpcheck.sweep import frontier, parse_range, sweep

ARGUMENTS = ["paxos_quorums", "--over", "acceptors=1..5", "--over", "initially_dead=0..2"]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, list(arguments), standalone_mode=False)
    assert result.exception is None, result.exception
    return result.output


def test_paxos_needs_two_f_plus_one_acceptors() -> None:
    cells = [json.loads(line) for line in run("sweep", *ARGUMENTS, "--format", "json").splitlines()]
    assert len(cells) == 15
    for cell in cells:
        n, f = int(cell["at"]["acceptors"]), int(cell["at"]["initially_dead"])
        expected = None if f >= n else "HOLDS" if n >= 2 * f + 1 else "VIOLATED"
        assert cell["verdict"] == expected, cell


def test_every_failing_cell_has_a_command_that_replays_it() -> None:
    cells = [json.loads(line) for line in run("sweep", *ARGUMENTS, "--format", "json").splitlines()]
    failing = [cell for cell in cells if cell["verdict"] == "VIOLATED"]
    assert len(failing) == 3
    for cell in failing:
        assert "no process has decided" in run(*shlex.split(cell["replay"])[1:])


def test_the_table_names_the_frontier() -> None:
    text = run("sweep", *ARGUMENTS)
    assert "initially_dead=1: holds from acceptors=3 on" in text
    assert "initially_dead=2: holds from acceptors=5 on" in text


def test_a_quorum_of_n_minus_f_disagrees_where_twice_f_is_n() -> None:
    overrides = Overrides(instance="n = 2f, n - f", claims=["agreement"])
    cells = list(sweep(load("paxos_quorums"), overrides, {"acceptors": ["2", "3"]}))
    assert frontier(cells) == ["holds from acceptors=3 on"]


@pytest.mark.parametrize(
    ("name", "values", "worlds"),
    [
        ("loss", "0..1", ["no failures", "loss 1"]),
        ("loss", "unlimited", ["loss unlimited"]),
        ("timing", "synchronous,asynchronous", ["synchronous", "asynchronous"]),
        ("byzantine", "1", ["up to 1 Byzantine"]),
        ("network", "fifo,lilo", ["fifo network"]),
    ],
)
def test_any_switch_of_the_world_is_swept(name: str, values: str, worlds: list[str]) -> None:
    overrides = Overrides(claims=["agreement"], bounds={"configurations": 30})
    cells = list(sweep(load("always_zero"), overrides, {name: parse_range(values)}))
    found = [str(cell.examination.request.world) for cell in cells if cell.examination]
    assert len(found) == len(worlds)
    assert [(text, world) for text, world in zip(worlds, found, strict=True) if text not in world] == []


def test_cut_links_heal_or_not() -> None:
    overrides = Overrides(claims=["agreement"], bounds={"configurations": 30})
    cells = list(sweep(load("always_zero"), overrides, {"cut": ["p0>p1"], "heals": ["on", "off"]}))
    worlds = [str(cell.examination.request.world) for cell in cells if cell.examination]
    assert ["cut p0>p1 that heals," in world for world in worlds] == [True, False]


def test_a_parameter_goes_before_a_switch_of_the_same_name() -> None:
    cells = list(sweep(load("floodset"), Overrides(claims=["agreement"]), {"rounds": ["1", "2"]}))
    assert [cell.examination.request.protocol.rounds for cell in cells if cell.examination] == [1, 2]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("heals", "yes", "heals must be on or off, got 'yes'"),
        ("loss", "few", "loss must be 0 or more, or unlimited; got 'few'"),
    ],
)
def test_a_value_of_another_kind_is_explained(name: str, value: str, text: str) -> None:
    with pytest.raises(BadRequest, match=text):
        list(sweep(load("always_zero"), Overrides(), {name: [value]}))


@pytest.mark.parametrize("text", ["5..1", "a..b", ""])
def test_a_bad_range_is_explained(text: str) -> None:
    if text:
        with pytest.raises(BadRequest, match="not a range"):
            parse_range(text)
    else:
        with pytest.raises(BadRequest, match="no parameter"):
            list(sweep(load("paxos_quorums"), Overrides(), {"acceptor": ["1"]}))
