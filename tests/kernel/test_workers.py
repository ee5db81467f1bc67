"""Several workers find what one finds, word by word, however small their shares are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from generators.protocols import RandomTables, liars, protocols, worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel.same_workers import assert_same_together, small_shares
from kernel.test_specs import QUICK, of_components

from flpcheck import Bounds, Instance, World, system_of

LARGE = 2000


@pytest.fixture(autouse=True, scope="module")
def much_sharing() -> Iterator[None]:
    with small_shares():
        yield


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("spec", "instance"), of_components(), ids=lambda part: getattr(part, "name", part))
def test_beginning_of_every_instance(spec: str, instance: Instance) -> None:
    bounds = Bounds(configurations=QUICK)
    assert_same_together(lambda: system_of(instance.protocol, instance.world, instance.inputs), bounds)


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(protocols, worlds, st.sampled_from([2, 3]), st.sampled_from([LARGE, 300]))
def test_random_protocols(protocol: RandomTables, world: World, workers: int, most: int) -> None:
    assert_same_together(lambda: system_of(protocol, world), Bounds(configurations=most), workers)


@settings(max_examples=20, deadline=None)
@given(liars)
def test_lies(chosen: tuple[RandomTables, World]) -> None:
    assert_same_together(lambda: system_of(*chosen), Bounds(configurations=LARGE))
