"""A protocol of identical processes whose timers wait for messages: no bundled spec makes `compiling` compile that."""

from __future__ import annotations

from flpcheck.authoring.events import Pid, Start, Timeout
from flpcheck.authoring.process import Process, Processes
from flpcheck.authoring.protocol import protocol
from flpcheck.authoring.reduction import Reduction, StaleMail, Symmetric
from flpcheck.authoring.step import At, Step, to_others
from flpcheck.authoring.values import record

NAMES: tuple[Pid, ...] = ("a", "b", "c")
LAST = 3


@record
class Greeting:
    """A message."""


@record
class Greeter:
    """The local state: the number of steps taken."""

    steps: int = 0


@protocol
class Greeters:
    """Each greets the others as it starts and when its timer fires."""

    stale: bool = False

    def processes(self) -> Processes[Greeting]:
        """Return the processes."""
        return [Process(name, self.step, start=Greeter()) for name in NAMES]

    def step(self, _: At, s: Greeter, event: Start | Timeout | Greeting) -> Step[Greeter, Greeting]:
        """Return the next state, and greetings."""
        match event:
            case Start() if s.steps == 0:
                return Greeter(1), to_others(Greeting())
            case Timeout() | Greeting() if 0 < s.steps < LAST:
                return Greeter(s.steps + 1), to_others(Greeting()) if isinstance(event, Timeout) else ()
            case _:
                return s, ()

    def reductions(self) -> list[Reduction]:
        """All processes are alike; perhaps what reaches one that is done is stale."""
        dropped = [StaleMail(lambda receiver, _, __: receiver.steps == LAST)] if self.stale else []
        return [Symmetric(NAMES), *dropped]
