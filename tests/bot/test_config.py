"""Mistakes in config.yaml: each with its line and what to write."""

from pathlib import Path

import pytest

from bot.config import ConfigError, load
from tests.cast import CONFIG

WECOM = "(自建应用)\n    enabled: false"
WECHAT = "must be reachable over https\n    enabled: false"


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
        ("mode: encrypted  ", "mode: secret  ", "channels.wechat.mode"),
        ("api_base: https://api.weixin.qq.com", "api_base: weixin", '"weixin" is no web address'),
        (
            "      fields: {}             # its",
            "      fields: {thing1: words}  # its",
            '"words" is nothing a field can say; write',
        ),
        (
            "      fields: {}             # its",
            "      fields: {time3: title}  # its",
            "time3 takes nothing but a time; write time3: time",
        ),
        (
            "      fields: {}             # its",
            "      fields: {amount1: number}  # its",
            "nothing here goes into amount1; choose a template without it",
        ),
        ("robots: []", "robots: [{place: fengmei, webhook_key: abcdef}]", "write ${ROBOTS_0_WEBHOOK_KEY} and set"),
        (WECOM, f"{WECOM.replace('false', 'true')}", "corp_id: is missing; copy 企业ID"),
        ("robots: []", "robots: [{place: fengmay}]", 'did you mean "fengmei"'),
        ("robots: []", "robots: [{place: fengmei}, {place: fengmei}]", '"fengmei" has a robot already'),
        ("api_base: https://qyapi.weixin.qq.com", "api_base: qyapi", '"qyapi" is no web address'),
        ("  - key: wang", "  - key: wang\n    wecom: 王建国", 'people[0].wecom: "王建国" is no account; write'),
        ("  port: 8080", "  prot: 8080", 'did you mean "port"'),
        ("  port: 8080", "  port: many", "not a whole number"),
        ("timezone: Asia/Shanghai", "timezone: Asia/Shanghigh", "write one like"),
        ("{role: admin, at: fengmei-street", "{role: admin, at: fengmei-stret", 'did you mean "fengmei-street"'),
        ("accept: 30min", "accept: soon", "write it like"),
        ("fallback: other ", "fallback: others ", 'did you mean "other"'),
        ("  - key: chen", "  - key: wang", "stands twice"),
        ("partners: [police, red_steward]", "partners: [judge]", 'nobody can serve "crime"'),
        ("accept: 30min", "accept: 0min", "no time at all; write it like"),
        ("accept: 30min", "accept: -2h", "'-2h' is not a duration; write it like"),
        ("urge_every: 1h", "urge_every: -1h", "times.urge_every: '-1h' is not a duration; write it like"),
        (
            "next_rung_after: 4 working hours",
            "next_rung_after: 0",
            "times.next_rung_after: 0 is not a duration; write it like",
        ),
        ('lunch: ["12:00", "14:00"]', 'lunch: ["14:00", "12:00"]', "within working_hours"),
        ('lunch: ["12:00", "14:00"]', 'lunch: ["17:00", "18:00"]', "within working_hours 8:30–17:30; write lunch"),
        ('lunch: ["12:00", "14:00"]', 'lunch: ["8:30", "17:30"]', "takes all of working_hours; write lunch: null"),
        ('working_hours: ["8:30", "17:30"]', 'working_hours: ["17:30", "8:30"]', "08:30 is not later than 17:30"),
        ('working_hours: ["8:30", "17:30"]', 'working_hours: ["9:00", "9:00"]', "not later than 09:00; write"),
        ('working_hours: ["8:30", "17:30"]', 'working_hours: ["8:30"]', "is missing; add it"),
        ('quiet_hours: ["22:00", "7:00"]', 'quiet_hours: ["22:00", "22:00"]', "the same; write ["),
        ("remind_at: [50, 80]", "remind_at: [0, 80]", "times.remind_at: 0 is no percentage from 1 to 99; write"),
        ("remind_at: [50, 80]", "remind_at: [50, 100]", "100 is no percentage from 1 to 99; write"),
        ("remind_at: [50, 80]", "remind_at: [80, 50]", "80, 50 does not ascend; write"),
        ("remind_at: [50, 80]", "remind_at: [half]", "times.remind_at[0]: is not a whole number; write digits only"),
        ("remind_at: [50, 80]", "remind_at: often", "times.remind_at: is not a list; write [one, two]"),
        ("messages_after: 30d", "messages_after: 1d", "privacy.messages_after: 1d is too short; write at least 3d"),
        ("urgent_share: 50", "urgent_share: 5", "times.urgent_share: is out of its limits; write at least 10"),
        ('digest_at: "8:30"', "digest_at: breakfast", 'times.digest_at: "breakfast" is no time of day; write it like'),
        ('digest_at: "8:30"', "digest_at: 8.30", 'times.digest_at: "8.3" is no time of day; write it like'),
        ('weekly_at: "10:00"', 'weekly_at: "24:00"', 'times.weekly_at: "24:00" is no time of day; write it like'),
        ('working_hours: ["8:30", "17:30"]', 'working_hours: ["8:30", "25:30"]', "no time of day"),
        (
            "    private: true\n",
            "    private: true\n    pool: true\n",
            '.pool: "crime" is private, but what is pooled is offered in the task group; write pool: false',
        ),
        (
            "    wish: true\n",
            "    wish: true\n    private: true\n",
            '.private: "wish_things" is private, but a wish is offered in the task group; take it out',
        ),
        ("url: sqlite:///data/redsteward.db", "url: mysql://x", "write sqlite:///"),
        (
            "help_category: rescue",
            "help_category: rescu",
            'no category "rescu"; did you mean "rescue"?',
        ),
        ("help_category: rescue", "help_category: lights", '"lights" knows no emergencies; write one of fire, gas'),
        ("second_admin_above: 500", "second_admin_above: -1", "is out of its limits; write at least 0"),
    ],
)
def test_a_mistake_is_told_with_its_remedy(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert told in mistakes(tmp_path, old, new)


def test_somebody_must_be_admin(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    text = CONFIG.read_text(encoding="utf-8").replace("role: admin", "role: coordinator")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert "nobody is admin; give somebody the role {role: admin, at: fengmei-street}" in caught.value.report()


def test_the_line_is_the_one_of_the_mistake(tmp_path: Path) -> None:
    report = mistakes(tmp_path, "  port: 8080", "  prot: 8080")
    assert f"config.yaml:{line_of('  port: 8080')}: web.prot" in report


ESTATE = "            latitude: 23.1352\n"  # a line of the estate, to write more keys above


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ("working_hours: [9:00, 11:30]", ".working_hours: lunch 12:00–14:00 does not lie within"),
        ("lunch: [18:00, 19:00]", ".lunch: lunch 18:00–19:00 does not lie within working_hours 8:30–17:30; write"),
        ("lunch: [14:00, 12:00]", ".lunch: lunch 14:00–12:00 does not lie within working_hours 8:30–17:30"),
        ("working_hours: [18:00, 9:00]", ".working_hours: 09:00 is not later than 18:00; write"),
        ("working_hours: [9:00, noon]", '.working_hours[1]: "noon" is no time of day; write it like'),
        ("lunch: long", ".lunch: is not a list; write"),
        ("lunch: [12:00]", ".lunch[1]: is missing; add it"),
        ("opening_hours: [9:00, 12:00]", 'did you mean "working_hours"'),
    ],
)
def test_a_mistake_in_the_hours_of_a_place(tmp_path: Path, hours: str, told: str) -> None:
    report = mistakes(tmp_path, ESTATE, f"            {hours}\n{ESTATE}")
    assert told in report
    assert f"config.yaml:{line_of('latitude: 23.1352')}: places[0].children[0].children[0]." in report
    assert len(report.splitlines()) == 1


