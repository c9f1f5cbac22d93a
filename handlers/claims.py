"""认领 and giving back: the presses on an offered case, and what a claimer brings."""

from cases import filing, life
from cases.given import Given
from cases.life import Step
from cases.refusal import Refused, Why
from cases.states import Action
from handlers import offers, words
from handlers.announce import announce
from handlers.clean import cut
from handlers.mask import mask
from handlers.message import Message
from handlers.priority import ANSWER
from handlers.talk import Talk
from storage.models import Case

BRINGS = 200  # characters of what a claimer brings, as many as its column holds


def claim(talk: Talk, case: Case, _argument: str) -> None:
    """The press of 认领: the first wins, or the first few."""
    step = life.act(talk.context, case, Action.CLAIM, talk.actor)
    thanks = talk.t("It is yours. Thank you!")
    if talk.inbound.press is not None:
        talk.toast(thanks)
    else:
        talk.reply(thanks)
    announce(talk, [step])


def give_back(talk: Talk, case: Case, _argument: str) -> None:
    """Give a claimed case back."""
    announce(talk, filing.give_back_claim(talk.context, case, talk.actor))
    talk.reply(talk.t("You have given back {case}.").format(case=words.headline(talk.rules, case, talk.t)))


def look(talk: Talk, case: Case, _argument: str) -> None:
    """Show the photos told with an offered case to who may claim it: in private, also where a group's button asks."""
    if not life.handles(talk.context, case, talk.actor):
        life.require(talk.context, case, Action.CLAIM, talk.actor)
    photos = offers.photos_of(talk, case)
    if not photos:
        raise Refused(Why.NOT_YOURS)
    message = Message(words.headline(talk.rules, case, talk.t), photos=photos)
    if not talk.in_group:
        talk.say(message, case_id=case.id)
        return
    talk.tell(talk.person.person_id, lambda _t: message, case_id=case.id, priority=ANSWER)
    talk.toast(talk.t("The photos come to you in private. If nothing comes, tap my name and press Start."))


def carry_out_note(talk: Talk, case: Case, given: Given) -> list[Step]:
    """Take what a claimer brings, in one line. Others read it: numbers that lead to a person are not kept."""
    said, shortened = cut(mask(" ".join(given.words.split())), BRINGS)
    if shortened:
        talk.reply(talk.t("That is a long text: the first {count} characters are kept.").format(count=BRINGS))
    return [life.act(talk.context, case, Action.BRING, talk.actor, Given(said, given.attachments))]
