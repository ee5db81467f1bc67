"""Logs as files: mappings and their mistakes, the lines of the helper, the log of a real library, the command."""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conform.logs import held, small

from flpcheck import load, record, system_of
from flpcheck.authoring.property import HOLDS, VIOLATED
from flpcheck.cli import main
from flpcheck.conform import deliver, like, look
from flpcheck.conform.conformance import Conformance, LogPlan, conform
from flpcheck.conform.lines import FieldsRead, parse_lines, read_logs
from flpcheck.conform.log import plain
from flpcheck.conform.machine import event_driven
from flpcheck.conform.mapping import observe
from flpcheck.conform.written import WrittenLog
from flpcheck.errors import BadRequest
from flpcheck.spec import bundled_folder
from flpcheck.system.message_passing import MessagePassing


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
