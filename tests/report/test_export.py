"""Exports read back by other readers: networkx, pyarrow, and a parser of AUT that knows nothing of the writer."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import networkx
import pygraphviz
import pytest
from pyarrow import parquet

from flpcheck.analyse import Analysis
from flpcheck.errors import BadRequest
from flpcheck.examine import examine
from flpcheck.report.export import graphml, write
from flpcheck.settle import Overrides, settle
from flpcheck.spec import load

SPECS = Path(__file__).parents[2] / "specs"


@cache
def findings(spec: str, depth: int | None = None) -> Analysis:
    bounds = {"depth": depth} if depth else {}
    return examine(settle(load(str(SPECS / f"{spec}.py")), Overrides(bounds=bounds))).analysis


CASES = [("sequencer", None), ("first_quorum", None), ("paxos", 4)]


@pytest.mark.parametrize(("spec", "depth"), CASES)
def test_aut_holds_every_transition_once(spec: str, depth: int | None, tmp_path: Path) -> None:
    found = findings(spec, depth)
    (file,) = write(found, tmp_path / "graph.aut", "aut")
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    first, transitions, states = map(int, re.fullmatch(r"des \((\d+),(\d+),(\d+)\)", head).groups())  # type: ignore[union-attr]
    edges = [re.fullmatch(r'\((\d+),"([^"]*)",(\d+)\)', line) for line in lines]
    assert all(edges)
    assert len(lines) == transitions
    reached = {first} | {int(edge[3]) for edge in edges if edge}
    assert reached == set(range(states))
    shift = states - len(found.graph)
    pairs = Counter((int(e[1]) - shift, int(e[3]) - shift) for e in edges if e and not e[2].startswith("initial"))
    expected = zip(found.graph.sources.tolist(), found.graph.targets.tolist(), strict=True)
    assert pairs == Counter(expected)


@pytest.mark.parametrize(("spec", "depth"), CASES)
def test_graphml_is_read_back(spec: str, depth: int | None, tmp_path: Path) -> None:
    found = findings(spec, depth)
    (file,) = write(found, tmp_path / "graph.graphml", "graphml")
    read = networkx.read_graphml(file, node_type=int, force_multigraph=True)
    assert Counter((a, b) for a, b in read.edges()) == Counter(
        zip(found.graph.sources.tolist(), found.graph.targets.tolist(), strict=True)
    )
    valences = Counter(read.nodes[number]["valence"] for number in read)
    assert sum(n for name, n in valences.items() if "/" in name) == found.census.bivalent


@pytest.mark.parametrize(("spec", "depth"), CASES)
def test_parquet_is_read_back(spec: str, depth: int | None, tmp_path: Path) -> None:
    found = findings(spec, depth)
    write(found, tmp_path / "graph", "parquet")
    transitions = parquet.read_table(tmp_path / "graph" / "transitions.parquet")
    assert transitions["source"].to_pylist() == found.graph.sources.tolist()
    assert transitions["target"].to_pylist() == found.graph.targets.tolist()
    assert transitions["event"].to_pylist()[0] == str(found.graph.transitions(0)[0].event)
    configurations = parquet.read_table(tmp_path / "graph" / "configurations.parquet")
    assert configurations["depth"].to_pylist() == found.graph.depth.tolist()
    meta = json.loads((tmp_path / "graph" / "meta.json").read_text(encoding="utf-8"))
    assert meta["configurations"] == len(found.graph)
    assert meta["complete"] == found.graph.complete


def test_dot_is_read_back(tmp_path: Path) -> None:
    found = findings("sequencer")
    (file,) = write(found, tmp_path / "graph.dot", "dot")
    read = pygraphviz.AGraph(string=file.read_text(encoding="utf-8"))
    assert len(read.nodes()) == len(found.graph)
    assert len(read.edges()) == len(found.graph.targets)


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphml, "LIMIT", 3)
    with pytest.raises(BadRequest, match="too many for GraphML"):
        graphml.annotated(findings("sequencer"))


def test_an_unknown_format_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="no export format 'graphlm'"):
        write(findings("sequencer"), tmp_path / "x", "graphlm")
