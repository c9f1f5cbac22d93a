"""Commands on a case for whoever leads where it is: /assign 1042 王师傅, /reject 1042 reason, 加急 1042 and so on.

Coordinators and admins may do all of them at their place and below, but open again what is over: that is for admins
alone, as the states of a case say. A case elsewhere is answered like a number that there is not. Who has a case in hand
may hand it on by command as by button.
"""

from collections.abc import Callable, Sequence

from cases import dispatch, life
from cases.refusal import Refused, Why
from cases.states import MOVES, Action, State
from handlers import case_press, following, hand_on, words, work
from handlers.admin import moves
from handlers.admin.arguments import Named, head, matching, named, nearest, numbered, numbered_behind, two_numbers
from handlers.announce import announce
from handlers.clean import cut, has_words
from handlers.command import ADMINS, LEADERS, Command, Run
from handlers.message import Choice, Message
from handlers.talk import Talk
from handlers.texts import N_
from storage.models import Case

Act = Callable[[Talk, Case, str], None]

URGENT = ("urgent", "加急", "紧急", "急", "特急", "high")
ORDINARY = ("normal", "普通", "一般", "正常", "不急", "取消加急", "low")

ASSIGN = N_("/assign 1042 Wang")
TRANSFER = N_("/transfer 1042 Wang")
ESCALATE = N_("/escalate 1042")
PRIORITY = N_("/priority 1042 urgent")
MERGE = N_("/merge 1043 1042")
REJECT = N_("/reject 1042 the reason, and where to turn instead")
REOPEN = N_("/reopen 1042")
NOTE = N_("/note 1042 what staff should know")


def on_case(act: Act, form: str) -> Run:
    """Return what runs `act` on the case whose number comes first, with the rest; `form` shows how it is written."""

    def run(talk: Talk, argument: str) -> None:
        found = numbered(argument)
        if found is None:
            usage(talk, form, argument)
        else:
            case_press.attempt(talk, found.number, lambda case: _if_theirs(talk, case, found.rest, act))

    return run


def usage(talk: Talk, form: str, said: str = "") -> None:
    """Say how the command is written, with what was said where only the number comes too late."""
    behind = numbered_behind(said)
    if behind is not None:
        right = f"{head(form)[0]} {behind.number} {behind.rest}".strip()
        talk.reply(talk.t("The number comes first: {form}").format(form=right))
    else:
        talk.reply(talk.t("Write it with the number: {form}").format(form=talk.t(form)))


def _if_theirs(talk: Talk, case: Case, rest: str, act: Act) -> None:
    if not life.concerns(talk.context, case, talk.actor):
        raise Refused(Why.NOT_FOUND)
    if talk.inbound.files:
        talk.reply(talk.t("The photo or file is not kept: a command takes words alone."))
    kept, shortened = cut(rest, work.MAX_WORDS)
    if shortened:
        text = talk.t("That is a long text: the first {count} characters are kept.")
        talk.reply(text.format(count=work.MAX_WORDS))
    act(talk, case, kept)


def _assign(talk: Talk, case: Case, name: str) -> None:
    """派单: whoever is at work already is not put aside by it, that is /transfer."""
    people = hand_on.suitable(talk, case)
    if State(case.state) not in MOVES[Action.ASSIGN].sources:
        text = talk.t("{name} is working on it. To hand it on all the same: {form}")
        form = talk.t(TRANSFER).replace("1042", str(case.id))
        talk.reply(text.format(name=words.name_of(talk, case.steward_id, talk.t), form=form))
    else:
        _hand(talk, case, name, people)


def _transfer(talk: Talk, case: Case, name: str) -> None:
    """转派: to another, at any time until it is done."""
    _hand(talk, case, name, hand_on.suitable(talk, case))


def _hand(talk: Talk, case: Case, name: str, people: Sequence[dispatch.Holder]) -> None:
    """Give the case to the steward who is meant; where it is not clear who, offer those who may be."""
    if not name:
        hand_on.choose(talk, case, "")
        return
    known = named(talk, {each.person_id: each.title for each in people})
    found = matching(known, name)
    if len(found) == 1:
        announce(talk, [hand_on.hand(talk, case, found[0].person_id)])
        moves.answer(talk, case, _has_it_now(talk, found[0]))
        return
    has_it = _holder(talk, case)
    if not found and matching(has_it, name):
        talk.reply(talk.t("{name} has it already.").format(name=has_it[0].name))
        return
    offered = {one.person_id for one in found or nearest(known, name)}
    text = talk.t("Who is meant?") if found else talk.t("There is no steward {name} here.").format(name=name[:32])
    shown = [each for each in people if each.person_id in offered]
    if shown:
        talk.say(hand_on.question(talk, case, shown, text), case_id=case.id)
    else:
        talk.reply(text)
        hand_on.choose(talk, case, "")


def _has_it_now(talk: Talk, steward: Named) -> str:
    until = talk.reach(steward.person_id).away_until
    if until is None or until <= talk.context.now:
        return talk.t("{name} has it now.").format(name=steward.name)
    text = talk.t("{name} has it now, but is away until {time}.")
    return text.format(name=steward.name, time=words.time(talk, until, talk.t))


