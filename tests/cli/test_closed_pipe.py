"""A reader that closes the output early, as `head` does, meets silence and the exit code of a closed pipe."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from flpcheck.exit_codes import CLOSED_PIPE


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "wait_for_all", "sequencer", "--format", "json"),
        ("check", "wait_for_all", "--format", "junit"),
        ("check", "wait_for_all"),
        ("list", "--format", "json"),
        ("explore", "wait_for_all", "--no-reports"),
        ("nonsense",),
    ],
    ids=" ".join,
)
def test_a_closed_pipe_is_no_error(arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "flpcheck", *arguments]
    usage = arguments == ("nonsense",)  # is written to standard error
    out, err = (subprocess.PIPE, writer) if usage else (writer, subprocess.PIPE)
    with subprocess.Popen(command, text=True, stdout=out, stderr=err) as child:
        os.close(writer)
        told = child.communicate(timeout=120)
    assert not any(told)
    assert child.returncode == CLOSED_PIPE
