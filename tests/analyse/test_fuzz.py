"""The theorem as an oracle for the checker: no protocol contradicts it, and the hard case occurs.

`python tests/fuzz_theorem.py` tries more and prints the counts; CI runs it.
"""

from __future__ import annotations

import pytest
from fuzz_theorem import fuzz, never


@pytest.mark.long
def test_nothing_contradicts_the_theorem() -> None:
    counts = fuzz(range(45))
    assert set(counts) == {"random", "paxos", "registers"}
    assert never(counts) == []
    assert not any(found["unknown"] for found in counts.values())
