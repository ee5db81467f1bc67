"""Examinations in the formats that other people's tools read: JUnit, SARIF, GitHub, Markdown, JSON.

Each is written in two steps: what a document says of one examination, and the document made of these parts.  Parts are
small and can be pickled, so that they can come from other processes; the graphs stay where they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from flpcheck.examine import Examination
from flpcheck.report.as_json import as_json

FORMATS = ("json", "jsonl", "junit", "sarif", "github", "markdown")
"""Besides `text`, which is printed while it is found."""


class Writer(NamedTuple):
    """How a format is written.

    Parameters
    ----------
    part
        Returns what is said of one examination.
    joined
        Makes the document.
    """

    part: Callable[[Examination], Any]
    joined: Callable[[Sequence[Any]], str]


def written(examinations: Sequence[Examination], form: str) -> str:
    """Return examinations in one of `FORMATS`.

    Parameters
    ----------
    examinations
        In the order in which they are to appear.
    form
        `json` and `jsonl`: one object an examination, one a line; `junit`: XML; `sarif`: SARIF 2.1.0; `github`:
        workflow commands; `markdown`: a job summary.
    """
    writer = writer_of(form)
    return writer.joined([writer.part(examination) for examination in examinations])


def writer_of(form: str) -> Writer:
    """Return how one of `FORMATS` is written."""
    from flpcheck.report.ci import github, junit, markdown, sarif
    from flpcheck.report.ci.results import results_of

    writers = {
        "junit": Writer(junit.suite, junit.junit),
        "sarif": Writer(sarif.part, sarif.sarif),
        "github": Writer(results_of, github.workflow_commands),
        "markdown": Writer(markdown.part, markdown.summary),
    }
    return writers.get(form, Writer(_line, "\n".join))


def _line(examination: Examination) -> str:
    return json.dumps(as_json(examination), ensure_ascii=False)
