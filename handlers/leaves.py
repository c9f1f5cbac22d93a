"""Tells that a leave has begun, and what becomes of the cases: whoever has them now, who stands in, who noted it."""

from cases import absence
from cases.absence import Begun
from handlers import words
from handlers.announce import announce
from handlers.desk import Desk
from handlers.message import Message
from handlers.texts import Translate


def next_leave(desk: Desk) -> bool:
    """Begin the next leave that is due, or go on handing on, by the clock; False where none is due."""
    begun = absence.go_on(desk.context)
    if begun is None:
        return False
    if begun.first and not begun.past:
        _tell(desk, begun)
    for step in begun.steps:
        announce(desk, [step])
    if begun.over and begun.handed and begun.noted_by != begun.person_id:
        desk.tell(begun.noted_by, lambda t: Message(_handed(desk, begun, t)))
    return True


def _tell(desk: Desk, begun: Begun) -> None:
    def to_person(t: Translate) -> Message:
        text = t("You are away until {time}. Nothing new comes to you.")
        return Message(f"{text.format(time=words.time(desk, begun.until, t))} {t('Back earlier: /back')}")

    def to_cover(t: Translate) -> Message:
        text = t("{name} is away until {time}. You stand in.")
        name = words.name_of(desk, begun.person_id, t)
        return Message(text.format(name=name, time=words.time(desk, begun.until, t)))

    desk.tell(begun.person_id, to_person)
    if begun.cover_id is not None:
        desk.tell(begun.cover_id, to_cover)


def _handed(desk: Desk, begun: Begun, t: Translate) -> str:
    text = t("{name} is away now; {count} cases of theirs are in other hands.")
    return text.format(name=words.name_of(desk, begun.person_id, t), count=begun.handed)
