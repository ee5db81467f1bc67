"""The mapping of lines that `flpcheck.conform.log` writes, for logs that have none of their own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from flpcheck.authoring.events import Start, Suspect, Timeout, Trust
from flpcheck.conform.like import Like
from flpcheck.conform.lines import LogLine
from flpcheck.conform.seen import Seen, crash, deliver, effect, look, own, recover
from flpcheck.errors import BadRequest, Place, nearest

OWN_EVENTS: dict[str, Callable[..., Any]] = {"start": Start, "timeout": Timeout, "suspect": Suspect, "trust": Trust}
EVENTS = ("deliver", "takes", "effect", "look", "crash", "recover", *OWN_EVENTS)


class WrittenLog:
    """A mapping of lines as `RunLog` writes them.

    Parameters
    ----------
    classes
        The classes of events of a protocol, by name.
    """

    def __init__(self, classes: Mapping[str, type]) -> None:
        self.classes = classes

    def __call__(self, lines: Iterable[LogLine]) -> Iterator[Seen]:
        """Yield what the lines tell.

        Raises
        ------
        BadRequest
            If a line is not as `RunLog` writes it.
        """
        for line in lines:
            for name in ("process", "event"):
                if not isinstance(line.get(name), str):
                    raise _refused(line, f"it has no {name}")
            try:
                yield self._seen(line, line["process"], line["event"])
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise _refused(line, f"{type(error).__name__}: {error}") from None

    def _seen(self, line: LogLine, process: str, event: str) -> Seen:
        if event not in EVENTS:
            raise _refused(line, f"there is no event {event!r}: {nearest(event, EVENTS)}")
        after, sent = self.told(line.get("after")), [(to, self.told(m)) for to, m in line.get("sent", ())]
        more = {"before": self.told(line.get("before")), "after": after, "sent": sent, "only": line.get("only", False)}
        if event == "deliver":
            return deliver(process, self.told(line.get("message", {})), line.get("sender"), **more)
        if event == "takes":
            return own(process, self.made(line, line.get("message")), line.get("sender"), **more)
        if event in OWN_EVENTS:
            about = (line["message"],) if event in {"suspect", "trust"} else ()
            return own(process, OWN_EVENTS[event](*about), **more)
        if event == "crash":
            return crash(process)
        if event == "effect":
            return effect(process, after=after, sent=sent)
        return look(process, after) if event == "look" else recover(process, after=after)

    def told(self, value: Any) -> Like | None:
        """Return what is known of a message or a state."""
        if value is None:
            return None
        if isinstance(value, Mapping):
            return Like(value.get("class", ""), tuple((n, self._part(v)) for n, v in value.items() if n != "class"))
        return Like("", (("", value),))

    def _part(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.told(value)
        return [self._part(part) for part in value] if isinstance(value, list) else value

    def made(self, line: LogLine, value: Any) -> Any:
        """Return the event that a line tells entirely."""
        if isinstance(value, list):
            return tuple(self.made(line, part) for part in value)
        if not isinstance(value, Mapping):
            return value
        kind = self.classes.get(value.get("class", ""))
        if kind is None or not dataclasses.is_dataclass(kind):
            name = str(value.get("class"))
            raise _refused(line, f"there is no message {name!r}: {nearest(name, self.classes)}")
        try:
            return kind(**{name: self.made(line, part) for name, part in value.items() if name != "class"})
        except TypeError as error:
            raise _refused(line, str(error)) from None


def _refused(line: LogLine, why: str) -> BadRequest:
    return BadRequest(
        "a line of the log is not as flpcheck.conform.log writes it",
        place=Place(*line.place), why=why, next_step="correct the line, or tell what it means with --map",
    )  # fmt: skip
