"""Both engines on protocols and worlds of every kind; `python tests/fuzz_engines.py` does the same with many more."""

from __future__ import annotations

from collections import Counter

import pytest

pytest.importorskip("numba")
import fuzz_kinds
from fuzz_engines import fuzz

KINDS = [
    "complete", "cut", "a violation", "no violation",
    "multiset", "set", "fifo", "ignored stays", "loss", "loss without end", "duplication", "duplication without end",
    "partition", "cut links", "crashes explicit", "crashes elided", "initially dead",
    "recoveries", "recoveries without end", "restart", "crash points between", "crash points cut",
    "crash points write-first", "crash points torn", "crash points send-first", "omission", "Byzantine",
    "gather", "observer", "learner", "virtual",
]  # fmt: skip


@pytest.mark.long
def test_engines_agree_on_every_kind_of_protocol_and_world() -> None:
    counts = fuzz(range(120))
    assert {kind: counts[kind] for kind in KINDS if counts[kind] < 3} == {}
    assert set(counts) == {*KINDS, "protocols"}


@pytest.mark.long
@pytest.mark.parametrize("kind", fuzz_kinds.KINDS)
def test_engines_agree_on_protocols_that_do_more_than_pass_messages(kind: str) -> None:
    counts = Counter(fuzz_kinds.tried(kind, range(25)))
    assert counts[kind] == 25
    assert counts[f"{kind}, more than 20 configurations"] > 5
