"""Command lines that nobody thought of; `python tests/fuzz_commands.py` tries many more."""

from __future__ import annotations

import pytest

pytest.importorskip("numba")
from fuzz_commands import fuzz


@pytest.mark.long
def test_no_command_line_ends_in_an_internal_error() -> None:
    counts = fuzz(range(40))
    assert {line.split()[0] for line in counts} == {"explore", "flp", "graph", "why", "worlds"}
    assert sum(number for line, number in counts.items() if "refused" not in line) > 10
