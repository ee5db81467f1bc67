"""A copy of a bundled spec runs anywhere: it may import the bundled specs, and what lies beside it comes first."""

from __future__ import annotations

from pathlib import Path

from cli.test_commands import Cli, cli  # noqa: F401

from flpcheck.spec import file_of, load


def test_a_copy_of_a_bundled_spec_runs_in_any_folder(cli: Cli, tmp_path: Path) -> None:  # noqa: F811
    assert cli("init", "mine", "--from", "broken/paxos_small_quorum").code == 0
    copy = tmp_path / "mine.py"
    assert copy.read_text("utf-8") == Path(file_of("broken/paxos_small_quorum")).read_text("utf-8")
    assert load(str(copy)).protocol.__module__.startswith("flpcheck_spec_")
    assert cli("init", "mine", "--from", "paxos").code == 2
    assert "no file and no bundled spec" in cli("init", "other", "--from", "paxoss").err


def test_a_module_beside_the_spec_comes_before_a_bundled_one(tmp_path: Path) -> None:
    text = Path(file_of("wait_for_all")).read_text("utf-8")
    for folder, beside in (("a", ""), ("b", "WHOSE = 'mine'\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "spec.py").write_text(f"import sequencer\n{text}", encoding="utf-8")
        if beside:
            (tmp_path / folder / "sequencer.py").write_text(beside, encoding="utf-8")
    whose = [hasattr(load(str(tmp_path / folder / "spec.py")).module.sequencer, "WHOSE") for folder in "aba"]
    assert whose == [False, True, False]
