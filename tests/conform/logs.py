"""Logs of small systems, and how they are held against them: for the tests of conformance."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any

from conform.brute import sent_by
from every_spec import spec_named

from flpcheck import UNLIMITED, asynchronous, system_of
from flpcheck.conform import Seen
from flpcheck.conform.conformance import Conformance, LogPlan, conform
from flpcheck.conform.lines import FieldsRead, parse_lines
from flpcheck.conform.log import RunLog
from flpcheck.conform.machine import event_driven
from flpcheck.conform.mapping import Observations, observe, written_by
from flpcheck.system.message_passing import MessagePassing

SMALL: dict[str, dict[str, Any]] = {
    "raft": {"terms": 1},
    "two_phase_commit": {},
    "stop_and_wait": {},
    "lock_service": {},
    "raft_elections": {},
}
FAILURES: tuple[dict[str, Any], ...] = (
    {}, {"crashes": 1}, {"crashes": 1, "recoveries": 1}, {"loss": UNLIMITED}, {"duplication": UNLIMITED},
)  # fmt: skip
RECOVERING = {"raft"}


@cache
def small(name: str, network: str, failures: int) -> MessagePassing:
    """Return a small system."""
    protocol = next(iter(spec_named(name).instances)).protocol
    world = asynchronous(network=network, **FAILURES[failures])
    return event_driven(system_of(dataclasses.replace(protocol, **SMALL[name]), world))


def told(seens: Sequence[Seen]) -> Observations:
    return Observations(tuple(seens), len(seens), FieldsRead())


def written(system: MessagePassing, run: Sequence[Any]) -> list[str]:
    """Return a run as lines, as a service would write them."""
    stream = io.StringIO()
    for before, step in run:
        event, process = step.event, step.event.process
        if event.kind in {"lose", "duplicate", "stabilise", "heal"}:
            continue
        log, here = RunLog(stream, process), system.names.index(process)
        after = step.successor.components[here].local
        if event.kind in {"crash", "recover"}:
            log.crash() if event.kind == "crash" else log.recover(after=after)
            continue
        more = {"after": after, "sent": sent_by(system, before, step), "only": True}
        if event.kind in {"suspect", "trust"}:
            log.detect(event.kind, event.message, **more)
        elif event.kind == "deliver":
            log.deliver(event.sender, event.message, **more)
        else:
            log.timeout(**more) if event.kind == "timeout" else log.start(**more)
    return stream.getvalue().splitlines()


def held(system: MessagePassing, lines: Sequence[str], **plan: Any) -> Conformance:
    parsed = parse_lines(lines)
    fields = parsed[0].fields if parsed else FieldsRead()
    return conform(system, observe(system, written_by(system), parsed, fields), LogPlan(**plan))


def shuffled(lines: Sequence[str], chance: Random) -> list[str]:
    """Return the lines of all processes mixed in another way, those of each in their order."""
    of = [json.loads(line)["process"] for line in lines]
    queues = {process: [line for line, p in zip(lines, of, strict=True) if p == process] for process in of}
    chance.shuffle(of)
    return [queues[process].pop(0) for process in of]
