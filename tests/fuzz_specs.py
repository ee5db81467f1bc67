"""Damaged spec files: bundled specs with lines deleted, names swapped, exceptions and loops put in, types wrong.

    python tests/fuzz_specs.py --number 300 --first 0

A damaged spec may be refused, with the line; it may differ from what it expects; it may still be right.  It must not
end in an internal error, nor take longer than its bounds allow.  One that does is printed with its seed, from which
`damaged` makes it again.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import time
import traceback
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process with threads should not be copied

from flpcheck import purity
from flpcheck.cli import main as flpcheck
from flpcheck.spec import bundled, load

SECONDS, PATIENCE = 1.0, 25.0
BOUNDS = ["--max-seconds", str(SECONDS), "--max-configurations", "1500", "--max-memory", "2G"]
ENDS = {0: "as expected", 1: "differs", 2: "refused", 3: "cut"}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
STATEMENTS = (
    "raise ValueError('fuzz')", "raise SystemExit(0)", "raise GeneratorExit", "while True: pass", "return None",
    "1 / 0", "return s", "raise RecursionError", "yield", "raise Exception", "return 5", "return (), ()", "[].pop()",
    "import no_such_module", "raise MemoryError", "del self", "assert False", "return [0] * 3", "raise StopIteration",
    "while True:\n{0}    try: pass\n{0}    except Exception: pass", "return float('nan')", "return '\\x1b[31m'",
)  # fmt: skip
VALUES = (
    "None", "'x'", "-1", "1.5", "[]", "{}", "10**30", "True", "()", "object()", "float('inf')", "b''", "lambda: 0",
    "...",    "frozenset()", "'\\x1b[2J'", "type", "65",
)  # fmt: skip


def names_of_small() -> list[str]:
    """Return the bundled specs that are worth damaging."""
    return [name for name, path in bundled().items() if path.stat().st_size < 12_000]


def damaged(text: str, at: Random) -> str:
    """Return a spec with one to three things wrong."""
    for _ in range(at.choice([1, 1, 2, 3])):
        text = at.choice(DAMAGES)(text, at)
    return text


def _line(lines: list[str], at: Random) -> int:
    code = [n for n, line in enumerate(lines) if line.strip() and not line.strip().startswith("#")]
    return at.choice(code)


def deleted(text: str, at: Random) -> str:
    lines = text.split("\n")
    del lines[_line(lines, at)]
    return "\n".join(lines)


def doubled(text: str, at: Random) -> str:
    lines = text.split("\n")
    number = _line(lines, at)
    lines.insert(at.randrange(len(lines)), lines[number])
    return "\n".join(lines)


def swapped(text: str, at: Random) -> str:
    lines = text.split("\n")
    number = _line(lines, at)
    here = list(NAME.finditer(lines[number]))
    if not here:
        return text
    place, other = at.choice(here), at.choice(NAME.findall(text))
    lines[number] = lines[number][: place.start()] + other + lines[number][place.end() :]
    return "\n".join(lines)


def inserted(text: str, at: Random) -> str:
    lines = text.split("\n")
    number = _line(lines, at)
    space = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
    if lines[number].rstrip().endswith(":"):
        space += "    "
        number += 1
    lines.insert(number, space + at.choice(STATEMENTS).format(space))
    return "\n".join(lines)


def mistyped(text: str, at: Random) -> str:
    places = list(NUMBER.finditer(text)) or list(NAME.finditer(text))
    if at.random() < 0.4:
        places = [place for place in NAME.finditer(text) if text[place.end() : place.end() + 1] in {")", ",", "]"}]
    place = at.choice(places)
    return text[: place.start()] + at.choice(VALUES) + text[place.end() :]


DAMAGES = (deleted, doubled, swapped, swapped, inserted, inserted, inserted, mistyped, mistyped)


def tried(seed: int, folder: Path) -> tuple[str, str]:
    """Damage a spec and check it in a process of its own; return how that ended, and what it printed."""
    at = Random(seed)
    name = at.choice(names_of_small())
    original = bundled()[name]
    file = folder / f"{original.stem}_{seed}.py"
    file.write_text(damaged(original.read_text(encoding="utf-8"), at), encoding="utf-8")
    form = at.choice(["text", "json", "junit", "sarif", "github", "markdown"])
    line = ["explore", str(file), "--no-reports", "--format", form, *BOUNDS, *at.choice([[], [], ["--safety"]])]
    code, printed, seconds = ended(line, folder / "printed", original.parent)
    wrong = "HANGS" if code == -signal.SIGKILL else "WRONG" if code not in ENDS else ""
    if wrong:
        return wrong, f"seed {seed}: {name}, {form}: exit code {code} after {seconds:.0f} s, {file}\n{printed[-2500:]}"
    file.unlink()
    return ENDS[code], ""


def ended(line: list[str], out: Path, beside: Path) -> tuple[int, str, float]:
    """Run a command line in a copy of this process; return its exit code, what it printed and how long it took."""
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        _run(line, out, beside)
    while time.monotonic() - started < PATIENCE:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return code, out.read_text(encoding="utf-8", errors="replace"), time.monotonic() - started
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGKILL, out.read_text(encoding="utf-8", errors="replace"), time.monotonic() - started


def _run(line: list[str], out: Path, beside: Path) -> None:
    """Run a command line and end this process with its exit code."""
    purity.enter()  # the other interpreters would take most of the time
    sys.path[:0] = [str(beside), str(beside.parent)]
    code = 99
    with out.open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        try:
            flpcheck(line)
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException:
            traceback.print_exc()
        file.flush()
    os._exit(code)


def warm() -> None:
    """Load what every copy of this process needs."""
    import flpcheck.analyse
    import flpcheck.cli.explore_command
    import flpcheck.examine_safety
    import flpcheck.explore.safely
    import flpcheck.report.ci
    import flpcheck.report.files
    import flpcheck.report.summary  # noqa: F401

    load("wait_for_all")


def main() -> None:
    """Try many and print how they ended; go on after a wrong one, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    warm()
    started, counts = time.monotonic(), Counter[str]()
    with TemporaryDirectory() as folder:
        for seed in range(options.first, options.first + options.number):
            how, told = tried(seed, Path(folder))
            counts[how] += 1
            if told:
                print(told, flush=True)  # noqa: T201
    print(", ".join(f"{name} {number}" for name, number in sorted(counts.items())))  # noqa: T201
    print(f"{options.number} damaged specs, {time.monotonic() - started:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
