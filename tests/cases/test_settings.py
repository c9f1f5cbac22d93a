"""Settings as values: what they refuse by themselves, and what can be looked up in them."""

from datetime import time
from typing import Any

import pytest
from pydantic import ValidationError

from cases.duration import Duration
from cases.settings import (
    Category,
    Emergency,
    Partner,
    PersonSettings,
    PlaceSettings,
    RoleSettings,
    Settings,
    TelegramSettings,
    Times,
    WebSettings,
)

SMALLEST: dict[str, Any] = {
    "places": [{"key": "yard", "name": "大院", "kind": "estate"}],
    "people": [{"key": "li", "name": "李", "roles": [{"role": "admin", "at": "yard"}]}],
    "categories": [{"key": "other", "name": "其他", "name_en": "Other"}],
}


def test_the_smallest_file_gets_sensible_values() -> None:
    settings = Settings.model_validate(SMALLEST)
    assert settings.desk.timezone == "Asia/Shanghai"
    assert settings.database.url == "sqlite:///data/redsteward.db"
    assert (settings.web.host, settings.web.port, settings.web.allow_outside) == ("127.0.0.1", 8080, False)
    assert settings.channels.web.enabled
    assert not settings.channels.telegram.enabled
    assert settings.times.wait_for_third_party == Duration(14 * 24 * 60)
    assert settings.times.quiet_hours == (time(22), time(7))


def test_a_category_is_found_by_its_key_and_a_lost_one_is_the_fallback() -> None:
    settings = Settings.model_validate(SMALLEST)
    assert settings.has_category("other")
    assert not settings.has_category("lift")
    assert settings.category("lift") is settings.category("other") is settings.categories[0]


def test_a_call_for_help_is_of_a_kind_that_knows_emergencies_where_there_is_one() -> None:
    urgent = {"key": "fire", "name": "火", "name_en": "Fire",
              "emergency": {"always": True, "call": [{"who": "消防", "who_en": "Fire", "number": "119"}]}}  # fmt: skip
    told = {**SMALLEST, "categories": [*SMALLEST["categories"], urgent, {**urgent, "key": "rescue", "name": "救"}]}
    assert Settings.model_validate(SMALLEST).help_kind.key == "other"
    assert Settings.model_validate(told).help_kind.key == "fire"
    assert Settings.model_validate({**told, "broadcast": {"help_category": "rescue"}}).help_kind.key == "rescue"


def test_settings_cannot_be_changed() -> None:
    settings = Settings.model_validate(SMALLEST)
    with pytest.raises(ValidationError, match="frozen"):
        settings.fallback = "lift"


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Settings.model_validate({**SMALLEST, "catgories": []})


def test_secrets_are_not_shown() -> None:
    telegram = TelegramSettings(enabled=True, token="12345:swordfish", webhook_secret="open-sesame")
    database = Settings.model_validate({**SMALLEST, "database": {"url": "postgresql+psycopg://me:swordfish@db/x"}})
    assert "swordfish" not in repr(telegram) + repr(database)
    assert "sesame" not in repr(telegram)


@pytest.mark.parametrize("per_second", [-1, 1001, "many"])
def test_a_pace_that_no_server_has_is_refused(per_second: object) -> None:
    with pytest.raises(ValidationError, match="per_second"):
        TelegramSettings.model_validate({"per_second": per_second})


def keys(place: dict[str, Any]) -> list[str]:
    return [found.key for found, _parent in PlaceSettings.model_validate(place).walk()]


def test_buildings_and_units_are_spelled_out() -> None:
    estate = {"key": "e", "name": "小区", "kind": "estate", "buildings": {"from": 2, "to": 3, "units": 2}}
    assert keys(estate) == ["e", "e-2", "e-2-1", "e-2-2", "e-3", "e-3-1", "e-3-2"]
    names = [place.name for place, _parent in PlaceSettings.model_validate(estate).walk()]
    assert names == ["小区", "2号楼", "1单元", "2单元", "3号楼", "1单元", "2单元"]


def test_a_building_written_out_comes_before_the_shorthand() -> None:
    tower = {"key": "tower", "name": "高塔", "kind": "building", "number": 2, "units": 1}
    estate = {"key": "e", "name": "小区", "kind": "estate", "buildings": {"to": 3}, "children": [tower]}
    assert keys(estate) == ["e", "e-1", "tower", "tower-1", "e-3"]


def test_a_unit_written_out_comes_before_the_shorthand() -> None:
    unit = {"key": "front", "name": "前单元", "kind": "unit", "number": 1}
    assert keys({"key": "b", "name": "楼", "kind": "building", "units": 2, "children": [unit]}) == ["b", "front", "b-2"]


