"""Every bundled instance that the kernel can run has the same graph on both engines."""

from __future__ import annotations

from functools import cache

import pytest
from every_spec import every_instance
from kernel.same_engines import assert_same

from flpcheck import Instance, system_of
from flpcheck.explore import Bounds, obstacle

pytest.importorskip("numba")
LARGE = 200_000
QUICK = 2_000


@cache
def instances() -> list[tuple[str, Instance]]:
    """All instances that the kernel can run."""
    return [
        (name, instance)
        for name, instance in every_instance()
        if not obstacle(system_of(instance.protocol, instance.world), "bfs")
    ]


def of_components() -> list[tuple[str, Instance]]:
    """Those of them that the kernel runs by components: there are sleep sets and workers."""
    return [
        (name, found) for name, found in instances() if hasattr(found.protocol, "processes") and not found.world.rounds
    ]


@pytest.mark.sampled(8)
@pytest.mark.parametrize(("spec", "instance"), instances(), ids=lambda part: getattr(part, "name", part))
def test_every_instance(spec: str, instance: Instance) -> None:
    """Whole, or of a larger one, a quotient, or one that a bound cuts, the beginning; its counts are pinned."""
    make = lambda: system_of(instance.protocol, instance.world, instance.inputs)  # noqa: E731
    assert instance.configurations is not None
    pinned = instance.configurations if instance.configurations <= LARGE else 0
    assert_same(make, Bounds(configurations=max(pinned, QUICK)))
