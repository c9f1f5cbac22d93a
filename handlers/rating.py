"""群众评价: solved or not, one to five, and a word if one likes."""

from datetime import timedelta

from cases import leaving, life, own_cases, pool, ratings
from cases.context import at_hand
from cases.given import Given
from cases.refusal import Refused, Why
from cases.states import Action, Party, State
from handlers import call_back, phone, vetting, words
from handlers.announce import announce
from handlers.clean import cut
from handlers.desk import Desk
from handlers.message import Choice, Message, Rows
from handlers.pages import grid
from handlers.rate_card import rate_key
from handlers.talk import Talk
from handlers.telling import coordinators, note
from handlers.texts import N_, Translate
from storage.models import Case, Rating

TAGS = {
    "fast": N_("Quick"),
    "kind": N_("Friendly"),
    "thorough": N_("Thorough"),
    "slow": N_("Slow"),
    "rude": N_("Unfriendly"),
    "again": N_("Came back again"),
}
STARS = {1: N_("1 very bad"), 2: N_("2 bad"), 3: N_("3 fair"), 4: N_("4 good"), 5: N_("5 very good")}
TALKS_FOR = timedelta(hours=1)  # then what is written is a matter of its own
MAX_COMMENT = 1000  # characters


def _follows(talk: Talk, case: Case) -> bool:
    """Tell whether a follower answers: what they say counts, but the case closes and opens by its reporter.

    Raises Refused where there is nothing to be answered any more.
    """
    if case.reporter_id == talk.person.person_id or Party.FOLLOWER not in at_hand(talk.context, case, talk.actor):
        return False
    if case.state not in (State.RESOLVED, State.CLOSED):
        raise Refused(Why.WRONG_STATE)
    return True


def _follower_unsolved(talk: Talk, case: Case) -> None:
    """Tell the leaders that it is not solved for somebody who has the same trouble."""
    text = N_("{name} says: not solved for me.")
    for leader in coordinators(talk, case):
        note(talk, case, leader, lambda t: t(text).format(name=talk.person.name))
    title = words.headline(talk.rules, case, talk.t)
    told = Message(talk.t("Thank you. The coordinator has been told."), title=title, card=rate_key(case))
    talk.redraw(told, case_id=case.id)


def solved(talk: Talk, case: Case, _argument: str) -> None:
    """Take "solved" and ask for the mark."""
    if not _follows(talk, case):
        ratings.confirm(talk.context, case, talk.actor)
    else:
        ratings.answer(talk.context, case, talk.person.person_id, solved=True)
    t = talk.t
    stars = tuple((Choice(t(text), f"c:star:{case.id}:{number}"),) for number, text in reversed(STARS.items()))
    title = words.headline(talk.rules, case, t)
    talk.redraw(Message(t("Thank you! How was it?"), title=title, choices=stars, card=rate_key(case)), case_id=case.id)


def unsolved(talk: Talk, case: Case, _argument: str) -> None:
    """Take "not solved": the case opens again, the coordinator is told, and the person may say what is missing."""
    if _follows(talk, case):
        ratings.answer(talk.context, case, talk.person.person_id, solved=False)
        _follower_unsolved(talk, case)
        return
    life.require(talk.context, case, Action.UNSOLVED, talk.actor)
    ratings.answer(talk.context, case, talk.person.person_id, solved=False)
    key = rate_key(case)
    steps = [life.act(talk.context, case, Action.UNSOLVED, talk.actor, Given())]
    steps += leaving.settle(talk.context, case)
    talk.begin("case", "add", {"case": case.id, "words": "", "files": []}, TALKS_FOR)
    text = talk.t("The case is open again, and the coordinator knows. What is still wrong? Write it, or send a photo.")
    talk.redraw(Message(text, title=words.headline(talk.rules, case, talk.t), card=key), case_id=case.id)
    announce(talk, steps)


def star(talk: Talk, case: Case, argument: str) -> None:
    """Take the mark: the case is closed. Tags and words may follow."""
    stars = int(argument) if argument.isdecimal() else 0
    if stars not in STARS:
        raise Refused(Why.WRONG_STATE)
    if _follows(talk, case):
        ratings.answer(talk.context, case, talk.person.person_id, solved=True, stars=stars)
        title = words.headline(talk.rules, case, talk.t)
        talk.redraw(Message(talk.t("Thank you!"), title=title, card=rate_key(case)), case_id=case.id)
        return
    step = life.act(talk.context, case, Action.RATE, talk.actor, Given(data={"stars": stars, "solved": True}))
    ratings.answer(talk.context, case, talk.person.person_id, solved=True, stars=stars)
    talk.begin("case", "comment", {"case": case.id}, TALKS_FOR)
    _show_tags(talk, case, [])
    if case.kind == "wish":
        vetting.ask_publish(talk, case)
    announce(talk, [step])


