"""A few damaged specs of `tests/fuzz_specs.py`: refused, different, cut or right, but no internal error and no hang."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[1] / "fuzz_specs.py"


@pytest.mark.sampled(1)
@pytest.mark.parametrize("first", range(7000, 7016, 4))
def test_damaged_specs_end_in_words(first: int) -> None:
    command = [sys.executable, str(FUZZ), "--number", "4", "--first", str(first)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "4 damaged specs" in told.stdout
    assert not any(wrong in told.stdout for wrong in ("WRONG", "HANGS", "FALSE")), told.stdout
