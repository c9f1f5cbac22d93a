"""A case as its steward or leader sees it: one card with everything on it and the next step as a button."""

from cases.states import State
from handlers import words
from handlers.clean import cut
from handlers.desk import Desk
from handlers.message import Choice, Message, Rows
from handlers.texts import Translate
from storage.models import Case

SHOWN_WORDS = 1200  # characters; the story of the case has them whole


def task_card(
    desk: Desk, case: Case, person_id: int, t: Translate, photos: tuple[int, ...] = ()
) -> Message:  # fmt: skip
    """Return the card for one reader; its buttons are those the reader may press now."""
    shown, shortened = cut(case.words, SHOWN_WORDS)
    lines = [
        words.where(desk.rules, case.place_id, case.place_detail),
        shown + ("…" if shortened else ""),
        t("From: {name}").format(name=words.name_of(desk, case.reporter_id, t)),
        t("Accept by {accept}, done by {resolve}").format(
            accept=words.time(desk, case.accept_by, t), resolve=words.time(desk, case.resolve_by, t)
        ),
    ]
    title = f"{words.headline(desk.rules, case, t)} · {words.state(case, t)}"
    rows = buttons_for(case, person_id, t)
    return Message("\n".join(lines), title=title, choices=rows, photos=photos, card=f"task:{case.id}")


def buttons_for(case: Case, person_id: int, t: Translate) -> Rows:
    """Return the next steps the reader may take; each is checked again when it is pressed."""

    def choice(label: str, verb: str) -> Choice:
        return Choice(label, f"c:{verb}:{case.id}")

    hand_on = (choice(t("Hand on"), "transfer"), choice(t("Return"), "return"))
    if case.steward_id != person_id:
        return ((choice(t("Assign"), "give"),),) if case.state == State.NEW else ()
    match State(case.state):
        case State.ASSIGNED:
            return ((Choice(t("Accept"), f"c:accept:{case.id}", "primary"),), hand_on)
        case State.WORKING:
            done = Choice(t("Done"), f"c:done:{case.id}", "primary")
            return ((done,), (choice(t("Ask the resident"), "ask"),), hand_on)
        case State.WAITING:
            return ((Choice(t("Done"), f"c:done:{case.id}", "primary"),), hand_on[:1])
        case _:
            return ()
