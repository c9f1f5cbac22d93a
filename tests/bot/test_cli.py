"""The command line as an operator uses it."""

from pathlib import Path

import pytest

from bot.cli import main
from storage.migrate import is_current
from tests.cast import CONFIG


def test_check_finds_the_example_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(CONFIG), "check"]) == 0
    assert "no mistakes" in capsys.readouterr().out


def test_check_tells_the_line_of_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.read_text(encoding="utf-8").replace("  port: 8080", "  prot: 8080"), encoding="utf-8")
    assert main(["--config", str(path), "check"]) == 1
    assert "config.yaml:" in (told := capsys.readouterr().out)
    assert 'did you mean "port"' in told


def test_a_missing_file_is_told_with_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", "nowhere.yaml", "check"]) == 1
    assert "cannot be read" in capsys.readouterr().out


def test_db_upgrade_makes_the_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/desk.db"
    path = tmp_path / "config.yaml"
    text = CONFIG.read_text(encoding="utf-8").replace("sqlite:///data/redsteward.db", url)
    path.write_text(text, encoding="utf-8")
    assert main(["--config", str(path), "db", "upgrade"]) == 0
    assert is_current(url)