def test_a_parent_is_named_before_its_children() -> None:
    settings = Settings.model_validate(
        {**SMALLEST, "places": [{"key": "yard", "name": "大院", "kind": "estate", "buildings": {"to": 1, "units": 1}}]}
    )
    assert [(place.key, parent) for place, parent in settings.walk_places()] == [
        ("yard", None), ("yard-1", "yard"), ("yard-1-1", "yard-1"),
    ]  # fmt: skip


@pytest.mark.parametrize("buildings", [{"from": 3, "to": 1}, {"to": 0}, {"from": 0, "to": 2}, {"to": 5000}, {}])
def test_impossible_numbers_of_buildings_are_refused(buildings: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        PlaceSettings.model_validate({"key": "e", "name": "小区", "kind": "estate", "buildings": buildings})


@pytest.mark.parametrize("key", ["", "Feng", "丰美", "-a", "a b", "a" * 41, "a/b"])
def test_a_key_must_fit_into_links_and_buttons(key: str) -> None:
    with pytest.raises(ValidationError):
        PersonSettings(key=key, name="李")


def test_a_steward_needs_a_partner_type_and_others_do_not() -> None:
    with pytest.raises(ValidationError, match="partner: with one of red_steward, governance"):
        RoleSettings(role="steward", at="yard")
    assert RoleSettings(role="steward", at="yard", partner=Partner.POLICE).partner == "police"
    assert RoleSettings(role="coordinator", at="yard").partner is None


def test_all_partner_types_of_the_district_are_known() -> None:
    assert len(Partner) == 13


def test_an_emergency_needs_a_sign_and_somebody_to_phone() -> None:
    call = [{"who": "消防", "who_en": "Fire brigade", "number": "119"}]
    assert Emergency.model_validate({"always": True, "call": call}).call[0].number == "119"
    with pytest.raises(ValidationError, match="always: true"):
        Emergency.model_validate({"call": call})
    with pytest.raises(ValidationError):
        Emergency.model_validate({"always": True, "call": []})
    with pytest.raises(ValidationError):
        Emergency.model_validate({"always": True, "call": [{**call[0], "number": "call me"}]})


def test_a_category_without_times_gets_two_hours_and_three_working_days() -> None:
    category = Category(key="lift", name="电梯", name_en="Lift")
    assert (str(category.accept), str(category.resolve)) == ("2h", "3 working days")


def test_an_empty_word_would_be_found_everywhere() -> None:
    with pytest.raises(ValidationError, match="empty"):
        Category(key="lift", name="电梯", name_en="Lift", words=("电梯", " "))


@pytest.mark.parametrize(
    ("written", "meant"),
    [("9:00", time(9)), ("09:05", time(9, 5)), ("17：30", time(17, 30)), (540, time(9)), (time(9), time(9))],
)
def test_a_time_of_day_in_quotes_or_as_yaml_reads_it(written: object, meant: time) -> None:
    times = Times.model_validate({"rating_hours": [written, "20:00"]})
    assert times.rating_hours[0] == meant


@pytest.mark.parametrize("written", ["25:00", "9:60", "nine", "9", "", 1440, -1, True, None, "9:00:00"])
def test_what_is_no_time_of_day_is_refused(written: object) -> None:
    with pytest.raises(ValidationError, match="no time of day"):
        Times.model_validate({"rating_hours": [written, "20:00"]})


def test_the_working_day_has_one_or_two_sessions() -> None:
    assert Times().sessions() == ((time(8, 30), time(12)), (time(14), time(17, 30)))
    assert Times(lunch=None).sessions() == ((time(8, 30), time(17, 30)),)
    late_lunch = Times(lunch=(time(14), time(17, 30)))
    assert late_lunch.sessions() == ((time(8, 30), time(14)),)


@pytest.mark.parametrize(
    "times",
    [
        {"working_hours": ["17:00", "9:00"]},
        {"rating_hours": ["9:00", "9:00"]},
        {"lunch": ["14:00", "12:00"]},
        {"lunch": ["7:00", "8:00"]},
        {"lunch": ["8:30", "17:30"]},  # nothing is left
        {"working_hours": ["8:00", "11:00"]},  # the lunch that nobody changed lies outside
        {"quiet_hours": ["22:00", "22:00"]},
    ],
)
def test_hours_that_cannot_be_are_refused(times: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError):
        Times.model_validate(times)


@pytest.mark.parametrize("remind_at", [[], [50], [50, 80], [1, 2, 3, 98, 99], ["50"]])
def test_reminders_ascend_to_the_deadline(remind_at: list[int]) -> None:
    assert list(Times.model_validate({"remind_at": remind_at}).remind_at) == [int(percent) for percent in remind_at]


@pytest.mark.parametrize(
    ("remind_at", "told"),
    [
        ([0, 50], "0 is no percentage from 1 to 99"),
        ([50, 100], "100 is no percentage"),
        ([80, 50], "80, 50 does not ascend"),
        ([50, 50], "does not ascend"),
        ([10, 20, 30, 40, 50, 60], "6 reminders are too many; write at most 5"),
        (["half"], "valid integer"),
        (50, "valid tuple"),
    ],
)
def test_reminders_that_cannot_be_are_refused(remind_at: object, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Times.model_validate({"remind_at": remind_at})


@pytest.mark.parametrize("share", [9, 101, "half"])
def test_an_urgent_case_gets_a_share_of_the_time(share: object) -> None:
    assert Times(urgent_share=100).urgent_share == 100
    with pytest.raises(ValidationError):
        Times.model_validate({"urgent_share": share})


def test_when_the_desk_reports_and_how_fast_it_climbs() -> None:
    times = Times()
    assert (times.digest_at, times.weekly_at) == (time(8, 30), time(10))
    assert (str(times.next_rung_after), str(times.next_rung_after_emergency)) == ("4 working hours", "30min")
    with pytest.raises(ValidationError, match="no time of day"):
        Times.model_validate({"digest_at": "8.30"})


def test_a_place_may_have_hours_of_its_own_and_no_lunch() -> None:
    place = {"key": "e", "name": "小区", "kind": "estate"}
    shop = PlaceSettings.model_validate({**place, "working_hours": ["10:00", "22:00"], "lunch": None})
    assert shop.working_hours == (time(10), time(22))
    assert "lunch" in shop.model_fields_set
    assert "lunch" not in PlaceSettings.model_validate(place).model_fields_set
    with pytest.raises(ValidationError, match="not later than"):
        PlaceSettings.model_validate({**place, "working_hours": ["17:00", "9:00"]})


def test_the_night_may_go_over_midnight_or_be_nothing() -> None:
    assert Times.model_validate({"quiet_hours": ["23:00", "6:30"]}).quiet_hours == (time(23), time(6, 30))
    assert Times.model_validate({"quiet_hours": None}).quiet_hours is None


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])
def test_listening_beyond_this_machine_must_be_meant(host: str) -> None:
    with pytest.raises(ValidationError, match="allow_outside: true if you mean it"):
        WebSettings(host=host)
    assert WebSettings(host=host, allow_outside=True).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_is_always_allowed(host: str) -> None:
    assert WebSettings(host=host).host == host


