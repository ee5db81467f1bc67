"""Identity, text and reversal of the values that may stand in a configuration."""

from __future__ import annotations

import dataclasses
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from enum import Enum, Flag, IntEnum
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import flpcheck
from flpcheck import Gather, Letter, record
from flpcheck.authoring.values import backwards, key, show
from flpcheck.errors import BadValue

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of nested values, now and then


class Colour(Enum):
    RED = 1
    BLUE = 2


@record
class Prepare:
    ballot: Any


@record
class Accept:
    ballot: Any


@record
class Late(Prepare):
    """A record that adds nothing to its base."""


@record
class Silent:
    ballot: Any = dataclasses.field(compare=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    ballot: Any


@record
class Squared:
    ballot: int

    @cached_property
    def square(self) -> int:
        return self.ballot**2


class Pair(NamedTuple):
    left: Any
    right: Any


RECORDS = (Prepare, Accept, Silent, Slotted)
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
        st.builds(Late, inner),
        st.builds(Silent, inner),
        st.builds(Slotted, inner),
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
    if isinstance(a, RECORDS):
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
        return dataclasses.replace(x, ballot=again(x.ballot)) if isinstance(x, RECORDS) else x

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
    assert type(other) is type(value) or isinstance(value, frozenset)
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


class Status(Enum):
    OK = 1
    FINE = 1  # noqa: PIE796


class Level(IntEnum):
    LOW = 1


class Rights(Flag):
    READ = 1
    WRITE = 2


class Text(str):
    __slots__ = ()


class Open(tuple[int, ...]):
    """A tuple whose instances have attributes."""


class Closed(tuple[int, ...]):
    __slots__ = ()


class Members(frozenset[int]):
    pass


@record
class Numbered(int):
    tag: str = ""


class Tagged:
    __slots__ = ("tag",)


@dataclasses.dataclass(frozen=True)
class WithSlot(Tagged):
    value: int


@record
class WithTag:
    value: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "tag", "none")


def test_members_of_enums_are_what_they_are_called() -> None:
    assert key(Status.OK) == key(Status.FINE)
    assert key(Level.LOW) != key(1)
    combined = (Rights.READ | Rights.WRITE, Rights.READ, Rights(0))
    assert len(set(map(key, combined))) == 3
    assert key(Rights.READ | Rights.WRITE) == key(Rights.WRITE | Rights.READ)


def test_what_is_equal_for_python_is_distinguished() -> None:
    ones = [1, True, 1.0, Fraction(1), Level.LOW, (1,), Closed((1,)), Pair(1, 1)]
    assert len(set(map(key, ones))) == len(ones)
    assert Prepare(1) == Prepare(True)
    assert key(Prepare(1)) != key(Prepare(True))
    assert key(Silent(1)) != key(Silent(2))
    assert key(Prepare(1)) != key(Late(1))


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (Text("a"), ["a Text cannot be part of a state or message", "next: write str(...) around it"]),
        (Members({1}), ["a Members cannot be part", "next: write frozenset(...) around it"]),
        (Open((1,)), ["Open is a tuple with attributes", "add `__slots__ = ()` to the class, or make it a record"]),
        (
            Numbered(1),  # type: ignore[arg-type]
            [
                "Numbered is a record and a int",
                "next: make the int a field",
            ],
        ),
        (WithSlot(1), ["WithSlot has an attribute 'tag' that is not a field"]),
        (WithTag(1), ["WithTag has an attribute 'tag' that is not a field", "test_values.py:"]),
        ((-0.0,), ["-0.0 cannot be part", "-0.0 is equal to 0.0 and behaves differently", "add 0.0 to it"]),
        (Prepare(float("nan")), ["field 'ballot' of Prepare: nan cannot be part", "NaN is not equal to itself"]),
        (Slotted(float("nan")), ["field 'ballot' of Slotted: nan cannot be part"]),
    ],
)
def test_what_equality_would_hide_is_refused(value: object, texts: list[str]) -> None:
    with pytest.raises(BadValue) as caught:
        key(value)
    for text in texts:
        assert text in str(caught.value)


def test_what_a_cached_property_computes_is_no_part_of_a_value() -> None:
    asked, other = Squared(3), Squared(3)
    assert asked.square == 9
    assert key(asked) == key(other)
    object.__setattr__(asked, "cube", 27)
    with pytest.raises(BadValue, match="Squared has an attribute 'cube' that is not a field"):
        key(asked)


def made() -> Any:
    @record
    class Made:
        number: int

    return Made


def test_two_classes_of_one_name_are_no_class() -> None:
    one, other = made(), made()
    assert key(one(1)) == key(one(1))
    for left, right in ((one(1), other(1)), (one(1), other(2))):
        with pytest.raises(BadValue) as caught:
            sorted([key(left), key(right)])
        assert "two classes are called Made: " in str(caught.value)
        assert "made.<locals>.Made is defined again by each call" in str(caught.value)
    with pytest.raises(BadValue):
        {key(one(1)): 1}[key(other(1))]


def test_keys_survive_pickling() -> None:
    value = (Prepare(Colour.RED), Pair(1, frozenset({1, 2})))
    assert pickle.loads(pickle.dumps(key(value))) == key(value)


PROGRAM = """
import random, sys
from authoring.test_values import Accept, Colour, Late, Pair, Prepare, Silent, Slotted
from flpcheck.authoring.values import key, show
from fractions import Fraction

chance = random.Random(7)
plain = [None, True, 1, 1.0, Fraction(1), "a", "b", "True", b"a", Colour.RED, Colour.BLUE, -1, 0]

def value(depth):
    kind = chance.randrange(8) if depth else 7
    if kind < 4:
        return [Prepare, Accept, Late, Silent][kind](value(depth - 1))
    if kind == 4:
        return Slotted(value(depth - 1))
    if kind == 5:
        return Pair(value(depth - 1), value(depth - 1))
    if kind == 6:
        return frozenset(value(depth - 1) for _ in range(4))
    return chance.choice(plain)

values = [value(3) for _ in range(400)]
print([show(v) for v in sorted(set(values), key=key)], [key(v) for v in values])
"""


def test_keys_and_their_order_are_the_same_under_every_hash_seed() -> None:
    tests = Path(__file__).parents[1]
    path = os.pathsep.join([str(tests), str(Path(flpcheck.__file__).parent.parent)])
    told = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(told) == 1
    assert len(told.pop()) > 10_000


def test_records_do_not_change_and_do_not_mix() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Prepare(1).ballot = 2  # type: ignore[misc]
    assert len({Prepare(1), Accept(1), Prepare(1)}) == 2
