"""/stats: the figures of a place and a period; 本周统计 and such words; by place, kind, steward, partner type.

They are counted beside the desk (`bot.figures`), so that no answer waits for them.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from cases.breakdowns import By
from cases.search import Filter
from handlers.admin import case_list
from handlers.admin.figure_arguments import is_plain, plain, say_doubts, with_period
from handlers.admin.figure_words import BREAKDOWNS
from handlers.admin.filter_code import short_code
from handlers.command import LEADERS, Command
from handlers.commission import CARD, commission, is_making, order
from handlers.message import Choice, Rows
from handlers.pages import number_of
from handlers.talk import Talk
from handlers.texts import N_, Translate

KIND = "stats"
USUAL = "this month"
TOTAL = "t"
VIEWS: Mapping[str, By] = {"l": "place", "k": "category", "s": "steward", "p": "partner"}  # letters in a button
STILL = N_("Your last figures are still being counted. Please wait a moment.")


def stats(talk: Talk, argument: str) -> None:
    """Take "/stats", "/stats 3号楼 上月"; without a period it is this month."""
    parsed, which = case_list.read(talk, argument), case_list.new_list(talk)
    asked = with_period(talk, parsed.asked, USUAL)
    if not is_plain(parsed):
        say_doubts(talk, parsed, KIND, f"f:{which}:{TOTAL}:{{code}}", card_of(which))
    elif not case_list.places(talk, asked):
        talk.reply(case_list.say_outside(talk, asked))
    elif is_making(talk, KIND):
        talk.reply(talk.t(STILL))
    else:
        commission(talk, KIND, _data(which, TOTAL, asked), talk.t("Counting…"))


def press(talk: Talk, which: str, view: str, code: str) -> None:
    """Show the same figures in another way, on the same card; the rights are those of this moment."""
    which = str(number_of(which))
    if not talk.actor.has(*LEADERS):
        talk.toast(talk.t("That is for whoever leads."))
    elif (found := case_list.again(talk, code)) is not None:
        asked = with_period(talk, plain(found), USUAL)
        if not case_list.places(talk, asked):
            talk.toast(case_list.say_outside(talk, asked))
        elif is_making(talk, KIND):
            talk.toast(talk.t(STILL))
        else:
            talk.toast(talk.t("Counting…"))
            order(talk, talk.here, KIND, _data(which, view, asked))


def card_of(which: str) -> str:
    """Return the key of the card with the figures."""
    return f"stats:{which}"


def rows(which: str, shown: str, asked: Filter, t: Translate) -> Rows:
    """Return the buttons below the figures; that of what is shown is marked."""
    names = {TOTAL: t("All together"), **{letter: t(BREAKDOWNS[by]) for letter, by in VIEWS.items()}}
    code = short_code(asked)
    choices = tuple(
        Choice(("✓ " if letter == shown else "") + name, f"f:{which}:{letter}:{code}") for letter, name in names.items()
    )
    return choices[:1], choices[1:3], choices[3:]


def _data(which: str, view: str, asked: Filter) -> dict[str, Any]:
    return {"filter": asked.to_data(), "view": view if view in VIEWS else TOTAL, "which": which, CARD: card_of(which)}


def _of(period: str, talk: Talk, rest: str) -> None:
    stats(talk, f"{period} {rest}")


PERIODS = (
    ("today", "today", ("今天统计", "今日统计")), ("week", "this week", ("本周统计", "这周统计")),
    ("lastweek", "last week", ("上周统计",)), ("month", USUAL, ("本月统计", "这个月统计")),
    ("lastmonth", "last month", ("上月统计", "上个月统计")),
)  # fmt: skip
"""Commands that are periods: their names, what they are read as, the words that mean the same."""

COMMANDS = (
    Command("stats", stats, N_("figures: /stats this month 3号楼"), ("统计", "数据统计", "figures", "statistics"),
            leading=("统计", "数据统计", "stats"), roles=LEADERS),
    *(
        Command(name, partial(_of, period), words=words, leading=words, roles=LEADERS)
        for name, period, words in PERIODS
    ),
)  # fmt: skip
