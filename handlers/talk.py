"""One person doing one thing in one chat: who they are, where the conversation stands, and how to answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete

from cases.context import Actor
from handlers.desk import Desk
from handlers.inbound import Inbound
from handlers.message import DIRECT, Address, Message, Planner
from handlers.priority import ANSWER
from handlers.texts import Translate
from storage import people
from storage.message_models import Dialogue
from storage.people import Found
from storage.prepared import Prepared, insert_or_update
from storage.upsert import table_of

DIALOGUE_VERSION = 1
DIALOGUE_LASTS = timedelta(days=2)
REPORT = "report"  # the kind of dialogue that waits while another is going on
HEARD = "heard"  # in a dialogue's data, see `Talk.heard`
_HERE = ("person_id", "channel", "chat")
_KEEP = insert_or_update(table_of(Dialogue), _HERE, "kind", "step", "version", "data", "expires_at")
_END = Prepared(delete(Dialogue).where(*(Dialogue.__table__.c[name] == bindparam(name) for name in _HERE)))


@dataclass(slots=True)
class Standing:
    """Where a dialogue stands: which one, which step, what is filled in so far (plain data)."""

    kind: str
    step: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Talk(Desk):
    """A `Desk` with somebody in front of it."""

    inbound: Inbound = field(kw_only=True)
    person: Found = field(kw_only=True)
    actor: Actor = field(kw_only=True)
    standing: Standing | None = None
    lapsed: Standing | None = None  # a dialogue too old to go on with; its words are still there
    in_group: bool = False
    heard: str | None = None  # the platform's id of what they said last here: in a group it is answered
    aside: str = ""  # goes below the next thing said: what everybody is told once
    lasts: timedelta = DIALOGUE_LASTS
    _toasted: bool = False
    _to_toast: tuple[str, int] | None = None  # and where in the tray it belongs
    _held: dict[str, Any] | None = None  # the row of the tray that the channel gives as the response

    @property
    def t(self) -> Translate:
        """The translation into this person's language."""
        return self.translator_for(self.person.language)

    @property
    def here(self) -> Address:
        """The chat this happens in."""
        return Address(self.inbound.channel, self.inbound.chat, self.person.person_id)

    def language_of(self, person_id: int) -> str | None:
        """Return the language that somebody has chosen; of whoever is here it is known."""
        return self.person.language if person_id == self.person.person_id else Desk.language_of(self, person_id)

    def is_news(self, address: Address, priority: int) -> bool:
        """Tell whether nobody in this chat waits for it: whoever is talking does."""
        return (address.channel, address.chat) != self._chat and Desk.is_news(self, address, priority)

    @property
    def _chat(self) -> tuple[str, str]:
        return self.inbound.channel, self.inbound.chat

    @property
    def _planner(self) -> Planner:
        return self.planners[self.inbound.channel]

    def say(self, message: Message, *, case_id: int | None = None) -> None:
        """Answer in this chat; in a group as a reply to who spoke."""
        if self.in_group and self.heard is not None:
            message = replace(message, reply_to=self.heard)
        if self.aside:
            message = replace(message, text=f"{message.text}\n\n{self.aside}")
            self.aside = ""
            self.set_person(told_at=self.context.now)
        self.post(self.here, message, case_id=case_id, priority=ANSWER)

    def reply(self, text: str) -> None:
        """Answer in this chat with plain words."""
        self.say(Message(text))

    def question(self, text: str) -> None:
        """Ask for words. In a group this person's field to answer opens: else the bot would not hear it."""
        if self.in_group:
            text = f"{text}\n{self.t('Please answer this message of mine.')}"
        self.say(Message(text, force_reply=True, ask_label=self.t("Write it here") if self.in_group else ""))

    def redraw(self, message: Message, *, case_id: int | None = None) -> None:
        """Change the card `message.card` of this chat in place."""
        self.post(self.here, message, case_id=case_id, priority=ANSWER, in_place=True)

    def toast(self, text: str = "", *, alert: bool = False) -> None:
        """Answer the press itself, once: a short word, or just stop the waiting sign.

        Where that is one more message, it is left out when the same is said anyway, see `flush`.
        """
        if self.inbound.press is None or self._toasted:
            return
        self._toasted = True
        if self._planner.numbered:
            self._to_toast = (text, len(self.tray))
            return
        self.put(
            self.here, self._planner.toast(self.inbound.press.query, text, alert=alert), case_id=None, priority=ANSWER
        )

    def flush(self) -> None:
        """Write what was said to the outbox, see `Desk.flush`."""
        if self._to_toast is not None:
            text, place = self._to_toast
            later, self.tray = self.tray[place:], self.tray[:place]
            if text and not any(text in said for said in self.said):
                self.put(self.here, self._planner.toast(None, text), case_id=None, priority=ANSWER)
            self.tray += later
        self._hold_answer()
        Desk.flush(self)

    def _hold_answer(self) -> None:
        """Leave the first answer to the channel, which gives it as the response to this update; else it is sent."""
        first = next((row for row in self.tray if (row["channel"], row["chat"]) == self._chat), None)
        if self.inbound.hold is not None and first is not None and first["payload"].get(DIRECT):
            first |= {"answers": self.inbound.key, "not_before": self.context.now + self.inbound.hold}
            self._held = first
            if self.inbound.held is not None:
                more = any(row is not first and (row["channel"], row["chat"]) == self._chat for row in self.tray)
                self.inbound.held(first["payload"], more)

    def rings(self) -> bool:
        """Tell whether something may go out now: not where there is but an answer that is held, and what waits for it.

        What a handler has put into the outbox past the tray is found soon enough.
        """
        held = self._held
        return held is None or any(
            (row["channel"], row["chat"]) != self._chat or row["lane"] > 0 or row["priority"] < held["priority"]
            for row in self.tray
        )

    def begin(
        self, kind: str, step: str, data: Mapping[str, Any] | None = None, lasts: timedelta = DIALOGUE_LASTS
    ) -> Standing:  # fmt: skip
        """Start a dialogue of this person in this chat. A report that is not filed yet waits until it is over."""
        draft = self._draft() if kind != REPORT else None
        self.standing = Standing(kind, step, {**(data or {}), **({"draft": draft} if draft else {})})
        self.lasts = lasts
        self.save()
        return self.standing

    def fetch_draft(self, draft_id: str) -> None:
        """Go back to the report that waits, if it is this one."""
        draft = self._draft()
        if draft is not None and draft["data"].get("id") == draft_id:
            self.standing = Standing(REPORT, draft["step"], draft["data"])

    def _draft(self) -> dict[str, Any] | None:
        """Return the report that is not filed yet: talked about now, or waiting."""
        if self.standing is None:
            return None
        if self.standing.kind == REPORT:
            return {"step": self.standing.step, "data": self.standing.data}
        kept: dict[str, Any] | None = self.standing.data.get("draft")
        return kept

    def save(self) -> None:
        """Keep the dialogue as it stands."""
        if self.standing is None:
            return
        if self.in_group and self.heard is not None:
            self.standing.data[HEARD] = self.heard
        row = {
            "person_id": self.person.person_id, "channel": self.inbound.channel, "chat": self.inbound.chat,
            "kind": self.standing.kind, "step": self.standing.step, "version": DIALOGUE_VERSION,
            "data": self.standing.data, "expires_at": self.context.now + self.lasts,
        }  # fmt: skip
        _KEEP.run(self.session, **row)

    def end(self) -> None:
        """Finish the dialogue; a report that waited is talked about again."""
        waiting = self._draft() if self.standing is not None and self.standing.kind != REPORT else None
        if waiting is not None:
            self.standing = Standing(REPORT, waiting["step"], waiting["data"])
            self.lasts = DIALOGUE_LASTS
            self.save()
            return
        self.standing = None
        _END.run(self.session, person_id=self.person.person_id, channel=self.inbound.channel, chat=self.inbound.chat)

    def choose_language(self, code: str) -> None:
        """Keep the person's own choice of language; it holds from this answer on."""
        self.set_person(language=code)
        self.context.known.pop(("reach", self.person.person_id), None)
        self.person = replace(self.person, language=code)

    def move_home(self, place_id: int, detail: str) -> None:
        """Keep where the person lives; it holds from this answer on."""
        self.set_person(home_id=place_id, home_detail=detail)
        self.context.known.pop(("reach", self.person.person_id), None)
        self.person = replace(self.person, home_id=place_id, home_detail=detail)

    def set_person(self, **values: Any) -> None:
        """Change what is kept about this person."""
        people.change(self.session, self.person.person_id, **values)


def meet(desk: Desk, inbound: Inbound, person: Found, actor: Actor) -> Talk:
    """Seat a person at the desk, with the dialogue they were in if it can go on."""
    talk = Talk(
        desk.context, desk.planners, inbound=inbound, person=person, actor=actor, in_group=inbound.group,
        heard=inbound.message,
    )  # fmt: skip
    if person.dialogue is not None:
        kind, step, version, data, expires_at = person.dialogue
        standing = Standing(kind, step, data)
        fresh = version == DIALOGUE_VERSION and expires_at > desk.context.now
        talk.standing, talk.lapsed = (standing, None) if fresh else (None, standing)
        talk.heard = inbound.message or data.get(HEARD)
    return talk
