"""认领 and giving back: the presses on an offered case."""

from cases import filing, life
from cases.states import Action
from handlers import words
from handlers.announce import announce
from handlers.talk import Talk
from storage.models import Case


def claim(talk: Talk, case: Case, _argument: str) -> None:
    """The press of 认领: the first wins, or the first few."""
    step = life.act(talk.context, case, Action.CLAIM, talk.actor)
    talk.toast(talk.t("It is yours. Thank you!"))
    announce(talk, [step])


def give_back(talk: Talk, case: Case, _argument: str) -> None:
    """Give a claimed case back."""
    announce(talk, filing.give_back_claim(talk.context, case, talk.actor))
    talk.reply(talk.t("You have given back {case}.").format(case=words.headline(talk.rules, case, talk.t)))
