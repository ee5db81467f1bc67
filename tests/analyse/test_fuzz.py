"""The theorem as an oracle for the checker: no protocol contradicts it, and the hard case occurs."""

from __future__ import annotations

from fuzz_theorem import HARD, fuzz


def test_nothing_contradicts_the_theorem() -> None:
    counts = fuzz(range(180))
    assert set(counts) == {"random", "paxos", "registers"}
    assert counts["paxos"]["blocks"] > 10
    assert counts["paxos"]["disagrees"] > 5
    assert counts["random"]["disagrees"] > 5
    assert counts["registers"][HARD] > 5
    assert not any(found["unknown"] for found in counts.values())
    settled = sum(
        found["protocols"] - found["too large"] - found["not between two values"] for found in counts.values()
    )
    assert settled > 90
