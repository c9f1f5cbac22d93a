"""What Telegram's errors mean for a message: later, never, or somewhere else."""

import re

import structlog

from bot.channels.base import Later, Moved, Outcome, Refused
from bot.channels.telegram.errors import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
    TimedOut,
    TooManyRequests,
)

log = structlog.get_logger(__name__)

TOKEN_PAUSE = 600.0  # seconds; a wrong token is mended by a person
REASON_LENGTH = 120

NOT_MODIFIED = ("message is not modified",)
CARD_LOST = (
    "message to edit not found", "message can't be edited", "message_id_invalid", "there is no text in the message",
    "message identifier is not specified",
)  # fmt: skip
QUERY_OVER = ("query is too old", "query_id_invalid", "query id is invalid")
FILE_REFUSED = (
    "wrong file identifier", "wrong remote file", "wrong file_id", "can't use file of type", "file_reference_",
    "file is temporarily unavailable", "photo_invalid_dimensions", "image_process_failed", "photo_save_file_invalid",
    "photo_ext_invalid", "media_invalid", "media_empty", "video_content_type_invalid", "voice_messages_forbidden",
)  # fmt: skip
_CHAT_GONE = (
    "chat not found", "user not found", "peer_id_invalid", "chat_id_invalid", "user_is_blocked", "user_deactivated",
    "input_user_deactivated", "group chat was deleted", "group is deactivated", "have no rights to send",
)  # fmt: skip


def says(error: TelegramError, phrases: tuple[str, ...]) -> bool:
    """Tell whether Telegram's description has one of the phrases. Its errors have no codes of their own."""
    text = error.message.lower()
    return any(phrase in text for phrase in phrases)


def reason(error: TelegramError) -> str:
    """Return Telegram's description in lower case, without what it quotes of the message."""
    plain = re.sub(r"^(forbidden|conflict): |[^\x20-\x7e\"']+", "", error.message.lower())
    return re.sub(r"\"[^\"]*\"?|(?<!\w)'[^']*'?", "…", plain)[:REASON_LENGTH]


def outcome(error: TelegramError, *, everyone: bool) -> Outcome:
    """Turn an error into what the outbox is told. `everyone`: a 429 now would concern the whole bot."""
    match error:
        case TooManyRequests():
            return Later("telegram asks for a pause", error.seconds, everyone)
        case ChatMigrated():
            return Moved(str(error.new_chat_id))
        case Forbidden():
            return Refused(reason(error), gone=True)
        case InvalidToken():
            return token_refused()
        case BadRequest():
            return Refused(reason(error), gone=says(error, _CHAT_GONE))
        case TimedOut() | NetworkError():
            return Later(type(error).__name__)
    return Later(reason(error))


def token_refused() -> Later:
    """Say loudly what to do about a token Telegram does not know."""
    log.error("telegram_token_refused", todo="get the token from @BotFather, set TELEGRAM_TOKEN, restart")
    return Later("telegram refuses the token", TOKEN_PAUSE, everyone=True)
