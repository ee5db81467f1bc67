"""Writing a log that `flpcheck trace` reads without a mapping.  Standard library only, so a service may copy this file.

log = RunLog(open("s0.ndjson", "a"), "s0")
log.deliver("s1", {"class": "Vote", "term": 3, "granted": True}, after={"term": 3, "role": "leader"})
"""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, TextIO

Messages = Iterable[tuple[str, Any]]


class RunLog:
    """The log of one process: one JSON object a line, written when a step has ended.

    Messages and states are dataclasses, or objects with what is known of their fields, and the name of their `class`.
    What is left out is not compared.

    Parameters
    ----------
    stream, process
        A text file, opened for writing or appending, and the name of the process in the spec.

    Examples
    --------
    >>> import sys
    >>> RunLog(sys.stdout, "s0").timeout(after={"term": 1}, sent=[("s1", {"class": "RequestVote", "term": 1})])
    {"process": "s0", "event": "timeout", "after": {"term": 1}, "sent": [["s1", {"class": "RequestVote", "term": 1}]]}
    """

    def __init__(self, stream: TextIO, process: str) -> None:
        self.stream, self.process = stream, process
        self._lock = threading.Lock()

    def deliver(self, sender: str | None, message: Any, **more: Any) -> None:
        """Write that a message was taken; `more` is any of `before`, `after`, `sent` and `only`."""
        self._write("deliver", sender=sender, message=message, **more)

    def takes(self, event: Any, **more: Any) -> None:
        """Write that an event of the spec happened whose content only the log knows, such as a client's request."""
        self._write("takes", message=event, **more)

    def start(self, **more: Any) -> None:
        """Write that the process took its first step."""
        self._write("start", **more)

    def timeout(self, **more: Any) -> None:
        """Write that its timer fired."""
        self._write("timeout", **more)

    def detect(self, event: str, process: str, **more: Any) -> None:
        """Write that its failure detector begins to `suspect` or to `trust` a process."""
        self._write(event, message=process, **more)

    def effect(self, *, after: Any = None, sent: Messages = ()) -> None:
        """Write more about the latest step: the state afterwards, messages that it sent."""
        self._write("effect", after=after, sent=sent)

    def look(self, state: Any) -> None:
        """Write the state between two steps."""
        self._write("look", after=state)

    def crash(self) -> None:
        """Write that the process stopped; what restarts it may write this line."""
        self._write("crash")

    def recover(self, *, after: Any = None) -> None:
        """Write that the process is back."""
        self._write("recover", after=after)

    def _write(self, event: str, *, sent: Messages = (), only: bool = False, **fields: Any) -> None:
        known = {name: plain(value) for name, value in fields.items() if value is not None}
        more = {"sent": [[to, plain(message)] for to, message in sent], "only": only}
        line = json.dumps({"process": self.process, "event": event} | known | {n: v for n, v in more.items() if v})
        with self._lock:
            print(line, file=self.stream, flush=True)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: a dataclass as an object with its `class`, a tuple or a set as a list.

    >>> plain({"votes": frozenset({"s1", "s0"})})
    {'votes': ['s0', 's1']}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"class": type(value).__name__} | fields
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(plain, value), key=repr)
    if isinstance(value, Enum):
        return value.name
    return [plain(part) for part in value] if isinstance(value, (list, tuple)) else value
