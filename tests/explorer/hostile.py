"""A spec that tries to break the page: markup, quotes, ends of scripts, line breaks, and megabytes of text."""

from __future__ import annotations

from flpcheck import (
    At,
    Label,
    Process,
    Processes,
    Scene,
    Shape,
    Start,
    Step,
    Stop,
    Story,
    Tour,
    View,
    broadcast,
    protocol,
    record,
    replace,
)

EVIL = (
    "</script><script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">"
    "'\"`${alert(1)}\n\r\u2028\x00\u202e&lt;@@SCRIPT@@"
)
LONG = EVIL + "x" * 2_000_000


@record
class Evil:
    """A message full of markup."""

    text: str


@record
class State:
    """A state full of markup."""

    input: str
    seen: frozenset[str] = frozenset()
    decision: str | None = None


@protocol
class Hostile:
    """Each process shouts, and decides what it hears."""

    name: str = EVIL

    def processes(self) -> Processes[Evil]:
        return [Process(f"p{i}{self.name}", self.step, inputs={EVIL: State(EVIL), LONG: State(LONG)}) for i in range(2)]

    def step(self, at: At, s: State, event: Start | Evil) -> Step[State, Evil]:
        match event:
            case Start() if not s.seen:  # </script><b onclick="x">shout</b>
                return replace(s, seen=frozenset({s.input})), broadcast(Evil(s.input))
            case Evil(text) if s.decision is None:
                return replace(s, seen=s.seen | {text}, decision=text), ()
            case Start() | Evil():
                return s, ()

    def picture(self, view: View[State]) -> list[Shape]:
        return [Label(1, 1, EVIL), Label(3, 3, str(len(view.outputs)))]


def scene(view: View[State], reachable: frozenset[str]) -> str:
    """Return the only scene there is."""
    return EVIL


TOURS = (Tour(EVIL, EVIL, EVIL, (Stop(EVIL, EVIL),)),)
STORIES = (Story(EVIL, EVIL, scene=scene, scenes=(Scene(EVIL, EVIL, (0, 0)),)),)
