"""Compiling the kernel in a separate process, while another engine searches.

What is compiled depends on the front end and on the number of words that a configuration takes, and on nothing else of
a model.  Both are one number: the words, and what `limits.py` has for the kind of front end, added.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from flpcheck.budget import accompany
from flpcheck.explore.bounds import Bounds, BudgetMonitor
from flpcheck.explore.forecast import forecast
from flpcheck.explore.kernel.cache import compiled, folder, note_compiled
from flpcheck.explore.limits import BESIDE, ORBITS, OUTDATED, ROUNDS, SELECTING, TRIES, TRIES_RENAMED
from flpcheck.explore.progress import Progress
from flpcheck.explore.tries.shape import ConfigurationShape, examples_of
from flpcheck.machine import occupied_by
from flpcheck.stops import StopReason
from flpcheck.system import Configuration, System
from flpcheck.system.general import GeneralConfiguration
from flpcheck.system.rounds import RoundConfiguration

if TYPE_CHECKING:
    from flpcheck.explore.watching import Piece

SECONDS = 30.0
"""Approximate time for compiling on an otherwise idle machine, in seconds."""
MEMORY = 400 * 2**20
"""Bytes that the process which compiles occupies at its peak."""
PATIENCE = SECONDS / 4
"""Processor seconds of a search that nothing can be forecast of before it is worth compiling for."""
AGAIN = 0.2
"""Processor seconds between two checks whether it is."""
LATE = "the kernel would have to be {} first, which takes about {:.0f} s of processor time"
NO_TIME = LATE.format("compiled", SECONDS)
NO_ROOM = "the process that compiles the kernel does not fit into max-memory beside the search"
MODELS = {
    0: ("raft", "large"),
    TRIES: ("tla/transaction_commit", "rm=3"),
    TRIES_RENAMED: ("tla/voting", "ballots 0..1, modulo symmetry"),
    ROUNDS: ("last_voting", "two phases"),
    BESIDE: ("paxos_backoff", "two acceptors"),
    ORBITS: ("tla/simplified_paxos", "ballots 0..2"),
    SELECTING: ("two_phase_commit", "timeouts"),
    OUTDATED: ("paxos_duel", "duel"),
    OUTDATED + BESIDE: ("paxos_backoff", "outbidding"),
    OUTDATED + ORBITS: ("paxos_duel", "stable leader, three acceptors"),
}
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
        self.ended = False
        """Whether it was ended before it had compiled the kernel."""
        accompany(self)

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

    def memory(self) -> int:
        """Return the bytes that its process occupies; 0 once it has ended."""
        return 0 if self.done else occupied_by(self._process.pid) or 0

    def end(self) -> None:
        """End it, if it is still going on."""
        assert self._process.stdin is not None
        if not self.done:
            self.ended = True
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
    from flpcheck.explore.fronts import front_of
    from flpcheck.explore.kernel.strong import DepthFirstState, walk_on
    from flpcheck.explore.native import NativeSearch

    system = _model(words - words % TRIES)
    initial = [item.configuration for item in system.initial()]
    for watcher in (None, _Looker()):
        front = front_of(system.afresh(), initial, patient=True)
        search = NativeSearch(front, ENOUGH, keep=watcher is None, watcher=watcher)
        search.words = words % TRIES
        search.run()
    walk_on(np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0, np.bool_), DepthFirstState.over(1), 2)
    note_compiled(words)


def _model(code: int) -> System:
    from flpcheck.explore.timed_example import Greeters
    from flpcheck.reduce import reduced
    from flpcheck.reduce.stubborn import leaving_out
    from flpcheck.spec import load
    from flpcheck.system import system_of
    from flpcheck.world import synchronous

    if code not in MODELS:  # no bundled spec declares processes alike whose timers wait
        return reduced(system_of(Greeters(stale=code == OUTDATED + ORBITS + BESIDE), synchronous()))
    spec, name = MODELS[code]
    instance = load(spec).instance(name)
    system = system_of(instance.protocol, instance.world, instance.inputs)
    if code != SELECTING:
        return reduced(system)
    found = leaving_out(system, lambda _: None, stays=True)
    assert found is not None
    return found


class _Looker:
    """Asks everything that kernels can tell of a configuration."""

    def look(self, piece: Piece) -> None:
        marks = piece.marks()
        decided = marks.decided | marks.values | marks.crashed | marks.live_values
        piece.ended(decided == 0)

    def enough(self) -> bool:
        return False


def announce(report: Report, monitor: BudgetMonitor, what: str) -> None:
    """Say at once that the kernel is being compiled."""
    if report is not None:
        news = f"compiling the kernel for this machine (once, about {SECONDS:.0f} s); {what}"
        report(Progress(monitor.started, 0, 0, 0, 0, monitor.bounds, news=news))


class Handover:
    """When a search in plain Python hands over to the kernel.

    It does once it has found more than `size` configurations and the kernel is compiled.  If it has to be compiled
    first, that is begun once the search is likely to last longer than that takes, and the search goes on meanwhile; if
    there is not the time or the memory, for good.  So a search that ends before it could be handed over seldom pays.

    Parameters
    ----------
    size
        The number of configurations.
    monitor
        Who knows how much time is left.
    report
        Whom to tell that the kernel is being compiled.
    code
        Added to the number of words, where configurations do not tell which machine code is needed.

    Attributes
    ----------
    why_not
        Why there is no room for compiling, as a phrase; empty if there is.
    """

    def __init__(self, size: int, monitor: BudgetMonitor, report: Report, code: int = 0) -> None:
        self.size, self.code = size, code
        self.monitor = monitor
        self.report = report
        self.words = 0
        self._compilation: Compilation | None = None
        self.why_not = ""
        self._never = False
        self._began = self._next = time.process_time()

    def is_due(self, configurations: Sequence[Configuration], depths: Sequence[int]) -> bool:
        """Return whether the kernel should take over here.

        Parameters
        ----------
        configurations, depths
            What was found so far, and how far each is from the initial ones.  Cost: now and then a look at all.
        """
        if self._never or len(configurations) <= self.size:
            return False
        if self._compilation is not None:
            return self._is_done(self._compilation)
        if not self.words:
            self.words = words_for(configurations) + self.code
        if compiled(self.words):
            return True
        bound = self.monitor.exceeded(seconds=SECONDS)
        if bound is not None:
            self._never, self.why_not = True, NO_TIME if bound == StopReason.MAX_SECONDS else ""
        elif self._lasts(depths):
            self._begin()
        return False

    def _is_done(self, compilation: Compilation) -> bool:
        self._never = compilation.done and not compilation.succeeded
        self.why_not = NO_ROOM if self._never and compilation.ended else ""
        return compilation.succeeded

    def _lasts(self, depths: Sequence[int]) -> bool:
        """Return whether the search is likely to take longer from here than compiling does."""
        now = time.process_time()
        if now < self._next:
            return False
        self._next, spent = now + AGAIN, now - self._began
        told = forecast(np.bincount(depths)[:-1].tolist())
        if told is None:
            return spent >= PATIENCE
        least, most = ((size - len(depths)) * spent / len(depths) for size in told)
        return most >= SECONDS and (least >= SECONDS or spent >= PATIENCE)

    def _begin(self) -> None:
        self.why_not = "" if self.monitor.bytes_left() >= MEMORY else NO_ROOM
        if not self.why_not:
            self._compile("the plain engine goes on meanwhile")
        self._never = self._compilation is None

    def _compile(self, meanwhile: str) -> None:
        announce(self.report, self.monitor, meanwhile)
        with contextlib.suppress(OSError):
            self._compilation = Compilation.begun(self.words)

    def wait(self, configurations: Sequence[Configuration]) -> StopReason | None:
        """Wait until the kernel is compiled, or cannot be; return the bound that was exceeded before, if one was."""
        self.words = words_for(configurations) + self.code
        if compiled(self.words):
            return None
        self._compile("the search starts afterwards")
        while self._compilation is not None and not self._compilation.done:
            time.sleep(0.05)
            if (bound := self.monitor.exceeded()) is not None:
                return bound
        if self._compilation is not None and self._compilation.ended:
            self._never, self.why_not = True, NO_ROOM
        return None


def words_for(configurations: Sequence[Configuration]) -> int:
    """Return how many words a configuration takes, as far as these show; with what is added for their kind."""
    from flpcheck.explore.layout import MOST_WORDS, layout_for

    if not configurations:
        return 1
    code, needs, fixed = _needs(configurations)
    found = layout_for(needs, fixed)
    return (MOST_WORDS if found is None else found[1]) + code


def _needs(configurations: Sequence[Configuration]) -> tuple[int, list[int], frozenset[int]]:
    """Return what is added for their kind, how many bits each field needs here, and which never need more."""
    if isinstance(configurations[0], GeneralConfiguration):
        return TRIES, [0, *ConfigurationShape(examples_of(configurations)).widths()], frozenset({0})
    if isinstance(configurations[0], RoundConfiguration):
        around = [configuration._replace(parts=()) for configuration in configurations]
        return ROUNDS, _bits([*zip(*(here.parts for here in configurations), strict=True), around]), frozenset()
    worlds, parts, observers = zip(*configurations, strict=True)
    return 0, _bits([*zip(*parts, strict=True), worlds, *zip(*observers, strict=True)]), frozenset({len(parts[0])})


def _bits(fields: Sequence[Sequence[Hashable]]) -> list[int]:
    """Return how many bits it takes to number what stands in each field."""
    return [(len(set(field)) - 1).bit_length() for field in fields]
