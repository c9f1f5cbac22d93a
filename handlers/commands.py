"""Commands and menu words: /mycases, "我的事项", a menu button; each leads to the same conversation."""

import difflib
from collections.abc import Callable

from cases.folding import fold
from handlers import away, case_press, groups, home, link, mycases, personal, phone, report, rest, tasks, wishes
from handlers.admin import (
    acts,
    arguments,
    audit,
    export,
    invite,
    lists,
    people,
    place_write,
    places,
    posts,
    reload,
    removal,
    reports,
    stats,
    warn,
    warn_write,
)
from handlers.clean import clean
from handlers.command import ADMINS, LEADERS, STAFF, Command
from handlers.message import Choice, Message
from handlers.pages import number_of
from handlers.talk import Talk
from handlers.texts import LANGUAGES, N_, Translate
from storage.models import FIRST_CASE_NUMBER

SLASHES = ("/", "／")  # the second is what a Chinese keyboard gives


def heard(talk: Talk) -> bool:
    """Carry out a command or menu word; False when the message is neither."""
    said = clean(talk.inbound.text)
    if said.startswith(SLASHES) and not (name_of(said) not in COMMANDS and _is_word(talk, said[1:])):
        _run(talk, name_of(said), arguments.head(said[1:])[1].strip())
        return True
    command, argument = _by_word(talk, said.lstrip("".join(SLASHES)))
    if command is None or not command.is_for(talk.actor) or not _is_meant(talk, command, argument):
        return False
    command.run(talk, argument)
    return True


def _by_word(talk: Talk, said: str) -> tuple[Command | None, str]:
    """Return the command that words mean, and what stands behind them."""
    whole = _bare(said)
    if whole in WORDS:
        return WORDS[whole], ""
    word, argument = arguments.glued(said)  # "派单1042 王师傅"
    command = _led_by(talk, word.lower(), argument)
    if command is not None and command.numbered:
        return command, argument
    first, argument = arguments.head(whole)
    return _led_by(talk, first, argument), argument


def _led_by(talk: Talk, word: str, argument: str) -> Command | None:
    """Return which command of this person a word leads to: where a case's number follows, the one that takes it."""
    found = [command for command in LEADING.get(word, ()) if command.is_for(talk.actor)]
    number = arguments.numbered(argument) is not None
    return next((command for command in found if command.numbered == number), found[0] if found else None)


def _is_meant(talk: Talk, command: Command, argument: str) -> bool:
    """Tell whether the words are meant as the command: not where they tell of a trouble, or may be for a case."""
    if not command.numbered:
        return not talk.inbound.files and not (command.roles and _words_are_awaited(talk))
    found = arguments.numbered(argument)
    if found is not None and found.number >= FIRST_CASE_NUMBER:
        return True
    meant = talk.rules.understander.read(argument, talk.person.home_id)
    return meant.category is None and not meant.emergency and not talk.inbound.files and not _words_are_awaited(talk)


def _is_word(talk: Talk, said: str) -> bool:
    """Tell whether a slash stands before a word of ours that needs none: "/派单 1042"."""
    command, _argument = _by_word(talk, said)
    return command is not None and command.is_for(talk.actor)


def name_of(said: str) -> str:
    """Return the command that a message begins with, without slash and bot's name; empty where there is none."""
    return fold(arguments.head(said[1:])[0].partition("@")[0]) if said.startswith(SLASHES) else ""


def ends(said: str) -> bool:
    """Tell whether the words take back what is being talked about."""
    return _bare(said) in COMMANDS["cancel"].words


def _bare(said: str) -> str:
    return said.lower().rstrip("。.!！")


def _words_are_awaited(talk: Talk) -> bool:
    """Tell whether words for a case or a warning are waited for: "我回来了" may be an answer, "预警 …" go out."""
    if talk.standing is None:
        return False
    kind, step = talk.standing.kind, talk.standing.step
    return kind in ("case", place_write.KIND) or (kind == warn_write.KIND and step == "words")


def pressed(talk: Talk, kind: str, word: str, argument: str) -> None:
    """Carry out a menu button (m), turn a list's page (l), or take a language (g)."""
    page = number_of(argument)
    if kind == "l" and word in LISTS:
        LISTS[word](talk, page)
    elif kind == "m" and word in MENU:
        COMMANDS[MENU[word]].run(talk, "")
    elif kind == "g" and word in LANGUAGES:
        _take_language(talk, word)
    else:
        talk.toast(talk.t("This button is not known. Please write what you need."))


def _run(talk: Talk, name: str, argument: str) -> None:
    command = COMMANDS.get(name)
    if command is not None and command.is_for(talk.actor):
        command.run(talk, argument)
    elif command is not None:
        talk.reply(talk.t(NOT_FOR_YOU[command.roles]).format(command=name))
    else:
        text = talk.t("I do not know /{command}. Write what is the matter, or /help.")
        talk.reply(text.format(command=name[:32]) + _meant(talk, name))


def _meant(talk: Talk, name: str) -> str:
    """Return the nearest command that is for this person, as a question."""
    known = [command.name for command in ALL if command.is_for(talk.actor)]
    close = difflib.get_close_matches(name, known, n=1)
    return talk.t(" Did you mean /{command}?").format(command=close[0]) if close else ""


def _start(talk: Talk, payload: str) -> None:
    """Open what a deep link leads to."""
    if payload.startswith(invite.PREFIX):
        invite.opened(talk, payload)
    else:
        home.welcome(talk, payload)