def tag(talk: Talk, case: Case, argument: str) -> None:
    """Put a tag on the rating, or take it off again."""
    rating = ratings.current(talk.context, case, talk.person.person_id)
    if rating is None or rating.stars is None or argument not in TAGS or case.state != State.CLOSED:
        raise Refused(Why.WRONG_STATE)
    kept = [name for name in TAGS if (name in rating.tags) != (name == argument)]
    rating.tags = kept
    _show_tags(talk, case, kept)


def comment(talk: Talk, case: Case, said: str, photos: list[int]) -> None:
    """Take words and photos on the rating: they go to the coordinator, and to the steward where the mark is good."""
    if case.state != State.CLOSED:
        _say_more(talk, case, said, photos)
        return
    rating = ratings.current(talk.context, case, talk.person.person_id)
    talk.end()
    if rating is None or not (said or photos):
        talk.reply(talk.t("Thank you!"))
        return
    rating.words = cut(said, MAX_COMMENT)[0]
    if rating.stars is not None and rating.stars <= ratings.LOW_STARS and rating.words:
        step = ratings.want_call(talk.context, case, rating, talk.actor, tuple(photos))
        talk.reply(talk.t("Thank you for saying so. The coordinator will call you, and the steward may answer."))
        phone.ask_if_unknown(talk)
        call_back.begin(talk, case, rating, step)
        return
    talk.reply(talk.t("Thank you! Your words go to the coordinator."))
    claimers = (claim.person_id for claim in pool.claims(talk.context, case))
    for person in {*coordinators(talk, case), case.steward_id, *claimers}:
        if person is not None:
            _tell_comment(talk, case, person, rating, photos)


def reopen(talk: Talk, case: Case, _argument: str) -> None:
    """Open a closed case again, and let the person say what is still wrong."""
    step = life.act(talk.context, case, Action.REOPEN, talk.actor)
    passed_on = own_cases.pass_on(talk.context, case, talk.t(words.OWN_CASE))
    passed_on += leaving.settle(talk.context, case)
    talk.begin("case", "add", {"case": case.id, "words": "", "files": []}, TALKS_FOR)
    text = talk.t("The case is open again, and the coordinator knows. What is still wrong? Write it, or send a photo.")
    talk.say(Message(text, title=words.headline(talk.rules, case, talk.t)), case_id=case.id)
    announce(talk, [step, *passed_on])


def _say_more(talk: Talk, case: Case, said: str, photos: list[int]) -> None:
    """The case is open again meanwhile: what is said belongs to it."""
    talk.end()
    given = Given(cut(said, MAX_COMMENT)[0], tuple(photos))
    announce(talk, [life.act(talk.context, case, Action.SUPPLEMENT, talk.actor, given)])
    talk.reply(talk.t("Added to the case."))


def _tell_comment(desk: Desk, case: Case, person_id: int, rating: Rating, photos: list[int]) -> None:
    def say(t: Translate) -> Message:
        said = words.said(desk, case, person_id, rating.words, t)
        text = t("The resident says ({stars} of 5): {words}").format(stars=rating.stars or 0, words=said)
        return Message(text, title=words.headline(desk.rules, case, t), photos=tuple(photos))

    desk.tell(person_id, say, case_id=case.id)


def _show_tags(talk: Talk, case: Case, chosen: list[str]) -> None:
    t = talk.t
    text = t("Thank you! If you like, tap what fits, or write a word.")
    title = words.headline(talk.rules, case, t)
    talk.redraw(Message(text, title=title, choices=_tag_rows(case, chosen, t), card=rate_key(case)), case_id=case.id)


def _tag_rows(case: Case, chosen: list[str], t: Translate) -> Rows:
    marked = [Choice(("✓ " if name in chosen else "") + t(text), f"c:tag:{case.id}:{name}")
              for name, text in TAGS.items()]  # fmt: skip
    return grid(marked, 2)
