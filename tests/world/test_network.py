"""The algebra of mailboxes, on random letters."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flpcheck.authoring.events import Letter
from flpcheck.authoring.values import key
from flpcheck.world.network import NETWORKS, Envelope, Mailbox, Mailing

LETTERS = [Envelope(s, Letter(f"p{s}", m), (s, key(m))) for s in (0, 1) for m in ("a", "b", "c")]
posts = st.lists(st.sampled_from(LETTERS), max_size=8)
CONSUMING = ["multiset", "fifo"]


def filled(mailing: Mailing, letters: list[Envelope]) -> Mailbox:
    box: Mailbox = ()
    for letter in letters:
        box = mailing.put(box, letter)
    return box


def from_sender(box: Mailbox | list[Envelope], sender: int) -> list[Envelope]:
    return [letter for letter in box if letter.sender == sender]


@pytest.mark.parametrize("kind", CONSUMING)
@given(letters=posts)
def test_receiving_everything_empties_a_consuming_mailbox_in_as_many_steps(kind: str, letters: list[Envelope]) -> None:
    mailing = NETWORKS[kind]
    box = filled(mailing, letters)
    for _ in letters:
        box = mailing.taken(box, mailing.receivable(box)[-1])
    assert box == ()


@given(letters=posts, letter=st.sampled_from(LETTERS))
def test_multiset_taking_undoes_putting(letters: list[Envelope], letter: Envelope) -> None:
    mailing = NETWORKS["multiset"]
    box = filled(mailing, letters)
    assert mailing.taken(mailing.put(box, letter), letter) == box == mailing.dropped(mailing.put(box, letter), letter)


@pytest.mark.parametrize("kind", ["multiset", "set"])
@given(letters=posts, order=st.randoms(use_true_random=False))
def test_order_of_arrival_leaves_no_trace_if_unordered(kind: str, letters: list[Envelope], order: Random) -> None:
    shuffled = list(letters)
    order.shuffle(shuffled)
    assert filled(NETWORKS[kind], letters) == filled(NETWORKS[kind], shuffled)


@given(letters=posts)
def test_set_holds_each_letter_once_and_keeps_what_was_received(letters: list[Envelope]) -> None:
    mailing = NETWORKS["set"]
    box = filled(mailing, letters)
    assert len(box) == len(set(letters))
    for letter in box:
        assert mailing.put(box, letter) == mailing.taken(box, letter) == mailing.copied(box, letter) == box
        assert letter not in mailing.dropped(box, letter)


@given(letters=posts)
def test_fifo_delivers_each_senders_letters_in_the_order_of_sending(letters: list[Envelope]) -> None:
    mailing = NETWORKS["fifo"]
    box, received = filled(mailing, letters), list[Envelope]()
    while box:
        received.append(mailing.receivable(box)[0])
        box = mailing.taken(box, received[-1])
    for sender in (0, 1):
        assert from_sender(received, sender) == from_sender(letters, sender)


@given(letters=posts)
def test_fifo_offers_the_oldest_letter_of_each_sender_in_the_order_of_processes(letters: list[Envelope]) -> None:
    box = filled(NETWORKS["fifo"], letters)
    heads = [from_sender(letters, sender)[0] for sender in (0, 1) if from_sender(letters, sender)]
    assert list(NETWORKS["fifo"].receivable(box)) == heads


@given(letters=posts)
def test_fifo_copy_of_a_letter_does_not_overtake_later_ones(letters: list[Envelope]) -> None:
    mailing = NETWORKS["fifo"]
    box = filled(mailing, letters)
    for letter in mailing.receivable(box):
        copied = mailing.copied(box, letter)
        assert from_sender(copied, letter.sender) == [letter, *from_sender(box, letter.sender)]
        assert mailing.taken(copied, letter) == box


@pytest.mark.parametrize("kind", sorted(NETWORKS))
@given(letters=posts)
def test_each_receivable_letter_is_offered_once(kind: str, letters: list[Envelope]) -> None:
    offered = NETWORKS[kind].receivable(filled(NETWORKS[kind], letters))
    assert len(offered) == len(set(offered))
    assert set(offered) <= set(letters)
