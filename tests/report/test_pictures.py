"""The entry points: which picture is drawn, and which files are written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from report.picture_samples import Hasty, committing, findings, hasty, waiting, waiting_for_three

from flpcheck import Bounds, asynchronous, integrity, load
from flpcheck.errors import BadRequest
from flpcheck.report import picture
from flpcheck.report.drawing import Drawing
from flpcheck.report.layout import fits
from flpcheck.report.pictures import draw, standard_pictures, write


def test_the_standard_set() -> None:
    assert list(standard_pictures(hasty())) == [
        "graph",
        "counterexample-agreement",
        "counterexample-nobody_decides",
    ]
    assert list(standard_pictures(committing())) == ["graph", "critical"]
    assert list(standard_pictures(waiting())) == ["graph", "counterexample-termination"]


def test_auto_draws_everything_if_it_can_be_read() -> None:
    assert len(draw(waiting()).nodes) == 84
    assert "quotient" in draw(waiting_for_three()).title[-1]
    assert "quotient" in draw(waiting(), "quotient").title[-1]


def test_where_there_are_no_messages_no_network_is_named() -> None:
    shared = findings(load("memory/arbiter").protocol(), asynchronous(), integrity)
    assert draw(shared).title[1] == "asynchronous, shared memory, no failures"
    assert draw(waiting()).title[1].startswith("asynchronous, multiset network, ")


def test_a_view_of_a_schedule_names_its_property() -> None:
    assert "counterexample to agreement" in draw(hasty(), "trace").title[-1]
    assert "counterexample to nobody_decides" in draw(hasty(), "neighbourhood", "nobody_decides").title[-1]
    assert "critical configuration" in draw(committing(), "neighbourhood").title[-1]


def test_requests_that_make_no_sense_are_explained() -> None:
    with pytest.raises(BadRequest, match="no view 'fulll'") as caught:
        draw(waiting(), "fulll")
    assert "Did you mean 'full'?" in str(caught.value)
    with pytest.raises(BadRequest, match="no finding on a property 'agrement'"):
        draw(waiting(), "trace", "agrement")
    with pytest.raises(BadRequest, match="no run to show as 'trace'"):
        draw(findings(Hasty(), asynchronous(), integrity), "trace")


def test_what_cannot_be_read_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "LIMIT", 83)
    with pytest.raises(BadRequest, match="a picture of 84 configurations would be unreadable"):
        draw(waiting(), "full")


def test_files_are_written_with_their_suffixes(tmp_path: Path) -> None:
    files = write(draw(waiting()), tmp_path / "new" / "v1.2-graph", ["svg", "dot", "png", "svg"])
    assert [file.name for file in files] == ["v1.2-graph.svg", "v1.2-graph.dot", "v1.2-graph.png"]
    assert all(file.stat().st_size > 1000 for file in files)
    assert files[1].read_text(encoding="utf-8") == draw(waiting()).dot


def test_unknown_formats_write_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="no picture format 'gif'"):
        write(draw(waiting()), tmp_path / "graph", ["svg", "gif"])
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_takes_too_long_is_replaced_by_a_coarser_one(tmp_path: Path) -> None:
    import flpcheck.report.pictures as module
    from flpcheck.report.render import RenderingTooSlow

    shown: list[str] = []
    slow = replace(draw(waiting()), name="slow")

    def render_all(dot: str, formats: list[str], seconds: float) -> dict[str, bytes]:
        shown.append(dot)
        if dot == slow.dot:
            raise RenderingTooSlow("too slow")
        return dict.fromkeys(formats, b"picture")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "render_all", render_all)
        files = write(slow, tmp_path / "graph", ["dot", "svg"])
    assert len(shown) == 2
    assert "quotient by" in files[0].read_text(encoding="utf-8")


def test_a_picture_without_a_coarser_one_reports_that_it_is_too_slow(tmp_path: Path) -> None:
    from flpcheck.report.render import RenderingTooSlow

    drawing: Drawing = replace(draw(waiting()), coarser=None)
    with pytest.raises(RenderingTooSlow):
        write(drawing, tmp_path / "graph", ["svg"], seconds=0.001)


def test_a_graph_that_would_be_a_long_strip_is_drawn_as_a_quotient() -> None:
    found = findings(Hasty(n=3), asynchronous(crashes=1), integrity, bounds=Bounds(configurations=140))
    assert len(found.graph) <= picture.READABLE
    assert not fits(picture.full(found))
    assert "quotient by" in draw(found).title[-1]
    assert fits(draw(waiting()))
