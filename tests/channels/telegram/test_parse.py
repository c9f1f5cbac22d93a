"""What a person does in Telegram, as the desk hears of it."""

from datetime import UTC, datetime

import pytest

from bot.channels.telegram.parse import Me, Skipped, read
from handlers.inbound import Inbound, IncomingFile, Press
from tests.channels.telegram.updates import (
    BOT,
    CHEN,
    DATE,
    GROUP,
    PRIVATE,
    Json,
    entity,
    file,
    member,
    message,
    photo,
    press,
)  # fmt: skip

ME = Me(42, "fengmei_bot")
NOW = datetime(2025, 10, 9, 9, 0, tzinfo=UTC)


def heard(update: Json) -> Inbound:
    found = read(update, ME, NOW)
    assert isinstance(found, Inbound), found
    return found


def skipped(update: Json) -> Skipped:
    found = read(update, ME, NOW)
    assert isinstance(found, Skipped), found
    return found


def test_words_in_private() -> None:
    assert heard(message(text="三楼漏水")) == Inbound(
        channel="telegram", key="7", chat="1001", user="1001", name="Chen Mei",
        at=datetime.fromtimestamp(DATE, UTC), text="三楼漏水", language="zh-hans",
        message="55",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["/start estate-fengmei-3", "/wish 想要一把轮椅"])
def test_a_command_keeps_what_follows_it(text: str) -> None:
    command = text.split()[0]
    found = heard(message(text=text, entities=[entity("bot_command", text, command)]))
    assert found.text == text
    assert not found.mentioned


def test_in_a_group_the_command_loses_the_bots_name() -> None:
    text = "/report@Fengmei_Bot 🚰🚰 漏水"
    found = heard(message(chat=GROUP, text=text, entities=[entity("bot_command", text, "/report@Fengmei_Bot")]))
    assert (found.text, found.mentioned, found.group) == ("/report 🚰🚰 漏水", True, True)


def test_a_bare_command_in_a_group_names_nobody() -> None:
    found = heard(message(chat=GROUP, text="/report 漏水", entities=[entity("bot_command", "/report 漏水", "/report")]))
    assert (found.text, found.mentioned, found.message) == ("/report 漏水", False, "55")


def test_a_command_beside_the_bots_name() -> None:
    text = "/report @fengmei_bot 漏水"
    entities = [entity("bot_command", text, "/report"), entity("mention", text, "@fengmei_bot")]
    found = heard(message(chat=GROUP, text=text, entities=entities))
    assert (found.text, found.mentioned) == ("/report 漏水", True)


def test_a_command_for_another_bot_is_not_ours() -> None:
    text = "/report@other_bot 漏水"
    assert skipped(message(chat=GROUP, text=text, entities=[entity("bot_command", text, "/report@other_bot")]))


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("@fengmei_bot 3-2 漏水", "3-2 漏水"),
        ("🚰 漏水 @Fengmei_bot 快来", "🚰 漏水 快来"),
        ("漏水@fengmei_bot", "漏水"),
        ("@fengmei_bot", ""),
    ],
)
def test_the_bots_name_is_cut_out_of_the_words(text: str, rest: str) -> None:
    name = text[text.index("@") :].split()[0]
    found = heard(message(chat=GROUP, text=text, entities=[entity("mention", text, name)]))
    assert (found.text, found.mentioned) == (rest, True)


def test_a_mention_in_a_caption_and_one_without_a_name() -> None:
    named = heard(
        message(chat=GROUP, photo=[photo("a", 9)], caption="@fengmei_bot 看", caption_entities=[
            entity("mention", "@fengmei_bot 看", "@fengmei_bot")])
    )  # fmt: skip
    assert (named.text, named.mentioned) == ("看", True)
    by_link = entity("text_mention", "红管家 看", "红管家", user=BOT)
    assert heard(message(chat=GROUP, text="红管家 看", entities=[by_link])).mentioned


def test_talk_among_neighbours_is_not_for_the_bot() -> None:
    found = heard(
        message(chat=GROUP, text="@lao_wang 吃了吗", entities=[entity("mention", "@lao_wang 吃了吗", "@lao_wang")])
    )
    assert (found.text, found.mentioned) == ("@lao_wang 吃了吗", False)


