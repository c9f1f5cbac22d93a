"""我也遇到: before a report is filed, the open cases near it that are like it."""

from cases import filing, life
from cases.given import Given
from cases.likeness import Like, similar
from cases.refusal import Refused, Why
from cases.states import MOVES, Action, State
from handlers import draft, following, words
from handlers.announce import announce
from handlers.clean import cut
from handlers.draft import Telling
from handlers.follow_card import unfollow_row
from handlers.mask import mask
from handlers.message import Choice, Message
from handlers.pages import number_of
from handlers.talk import Talk
from storage.models import Follower

OFFERED = 2  # cases
SHOWN_WORDS = 60  # characters


def offers(talk: Talk, telling: Telling) -> bool:
    """Show what is like the report, once; False where there is nothing, or no time for it."""
    if telling.compared or telling.wish or telling.emergency or telling.category is None or telling.place_id is None:
        return False
    telling.compared = True
    threshold = talk.rules.settings.me_too.likeness
    found = similar(talk.context, telling.category, telling.place_id, telling.words, threshold, OFFERED)
    if not found:
        return False
    telling.alike = [case.id for case, _alike in found]
    talk.begin("report", "similar", telling.data())
    t = talk.t
    lines = [t("Is it the same trouble?"), *(_line(talk, case) for case, _alike in found)]
    rows = [(Choice(_label(talk, case), f"r:{telling.id}:follow:{case.id}", "primary"),) for case, _alike in found]
    no = (Choice(t("No, report it"), f"r:{telling.id}:card"),)
    talk.say(Message("\n".join(lines), choices=(*rows, no), card=draft.card_key(telling.id)))
    return True


def follow(talk: Talk, telling: Telling, argument: str) -> None:
    """It is the same: follow that case, with what was said kept on it; nothing is filed twice.

    Only a case that was offered counts. Where it is over meanwhile, the report goes on as it was.
    """
    number = number_of(argument)
    if number not in telling.alike:
        raise Refused(Why.NOT_YOURS)
    case = life.load(talk.context, number)
    if State(case.state) not in MOVES[Action.FOLLOW].sources:
        talk.begin("report", "card", telling.data())
        talk.redraw(draft.show(talk, telling))
        return
    if (
        case.reporter_id != talk.person.person_id
        and talk.session.get(Follower, (case.id, talk.person.person_id)) is None
    ):
        following.join(talk, case)
    given = Given(telling.words, tuple(telling.files))
    announce(talk, [life.act(talk.context, case, Action.SUPPLEMENT, talk.actor, given)])
    talk.end()
    count = len(filing.followers(talk.context, case))
    text = talk.t("Your words are with {case}; you hear every step of it. {count} people have this trouble.")
    text = text.format(case=words.headline(talk.rules, case, talk.t), count=count + 1)
    mine = case.reporter_id == talk.person.person_id or talk.in_group  # a group's card is everybody's
    rows = () if mine else unfollow_row(case, talk.t)
    talk.redraw(Message(text, choices=rows, card=draft.card_key(telling.id)), case_id=case.id)


def _line(talk: Talk, case: Like) -> str:
    shown = cut(mask(case.words).replace("\n", " "), SHOWN_WORDS)[0]
    text = talk.t("#{number} {place}: {words} ({state}, {count} people)")
    return text.format(
        number=case.id, place=talk.rules.tree.short(case.place_id), words=shown, state=words.state(case, talk.t),
        count=case.followers + 1,
    )  # fmt: skip


def _label(talk: Talk, case: Like) -> str:
    if case.reporter_id == talk.person.person_id:
        return talk.t("Yes, add it to my #{number}").format(number=case.id)
    return talk.t("Yes, follow #{number}").format(number=case.id)
