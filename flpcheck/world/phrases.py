"""Phrases about a world, of which its text is made; empty where there is nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flpcheck.world.crash_points import points_in_words
from flpcheck.world.failures import Chosen
from flpcheck.world.forms import budget
from flpcheck.world.links import links_text

if TYPE_CHECKING:
    from flpcheck.world.world import World


def timing(world: World) -> str:
    """Return the timing."""
    return world.timing.replace("_", " ")


def spent(name: str, most: int | str) -> str:
    """Return how much of something there may be."""
    return f"{name} {budget(most)}" if most else ""


def links(world: World) -> str:
    """Return which links are cut, and whether they heal."""
    network = world.network
    groups = " | ".join(" ".join(group) for group in network.partition)
    apart = [f"partition {groups}"] * bool(groups) + [f"cut {links_text(network.cut)}"] * bool(network.cut)
    return " and ".join(apart) + " that heals" * network.heals


def chosen(who: Chosen, what: str) -> str:
    """Return how many processes, or which, are what a word says."""
    if not who:
        return ""
    return f"up to {who} {what}" if isinstance(who, int) else f"{', '.join(who)} {what}"


def byzantine(world: World) -> str:
    """Return who lies, and whether messages are signed."""
    return chosen(world.failures.byzantine, "Byzantine" + ", signed messages" * world.failures.authenticated)


def crashes(world: World) -> str:
    """Return how many processes crash, where in their steps, and how often they recover."""
    failures = world.failures
    if not failures.crashes:
        return ""
    how = points_in_words(failures.points)
    elided = " (elided)" if failures.events == "elided" else ""
    at_a_time = " at a time" if failures.recoveries else ""
    crashing = f"up to {failures.crashes} crash{'es' if failures.crashes > 1 else ''}{at_a_time}{how}{elided}"
    ending = "y" if failures.recoveries == 1 else "ies"
    return crashing + (f", {budget(failures.recoveries)} recover{ending}" if failures.recoveries else "")


def who_may_fail(world: World) -> str:
    """Return that no process fails, or which only may."""
    failures = world.failures
    in_rounds = world.rounds and (world.rounds.faulty or world.timing == "heard_of")
    if not (failures.crashes or failures.initially_dead or failures.misbehaving or in_rounds):
        return "no failures"
    if failures.faulty is None:
        return ""
    named = failures.misbehaving if isinstance(failures.misbehaving, tuple) else ()
    others = not {*named} <= {*failures.faulty}
    return f"{'otherwise ' * others}only {', '.join(failures.faulty)} may fail"


def rounds(world: World) -> str:
    """Return what rounds are like."""
    return ", ".join(world.rounds.words()) if world.rounds is not None else ""


def timers(world: World) -> str:
    """Return the rule for timers, where it is not the usual one."""
    return f"timers {world.timers.replace('-', ' ').replace(':', ' ')}" if world.timers else ""
