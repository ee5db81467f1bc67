"""Examinations in the formats that other people's tools read: JUnit, SARIF, GitHub, Markdown, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from flpcheck.examine import Examination
from flpcheck.report.as_json import as_json

FORMATS = ("json", "jsonl", "junit", "sarif", "github", "markdown")
"""Besides `text`, which is printed while it is found."""


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
    return _writer(form)(examinations)


def _writer(form: str) -> Callable[[Sequence[Examination]], str]:
    from flpcheck.report.ci import github, junit, markdown, sarif

    writers: dict[str, Callable[[Sequence[Examination]], str]] = {
        "junit": junit.junit,
        "sarif": sarif.sarif,
        "github": github.workflow_commands,
        "markdown": markdown.summary,
    }
    return writers.get(form, _lines)


def _lines(examinations: Sequence[Examination]) -> str:
    return "\n".join(json.dumps(as_json(examination), ensure_ascii=False) for examination in examinations)
