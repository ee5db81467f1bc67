"""Same input, same output, byte for byte, whatever the hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SCRIPT = HERE / "exploration_as_text.py"


def printed(seed: str) -> bytes:
    path = os.pathsep.join([str(HERE.parent.parent), str(HERE.parent), *filter(None, sys.path)])
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path}
    done = subprocess.run([sys.executable, str(SCRIPT)], env=environment, capture_output=True, check=True)
    return done.stdout


def test_hash_seeds_leave_no_trace() -> None:
    first, second = printed("1"), printed("20260")
    assert first.count(b"\n") > 5000
    assert first == second
