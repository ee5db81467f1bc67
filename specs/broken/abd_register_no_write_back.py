"""A register whose readers do not write back what they found: a later read returns an older value.

Leaves out the second phase of a read in Attiya, Bar-Noy, Dolev, "Sharing Memory Robustly in Message-Passing Systems"
(1995): what is left is a regular register, no atomic one.  Everything else is `specs/abd_register.py`.
"""

from abd_register import AbdRegister, Client, Message, Tag, linearizable_history
from flpcheck import VIOLATED, At, Instance, Step, asynchronous, protocol


@protocol
class AbdRegisterNoWriteBack(AbdRegister):
    """Majorities, but a read has one phase only."""

    def found(self, at: At, tag: Tag, value: str | None) -> Step[Client, Message]:
        return self.over(at, value)  # BROKEN: instead of updating a majority first


INSTANCES = (
    Instance(
        "two readers",
        AbdRegisterNoWriteBack(),
        asynchronous(),
        {linearizable_history: VIOLATED},
        configurations=86526,
        transitions=248007,
        depth=13,
        counterexample={linearizable_history: 13},
        bounds={"max_depth": 13},
        about="The write has reached one server of three: the first reader asks it, the second one the others.",
    ),
)