def _report(talk: Talk, argument: str) -> None:
    if argument and reports.is_meant(talk, argument):
        reports.report(talk, argument)
    elif argument:
        report.begin(talk, argument_words=argument)
    else:
        report.ask_words(talk)


def _wish(talk: Talk, argument: str) -> None:
    if argument:
        report.begin(talk, argument_words=argument, wish=True)
    else:
        report.ask_wish(talk)


def _case(talk: Talk, argument: str) -> None:
    found = arguments.numbered(argument)
    if found is not None:
        case_press.press(talk, "story", found.number, "")
    else:
        acts.usage(talk, CASE)


def _claim(talk: Talk, argument: str) -> None:
    found = arguments.numbered(argument)
    if found is not None:
        case_press.press(talk, "claim", found.number, "")
    else:
        acts.usage(talk, CLAIM)


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
    lines += [f"/{each.name} – {t(each.help)}" for each in ALL if each.help and each.is_for(talk.actor)]
    rows = ((Choice(t("Report"), "m:report", "primary"), Choice(t("My cases"), "m:mine")),)
    talk.say(Message("\n".join(lines), choices=rows))


CASE = N_("/case 1042")
CLAIM = N_("/claim 1042")

NOT_FOR_YOU = {
    STAFF: N_("/{command} is for stewards, coordinators and admins. Write what is the matter, or /help."),
    LEADERS: N_("/{command} is for coordinators and admins. Write what is the matter, or /help."),
    ADMINS: N_("/{command} is for admins. Write what is the matter, or /help."),
}

EVERYBODY = (
    Command("start", _start, words=("你好", "您好", "hello")),
    Command("report", _report, N_("report something, step by step"), ("我要上报", "上报", "report"), in_groups=True),
    Command("wish", _wish, N_("a micro-wish"), ("微心愿", "许愿", "wish"), in_groups=True),
    Command("wishes", lambda talk, _: wishes.show_list(talk, 0), N_("wishes near me, and fulfilled ones"), ("心愿墙",)),
    Command("mycases", lambda talk, _: mycases.show_list(talk, 0), N_("my cases"),
            ("我的事项", "我的上报", "my cases")),
    Command("case", _case, N_("the story of a case: /case 1042"), leading=("事项",), numbered=True),
    Command("home", lambda talk, _: home.ask(talk), N_("where I live")),
    Command("phone", phone.command, N_("the number at which I can be called"), ("我的电话", "my phone"), ("我的电话",)),
    Command("link", link.command, N_("this chat and another one are both me"), ("关联", "关联账号"), ("关联",)),
    Command("unlink", link.unlink, words=("取消关联",)),
    Command("more", rest.go_on, words=("继续", "接着看", "more")),
    Command("language", _language, N_("中文 or English"), ("语言", "language")),
    Command("privacy", personal.privacy, N_("what is kept about me, and who sees it"),
            ("隐私", "隐私说明", "privacy")),
    Command("mydata", personal.my_data, N_("all that is kept about me, as a file"),
            ("我的资料", "我的数据", "my data")),
    Command("forgetme", personal.forget_me, N_("remove all that is kept about me"),
            ("忘记我", "删除我的资料", "forget me")),
    Command("help", _help, words=("帮助", "help", "菜单", "menu")),
    Command("cancel", _cancel, words=("取消", "cancel")),
    Command("id", _number),
)  # fmt: skip

STEWARDS = (
    Command("tasks", lambda talk, _: tasks.show_list(talk, 0), N_("my tasks"), ("我的任务", "任务", "my tasks"),
            roles=STAFF),
    Command("claim", _claim, N_("claim what is offered: /claim 1042"), leading=("认领",), roles=STAFF, numbered=True),
    Command("away", away.command, N_("I am away: /away 3d"), leading=("请假", "外出"), roles=STAFF),
    Command("back", away.back, words=("销假", "我回来了"), roles=STAFF),
    Command("bind", groups.bind, N_("tie a group to a place: /bind 5号楼"), roles=ADMINS, in_groups=True),
    Command("unbind", groups.unbind, roles=ADMINS, in_groups=True),
)  # fmt: skip

ADMINISTRATION = (*acts.COMMANDS, *audit.COMMANDS, *lists.COMMANDS, *export.COMMANDS, *warn.COMMANDS,
                  *places.COMMANDS, *invite.COMMANDS, *people.COMMANDS, *posts.COMMANDS,
                  *removal.COMMANDS, *reload.COMMANDS, *stats.COMMANDS, *reports.COMMANDS)  # fmt: skip
ALL = (*EVERYBODY, *STEWARDS, *ADMINISTRATION)
COMMANDS = {command.name: command for command in ALL}
WORDS = {word: command for command in ALL for word in command.words}
LEADING = {word: [each for each in ALL if word in each.leading] for command in ALL for word in command.leading}
IN_GROUPS = frozenset(command.name for command in ALL if command.in_groups)

MENU = {
    "mydata": "mydata",
    "forgetme": "forgetme",
    "report": "report",
    "wish": "wish",
    "wishes": "wishes",
    "mine": "mycases",
    "tasks": "tasks",
}


def wechat_menu(t: Translate) -> dict[str, str]:
    """Return what stands in the menu below a chat, by the words of `MENU`."""
    return {"report": t("Report"), "wish": t("Micro-wish"), "mine": t("My cases")}


LISTS: dict[str, Callable[[Talk, int], None]] = {
    "mine": mycases.show_list,
    "tasks": tasks.show_list,
    "wishes": wishes.show_list,
    "wall": wishes.show_wall,
    "late": tasks.show_late,
}
