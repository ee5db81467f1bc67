"""The options of all commands as a whole: short help, the rest by topic, completion, values written one way."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import CompletionItem
from click.testing import CliRunner

from flpcheck.cli import COMMANDS, cli, main
from flpcheck.cli.config import options_of
from flpcheck.cli.topics import TOPICS, TopicalCommand
from flpcheck.world import PREDICATES
from flpcheck.world.switches import in_options

MOST = 12
"""Maximum number of options that the short help of a command lists."""
EXPLORING = ("explore", "flp", "why", "worlds", "graph", "export", "sweep", "serve", "step", "replay")


def command_of(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def help_of(*arguments: str) -> str:
    result = CliRunner().invoke(cli, [*arguments], terminal_width=80, max_content_width=80)
    assert (result.exit_code, result.exception) == (0, None)
    return result.output


def listed(text: str) -> list[str]:
    """Return the long name of each option that a help text lists."""
    return re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, flags=re.MULTILINE)


def pages_of(name: str) -> list[str]:
    topics = command.topics() if isinstance(command := command_of(name), TopicalCommand) else []
    return [help_of(name, f"--help-{topic}") for topic in topics]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_lists_a_dozen_options_and_each_other_one_is_in_a_topic(name: str) -> None:
    short, pages = help_of(name, "--help"), pages_of(name)
    assert len(listed(short)) <= MOST
    names = {option for text in (short, *pages) for option in listed(text)}
    own = {p.opts[-1] for p in command_of(name).params if isinstance(p, click.Option) and not p.hidden}
    assert {option for option in own if option.startswith("--")} - names == set()
    assert [page for page in pages if len(listed(page)) != len(set(listed(page)))] == []
    assert [line for text in (short, *pages) for line in text.splitlines() if len(line) > 80] == []


def test_commands_that_explore_have_all_switches_of_the_world() -> None:
    switches = {switch.flag for switch in in_options()}
    for name in EXPLORING:
        assert switches - set(listed(help_of(name, "--help-world"))) == set(), name


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_on_or_off_is_turned_off_by_no(name: str) -> None:
    """Some switches of the world have a better word besides, as --never-heals; that is the one which help shows."""
    found = [param for param in command_of(name).params if param.secondary_opts]
    assert [param.opts[-1] for param in found if f"--no-{param.opts[-1][2:]}" not in param.secondary_opts] == []
    text = "".join([help_of(name, "--help"), *pages_of(name)])
    assert [param.opts[-1] for param in found if f"{param.opts[-1]} / {param.secondary_opts[0]}" not in text] == []
    assert not re.search("--no-(heals|stabilises|authenticated)", text)


def test_help_about_a_topic_is_no_setting() -> None:
    assert [name for name in options_of("explore") if name.startswith("help")] == []


@pytest.mark.parametrize("topic", ["", *(f"-{topic}" for topic in TOPICS)])
def test_help_about_a_command_imports_nothing_heavy(topic: str) -> None:
    code = (
        "import sys\nfrom flpcheck.cli import main\n"
        f"try: main(['explore', '--help{topic}'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'rich', 'networkx', 'scipy', 'numba', 'graphviz', 'flpcheck.system', 'flpcheck.explore'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def completed(*words: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return what bash would offer for the last word."""
    monkeypatch.setenv("_FLPCHECK_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(("flpcheck", *words)))
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    answer = CliRunner().invoke(cli, [], prog_name="flpcheck", env=dict(os.environ)).output
    return {line.partition(",")[2] for line in answer.splitlines() if line}


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("explore", "wait_for_all", "--instance", "one"), {"one crash", "one crash, n=3"}),
        (("explore", "wait_for_all", "--property", "agr"), {"agreement"}),
        (("explore", "no_such_spec", "--property", "agr"), set()),
        (("explore", "wait_for_all", "--predicate", "m"), {"majority"}),
        (("explore", "wait_for_all", "--timing", "heard"), {"heard_of"}),
        (("explore", "wait_for_all", "--detector", "diamond"), {"diamond-P", "diamond-S"}),
        (("explore", "wait_for_all", "--recov"), {"--recoveries"}),
        (("explore", "wait_for_all", "--help-w"), {"--help-world"}),
    ],
)
def test_names_and_values_are_completed(
    words: tuple[str, ...], offered: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert completed(*words, monkeypatch=monkeypatch) == offered


def test_completion_items_come_from_the_table() -> None:
    option = next(param for param in command_of("explore").params if param.name == "predicate")
    found = option.type.shell_complete(click.Context(command_of("explore")), option, "")
    assert [item.value for item in found if isinstance(item, CompletionItem)] == list(PREDICATES)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--faulty", "2"), "faulty process '2' does not exist"),
        (("--loss", "few"), "it must be 0 or more, or unlimited; got 'few'"),
        (("--timing", "sometimes"), "no timing 'sometimes'"),
        (("--crash-points", "cut", "--mid-broadcast"), "--crash-points and --mid-broadcast set the same thing"),
        (("--send-omission", "1", "--byzantine", "1"), "cannot be combined: choose one kind of fault"),
        (("--cut", "a"), "'a' is not of the form a>c"),
    ],
)
def test_what_cannot_be_read_is_refused(
    options: tuple[str, ...], text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["explore", "first_quorum", "--crashes", "1", *options, "--reports", str(tmp_path)])
    assert ended.value.code == 2
    assert text in " ".join(capsys.readouterr().err.split())


OLDER = {
    ("check", "--workers"): ("jobs", ("3", 3), ("4", 4)),
    ("gallery", "--workers"): ("jobs", ("3", 3), ("4", 4)),
    ("gallery", "--to"): ("reports", ("here", "here"), ("there", "there")),
}
"""Commands with the older name of an option: its key, and values as given and as read."""


@pytest.mark.parametrize(("name", "older"), OLDER)
def test_an_older_name_of_an_option_works_and_no_help_or_completion_lists_it(name: str, older: str) -> None:
    key, (text, value), (newer, other) = OLDER[name, older]

    def given(*arguments: str, **defaults: str) -> object:
        command = command_of(name)
        return command.make_context(name, ["spec", *arguments], default_map=defaults).params[key]

    param = next(param for param in command_of(name).params if older in param.opts)
    usual = given()
    assert usual not in {value, other}
    assert given(older, text) == value
    assert given(older, text, f"--{key}", newer) == given(f"--{key}", newer, older, text) == other
    assert given(**{param.name or "": text}) == given(**{key: text}) == value
    assert given(older, text, **{key: newer}) == value
    assert given() == usual
    assert param.name in options_of(name)
    assert older not in help_of(name, "--help")
    completed = command_of(name).shell_complete(click.Context(command_of(name)), "--")
    assert older not in [item.value for item in completed]
    assert f"--{key}" in [item.value for item in completed]
