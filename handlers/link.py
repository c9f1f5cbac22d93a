"""关联: one person on several channels. A code from one chat, typed in the other, makes one person of both.

Only in private chats, where nobody else reads the code.
"""

import re
from dataclasses import replace
from itertools import groupby

from cases import joining, link_codes, own_cases
from cases.context import actor_of
from cases.folding import fold
from cases.link_codes import DIGITS, LASTS, Shown, Wrong
from cases.refusal import Refused, Why
from handlers import words
from handlers.announce import announce
from handlers.clean import clean
from handlers.message import Address, Choice, Message
from handlers.pages import number_of
from handlers.priority import ANSWER
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage import people
from storage.link_models import LinkCode
from storage.models import Identity, Person

KIND = "link"
CARD = "link"
CHANNELS = {"telegram": "Telegram", "web": N_("the web page"), "wechat": N_("WeChat"), "wecom": N_("WeCom")}
_CODE = re.compile(rf"[0-9](?:[ -]?[0-9]){{{DIGITS - 1}}}")

WRONG = {
    Wrong.UNKNOWN: N_(
        "This code does not hold, or no longer. Write /link in your other chat and type here what it says."
    ),
    Wrong.TOO_MANY: N_("That was often wrong. Please try it again in an hour."),
    Wrong.BUSY: N_("This does not work just now. Please try it again later."),
    Wrong.OWN: N_("This is the code of this chat. Please type it in your other chat with us."),
}
REASONS = {
    Why.BUSY: N_("Something else of yours is being dealt with this very moment. Please press again."),
    Why.WRONG_STATE: N_("These two chats are joined already."),
    Why.OTHER_KIND: N_("The organisation knows both as two people. Please ask an admin."),
}
OVER = N_("This is over. If you still want to join two chats: /link")


def command(talk: Talk, argument: str) -> None:
    """Show a code for the other chat, or take the one from there."""
    if not argument:
        _show(talk)
    elif (digits := code_in(argument)) is not None:
        _typed(talk, digits)
    else:
        talk.reply(talk.t("A code has six digits. Write it like this: /link 123456"))


def heard(talk: Talk) -> bool:
    """Take a message that is nothing but a code, after /link; False when it is something else."""
    digits = None if talk.inbound.files else code_in(clean(talk.inbound.text))
    if digits is None:
        return False
    _typed(talk, digits)
    return True


def code_in(said: str) -> str | None:
    """Return the code that the words are: six digits, full-width and parted ones too."""
    folded = fold(said).strip()
    return re.sub("[^0-9]", "", folded) if _CODE.fullmatch(folded) else None


def press(talk: Talk, verb: str, argument: str) -> None:
    """Take a button of the cards."""
    number = number_of(argument)
    if verb == "yes":
        _join(talk, number)
    elif verb == "no":
        _leave(talk, number)
    elif verb == "part":
        _part(talk, number)
    else:
        talk.toast(talk.t("This button is not known. Please write what you need."))


def _show(talk: Talk) -> None:
    t, made = talk.t, link_codes.show(talk.context, talk.person.identity_id)
    if not isinstance(made, Shown):
        talk.reply(t(WRONG[made]))
        return
    talk.begin(KIND, "code", lasts=LASTS)
    lines = (
        t("Your code: {code}. It holds for ten minutes.").format(code=made.digits),
        t("Type it in your other chat with us: /link {code}").format(code=made.digits),
        t("Then both chats are one person: the same cases, and we write where you wrote last. Give it to nobody."),
        t("If you have a code from there, just write it here."),
    )
    talk.say(Message("\n".join(lines)))


def _typed(talk: Talk, digits: str) -> None:
    """Compare the code, and ask before anything is joined."""
    found = link_codes.typed(talk.context, talk.person.identity_id, digits)
    there = talk.session.get(Identity, found.identity_id) if isinstance(found, LinkCode) else None
    if not isinstance(found, LinkCode) or there is None:
        talk.reply(talk.t(WRONG[found if isinstance(found, Wrong) else Wrong.UNKNOWN]))
        return
    if talk.standing is not None and talk.standing.kind == KIND:
        talk.end()
    if there.person_id == talk.person.person_id:
        talk.reply(talk.t(REASONS[Why.WRONG_STATE]))
        return
    t = talk.t
    text = t("Is this both you: {here} here, and {there}? Then they become one person.")
    text = text.format(here=_side(talk, _here(talk), t), there=_side(talk, there, t))
    if talk.actor.roles or actor_of(talk.context, there.person_id).roles:
        text += "\n" + t("Tasks and rights hold in both chats then. Never say yes for somebody else.")
    yes = Choice(t("Yes, both are me"), f"j:yes:{found.id}", "primary")
    rows = ((yes, Choice(t("No, that is not me"), f"j:no:{found.id}")),)
    talk.say(Message(text, title=t("Join two chats"), choices=rows, card=CARD))


