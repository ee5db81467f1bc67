"""Reading logs: files of JSON lines, plain or compressed, and which of their fields a mapping has read."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from flpcheck.conform.seen import LogPlace
from flpcheck.errors import BadRequest, Place

GZIP = b"\x1f\x8b"


class FieldsRead:
    """The fields of a log, and which of them were read."""

    def __init__(self) -> None:
        self.known: dict[str, None] = {}
        self.read: set[str] = set()

    @property
    def unread(self) -> tuple[str, ...]:
        """The fields that no line was asked for, in the order of the log."""
        return tuple(path for path in self.known if path not in self.read)

    def note(self, value: Any, path: str = "") -> None:
        """Note the fields of a value."""
        items = value.items() if isinstance(value, dict) else ()
        for name, part in items:
            self.known.setdefault(f"{path}{name}")
            self.note(part, f"{path}{name}.")
        for part in value if isinstance(value, list) else ():
            self.note(part, path)


class LogLine(Mapping[str, Any]):
    """A line of a log, or an object in it: the fields that are read are noted.

    Parameters
    ----------
    data, place, fields
        The object, its line, and where is noted what is read.
    path
        Where in the line it is.
    """

    def __init__(self, data: Mapping[str, Any], place: LogPlace, fields: FieldsRead, path: str = "") -> None:
        self.data, self.place, self.fields, self.path = data, place, fields, path

    def __getitem__(self, name: str) -> Any:
        value = self.data[name]
        self.fields.read.add(f"{self.path}{name}")
        return self._wrapped(value, f"{self.path}{name}.")

    def _wrapped(self, value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return LogLine(value, self.place, self.fields, path)
        return [self._wrapped(part, path) for part in value] if isinstance(value, list) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"{self.place}: {json.dumps(self.data)}"


def read_logs(files: Sequence[str], fields: FieldsRead) -> Iterator[LogLine]:
    """Yield the lines of some logs, one file after the other.

    Parameters
    ----------
    files
        Paths; `-` is standard input.  A file that is compressed with gzip is read as well.
    fields
        Where is noted what is read.

    Raises
    ------
    BadRequest
        If a file cannot be read, or a line is no JSON object.
    """
    for file in files:
        try:
            with _opened(file) as stream:
                for number, text in enumerate(stream, start=1):
                    if text.strip():
                        yield _line(text, LogPlace("standard input" if file == "-" else file, number), fields)
        except (OSError, EOFError) as error:
            raise BadRequest(f"cannot read the log {file}: {getattr(error, 'strerror', None) or error}") from None


@contextmanager
def _opened(file: str) -> Iterator[Any]:
    """Open a file, compressed or not; standard input stays open."""
    plain: Any = nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb")  # noqa: SIM115 -- entered below
    with plain as raw:
        yield gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == GZIP else raw


def _line(text: str | bytes, place: LogPlace, fields: FieldsRead) -> LogLine:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise _bad(place, str(error)) from None
    if not isinstance(data, dict):
        raise _bad(place, "it must be an object")
    fields.note(data)
    return LogLine(data, place, fields)


def _bad(place: LogPlace, why: str) -> BadRequest:
    return BadRequest(
        "a line of the log is not JSON", place=Place(*place), why=why, next_step="write one object a line"
    )


def parse_lines(texts: Iterable[str], file: str = "log") -> list[LogLine]:
    """Return lines of JSON as lines of a log."""
    fields = FieldsRead()
    return [_line(text, LogPlace(file, number), fields) for number, text in enumerate(texts, start=1)]
