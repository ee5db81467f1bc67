"""A few damaged specs of `tests/fuzz_specs.py`: refused, different, cut or right, but no internal error and no hang."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FUZZ = Path(__file__).parents[1] / "fuzz_specs.py"


def test_damaged_specs_end_in_words() -> None:
    command = [sys.executable, str(FUZZ), "--number", "16", "--first", "7000"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "16 damaged specs" in told.stdout
    assert "WRONG" not in told.stdout, told.stdout
    assert "HANGS" not in told.stdout, told.stdout
