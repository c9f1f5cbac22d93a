"""/cases: what lies where somebody leads, by any filter; late, not given out yet."""

from cases.search import LEADING
from handlers import case_press
from handlers.admin import case_list, find
from handlers.admin.filter_code import code_of
from handlers.command import LEADERS, Command
from handlers.pages import number_of
from handlers.talk import Talk
from handlers.texts import N_

AGAIN = ("reporter", "words")  # look for the same there


def cases(talk: Talk, argument: str) -> None:
    """Take "/cases", "/cases 超时 3号楼 电梯 本月"; a number opens the case."""
    parsed = case_list.read(talk, argument)
    if parsed.doubts:
        case_list.say_doubts(talk, parsed, "cases", "k:{which}:0:{code}")
    elif parsed.number is not None:
        case_press.press(talk, "card", parsed.number, "")
    elif not case_list.places(talk, parsed.asked):
        talk.reply(case_list.say_outside(talk, parsed.asked))
    else:
        case_list.show(talk, case_list.new_list(talk), 0, code_of(talk, parsed.asked), parsed.asked)


def press(talk: Talk, which: str, what: str, code: str) -> None:
    """Turn a page or change the view of a list; the rights are those of this moment."""
    which = str(number_of(which))
    if not talk.actor.has(*LEADING):
        talk.toast(talk.t("That is for whoever leads."))
    elif (asked := case_list.again(talk, code)) is not None:
        if not case_list.places(talk, asked):
            talk.toast(case_list.say_outside(talk, asked))
        elif what in AGAIN:
            find.switch(talk, which, what, asked)
        else:
            case_list.show(talk, which, number_of(what), code, asked)


COMMANDS = (
    Command("cases", cases, N_("cases where I lead: /cases late 3号楼"), ("事项", "全部事项", "所有事项", "cases"),
            leading=("事项", "全部事项", "所有事项", "cases"), roles=LEADERS),
    Command("late", lambda talk, rest: cases(talk, f"late {rest}"), words=("超时事项", "超期事项", "late cases"),
            leading=("超时事项", "超期事项"), roles=LEADERS),
    Command("unassigned", lambda talk, rest: cases(talk, f"unassigned {rest}"), words=("未派事项", "未派单", "待派单"),
            leading=("未派事项", "待派单"), roles=LEADERS),
    Command("find", find.find, N_("look for a case: /find leak"), ("查找", "搜索"), leading=("查找", "搜索", "find"),
            roles=LEADERS),
)  # fmt: skip
