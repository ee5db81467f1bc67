"""Reasons why the kernel cannot explore a system."""

from __future__ import annotations

from importlib.util import find_spec
from math import prod

from flpcheck.explore.beside import has_knowledge
from flpcheck.explore.kernel.arrays import LAW_BITS
from flpcheck.explore.lawbook import MOST_LAWS, Lawbook
from flpcheck.explore.layout import WORD
from flpcheck.explore.limits import MOST_FIELDS
from flpcheck.explore.timer_field import TimerField
from flpcheck.system import System
from flpcheck.system.beside_lies import takes_groups
from flpcheck.system.general import General
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world import World
from flpcheck.world.switches import SWITCHES

NO_NUMBA = "numba is not installed"
UNDERSTOOD = frozenset({
    "timing", "network", "ignored", "loss", "duplication", "partition", "cut", "heals", "crashes", "crash_events",
    "crash_points", "mid_broadcast", "initially_dead", "recoveries", "byzantine", "omission", "faulty", "authenticated",
    "lies", "twins", "detector", "mistakes", "stabilises", "timers", "fairness", "rounds", "predicate",
    "unstable_rounds", "faults", "rushing", "send_omission", "receive_omission",
})  # fmt: skip
"""Switches of a world that the kernel follows, or that are refused below; any other one is refused where it is set."""
MOST_BUDGET = 2**16
MOST_SUSPECTS = 10
MOST_VOICES = 200


def packed(system: System) -> MessagePassing:
    """Return a system as the one kind whose configurations the kernel packs: that nothing else comes is an invariant.

    Parameters
    ----------
    system
        A system that has no `obstacle`.
    """
    assert isinstance(system, MessagePassing)
    return system


def obstacle(system: System, order: str) -> str:
    """Return why the kernel cannot explore a system, as a phrase; empty if it can."""
    if reason := _not_reduced(system):
        return reason
    plain = system.plain
    if isinstance(plain, General) and not plain.actions:
        return "the general protocol defines `successors`, not `actions`, so what each transition reads is not known"
    if order != "bfs":
        return "the kernel searches breadth-first only"
    if find_spec("numba") is None:
        return NO_NUMBA
    if strange := _not_understood(system.world):
        return f"the kernel does not know what `{strange}` means"
    return "" if isinstance(plain, General) or system.in_rounds else _too_much(packed(plain))


def _not_reduced(system: System) -> str:
    """Return why the kernel cannot explore a system modulo what is declared, as a phrase; empty if it can.

    What the laws of a world say of processes by their names is not renamed.
    """
    plain = system.plain
    if plain is system or system.dead_letters is not None:
        return ""
    if system.symmetry is None or not isinstance(plain, MessagePassing):
        return ""
    lying_to_groups = plain.speech.crowds and any(takes_groups(seat) for seat in plain.parts.seats)
    lawful = plain.laws.partition.network.heals or has_knowledge(plain) or lying_to_groups
    return "modulo symmetry only the reference engine follows partitions and liars" if lawful else ""


def _not_understood(world: World) -> str:
    """Return a switch that is set to another value than in the plain world and that the kernel does not follow."""
    unknown = [switch for switch in SWITCHES if switch.name not in UNDERSTOOD and switch.exists_in(world)]
    usual = World()
    changed = (s.name for s in unknown if not s.exists_in(usual) or s.value(world) != s.value(usual))
    return next(changed, "")


def _too_much(system: MessagePassing) -> str:
    world, failures = system.world, system.world.failures
    finite = (world.network.loss, world.network.duplication, failures.recoveries)
    clock, processes = system.laws.clock, len(system.names)
    fields = processes + 1 + len(system.observers) + clock.active + bool(failures.authenticated)
    timers = TimerField(clock, processes).width if clock.active else 0
    budgets = prod(max(budget, 0) + 1 for budget in finite) << len(system.suspects)
    voices = [()] * system.speech.most_voices if failures.crashes and failures.inside_steps else ()
    laws = Lawbook(system.laws, voices)
    many = budgets > MOST_BUDGET or laws.size(budgets) > MOST_LAWS or laws.count > 1 << LAW_BITS
    reasons = {
        "timers are longer than a number of delays": clock.active and clock.delays is not None,
        f"it has more than {MOST_FIELDS - 1} processes and observers": fields > MOST_FIELDS,
        "some processes have twins, and timers wait for messages": bool(failures.twins) and clock.active,
        "the ages of timers of different patience do not fit into a word": timers > WORD,
        f"more than {MOST_SUSPECTS} processes may misbehave": len(system.suspects) > MOST_SUSPECTS,
        f"there may be more than {MOST_VOICES} ways to lie": system.speech.most_voices > MOST_VOICES,
        "the budgets of losses, duplications, recoveries and mistakes are too large": many,
    }
    return next((reason for reason, applies in reasons.items() if applies), "")
