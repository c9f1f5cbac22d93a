"""/remove: roles are taken, asked once more. What somebody had in hand by a role is handed on at once."""

from collections.abc import Sequence

from cases import leaving, posts
from cases.refusal import Refused, Why
from handlers import handing, words
from handlers.admin import people, role_words
from handlers.clean import clean
from handlers.command import ADMINS, Command
from handlers.message import Choice, Message
from handlers.pages import number_of
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.models import Role

REMOVE = N_("/remove Wang")


def remove(talk: Talk, argument: str) -> None:
    """Take "/remove 王建国", "/remove 王建国 楼长 5号楼"; it is asked once more."""
    if not argument:
        people.usage(talk, REMOVE)
    elif (found := people.find(talk, clean(argument), "leaves", REMOVE)) is not None:
        ask_which(talk, *found)


def leaves(talk: Talk, person: str, _more: str = "") -> None:
    """Go on with `remove` for the person whose button was pressed."""
    ask_which(talk, number_of(person), "")


def ask_which(talk: Talk, person_id: int, said: str) -> None:
    """Ask once more, and which role where it is not clear."""
    roles = people.manageable(talk, person_id)
    meant = role_words.read(talk, said)
    fitting = [
        each for each in roles
        if meant.role in (None, each.role) and meant.place_id in (None, each.place_id)
    ]  # fmt: skip
    if not roles:
        text = talk.t(people.NOT_YOURS)
        (talk.toast if talk.inbound.press is not None else talk.reply)(text)
    elif len(fitting) == 1:
        ask_take(talk, str(fitting[0].id))
    else:
        alert = talk.t("Which role? Tap it.")
        (talk.redraw if talk.inbound.press is not None else talk.say)(people.card(talk, person_id, alert=alert))


def ask_take(talk: Talk, number: str, _more: str = "") -> None:
    """Ask before a role is taken."""

    def ask() -> None:
        asked = posts.load(talk.context, number_of(number))
        if not posts.may_manage(talk.context, talk.actor, asked.place_id):
            raise Refused(Why.NOT_YOURS)
        if posts.is_last_admin(talk.context, asked):
            raise Refused(Why.LAST_ADMIN)
        _question(talk, asked.person_id, [asked], f"s:gone:{asked.id}")

    people.attempt(talk, ask)


def ask_all(talk: Talk, person: str, _more: str = "") -> None:
    """Ask before all roles are taken."""
    roles = people.manageable(talk, number_of(person))
    if roles:
        _question(talk, number_of(person), roles, f"s:allgone:{number_of(person)}")
    else:
        talk.toast(talk.t(people.NOT_YOURS))


def _question(talk: Talk, person_id: int, roles: Sequence[Role], data: str, *, again: bool = False) -> None:
    t = talk.t
    names = t(", ").join(_named(talk, each, t) for each in roles)
    text = t("Take from {name}: {roles}? What they have in hand by it goes to others at once.")
    lines = [text.format(name=words.name_of(talk, person_id, t), roles=names)]
    if again:
        lines = [t("That is you yourself. Afterwards you cannot undo it. Really?")]
    rows = ((Choice(t("Yes, take it"), data, "danger"), Choice(t("No, leave it"), f"s:card:{person_id}")),)
    message = Message("\n".join(lines), choices=rows, card=people.CARD)
    (talk.redraw if talk.inbound.press is not None else talk.say)(message)


def _named(talk: Talk, held: Role, t: Translate) -> str:
    return f"{role_words.role_name(held.role, held.partner, t)} {talk.rules.tree.label(held.place_id)}"


def take(talk: Talk, number: str, sure: str = "") -> None:
    """Take a role; from oneself only when that was asked twice."""

    def carry_out() -> None:
        taken = posts.load(talk.context, number_of(number))
        if not posts.may_manage(talk.context, talk.actor, taken.place_id):
            raise Refused(Why.NOT_YOURS)
        if taken.person_id == talk.person.person_id and sure != "sure":
            _question(talk, taken.person_id, [taken], f"s:gone:{taken.id}:sure", again=True)
        else:
            _take(talk, taken.person_id, [taken])

    people.attempt(talk, carry_out)


def take_all(talk: Talk, person: str, sure: str = "") -> None:
    """Take all roles of somebody."""

    def carry_out() -> None:
        number = number_of(person)
        roles = [posts.load(talk.context, each.id) for each in people.manageable(talk, number)]
        if not roles:
            raise Refused(Why.NOT_YOURS)
        if number == talk.person.person_id and sure != "sure":
            _question(talk, number, roles, f"s:allgone:{number}:sure", again=True)
        else:
            _take(talk, number, roles)

    people.attempt(talk, carry_out)


def _take(talk: Talk, person_id: int, roles: Sequence[Role]) -> None:
    """Take the roles, hand on the first cases in the same transaction, tell who had them and who took them."""
    names = [(each.role, each.partner, each.place_id) for each in roles]
    for each in roles:
        posts.take(talk.context, talk.actor, each)
    departure = leaving.begin(talk.session, person_id, talk.person.person_id, talk.context.now)
    _tell(talk, person_id, names)
    handed = handing.go_on(talk, departure)
    t = talk.t
    lines = [t("Taken. {name} knows.").format(name=words.name_of(talk, person_id, t))]
    lines += handing.summary(talk, handed, t, more=departure.up_to > 0)
    message = Message("\n".join(lines), card=people.CARD)
    (talk.redraw if talk.inbound.press is not None else talk.say)(message)


def _tell(talk: Talk, person_id: int, names: Sequence[tuple[str, str | None, int]]) -> None:
    """Tell somebody politely that their work here is over."""
    if person_id == talk.person.person_id:
        return

    label = talk.rules.tree.label

    def say(t: Translate) -> Message:
        told = (f"{role_words.role_name(role, partner, t)} {label(place)}" for role, partner, place in names)
        text = t("{admin} has ended your work here: {roles}. Others go on with your cases. Thank you for all you did!")
        return Message(text.format(admin=talk.person.name, roles=t(", ").join(told)))

    talk.tell(person_id, say)


COMMANDS = (
    Command("remove", remove, N_("take somebody's role; their cases go to others: /remove Wang"),
            leading=("撤销角色", "移除"), roles=ADMINS),
)  # fmt: skip
