"""What a page is made of: every configuration as the semantics has it, by tables that say each thing once."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from flpcheck import Box, Disc, Label, View
from flpcheck.analyse import Analysis, analyse
from flpcheck.errors import BadProtocol
from flpcheck.examine import Examination, examine
from flpcheck.explore import StateGraph
from flpcheck.report.explorer import Explorer
from flpcheck.report.explorer.chunked_graph import ELSEWHERE, ChunkedGraph
from flpcheck.report.explorer.excerpt import PageLimits
from flpcheck.report.explorer.part_table import PartTable
from flpcheck.report.explorer.pictures import Pictures
from flpcheck.report.explorer.places import pivot
from flpcheck.report.explorer.value_table import ValueTable
from flpcheck.report.explorer.ways import way_to
from flpcheck.settle import Overrides, settle
from flpcheck.spec import load
from flpcheck.system.questions import Questions

ROOT = Path(__file__).parents[2]
SAMPLES = [
    ("guess_on_timeout", "guess, one crash"), ("two_phase_commit", "timeouts, one crash"), ("paxos", "round"),
    ("actors/single_copy_register", None), ("tla/two_phase", None), ("read_write_registers", "polite, one crash"),
]  # fmt: skip


@cache
def examined(name: str, instance: str | None = None) -> Examination:
    return examine(settle(load(name), Overrides(instance=instance)))


@pytest.mark.parametrize(("name", "instance"), SAMPLES)
def test_the_chunk_is_the_graph(name: str, instance: str | None) -> None:
    explorer = Explorer(examined(name, instance))
    chunk, graph = explorer.data()["chunk"], explorer.examination.graph
    valence = explorer.examination.analysis.valence
    assert chunk["ids"] == list(range(len(graph)))
    for number in range(len(graph)):
        row = chunk["out"][number]
        assert row[::2] == graph.targets[graph.out(number)].tolist()
        assert [chunk["events"][event]["t"] for event in row[1::2]] == [str(t.event) for t in graph.transitions(number)]
        assert chunk["valences"][chunk["valence"][number]]["name"] == valence.name(number)
        assert chunk["depth"][number] == graph.depth[number]


@pytest.mark.parametrize(("name", "instance"), SAMPLES[:4])
def test_equal_parts_are_equal_numbers_and_say_what_the_semantics_says(name: str, instance: str | None) -> None:
    graph = examined(name, instance).graph
    values = ValueTable()
    part_table = PartTable(graph.system, values)
    seen: dict[tuple[str, int], Any] = {}
    for number in range(len(graph)):
        described = graph.describe(number)
        for part, row in zip(part_table.names, part_table.numbers(graph.configurations[number]), strict=True):
            assert seen.setdefault((part, row), described.get(part)) == described.get(part)
            fields = part_table.table[row]
            mail = [
                f"{values.shown(message)} from {part_table.names[sender]}" for sender, message in fields.get("m", [])
            ]
            assert mail == described.get(part, {}).get("mail", [])
            assert bool(fields.get("x")) == ("crashed" in described.get(part, {}))
    assert len(seen) == len({row for _, row in seen})


class Opaque:
    """A system of a kind that says nothing of its parts."""

    def __init__(self, system: Any) -> None:
        self._system = system

    def __getattr__(self, name: str) -> Any:
        return getattr(self._system, name)

    sections, parts_of, told_of = Questions.sections, Questions.parts_of, Questions.told_of

    @property
    def plain(self) -> Any:
        return self


def test_a_front_end_of_another_kind_is_shown_by_its_texts() -> None:
    graph = examined("guess_on_timeout", "guess, one crash").graph
    values = ValueTable()
    part_table = PartTable(Opaque(graph.system), values)
    texts = {tuple(part_table.numbers(configuration)) for configuration in graph.configurations}
    assert len(texts) == len(graph)
    crashed = next(c for c in graph.configurations if graph.system.marks(c).crashed)
    rows = [part_table.table[number] for number in part_table.numbers(crashed)]
    assert sum(row.get("x", 0) for row in rows) == 1


def test_of_a_large_graph_an_excerpt_holds_the_ways_to_what_was_found() -> None:
    explorer = Explorer(examined("guess_on_timeout", "guess, one crash"), PageLimits(whole=100, excerpt=10))
    data = explorer.data()
    chunk = data["chunk"]
    opened = set(chunk["ids"][: chunk["expanded"]])
    assert not data["whole"]
    assert len(opened) < 188
    for place in explorer.places:
        assert set(place.way.numbers) <= opened
    for _, visits in explorer.visits:
        assert all(set(visit.way.numbers) <= opened for visit in visits)
    for number, flags in zip(chunk["ids"], chunk["flags"], strict=True):
        assert bool(flags & ELSEWHERE) == (number not in opened)
    assert {target for row in chunk["out"] for target in row[::2]} <= set(chunk["ids"])
    assert all(set(way_to(explorer.examination.graph, number).numbers) <= opened for number in opened)


def test_an_unexpanded_configuration_has_no_steps_until_it_is_asked_further() -> None:
    cut = examine(settle(load("guess_on_timeout"), Overrides(bounds={"configurations": 20})))
    chunked = ChunkedGraph(cut.analysis)
    (first, *_) = [number for number in range(len(cut.graph)) if cut.graph.frontier[number]]
    assert chunked.steps(first) == []
    assert chunked.steps(first, further=True) != []
    assert chunked.valences[chunked.valence(len(chunked) - 1)]["kind"] == "unknown"


def test_the_pivot_of_a_critical_configuration_is_who_can_still_choose() -> None:
    analysis: Analysis = examined("two_phase_commit", "timeouts").analysis
    assert {pivot(analysis, number) for number in analysis.critical} == {"coordinator"}


def drawing(method: Any) -> Pictures:
    graph: StateGraph = examined("wait_for_all", "one crash").graph
    pictures = Pictures(graph.system)
    pictures.method, pictures.drawn = method, True
    return pictures


def test_the_authors_picture_is_data() -> None:
    examination = examined("read_write_registers", "polite, one crash")
    pictures = Pictures(examination.graph.system)
    number = pictures.number(examination.graph.configurations[0])
    assert [shape["kind"] for shape in pictures.table[number]] == ["Disc", "Box", "Line"] * 2
    assert Pictures(examined("wait_for_all", "one crash").graph.system).drawn is False


def test_a_picture_that_fails_is_the_authors_error() -> None:
    first = examined("wait_for_all", "one crash").graph.configurations[0]

    def wrong(view: View[Any]) -> list[Any]:
        return [Box(0, 0, 1, 1), Disc(0, 0, 1), Label(0, 0, "x"), "<svg onload=alert(1)>"]

    with pytest.raises(BadProtocol, match="must yield shapes"):
        drawing(wrong).number(first)
    with pytest.raises(BadProtocol, match="picture"):
        drawing(lambda view: [Box(0, 0, 1, 1, text=view.nonsense)]).number(first)


def test_a_graph_that_was_analysed_again_gives_the_same_page_byte_for_byte() -> None:
    examination = examined("guess_on_timeout", "guess, one crash")
    claims = [finding.claim for finding in examination.analysis.findings]
    again = Examination(examination.request, analyse(examination.graph, claims))
    assert str(Explorer(again).data()) == str(Explorer(examination).data())


def test_explore_and_graph_write_the_page(tmp_path: Path) -> None:
    for arguments in (
        ("explore", "test_and_set", "--reports", "out", "--pictures", "dot"),
        ("graph", "test_and_set", "-o", "alone.html"),
    ):
        subprocess.run([sys.executable, "-m", "flpcheck", *arguments], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "out" / "test_and_set" / "explorer.html").read_text() == (tmp_path / "alone.html").read_text()


def test_the_wheel_holds_the_page_and_the_tours(tmp_path: Path) -> None:
    hatchling = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed")
    (wheel,) = hatchling.WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    names = set(zipfile.ZipFile(wheel).namelist())
    assets = {path.name for path in (ROOT / "flpcheck" / "report" / "explorer" / "assets").iterdir()}
    assert {f"flpcheck/report/explorer/assets/{name}" for name in assets} <= names
    assert {"flpcheck/specs/tours/paxos.py", "flpcheck/specs/broken/tours/paxos_forgets_value.py"} <= names
