"""What a process occupies and a container may occupy."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from flpcheck import machine

MEGABYTE = 2**20


def test_memory_is_that_of_the_process_that_is_asked_about() -> None:
    taken = 50 * MEGABYTE
    code = f"filled = bytearray(b'x') * {taken}; print('ready', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        occupied = machine.occupied_by(child.pid)
        child.communicate(b"\n")
    assert occupied is not None
    assert taken < occupied < 10 * taken
    assert machine.occupied_by(child.pid) is None


def test_a_process_sees_what_it_takes() -> None:
    """A new one: of an old one the system may meanwhile take back what it does not use."""
    taken = 50 * MEGABYTE
    reading = (
        "before = resident_memory(); filled = bytearray(b'x') * int(sys.argv[1]); print(resident_memory() - before)"
    )
    code = f"import sys; from flpcheck.machine import resident_memory; {reading}"
    told = subprocess.run([sys.executable, "-c", code, str(taken)], capture_output=True, text=True, check=True)
    assert taken / 2 < int(told.stdout) < 2 * taken


def test_this_process_began_before_it_was_asked() -> None:
    assert machine.process_began() <= time.monotonic()
    assert machine.process_began() == pytest.approx(machine.process_began(), abs=1)


@pytest.mark.parametrize(("limit", "expected"), [("1048576\n", MEGABYTE), ("max\n", None), (f"{2**62}\n", None)])
def test_a_container_may_have_less_memory_than_the_machine(
    limit: str, expected: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "CONTAINER", ())
    whole = machine.physical_memory()
    (tmp_path / "memory.max").write_text(limit, encoding="ascii")
    monkeypatch.setattr(machine, "CONTAINER", (str(tmp_path / "memory.max"), str(tmp_path / "absent")))
    assert machine.physical_memory() == (expected or whole)