def _holder(talk: Talk, case: Case) -> list[Named]:
    if case.steward_id is None:
        return []
    titles = [role.title for role in talk.actor_for(case.steward_id).roles if role.role == "steward"]
    return named(talk, {case.steward_id: titles[0] if titles else ""})


def _priority(talk: Talk, case: Case, said: str) -> None:
    """加急, 普通; without a word it is asked."""
    word = head(said.lower())[0]
    if word in (*URGENT, *ORDINARY):
        _set_urgent(talk, case, urgent=word in URGENT)
        return
    life.require(talk.context, case, Action.HASTEN, talk.actor)
    t = talk.t
    change = t("Not urgent any more") if case.urgent else t("Make it urgent")
    rows = ((Choice(change, f"c:{'ease' if case.urgent else 'hasten'}:{case.id}"),),)
    now = t("It is urgent now.") if case.urgent else t("It is not urgent now.")
    text = now if not said else f"{now} {t('Write: {form}').format(form=t(PRIORITY).replace('1042', str(case.id)))}"
    title = words.headline(talk.rules, case, t)
    talk.say(Message(text, title=title, choices=rows, card=f"more:{case.id}"), case_id=case.id)


def _set_urgent(talk: Talk, case: Case, *, urgent: bool) -> None:
    life.require(talk.context, case, Action.HASTEN if urgent else Action.EASE, talk.actor)
    if case.urgent != urgent:
        (moves.hasten if urgent else moves.ease)(talk, case, "")
    else:
        moves.answer(talk, case, talk.t("It is urgent now.") if urgent else talk.t("It is not urgent now."))


def _urgent(talk: Talk, case: Case, _said: str) -> None:
    _set_urgent(talk, case, urgent=True)


def _ordinary(talk: Talk, case: Case, _said: str) -> None:
    _set_urgent(talk, case, urgent=False)


def _merge(talk: Talk, argument: str) -> None:
    """合并: the first is joined to the second; who told and follows the first follows the second from now on."""
    numbers = two_numbers(argument)
    if numbers is None or numbers[0] == numbers[1]:
        usage(talk, MERGE)
        return
    case_press.attempt(talk, numbers[0], lambda case: _if_theirs(talk, case, str(numbers[1]), _join), numbers[1])


def _join(talk: Talk, case: Case, other: str) -> None:
    life.require(talk.context, case, Action.MERGE, talk.actor)
    into = talk.session.get(Case, int(other), with_for_update=True)
    if into is None or not life.concerns(talk.context, into, talk.actor):
        talk.reply(talk.t("There is no case #{number}.").format(number=other))
        return
    if State(into.state) not in MOVES[Action.MERGE_IN].sources:
        told = talk.t("{case}: {state} ({name})")
        who = words.name_of(talk, into.steward_id, talk.t)
        headline, state = words.headline(talk.rules, into, talk.t), words.state(into, talk.t)
        talk.reply(told.format(case=headline, state=state, name=who))
        return
    for step in following.unite(talk, case, into):
        announce(talk, [step])
    moves.answer(talk, case, talk.t("Joined to #{number}.").format(number=into.id))


def _in_words(act: Act, step: str) -> Act:
    """Return the act that takes words; without any they are asked for, as by the button."""

    def take(talk: Talk, case: Case, said: str) -> None:
        if has_words(said):
            act(talk, case, said)
        else:
            work.ask(talk, case, step)

    return take


COMMANDS = (
    Command("assign", on_case(_assign, ASSIGN), N_("give a case to a steward: /assign 1042 Wang"),
            leading=("派单", "派给"), roles=LEADERS, numbered=True),
    Command("transfer", on_case(_transfer, TRANSFER), N_("hand a case on: /transfer 1042 Chen"),
            leading=("转派", "转给"), roles=LEADERS, numbered=True),
    Command("escalate", on_case(moves.escalate, ESCALATE), N_("urge, and tell the next rung: /escalate 1042"),
            leading=("催办", "升级", "督办"), roles=LEADERS, numbered=True),
    Command("priority", on_case(_priority, PRIORITY), N_("urgent or normal: /priority 1042 urgent"),
            leading=("优先级",), roles=LEADERS, numbered=True),
    Command("urgent", on_case(_urgent, PRIORITY), leading=("加急",), roles=LEADERS, numbered=True),
    Command("normal", on_case(_ordinary, PRIORITY), leading=("普通", "取消加急"), roles=LEADERS, numbered=True),
    Command("merge", _merge, N_("join two that are the same: /merge 1043 1042"),
            leading=("合并",), roles=LEADERS, numbered=True),
    Command("reject", on_case(_in_words(moves.decline, "decline"), REJECT), N_("decline, with a reason: /reject 1042"),
            leading=("驳回", "不受理"), roles=LEADERS, numbered=True),
    Command("reopen", on_case(moves.reopen, REOPEN), N_("open again what is over: /reopen 1042"),
            leading=("重开", "重新打开"), roles=ADMINS, numbered=True),
    Command("note", on_case(_in_words(moves.note, "note"), NOTE), N_("an internal note: /note 1042"),
            leading=("备注",), roles=LEADERS, numbered=True),
)  # fmt: skip
