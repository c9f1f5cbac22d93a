"""/broadcast: a warning to everybody at a place, in four steps: where, what, look at it, send."""

from collections.abc import Callable

from cases import broadcasts
from cases.broadcasts import Stage
from cases.refusal import Refused, Why
from handlers.admin import warn_answers, warn_missed, warn_news, warn_write
from handlers.command import ADMINS, Command
from handlers.message import Message
from handlers.pages import number_of
from handlers.talk import Talk
from handlers.texts import N_


def press(talk: Talk, verb: str, argument: str = "", page: str = "") -> None:
    """Carry out a button; one that no longer fits is told what is true now, and its card refreshed."""
    action = _turning(verb, page) if page else PRESSES.get(verb)
    if action is None:
        talk.toast(talk.t("This button is not known. Please write what you need."))
        return
    said, number = len(talk.tray), number_of(argument)
    try:
        with talk.session.begin_nested():  # what a refusal comes in the middle of is taken back as a whole
            action(talk, number)
    except Refused as refusal:
        del talk.tray[said:]
        warn_news.refused(talk, number, refusal.why)


def _turning(verb: str, page: str) -> Callable[[Talk, int], None] | None:
    """Return what a button with a page does."""
    action = PAGES.get(verb)
    return None if action is None else lambda talk, number: action(talk, number, number_of(page))


def _send(talk: Talk, number: int) -> None:
    draft = broadcasts.draft_of(talk.context, number, talk.actor)
    draft.made_channel, draft.made_chat = talk.inbound.channel, talk.inbound.chat
    broadcasts.confirm(talk.context, draft, talk.actor)
    warn_write.end(talk)
    warn_news.show(talk, draft)
    if draft.state == Stage.SECOND:
        warn_news.ask_seconds(talk, draft)


def _cancel(talk: Talk, number: int) -> None:
    warning = broadcasts.cancel(talk.context, number, talk.actor)
    warn_write.end(talk)
    warn_news.show(talk, warning)


def _decide(talk: Talk, number: int, *, agreed: bool) -> None:
    warning = broadcasts.decide(talk.context, number, talk.actor, agreed=agreed)
    warn_news.decided(talk, warning, agreed=agreed)


def _stop(talk: Talk, number: int) -> None:
    warning = broadcasts.stop(talk.context, number, talk.actor)
    talk.toast(talk.t("No more is sent. In a moment you see how many have it."))
    warn_news.show(talk, warning)


def _see(talk: Talk, number: int) -> None:
    """Show how a warning stands."""
    talk.say(_standing(talk, number))


def _show(talk: Talk, number: int) -> None:
    """Show the figures of now on the same card."""
    talk.redraw(_standing(talk, number))


def _standing(talk: Talk, number: int) -> Message:
    warning = broadcasts.load(talk.context, number)
    if not broadcasts.may_warn(talk.context, talk.actor, warning.place_id):
        raise Refused(Why.NOT_YOURS)
    return warn_news.standing(talk, warning, talk.t)


PRESSES: dict[str, Callable[[Talk, int], None]] = {
    "at": warn_write.take_place,
    "places": warn_write.show_places,
    "leave": warn_write.leave,
    "words": warn_write.ask_words,
    "place": warn_write.ask_place,
    "plain": warn_write.drop_photo,
    "asksafe": warn_write.toggle("safe"),
    "askhelp": warn_write.toggle("help"),
    "send": _send,
    "cancel": _cancel,
    "agree": lambda talk, number: _decide(talk, number, agreed=True),
    "refuse": lambda talk, number: _decide(talk, number, agreed=False),
    "stop": _stop,
    "see": _see,
    "show": _show,
    "missed": warn_missed.begin,
    "safe": warn_answers.safe,
    "help": warn_answers.help_,
}

PAGES: dict[str, Callable[[Talk, int, int], None]] = {"missed": warn_missed.turn_page, "phones": warn_missed.phones}

COMMANDS = (
    Command("broadcast", warn_write.command, N_("a warning to everybody at a place: /broadcast building 3"),
            ("群发", "预警", "通知全体", "群发预警"), ("群发", "预警"), roles=ADMINS),
)  # fmt: skip
