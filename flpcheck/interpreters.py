"""Other interpreters with hash seeds of their own, kept for the next question: each question is put to a fresh copy.

An interpreter imports flpcheck once and forks for each question, so what one protocol leaves behind is not there for
the next.  Where there is no fork it answers one question only.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import IO, Any

LENGTH = struct.Struct("<Q")
PROGRAM = """
import pickle, struct, sys
sys.path[:] = pickle.loads(sys.stdin.buffer.read(struct.unpack("<Q", sys.stdin.buffer.read(8))[0]))
from flpcheck.other_seeds import main
main()
"""
CAN_FORK = hasattr(os, "fork")
PROCESSOR_SECONDS = 20
"""Processor time after which the system ends a copy whose protocol does not return."""
NICENESS = 5
"""Niceness added to these interpreters, so that the search beside them takes precedence."""
_idle: dict[int, list[Interpreter]] = {}
_owner = [os.getpid()]


class Interpreter:
    """One of them.

    Parameters
    ----------
    seed
        Its hash seed.

    Raises
    ------
    OSError
        If it cannot be started.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._reader: Thread | None = None
        self._answer: bytes | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            start_new_session=True,
        )
        self._send(pickle.dumps(sys.path))

    def _send(self, message: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(LENGTH.pack(len(message)) + message)
            self._process.stdin.flush()

    def ask(self, question: bytes) -> None:
        """Send a question; the answer is read in the background."""
        self._answer = None
        self._reader = Thread(target=self._converse, args=(question,), daemon=True)
        self._reader.start()

    def _converse(self, question: bytes) -> None:
        assert self._process.stdout is not None
        self._send(question)
        with contextlib.suppress(OSError, ValueError):
            self._answer = received(self._process.stdout)

    def answer(self, seconds: float) -> bytes | None:
        """Return the answer, empty if the question could not be answered; None if there is none in time."""
        assert self._reader is not None
        self._reader.join(seconds)
        return None if self._reader.is_alive() else self._answer

    def end(self) -> None:
        """End the interpreter and its copies at once."""
        with contextlib.suppress(OSError):
            if CAN_FORK:
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        if self._reader is not None:
            self._reader.join()
        self.leave()

    def leave(self) -> None:
        """Let the interpreter exit: there are no more questions."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()
        self._process.wait()

    @property
    def alive(self) -> bool:
        """Whether the interpreter is running."""
        return self._process.poll() is None


def received(stream: IO[bytes]) -> bytes | None:
    """Return the next message of a stream; None at its end."""
    head = stream.read(LENGTH.size)
    return stream.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def borrowed(seed: int) -> Interpreter:
    """Return an interpreter for one caller alone."""
    if _owner[0] != os.getpid():  # a copy of the process that started them must not talk to them
        _idle.clear()
        _owner[0] = os.getpid()
    while waiting := _idle.get(seed):
        found = waiting.pop()
        if found.alive:
            return found
        found.leave()
    return Interpreter(seed)


def returned(interpreter: Interpreter) -> None:
    """Keep an interpreter that has answered for the next question."""
    if CAN_FORK:
        _idle.setdefault(interpreter.seed, []).append(interpreter)
    else:
        interpreter.leave()


@atexit.register
def _leave_all() -> None:
    if _owner[0] == os.getpid():
        for interpreter in (one for several in _idle.values() for one in several):
            interpreter.leave()


def serve(answer: Callable[..., bytes]) -> None:
    """Answer the questions on the standard input, each in a fresh copy of this interpreter.

    What an author's code prints is lost, so that it does not come between the answers.
    """
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    while question := received(sys.stdin.buffer):
        if not CAN_FORK:
            _reply(out, answer, question)
            return
        copy = os.fork()
        if copy == 0:
            _limit()
            os._exit(_reply(out, answer, question))
        if os.waitpid(copy, 0)[1]:
            _write(out, b"")


def _limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))


def _reply(out: IO[bytes], answer: Callable[..., bytes], question: bytes) -> int:
    try:
        path, folder, environment, arguments = pickle.loads(question)
        sys.path[:] = path
        os.chdir(folder)
        os.environ.update(environment)
        _write(out, answer(*arguments))
    except BaseException:  # whatever an author's module does on import, the next question is another one
        return 1
    return 0


def question_of(*arguments: Any) -> bytes:
    """Return a question, with the location where it arises."""
    return pickle.dumps((sys.path, str(Path.cwd()), dict(os.environ), arguments))


def _write(out: IO[bytes], message: bytes) -> None:
    out.write(LENGTH.pack(len(message)) + message)
    out.flush()
