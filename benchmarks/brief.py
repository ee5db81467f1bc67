"""The table against Spin as the README shows it: some columns of the one in RESULTS.md.

python -m benchmarks.brief
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.table import RESULTS, section_of, table, write_section

README = RESULTS.parent.parent / "README.md"
NAME, COMMAND = "against_spin", "python -m benchmarks.against_spin"
COLUMNS = {
    "model": "model",
    "configurations": "configurations",
    "CPU seconds: flpcheck": "flpcheck: CPU seconds",
    "of which start-up": "of which start-up",
    "**Spin, textbook / flpcheck after start-up**": "**Spin, times as long**",
    "**Spin, tuned / flpcheck after start-up**": "Spin on a tuned model",
    "peak MB: flpcheck": "flpcheck: MB",
}
"""Heads in RESULTS.md, and here."""
BESIDE, MEMORY = "peak MB: flpcheck", "Spin: MB"
"""The column after `BESIDE` is Spin's memory, on the first of its models."""


def brief(results: str) -> str:
    """Return the short table, from the text of RESULTS.md."""
    lines = [line for line in section_of(NAME, results).splitlines() if line.startswith("|")]
    heads, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    chosen = [heads.index(head) for head in COLUMNS]
    chosen.append(heads.index(BESIDE) + 1)
    return table([*COLUMNS.values(), MEMORY], [[row[place] for place in chosen] for row in rows])


def main(readme: Path = README) -> None:
    """Write the table between its markers in the README."""
    write_section(NAME, COMMAND, brief(RESULTS.read_text(encoding="utf-8")), readme)


if __name__ == "__main__":
    main()
