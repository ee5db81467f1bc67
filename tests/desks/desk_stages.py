"""What `desk.py` claims to refine, and does not."""

from __future__ import annotations

from collections.abc import Iterator

from flpcheck import Action, Event, protocol


@protocol
class Stages:
    """From stage 0 straight to stage 2."""

    def initial(self) -> list[int]:
        return [0]

    def actions(self) -> list[Action]:
        return [Action(self.serves)]

    def serves(self, c: int) -> Iterator[tuple[Event, int]]:
        if c == 0:
            yield Event("serves", message="<b>all</b>"), 2
