"""Buttons of a case: looked up by verb, carried out by the rules; one that no longer fits is told what is true."""

from collections.abc import Callable

from cases import life
from cases.context import at_hand
from cases.given import Given
from cases.refusal import Refused, Why
from cases.states import Action, Party
from handlers import call_back, claims, following, hand_on, helpers, more, mycases, rating, vetting, wishes, words, work
from handlers.admin import moves
from handlers.announce import announce
from handlers.pages import number_of
from handlers.talk import Talk
from handlers.task_card import task_card
from handlers.texts import N_
from storage.models import Case

Press = Callable[[Talk, Case, str], None]


def press(talk: Talk, verb: str, number: int, argument: str) -> None:
    """Carry out the button `verb` of case `number`, however old the button is."""
    action = PRESSES.get(verb)
    if action is None:
        talk.toast(talk.t("This button is not known. Please write what you need."))
        return
    if talk.in_group and verb not in IN_GROUPS:
        talk.toast(talk.t("Please do that in private: tap my name."))
        return
    beside = number_of(argument) if verb in OF_TWO else None
    attempt(talk, number, lambda case: action(talk, case, argument), beside)
    talk.toast()


def attempt(talk: Talk, number: int, action: Callable[[Case], None], beside: int | None = None) -> None:
    """Do something with a case; where that is refused nothing of it is kept, and the person hears why.

    `beside`: the number of a second case that it needs.
    """
    said = len(talk.tray)
    try:
        with talk.session.begin_nested():  # what a refusal comes in the middle of is taken back as a whole
            action(life.load(talk.context, number, beside=beside))
    except Refused as refusal:
        del talk.tray[said:]
        refused(talk, number, refusal.why)


IN_GROUPS = ("claim", "look", "follow")  # presses that make sense before everybody
OF_TWO = ("mergeto",)  # presses whose argument is the number of a second case


def refused(talk: Talk, number: int, why: Why) -> None:
    """Say why something was not done; to those concerned, what is true now, with the card refreshed."""
    t = talk.t
    case = talk.session.get(Case, number)
    if case is None:
        _answer(talk, t("There is no such case."))
    elif why in REASONS:
        _answer(talk, t(REASONS[why]))
    elif _keeps_private(talk, case):
        _answer(talk, t("This is dealt with in private."))
    elif not life.concerns(talk.context, case, talk.actor):
        told = t("This is not yours to do.") if talk.inbound.press else t("There is no such case.")
        _answer(talk, told)
    else:
        who = words.name_of(talk, case.steward_id, t)
        state = t("{case}: {state} ({name})")
        _answer(talk, state.format(case=words.headline(talk.rules, case, t), state=words.state(case, t), name=who))
        if (
            case.reporter_id != talk.person.person_id
            and not talk.in_group
            and life.handles(talk.context, case, talk.actor)
        ):
            talk.redraw(task_card(talk, case, talk.person.person_id, t), case_id=case.id)


def _keeps_private(talk: Talk, case: Case) -> bool:
    """Tell whether the person only follows what has turned out to be private."""
    if not words.is_private(talk.rules, case) or case.reporter_id == talk.person.person_id:
        return False
    follows = at_hand(talk.context, case, talk.actor) == {Party.FOLLOWER}
    return follows and not life.handles(talk.context, case, talk.actor)


REASONS = {
    Why.TOO_SOON: N_("You urged a short while ago. Once an hour is enough; the steward has been told."),
    Why.TOO_LATE: N_("It is too late to open this case again. Please report it anew."),
    Why.NOT_A_STEWARD: N_("This person cannot take the case."),
    Why.PHOTO_NEEDED: N_("This kind of matter needs a photo of the result. Please send one."),
    Why.DEADLINE_OVER: N_("The deadline is over; more time can only be asked for before it."),
    Why.NOT_LATER: N_("That is not later than the deadline."),
    Why.CAP_REACHED: N_("You have as many open cases as you can take. Finish one first."),
    Why.NO_ROOM: N_("Others were faster; everybody who is needed has it."),
    Why.OWN_CASE: N_("It is your own case."),
    Why.KEPT_PRIVATE: N_("This is private. You live in the same building, or it names you: it is not shown to you."),
    Why.WORDS_NEEDED: N_("Please say it in a few words."),
    Why.OTHER_KIND: N_("They are not of the same kind. Change the kind of one of them first."),
    Why.NOBODY_ELSE: N_("There is nobody else to tell."),
    Why.PRIVATE: N_("What is private is not joined with anything else."),
}


def _answer(talk: Talk, text: str) -> None:
    if talk.inbound.press is not None:
        talk.toast(text)
    else:
        talk.reply(text)


def _plain(action: Action, done: str) -> Press:
    """Return a press that needs nothing but the press."""

    def carry_out(talk: Talk, case: Case, _argument: str) -> None:
        step = life.act(talk.context, case, action, talk.actor, Given())
        if action is Action.ACCEPT:
            talk.toast(talk.t(done))  # the card itself changes
        else:
            talk.reply(f"#{case.id}: {talk.t(done)}")
        announce(talk, [step])

    return carry_out


PRESSES: dict[str, Press] = {
    "accept": _plain(Action.ACCEPT, N_("Accepted.")),
    "urge": _plain(Action.URGE, N_("The steward has been told to hurry.")),
    "reopen": rating.reopen,
    "withdraw": mycases.ask_withdraw,
    "really": mycases.withdrawn,
    "story": mycases.story,
    "photos": mycases.photos,
    "add": work.asks("add"),
    "answer": work.asks("answer"),
    "explain": work.asks("explain"),
    "card": work.show_card,
    "transfer": hand_on.choose,
    "give": hand_on.choose,
    "to": hand_on.give,
    "leave": hand_on.leave,
    "return": work.asks("return"),
    "ask": work.asks("ask"),
    "done": work.asks("done"),
    "say": work.say_usual,
    "hold": work.asks("hold"),
    "claim": claims.claim,
    "unclaim": claims.give_back,
    "look": claims.look,
    "bring": work.asks("bring"),
    "vet": vetting.accept,
    "question": work.asks("question"),
    "decline": work.asks("decline"),
    "toissue": vetting.to_issue,
    "towish": vetting.to_wish,
    "publish": vetting.publish,
    "shown": wishes.show_photos,
    "see": vetting.see,
    "helpers": helpers.choose,
    "helper": helpers.add,
    "alone": helpers.drop,
    "follow": following.follow,
    "unfollow": following.unfollow,
    "merge": following.choose,
    "mergeto": following.merge,
    "outcome": work.asks("outcome"),
    "reply": work.asks("reply"),
    "called": call_back.called,
    "call": call_back.show,
    "phone": call_back.show_phone,
    "more": more.show,
    "later": more.ask_until,
    "until": more.take_until,
    "grant": more.grant,
    "deny": more.deny,
    "kinds": more.choose_kind,
    "kind": more.take_kind,
    "hasten": moves.hasten,
    "ease": moves.ease,
    "escalate": moves.escalate,
    "note": work.asks("note"),
    "anew": work.asks("anew"),
    "resume": more.resume,
    "less": more.leave,
    "finish": work.finish,
    "stop": work.stop,
    "solved": rating.solved,
    "unsolved": rating.unsolved,
    "star": rating.star,
    "tag": rating.tag,
}
