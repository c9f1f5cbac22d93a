"""The card that shows the result and asks whether it is solved."""

from handlers import words
from handlers.desk import Desk
from handlers.follow_card import unfollow_row
from handlers.message import Choice, Message, Rows
from handlers.proof import Shown
from handlers.texts import Translate
from storage.models import Case


def rate_key(case: Case) -> str:
    """Return the card's key: one a round, so that a reopened case is asked about anew."""
    return f"rate:{case.id}:{case.reopened}"


def rate_card(
    desk: Desk, case: Case, t: Translate, text: str, shown: Shown = ((), ()), *, follows: bool = False
) -> Message:  # fmt: skip
    """Return the card that takes "solved" or "not solved" under `text`; who follows the case may end that here."""
    rows: Rows = (
        (Choice(t("Solved"), f"c:solved:{case.id}", "primary"), Choice(t("Not solved"), f"c:unsolved:{case.id}")),
    )
    rows = (*rows, *unfollow_row(case, t)) if follows else rows
    title = words.headline(desk.rules, case, t)
    return Message(text, title=title, choices=rows, photos=shown[0], files=shown[1], card=rate_key(case),
                   occasion="rating")  # fmt: skip
