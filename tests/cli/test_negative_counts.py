"""A negative count is refused wherever one is given, and never means `unlimited`."""

from __future__ import annotations

import click
import pytest

from flpcheck.cli.check_command import command as check
from flpcheck.cli.explore_command import command as explore
from flpcheck.errors import BadRequest
from flpcheck.world.switches import Switch, in_options

BUDGETS = [switch for switch in in_options() if switch.form.kind == "budget"]
BOUNDS = ("--max-configurations", "--max-depth", "--max-seconds", "--max-memory", "--checkpoint-every", "--workers")


def refused(command: click.Command, *arguments: str) -> str:
    with pytest.raises(click.UsageError) as error:
        command.make_context(command.name, ["wait_for_all", *arguments])
    return error.value.format_message()


@pytest.mark.parametrize("switch", BUDGETS, ids=lambda switch: switch.name)
def test_no_budget_is_negative(switch: Switch) -> None:
    assert "must be 0 or more, or unlimited" in refused(explore, switch.flag, "-1")
    with pytest.raises(BadRequest, match="must be 0 or more, or unlimited; got '-1'"):
        switch.form.option("it", "-1")


@pytest.mark.parametrize("bound", BOUNDS)
def test_no_bound_is_negative(bound: str) -> None:
    assert f"Invalid value for '{bound}'" in refused(explore, bound, "-1")


@pytest.mark.parametrize("bound", ["--max-seconds", "--max-memory", "--jobs", "--workers"])
def test_check_says_so_before_it_starts_a_process(bound: str) -> None:
    assert f"Invalid value for '{bound}'" in refused(check, bound, "-1")