def test_an_answer_to_the_bots_message_is_for_the_bot() -> None:
    answered = {"message_id": 31, "date": DATE, "chat": GROUP, "from": BOT, "text": "哪一栋?"}
    found = heard(message(chat=GROUP, text="3栋", reply_to_message=answered))
    assert (found.reply_to, found.mentioned) == ("31", True)
    command = message(chat=GROUP, text="/x", reply_to_message=answered, entities=[entity("bot_command", "/x", "/x")])
    assert heard(command).mentioned
    neighbour = heard(message(chat=GROUP, text="3栋", reply_to_message=answered | {"from": CHEN}))
    assert (neighbour.reply_to, neighbour.mentioned) == ("31", False)


def test_the_start_of_a_topic_is_no_answer() -> None:
    topic = {
        "message_id": 3, "date": DATE, "chat": GROUP, "from": BOT,
        "forum_topic_created": {"name": "x", "icon_color": 1},
    }  # fmt: skip
    found = heard(message(chat=GROUP, text="3栋", reply_to_message=topic, is_topic_message=True, message_thread_id=3))
    assert (found.reply_to, found.mentioned) == (None, False)


FILES: list[tuple[Json, IncomingFile]] = [
    ({"photo": [photo("s", 90), photo("l", 1280), photo("m", 320)]}, IncomingFile("photo", "l", size=12800)),
    ({"voice": file("v", duration=3, mime_type="audio/ogg")}, IncomingFile("voice", "v", None, 999, "audio/ogg")),
    ({"audio": file("a", duration=3, mime_type="audio/mpeg")}, IncomingFile("voice", "a", None, 999, "audio/mpeg")),
    (
        {"video": file("f", duration=3, width=1, height=1, mime_type="video/mp4")},
        IncomingFile("video", "f", None, 999, "video/mp4"),
    ),
    ({"video_note": file("n", duration=3, length=240)}, IncomingFile("video", "n", size=999)),
    ({"document": file("d", mime_type="application/pdf")}, IncomingFile("file", "d", None, 999, "application/pdf")),
    ({"document": file("p", mime_type="image/png")}, IncomingFile("photo", "p", None, 999, "image/png")),
    ({"document": file("x", mime_type="x/" + "y" * 200)}, IncomingFile("file", "x", size=999)),
    (
        {"animation": file("g", duration=1, width=1, height=1), "document": file("g")},
        IncomingFile("video", "g", size=999),
    ),
]


@pytest.mark.parametrize(("fields", "expected"), FILES)
def test_files(fields: Json, expected: IncomingFile) -> None:
    found = heard(message(**fields, caption="电梯", media_group_id="al1"))
    assert (found.files, found.text, found.album) == ((expected,), "电梯", "al1")


def test_location_and_venue() -> None:
    spot = {"latitude": 22.5, "longitude": 114.1}
    assert heard(message(location=spot)).location == (22.5, 114.1)
    venue = {"location": spot, "title": "丰美", "address": "丰美路"}
    assert heard(message(venue=venue, location=spot)).location == (22.5, 114.1)


def test_only_a_persons_own_number_is_a_phone() -> None:
    own = heard(message(contact={"phone_number": "+8613800000000", "first_name": "Chen", "user_id": 1001}))
    assert (own.phone, own.unknown) == ("+8613800000000", None)
    other = heard(message(contact={"phone_number": "110", "first_name": "Police", "user_id": 5}))
    assert (other.phone, other.unknown) == (None, "contact")


STICKER = file("st", type="regular", width=1, height=1, is_animated=False, is_video=False)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"sticker": STICKER}, "sticker"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "dice"),
        ({"hologram": {"depth": 3}}, "hologram"),
    ],
)
def test_what_we_do_not_take_in_has_a_name(fields: Json, name: str) -> None:
    assert heard(message(**fields)).unknown == name


