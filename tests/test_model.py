"""A protocol in a world as one object: for programs and notebooks."""

from __future__ import annotations

import pytest

from flpcheck import HOLDS, VIOLATED, agreement, asynchronous
from flpcheck.errors import BadRequest
from flpcheck.model import Model
from flpcheck.spec import load


@pytest.fixture(scope="module")
def waiting() -> Model:
    return Model("wait_for_all", instance="one crash")


def test_verdicts_are_those_of_the_command_line(waiting: Model) -> None:
    assert waiting.complete
    assert (waiting.verdicts["agreement"], waiting.verdicts["termination"]) == (HOLDS, VIOLATED)
    assert waiting.check(agreement).verdict is HOLDS


def test_a_failed_check_holds_the_trace_and_the_replay_command(waiting: Model) -> None:
    with pytest.raises(AssertionError, match=r"(?s)expected HOLDS, found VIOLATED.*p0 crashes.*flpcheck replay"):
        waiting.check("termination")


def test_an_unknown_property_gets_a_suggestion(waiting: Model) -> None:
    with pytest.raises(BadRequest, match="no property 'agrement' was judged"):
        waiting.check("agrement")


def test_a_protocol_object_in_a_world() -> None:
    protocol = load("wait_for_all").protocol(n=2)
    assert Model(protocol, world=asynchronous(crashes=1)).configurations == 84
    assert Model(protocol).configurations == 28


def test_the_command_beside_a_trace_says_what_the_file_does_not() -> None:
    protocol = load("wait_for_all").protocol(n=3)
    trace = repr(Model(protocol, world=asynchronous(crashes=1)).trace("termination"))
    assert "wait_for_all.py -p n=3 --crashes 1 --path " in trace


def test_notebooks_get_html_and_svg(waiting: Model) -> None:
    bundle = waiting._repr_mimebundle_()
    assert "<pre" in bundle["text/html"]
    assert "84 configurations" in bundle["text/plain"]
    trace = waiting.trace("termination")
    assert trace._repr_mimebundle_()["image/svg+xml"].startswith("<svg ")
    assert "p0 crashes" in repr(trace)
    assert waiting.picture("full")._mime_()[0] == "image/svg+xml"
