"""Conformance: what the search finds is what going through all configurations finds, and runs are runs."""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conform.brute import is_run, observed, random_run, sent_by, with_a_lie
from every_spec import every_instance, spec_named

from flpcheck import UNLIMITED, World, asynchronous, load, record, system_of
from flpcheck.authoring.property import HOLDS, INCOMPLETE, VIOLATED
from flpcheck.cli import main
from flpcheck.conform import Seen, crash, deliver, like, look, own, recover
from flpcheck.conform.conformance import Conformance, LogPlan, conform
from flpcheck.conform.lines import FieldsRead, parse_lines, read_logs
from flpcheck.conform.log import RunLog, plain
from flpcheck.conform.machine import Machine, event_driven
from flpcheck.conform.mapping import Observations, observe, written_by
from flpcheck.conform.search import LogSearch
from flpcheck.conform.written import WrittenLog
from flpcheck.errors import BadRequest, BadWorld
from flpcheck.settle import Overrides, settle
from flpcheck.simulate import RunPlan, simulate
from flpcheck.spec import bundled_folder
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


def compared(seeds: range) -> Counter[tuple[bool, bool | None]]:
    """Compare the search with brute force on random short logs, and return how often which answers came out."""
    found: Counter[tuple[bool, bool | None]] = Counter()
    for seed in seeds:
        chance = Random(seed)
        name = chance.choice(sorted(SMALL))
        failures = chance.choice([n for n, f in enumerate(FAILURES) if name in RECOVERING or "recoveries" not in f])
        system = small(name, chance.choice(["set", "multiset", "fifo"]), failures)
        run = random_run(system, chance, chance.randint(1, 6))
        seens = list(observed(system, run, chance, chance.choice([0.1, 0.3, 0.6, 1.0])))
        lie = bool(seens) and chance.random() < 0.5
        seens = with_a_lie(seens, chance) if lie else seens
        how: dict[str, Any] = {"causal": chance.random() < 0.7, "gap": chance.choice([0, 0, 1])}
        answer, expected = LogSearch(Machine(system), seens, **how).run(), is_run(system, seens, **how)
        if (
            sum(seen.how == "crash" for seen in seens) > 1
        ):  # more than that world allows: bounds of searches, not of logs
            expected = None
        found[answer.complete, expected] += 1
        assert expected in {None, answer.complete}, (seed, how, [str(seen) for seen in seens])
        assert answer.complete or lie, (seed, how, answer.stuck)
    return found


def test_what_is_found_is_what_brute_force_finds() -> None:
    found = compared(range(80, 125))
    assert found[True, True] > 10
    assert found[False, False] > 2


@pytest.mark.long
def test_what_is_found_is_what_brute_force_finds_in_thousands_of_logs() -> None:
    found = compared(range(1_000, 5_000))
    assert found[False, False] > 400


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


def followed(names: Sequence[str] = ()) -> Iterator[tuple[str, MessagePassing]]:
    """Yield the systems of bundled instances that logs can be held against, one for each spec."""
    done = set[str]()
    some = [(name, instance) for name in names for instance in spec_named(name).instances]
    for name, instance in some or every_instance():
        failures = instance.world.failures if isinstance(instance.world, World) else None
        plain = failures is not None and not failures.crashes and not instance.world.oracle.kind
        if name not in done and plain and instance.world.timing == "asynchronous":
            try:
                system = event_driven(system_of(instance.protocol, instance.world))
            except BadWorld:
                continue
            done.add(name)
            yield name, system


def round_trip(name: str, system: MessagePassing, chance: Random, length: int) -> None:
    run = [pair for pair in random_run(system, chance, length) if not pair[1].event.world]
    lines = written(system, run)
    assert held(system, lines).verdict is HOLDS, name
    mixed = shuffled(lines, chance)
    assert held(system, mixed, interleaving="causal").verdict is HOLDS, name
    place = chance.randrange(len(lines)) if lines else 0
    rest = lines[:place] + lines[place + 1 :]
    assert held(system, rest, gap=1, limit=20_000).verdict in {HOLDS, INCOMPLETE}, name
    assert held(system, lines[:6][:place] + lines[:6][place + 1 :], gap=1).verdict is HOLDS, name


