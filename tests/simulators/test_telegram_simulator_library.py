"""python-telegram-bot understands every answer of the simulator, and the simulator every call of the library."""

import io
from collections.abc import AsyncIterator

import pytest
import telegram as ptb
from PIL import Image
from telegram import error
from telegram.request import HTTPXRequest

from tests.simulators.telegram import Limits, Resident, TelegramServer


@pytest.fixture
async def library(telegram: TelegramServer) -> AsyncIterator[ptb.Bot]:
    """The library's own bot."""
    request = HTTPXRequest(connection_pool_size=8)
    async with ptb.Bot(telegram.token, telegram.base_url, telegram.base_file_url, request=request) as found:
        yield found


@pytest.fixture
async def li(telegram: TelegramServer) -> Resident:
    """Li has pressed Start."""
    person = telegram.user("李阿姨")
    await person.starts()
    return person


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (40, 30)).save(data, "PNG")
    return data.getvalue()


async def test_a_case_is_told_sent_pressed_and_edited(telegram: TelegramServer, library: ptb.Bot, li: Resident) -> None:
    assert library.username == "red_steward_bot"
    markup = ptb.InlineKeyboardMarkup.from_button(ptb.InlineKeyboardButton("提交", callback_data="submit"))
    sent = await library.send_message(
        li.id, "<b>请核对</b>", parse_mode="HTML", reply_markup=markup, disable_notification=True,
        link_preview_options=ptb.LinkPreviewOptions(is_disabled=True),
    )  # fmt: skip
    assert sent.reply_markup == markup
    await li.presses("提交")
    start, press = await library.get_updates(timeout=1, allowed_updates=ptb.Update.ALL_TYPES)
    assert start.message is not None
    assert start.message.from_user is not None
    assert start.message.from_user.first_name == "李阿姨"
    assert press.callback_query is not None
    assert press.callback_query.message == sent
    await library.answer_callback_query(press.callback_query.id, "好")
    edited = await library.edit_message_text("已提交", li.id, sent.message_id)
    assert isinstance(edited, ptb.Message)
    assert edited.edit_date is not None
    assert (await li.sees_toast()).text == "好"
    assert await library.get_updates(offset=press.update_id + 1) == ()
    assert telegram.violations == []


async def test_files_go_both_ways(telegram: TelegramServer, library: ptb.Bot, li: Resident) -> None:
    await li.sends_photo(picture(), caption="漏水")
    update = (await library.get_updates())[-1]
    assert update.message is not None
    file = await update.message.photo[-1].get_file()
    assert bytes(await file.download_as_bytearray()) == picture()
    photo = await library.send_photo(li.id, picture(), caption="修好了")
    album = [ptb.InputMediaPhoto(picture(), caption="前"), ptb.InputMediaPhoto(photo.photo[-1].file_id)]
    sent = await library.send_media_group(li.id, album)
    assert [message.caption for message in sent] == ["前", None]
    await library.send_document(li.id, b"%PDF", filename="回执.pdf")
    await library.edit_message_media(ptb.InputMediaPhoto(picture()), li.id, photo.message_id)
    assert telegram.violations == []


async def test_every_other_call(telegram: TelegramServer, library: ptb.Bot, li: Resident) -> None:
    group = telegram.group("3号楼群", [li])
    await li.sends_location(30.5, 114.3)
    await li.sends_contact("13800000000")
    await li.sends_sticker()
    await li.sends_voice(b"OggS")
    assert len(await library.get_updates()) == 7
    await library.set_my_commands([("start", "开始")], scope=ptb.BotCommandScopeChat(li.id), language_code="zh")
    await library.delete_my_commands()
    assert (await library.get_chat(group.id)).title == "3号楼群"
    assert isinstance(await library.get_chat_member(group.id, li.id), ptb.ChatMemberOwner)
    assert isinstance(await library.get_chat_member(group.id, library.id), ptb.ChatMemberMember)
    await library.set_chat_menu_button(li.id, ptb.MenuButtonCommands())
    await library.send_chat_action(li.id, "typing")
    await library.send_location(li.id, 30.5, 114.3)
    await library.set_webhook("https://example.org/hook", secret_token="x", allowed_updates=["message"])
    assert (await library.get_webhook_info()).allowed_updates == ("message",)
    await library.delete_webhook()
    await library.leave_chat(group.id)
    assert telegram.violations == []


async def test_refusals_arrive_as_the_librarys_errors(
    telegram: TelegramServer, library: ptb.Bot, li: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # or the library warns at each RetryAfter
    group = telegram.group("3号楼群", [li])
    old, new = group.id, group.migrates()
    with pytest.raises(error.ChatMigrated) as moved:
        await library.send_message(old, "x")
    assert moved.value.new_chat_id == new
    await li.blocks()
    with pytest.raises(error.Forbidden, match="blocked"):
        await library.send_message(li.id, "x")
    await li.unblocks()
    sent = await library.send_message(li.id, "x")
    with pytest.raises(error.BadRequest, match="not modified"):
        await library.edit_message_text("x", li.id, sent.message_id)
    telegram.limit(Limits())
    await library.send_message(li.id, "y")
    with pytest.raises(error.RetryAfter):
        await library.send_message(li.id, "z")
    telegram.fail_next("getMe", disconnect=True)
    with pytest.raises(error.NetworkError):
        await library.get_me()
    stranger = ptb.Bot("1:x", telegram.base_url)
    with pytest.raises(error.InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()
