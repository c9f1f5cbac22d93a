"""关注: the button that ends following a case, and the card that says whether somebody follows it."""

from cases.context import Rules
from cases.states import MOVES, Action, State
from handlers import words
from handlers.message import Choice, Message, Rows
from handlers.texts import Translate
from storage.models import Case


def unfollow_row(case: Case, t: Translate) -> Rows:
    """Return the button for what a follower reads about the case; none where the case was joined with another."""
    if State(case.state) not in MOVES[Action.UNFOLLOW].sources:
        return ()
    return ((Choice(t("Follow no more"), f"c:unfollow:{case.id}"),),)


def follow_card(rules: Rules, case: Case, t: Translate, *, follows: bool) -> Message:
    """Return the card, with the way back as a button."""
    private = words.is_private(rules, case)
    title = f"#{case.id}" if private else words.headline(rules, case, t)
    if follows:
        text, rows = t("You follow this and hear every step of it."), unfollow_row(case, t)
        rows = (*rows, (Choice(t("See its story"), f"c:story:{case.id}"),))
        return Message(text, title=title, choices=rows, card=_key(case))
    again: Rows = ()
    if State(case.state) in MOVES[Action.FOLLOW].sources and not private:
        again = ((Choice(t("Follow again"), f"c:follow:{case.id}"),),)
    return Message(t("You hear no more of this."), title=title, choices=again, card=_key(case))


def _key(case: Case) -> str:
    return f"follow:{case.id}"
