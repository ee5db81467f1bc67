"""A run in the Informal Trace Format (ITF), which Apalache and Quint write and several viewers read.

States are given as values, not as text: integers, sets, tuples and maps are tagged as the format asks for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any

from flpcheck.analyse import Schedule
from flpcheck.authoring.property import View
from flpcheck.authoring.values import show
from flpcheck.system import Configuration, System


def itf(system: System, schedule: Schedule, source: str = "") -> dict[str, Any]:
    """Return a run as an ITF object, ready for `json.dump`.

    Parameters
    ----------
    system
        The system of the schedule.
    schedule
        The events and the configurations in between.
    source
        The spec, for the reader.

    Returns
    -------
    dict
        With `vars`, `states` and, if the run repeats, `loop`: the index of the state that it goes back to.  The
        variables are `event` (what led to the state), `states`, `mail`, `outputs` and `crashed`.
    """
    events = ["", *(str(transition.event) for transition in schedule.transitions)]
    states = [
        {"#meta": {"index": number}, "event": event, **_variables(system, configuration)}
        for number, (event, configuration) in enumerate(zip(events, schedule.configurations, strict=True))
    ]
    trace: dict[str, Any] = {
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache.informal.systems/docs/adr/015adr-trace.html",
        },
        "vars": [name for name in states[0] if name != "#meta"],
        "states": states,
    }
    if source:
        trace["#meta"]["source"] = source
    if schedule.loop is not None:
        trace["loop"] = schedule.loop
    return trace


def _variables(system: System, configuration: Configuration) -> dict[str, Any]:
    view = system.view(configuration)
    outputs = {pid: list(values) for pid, values in system.outputs(configuration).items()}
    if not isinstance(view, View):
        return {"state": value_of(view), "outputs": value_of(outputs)}
    return {
        "states": value_of(dict(view.states)),
        "mail": value_of({pid: [tuple(letter) for letter in letters] for pid, letters in view.mail.items()}),
        "outputs": value_of(outputs),
        "crashed": value_of(view.crashed),
    }


def value_of(value: object) -> Any:
    """Return a value as ITF writes it.

    Examples
    --------
    >>> value_of({1: (True, "x")})
    {'#map': [[{'#bigint': '1'}, {'#tup': [True, 'x']}]]}
    """
    if value is None:
        return {"tag": "Nothing", "value": {}}
    if isinstance(value, bool | str):
        return value
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, int):
        return {"#bigint": str(value)}
    return _composed(value)


def _composed(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: value_of(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"tag": type(value).__name__, "value": fields}
    if isinstance(value, Mapping):
        return {"#map": [[value_of(key), value_of(item)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {"#tup": [value_of(item) for item in value]}
    if isinstance(value, list):
        return [value_of(item) for item in value]
    if isinstance(value, set | frozenset):
        return {"#set": [value_of(item) for item in sorted(value, key=show)]}
    return show(value)
