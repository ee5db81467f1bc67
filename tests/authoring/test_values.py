"""Identity, text and reversal of the values that may stand in a configuration."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from enum import Enum
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flpcheck import Gather, Letter, record
from flpcheck.authoring.values import backwards, key, show
from flpcheck.errors import BadValue


class Colour(Enum):
    RED = 1
    BLUE = 2


@record
class Prepare:
    ballot: Any


@record
class Accept:
    ballot: Any


class Pair(NamedTuple):
    left: Any
    right: Any


small = st.integers(-2, 2)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    small,
    st.sampled_from(["", "a", "1", "True"]),
    st.sampled_from([0.0, 1.0, 1.5]),
    st.sampled_from([b"", b"a"]),
    st.sampled_from([Fraction(1), Fraction(1, 2)]),
    st.sampled_from(Colour),
)


def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(Prepare, inner),
        st.builds(Accept, inner),
        st.builds(Pair, inner, inner),
        st.lists(inner, max_size=3).map(tuple),
        st.frozensets(inner, max_size=4),
    )


values = st.recursive(scalars, deeper, max_leaves=8)


def same(a: Any, b: Any) -> bool:
    """Whether two values have the same type and content, by plain recursion."""
    if type(a) is not type(b):
        return False
    if isinstance(a, frozenset):
        return len(a) == len(b) and all(any(same(x, y) for y in b) for x in a)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, (Prepare, Accept)):
        return same(a.ballot, b.ballot)
    return bool(a == b)


@given(values, values)
def test_keys_are_equal_exactly_if_type_and_content_are(a: Any, b: Any) -> None:
    assert (key(a) == key(b)) == same(a, b)


@given(values)
def test_a_value_built_again_has_the_same_key_and_text(value: Any) -> None:
    def again(x: Any) -> Any:
        if isinstance(x, frozenset):
            return frozenset(again(item) for item in sorted(x, key=key, reverse=True))
        if isinstance(x, Pair):
            return Pair(*map(again, x))
        if isinstance(x, tuple):
            return tuple(map(again, x))
        return dataclasses.replace(x, ballot=again(x.ballot)) if isinstance(x, (Prepare, Accept)) else x

    assert key(again(value)) == key(value)
    assert show(again(value)) == show(value)


@given(st.lists(values, max_size=6))
def test_keys_are_totally_ordered(many: list[Any]) -> None:
    backward = many[::-1]
    assert sorted(map(key, many)) == sorted(map(key, backward))


@given(st.lists(small, min_size=1, max_size=6, unique=True))
def test_order_of_insertion_leaves_no_trace(members: list[int]) -> None:
    assert key(frozenset(members)) == key(frozenset(reversed(members)))
    assert show(frozenset(members)) == "{" + ", ".join(map(str, sorted(members))) + "}"


@given(values)
def test_backwards_is_equal_and_undetectable_without_iterating(value: Any) -> None:
    other = backwards(value)
    assert other == value
    assert hash(other) == hash(value)
    assert key(other) == key(value)
    assert show(other) == show(value)


@given(st.frozensets(st.integers(0, 10**6), min_size=2), st.frozensets(st.integers(0, 10**6)))
def test_backwards_iterates_in_exactly_the_opposite_order(some: frozenset[int], more: frozenset[int]) -> None:
    for members in (some, (some | more) - (more - some)):  # the second has room for more in its table
        assert list(backwards(members)) == list(reversed(list(members)))


LETTERS = frozenset("abc")


@pytest.mark.parametrize(
    ("value", "inside"),
    [
        ((1, LETTERS), lambda v: v[1]),
        (Prepare(LETTERS), lambda v: v.ballot),
        (Pair(1, LETTERS), lambda v: v.right),
        (Gather((Letter("p0", Prepare(LETTERS)),)), lambda v: v.letters[0].message.ballot),
    ],
)
def test_backwards_reaches_sets_inside_and_keeps_types(value: Any, inside: Callable[[Any], Any]) -> None:
    other = backwards(value)
    assert list(inside(other)) == list(reversed(list(LETTERS)))
    assert type(other) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((1,), "(1,)"),
        ((), "()"),
        (Prepare("a"), "Prepare('a')"),
        (Colour.RED, "RED"),
        (frozenset({(2, "b"), (1, "a")}), "{(1, 'a'), (2, 'b')}"),
        (Accept(frozenset()), "Accept({})"),
    ],
)
def test_texts(value: object, text: str) -> None:
    assert show(value) == text


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ([1], ["a list cannot be part of a state or message: [1]", "next: use a tuple"]),
        ({1}, ["a set cannot be part", "next: use a frozenset"]),
        ({1: 2}, ["a dict cannot be part", "a frozenset of pairs, or a record"]),
        ((1, {"a"}), ["a set cannot be part of a state or message: {'a'}"]),
        (Prepare([1]), ["field 'ballot' of Prepare: a list", "test_values.py:"]),
        (object, ["a type cannot be part", "have an identity that is the same in every run"]),
        (1j, ["a complex cannot be part", "store a plain value"]),
    ],
)
def test_unusable_values_are_refused_with_advice(value: object, texts: list[str]) -> None:
    with pytest.raises(BadValue) as caught:
        key(value)
    for text in texts:
        assert text in str(caught.value)


def test_records_do_not_change_and_do_not_mix() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Prepare(1).ballot = 2  # type: ignore[misc]
    assert len({Prepare(1), Accept(1), Prepare(1)}) == 2