def test_a_run_written_as_lines_is_a_run() -> None:
    for number, (name, system) in enumerate(followed(["stop_and_wait", "broken/raft_forgets_vote", "multi_paxos"])):
        round_trip(name, system, Random(number), 12)


@pytest.mark.long
def test_every_run_written_as_lines_is_a_run() -> None:
    for number, (name, system) in enumerate(followed()):
        for seed in range(3):
            round_trip(name, system, Random(number + seed), 25)


def election() -> list[Seen]:
    request = like("RequestVote", term=1)
    return [
        own("s0", spec_named("raft").module.Timeout(), after={"term": 1}, sent=[("s1", request)]),
        deliver("s1", request, "s0", after={"voted_for": "s0"}, sent=[("s0", like("Vote", granted=True))]),
        deliver("s0", like("Vote", granted=True), "s1", after={"role": "leader"}),
    ]


def test_a_log_that_is_none_says_where_and_why() -> None:
    lie = election()
    lie[1] = dataclasses.replace(lie[1], after=like(voted_for="s2"))
    found = conform(small("raft", "set", 0), told(lie))
    assert found.verdict is VIOLATED
    (stuck,) = found.stuck
    assert (stuck.process, found.explanation.explained) == ("s1", 1)
    assert stuck.candidates[0].mismatches == ("state after: voted_for is 's0' in the spec, 's2' in the log",)


def test_a_letter_that_no_process_sent_is_named_with_the_nearest() -> None:
    lie = election()
    lie[1] = dataclasses.replace(lie[1], event=like("RequestVote", term=7))
    (stuck,) = conform(small("raft", "set", 0), told(lie)).stuck
    assert stuck.why == "no process has sent such a message"
    assert stuck.candidates[0].mismatches == ("message: term is 1 in the spec, 7 in the log",)


def test_a_copy_is_taken_once_from_a_multiset_as_often_as_wanted_from_a_set() -> None:
    twice = [*election()[:2], deliver("s1", like("RequestVote"), "s0")]
    assert conform(small("raft", "set", 0), told(twice)).verdict is HOLDS
    assert conform(small("raft", "multiset", 4), told(twice)).verdict is HOLDS  # may be duplicated
    found = conform(small("raft", "multiset", 0), told(twice))
    assert (found.verdict, found.only_with_copies) == (VIOLATED, True)


def test_a_limit_is_no_refusal() -> None:
    lie = [*election(), look("s2", like(term=9))]
    system = small("raft", "set", 0)
    assert conform(system, told(lie)).verdict is VIOLATED
    found = conform(system, told(lie), LogPlan(gap=2, limit=50))
    assert (found.verdict, found.exit_code) == (INCOMPLETE, 3)


def test_a_letter_may_be_sent_before_a_crash_and_after_it() -> None:
    first, delivery = election()[:2]
    after = [first, crash("s1"), recover("s1"), delivery]
    before = [first, delivery, crash("s1"), recover("s1"), look("s1", like(voted_for="s0"))]
    system = small("raft", "set", 2)
    for causal, seens in [("causal", after), ("causal", before), ("file", before)]:
        assert conform(system, told(seens), LogPlan(causal)).verdict is HOLDS
    assert conform(system, told(after)).verdict is VIOLATED  # the crash has lost what was on its way


def test_unlogged_steps_are_found_and_counted() -> None:
    found = conform(small("raft", "multiset", 0), told([election()[0], election()[2]]), LogPlan(gap=1))
    assert (found.verdict, found.unlogged, found.gap) == (HOLDS, 1, 1)
    assert [str(event) for event in found.events][1].startswith("s1 receives RequestVote")


@pytest.mark.parametrize(
    ("name", "why"),
    [("token_ring", "step functions"), ("floodset", "step functions"), ("ben_or", "gatherings")],
)
def test_what_no_log_can_be_held_against_is_refused(name: str, why: str) -> None:
    instance = spec_named(name).instances[0]
    with pytest.raises(BadWorld, match=why):
        conform(system_of(instance.protocol, instance.world), told([]))


