"""Damaged spec files: bundled specs with lines deleted, names swapped, exceptions and loops put in, types wrong.

    python tests/fuzz_specs.py --number 300 --first 0

A damaged spec may be refused, with the line; it may differ from what it expects; it may still be right.  It must not
end in an internal error, nor take more processor time than its bounds allow, nor satisfy a property that plain loops
over the same protocol (`oracle/enumeration.py`) find violated.  One that does is printed with its seed, from which
`damaged` makes it again.
"""

from __future__ import annotations

import faulthandler
import os
import re
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process with threads should not be copied

from fuzzing import option_parser, print_counts, seeds
from oracle.analysis import blocked, enumerated, shortest_disagreement
from oracle.enumeration import TooLarge

from flpcheck import HOLDS, purity
from flpcheck.cli import main as flpcheck
from flpcheck.examine import examine
from flpcheck.settle import Overrides, settle
from flpcheck.spec import bundled, load

SECONDS = 1.0
PROCESSOR_SECONDS = 15
"""Processor time of one command, after which it counts as hanging, however busy the machine is."""
PATIENCE = 60.0
"""Seconds after which a command that waits, and asks for no processor, counts as hanging."""
FEW = 600
"""Number of configurations that the plain loops visit at most."""
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


class End(NamedTuple):
    """How a process ended: its exit code (negative if a signal ended it), what it printed, its processor time."""

    code: int
    printed: str
    seconds: float


def tried(seed: int, folder: Path) -> tuple[str, str, float]:
    """Damage a spec and check it in a process of its own; return how that ended, what is wrong, and the seconds."""
    at = Random(seed)
    name = at.choice(names_of_small())
    original = bundled()[name]
    file = folder / f"{original.stem}_{seed}.py"
    file.write_text(damaged(original.read_text(encoding="utf-8"), at), encoding="utf-8")
    form = at.choice(["text", "json", "junit", "sarif", "github", "markdown"])
    line = ["explore", str(file), "--no-reports", "--format", form, *BOUNDS, *at.choice([[], [], ["--safety"]])]
    end = ended(lambda: flpcheck(line), folder / "printed", original.parent)
    how = ENDS.get(end.code, "HANGS" if end.code in {-signal.SIGXCPU, -signal.SIGKILL} else "WRONG")
    if end.code in {0, 1}:
        second = ended(lambda: compared(file), folder / "compared", original.parent)
        how += {0: ", compared", 1: ", FALSE"}.get(second.code, "")
        end = second if second.code == 1 else end
    if how.isupper() or how.endswith("FALSE"):
        told = f"seed {seed}: {name}, {form}: {how}, exit code {end.code}, {end.seconds:.0f} s, {file}"
        return how, f"{told}\n{end.printed[-2500:]}", end.seconds
    file.unlink()
    return how, "", end.seconds


def compared(file: Path) -> None:
    """Exit with 1 if a property of decisions is satisfied that plain loops find violated, with 0 if none is."""
    request = settle(load(str(file)), Overrides(bounds={"seconds": SECONDS, "configurations": FEW}))
    findings = examine(request).analysis.findings
    satisfied = {finding.claim.name for finding in findings if finding.verdict is HOLDS}
    try:
        graph = enumerated(request.protocol, request.world, FEW, dict(request.inputs))
    except TooLarge:
        sys.exit(2)
    false = {
        "agreement": shortest_disagreement(graph, uniform=False) is not None,
        "uniform_agreement": shortest_disagreement(graph) is not None,
        "termination": request.world.failures.events == "explicit" and bool(blocked(graph)),
    }
    wrong = [name for name in false if false[name] and name in satisfied]
    print(wrong)  # noqa: T201
    sys.exit(1 if wrong else 0 if satisfied & false.keys() else 2)


def ended(work: Callable[[], object], out: Path, beside: Path) -> End:
    """Do something in a copy of this process; return how that ended."""
    child = os.fork()
    if child == 0:
        _run(work, out, beside)
    asked = time.monotonic()
    while True:
        done, status, used = os.wait4(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return End(code, out.read_text(encoding="utf-8", errors="replace"), used.ru_utime + used.ru_stime)
        asked = time.monotonic() if _asks_for_processor(child) else asked
        waited = time.monotonic() - asked
        if waited > PATIENCE:
            os.kill(child, signal.SIGXCPU if waited < PATIENCE + 1 else signal.SIGKILL)
        time.sleep(0.01)


def _asks_for_processor(child: int) -> bool:
    """Return whether a process runs or would run if it got a processor, as far as the machine tells."""
    with suppress(OSError):
        return Path(f"/proc/{child}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "R"
    return False


def _run(work: Callable[[], object], out: Path, beside: Path) -> None:
    """Do something and end this process with its exit code; where it hangs, with a traceback."""
    purity.mark_interpreter()  # the other interpreters would take most of the time
    sys.path[:0] = [str(beside), str(beside.parent)]
    code = 99
    with out.open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        faulthandler.register(signal.SIGXCPU, file, all_threads=True, chain=True)
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS + 2))
        try:
            work()
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
    import flpcheck.examine
    import flpcheck.report.ci
    import flpcheck.report.files
    import flpcheck.report.summary  # noqa: F401

    load("wait_for_all")


def main() -> None:
    """Try many and print how they ended; go on after a wrong one, and print it; Ctrl-C ends it early."""
    options = option_parser(__doc__, 300).parse_args()
    warm()
    started, counts, longest = time.monotonic(), Counter[str](), (0.0, options.first)
    with TemporaryDirectory() as folder, suppress(KeyboardInterrupt):
        for seed in seeds(options):
            how, told, seconds = tried(seed, Path(folder))
            counts[how] += 1
            longest = max(longest, (seconds, seed))
            if told:
                print(told, flush=True)  # noqa: T201
    print(f"the longest took {longest[0]:.1f} s of processor time (seed {longest[1]})")  # noqa: T201
    print_counts(counts, f"{counts.total()} damaged specs", started)


if __name__ == "__main__":
    main()
