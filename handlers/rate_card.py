"""The card that shows the result and asks whether it is solved."""

from handlers import words
from handlers.desk import Desk
from handlers.message import Choice, Message
from handlers.texts import Translate
from storage.models import Case


def rate_key(case: Case) -> str:
    """Return the card's key: one a round, so that a reopened case is asked about anew."""
    return f"rate:{case.id}:{case.reopened}"


def rate_card(desk: Desk, case: Case, t: Translate, text: str, photos: tuple[int, ...] = ()) -> Message:
    """Return the question "is it solved?" under `text`."""
    rows = ((Choice(t("Solved"), f"c:solved:{case.id}", "primary"), Choice(t("Not solved"), f"c:unsolved:{case.id}")),)
    body = f"{text}\n{t('Is it solved?')}".strip()
    title = words.headline(desk.rules, case, t)
    return Message(body, title=title, choices=rows, photos=photos, card=rate_key(case))