def test_hours_of_a_place_that_are_right(tmp_path: Path) -> None:
    text = CONFIG.read_text(encoding="utf-8")
    path = tmp_path / "config.yaml"
    for keys in (["lunch: null"], ["working_hours: [10:00, 22:00]"], ["working_hours: [9:00, 11:30]", "lunch: null"]):
        above = "".join(f"            {key}\n" for key in keys)
        path.write_text(text.replace(ESTATE, above + ESTATE), encoding="utf-8")
        assert load(path, {})


def test_a_wrong_lunch_of_the_desk_is_told_once(tmp_path: Path) -> None:
    text = CONFIG.read_text(encoding="utf-8").replace('lunch: ["12:00", "14:00"]', 'lunch: ["14:00", "12:00"]')
    path = tmp_path / "config.yaml"
    path.write_text(text.replace(ESTATE, f"            working_hours: [9:00, 18:00]\n{ESTATE}"), encoding="utf-8")
    with pytest.raises(ConfigError, match="1 mistake"):
        load(path, {})


def limits(tmp_path: Path, accept: str, resolve: str) -> str:
    """Return the report on a lift that is to be accepted and resolved by these times, "" for none."""
    text = CONFIG.read_text(encoding="utf-8")
    before, lift, after = text.partition("  - key: lift\n")
    after = after.replace("accept: 30min\n", accept and f"accept: {accept}\n", 1)
    after = after.replace("    resolve: 4h\n", resolve and f"    resolve: {resolve}\n", 1)
    path = tmp_path / "config.yaml"
    path.write_text(before + lift + after, encoding="utf-8")
    try:
        load(path, {})
    except ConfigError as error:
        return error.report()
    return ""


