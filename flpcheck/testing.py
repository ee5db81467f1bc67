"""Checking protocols inside a test suite: a decorator and the fixture `model`, which fails with the trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from flpcheck.model import Model

if TYPE_CHECKING:
    from flpcheck.world import World

__all__ = ["Model", "model"]

T = TypeVar("T", bound=Callable[..., Any])


def model(
    spec: Any, *, instance: str | None = None, world: World | None = None, **parameters: object
) -> Callable[[T], T]:
    """Decorate a pytest test that takes the fixture `model`; the parameters are those of `Model`.

    Examples
    --------
    >>> @model("wait_for_all", instance="no crash")
    ... def test_it(model: Model) -> None:
    ...     model.check("termination")
    """
    import pytest

    marker: Callable[[T], T] = pytest.mark.flpcheck_model(spec, instance=instance, world=world, **parameters)
    return marker
