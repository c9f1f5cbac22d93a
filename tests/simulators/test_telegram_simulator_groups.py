"""Groups: what the bot hears there, and who may do what."""

import pytest

from tests.simulators.conftest import BareBot
from tests.simulators.telegram import Group, Resident, TelegramServer

CARD = {"inline_keyboard": [[{"text": "✅ 提交", "callback_data": "submit"}]]}


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("今天天气好", False),
        ("@red_steward_bot 电梯坏了", True),
        ("电梯坏了 @Red_Steward_Bot", True),
        ("@someone 电梯坏了", False),
        ("/report", True),
        ("/report@red_steward_bot", True),
        ("/report@other_bot", False),
    ],
)
async def test_in_a_group_the_bot_hears_what_is_meant_for_it(
    telegram: TelegramServer, bot: BareBot, li: Resident, text: str, seen: bool
) -> None:
    group = telegram.group("3号楼群", [li], quiet=True)
    await li.sends(text, in_=group)
    assert [update["message"]["text"] for update in await bot.takes()] == [text] * seen


async def test_in_a_group_the_bot_hears_answers_to_itself(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    wang = telegram.user("王大爷")
    group = telegram.group("3号楼群", [li, wang], quiet=True)
    said = await wang.sends("x", in_=group)
    await li.replies(said, "不是给机器人的", in_=group)
    await bot.call("sendMessage", chat_id=group.id, text="哪一户?", reply_markup={"force_reply": True})
    await li.replies(await li.reads(in_=group), "501", in_=group)
    assert [update["message"]["text"] for update in await bot.takes()] == ["501"]
    assert (await wang.reads(in_=group)).text == "哪一户?"


async def test_without_privacy_the_bot_hears_everything(li: Resident, telegram: TelegramServer, bot: BareBot) -> None:
    group = telegram.group("3号楼群", [li], quiet=True)
    telegram.world.privacy = False
    await li.sends("今天天气好", in_=group)
    telegram.world.privacy = True
    group.promotes_bot()
    await li.sends("明天也好", in_=group)
    heard = [update["message"]["text"] for update in await bot.takes() if "message" in update]
    assert heard == ["今天天气好", "明天也好"]


async def test_the_bot_is_told_of_its_arrival_and_of_others(
    telegram: TelegramServer, bot: BareBot, li: Resident
) -> None:
    group = telegram.group("3号楼群", [li])
    wang = telegram.user("王大爷")
    await group.joins(wang)
    await group.leaves(wang)
    arrival, service, joined, left = await bot.takes()
    assert arrival["my_chat_member"]["old_chat_member"]["status"] == "left"
    assert service["message"]["new_chat_members"][0]["id"] == telegram.world.bot["id"]
    assert joined["message"]["new_chat_members"][0]["id"] == wang.id
    assert left["message"]["left_chat_member"]["id"] == wang.id


async def test_who_is_what_in_a_group(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    wang, zhao, stranger = (telegram.user(name) for name in ("王", "赵", "路人"))
    group = telegram.group("3号楼群", [li, wang, zhao])
    group.promotes(wang)
    statuses = [
        (await bot.call("getChatMember", chat_id=group.id, user_id=user))["status"]
        for user in (li.id, wang.id, zhao.id, stranger.id, telegram.world.bot["id"])
    ]
    assert statuses == ["creator", "administrator", "member", "left", "member"]
    told = await bot.refused("getChatMember", chat_id=group.id, user_id=5)
    assert told == "400 Bad Request: invalid user_id specified"
    assert (await bot.call("getChat", chat_id=group.id))["title"] == "3号楼群"


async def test_supergroups_number_their_messages_themselves(
    telegram: TelegramServer, bot: BareBot, li: Resident
) -> None:
    numbers = []
    for title in ("3号楼群", "4号楼群"):
        group = telegram.group(title, [li], supergroup=True, quiet=True)
        numbers.append((await bot.call("sendMessage", chat_id=group.id, text="x"))["message_id"])
    assert numbers == [1, 1]


async def test_in_a_group_the_bot_hears_answers_to_what_is_meant_for_it(
    bot: BareBot, group: Group, li: Resident, wang: Resident
) -> None:
    for text in ("@red_steward_bot 电梯坏了", "/report 电梯坏了", "/report@other_bot 电梯坏了", "电梯坏了"):
        said = await li.sends(text, in_=group)
        await wang.sends(f"我家也是 {text[:8]}", in_=group, reply_to=said)
    heard = [update["message"]["text"] for update in await bot.takes()]
    assert [text for text in heard if text.startswith("我家")] == ["我家也是 @red_ste", "我家也是 /report "]


async def test_a_name_that_only_begins_like_the_bots_is_not_its_name(bot: BareBot, group: Group, li: Resident) -> None:
    await li.sends("@red_steward_bot2 电梯坏了", in_=group)
    await li.sends_photo(b"x", "@someone 看", in_=group)
    await li.sends_photo(b"x", "看 @red_steward_bot", in_=group)
    assert [update["message"]["caption"] for update in await bot.takes()] == ["看 @red_steward_bot"]


# Who may do what


async def test_every_member_presses_and_is_answered(bot: BareBot, group: Group, li: Resident, wang: Resident) -> None:
    card = await bot.call("sendMessage", chat_id=group.id, text="请核对", reply_markup=CARD)
    queries = [await person.presses("提交", in_=group) for person in (li, wang)]
    presses = [update["callback_query"] for update in await bot.takes()]
    assert [(press["id"], press["from"]["id"]) for press in presses] == [(queries[0], li.id), (queries[1], wang.id)]
    assert [press["message"] for press in presses] == [card, card]
    await bot.call("answerCallbackQuery", callback_query_id=queries[1], text="只有报修人可以")
    assert (await wang.sees_toast()).text == "只有报修人可以"
    assert li.toasts == []


async def test_strangers_do_nothing_in_a_group(
    telegram: TelegramServer, bot: BareBot, group: Group, wang: Resident
) -> None:
    await bot.call("sendMessage", chat_id=group.id, text="请核对", reply_markup=CARD)
    shown = await wang.reads(in_=group)
    await group.leaves(wang)
    for person in (wang, telegram.user("路人")):
        for act in (person.sends("x", in_=group), person.presses("提交", in_=group), person.presses_old(shown, "提交")):
            with pytest.raises(AssertionError, match="is not in the chat '3号楼群'"):
                await act
