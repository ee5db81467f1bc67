"""A file of records that survives being killed: each is appended whole, with a checksum, and a torn tail is ignored."""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from flpcheck.errors import BadRequest
from flpcheck.explore.locks import hold, replace

Record = Mapping[str, NDArray[Any]]
MAGIC = b"flpcheck checkpoint 1\n"
LENGTH = struct.Struct("<I")


class RecordLog:
    """Records of named arrays, in the order in which they were appended.

    Parameters
    ----------
    path
        The file.
    identity
        What the records are about: plain values that must be the same whenever the file is opened again.
    """

    def __init__(self, path: str | Path, identity: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self.identity = json.loads(json.dumps(identity))

    def create(self) -> None:
        """Begin a file without records; what was there before is replaced when the new one is complete."""
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            hold(self.path, create=True)
            with temporary.open("wb") as file:
                file.write(MAGIC + json.dumps(self.identity).encode() + b"\n")
                _sync(file)
            replace(temporary, self.path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise BadRequest(f"cannot write the checkpoint {self.path}", why=str(error)) from None

    def header(self) -> Mapping[str, Any]:
        """Return all that the file says about its records.

        Raises
        ------
        BadRequest
            If the file is no checkpoint, or one of something else.
        """
        with self._opened() as file:
            return self._check(file)

    def append(self, record: Record) -> None:
        """Append a record, and return when it is on the disk."""
        shape = [[name, array.dtype.str, len(array)] for name, array in record.items()]
        head = json.dumps(shape).encode()
        try:
            with self.path.open("ab") as file:
                file.write(LENGTH.pack(len(head)) + head)
                checksum = zlib.crc32(head)
                for array in record.values():
                    content = np.ascontiguousarray(array).view(np.uint8).data
                    checksum = zlib.crc32(content, checksum)
                    file.write(content)
                file.write(LENGTH.pack(checksum))
                _sync(file)
        except OSError as error:
            raise BadRequest(f"cannot write the checkpoint {self.path}", why=str(error)) from None

    def records(self) -> Iterator[Record]:
        """Yield the records that are whole; when the last one is taken, what comes after it is cut off.

        Raises
        ------
        BadRequest
            If the file is no checkpoint, or one of something else.
        """
        with self._opened() as file:
            self._check(file)
            while True:
                end = file.tell()
                record = _read(file)
                if record is None:
                    file.truncate(end)
                    return
                yield record

    def _foreign(self, first: bytes) -> BadRequest:
        form, advice = _format_of(first), "start over with --checkpoint"
        if not form:
            return BadRequest(f"{self.path} is not a checkpoint", next_step=advice)
        why = f"its format is {form}, and this version of flpcheck reads format {_format_of(MAGIC)}"
        return BadRequest(f"{self.path} was written by another version of flpcheck", why=why, next_step=advice)

    def _opened(self) -> BinaryIO:
        try:
            hold(self.path)
            return self.path.open("r+b")
        except OSError as error:
            raise BadRequest(f"cannot read the checkpoint {self.path}", why=str(error)) from None

    def _check(self, file: BinaryIO) -> Mapping[str, Any]:
        first = file.readline(len(MAGIC) + 10)
        if first != MAGIC:
            raise self._foreign(first)
        try:
            written = dict(json.loads(file.readline()))
        except (ValueError, TypeError):
            raise BadRequest(f"{self.path} is damaged", next_step="start over with --checkpoint") from None
        for name, value in self.identity.items():
            if written.get(name) != value:
                why = f"{name}: {written.get(name)} when recorded, {value} now"
                raise BadRequest(
                    f"{self.path} is the checkpoint of a different search",
                    why=why,
                    next_step="start over with --checkpoint",
                )
        return dict(written)


def _format_of(first: bytes) -> str:
    """Return which format the first line of a file names; empty if it is no checkpoint.

    Examples
    --------
    >>> _format_of(MAGIC), _format_of(b"GIF89a")
    ('1', '')
    """
    words = first.split()
    return words[2].decode("ascii", "replace") if first.endswith(b"\n") and words[:2] == MAGIC.split()[:2] else ""


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _read(file: BinaryIO) -> Record | None:
    """Return the next record; None if there is no whole one."""
    try:
        return _whole(file)
    except (ValueError, TypeError, OverflowError):  # what is not what it was when it was written
        return None


def _whole(file: BinaryIO) -> Record | None:
    head = _exactly(file, _length(file))
    shape = json.loads(head)
    checksum, record = zlib.crc32(head), {}
    left = os.fstat(file.fileno()).st_size - file.tell()
    for name, kind, count in shape:
        left -= count * np.dtype(kind).itemsize
        if left < 0:
            return None
        record[name] = np.empty(count, kind)
        content = record[name].view(np.uint8).data
        if file.readinto(content) != len(content):  # type: ignore[attr-defined]
            return None
        checksum = zlib.crc32(content, checksum)
    return record if _length(file) == checksum else None


def _length(file: BinaryIO) -> int:
    found = file.read(LENGTH.size)
    return int(LENGTH.unpack(found)[0]) if len(found) == LENGTH.size else -1


def _exactly(file: BinaryIO, size: int) -> bytes:
    """Return `size` bytes; none if there are fewer, or if the size cannot be right."""
    left = os.fstat(file.fileno()).st_size - file.tell()
    return file.read(size) if 0 <= size <= left else b""