def test_web_addresses_are_addresses() -> None:
    web = WebSettings(public_url="https://desk.example.cn/", origins=("https://www.example.cn",))
    assert web.public_url == "https://desk.example.cn"
    for wrong in ({"public_url": "desk.example.cn"}, {"origins": ["https://a.cn/path"]}, {"origins": ["a.cn"]}):
        with pytest.raises(ValidationError, match="write it like"):
            WebSettings.model_validate(wrong)


WEBHOOK = {"enabled": True, "mode": "webhook", "token": "1:a", "webhook_secret": "s", "webhook_url": "https://a.cn/t"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"token": ""}, "token: \\${TELEGRAM_TOKEN}"),
        ({"token": "1: a"}, "space or a line break"),
        ({"webhook_url": ""}, "https addresses only"),
        ({"webhook_url": "http://a.cn/t"}, "https addresses only"),
        ({"webhook_url": "http://localhost/t"}, "https addresses only"),
        ({"webhook_secret": ""}, "is missing in webhook mode"),
        ({"webhook_secret": "a" * 257}, "1 to 256"),
        ({"webhook_secret": "white space"}, "1 to 256"),
        ({"base_url": "ftp://a"}, "no web address"),
    ],
)
def test_a_webhook_telegram_would_refuse_is_refused(changed: dict[str, str], told: str) -> None:
    assert TelegramSettings.model_validate(WEBHOOK)
    with pytest.raises(ValidationError, match=told):
        TelegramSettings.model_validate({**WEBHOOK, **changed})


def test_a_bot_api_server_of_ones_own_may_call_this_machine() -> None:
    own = {**WEBHOOK, "base_url": "http://localhost:8081/bot", "webhook_url": "http://127.0.0.1:8080/telegram"}
    assert TelegramSettings.model_validate(own).webhook_url == "http://127.0.0.1:8080/telegram"


def test_what_is_not_used_is_not_asked_for() -> None:
    assert TelegramSettings(mode="webhook").token == ""
    assert TelegramSettings(enabled=True, token="1:a").webhook_secret == ""
