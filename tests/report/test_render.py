"""Rendering: real pictures from what pip installs, with text in them, or an error that says what to install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from report.picture_samples import waiting

from flpcheck.errors import BadRequest, FlpcheckError
from flpcheck.report import render as module
from flpcheck.report.picture import full
from flpcheck.report.render import NoRenderer, RenderingFailed, RenderingTooSlow, render, render_all, renderer

MAGIC = {"svg": b"<?xml", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-"}


def test_all_formats_at_once() -> None:
    made = render_all(full(waiting()).dot, MAGIC)
    assert {form: content[: len(MAGIC[form])] for form, content in made.items()} == MAGIC


def test_the_text_is_in_the_svg_under_a_font_that_exists() -> None:
    svg = render(full(waiting()).dot, "svg").decode()
    for said in (">none<", "p0 p1 decided 0", "crash p1", "WaitForAll(n=2)", "only 0 can still be decided", "† p0"):
        assert said in svg
    assert "sans-Serif" not in svg
    assert 'font-family="DejaVu Sans,Helvetica,Arial,sans-serif"' in svg


def test_rendering_twice_gives_the_same_bytes() -> None:
    dot = full(waiting()).dot
    assert render(dot, "svg") == render(dot, "svg")
    assert render(dot, "png") == render(dot, "png")


def test_pictures_fit_a_laptop() -> None:
    png = render(full(waiting()).dot, "png")
    width, height = (int.from_bytes(png[place : place + 4], "big") for place in (16, 20))
    assert 800 < width < 2500
    assert 800 < height < 2500


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have fonts")
def test_a_machine_without_fonts_gets_text_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    alone = tmp_path / "fonts.conf"
    folder = tmp_path / "fonts"
    folder.mkdir()
    module._font_configuration(folder)
    alone.write_text(f"<fontconfig><dir>{folder}</dir><cachedir>{tmp_path}</cachedir></fontconfig>", encoding="utf-8")
    dot = 'digraph { graph [fontname="DejaVu Sans"]; a [label="bivalent ← †" fontname="DejaVu Sans"] }'
    normal = render(dot, "pdf")
    monkeypatch.setenv("FONTCONFIG_FILE", str(alone))
    assert b"/FontFile" in normal
    assert b"/FontFile" in render(dot, "pdf")
    alone.write_text("<fontconfig></fontconfig>", encoding="utf-8")
    assert b"/FontFile" not in render(dot, "pdf")


def test_remarks_of_graphviz_stay_away_from_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    render('digraph { a [shape=box fixedsize=true width=0.1 label="a label far too long for its node"] }', "svg")
    assert capfd.readouterr() == ("", "")


def test_it_runs_where_warnings_are_errors() -> None:
    script = "from flpcheck.report.render import render; render('digraph { a -> b }', 'pdf')"
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_nothing_heavy_is_imported_before_a_picture_is_made() -> None:
    script = "import sys, flpcheck.report.pictures; print({'graphviz', 'pygraphviz', 'networkx'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "set()"


def test_a_module_in_the_current_folder_does_not_get_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "base64.py").write_text("raise RuntimeError('the wrong one')", encoding="utf-8")
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        assert render("digraph { a }", "svg").startswith(b"<?xml")
    finally:
        os.chdir(before)


def test_a_layout_is_stopped_in_time() -> None:
    edges = " ".join(f"{a} -> {b};" for a in range(60) for b in range(60))
    with pytest.raises(RenderingTooSlow, match="did not finish"):
        render(f"digraph {{ {edges} }}", "svg", seconds=0.2)


def test_bad_dot_is_an_error_that_can_be_explained() -> None:
    with pytest.raises(RenderingFailed, match="could not render"):
        render("digraph { a -> ", "svg")


def test_unknown_formats_are_refused() -> None:
    with pytest.raises(BadRequest, match="no picture format 'gif'") as caught:
        render("digraph { a }", "gif")
    assert "svg, png, pdf" in str(caught.value)


def test_no_renderer_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_has_wheel", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert renderer() is None
    with pytest.raises(NoRenderer) as caught:
        render("digraph { a }", "svg")
    assert isinstance(caught.value, FlpcheckError)
    assert "pip install 'pygraphviz" in str(caught.value)


def test_an_installed_dot_is_the_second_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **options: Any) -> SimpleNamespace:
        asked.append(command)
        return SimpleNamespace(returncode=0, stdout=b"<svg>" + options["input"], stderr=b"")

    monkeypatch.setattr(module, "_has_wheel", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/dot")
    monkeypatch.setattr(subprocess, "run", run)
    assert renderer() == "dot"
    assert render("digraph { a }", "svg") == b"<svg>digraph { a }"
    assert asked == [["/usr/bin/dot", "-Kdot", "-Tsvg"]]


def test_the_wheel_is_the_first_choice() -> None:
    assert renderer() == "pygraphviz"
