"""A spec that is wrong is refused, with an error that says what, where, why and what next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bad_specs as bad
import pytest

from flpcheck import asynchronous, system_of
from flpcheck.authoring.events import Letter
from flpcheck.errors import (
    BadAnswer,
    BadProtocol,
    BadValue,
    NondeterministicStep,
    Place,
    SpecError,
    StepRaised,
    UnhandledMessage,
)
from flpcheck.explore import explore


def refused(kind: type[SpecError], model: Any, **world: Any) -> SpecError:
    """Explore a bad protocol and return the error, which must be of exactly this class."""
    with pytest.raises(kind) as caught:
        explore(system_of(model, asynchronous(**world)))
    assert type(caught.value) is kind
    return caught.value


def says(error: SpecError, *texts: str, line: int) -> None:
    """Check that the message begins with file and line of the spec, and has each of these texts."""
    message = str(error)
    assert message.startswith(f"{Place(bad.HERE, line)}: ")
    for text in texts:
        assert text in message


ASKED_TWICE = "this step is nondeterministic: two calls with equal arguments gave different results"


@pytest.mark.parametrize("step", [bad.counts_calls, bad.rolls_dice], ids=["counter", "dice"])
def test_hidden_state_and_dice_are_found_out_by_asking_twice(step: Any) -> None:
    error = refused(NondeterministicStep, bad.Lonely(step))
    says(
        error, ASKED_TWICE, "first:  Plain(", "second: Plain(", "process p0, state Plain(0)", line=bad.first_line(step)
    )
    says(error, "random numbers, clocks", "next: iterate over sorted(...) sets", line=bad.first_line(step))


def test_dependence_on_the_order_of_a_set_is_found_out() -> None:
    error = refused(NondeterministicStep, bad.Lonely(bad.takes_any_member, bad.Holder(-1, frozenset(range(3)))))
    line = bad.first_line(bad.takes_any_member)
    says(error, ASKED_TWICE, "iterating over a set without sorting it", "state Holder(-1, {0, 1, 2})", line=line)


def test_changing_the_state_in_place_is_found_out() -> None:
    error = refused(NondeterministicStep, bad.Lonely(bad.changes_its_state))
    says(
        error,
        "the step modified the state that it was given",
        "replace(s, ...)",
        line=bad.first_line(bad.changes_its_state),
    )


def test_list_in_a_state_names_the_field_and_says_tuple() -> None:
    error = refused(BadValue, bad.Lonely(bad.keeps_a_list, bad.Holder()))
    says(
        error,
        "field 'items' of Holder: a list cannot be part of a state or message: [1, 2]",
        line=bad.line_of("the field"),
    )
    says(error, "must be immutable and hashable", "process p0", "next: use a tuple", line=bad.line_of("the field"))


def test_thing_without_identity_names_the_field_and_says_record() -> None:
    error = refused(BadValue, bad.Lonely(bad.keeps_an_opaque_thing, bad.Holder()))
    says(error, "field 'items' of Holder: a Opaque cannot be part", "@record", line=bad.line_of("the field"))


@pytest.mark.parametrize("model", [bad.Lonely(bad.turns_mutable), bad.Lonely(bad.greets, bad.Mutable())])
def test_mutable_dataclass_says_record(model: Any) -> None:
    error = refused(BadValue, model)
    says(error, "Mutable is mutable", "decorate it with @record instead of @dataclass", line=bad.line_of("mutable") - 1)


def test_exception_in_a_step_shows_its_line_and_its_arguments() -> None:
    error = refused(StepRaised, bad.Lonely(bad.divides))
    says(
        error,
        "a step raised an exception",
        "ZeroDivisionError",
        "in `return Plain(1 // s.count), ()",
        line=bad.line_of("divides by zero"),
    )
    says(
        error,
        "process p0, state Plain(0), event Start()",
        "next: correct the step function",
        line=bad.line_of("divides by zero"),
    )
    assert isinstance(error.__cause__, ZeroDivisionError)


def test_error_deep_in_a_run_carries_the_schedule_that_leads_there() -> None:
    error = refused(StepRaised, bad.Lonely(bad.divides_later))
    says(error, "event Hello(3)", line=bad.line_of("divides later"))
    assert error.schedule == ("p0 starts",)


def test_message_that_no_process_handles_lists_what_is_handled() -> None:
    error = refused(UnhandledMessage, bad.Lonely(bad.knows_no_bye))
    says(
        error,
        "no case handles a message that arrived",
        "its event parameter admits Start, Hello",
        "event Bye()",
        line=bad.first_line(bad.knows_no_bye),
    )
    says(error, "next: add a case for it", line=bad.first_line(bad.knows_no_bye))


def test_missing_case_says_which_event_fell_through() -> None:
    error = refused(UnhandledMessage, bad.Lonely(bad.forgets_a_case))
    says(
        error,
        "a step returned no result",
        "no case of forgets_a_case matched",
        "state Plain(1), event Hello(0)",
        line=bad.first_line(bad.forgets_a_case),
    )


def test_unknown_receiver_is_named_beside_the_known_ones() -> None:
    error = refused(BadAnswer, bad.Lonely(bad.writes_to_nobody))
    says(
        error,
        "Hello(0) is sent to 'p2', but there is no such process",
        "available: p0, p1",
        line=bad.first_line(bad.writes_to_nobody),
    )


def test_reply_without_a_sender_is_explained() -> None:
    error = refused(BadAnswer, bad.Lonely(bad.replies_to_a_start))
    says(error, "this event has no sender: only a message does", line=bad.first_line(bad.replies_to_a_start))


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (bad.returns_a_state, "it returned Plain(count=1)"),
        (bad.chooses_a_state, "it returned Plain(count=1)"),
        (
            bad.returns_a_message,
            "effects must be a send(...), a note(...), restart_timer(), or a tuple of such, got Hello(number=0)",
        ),
    ],
)
def test_wrong_answers_are_shown(step: Any, text: str) -> None:
    error = refused(BadAnswer, bad.Lonely(step))
    says(
        error,
        text,
        "next: return `s, ()`, `replace(s, ...), send(...)`, choose(...), toss(...) or DEFER",
        line=bad.first_line(step),
    )


def test_gather_guard_must_be_monotone() -> None:
    error = refused(BadAnswer, bad.Lonely(bad.greets, gather=bad.wants_exactly_one))
    says(
        error, "the gather guard is not monotone", "but not from these messages alone", line=bad.first_line(bad.greets)
    )


def test_gather_guard_must_be_monotone_in_every_state() -> None:
    model = bad.Lonely(bad.greets, gather=lambda _, s, mail: [mail[:1]] if len(mail) > s.count else [])
    system: Any = system_of(model, asynchronous())
    asker = system.parts.seats[0].asker
    one, other = Letter("p0", bad.Hello(1)), Letter("p0", bad.Hello(2))
    assert asker.groups(bad.Plain(0), (one, other)) == ((one,),)
    with pytest.raises(BadAnswer, match="the gather guard is not monotone"):
        asker.groups(bad.Plain(1), (one, other))


@pytest.mark.parametrize("network", ["multiset", "set", "fifo"])
def test_gather_guard_must_not_invent_letters(network: str) -> None:
    error = refused(BadAnswer, bad.Lonely(bad.greets, gather=bad.invents), network=network)
    says(
        error,
        "the gather guard yields messages that are not in the mailbox",
        "the mailbox holds",
        line=bad.first_line(bad.greets),
    )


def test_processes_with_one_name_are_refused() -> None:
    error = refused(BadProtocol, bad.Twins())
    says(
        error,
        "two processes are named 'p0'",
        "next: give each process its own name",
        line=bad.first_line(bad.Twins.processes),
    )


def test_protocol_without_processes_is_refused() -> None:
    error = refused(BadProtocol, bad.Nobody())
    says(
        error, "the protocol has no processes", "return at least one Process", line=bad.first_line(bad.Nobody.processes)
    )


def test_exception_in_a_gather_guard_shows_its_line() -> None:
    error = refused(StepRaised, bad.Lonely(bad.greets, gather=bad.trips))
    says(error, "LookupError: no such letter", "process p0, state Plain(1)", line=bad.line_of("trips"))


def test_exception_in_an_observer_shows_the_note_it_received() -> None:
    error = refused(StepRaised, bad.Watched(observe=bad.overhears_badly))
    line = bad.first_line(bad.overhears_badly) + 1
    says(
        error,
        "an observer raised an exception",
        "ValueError: invalid literal",
        "notified of 'started' in state 0",
        line=line,
    )


def test_observer_with_hidden_state_is_found_out() -> None:
    error = refused(NondeterministicStep, bad.Watched(observe=lambda *_: next(bad.calls)))
    assert "this observer is nondeterministic: two calls with equal arguments gave different results" in str(error)
    assert f"{Path(__file__).name}:" in str(error)


def test_exception_in_a_passive_learner_shows_its_mailbox() -> None:
    error = refused(StepRaised, bad.Watched(learn=bad.learns_badly))
    line = bad.first_line(bad.learns_badly) + 1
    says(
        error,
        "a passive learner raised an exception",
        "ZeroDivisionError",
        "learner holds (('p0', Hello(0)),)",
        line=line,
    )
