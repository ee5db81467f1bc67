"""A model without an end, for `bounds`: two processes that ask each other whenever a timer goes off."""

from flpcheck import (
    INCOMPLETE,
    At,
    Instance,
    Process,
    Step,
    Timeout,
    asynchronous,
    protocol,
    record,
    replace,
    termination,
    to_others,
)


@record
class Ask:
    """Process -> the other: a question with a number."""

    n: int


@record
class Local:
    """How many questions were asked, modulo three."""

    n: int = 0
    decision: int | None = None


@protocol
class Endless:
    """No process ever decides, and mail piles up."""

    def processes(self) -> list[Process[Local, Ask]]:
        return [Process(name, self.step, start=Local()) for name in ("a", "b")]

    def step(self, at: At, s: Local, event: Timeout | Ask) -> Step[Local, Ask]:
        match event:
            case Timeout():
                return replace(s, n=(s.n + 1) % 3), to_others(Ask(s.n))
            case Ask():
                return s, ()


INSTANCES = (Instance("endless", Endless(), asynchronous(), {termination: INCOMPLETE}),)
