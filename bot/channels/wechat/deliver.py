"""Delivers one planned call by the way that is open, and says how it went.

Inside a window that the person opened: a customer-service message. Else what the first call of a message says in a
notice: by a consent they gave for it, or as a template message. Else the outbox tries this person elsewhere.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from logging import ERROR, INFO
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.channels.base import Delivered, Delivery, Later, Outcome, Refused, StoredFile
from bot.channels.tencent.http import Answer, NoAnswer, code_of
from bot.channels.tencent.tokens import REFUSED, NoToken
from bot.channels.wechat import limits, partly, window
from bot.channels.wechat.api import Api
from bot.channels.wechat.notice import fill
from bot.channels.wechat.parse import Opens
from bot.channels.wechat.receipts import sent_as
from bot.clock import Clock
from handlers.rest import KEPT_BACK, hint, keep_back
from storage.engine import Store

log = structlog.get_logger(__name__)

NO_WAY = "outside the time in which WeChat lets us write"
_MEDIA = {"photo": "image", "voice": "voice", "video": "video"}


@dataclass(frozen=True, slots=True)
class Template:
    """A template of the account: its id, and what each of its fields says (`notice.SOURCES`)."""

    id: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


class Sender:
    """Sends planned calls, several at once."""

    def __init__(
        self, api: Api, store: Store, clock: Clock, *, template: Template, rating: Template, zone: str, desk: str,
        language: str = "zh",
    ) -> None:  # fmt: skip
        self._api = api
        self._store = store
        self._clock = clock
        self._template = template
        self._rating = rating
        self._zone = ZoneInfo(zone)
        self._desk = desk
        self._hint = hint(language)

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Send one call. Whatever the platform answers is an outcome."""
        try:
            said = await self._in_window(delivery)
            return said if said is not None else await self._notice(delivery)
        except NoAnswer as error:
            return Later(str(error))
        except NoToken as error:
            log.error("wechat_no_token", reason=error.reason)
            return Later(error.reason, seconds=60.0, everyone=True)

    async def _in_window(self, delivery: Delivery) -> Outcome | None:
        """Send a customer-service message; None where no window is open, by our count or the platform's."""
        now, chat = self._clock.now(), delivery.chat
        to_come = partly.to_come(delivery.payload)

        def spend(session: Session) -> tuple[Opens | None, bool]:
            spent = window.spend(session, chat, now)
            return spent, spent is not None and to_come > 0 and window.left(session, chat, now) < to_come

        spent, is_last = await self._store.write(spend)
        if spent is None:
            return None
        said = partly.beginning(delivery, self._hint) if is_last else delivery
        try:
            outcome = await self._customer_service(said)
        except (NoAnswer, NoToken):
            await self._give_back(chat, spent)
            raise
        if outcome is None:
            await self._store.write(lambda session: window.closed(session, chat))
        elif not isinstance(outcome, Delivered):
            await self._give_back(chat, spent)
        elif is_last:
            await self._store.write(lambda session: partly.keep_rest(session, delivery, now))
        return outcome

    async def _customer_service(self, delivery: Delivery) -> Outcome | None:
        """Send it as it is, a file after it was brought there; None where the platform lets us write no more."""
        payload = delivery.payload
        if payload.get("attachments"):
            brought = await self._bring(delivery)
            if not isinstance(brought, dict):
                return brought
            said = brought
        else:
            said = _tapped(payload) if "menu" in payload else {"msgtype": "text", "text": payload["text"]}
        answer = await self._api.send(delivery.chat, said)
        code = code_of(answer)
        if code in (limits.WINDOW_CLOSED, limits.COUNT_USED_UP, limits.NOT_ALLOWED):
            log.log(ERROR if code == limits.NOT_ALLOWED else INFO, "wechat_no_window", row=delivery.id, errcode=code)
            return None
        return self._outcome(answer, delivery, "custom/send")

    async def _bring(self, delivery: Delivery) -> dict[str, Any] | Outcome:
        """Bring a file to the platform; return what the customer-service call then says."""
        elsewhere = "notice" in delivery.payload
        if not delivery.files:
            return Refused("the file is not there any more")
        file = delivery.files[0]
        kind = _MEDIA.get(file.kind, "")
        if not kind or file.mime not in limits.UPLOAD_MIMES[kind]:
            return Refused("WeChat takes no such file", elsewhere=elsewhere)
        content = await asyncio.to_thread(file.path.read_bytes)
        if len(content) > limits.UPLOAD_BYTES[kind]:
            return Refused("the file is larger than WeChat takes", elsewhere=elsewhere)
        answer = await self._api.upload(kind, _name(file), file.mime, content)
        media = answer.get("media_id")
        if code_of(answer) or not isinstance(media, str):
            return self._outcome({"errcode": code_of(answer) or limits.BUSY}, delivery, "media/upload")
        return {"msgtype": kind, kind: {"media_id": media}}

    async def _notice(self, delivery: Delivery) -> Outcome:
        """Send what a notice can say: once a message, its first call."""
        notice = delivery.payload.get("notice")
        if notice is None and delivery.payload.get("part"):
            now = self._clock.now()
            await self._store.write(lambda session: keep_back(session, [delivery.id], delivery.chat, now))
            return Refused(KEPT_BACK, beside=True)
        if notice is None:
            return Refused(NO_WAY, beside="attachments" in delivery.payload)
        if delivery.payload.get("parts"):
            notice = {**notice, "choices": notice.get("choices") or self._hint.strip("()（）")}
        outcome = await self._by_notice(delivery, notice)
        if isinstance(outcome, Delivered) and delivery.payload.get("parts"):
            now = self._clock.now()
            await self._store.write(lambda session: partly.keep_all(session, delivery, now))
        return outcome

    async def _by_notice(self, delivery: Delivery, notice: Mapping[str, Any]) -> Outcome:
        """Send what a notice can say."""
        if notice.get("occasion") == "rating" and self._rating.id:
            said = await self._by_consent(delivery, notice)
            if said is not None:
                return said
        if not self._template.id:
            return Refused(NO_WAY, elsewhere=True)
        data = self._data(self._template, notice)
        answer = await self._api.template(delivery.chat, self._template.id, data, delivery.id)
        outcome = self._outcome(answer, delivery, "template/send")
        if isinstance(outcome, Delivered) and answer.get("msgid") is not None:
            await self._note_message(delivery.id, str(answer["msgid"]))
        return outcome

    async def _note_message(self, row: int, message: str) -> None:
        """Keep by what name the platform will tell what became of it; it went out, whether that can be kept or not."""
        try:
            await self._store.write(lambda session: sent_as(session, row, message))
        except DBAPIError as error:
            log.warning("wechat_message_not_noted", row=row, why=type(error).__name__)

    async def _by_consent(self, delivery: Delivery, notice: Mapping[str, Any]) -> Outcome | None:
        """Spend the consent that was given for this; None where there is none, or it was taken back."""
        chat, template, now = delivery.chat, self._rating.id, self._clock.now()
        consent = await self._store.write(lambda session: window.spend_grant(session, chat, template, now))
        if consent is None:
            return None
        try:
            answer = await self._api.subscription(chat, template, self._data(self._rating, notice))
        except (NoAnswer, NoToken):
            await self._store.write(partial(window.give_grant_back, number=consent))
            raise
        if code_of(answer) in (limits.REFUSED_NOTICE, limits.BAD_FIELD, limits.NOT_ALLOWED):
            log.info("wechat_notice_refused", row=delivery.id, errcode=code_of(answer))
            return None
        outcome = self._outcome(answer, delivery, "subscribe/bizsend")
        if isinstance(outcome, Later):
            await self._store.write(partial(window.give_grant_back, number=consent))
        if isinstance(outcome, Delivered):  # the platform's number where it gives one, else the template tells which
            await self._note_message(delivery.id, str(answer.get("msgid") or template))
        return outcome

    def _data(self, template: Template, notice: Mapping[str, Any]) -> dict[str, Any]:
        return fill(template.fields, notice, self._clock.now(), self._zone, self._desk)

    def _outcome(self, answer: Answer, delivery: Delivery, call: str) -> Outcome:
        """Say what an answer means for the row."""
        code = code_of(answer)
        reason = f"{call}: errcode {code}"
        match code:
            case limits.OK:
                return Delivered()
            case limits.BUSY:
                return Later(reason)
            case limits.QUOTA:
                return Later(reason, seconds=limits.QUOTA_SECONDS, everyone=True)
            case limits.NOT_FOLLOWING | limits.BAD_OPENID:
                return Refused(reason, gone=True)
        if code in REFUSED:
            return Later(reason, seconds=60.0, everyone=True)
        log.error("wechat_refused", call=call, row=delivery.id, errcode=code)
        return Refused(reason, elsewhere="notice" in delivery.payload)

    async def _give_back(self, chat: str, spent: Opens) -> None:
        await self._store.write(lambda session: window.give_back(session, chat, spent))


def _tapped(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"msgtype": "msgmenu", "msgmenu": payload["menu"]}


def _name(file: StoredFile) -> str:
    return f"{file.id}{file.path.suffix or '.' + file.mime.rpartition('/')[2]}"