def test_forwarded_and_corrected() -> None:
    origin = {"type": "hidden_user", "date": DATE, "sender_user_name": "x"}
    assert heard(message(text="a", forward_origin=origin)).forwarded
    update = message(text="b", edit_date=DATE + 60)
    corrected = heard({"update_id": 7, "edited_message": update["message"]})
    assert (corrected.edited, corrected.message, corrected.at) == (True, "55", datetime.fromtimestamp(DATE + 60, UTC))


@pytest.mark.parametrize(
    "update",
    [
        message(text="hi", sender=BOT),
        message(text="hi", chat=GROUP, sender_chat={"id": -1, "type": "channel", "title": "c"}),
        message(text="hi", chat=GROUP, sender=CHEN | {"id": 777000}),
        message(chat=GROUP, new_chat_members=[CHEN]),
        message(chat=GROUP, new_chat_title="新群名"),
        {"update_id": 1, "channel_post": {"message_id": 1, "date": DATE, "chat": GROUP, "text": "x"}},
        {"update_id": 1, "edited_message": message(location={"latitude": 1, "longitude": 2})["message"]},
        {"update_id": 1, "brand_new": {"a": 1}},
        {"update_id": 1},
    ],
)  # fmt: skip
def test_nothing_for_the_desk(update: Json) -> None:
    assert skipped(update).trouble is None


def test_an_unknown_update_is_named_by_its_kind() -> None:
    assert skipped({"update_id": 1, "brand_new": {"a": 1}}).kind == "brand_new"


def test_a_press() -> None:
    found = heard(press())
    assert found.press == Press("case:accept:1042", "56", "q1")
    assert (found.chat, found.user, found.at, found.group) == ("1001", "1001", NOW, False)


def test_a_press_on_a_message_too_old_to_be_shown() -> None:
    old = {"chat": GROUP, "message_id": 3, "date": 0}
    found = heard(press(message=old))
    assert found.press is not None
    assert (found.press.message, found.message, found.chat, found.group) == ("3", None, "-100500", True)


def test_a_press_may_bring_any_text() -> None:
    found = heard(press(data="\ud800漏'; DROP\0" + "x" * 500))
    assert found.press is not None
    assert found.press.data == "漏'; DROP" + "x" * 500


@pytest.mark.parametrize(
    "update",
    [
        press(message=None, inline_message_id="im"),
        press(data=None, game_short_name="chess"),
        press(data="\0"),
        {"update_id": 1, "callback_query": {"id": "q1", "from": "nonsense"}},
    ],
)
def test_a_press_that_is_nothing_for_us_is_still_answered(update: Json) -> None:
    assert skipped(update).query == "q1"


@pytest.mark.parametrize(
    ("before", "after", "reach"),
    [("member", "kicked", "blocked"), ("kicked", "member", "back"), ("left", "administrator", "back")],
)
def test_the_door_is_shut_and_opened(before: str, after: str, reach: str) -> None:
    update = member(before, after)
    if after == "administrator":
        rights = (
            "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
            "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
            "can_edit_stories", "can_delete_stories",
        )  # fmt: skip
        update["my_chat_member"]["new_chat_member"] |= dict.fromkeys(rights, False)
    assert (heard(update).reach, heard(update).chat) == (reach, "1001")


@pytest.mark.parametrize(("before", "after", "reach"), [("member", "left", "blocked"), ("left", "member", "back")])
def test_a_group_takes_the_bot_in_and_throws_it_out(before: str, after: str, reach: str) -> None:
    found = heard(member(before, after, GROUP))
    assert (found.reach, found.group, found.chat, found.user) == (reach, True, "-100500", "1001")


def test_a_door_that_stays_as_it_was_is_no_news() -> None:
    assert skipped(member("left", "kicked")).kind == "my_chat_member"


def test_a_group_that_moved() -> None:
    old = {"id": -500, "type": "group", "title": "3号楼"}
    found = heard(message(chat=old, migrate_to_chat_id=-100500))
    assert (found.chat, found.moved_to, found.group) == ("-500", "-100500", True)
    hidden = message(chat=old, migrate_to_chat_id=-100500)
    del hidden["message"]["from"]
    assert heard(hidden).user == "-500"


def test_private_chat_is_the_persons_own() -> None:
    assert not heard(message(chat=PRIVATE, text="x")).group
