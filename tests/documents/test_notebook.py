"""The notebook runs in a kernel of its own, and shows each thing once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"
SHOWN = {
    "hasty-model": ("text/html", "agreement    VIOLATED"),
    "hasty-trace": ("image/svg+xml", "p0 decides 0 while p1 decides 1"),
    "patient-model": ("text/html", "36 configurations"),
    "crash-trace": ("image/svg+xml", "no live process can ever decide"),
    "race": ("image/svg+xml", "peripheries=2"),
    "theorem-trace": ("image/svg+xml", "judge crashes"),
}


def notebook() -> Any:
    nbformat = pytest.importorskip("nbformat")
    return nbformat.read(NOTEBOOK, as_version=4)


def test_no_outputs_are_committed() -> None:
    cells = [cell for cell in notebook().cells if cell.cell_type == "code"]
    assert [cell.id for cell in cells if cell.outputs or cell.execution_count is not None] == []
    assert len(cells) > len(SHOWN)


def test_it_runs_and_shows_each_thing_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = pytest.importorskip("nbclient")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    run = notebook()
    client.NotebookClient(run, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = {cell.id: cell.outputs for cell in run.cells if cell.cell_type == "code" and cell.outputs}
    assert outputs.keys() == SHOWN.keys()
    for name, (kind, text) in SHOWN.items():
        (output,) = outputs[name]
        assert output.data.keys() == {"text/plain", kind}
        assert text in output.data["text/plain"], output.data["text/plain"]
        assert "flpcheck replay" not in output.data["text/plain"], "there is no file to replay"
        assert "IPython" not in output.data["text/plain"]
