"""The tables against Spin and of symmetry as the README shows them: some columns of those in RESULTS.md.

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
    "**Spin, textbook / flpcheck after start-up**": "**Spin's time / flpcheck's**",
    "**Spin, tuned / flpcheck after start-up**": "Spin's time on a tuned model / flpcheck's",
    "peak MB: flpcheck": "flpcheck: MB",
}
"""Heads in RESULTS.md, and here."""
BESIDE, MEMORY = "peak MB: flpcheck", "Spin: MB"
"""The column after `BESIDE` is Spin's memory, on the first of its models."""


SYMMETRY, OF_SYMMETRY = "symmetry", "python -m benchmarks.symmetry"
COLUMNS_OF_SYMMETRY = {
    "model": "model, with symmetry declared",
    "configurations without symmetry": "configurations",
    "orbits": "orbits",
    "CPU seconds: kernel": "CPU seconds after start-up",
}


def brief(results: str) -> str:
    """Return the short table against Spin, from the text of RESULTS.md."""
    heads, rows = _rows(NAME, results)
    chosen = [heads.index(head) for head in COLUMNS]
    chosen.append(heads.index(BESIDE) + 1)
    return table([*COLUMNS.values(), MEMORY], [[row[place] for place in chosen] for row in rows])


def symmetry(results: str) -> str:
    """Return the short table of symmetry, from the text of RESULTS.md."""
    heads, rows = _rows(SYMMETRY, results)
    chosen = [heads.index(head) for head in COLUMNS_OF_SYMMETRY]
    return table([*COLUMNS_OF_SYMMETRY.values()], [[row[place] for place in chosen] for row in rows])


def _rows(name: str, results: str) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of a table in RESULTS.md."""
    lines = [line for line in section_of(name, results).splitlines() if line.startswith("|")]
    heads, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return heads, rows


def main(readme: Path = README) -> None:
    """Write the tables between their markers in the README."""
    results = RESULTS.read_text(encoding="utf-8")
    write_section(NAME, COMMAND, brief(results), readme)
    write_section(SYMMETRY, OF_SYMMETRY, symmetry(results), readme)


if __name__ == "__main__":
    main()
