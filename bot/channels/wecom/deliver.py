"""Delivers one planned call and says how it went."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import structlog

from bot.channels.base import Delivered, Delivery, Later, Outcome, Refused
from bot.channels.tencent.http import Answer, NoAnswer, code_of
from bot.channels.tencent.tokens import NoToken
from bot.channels.wecom import media
from bot.channels.wecom.api import Api
from bot.channels.wecom.cards import Card
from bot.channels.wecom.codes import Codes, task_id
from bot.channels.wecom.limits import DUPLICATES_SECONDS, TEXT_BYTES
from bot.channels.wecom.outcome import CARD_REFUSED, TASK_ID_USED, not_called, outcome, robot_outcome
from bot.channels.wecom.plan import ROBOT, is_robot
from bot.channels.wecom.quota import ROBOT_WINDOWS, Quota
from bot.channels.wecom.text import split

log = structlog.get_logger(__name__)

UNSURE_KEPT = 1000  # rows whose call had no answer


class Sender:
    """Sends planned calls, several at once. `robots`: the key of each group's robot, by its name."""

    def __init__(self, api: Api, codes: Codes, quota: Quota, robots: Mapping[str, str]) -> None:
        self._api = api
        self._quota = quota
        self._codes = codes
        self._robots = robots
        self._unsure: OrderedDict[int, None] = OrderedDict()  # what may have arrived all the same

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Send one call. Whatever WeCom answers is an outcome."""
        try:
            found = await self._send(delivery)
        except NoAnswer as error:
            self._note_unsure(delivery.id)
            return not_called(error)
        except NoToken as error:
            return not_called(error)
        except media.CannotSend as error:
            return Refused(str(error))
        if isinstance(found, Refused) and not found.gone:
            log.error("wecom_refused", row=delivery.id, reason=found.reason)
        return found

    async def _send(self, delivery: Delivery) -> Outcome:
        payload = delivery.payload
        if is_robot(delivery.chat):
            return await self._in_group(delivery.chat, payload["text"])
        if (wait := await self._quota.take(delivery.chat)) > 0:
            return Later("the member has had as many messages as wecom delivers", wait)
        if payload.get("attachments"):
            return await self._file(delivery)
        if payload.get("edit"):
            return await self._edit(delivery)
        if payload.get("card"):
            return await self._card(delivery, payload["card"])
        return await self._text(delivery, payload["text"])

    async def _in_group(self, chat: str, text: str) -> Outcome:
        key = self._robots.get(chat.removeprefix(ROBOT))
        if key is None:
            return Refused("config.yaml names no robot for this group", gone=True)
        if (wait := await self._quota.take(chat, ROBOT_WINDOWS)) > 0:
            return Later("the group has had as many messages as a robot may send", wait)
        answer = await self._api.say_in_group(key, text)
        return Delivered() if code_of(answer) == 0 else robot_outcome(answer)

    async def _text(self, delivery: Delivery, text: str) -> Outcome:
        """Say it; what became longer than a message since it was planned is said in several."""
        for part in split(text, TEXT_BYTES):
            found = await self._say(delivery, "text", {"content": part})
            if not isinstance(found, Delivered):
                return found
        return Delivered()

    async def _file(self, delivery: Delivery) -> Outcome:
        if not delivery.files:
            return Refused("the file is not there any more")
        upload = await media.read(delivery.files[0])
        answer = await self._api.upload(upload.kind, upload.name, upload.mime, upload.content)
        if code_of(answer) != 0:
            return outcome(answer)
        return await self._say(delivery, upload.kind, {"media_id": str(answer.get("media_id"))})

    async def _edit(self, delivery: Delivery) -> Outcome:
        """Change the card that stands; where it cannot be changed any more, say what it would say now."""
        card, text = delivery.payload.get("card"), str(delivery.payload["text"])
        if delivery.message is None:
            return await self._anew(delivery, card, text)
        code = await self._codes.take(delivery.chat, delivery.card or "") if card is not None else None
        if code is None or card is None:
            return await self._text(delivery, text)
        number = task_id(delivery.card, delivery.id, delivery.planned_at)
        try:
            answer = await self._api.update(delivery.chat, code, {**card, "task_id": number})
        except (NoAnswer, NoToken):
            await self._codes.keep(delivery.chat, delivery.card or "", code)
            raise
        if code_of(answer) == 0:
            await self._keep_code(delivery, answer)
            return Delivered(number)
        log.info("wecom_card_not_changed", row=delivery.id, code=code_of(answer))
        return await self._text(delivery, text)

    async def _anew(self, delivery: Delivery, card: Card | None, text: str) -> Outcome:
        if card is None or "replace_text" in card:  # a card without a button says no more than text
            return await self._text(delivery, text)
        return await self._card(delivery, card)

    async def _card(self, delivery: Delivery, card: Card) -> Outcome:
        """Send a card. Its id is the same when the call is repeated, so that it comes once however often we ask."""
        number = task_id(delivery.card, delivery.id, delivery.planned_at)
        repeated = delivery.id in self._unsure
        answer = await self._send_card(delivery, card, number)
        if code_of(answer) == TASK_ID_USED and not repeated:
            number = task_id(delivery.card, delivery.id, delivery.planned_at, attempt=1)
            answer = await self._send_card(delivery, card, number)
        if code_of(answer) in CARD_REFUSED:
            log.error("wecom_card_refused", row=delivery.id, code=code_of(answer))
            return await self._text(delivery, str(delivery.payload["text"]))
        if code_of(answer) == TASK_ID_USED:
            return Delivered(number)
        found = _arrived(answer, number)
        if isinstance(found, Delivered):
            await self._keep_code(delivery, answer)
        return found

    async def _send_card(self, delivery: Delivery, card: Card, number: str) -> Answer:
        told = {**card, "task_id": number}
        return await self._api.send(delivery.chat, "template_card", told, once=True, within=DUPLICATES_SECONDS)

    async def _say(self, delivery: Delivery, kind: str, content: dict[str, Any]) -> Outcome:
        """Send words or a file. Only what had no answer before is checked for having arrived: words may be repeated."""
        once = delivery.id in self._unsure
        return _arrived(await self._api.send(delivery.chat, kind, content, once=once, within=DUPLICATES_SECONDS))

    async def _keep_code(self, delivery: Delivery, answer: Answer) -> None:
        code = answer.get("response_code")
        if delivery.card and isinstance(code, str) and code:
            await self._codes.keep(delivery.chat, delivery.card, code)

    def _note_unsure(self, row: int) -> None:
        self._unsure[row] = None
        while len(self._unsure) > UNSURE_KEPT:
            self._unsure.popitem(last=False)


def _arrived(answer: Answer, message: str | None = None) -> Outcome:
    """Tell how a sending to one member went; an answer without an error may still name them as not reached."""
    if code_of(answer) != 0:
        return outcome(answer)
    if answer.get("invaliduser"):
        return outcome({"errcode": 81013})
    if answer.get("unlicenseduser"):
        return Refused("the member has no licence for this app", gone=True, elsewhere=True)
    return Delivered(message)
