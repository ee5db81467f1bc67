"""The beginning of a pytest test that replays a schedule; the page adds the path and what was decided."""

from __future__ import annotations

from flpcheck.authoring.protocol import constants, parameters
from flpcheck.settle import Request


def preparation(request: Request) -> str:
    """Return the lines that make the system of a request in a test.

    Parameters
    ----------
    request
        An instance of the spec, or one that options have changed; then parameters and world are written out.
    """
    spec = request.spec
    loaded = f"load({spec.path!r}, {{'protocol': {spec.choice!r}}})" if spec.choice else f"load({spec.path!r})"
    if request.instance is not None and request.instance in spec.instances:
        return (
            "from flpcheck import load, system_of\n"
            "from flpcheck.analyse import at_path\n\n\n"
            "def test_schedule() -> None:\n"
            f"    instance = {loaded}.instance({request.instance.name!r})\n"
            "    system = system_of(instance.protocol, instance.world, instance.inputs)\n"
        )
    given = {**parameters(request.protocol), **constants(request.protocol)}
    chosen = ", ".join(f"{name}={value!r}" for name, value in given.items())
    return (
        "from flpcheck import World, load, system_of\n"
        "from flpcheck.analyse import at_path\n"
        "from flpcheck.world import Failures, Network\n\n\n"
        "def test_schedule() -> None:\n"
        f"    protocol = {loaded}.protocol({chosen})\n"
        f"    world = {request.world!r}\n"
        f"    system = system_of(protocol, world, {dict(request.inputs)!r})\n"
    )
