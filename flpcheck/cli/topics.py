"""Help by topic: `--help` lists what most runs need, `--help-TOPIC` the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
TOPICS = {"world": "inputs, network, crashes, Byzantine processes, time, rounds", "bounds": "", "output": ""}
"""Contents of each topic, in a few words; where empty, its headings say it."""


class TopicalOption(click.Option):
    """An option of a topic.

    Parameters
    ----------
    topic
        One of `TOPICS`; empty for an option of no topic, which `--help` lists.
    heading
        Under which heading the topic lists it.
    common
        Whether `--help` lists it as well.
    """

    def __init__(
        self, *arguments: Any, topic: str = "", heading: str = "Options", common: bool = False, **how: Any
    ) -> None:  # fmt: skip
        super().__init__(*arguments, **how)
        self.topic, self.heading, self.common = topic, heading, common or not topic

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return what help says of this option, with one of the names that turn it off."""
        names, self.secondary_opts = self.secondary_opts, self.secondary_opts[:1]
        try:
            return super().get_help_record(ctx)
        finally:
            self.secondary_opts = names


def option(*names: str, **how: Any) -> Callable[[F], F]:
    """Give a command an option, with the topic that lists it."""
    return click.option(*names, cls=TopicalOption, **how)


def older_name(name: str, param: str, of: str, **how: Any) -> Callable[[F], F]:
    """Give a command an older name of an option, which no help lists: its value is the default of the option.

    Parameters
    ----------
    name, param
        The older name, and its key in `[tool.flpcheck]`.
    of
        The key of the option.
    how
        As for the option.
    """

    def become_default(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value is not None:
            ctx.default_map = {**(ctx.default_map or {}), of: value}

    return click.option(name, param, hidden=True, expose_value=False, is_eager=True, callback=become_default, **how)


bounds_option = partial(option, topic="bounds", heading="Bounds (0 for none)")
search_option = partial(option, topic="bounds", heading="Search")
checkpoint_option = partial(option, topic="bounds", heading="Checkpoints")
files_option = partial(option, topic="output", heading="Files and pictures")
formats_option = partial(option, topic="output", heading="Formats")
"""Each gives a command an option under one heading."""


class TopicalCommand(click.Command):
    """A command whose help is short, with more of it by topic."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters, with the options that show a topic before `--help`."""
        *own, last = super().get_params(ctx)
        return [*own, *map(self._help_of, self.topics()), last]

    def topics(self) -> list[str]:
        """Return the topics that this command has options of."""
        return [topic for topic in TOPICS if any(_topic(param) == topic for param in self.params)]

    def about(self, topic: str) -> str:
        """Return what a topic holds, in a few words."""
        return TOPICS[topic] or ", ".join(heading.partition(" (")[0].lower() for heading, _ in self._sections(topic))

    def _help_of(self, topic: str) -> click.Option:
        text = f"More options: {self.about(topic)}."
        how: dict[str, Any] = {"is_flag": True, "is_eager": True, "expose_value": False}
        return click.Option([f"--help-{topic}"], **how, callback=partial(_show, topic=topic), help=text)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options that `--help` shows."""
        options = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]
        listed = [p for p in options if not isinstance(p, TopicalOption) or p.common]
        _write(ctx, formatter, "Options", listed)

    def help_of_topic(self, ctx: click.Context, topic: str) -> str:
        """Return the help about the options of a topic."""
        formatter = ctx.make_formatter()
        self.format_usage(ctx, formatter)
        for heading, options in self._sections(topic):
            _write(ctx, formatter, heading, options)
        return formatter.getvalue().rstrip("\n")

    def _sections(self, topic: str) -> Iterator[tuple[str, list[click.Option]]]:
        options = [p for p in self.params if isinstance(p, TopicalOption) and p.topic == topic]
        for heading, section in groupby(options, key=lambda option: option.heading):
            yield heading, list(section)


def _topic(param: click.Parameter) -> str:
    return param.topic if isinstance(param, TopicalOption) else ""


def _show(ctx: click.Context, _: click.Parameter, wanted: bool, *, topic: str) -> None:
    if wanted and not ctx.resilient_parsing and isinstance(ctx.command, TopicalCommand):
        click.echo(ctx.command.help_of_topic(ctx, topic))
        ctx.exit()


def _write(
    ctx: click.Context, formatter: click.HelpFormatter, heading: str, options: list[click.Option]
) -> None:  # fmt: skip
    records = [record for option in options if (record := option.get_help_record(ctx)) is not None]
    with formatter.section(heading):
        formatter.write_dl(records)
