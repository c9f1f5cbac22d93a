"""/role: somebody's roles, given and changed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from cases import posts
from cases.folding import fold
from cases.numerals import number
from cases.posts import Post
from cases.refusal import Refused, Why
from handlers.admin import people, removal, role_words
from handlers.admin.arguments import head
from handlers.admin.sheet_rows import PARTNERS
from handlers.clean import clean, cut
from handlers.command import ADMINS, Command
from handlers.message import Message
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.models import Role

ROLE = N_("/role Wang")
MOST_SKILLS = 20
DIGITS = 9  # of a number that somebody writes
LONGEST_TITLE, LONGEST_PROMISE, HIGHEST_CAP = 80, 200, 1000
GIVE = ("give", "给", "任命", "授予", "增加", "加")
TAKE = ("take", "remove", "收回", "取消", "撤销", "免去", "去掉")
FIELDS = {
    "title": ("title", "头衔", "称呼", "职务"),
    "promise": ("promise", "承诺"),
    "partner": ("partner", "类型", "合伙人", "合伙人类型"),
    "cap": ("cap", "上限", "最多"),
    "skills": ("skills", "skill", "技能", "特长"),
}
NONE = ("none", "no", "0", "不限", "无", "没有")


def role(talk: Talk, argument: str) -> None:
    """Take "/role 王建国", "/role 王建国 给 楼长 5号楼", "/role 王建国 头衔 …"."""
    if not argument:
        people.usage(talk, ROLE)
        return
    found = people.find(talk, clean(argument), "card", ROLE)
    if found is None:
        return
    person_id, rest = found
    verb, said = head(rest)
    if not rest:
        people.show_card(talk, str(person_id))
    elif verb.lower() in GIVE:
        people.attempt(talk, lambda: _give(talk, person_id, said))
    elif verb.lower() in TAKE:
        removal.ask_which(talk, person_id, said)
    elif field := next((name for name, known in FIELDS.items() if verb.lower() in known), None):
        people.attempt(talk, lambda: _change(talk, person_id, field, said))
    elif (meant := role_words.read(talk, rest)).role is not None and meant.place_id is not None:
        people.attempt(talk, lambda: _give(talk, person_id, rest))  # "任命 王师傅 楼长 3号楼"
    else:
        talk.say(people.card(talk, person_id, alert=talk.t("I did not understand “{said}”.").format(said=rest[:40])))


def _give(talk: Talk, person_id: int, said: str) -> None:
    meant = role_words.read(talk, said)
    place = meant.place_id
    if meant.role is None or place is None:  # where is never guessed: a right is given by it at once
        text = talk.t("There is no {place} here.").format(place=meant.unknown[:32]) if meant.unknown else ""
        form = talk.t("Write: {form}").format(form=talk.t("/role Wang give coordinator building 3"))
        talk.reply(f"{text} {form}".strip())
        return
    partner = (meant.partner or _partner_of(talk, person_id)) if meant.role == "steward" else None
    if meant.role == "steward" and partner is None:
        names = talk.t(", ").join(role_words.partner_name(each, talk.t) for each in PARTNERS)
        talk.reply(talk.t("A steward needs a partner type, one of: {names}").format(names=names))
        return
    given = posts.give(talk.context, talk.actor, person_id, Post(meant.role, place, partner))
    name, where = role_words.role_name(meant.role, partner, talk.t), talk.rules.tree.label(place)
    talk.say(people.card(talk, person_id, alert=talk.t("Given: {role} {place}").format(role=name, place=where)))
    welcome(talk, given)


def welcome(talk: Talk, given: Role) -> None:
    """Tell somebody that they have a role now, unless they did it themselves."""
    if given.person_id == talk.person.person_id:
        return

    def say(t: Translate) -> Message:
        text = t("{admin} has made you {role} of {place}. Thank you for helping! What you can do: /help")
        name = role_words.role_name(given.role, given.partner, t)
        return Message(text.format(admin=talk.person.name, role=name, place=talk.rules.tree.label(given.place_id)))

    talk.tell(given.person_id, say)


def _partner_of(talk: Talk, person_id: int) -> str | None:
    theirs = select(Role.partner).where(Role.person_id == person_id, Role.partner.is_not(None)).order_by(Role.id)
    return talk.session.scalar(theirs)


def _change(talk: Talk, person_id: int, field: str, said: str) -> None:
    roles = people.manageable(talk, person_id)
    if not roles:
        raise Refused(Why.NOT_YOURS)
    fitting = [each for each in roles if each.role == "steward"] if field in ("partner", "cap", "skills") else roles
    if len(fitting) > 1 and field != "skills":
        fitting, said = _narrowed(talk, fitting, said)
    value = _value(talk, field, said)
    if value is None or not fitting:
        talk.say(people.card(talk, person_id, alert=_how(talk, field)))
        return
    for each in fitting:
        posts.change(talk.context, talk.actor, posts.load(talk.context, each.id), **{field: value[0]})
    talk.say(people.card(talk, person_id, alert=talk.t("Changed.")))


def _narrowed(talk: Talk, roles: Sequence[Role], said: str) -> tuple[list[Role], str]:
    """Return which of several roles is meant: that whose place stands before the rest of the words."""
    first, rest = head(said)
    place = talk.rules.understander.read(first).place_id
    return [each for each in roles if each.place_id == place], rest


def _value(talk: Talk, field: str, said: str) -> tuple[Any] | None:
    """Return the value in a tuple; None where the words say none."""
    said = said.strip()
    match field:
        case "title" | "promise" if said:
            return (cut(said, LONGEST_TITLE if field == "title" else LONGEST_PROMISE)[0],)
        case "partner":
            partner = role_words.read(talk, said).partner
            return (partner,) if partner else None
        case "cap" if said.lower() in NONE:
            return (None,)
        case "cap":
            count = number(fold(said).removesuffix("件").strip()[:DIGITS]) or 0
            return (count,) if 1 <= count <= HIGHEST_CAP else None
        case "skills" if said.lower() in NONE:
            return ([],)
        case "skills":
            known = {category.skill for category in talk.rules.settings.categories if category.skill}
            skills = said.replace("，", " ").replace(",", " ").replace("、", " ").split()[:MOST_SKILLS]
            return (skills,) if skills and known.issuperset(skills) else None
        case _:
            return None


def _how(talk: Talk, field: str) -> str:
    t = talk.t
    if field == "skills":
        known = sorted({category.skill for category in talk.rules.settings.categories if category.skill})
        return t("Skills that kinds of matters ask for: {names}").format(names=t(", ").join(known) or "–")
    forms = {
        "title": N_("/role Wang title Head of building 3"), "promise": N_("/role Wang promise …"),
        "partner": N_("/role Wang partner mediator"), "cap": N_("/role Wang cap 10"),
    }  # fmt: skip
    text = t("Write: {form}").format(form=t(forms[field]))
    return f"{text}\n{t('With several roles, the place comes first: /role Wang title building 3 …')}"


COMMANDS = (
    Command("role", role, N_("somebody's roles, given and changed: /role Wang"),
            leading=("角色", "任命"), roles=ADMINS),
)  # fmt: skip
