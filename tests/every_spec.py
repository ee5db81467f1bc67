"""The bundled specs, each loaded once, for tests over all of them: loading takes most of a collection."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from flpcheck import Instance, Spec, load
from flpcheck.spec import bundled


@cache
def spec_named(name: str) -> Spec:
    """Return a bundled spec."""
    return load(name)


def every_spec() -> Iterator[tuple[str, Spec]]:
    """Yield the bundled specs with their names."""
    for name in bundled():
        yield name, spec_named(name)


def every_instance() -> Iterator[tuple[str, Instance]]:
    """Yield the instances of all bundled specs with the names of the specs."""
    for name, spec in every_spec():
        for instance in spec.instances:
            yield name, instance
