"""Mistakes in config.yaml: each with its line and what to write."""

from pathlib import Path

import pytest

from bot.config import ConfigError, load
from tests.cast import CONFIG


def mistakes(tmp_path: Path, old: str, new: str, environ: dict[str, str] | None = None) -> str:
    """Return the report on the example with `old` replaced by `new`."""
    text = CONFIG.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "config.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {})
    return caught.value.report()


def line_of(text: str) -> int:
    lines = CONFIG.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_the_example_is_right() -> None:
    settings = load(CONFIG, {})
    assert len([place for place, _ in settings.walk_places() if place.kind == "building"]) == 18


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  port: 8080", "  prot: 8080", 'did you mean "port"'),
        ("  port: 8080", "  port: many", "not a whole number"),
        ("timezone: Asia/Shanghai", "timezone: Asia/Shanghigh", "write one like"),
        ("{role: admin, at: fengmei-street", "{role: admin, at: fengmei-stret", 'did you mean "fengmei-street"'),
        ("accept: 30min", "accept: soon", "write it like"),
        ("fallback: other ", "fallback: others ", 'did you mean "other"'),
        ("  - key: chen", "  - key: wang", "stands twice"),
        ("partners: [police, red_steward]", "partners: [judge]", 'nobody can serve "crime"'),
        ('lunch: ["12:00", "14:00"]', 'lunch: ["14:00", "12:00"]', "within working_hours"),
        ('working_hours: ["8:30", "17:30"]', 'working_hours: ["8:30", "25:30"]', "no time of day"),
        ("role: admin", "role: coordinator", "nobody is admin"),
        ("url: sqlite:///data/redsteward.db", "url: mysql://x", "write sqlite:///"),
    ],
)
def test_a_mistake_is_told_with_its_remedy(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert told in mistakes(tmp_path, old, new)


def test_the_line_is_the_one_of_the_mistake(tmp_path: Path) -> None:
    report = mistakes(tmp_path, "  port: 8080", "  prot: 8080")
    assert f"config.yaml:{line_of('  port: 8080')}: web.prot" in report


def test_broken_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    report = mistakes(tmp_path, "desk:\n", "desk: [\n")
    assert "this is not YAML" in report


def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    report = mistakes(tmp_path, "token: ${TELEGRAM_TOKEN}", "token: 12345:secret-token")
    assert "secret" in report
    assert "secret-token" not in report


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    text = CONFIG.read_text(encoding="utf-8").replace("token: ${TELEGRAM_TOKEN}", "token: ${BOT_TOKEN}")
    text = text.replace("telegram:\n    enabled: false", "telegram:\n    enabled: true")
    path, kept = tmp_path / "config.yaml", tmp_path / "token"
    path.write_text(text, encoding="utf-8")
    kept.write_text("from-file\n", encoding="utf-8")
    assert load(path, {"BOT_TOKEN": "direct"}).channels.telegram.token == "direct"
    assert load(path, {"BOT_TOKEN_FILE": str(kept)}).channels.telegram.token == "from-file"
    with pytest.raises(ConfigError, match="1 mistake"):
        load(path, {"BOT_TOKEN": "direct", "BOT_TOKEN_FILE": str(kept)})
    with pytest.raises(ConfigError, match="1 mistake"):
        load(path, {})
