"""Each switch of the world, from its option to a world, its JSON, its text, and the command that leads there again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from inspect import signature
from itertools import product
from typing import Any

import click
import jsonschema
import pytest

from flpcheck import asynchronous, synchronous
from flpcheck.cli.options import overrides_of
from flpcheck.cli.replay_command import command
from flpcheck.errors import BadWorld
from flpcheck.report.contract.parts import WORLD
from flpcheck.world import Failures, Network, Oracle, Rounds, World
from flpcheck.world.changed import changed
from flpcheck.world.constructors import WORLDS
from flpcheck.world.network import FAIR_LOSS
from flpcheck.world.spelling import options_between
from flpcheck.world.switches import SWITCHES, TOPICS, Switch, in_options

PLAIN = asynchronous()
AMONG = (
    "",
    "--crashes 1",
    "--crashes 1 --recoveries 1",
    "--byzantine 1",
    "--byzantine 1 --authenticated",
    "--crashes 1 --detector diamond-S --mistakes 1",
    "--partition a|b",
    "--timing eventually_synchronous",
    "--timing synchronous --crashes 1",
    "--timing synchronous --byzantine 1",
    "--timing synchronous --byzantine 1 --authenticated",
    "--timing heard_of",
    "--timing partially_synchronous",
)
"""Worlds in which a switch is turned; each switch has a meaning in some of them."""
VALUES = {
    "number": ("1", "2"),
    "budget": ("1", "2", "unlimited"),
    "N|NAMES": ("1", "2", "a", "a,b"),
    "NAMES": ("a", "a,b"),
    "GROUPS": ("a|b", "a,b|c"),
    "LINKS": ("a>b", "a-b,c>a"),
    "DEMANDS": ("letters=strong", "timers=strong, strong:x, weak:y"),
}
UNSAID = {"lies"}
"""Switches that are no part of the text: verdicts name the alphabet of liars instead."""
PARTS: dict[str, Any] = {"": World, "network": Network, "failures": Failures, "oracle": Oracle, "rounds": Rounds}


def turned(switch: Switch) -> list[list[str]]:
    """Return the options that turn a switch, with some value each."""
    if switch.form.kind == "switch":
        return [[switch.flag], [f"--{switch.off}"]]
    usual = VALUES["budget"] + switch.form.choices if switch.form.kind == "budget" else switch.form.choices
    usual = usual or VALUES.get(switch.form.kind) or VALUES[switch.form.metavar]
    return [[switch.flag, text] for text in usual]


def world_of(options: list[str], base: World = PLAIN) -> World:
    """Return the world that options of the command line make of another one."""
    given = overrides_of(command.make_context("replay", ["some_spec", *options]).params)
    return changed(base, given.world)


def worlds_of(switch: Switch) -> Iterator[tuple[World, World]]:
    """Yield the worlds with and without each value of a switch, where both exist."""
    for among, options in product(AMONG, turned(switch)):
        try:
            yield world_of([*among.split(), *options]), world_of(among.split())
        except (BadWorld, click.UsageError):
            continue


def one_option_for_two(base: World, world: World) -> bool:
    """Whether --byzantine would have to be given twice: once for the liars of events, once for those of rounds."""
    return any(a.failures.misbehaving and b.rounds and b.rounds.faulty for a, b in ((base, world), (world, base)))


def known_of(world: World) -> list[Any]:
    """Return what a checkpoint knows of its world."""
    return [world.as_json(), str(world)]


@pytest.mark.sampled(8)
@pytest.mark.parametrize("switch", list(in_options()), ids=lambda switch: switch.name)
def test_a_switch_leads_to_a_world_and_its_command_leads_back(switch: Switch) -> None:
    found = list(worlds_of(switch))
    assert any(world != without for world, without in found)
    validator = jsonschema.Draft202012Validator(WORLD)
    for world, without in found:
        assert [error.message for error in validator.iter_errors(world.as_json())] == []
        assert (world == without) is (known_of(world) == known_of(without))
        for base in (PLAIN, without):
            if one_option_for_two(base, world):
                continue
            there, back = options_between(world, base), options_between(base, world)
            assert world_of(there, base) == world, (there, str(base))
            assert world_of(back, world) == base, (back, str(world))


@pytest.mark.parametrize("switch", list(in_options()), ids=lambda switch: switch.name)
def test_a_switch_is_seen_in_the_text_of_some_world(switch: Switch) -> None:
    said = any(world.text() != without.text() for world, without in worlds_of(switch))
    assert said is (switch.name not in UNSAID)


SPELLED = {"before": "predicate", "unstable": "unstable_rounds"}
"""Keywords with other names than their switches: of `partially_synchronous`, they tell times apart."""
BESIDE: dict[str, dict[str, Any]] = {
    "": {},
    "--crashes 1": {"crashes": 1},
    "--byzantine 1": {"byzantine": 1},
    "--detector diamond-S": {"detector": "diamond-S"},
    "--cut a>b": {"cut": frozenset({("a", "b")})},
}
"""Options, and the same as keywords, beside which each of the others means something."""


def switches_of(timing: str) -> dict[str, Switch]:
    """Return the switch of each keyword of a usual world; where two rows have one name, that of the events."""
    rows = {switch.name: switch for switch in reversed(SWITCHES)}
    return {name: rows[SPELLED.get(name, name)] for name in signature(WORLDS[timing]).parameters}


@pytest.mark.parametrize("timing", WORLDS)
def test_the_keywords_of_a_usual_world_are_switches_in_the_order_of_their_rows(timing: str) -> None:
    """The first one may be given without its name, and stands before the others."""
    _, *rows = map(SWITCHES.index, switches_of(timing).values())
    assert rows == sorted(rows)
    assert len(set(rows)) == len(rows)


def test_the_asynchronous_world_can_be_given_every_switch_that_is_not_about_rounds() -> None:
    assert set(switches_of("asynchronous")) == {s.name for s in in_options() if s.part != "rounds"} - {"timing"}


@pytest.mark.parametrize("timing", WORLDS)
def test_a_keyword_has_the_type_of_its_field_and_the_value_that_the_world_has_without_it(timing: str) -> None:
    make, usual = WORLDS[timing], WORLDS[timing]()
    for name, switch in switches_of(timing).items():
        parameter = signature(make).parameters[name]
        field = next(f for f in fields(PARTS[switch.part]) if f.name == switch.field)
        assert parameter.annotation == ("int | str" if name == "loss" else field.type), name
        assert make(**{name: parameter.default}) == usual, name
        if switch.name != "mid_broadcast":  # in rounds it is on, which means something if a process can crash
            assert parameter.default == switch.value(usual), name


@pytest.mark.parametrize("timing", WORLDS)
def test_a_keyword_makes_the_world_that_its_option_makes(timing: str) -> None:
    known, compared = switches_of(timing), set()
    for (name, switch), (beside, keywords) in product(known.items(), BESIDE.items()):
        if name in keywords or not keywords.keys() <= known.keys():
            continue
        if name == "mid_broadcast" and not keywords.get("crashes"):
            continue  # then it means nothing, and the keyword is not kept
        for options in turned(switch):
            arguments = ["--timing", timing, *beside.split(), *options]
            try:
                expected = world_of(arguments)
            except (BadWorld, click.UsageError):
                continue
            assert WORLDS[timing](**keywords, **{name: given_in(switch, options)}) == expected, arguments
            compared.add(name)
    assert compared == known.keys()


def given_in(switch: Switch, options: list[str]) -> Any:
    """Return the value that an option gives to the field of its switch."""
    given = overrides_of(command.make_context("replay", ["some_spec", *options]).params)
    value = given.world[switch.part][switch.field]
    if options[-1] in FAIR_LOSS:
        return options[-1]  # one keyword, and one option, for two fields
    return "" if (switch.name, value) == ("detector", "none") else value  # a keyword has a detector, or has none


def test_each_field_of_a_world_has_a_switch() -> None:
    known = {(switch.part, switch.field) for switch in SWITCHES}
    known |= {("", part) for part in PARTS if part} | {("failures", "points"), ("rounds", "stabilises")}
    known |= {("network", "fair_loss")}
    assert {(part, f.name) for part, made in PARTS.items() for f in fields(made)} - known == set()


def test_rows_are_complete() -> None:
    assert [s.name for s in SWITCHES if not (s.help or s.meaning)] == []
    assert [s.name for s in in_options() if (s.form.kind == "switch") is not bool(s.off)] == []
    assert {s.name for s in in_options()} == {s.name for s in SWITCHES if s.help}
    assert {s.topic for s in in_options()} == set(TOPICS)
    assert len({s.name for s in in_options()}) == len(list(in_options()))


def test_options_set_back_what_they_set() -> None:
    assert world_of(["--twins", ""], asynchronous(twins=("a",))) == PLAIN
    for word in ("any", "anybody"):
        assert world_of(["--faulty", word], asynchronous(1, faulty=("a",))) == asynchronous(1)
    assert world_of(["--detector", "none"], asynchronous(1, detector="P")) == asynchronous(1)


def test_values_may_be_written_with_dashes() -> None:
    assert world_of(["--timing", "heard-of", "--predicate", "no-split"]).rounds == Rounds(predicate="no_split")
    with pytest.raises(BadWorld, match="no communication predicate 'no_splits'"):
        world_of(["--timing", "heard-of", "--predicate", "no-splits"])


def test_rounds_have_one_kind_of_faults() -> None:
    rounds = ["--timing", "synchronous"]
    with pytest.raises(BadWorld, match="byzantine and omission at the same time"):
        world_of([*rounds, "--byzantine", "1", "--omission", "1"])
    assert world_of([*rounds, "--byzantine", "0", "--omission", "1"]) == synchronous(omission=1)
