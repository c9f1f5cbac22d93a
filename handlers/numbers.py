"""Numbers in place of buttons: which number stands for which choice of a message, and how that is written.

The meaning of each number is kept per chat in the transaction that says the message. An answer to what somebody did
starts again at 1; a notice that nobody waits for goes on counting, so that a "1" which is being written meanwhile still
means what the person read.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cases.numerals import number
from handlers.message import Address, Choice, Message
from handlers.texts import Translate
from storage.message_models import Offered
from storage.prepared import Prepared, insert_or_update
from storage.upsert import table_of

LASTS = timedelta(days=14)  # who is asked for a mark answers on Sunday; what was settled meanwhile is told to them
GOES_ON = timedelta(minutes=30)  # within which an answer to the message before may be on its way
MOST = 40  # numbers that stand in a chat; then they start again
EXAMPLES = 3  # numbers named in the hint
MANY_OWN = 8  # choices with a number of their own: a list of houses, which may have another page
LEAVE = "c:stop:"  # the button that takes back a question for words: its number is no answer to "how many?"
NONE = 0  # and the number of it
FAR = 91  # where the others then begin, clear of houses that are not on this page

Offers = Mapping[str, Sequence[str]]
"""Number (as text, for JSON): button data and label."""

_ROWS = table_of(Offered)
_OFFER = insert_or_update(_ROWS, ("channel", "chat"), "choices", "at")
_KEPT = Prepared(
    select(_ROWS.c.choices, _ROWS.c.at)
    .where(_ROWS.c.channel == bindparam("channel"), _ROWS.c.chat == bindparam("chat"))
)  # fmt: skip
_OWN = re.compile(r"\W*(?:(\d{1,2})(?!\d)|([一二两三四五六七八九十]{1,3})[个人位号栋幢])")


def offer(
    session: Session, address: Address, message: Message, t: Translate, *, now: datetime, goes_on: bool,
    known: dict[Any, Any] | None = None,
) -> Message:  # fmt: skip
    """Number the choices of a message and keep what they stand for. A question for words ends what stood before.

    `known` remembers what this transaction has offered already: its messages do not take each other's numbers.
    """
    choices = _flat(message)
    if not choices and not message.force_reply:
        return message
    known = {} if known is None else known
    key = ("offered", address.channel, address.chat)
    standing: Offers = known.get(key) or (_kept(session, address, now - GOES_ON) if goes_on else {})
    if not choices or len(standing) + len(choices) > MOST:
        standing = {}
    numbers = _numbered(choices, {int(taken) for taken in standing}, own_first=not goes_on)
    new = {str(given): [choice.data, choice.label] for given, choice in zip(numbers, choices, strict=True)}
    known[key] = {**standing, **new}
    _OFFER.run(session, channel=address.channel, chat=address.chat, choices={**standing, **new}, at=now)
    if not choices:
        return message
    return replace(message, numbers=tuple(numbers), numbers_hint=_hint([each for each in numbers if each], t))


def _numbered(choices: Sequence[Choice], taken: set[int], *, own_first: bool) -> list[int]:
    """Return the number of each choice; what leaves a question for words is 0, as on the telephone.

    While such a question stands, small numbers are left to its answer.
    """
    taken = taken | set(range(1, FAR)) if NONE in taken else taken
    leaving = [choice.data.startswith(LEAVE) for choice in choices]
    others = [choice.label for choice, leaves in zip(choices, leaving, strict=True) if not leaves]
    given = iter(assign(others, taken, own_first=own_first))
    return [NONE if leaves else next(given) for leaves in leaving]


def _hint(numbers: Sequence[int], t: Translate) -> str:
    """Return the words that say what to reply; none where a number is not the answer."""
    examples = "、".join(map(str, numbers[:EXAMPLES])) + ("…" if len(numbers) > EXAMPLES else "")
    return t("Just reply with a number: {numbers}").format(numbers=examples) if numbers else ""


def assign(labels: Sequence[str], taken: set[int], *, own_first: bool = False) -> list[int]:
    """Return a number for each choice: its own where it has one ("5 非常满意", "3号楼"), else the next that is free.

    `own_first`: its own also where that is taken.
    """
    own = [_own(label) for label in labels]
    kept = [value if value and own.count(value) == 1 and (own_first or value not in taken) else None for value in own]
    used = {value for value in kept if value} | taken
    following = FAR if sum(value is not None for value in kept) >= MANY_OWN else max(taken, default=0) + 1
    found: list[int] = []
    for value in kept:
        if value is None:
            while following in used:
                following += 1
            value = following
            used.add(value)
        found.append(value)
    return found


def text_of(message: Message) -> str:
    """Return the words of a message with its numbered choices below them: for a planner without buttons."""
    if not message.numbers:
        return message.text
    above = [message.text, ""] if message.text else []
    return "\n".join([*above, *lines(message), message.numbers_hint]).rstrip("\n")


def lines(message: Message) -> list[str]:
    """Return the line of each choice: number and label, or the label alone where it begins with its number."""
    pairs = zip(message.numbers, _flat(message), strict=True)
    return [line(given, choice.label) for given, choice in pairs]


def line(given: int, label: str) -> str:
    """Return the line of one choice."""
    own = label.removeprefix(str(given))
    return label if own != label and not own[:1].isdecimal() else f"{given} {label}"


def standing(session: Session, address: Address, now: datetime) -> dict[str, Any]:
    """Return what numbers stand for in a chat now; empty where nothing is offered."""
    return _kept(session, address, now - LASTS)


def _kept(session: Session, address: Address, since: datetime) -> dict[str, Any]:
    row = _KEPT.first(session, channel=address.channel, chat=address.chat)
    return dict(row[0]) if row is not None and row[1] >= since else {}


def _flat(message: Message) -> list[Choice]:
    return [choice for row in message.choices for choice in row]


def _own(label: str) -> int | None:
    found = _OWN.match(label)
    if found is None:
        return None
    return int(found[1]) if found[1] else number(found[2])
