"""The failure that ended an examination without a verdict, as a small picklable item of a report.

Every exception becomes one: those that flpcheck can explain as they are, those of the author's code with the line that
raised them, those of the machine (a full disk, no memory) with the file or the bound.  What is left over contradicts
flpcheck itself.
"""

from __future__ import annotations

import errno
import sysconfig
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import TypeVar, get_type_hints

from flpcheck.budget import OutOfBudget
from flpcheck.errors import BadRequest, Explained, FlpcheckError, InternalError, Place, Related, SpecError
from flpcheck.exit_codes import INCONCLUSIVE, INTERNAL_ERROR, USAGE_ERROR
from flpcheck.stops import StopReason

CALLERS = 3
"""Maximum number of callers that an error shows."""
E = TypeVar("E", bound=FlpcheckError)
_HERE = Path(__file__).parent
_SPECS = str(_HERE / "specs")
_PRODUCT = str(_HERE)
_LIBRARIES = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib") if sysconfig.get_path(name)}
)


@dataclass(frozen=True)
class Failure(Explained):
    """An instance, or a whole spec, that could not be examined.

    Parameters
    ----------
    spec, instance
        What was to be examined; the instance is empty if the spec does not even load.
    what, why, next_step, place, details, related, schedule
        As in `Explained`; the place is the spec if there is no better one.
    code
        2 if the spec or the machine is at fault, 3 if a bound ended it before anything was found, 4 if flpcheck is.
    """

    spec: str
    instance: str
    what: str
    why: str
    next_step: str
    place: Place
    details: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    schedule: tuple[str, ...] = ()
    code: int = USAGE_ERROR


def failure_of(error: BaseException, spec: str, instance: str = "") -> Failure:
    """Return an exception as an item of a report."""
    known = explained(error)
    told = known or InternalError(
        "internal error",
        why=f"{type(error).__name__}: {error}",
        details=["".join(traceback.format_exception(error)).rstrip()],
        next_step="report this with the spec and the command",
    )
    code = INTERNAL_ERROR if isinstance(told, InternalError) else USAGE_ERROR
    code = INCONCLUSIVE if isinstance(told, OutOfBudget) else code
    fields = {name: getattr(told, name) for name in get_type_hints(Explained)}
    return Failure(spec, instance, **{**fields, "place": told.place or Place(spec, 1)}, code=code)


def item_of(error: BaseException, spec: str, instance: str = "") -> Failure:
    """Return an exception as an item of a report; an interrupt, which ends the report, is raised again."""
    interrupted = isinstance(error, OutOfBudget) and error.bound is StopReason.INTERRUPTED
    if interrupted or isinstance(error, KeyboardInterrupt | GeneratorExit):
        raise error
    return failure_of(error, spec, instance)


def explained(error: BaseException) -> FlpcheckError | None:
    """Return an exception as an error that says what to do; None if the fault is flpcheck's.

    Examples
    --------
    >>> print(explained(MemoryError()))
    out of memory
      next: bound the search with --max-memory or --max-configurations, or use a machine with more memory
    """
    place = author_place(error.__traceback__)
    if isinstance(error, FlpcheckError):
        error.place = error.place or place
        return error
    if isinstance(error, MemoryError):
        bounds = f"--{StopReason.MAX_MEMORY} or --{StopReason.MAX_CONFIGURATIONS}"
        advice = f"bound the search with {bounds}, or use a machine with more memory"
        return BadRequest("out of memory", place=place, next_step=advice)
    if isinstance(error, RecursionError):
        return _too_deep(place)
    if place is not None:
        return _of_the_author(error)
    return _of_the_machine(error) if isinstance(error, OSError) else None


def _of_the_author(error: BaseException) -> FlpcheckError:
    """Explain what the author's code raised."""
    if isinstance(error, SystemExit):
        advice = "remove the call: a spec only defines a protocol"
        place = author_place(error.__traceback__)
        return SpecError(f"the spec calls sys.exit({error.code!r})", place=place, next_step=advice)
    return raised(SpecError, "the spec raised an exception", error)


def raised(
    kind: type[E], what: str, error: BaseException, *details: str, place: Place | None = None, next_step: str = ""
) -> E:
    """Return an exception of the author's code as an error that shows the line that raised it, and who called it.

    Parameters
    ----------
    kind, what, details, next_step
        Of the error.
    error
        The exception, as it was caught.
    place
        The line to open where none of the author's own was running.
    """
    places = list(dict.fromkeys(author_places(error.__traceback__)))
    line = _line_at(places[-1]) if places else ""
    return kind(
        what,
        place=places[-1] if places else place,
        why=f"{type(error).__name__}: {error}",
        details=[f"in `{line}`", *details] if line else details,
        related=[Related(caller, f"called in `{_line_at(caller)}`") for caller in places[-1 - CALLERS : -1]],
        next_step=next_step,
    )


def _line_at(place: Place) -> str:
    import linecache

    return linecache.getline(place.file, place.line).strip()


def _too_deep(place: Place | None) -> FlpcheckError:
    return SpecError(
        "a value is nested too deeply, or a function of the spec recurses infinitely",
        place=place,
        why="the interpreter's recursion limit was reached",
        next_step="keep states and messages flat: one tuple of steps instead of nested tuples",
    )


def _of_the_machine(error: OSError) -> FlpcheckError:
    """Explain what the operating system refuses."""
    name = error.filename if isinstance(error.filename, str) else None
    reason = error.strerror or str(error)
    where = f" {name}" if name else ""
    advice = {
        errno.ENOSPC: "free disk space, or write elsewhere",
        errno.EDQUOT: "free space within the quota, or write elsewhere",
        errno.EACCES: "use a file that this user may read and write",
        errno.EROFS: "use a writable folder",
        errno.EMFILE: "raise the limit on open files, or lower --workers or --jobs",
        errno.EAGAIN: "raise the limit on processes, or lower --workers or --jobs",
    }.get(error.errno or 0, "check the path")
    return BadRequest(f"cannot use{where}: {reason}" if where else reason, next_step=advice)


def author_place(trace: TracebackType | None) -> Place | None:
    """Return the innermost line of the author's own files on a traceback; None if none of them was running."""
    return next(iter(author_places(trace)[::-1]), None)


def author_places(trace: TracebackType | None) -> list[Place]:
    """Return the lines of the author's own files on a traceback, the innermost last."""
    running = traceback.walk_tb(trace)
    return [Place(frame.f_code.co_filename, line) for frame, line in running if is_authors(frame)]


def is_authors(frame: FrameType) -> bool:
    """Return whether a frame runs a file of the author's, rather than of flpcheck, Python or a library."""
    return is_authors_file(frame.f_code.co_filename)


def is_authors_file(file: str) -> bool:
    """Return whether a file is the author's, a bundled spec included."""
    if file.startswith("<"):
        return False
    if file.startswith(_PRODUCT):
        return file.startswith(_SPECS)
    return not file.startswith(_LIBRARIES)


def frames_of(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield a frame and its callers, innermost first."""
    while frame is not None:
        yield frame
        frame = frame.f_back
