"""Quorums and ballots."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flpcheck import Letter, gather_quorum, majority, next_ballot, one_from_each, quorums

letters = st.builds(Letter, st.sampled_from(["a", "b", "c"]), st.integers(0, 2))
mails = st.lists(letters, max_size=6).map(tuple)


@pytest.mark.parametrize("n", range(1, 8))
def test_majorities_are_the_smallest_quorums_that_intersect(n: int) -> None:
    members = [f"p{i}" for i in range(n)]

    def all_meet(size: int) -> bool:
        return all(set(a) & set(b) for a, b in combinations(quorums(members, size), 2)) and size > n / 2

    assert all_meet(majority(n))
    assert not all_meet(majority(n) - 1)


@given(mails, st.integers(1, 3))
def test_gathered_quorums_have_different_senders_and_are_all_there_are(
    mail: tuple[Letter[int], ...], size: int
) -> None:
    found = {frozenset(group) for group in gather_quorum(mail, size)}
    wanted = {frozenset(g) for g in combinations(dict.fromkeys(mail), size) if len({x.sender for x in g}) == size}
    assert found == wanted


@given(mails, mails, st.integers(1, 3))
def test_gathered_quorums_stay_when_more_arrives(
    mail: tuple[Letter[int], ...], more: tuple[Letter[int], ...], size: int
) -> None:
    before = {frozenset(group) for group in gather_quorum(mail, size)}
    after = {frozenset(group) for group in gather_quorum((*mail, *more), size)}
    assert before <= after


def test_nothing_is_taken_from_those_who_have_not_written() -> None:
    assert list(one_from_each((Letter("a", 1),), ["a", "b"])) == []


@given(st.integers(-1, 50), st.integers(1, 5), st.data())
def test_next_ballot_is_the_smallest_own_one_above(above: int, proposers: int, data: st.DataObject) -> None:
    owner = data.draw(st.integers(0, proposers - 1))
    own = [ballot for ballot in range(above + 1, above + 1 + proposers) if ballot % proposers == owner]
    assert [next_ballot(above, owner, proposers)] == own
