"""Telegram's limits, each with where it is written. "Bot API" is https://core.telegram.org/bots/api."""

from dataclasses import replace

from bot.channels.base import Pace

TEXT = 4096  # characters after entities are parsed: Bot API, sendMessage "text"; counted here in UTF-16 units
CAPTION = 1024  # Bot API, sendPhoto "caption"
TOAST = 200  # Bot API, answerCallbackQuery "text"
ALBUM_MIN, ALBUM_MAX = 2, 10  # Bot API, sendMediaGroup "media"
BUTTONS, BUTTONS_IN_ROW = 100, 8  # not documented; python-telegram-bot, constants.InlineKeyboardMarkupLimit
PLACEHOLDER = 64  # Bot API, ForceReply "input_field_placeholder": 1 to 64 characters
COMMAND_DESCRIPTION = 256  # Bot API, BotCommand "description"

DOWNLOAD_BYTES = 20 * 1024 * 1024  # Bot API, getFile
UPLOAD_BYTES = 50 * 1000 * 1000  # Bot API, "Sending files"
PHOTO_UPLOAD_BYTES = 10 * 1000 * 1000  # Bot API, "Sending files"

SECRET_TOKEN = r"[A-Za-z0-9_-]{1,256}"  # noqa: S105 - the form of one; Bot API, setWebhook "secret_token"
WEBHOOK_CONNECTIONS = 40  # Bot API, setWebhook "max_connections": 1 to 100, 40 unless told
WEBHOOK_BODY_BYTES = 1024 * 1024  # ours: an update is a few kilobytes

UPDATES_AT_ONCE = 100  # Bot API, getUpdates "limit"
POLL_SECONDS = 30  # ours; Bot API recommends long polling
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

# https://core.telegram.org/bots/faq "My bot is hitting limits, how do I avoid this?": about 30 messages a second in
# all, one a second to one chat, 20 a minute to one group.
PACE = Pace(per_second=30, chat_seconds=1.0, group_per_minute=20)


def pace(per_second: float) -> Pace:
    """Return the pace with another number of messages in all; 0: a server of one's own that knows no limits."""
    return replace(PACE, per_second=per_second) if per_second else Pace()


# Ours: what still reads well as one line on a telephone, and what is plainly a heading.
LABEL = 48
TITLE = 256
