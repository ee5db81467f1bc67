"""`flpcheck step`: through a state space in the terminal, step by step."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import click

from flpcheck.cli.options import property_option, quiet, setting_options, settle_options
from flpcheck.cli.topics import TopicalCommand

VIOLATIONS = ("violation", "lasso", "disagreement")
"""Kinds of places that `v` leads to, as on the page."""


@click.command("step", cls=TopicalCommand)
@setting_options
@property_option
@click.option("--path", metavar="I:A.B.C", help="Start at the end of this path, in the form that `replay` takes.")
def command(path: str | None, **options: Any) -> int:
    """Step through SPEC: numbered next steps, each with the valence it leads to; back, forward, jumps and tours.

    Commands are read from standard input, a line each; `?` lists them.
    """
    from flpcheck.cli.progress import Meter
    from flpcheck.examine import examine
    from flpcheck.report.explorer import Explorer
    from flpcheck.report.stepping import PathCursor

    request = settle_options(options).unfolded
    with quiet(), Meter() as meter:
        walk = PathCursor(Explorer(examine(request, meter)))
    session = Stepper(walk)
    if path is not None:
        session.follow(path)
    session.run()
    return 0


class Stepper:
    """Reads commands and shows what comes of them."""

    def __init__(self, walk: Any) -> None:
        from flpcheck.cli.console import results

        self.walk = walk
        self.console = results()
        self.console.file = sys.stdout  # bound now: what the spec prints while it is asked goes elsewhere
        self.tour: list[Any] = []
        self.stop = 0
        self.say = partial(self.console.print, markup=False, soft_wrap=True)

    def run(self) -> None:
        """Read commands until there are no more."""
        self.show()
        self.say("  ? lists the commands", style="dim")
        while True:
            if sys.stdin.isatty():
                self.console.print("> ", style="bold", end="")
            line = sys.stdin.readline()
            if not line or line.strip() in {"q", "quit"}:
                return
            if line.strip():
                self.obey(*line.split(maxsplit=1))

    def show(self) -> None:
        """Print where the walk is."""
        from flpcheck.report.stepping import configuration_text

        with quiet():
            view = configuration_text(self.walk)
        self.console.print(view)

    def obey(self, word: str, rest: str = "") -> None:
        """Do what a line says."""
        from flpcheck.errors import FlpcheckError
        from flpcheck.report.explorer.deeds import terminal_help

        walk, number = self.walk, _number(rest)
        acts: dict[str, Callable[[], object]] = {
            "b": lambda: walk.go(walk.cursor - 1), "f": lambda: walk.go(walk.cursor + 1),
            "s": lambda: walk.go(walk.cursor if number is None else number), "i": lambda: self.begin(number),
            "v": self.violation, "j": lambda: self.jump(number), "t": lambda: self.guide(number),
            "n": lambda: self.go_on(1), "p": lambda: self.go_on(-1), "l": self.path, "w": lambda: self.follow(rest),
            "c": self.replay, "x": self.mermaid, "?": lambda: self.say(terminal_help()) or True,
        }  # fmt: skip
        act = acts.get(word) or (partial(self.take, int(word)) if word.isdecimal() else None)
        if act is None:
            self.say(f"  no command {word!r}; ? lists them", style="yellow")
            return
        try:
            with quiet():
                quietly = act()
        except FlpcheckError as error:
            self.say(f"  {error}", style="yellow")
            return
        if not quietly:
            self.show()

    def take(self, number: int) -> bool:
        """Take the step of that number; return whether there is nothing new to show."""
        if self.walk.take(number - 1):
            return False
        self.say(f"  there is no step {number}", style="yellow")
        return True

    def begin(self, number: int | None) -> bool:
        """Begin with an initial configuration, or list them."""
        from flpcheck.report.wording import input_text

        initial = self.walk.chunked.graph.initial
        return self._chosen([input_text(i.inputs, i.dead) for i in initial], number, self.walk.begin)

    def jump(self, number: int | None) -> bool:
        """Jump to a place worth seeing, or list them."""
        places = self.walk.explorer.places
        return self._chosen([place.name for place in places], number, lambda n: self.walk.follow(places[n].way))

    def violation(self) -> bool:
        """Jump to the first place where a property is violated."""
        found = [place for place in self.walk.explorer.places if place.kind in VIOLATIONS]
        if not found:
            self.say("  no property is violated here", style="dim")
            return True
        self.walk.follow(found[0].way)
        return False

    def guide(self, number: int | None) -> bool:
        """Begin a tour, or list them."""
        tours = self.walk.explorer.visits
        names = [f"{tour.name}: {tour.about}" for tour, _ in tours]
        return self._chosen(names, number, lambda n: self._visit(tours[n][1], 0))

    def _chosen(self, names: list[str], number: int | None, act: Callable[[int], object]) -> bool:
        if number is not None and 0 < number <= len(names):
            act(number - 1)
            return False
        for place, name in enumerate(names, start=1):
            self.say(f"  {place:>3}  {name}")
        if not names:
            self.say("  there are none here", style="dim")
        return True

    def go_on(self, stops: int) -> bool:
        """Go to the next stop of the tour, or back to the previous one."""
        if not 0 <= self.stop + stops < len(self.tour):
            end = "the tour has ended" if stops > 0 else "this is its first stop"
            self.say(f"  {end}" if self.tour else "  no tour has started; t lists them", style="dim")
            return True
        self._visit(self.tour, self.stop + stops)
        return False

    def _visit(self, visits: list[Any], place: int) -> None:
        self.tour, self.stop = visits, place
        visit = visits[place]
        self.walk.follow(visit.way)
        self.say(f"\n{place + 1} of {len(visits)}: {visit.stop.title}", style="bold")
        self.say(visit.stop.text)
        self.say("  ".join(f"✓ {claim}" for claim in visit.claims), style="green")

    def path(self) -> bool:
        """Print the path."""
        from flpcheck.report.stepping import path_lines

        for line in path_lines(self.walk):
            self.console.print(line)
        return True

    def follow(self, text: str) -> None:
        """Follow a path that is written as `replay` has it."""
        from flpcheck.cli.replay_command import parse_path
        from flpcheck.errors import BadRequest

        initial, positions = parse_path(text.strip())
        if not 0 <= initial < len(self.walk.chunked.graph.initial):
            raise BadRequest(f"no initial configuration {initial}")
        self.walk.begin(initial)
        for place, position in enumerate(positions, start=1):
            if not self.walk.take(position):
                raise BadRequest(f"step {place} of the path takes transition {position}, but there is none")

    def replay(self) -> bool:
        """Print the command that replays the path."""
        from flpcheck.report.command import command_line, options_of

        request = self.walk.explorer.examination.request
        self.say(command_line("replay", request.spec, *options_of(request), "--path", str(self.walk.way)))
        return True

    def mermaid(self) -> bool:
        """Print the path as a Mermaid diagram."""
        from flpcheck.report.runs.flights import traced_run
        from flpcheck.report.runs.mermaid import mermaid

        self.say(mermaid(traced_run(self.walk.chunked.graph.system, self.walk.schedule())), end="")
        return True


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None