def broken_mappings() -> Iterator[tuple[Any, str]]:
    def raises(lines: Any) -> Iterator[Any]:
        for line in lines:
            yield look(line["nothing"], {})

    def misses(lines: Any) -> Iterator[Any]:
        for _ in lines:
            yield look("s9", {})

    def misspells(lines: Any) -> Iterator[Any]:
        for _ in lines:
            yield deliver("s0", like("Vote", grnted=True), "s1")

    def looks(lines: Any) -> Iterator[Any]:
        for _ in lines:
            yield look("s0", {"trem": 1})

    def strange(lines: Any) -> Iterator[Any]:
        yield from (line["a"] for line in lines)

    yield raises, "KeyError: 'nothing'"
    yield misses, "there is no process 's9'"
    yield misspells, "Vote has no field 'grnted': available: term, granted"
    yield looks, "Server has no field 'trem': available: term, voted_for"
    yield strange, "it yields 1"


@pytest.mark.parametrize(("mapping", "why"), [*broken_mappings()])
def test_a_mistake_in_a_mapping_names_both_lines(mapping: Any, why: str) -> None:
    with pytest.raises(BadRequest) as caught:
        observe(small("raft", "set", 0), mapping, parse_lines(['{"a": 1}'], "x.ndjson"), FieldsRead())
    assert why in caught.value.text
    assert "x.ndjson:1" in caught.value.text
    assert caught.value.place is not None
    assert caught.value.place.file == __file__


def test_fields_that_a_mapping_reads_are_noted(tmp_path: Path) -> None:
    file, fields = tmp_path / "log", FieldsRead()
    file.write_text('{"a": {"b": 1, "c": 2}, "d": [{"e": 3}]}\n\n{"a": {"b": 4}}\n')
    first, second = read_logs([str(file)], fields)
    assert (first["a"]["b"], second.place.number, fields.unread) == (1, 3, ("a.c", "d", "d.e"))
    file.write_bytes(gzip.compress(b'{"a": 1}')[:-9])
    with pytest.raises(BadRequest, match="cannot read"):
        list(read_logs([str(file)], fields))
    file.write_text("[1]\n")
    with pytest.raises(BadRequest, match="not JSON"):
        list(read_logs([str(file)], fields))


BROKEN = (
    "atomic_broadcast_arrival_order",
    "lock_service_no_sequencer",
    "raft_forgets_vote",
    "two_phase_commit_majority",
)
"""Specs in `specs/broken` that logs can be held against, and whose mistake random runs find."""


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.long
def test_every_counterexample_written_as_lines_is_a_run(name: str) -> None:
    judged = simulate(settle(spec_named(f"broken/{name}"), Overrides()).built(), RunPlan(runs=300)).examination.judged
    schedules = [finding.schedule for finding in judged.findings if finding.schedule is not None]
    assert schedules
    for schedule in schedules:
        system = event_driven(judged.graph.system)
        lines = written(system, [*zip(schedule.configurations, schedule.transitions, strict=False)])
        assert held(system, lines).verdict is HOLDS
        assert held(system, shuffled(lines, Random(1)), interleaving="causal").verdict is HOLDS


RAFT_OF_PYSYNCOBJ = str(bundled_folder() / "_pysyncobj.py")
LOG = Path(__file__).parent / "pysyncobj.ndjson.gz"
"""Written by `pysyncobj_log.py`."""


@cache
def library() -> tuple[Any, MessagePassing]:
    """Return the mapping of PySyncObj's logs, and its Raft."""
    module = load(RAFT_OF_PYSYNCOBJ).module
    instance = module.INSTANCES[0]
    return module.seen, event_driven(system_of(instance.protocol, instance.world))


def of_library(lines: Sequence[str], **plan: Any) -> Conformance:
    mapping, system = library()
    parsed = parse_lines(lines)
    return conform(system, observe(system, mapping, parsed, parsed[0].fields), LogPlan(**plan))


def logged(count: int | None = None) -> list[str]:
    return gzip.decompress(LOG.read_bytes()).decode().splitlines()[:count]


