"""Commands and menu words: /mycases, "我的事项", a menu button; each leads to the same conversation."""

import difflib
from collections.abc import Callable

from handlers import away, case_press, groups, home, mycases, report, tasks, wishes
from handlers.clean import clean
from handlers.message import Choice, Message
from handlers.pages import number_of
from handlers.talk import Talk
from handlers.texts import LANGUAGES, N_

Command = Callable[[Talk, str], None]


def heard(talk: Talk) -> bool:
    """Carry out a command or menu word; False when the message is neither."""
    said = clean(talk.inbound.text)
    if said.startswith("/"):
        name, _, argument = said[1:].partition(" ")
        _run(talk, name.partition("@")[0].lower(), argument.strip())
        return True
    whole = _bare(said)
    first, _, argument = whole.partition(" ")
    word, argument = (WORDS[whole], "") if whole in WORDS else (WITH_ARGUMENT.get(first), argument.strip())
    if word in FOR_STAFF_WORDS and (not talk.actor.roles or _in_a_case(talk)):
        return False
    if word is not None and not talk.inbound.files:
        COMMANDS[word](talk, argument)
        return True
    return False


def ends(said: str) -> bool:
    """Tell whether the words take back what is being talked about."""
    return WORDS.get(_bare(said)) == "cancel"


def _bare(said: str) -> str:
    return said.lower().rstrip("。.!！")


def _in_a_case(talk: Talk) -> bool:
    """Tell whether words for a case are waited for: then "我回来了" may be an answer."""
    return talk.standing is not None and talk.standing.kind == "case"


def pressed(talk: Talk, kind: str, word: str, argument: str) -> None:
    """Carry out a menu button (m), turn a list's page (l), or take a language (g)."""
    page = number_of(argument)
    if kind == "l" and word in LISTS:
        LISTS[word](talk, page)
    elif kind == "m" and word in MENU:
        COMMANDS[MENU[word]](talk, "")
    elif kind == "g" and word in LANGUAGES:
        _take_language(talk, word)
    else:
        talk.toast(talk.t("This button is not known. Please write what you need."))


def _run(talk: Talk, name: str, argument: str) -> None:
    command = COMMANDS.get(name)
    if command is not None:
        command(talk, argument)
        return
    close = difflib.get_close_matches(name, COMMANDS, n=1)
    meant = talk.t(" Did you mean /{command}?").format(command=close[0]) if close else ""
    text = talk.t("I do not know /{command}. Write what is the matter, or /help.")
    talk.reply(text.format(command=name[:32]) + meant)


def _report(talk: Talk, argument: str) -> None:
    if argument:
        report.begin(talk, argument_words=argument)
    else:
        report.ask_words(talk)


def _wish(talk: Talk, argument: str) -> None:
    if argument:
        report.begin(talk, argument_words=argument, wish=True)
    else:
        report.ask_wish(talk)


def _case(talk: Talk, argument: str) -> None:
    number = argument.lstrip("#＃")
    if number.isascii() and number.isdecimal() and len(number) <= 15:
        case_press.press(talk, "story", int(number), "")
    else:
        talk.reply(talk.t("Write it with the number: /case 1042"))


def _cancel(talk: Talk, _argument: str) -> None:
    was_open = talk.standing is not None
    talk.end()
    talk.reply(talk.t("Cancelled. Nothing was filed.") if was_open else talk.t("There is nothing to cancel."))


def _language(talk: Talk, _argument: str) -> None:
    rows = (tuple(Choice(name, f"g:{code}") for code, name in LANGUAGES.items()),)
    talk.say(Message("语言 · Language", choices=rows, card="language"))


def _take_language(talk: Talk, code: str) -> None:
    talk.choose_language(code)
    talk.redraw(Message(talk.t("From now on in English."), card="language"))


def _number(talk: Talk, _argument: str) -> None:
    talk.reply(talk.t("Your number here: {number}").format(number=talk.inbound.user))


def _help(talk: Talk, _argument: str) -> None:
    t = talk.t
    lines = [t("Just write what is the matter, with the building: the lift in building 3 unit 2 is out of order.")]
    lines += [f"/{name} – {t(text)}" for name, text in HELP.items() if name not in FOR_STAFF or talk.actor.roles]
    rows = ((Choice(t("Report"), "m:report", "primary"), Choice(t("My cases"), "m:mine")),)
    talk.say(Message("\n".join(lines), choices=rows))


HELP = {
    "report": N_("report something, step by step"),
    "wish": N_("a micro-wish"),
    "wishes": N_("wishes near me, and fulfilled ones"),
    "mycases": N_("my cases"),
    "case": N_("the story of a case: /case 1042"),
    "home": N_("where I live"),
    "tasks": N_("my tasks"),
    "away": N_("I am away: /away 3d"),
    "bind": N_("tie a group to a place: /bind 5号楼"),
    "language": N_("中文 or English"),
}

FOR_STAFF = ("tasks", "away", "bind")
FOR_STAFF_WORDS = ("away", "back")

COMMANDS: dict[str, Command] = {
    "start": home.welcome,
    "report": _report,
    "wish": _wish,
    "wishes": lambda talk, _argument: wishes.show_list(talk, 0),
    "mycases": lambda talk, _argument: mycases.show_list(talk, 0),
    "case": _case,
    "tasks": lambda talk, _argument: tasks.show_list(talk, 0),
    "home": lambda talk, _argument: home.ask(talk),
    "away": away.command,
    "back": away.back,
    "bind": groups.bind,
    "unbind": groups.unbind,
    "language": _language,
    "help": _help,
    "cancel": _cancel,
    "id": _number,
}

WORDS = {
    "我要上报": "report", "上报": "report", "report": "report", "微心愿": "wish", "许愿": "wish",
    "心愿墙": "wishes", "我的事项": "mycases", "我的上报": "mycases", "my cases": "mycases",
    "我的任务": "tasks", "任务": "tasks", "my tasks": "tasks", "帮助": "help", "help": "help", "菜单": "help",
    "menu": "help", "你好": "start", "您好": "start", "hello": "start", "取消": "cancel", "cancel": "cancel",
    "销假": "back", "我回来了": "back", "语言": "language", "language": "language",
}  # fmt: skip

WITH_ARGUMENT = {"请假": "away", "外出": "away"}  # words that stand at the beginning, with more behind

MENU = {"report": "report", "wish": "wish", "wishes": "wishes", "mine": "mycases", "tasks": "tasks"}
LISTS = {
    "mine": mycases.show_list,
    "tasks": tasks.show_list,
    "wishes": wishes.show_list,
    "wall": wishes.show_wall,
    "late": tasks.show_late,
}