@pytest.mark.parametrize(
    ("accept", "resolve"),
    [
        ("2h", "1h30min"),
        ("2d", "47h"),
        ("3 working days", "2 working days"),
        ("5 working hours", "4 working hours"),
        ("8 working hours", "1 working day"),  # a day has seven
        ("4 working days", ""),  # what is not written is three working days
    ],
)
def test_a_matter_is_not_to_be_resolved_sooner_than_accepted(tmp_path: Path, accept: str, resolve: str) -> None:
    report = limits(tmp_path, accept, resolve)
    assert f'categories[2].resolve: "{resolve or "3 working days"}" is shorter than accept, "{accept}"' in report
    assert f'write at least "{accept}"' in report
    assert len(report.splitlines()) == 1


@pytest.mark.parametrize(
    ("accept", "resolve"),
    [
        ("2h", "2h"),
        ("7 working hours", "1 working day"),
        ("1 working day", "7 working hours"),
        ("1 working day", "2h"),  # the clocks differ: which ends first hangs on the day
        ("3d", "1 working day"),
    ],
)
def test_limits_that_may_stand(tmp_path: Path, accept: str, resolve: str) -> None:
    assert limits(tmp_path, accept, resolve) == ""


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


def test_what_is_private_is_not_offered_and_the_line_says_where(tmp_path: Path) -> None:
    report = mistakes(tmp_path, "    private: true\n", "    pool: true\n    private: true\n")
    assert f"config.yaml:{line_of('    private: true')}: categories[" in report
    assert len(report.splitlines()) == 1


def test_wechat_as_the_readme_says(tmp_path: Path) -> None:
    text = CONFIG.read_text(encoding="utf-8").replace(WECHAT, WECHAT.replace("false", "true"))
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    secrets = {"WECHAT_SECRET": "s3cret-value", "WECHAT_TOKEN": "t0ken-value", "WECHAT_AES_KEY": "short-key"}
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    for name in ("WECHAT_SECRET", "WECHAT_TOKEN", "WECHAT_AES_KEY"):
        assert name in caught.value.report()
    with pytest.raises(ConfigError) as short:
        load(path, secrets)
    assert "copy AppID from" in short.value.report()
    assert "43 characters of EncodingAESKey" in short.value.report()
    assert "short-key" not in short.value.report()
    path.write_text(text.replace('app_id: "" ', "app_id: wx01 "), encoding="utf-8")
    found = load(path, secrets | {"WECHAT_AES_KEY": "k" * 43})
    assert (found.channels.wechat.enabled, found.channels.wechat.app_id) == (True, "wx01")
    assert not any(secret in repr(found) for secret in ("s3cret-value", "t0ken-value", "k" * 43))


def test_consent_on_wechat_needs_an_address_where_it_is_given(tmp_path: Path) -> None:
    asked = '      id: ""\n      fields: {}'
    text = CONFIG.read_text(encoding="utf-8").replace(WECHAT, WECHAT.replace("false", "true"))
    text = text.replace('app_id: "" ', "app_id: wx01 ").replace(asked, "      id: abc\n      fields: {thing1: title}")
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    secrets = {"WECHAT_SECRET": "s3cret-value", "WECHAT_TOKEN": "t0ken-value", "WECHAT_AES_KEY": "k" * 43}
    with pytest.raises(ConfigError) as caught:
        load(path, secrets)
    assert "web.public_url: is missing" in caught.value.report()
    assert f":{line_of('public_url:')}:" in caught.value.report()


def test_wecom_as_the_readme_says(tmp_path: Path) -> None:
    text = CONFIG.read_text(encoding="utf-8").replace(WECOM, WECOM.replace("false", "true"))
    text = text.replace('corp_id: ""', "corp_id: ww1").replace("agent_id: 0 ", "agent_id: 1000002 ")
    text = text.replace("robots: []", 'robots: [{place: fengmei, webhook_key: "${WECOM_ROBOT_FENGMEI}"}]')
    text = text.replace("  - key: wang", "  - key: wang\n    wecom: WangJianGuo")
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    for name in ("WECOM_SECRET", "WECOM_TOKEN", "WECOM_AES_KEY", "WECOM_ROBOT_FENGMEI"):
        assert name in caught.value.report()
    secrets = {"WECOM_SECRET": "s3cret-value", "WECOM_TOKEN": "t0ken", "WECOM_ROBOT_FENGMEI": "r0bot"}
    with pytest.raises(ConfigError) as short:
        load(path, secrets | {"WECOM_AES_KEY": "short-key"})
    assert "43 letters and digits" in short.value.report()
    assert "short-key" not in short.value.report()
    found = load(path, secrets | {"WECOM_AES_KEY": "k" * 43})
    assert (found.channels.wecom.enabled, found.channels.wecom.robots[0].webhook_key) == (True, "r0bot")
    assert found.people[0].wecom == "WangJianGuo"
    assert "s3cret-value" not in repr(found)
    assert "r0bot" not in repr(found)
