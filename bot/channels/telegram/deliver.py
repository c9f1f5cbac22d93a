"""Delivers one planned call and says how it went."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.channels.base import Delivered, Delivery, Outcome, Pace, Refused, StoredFile
from bot.channels.telegram import media
from bot.channels.telegram.api import Api, TooManyRequests
from bot.channels.telegram.chats import chat_id
from bot.channels.telegram.errors import BadRequest, TelegramError
from bot.channels.telegram.floods import Floods
from bot.channels.telegram.limits import PACE
from bot.channels.telegram.outcome import CARD_LOST, FILE_REFUSED, NOT_MODIFIED, QUERY_OVER, outcome, reason, says

log = structlog.get_logger(__name__)

Parts = Callable[[], Awaitable[list[media.Part] | None]]


class Sender:
    """Sends planned calls, several at once."""

    def __init__(self, api: Api, pace: Pace = PACE) -> None:
        self._api = api
        self._floods = Floods(pace.per_second)
        self._known = media.Known()

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Send one call. Whatever Telegram answers is an outcome."""
        try:
            return await self._send(delivery)
        except TooManyRequests as error:
            return outcome(error, everyone=self._floods.everyone(delivery.chat, error.seconds, time.monotonic()))
        except media.TooLargeToSend:
            return Refused("a file is larger than Telegram takes")
        except TelegramError as error:
            found = outcome(error, everyone=False)
            if isinstance(found, Refused) and not found.gone:
                log.error("telegram_refused", method=delivery.payload["method"], row=delivery.id, reason=reason(error))
            return found

    async def _send(self, delivery: Delivery) -> Outcome:
        method, params = delivery.payload["method"], _params(delivery)
        if delivery.payload.get("attachments"):
            return await self._send_files(delivery, params)
        match method:
            case "editMessageText":
                return await self._edit(delivery, params)
            case "answerCallbackQuery":
                return await self._answer(params)
        return await self._say(delivery, method, params)

    async def _say(self, delivery: Delivery, method: str, params: dict[str, Any]) -> Delivered:
        self._floods.sent(time.monotonic())
        result = await self._api.call(method, params | {"chat_id": chat_id(delivery.chat)})
        return Delivered(_number(result))

    async def _edit(self, delivery: Delivery, params: dict[str, Any]) -> Outcome:
        """Change the card; where its message is gone, send it anew."""
        if delivery.message is None or not delivery.message.isdecimal():
            return await self._say(delivery, "sendMessage", params)
        try:
            await self._say(delivery, "editMessageText", params | {"message_id": int(delivery.message)})
        except BadRequest as error:
            if says(error, CARD_LOST):
                return await self._say(delivery, "sendMessage", params)
            if not says(error, NOT_MODIFIED):
                raise
        return Delivered(delivery.message)

    async def _answer(self, params: dict[str, Any]) -> Outcome:
        """Answer a press; too late is no harm, the waiting sign is gone by then."""
        try:
            await self._api.call("answerCallbackQuery", params)
        except BadRequest as error:
            if not says(error, QUERY_OVER):
                raise
        return Delivered()

    async def _send_files(self, delivery: Delivery, params: dict[str, Any]) -> Outcome:
        """Send by id; if Telegram refuses that, as bytes; if it cannot make a picture of them, as documents."""
        files = delivery.files
        refusal: BadRequest | None = None
        for parts_of in self._ways(files):
            parts = await parts_of()
            if parts is None:
                continue
            if not parts:
                return await self._without_files(delivery, params)
            try:
                return await self._say_files(delivery, parts, params)
            except BadRequest as error:
                if not says(error, FILE_REFUSED):
                    raise
                refusal = error
                self._forget(files)
        return Refused(reason(refusal) if refusal else "nothing to send")

    def _ways(self, files: tuple[StoredFile, ...]) -> tuple[Parts, Parts, Parts]:
        return (
            lambda: media.by_id(files, self._known),
            lambda: media.as_bytes(files),
            lambda: media.as_bytes(files, documents=True),
        )

    async def _say_files(self, delivery: Delivery, parts: list[media.Part], params: dict[str, Any]) -> Delivered:
        from bot.channels.telegram.enclose import call  # the library, which takes long to load

        method, params = call(parts, params | {"chat_id": chat_id(delivery.chat)})
        self._floods.sent(time.monotonic())
        result = await self._api.send_files(method, params)
        self._known.learn(parts, result)
        return Delivered(_number(result))

    async def _without_files(self, delivery: Delivery, params: dict[str, Any]) -> Outcome:
        """Say the words even when the picture is lost."""
        if "caption" not in params:
            return Refused("the file is not there any more")
        words = {key: value for key, value in params.items() if key != "caption"} | {"text": params["caption"]}
        return await self._say(delivery, "sendMessage", words)

    def _forget(self, files: tuple[StoredFile, ...]) -> None:
        for file in files:
            self._known.forget(file)


def _params(delivery: Delivery) -> dict[str, Any]:
    """Return the parameters; where the group has moved since, without the answer to a message that is not there."""
    params: dict[str, Any] = delivery.payload["params"]
    if delivery.payload.get("answers_in") in (None, delivery.chat):
        return params
    gone = {"reply_parameters"}
    if "force_reply" in params.get("reply_markup", {}):
        gone.add("reply_markup")
    return {key: value for key, value in params.items() if key not in gone}


def _number(result: object) -> str | None:
    """Return the id of the message that a call made; an album is several."""
    number = result.get("message_id") if isinstance(result, dict) else None
    return None if number is None else str(number)
