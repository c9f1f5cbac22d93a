"""The command line as an operator uses it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.check import check, notes
from bot.cli import main
from bot.clock import Clock
from bot.config import load
from cases.holidays_cn import known_years
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


LAST = known_years()[-1]
"""The last year whose working days are announced."""


def told_at(moment: datetime, path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines that `check` prints at a moment, without the first."""
    assert check(path, {}, Clock(moment - datetime.now(UTC))) == 0
    summary, *lines = capsys.readouterr().out.splitlines()
    assert "no mistakes" in summary
    return lines


def test_check_notes_the_years_that_nobody_has_announced(capsys: pytest.CaptureFixture[str]) -> None:
    assert told_at(datetime(LAST - 1, 6, 1, tzinfo=UTC), CONFIG, capsys) == []
    [note] = told_at(datetime(LAST, 6, 1, tzinfo=UTC), CONFIG, capsys)
    assert f"config.yaml: note: the official working days of {LAST + 1} are not known" in note
    assert "count as free" in note
    assert "add them to times.extra_workdays" in note
    [first, second] = told_at(datetime(LAST, 12, 31, 17, tzinfo=UTC), CONFIG, capsys)  # New Year's Day at the desk
    assert f"of {LAST + 1} " in first
    assert f"of {LAST + 2} " in second


def test_check_is_content_with_make_up_workdays_in_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.yaml"
    text = CONFIG.read_text(encoding="utf-8").replace("extra_workdays: []", f"extra_workdays: [{LAST + 1}-02-14]")
    path.write_text(text, encoding="utf-8")
    assert load(path, {}).times.extra_workdays == (date(LAST + 1, 2, 14),)
    assert told_at(datetime(LAST, 6, 1, tzinfo=UTC), path, capsys) == []


def test_a_year_without_any_known_holiday_is_told_so() -> None:
    [first, _second] = notes(load(CONFIG, {}), 2150)
    assert "every Monday to Friday counts as a working day" in first
    assert "times.extra_holidays" in first


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
