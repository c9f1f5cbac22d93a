"""What a call to the Bot API raises: the library's errors, by its names.

They are ours because the library is a tenth of what a start would load, and is asked what an answer means only where it
is no plain result (`library.py`).
"""


class TelegramError(Exception):
    """A call that did not work; `message` is Telegram's description of why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Forbidden(TelegramError):
    """The bot may not: it was blocked, or put out of a group."""


class InvalidToken(TelegramError):
    """Telegram does not know the token."""


class Conflict(TelegramError):
    """Somebody else polls, or a webhook is set."""


class NetworkError(TelegramError):
    """There was no answer, or none of Telegram's own."""


class BadRequest(NetworkError):
    """Telegram cannot do what was asked."""


class TimedOut(NetworkError):
    """There was no answer in time."""


class ChatMigrated(TelegramError):
    """The group is a supergroup now, with another number."""

    def __init__(self, new_chat_id: int) -> None:
        super().__init__("Group migrated to supergroup")
        self.new_chat_id = new_chat_id


class TooManyRequests(TelegramError):
    """Telegram asks for a pause of `seconds` (its error 429)."""

    def __init__(self, seconds: float) -> None:
        super().__init__("Too many requests")
        self.seconds = seconds
