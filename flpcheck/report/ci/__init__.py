"""Examinations in the formats that other people's tools read: JUnit, SARIF, GitHub, Markdown, JSON.

Each is written in two steps: what a document says of one examination, and the document made of these parts.  Parts are
small and can be pickled, so that they can come from other processes; the graphs stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from flpcheck.examine import Examination
from flpcheck.failure import Failure
from flpcheck.report.as_json import as_json, failure_as_json, json_text

FORMATS = ("json", "jsonl", "junit", "sarif", "github", "markdown")
"""Besides `text`, which is printed while it is found."""


class Writer(NamedTuple):
    """The writer of a format.

    Parameters
    ----------
    part
        Returns what is said of one examination.
    failed
        Returns what is said of a spec or an instance that could not be examined.
    joined
        Makes the document.
    """

    part: Callable[[Any], Any]
    failed: Callable[[Failure], Any]
    joined: Callable[[Sequence[Any]], str]


def formatted(examinations: Sequence[Examination], form: str) -> str:
    """Return examinations in one of `FORMATS`.

    Parameters
    ----------
    examinations
        In the order in which they are to appear.
    form
        `json` and `jsonl`: one object an examination or failure, one a line; `junit`: XML; `sarif`: SARIF 2.1.0;
        `github`: workflow commands; `markdown`: a job summary.
    """
    writer = writer_of(form)
    return writer.joined([writer.part(examination) for examination in examinations])


def writer_of(form: str, *, allow_incomplete: bool = False) -> Writer:
    """Return how one of `FORMATS` is written; in JUnit what a bound left open fails, unless that is allowed."""
    from flpcheck.report.ci import github, junit, markdown, sarif
    from flpcheck.report.ci.results import failed, results_of

    open_as = "skipped" if allow_incomplete else "failure"
    writers = {
        "junit": Writer(partial(junit.suite, open_as=open_as), junit.failed, junit.junit),
        "sarif": Writer(sarif.part, sarif.failed, sarif.sarif),
        "github": Writer(results_of, failed, github.workflow_commands),
        "markdown": Writer(markdown.part, markdown.failed, markdown.summary),
    }
    return writers.get(form, Writer(_line, _failed_line, "\n".join))


def _line(examination: Examination) -> str:
    return json_text(as_json(examination))


def _failed_line(failure: Failure) -> str:
    return json_text(failure_as_json(failure))
