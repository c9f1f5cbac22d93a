"""No secret in what is logged, printed or raised, whatever goes wrong."""

import traceback
from pathlib import Path

import pytest
import structlog
import yaml

from bot.channels.telegram.api import Api
from bot.cli import main
from bot.config import ConfigError, load
from storage.engine import open_store
from tests.cast import CONFIG
from tests.channels.telegram.server import TOKEN, Answer, serving

PASSWORD = "Pass-w0rd-of-the-database"
ANSWERS = {
    "garbage": Answer(200, b"<html>bot" + TOKEN.encode()), "not found": Answer(404, b"{}"), "cut": Answer(cut=True),
    "500": Answer(500, b"no"),
    "401": Answer(401, b'{"ok":false,"description":"Unauthorized"}'), "302": Answer(302, b""),
    "list": Answer(200, b"[]"), "429": Answer(429, b'{"parameters":{}}'),
    "413": Answer(413, b""), "empty": Answer(200, b""),
}  # fmt: skip


@pytest.mark.parametrize("trouble", ANSWERS)
async def test_no_error_of_the_platform_holds_the_token(trouble: str) -> None:
    async with serving() as server:
        server.say("getMe", ANSWERS[trouble])
        api = Api(TOKEN, server.base_url, server.base_file_url)
        with pytest.raises(Exception) as raised:  # noqa: PT011 - whichever it is, it must not hold it
            await api.call("getMe")
        await api.close()
    shown = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert TOKEN not in shown
    assert TOKEN.split(":")[1] not in shown


@pytest.mark.parametrize("base", ["http://127.0.0.1:1/bot", "http://nowhere.invalid/bot", "http://[::1]:1/bot"])
async def test_no_error_of_the_network_holds_the_token(base: str) -> None:
    api = Api(TOKEN, base, base)
    with pytest.raises(Exception) as raised:  # noqa: PT011 - see above
        await api.call("getMe")
    await api.close()
    assert TOKEN.split(":")[1] not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("key", "value"),
    [("token", "two words " + TOKEN), ("webhook_secret", "ä" + TOKEN), ("webhook_url", "http://" + TOKEN)],
)
def test_a_mistake_in_a_secret_is_told_without_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, key: str, value: str
) -> None:
    told = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    told["channels"]["telegram"].update(enabled=True, mode="webhook", **{key: "${HIDDEN}"})
    monkeypatch.setenv("TELEGRAM_TOKEN", "1:other-token")
    monkeypatch.setenv("HIDDEN", value)
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    assert main(["--config", str(path), "check"]) == 1
    assert TOKEN not in capsys.readouterr().out


def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    password = f"  url: postgresql+psycopg://a:{PASSWORD}@h/d"
    mistakes = (
        ("    token: ${TELEGRAM_TOKEN}", f"    token: {TOKEN}"),
        ("  url: sqlite:///data/redsteward.db", password),
    )
    for line, wrong in mistakes:
        text = CONFIG.read_text(encoding="utf-8")
        assert line in text
        path = tmp_path / "config.yaml"
        path.write_text(text.replace(line, wrong), encoding="utf-8")
        with pytest.raises(ConfigError) as refused:
            load(path, {})
        assert "must not stand in the file" in refused.value.report()
        assert TOKEN not in refused.value.report()
        assert PASSWORD not in refused.value.report()


def test_settings_do_not_show_secrets_when_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    told["channels"]["telegram"]["enabled"] = True
    told["database"]["url"] = "${DATABASE_URL}"
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    settings = load(path, {"TELEGRAM_TOKEN": TOKEN, "DATABASE_URL": f"postgresql+psycopg://a:{PASSWORD}@h/d"})
    assert settings.channels.telegram.token == TOKEN
    for shown in (repr(settings), str(settings)):
        assert TOKEN not in shown
        assert PASSWORD not in shown


def test_a_database_that_is_not_there_is_told_without_its_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    told["database"]["url"] = "${DATABASE_URL}"
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", f"postgresql+psycopg://a:{PASSWORD}@127.0.0.1:1/d")
    for command in (["run"], ["db", "upgrade"], ["backup", str(tmp_path / "x.tar")],
                    ["db", "copy", "${DATABASE_URL}", f"sqlite:///{tmp_path}/new.db"]):  # fmt: skip
        assert main(["--config", str(path), *command]) == 1
        out = capsys.readouterr()
        assert "cannot be used" in out.out
        assert PASSWORD not in out.out + out.err


def test_an_unknown_database_is_told_without_its_password() -> None:
    with pytest.raises(ValueError, match="not supported") as refused:
        open_store(f"mysql://a:{PASSWORD}@h/d")
    assert PASSWORD not in str(refused.value)
    assert structlog.is_configured() in (True, False)