@pytest.mark.parametrize("interleaving", ["file", "causal"])
def test_the_log_of_a_real_library_is_a_run_of_the_bundled_raft(interleaving: str) -> None:
    found = of_library(logged(250), interleaving=interleaving)
    assert (found.verdict, found.unlogged) == (HOLDS, 0)


@pytest.mark.long
@pytest.mark.parametrize("interleaving", ["file", "causal"])
def test_the_whole_log_of_a_real_library_is_a_run(interleaving: str) -> None:
    assert of_library(logged(), interleaving=interleaving).verdict is HOLDS


WRONG: dict[str, Any] = {"term": 77, "role": "observer", "commit": 77, "log": 77, "vote": "s7"}


@pytest.mark.parametrize("field", WRONG)
@pytest.mark.parametrize("place", [3, 60, 150])
def test_a_state_that_was_never_there_is_refused_on_its_line(field: str, place: int) -> None:
    lines = logged(160)
    place += [json.loads(line)["ev"] == "append" for line in lines[place:]].index(
        False
    )  # a mapping has no use for these
    wrong = json.loads(lines[place])
    wrong["state"][field] = WRONG[field]
    lines[place] = json.dumps(wrong)
    found = of_library(lines)
    assert found.verdict is VIOLATED
    assert [stuck.seen.place.number for stuck in found.stuck] == [place + 1]


def test_the_command_prints_a_verdict_and_ends_with_its_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = tmp_path / "few.ndjson.gz"
    few.write_bytes(gzip.compress("\n".join(logged(60)).encode()))
    assert called(["trace", RAFT_OF_PYSYNCOBJ, str(few)]) == 0
    assert "the log is a run of the spec" in capsys.readouterr().out
    lie = tmp_path / "lie.ndjson"
    lie.write_text("\n".join(logged(60)).replace('"role": "leader"', '"role": "observer"'))
    assert called(["trace", RAFT_OF_PYSYNCOBJ, str(lie), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["verdict"], found["stuck"][0]["file"]) == ("VIOLATED", str(lie))
    assert "role is 'leader' in the spec, 'observer' in the log" in found["stuck"][0]["nearest"][0]["mismatches"][0]
    assert called(["trace", RAFT_OF_PYSYNCOBJ, str(tmp_path / "none")]) == 2


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"event": "look"}', "it has no process"),
        ('{"process": "s0", "event": "dlivr"}', "there is no event 'dlivr'"),
        ('{"process": "s0", "event": "takes", "message": {"class": "Reqest"}}', "Did you mean 'Request'"),
        ('{"process": "s0", "event": "takes", "message": {"class": "Request"}}', "command"),
        ('{"process": "s0", "event": "deliver", "sent": [1]}', "TypeError"),
    ],
)
def test_a_line_that_no_helper_writes_is_named(line: str, why: str) -> None:
    with pytest.raises(BadRequest) as caught:
        held(small("raft", "set", 0), [line])
    assert why in caught.value.text
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.line) == ("log", 1)


class Color(Enum):
    RED = 1


@record
class Painted:
    kind: int
    color: Color
    of: frozenset[str]
    parts: tuple[tuple[int, str], ...]


def test_what_the_helper_writes_is_what_it_was_given() -> None:
    value = Painted(3, Color.RED, frozenset({"a", "b"}), ((1, "x"),))
    mapping = WrittenLog({})
    known = mapping.told(json.loads(json.dumps(plain(value))))
    assert known is not None
    assert known.fits(value)
    wrong: dict[str, Any] = {"kind": 4, "of": frozenset({"a", "c"}), "parts": ((1, "y"),)}
    for field, other in wrong.items():
        assert not known.fits(dataclasses.replace(value, **{field: other})), field


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = io.TextIOWrapper(io.BufferedReader(io.BytesIO("\n".join(logged(9)).encode())))
    monkeypatch.setattr("sys.stdin", lines)
    assert called(["trace", RAFT_OF_PYSYNCOBJ, "-"]) == 0
    assert "9 lines" in capsys.readouterr().out


def called(arguments: list[str]) -> Any:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code
