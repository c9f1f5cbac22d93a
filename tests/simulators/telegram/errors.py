"""What the Bot API answers when it refuses a call, in Telegram's own words."""

from collections.abc import Callable
from typing import Any, TypeAlias

Plain: TypeAlias = Any
"""A value as JSON has it."""

Json: TypeAlias = dict[str, Any]
"""A JSON object."""

Complain: TypeAlias = Callable[[str], None]
"""Books something that Telegram lets pass and its documentation does not."""


class BotApiError(Exception):
    """A refusal: HTTP status, description and the `parameters` that come with some of them."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> Json:
        """Return the answer's JSON."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return {**body, "parameters": self.parameters} if self.parameters else body


class ContractError(BotApiError):
    """A call that no correct bot makes: refused, and kept as a violation with its `reason`."""

    def __init__(self, code: int, description: str, reason: str) -> None:
        super().__init__(code, description)
        self.reason = reason


def bad(description: str, **parameters: int) -> BotApiError:
    """Refuse for a reason that even a correct bot meets."""
    return BotApiError(400, f"Bad Request: {description}", **parameters)


def breach(description: str, reason: str = "") -> ContractError:
    """Refuse a call that breaks the documented contract."""
    return ContractError(400, f"Bad Request: {description}", reason or description)


def forbidden(description: str) -> BotApiError:
    """Refuse because the person or the group does not want the bot."""
    return BotApiError(403, f"Forbidden: {description}")


def conflict(description: str) -> BotApiError:
    """Refuse because somebody else takes the updates."""
    return BotApiError(409, f"Conflict: {description}")


def too_many(seconds: int) -> BotApiError:
    """Refuse for flooding."""
    return BotApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def too_large() -> ContractError:
    """Refuse an upload beyond the limit."""
    return ContractError(413, "Request Entity Too Large", "the upload is larger than a bot may send")
