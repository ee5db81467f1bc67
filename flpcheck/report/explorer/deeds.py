"""Keys of the explorer and commands of `flpcheck step`: one table, so that a letter does the same in both."""

from __future__ import annotations

from typing import NamedTuple


class Deed(NamedTuple):
    """Something to do on a path.

    Parameters
    ----------
    words
        The deed.
    page
        Its keys on the page, separated by commas; empty if the page has none.
    terminal
        Its command in a terminal, with its argument; empty if there is none.
    """

    words: str
    page: str = ""
    terminal: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys on the page."""
        return tuple(self.page.split(", ")) if self.page else ()

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of its commands in a terminal."""
        return tuple(command.split()[0] for command in self.terminal.split(", ")) if self.terminal else ()


DEEDS = (
    Deed("take the step of that number (on the page, 0 is the tenth)", "1 … 9, 0", "NUMBER"),
    Deed("one step back", "b, Backspace, ←", "b"),
    Deed("one step forward", "f, →", "f"),
    Deed("to the start, to the end of the path", "Home, End"),
    Deed("to step N of the path", terminal="s N"),
    Deed("through the list of next steps; Enter takes one", "↑, ↓"),
    Deed("drop the steps ahead", "d"),
    Deed("start from initial configuration N, or list them", terminal="i [N]"),
    Deed("to the first violation", "v", "v"),
    Deed("to the trigger of a run that violates leads_to", "g"),
    Deed("to one of the places to jump to", "j", "j [N]"),
    Deed("tours", "t", "t [N]"),
    Deed("next and previous stop of a tour", "n, p", "n, p"),
    Deed("copy the path: on the page a link, in a terminal the command that replays it", "c", "c"),
    Deed("list the path", terminal="l"),
    Deed("follow a path as `replay` has it", terminal="w I:A.B.C"),
    Deed("the path as a Mermaid diagram", terminal="x"),
    Deed("the next view of the map", "m"),
    Deed("only what changed", "u"),
    Deed("run: play and pause", "r"),
    Deed("to the list of other runs to compare with", "o"),
    Deed("this list", "?", "?"),
    Deed("close, or leave the tour", "Esc"),
    Deed("quit", terminal="q"),
)


def terminal_help() -> str:
    """Return the commands of a terminal, a line each."""
    rows = [(deed.terminal, deed.words) for deed in DEEDS if deed.terminal]
    return "\n".join(f"  {command:<10} {words}" for command, words in rows)


def page_keys() -> list[list[str]]:
    """Return the keys of the page, as its script has them."""
    return [[deed.page, deed.words] for deed in DEEDS if deed.page]
