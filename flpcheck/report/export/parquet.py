"""Parquet, which polars, DuckDB and pandas read: `configurations.parquet`, `transitions.parquet`, `meta.json`.

The compact form for large graphs: integers and a dictionary of labels, compressed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from flpcheck.analyse import Analysis
from flpcheck.errors import BadRequest
from flpcheck.report.export.labels import labelled_edges


def write(analysis: Analysis, path: Path) -> list[Path]:
    """Write a graph as a folder of Parquet files.

    Raises
    ------
    BadRequest
        If pyarrow is not installed.
    """
    pyarrow, parquet = _pyarrow()
    path.mkdir(parents=True, exist_ok=True)
    files = [path / "configurations.parquet", path / "transitions.parquet", path / "meta.json"]
    parquet.write_table(_configurations(analysis, pyarrow), files[0], compression="zstd")
    parquet.write_table(_transitions(analysis, pyarrow), files[1], compression="zstd")
    files[2].write_text(json.dumps(_meta(analysis), ensure_ascii=False, indent=1), encoding="utf-8")
    return files


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise BadRequest(
            "Parquet needs the package pyarrow, which is not installed", next_step="pip install 'flpcheck[parquet]'"
        ) from None
    return pyarrow, parquet


def _configurations(analysis: Analysis, pyarrow: Any) -> Any:
    graph = analysis.graph
    initial = np.zeros(len(graph), bool)
    initial[list(graph.roots)] = True
    names = [analysis.valence.name(number) for number in range(len(graph))]
    columns = {
        "id": pyarrow.array(np.arange(len(graph), dtype=np.uint32)),
        "depth": pyarrow.array(graph.depth.astype(np.int32)),
        "valence": pyarrow.array(names).dictionary_encode(),
        "initial": pyarrow.array(initial),
        "critical": pyarrow.array(analysis.valence.critical),
        "frontier": pyarrow.array(graph.frontier),
    }
    return pyarrow.table(columns)


def _transitions(analysis: Analysis, pyarrow: Any) -> Any:
    graph = analysis.graph
    labels: dict[str, int] = {}
    numbers = np.fromiter(
        (labels.setdefault(label, len(labels)) for _, _, label, _ in labelled_edges(graph)),
        np.int32,
        len(graph.targets),
    )
    movers = np.array([*graph.system.names, "world"])[graph.movers]
    columns = {
        "source": pyarrow.array(graph.sources.astype(np.uint32)),
        "target": pyarrow.array(graph.targets.astype(np.uint32)),
        "process": pyarrow.array(movers).dictionary_encode(),
        "event": pyarrow.DictionaryArray.from_arrays(pyarrow.array(numbers), pyarrow.array(list(labels))),
    }
    return pyarrow.table(columns)


def _meta(analysis: Analysis) -> dict[str, Any]:
    graph = analysis.graph
    return {
        "configurations": len(graph),
        "transitions": len(graph.targets),
        "complete": graph.complete,
        "cut": graph.cut.as_json() if graph.cut else None,
        "world": graph.system.world.as_json(),
        "processes": list(graph.system.names),
        "valence": analysis.census.as_json(),
    }