def _join(talk: Talk, number: int) -> None:
    """Join, if this chat has typed that code and it still holds."""
    said = len(talk.tray)
    try:
        with talk.session.begin_nested():  # a code is not used up by what is refused
            _carry_out(talk, number)
    except Refused as refusal:
        del talk.tray[said:]
        text = talk.t(REASONS.get(refusal.why, OVER))
        talk.toast(text)
        if refusal.why is not Why.BUSY:
            talk.redraw(Message(text, card=CARD))


def _carry_out(talk: Talk, number: int) -> None:
    code = link_codes.confirmed(talk.context, number, talk.person.identity_id)
    there = talk.session.get(Identity, code.identity_id) if code is not None else None
    if there is None:
        raise Refused(Why.NOT_FOUND)
    here, t = _here(talk), talk.t
    row = joining.join(talk.context, talk.person.person_id, there.person_id)
    _be(talk, row.person_id)
    talk.person = replace(talk.person, several=True)
    people.seen(talk.session, talk.person, talk.context.now)  # from now on it counts where they wrote last
    sides = {"here": _side(talk, here, t), "there": _side(talk, there, t)}
    steps = own_cases.settle(talk.context, row, t(words.OWN_CASE))
    text = t("Done: {here} and {there} are one person now. We write where you wrote last. To part them: /unlink")
    talk.redraw(Message(text.format(**sides), card=CARD))
    _tell(talk, there, N_("This chat is one person with {side} now. If that was not you, write /unlink"), here)
    for _number, of_case in groupby(steps, key=lambda step: step.case.id):
        announce(talk, list(of_case))


def _leave(talk: Talk, number: int) -> None:
    code = link_codes.confirmed(talk.context, number, talk.person.identity_id)
    text = talk.t("Left as it was. That code no longer holds.") if code is not None else talk.t(OVER)
    talk.redraw(Message(text, card=CARD))


def unlink(talk: Talk, _argument: str) -> None:
    """Show what was joined to this person, and ask what is to be parted."""
    t, found = talk.t, joining.parts(talk.context, talk.person.person_id)
    if not found:
        talk.reply(t("This chat is not joined with another. To join two: /link"))
        return
    lines = (
        t("What is to be parted? Then it is a person of its own again."),
        t("What it brought goes back: its cases, its tasks and roles, and what was reported there since."),
        t("What was reported in the other chats stays with them."),
    )
    rows = tuple(
        (Choice(t("Part {side}").format(side=_side(talk, part.identities[0], t)), f"j:part:{part.person_id}"),)
        for part in found
    )
    leave = (Choice(t("Never mind"), "j:no:0"),)
    talk.say(Message("\n".join(lines), title=t("Part two chats"), choices=(*rows, leave), card=CARD))


def _part(talk: Talk, person_id: int) -> None:
    me = talk.person.person_id
    chats = [part.identities for part in joining.parts(talk.context, me) if part.person_id == person_id]
    if not chats:
        text = talk.t(OVER)
    else:
        try:
            with talk.session.begin_nested():
                joining.part(talk.context, me, person_id)
        except Refused as refusal:
            talk.toast(talk.t(REASONS.get(refusal.why, OVER)))
            return
        leaving, t = chats[0], talk.t
        if talk.person.identity_id in {identity.id for identity in leaving}:
            _be(talk, person_id)
        text = t("Parted: {side} is a person of its own again.").format(side=_side(talk, leaving[0], t))
        for identity in leaving:
            if identity.id != talk.person.identity_id:
                _tell(
                    talk,
                    identity,
                    N_("This chat was parted from {side}: it is a person of its own again."),
                    _here(talk),
                )
    talk.toast()
    talk.redraw(Message(text, card=CARD))


def _be(talk: Talk, person_id: int) -> None:
    """Go on as who the person of this chat is now."""
    person = talk.session.get_one(Person, person_id)
    talk.person = replace(
        talk.person, person_id=person.id, name=person.name, language=person.language, phone=person.phone,
        home_id=person.home_id, home_detail=person.home_detail, linked=person.linked,
    )  # fmt: skip
    talk.actor = actor_of(talk.context, person.id)


def _here(talk: Talk) -> Identity:
    return talk.session.get_one(Identity, talk.person.identity_id)


def _tell(talk: Talk, identity: Identity, text: str, other: Identity) -> None:
    """Say it in the other chat, wherever the person wrote last."""
    if identity.channel in talk.planners:
        address = Address(identity.channel, identity.chat, identity.person_id)
        t = talk.translator_for(talk.reach(identity.person_id).language)
        talk.post(address, Message(t(text).format(side=_side(talk, other, t))), priority=ANSWER)


def _side(talk: Talk, identity: Identity, t: Translate) -> str:
    """Return what a chat is called: its channel, and by which name it is known there."""
    person = talk.session.get_one(Person, identity.own_person_id or identity.person_id)
    channel = t(CHANNELS.get(identity.channel, identity.channel))
    return t("{channel} ({name})").format(channel=channel, name=person.name)
