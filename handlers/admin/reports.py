"""/report week|month: pictures of a place and a period, 周报 and 月报; by itself to admins each week.

`/report` is also what residents write to report something: it is meant as figures by who leads, where a period follows.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from difflib import SequenceMatcher

from sqlalchemy import select

from cases.context import Context
from cases.folding import fold
from cases.search import Filter
from handlers.admin import arguments, case_list
from handlers.admin.days import say_days
from handlers.admin.figure_arguments import is_plain, plain, say_doubts, with_period
from handlers.admin.filter_code import short_code
from handlers.admin.filter_words import today_of
from handlers.admin.filters import Doubt, Parsed
from handlers.clean import clean
from handlers.command import LEADERS, Command
from handlers.commission import commission, is_making, order
from handlers.desk import Desk
from handlers.message import Address, Choice, Rows
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.models import Role

KIND = "report"
SPANS: Mapping[str, str] = {
    "week": N_("this week"), "weekly": "this week", "周": "this week", "周报": "this week",
    "month": N_("this month"), "monthly": "this month", "月": "this month", "月报": "this month",
}  # fmt: skip
ALIKE = 0.7  # from 0 to 1, of a mistyped "week"
SHORTEST = 3  # characters of a word that may be mistyped
STILL = N_("Your last report is still being made. Please wait for it.")
AT_ONCE = 50  # people in one transaction


def is_meant(talk: Talk, argument: str) -> bool:
    """Tell whether "/report …" asks for figures: whoever leads names a period, rightly or nearly, and no trouble."""
    if not talk.actor.has(*LEADERS):
        return False
    word, rest = arguments.head(clean(argument))
    span = SPANS.get(fold(word)) or (SPANS["week"] if _nearest(word) else "")
    parsed = case_list.read(talk, f"{span} {rest}" if span else argument)
    if fold(word) in SPANS and parsed.doubts:  # a place that there is not; but no trouble is told
        meant = talk.rules.understander.read(rest, talk.person.home_id)
        return meant.category is None and not meant.emergency
    return is_plain(parsed) and bool(parsed.asked.since or parsed.asked.until)


def report(talk: Talk, argument: str) -> None:
    """Take "/report week", "/report month 3号楼", "/report 上周", "周报 3号楼"."""
    said = clean(argument)
    word, rest = arguments.head(said)
    if (near := _nearest(word)) and fold(word) not in SPANS:
        doubt = Doubt(word, 0, len(word), instead=talk.t(SPANS[near]))
        say_doubts(talk, Parsed(Filter(), doubts=(doubt,), text=said), KIND, "w:{code}", _card(talk))
        return
    span = SPANS.get(fold(word))
    parsed = case_list.read(talk, f"{span} {rest}" if span else said)
    if not is_plain(parsed):
        say_doubts(talk, parsed, KIND, "w:{code}", _card(talk))
        return
    _begin(talk, with_period(talk, parsed.asked, SPANS["week"]))


def press(talk: Talk, code: str) -> None:
    """Take the button of a report; the rights are those of this moment."""
    if not talk.actor.has(*LEADERS):
        talk.toast(talk.t("That is for whoever leads."))
    elif (asked := case_list.again(talk, code)) is not None:
        _begin(talk, with_period(talk, plain(asked), SPANS["week"]))


def order_weekly(desk: Desk, up_to: int) -> int | None:
    """Have last week's report made for the next admins, each of their own places; None when all are served."""
    admins = select(Role.person_id).where(Role.person_id > up_to, Role.role == "admin").distinct()
    people = desk.session.scalars(admins.order_by(Role.person_id).limit(AT_ONCE)).all()
    if not people:
        return None
    desk.expect(people)
    since, until = last_week(today_of(desk.context))
    for person in people:
        address = next((one for one in desk.reach(person).addresses if one[0] in desk.planners), None)
        if address is not None:
            data = {"filter": Filter(since=since, until=until).to_data(), "weekly": True}
            order(desk, Address(*address, person), KIND, data)
    return people[-1]


def last_week(today: date) -> tuple[date, date]:
    """Return Monday and Sunday of the week before."""
    monday = today - timedelta(days=today.weekday() + 7)
    return monday, monday + timedelta(days=6)


def before(asked: Filter) -> Filter | None:
    """Return the period just before, a month before a month; None where there is no beginning or no end."""
    if asked.since is None or asked.until is None:
        return None
    until = asked.since - timedelta(days=1)
    if asked.since.day == 1 and (asked.until + timedelta(days=1)).day == 1:
        return replace(asked, since=until.replace(day=1), until=until)
    return replace(asked, since=until - (asked.until - asked.since), until=until)


def rows(context: Context, earlier: Filter | None, t: Translate) -> Rows:
    """Return the button for the period before."""
    if earlier is None:
        return ()
    label = "‹ " + say_days(earlier.since, earlier.until, today_of(context), t)
    return ((Choice(label, f"w:{short_code(earlier)}"),),)


def _begin(talk: Talk, asked: Filter) -> None:
    if not case_list.places(talk, asked):
        talk.reply(case_list.say_outside(talk, asked))
    elif is_making(talk, KIND):
        talk.reply(talk.t(STILL))
    else:
        commission(talk, KIND, {"filter": asked.to_data()}, talk.t("The report is being made…"))


def _nearest(word: str) -> str:
    """Return the word for a span that a mistyped one is most like, empty for none."""
    told = fold(word)
    likeness, near = max((SequenceMatcher(None, told, span).ratio(), span) for span in SPANS if span.isascii())
    return near if likeness >= ALIKE and len(told) >= SHORTEST else ""


def _card(talk: Talk) -> str:
    return f"report:{case_list.new_list(talk)}"


COMMANDS = (
    Command("weekly", lambda talk, rest: report(talk, f"week {rest}"), N_("the week in pictures: /report week"),
            ("周报", "weekly report"), leading=("周报",), roles=LEADERS),
    Command("monthly", lambda talk, rest: report(talk, f"month {rest}"), N_("the month in pictures: /report month"),
            ("月报", "monthly report"), leading=("月报",), roles=LEADERS),
)  # fmt: skip
