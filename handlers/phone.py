"""电话: the number at which a resident can be called: given by themselves, seen by who handles their case."""

from dataclasses import replace

from handlers.clean import clean
from handlers.mask import phone_in
from handlers.message import Message
from handlers.talk import Talk

LONGEST = 32  # characters of `person.phone`
GONE = ("删除", "不要了", "delete", "remove")


def command(talk: Talk, argument: str) -> None:
    """Take the number behind the command, remove the one that is kept, or show it and ask."""
    t, kept = talk.t, talk.person.phone
    if argument.lower() in GONE:
        _keep(talk, None)
        talk.reply(t("Your number is removed."))
    elif argument and (number := phone_in(argument)) is not None:
        _note(talk, number)
    elif argument:
        talk.reply(t("That is no telephone number. Write it like this: /phone 13800138000"))
    else:
        told = t("Your number here: {number}. To remove it: /phone delete").format(number=kept) if kept else ""
        ask(talk, told)


def ask(talk: Talk, before: str = "") -> None:
    """Ask for the number: by the platform's own button where it has one, else written. Nothing waits for it."""
    t = talk.t
    text = t("At which number can you be called? Press the button or write it. Only who looks after your case sees it, "
             "and an admin whose warning does not reach you.")  # fmt: skip
    if talk.planners[talk.inbound.channel].numbered:  # no buttons of the platform's own
        text = t("At which number can you be called? Just write it here. Only who looks after your case sees it, "
                 "and an admin whose warning does not reach you.")  # fmt: skip
    talk.say(Message("\n".join(filter(None, (before, text))), ask="phone", ask_label=t("Give my number")))


def ask_if_unknown(talk: Talk) -> None:
    """Ask somebody who is to be called and has given no number yet; in a group nobody is asked for it."""
    if talk.person.phone is None and not talk.in_group:
        ask(talk)


def shared(talk: Talk) -> None:
    """Keep the number that the platform vouches for; a conversation under way goes on."""
    _note(talk, clean(talk.inbound.phone or "")[:LONGEST])


def heard(talk: Talk) -> bool:
    """Keep a message that is nothing but a telephone number; False when it is something else."""
    number = None if talk.inbound.files else phone_in(clean(talk.inbound.text))
    if number is None:
        return False
    _note(talk, number)
    return True


def _note(talk: Talk, number: str) -> None:
    _keep(talk, number)
    text = talk.t(
        "Noted: {number}. Only who looks after your case sees it, and an admin whose warning does not reach you."
    )
    talk.reply(text.format(number=number))


def _keep(talk: Talk, number: str | None) -> None:
    talk.set_person(phone=number)
    talk.context.known.pop(("reach", talk.person.person_id), None)
    talk.person = replace(talk.person, phone=number)
