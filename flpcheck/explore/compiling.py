"""The kernel compiled ahead of a search, in a process of its own, so that another engine can go on meanwhile.

What is compiled depends on the number of words that a configuration takes, and on nothing else of a model.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from flpcheck.explore.bounds import Bounds, Watchman
from flpcheck.explore.kernel.cache import compiled, folder, note_compiled
from flpcheck.explore.progress import Progress
from flpcheck.system import Configuration
from flpcheck.system.message_passing import MessagePassing

if TYPE_CHECKING:
    from flpcheck.explore.watching import Piece

SECONDS = 30.0
"""Approximate time for compiling on an otherwise idle machine, in seconds."""
MODEL = ("raft", "large")
ENOUGH = Bounds(configurations=100_000)
"""The instance of a bundled spec, and how far it is explored, to make the kernel compile what searches need."""
PROGRAM = """
import sys
sys.path[:] = {path!r}
from flpcheck.explore.compiling import child
child({words})
"""
Report = Callable[[Progress], None] | None


class Compilation:
    """The kernel for some number of words, being compiled in another process, which ends with this one.

    It does not end with the search that has begun it: the next one may need it.

    Raises
    ------
    OSError
        If there can be no other process.
    """

    running: ClassVar[dict[int, Compilation]] = {}
    """Those that this process has begun, by the number of words."""

    def __init__(self, words: int) -> None:
        program = PROGRAM.format(path=sys.path, words=words)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the search
        )

    @classmethod
    def begun(cls, words: int) -> Compilation:
        """Return the one for a number of words."""
        if words not in cls.running:
            cls.running[words] = cls(words)
            atexit.register(cls.running[words].end)
        return cls.running[words]

    @property
    def done(self) -> bool:
        """Whether it has come to its end, whatever that is."""
        return self._process.poll() is not None

    @property
    def succeeded(self) -> bool:
        """Whether it has compiled the kernel; where nothing can be kept, that is to be done again all the same."""
        return self._process.poll() == 0

    def end(self) -> None:
        """End it, if it is still going on."""
        assert self._process.stdin is not None
        if not self.done:
            self._process.kill()
        self._process.stdin.close()
        self._process.wait()


def child(words: int) -> None:
    """Compile the kernel in this process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    compile_kernel(words)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Keep other processes waiting that want the same; where there are no locks, several do the same."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(ImportError, OSError):
            import fcntl

            file.parent.mkdir(parents=True, exist_ok=True)
            fcntl.lockf(stack.enter_context(file.open("w")), fcntl.LOCK_EX)
        yield


def compile_kernel(words: int) -> float:
    """Compile the kernel for a number of words, unless that was done before, and return the seconds that it took.

    What only few searches need, such as workers, is compiled when it is needed, within a second or two.  If another
    process does the same, it is waited for.
    """
    started = time.monotonic()
    with _alone(folder() / f"compiling-{words}"):
        if not compiled(words):
            _explore_natively(words)
    return time.monotonic() - started


def _explore_natively(words: int) -> None:
    """Let the kernel do what it does in large searches, with transitions, and without them but watched."""
    from flpcheck.explore.native import NativeSearch

    for watcher in (None, _Looker()):
        search = NativeSearch(_model(), ENOUGH, keep=watcher is None, watcher=watcher)
        search.words = words
        search.run()
    note_compiled(words)


def _model() -> MessagePassing:
    from flpcheck.spec import load
    from flpcheck.system import system_of

    instance = load(MODEL[0]).instance(MODEL[1])
    system = system_of(instance.protocol, instance.world, instance.inputs)
    assert isinstance(system, MessagePassing)
    return system


class _Looker:
    """Asks everything that kernels can tell of a configuration."""

    def look(self, piece: Piece) -> None:
        marks = piece.marks()
        decided = marks.decided | marks.values | marks.crashed | marks.live_values
        piece.ended(decided == 0)

    def enough(self) -> bool:
        return False


def announce(report: Report, watchman: Watchman, what: str) -> None:
    """Say at once that the kernel is being compiled."""
    if report is not None:
        news = f"compiling the kernel for this machine (once, about {SECONDS:.0f} s); {what}"
        report(Progress(watchman.started, 0, 0, 0, 0, watchman.bounds, news=news))


class Handover:
    """When a search in plain Python makes room for the kernel.

    That is as soon as it has outgrown a number of configurations and the kernel is compiled.  If it has to be compiled
    first, the search goes on meanwhile; if that would take longer than there is time, for good.

    Parameters
    ----------
    outgrown
        The number of configurations.
    watchman
        Who knows how much time is left.
    report
        Whom to tell that the kernel is being compiled.
    """

    def __init__(self, outgrown: int, watchman: Watchman, report: Report) -> None:
        self.outgrown = outgrown
        self.watchman = watchman
        self.report = report
        self.words = 0
        self._compilation: Compilation | None = None
        self._never = False

    def is_due(self, configurations: Sequence[Configuration]) -> bool:
        """Return whether the kernel goes on from here.  Cost: once a look at all configurations."""
        if self._never or len(configurations) <= self.outgrown:
            return False
        if self._compilation is None:
            return self._begin(configurations)
        self._never = self._compilation.done and not self._compilation.succeeded
        return self._compilation.succeeded

    def _begin(self, configurations: Sequence[Configuration]) -> bool:
        self.words = words_for(configurations)
        if compiled(self.words):
            return True
        self._never = self.watchman.exceeded(seconds=SECONDS) is not None
        if not self._never:
            self._compile("the plain engine goes on meanwhile")
            self._never = self._compilation is None
        return False

    def _compile(self, meanwhile: str) -> None:
        announce(self.report, self.watchman, meanwhile)
        with contextlib.suppress(OSError):
            self._compilation = Compilation.begun(self.words)

    def wait(self, configurations: Sequence[Configuration]) -> str | None:
        """Wait until the kernel is compiled; return the bound that was exceeded before, if one was."""
        self.words = words_for(configurations)
        if compiled(self.words):
            return None
        self._compile("the search starts afterwards")
        while self._compilation is not None and not self._compilation.done:
            time.sleep(0.05)
            if (bound := self.watchman.exceeded()) is not None:
                return bound
        return None


def words_for(configurations: Sequence[Configuration]) -> int:
    """Return how many words a configuration takes, as far as these show."""
    from flpcheck.explore.layout import MOST_WORDS, layout_for

    if not configurations:
        return 1
    worlds, parts, observers = zip(*configurations, strict=True)
    fields = [*zip(*parts, strict=True), worlds, *zip(*observers, strict=True)]
    needs = [(len(set(field)) - 1).bit_length() for field in fields]
    found = layout_for(needs, frozenset({len(parts[0])}))
    return MOST_WORDS if found is None else found[1]
