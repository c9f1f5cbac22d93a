"""Whom a warning did not reach, by name and door, so that somebody can knock or phone; a page at a time on one message.

Whoever may send a warning to the place may look. Numbers stand there only when asked for. Each look is in the audit.
"""

from cases import audit, broadcast_figures, broadcasts
from cases.broadcast_figures import Missed, MissedPage
from cases.refusal import Refused, Why
from handlers import words
from handlers.admin import warn_card
from handlers.message import Choice, Message
from handlers.pages import turn
from handlers.talk import Talk
from storage.admin_models import Broadcast

PER_PAGE = 10


def begin(talk: Talk, number: int) -> None:
    """Show the first page on a message of its own. Raises Refused."""
    talk.say(_page(talk, number, 0, numbers=False))


def turn_page(talk: Talk, number: int, page: int) -> None:
    """Turn the page. Raises Refused."""
    talk.redraw(_page(talk, number, page, numbers=False))


def phones(talk: Talk, number: int, page: int) -> None:
    """Show the page with telephone numbers. Raises Refused."""
    talk.redraw(_page(talk, number, page, numbers=True))


def _page(talk: Talk, number: int, page: int, *, numbers: bool) -> Message:
    warning = talk.session.get(Broadcast, number)
    if warning is None:
        raise Refused(Why.NOT_FOUND)
    if warning.state not in broadcasts.BEGUN or not broadcasts.may_warn(talk.context, talk.actor, warning.place_id):
        raise Refused(Why.NOT_YOURS)
    found = broadcast_figures.missed(talk.session, number, page, PER_PAGE)
    _write_down(talk, warning, found, numbers=numbers)
    return _message(talk, number, found, numbers=numbers)


def _write_down(talk: Talk, warning: Broadcast, found: MissedPage, *, numbers: bool) -> None:
    """Note the look; of each number that is shown, so that whose it is finds it in `/mydata`."""
    place, number, page = warning.place_id, warning.id, found.page + 1
    audit.record(
        talk.context, talk.actor, "broadcast.missed", place_id=place, people=len(found.people), broadcast=number,
        page=page,
    )  # fmt: skip
    for one in found.people if numbers else ():
        if one.phone:
            audit.record(
                talk.context, talk.actor, "broadcast.phones", place_id=place, person_id=one.person_id,
                broadcast=number, page=page,
            )  # fmt: skip


def _message(talk: Talk, number: int, found: MissedPage, *, numbers: bool) -> Message:
    t = talk.t
    title = t("Not reached by the warning: {count} people").format(count=found.total)
    if found.pages > 1:
        title += t(" · page {page} of {pages}").format(page=found.page + 1, pages=found.pages)
    verb, other = ("phones", "missed") if numbers else ("missed", "phones")
    label = t("Without numbers") if numbers else t("Show telephone numbers")
    switch = ((Choice(label, f"b:{other}:{number}:{found.page}"),),) if found.people else ()
    lines = [_line(talk, each, numbers=numbers) for each in found.people] or [t("Everybody has it.")]
    lines += ["", t("Please knock or phone. It is written down that you looked.")] if found.people else []
    rows = (*turn(found.page, found.pages, f"b:{verb}:{number}:{{page}}", t), *switch)
    return Message("\n".join(lines), title=title, choices=rows, card=f"missed:{number}")


def _line(talk: Talk, one: Missed, *, numbers: bool) -> str:
    """Return "· 张叔 丰美小区5号楼2单元501 · 对方关闭了消息"."""
    t = talk.t
    name = one.name or t("somebody who is no longer here")
    known = one.home_id is not None and talk.rules.tree.find(one.home_id) is not None
    home = words.where(talk.rules, one.home_id, one.home_detail) if known and one.home_id is not None else ""
    facts = [f"{name} {home}".rstrip()]
    facts += [one.phone or t("no telephone number")] if numbers else []
    return "· " + " · ".join([*facts, t(warn_card.in_words(one.reason))])
