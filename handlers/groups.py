"""Groups: the bot speaks only when spoken to; one card a report, changed in place, without private details."""

from sqlalchemy import ColumnElement, delete, select

from cases import audit, dispatch, filing
from cases.states import UNDER_WAY, State
from handlers import veil, words
from handlers.clean import clean, cut
from handlers.desk import Desk
from handlers.mask import mask
from handlers.message import Address, Choice, Message, Rows
from handlers.talk import Talk
from handlers.texts import Translate
from storage.message_models import GroupChat
from storage.models import Case
from storage.upsert import insert_or_update

SHOWN_WORDS = 200  # characters of a case in a group
TASK = ("task", "任务", "任务群")


def bind(talk: Talk, argument: str) -> None:
    """Tie the group to a place: "/bind 5号楼", "/bind 丰美小区 任务群". For admins of the place alone."""
    t = talk.t
    if not talk.in_group:
        talk.reply(t("Write this in the group that you want to tie to a place."))
        return
    name, kind = _named(clean(argument))
    place_id = talk.rules.understander.read(name).place_id if name else None
    if place_id is None:
        talk.reply(t("Write it with the place: /bind 5号楼 — for the stewards' task group: /bind 丰美小区 任务群"))
        return
    if not any(role.role == "admin" and talk.rules.tree.covers(role.place_id, place_id) for role in talk.actor.roles):
        talk.reply(t("Only an admin of that place can do this."))
        return
    here = {"channel": talk.inbound.channel, "chat": talk.inbound.chat}
    row = {**here, "place_id": place_id, "kind": kind, "bound_by": talk.person.person_id, "bound_at": talk.context.now,
           "lost_at": None}  # fmt: skip
    insert_or_update(talk.session, GroupChat, row, ("channel", "chat"))
    audit.record(talk.context, talk.actor, "group.bound", place_id=place_id, kind=kind, channel=talk.inbound.channel)
    text = t("This is now the task group of {place}.") if kind == "task" else t("This is now the group of {place}.")
    talk.reply(text.format(place=talk.rules.tree.label(place_id)))


def unbind(talk: Talk, _argument: str) -> None:
    """Untie the group."""
    bound = bound_to(talk)
    if bound is None:
        talk.reply(talk.t("This group is tied to no place."))
        return
    may = any(r.role == "admin" and talk.rules.tree.covers(r.place_id, bound.place_id) for r in talk.actor.roles)
    if not may:
        talk.reply(talk.t("Only an admin of that place can do this."))
        return
    talk.session.execute(delete(GroupChat).where(*_here(talk)))
    audit.record(talk.context, talk.actor, "group.unbound", place_id=bound.place_id, kind=bound.kind)
    talk.reply(talk.t("This group is tied to no place any more."))


def bound_to(talk: Talk) -> GroupChat | None:
    """Return what the group is tied to."""
    return talk.session.scalar(select(GroupChat).where(*_here(talk)))


def noted(talk: Talk) -> None:
    """Note that the bot was thrown out of the group, and tell the admins of the place once; or that it is in again."""
    bound = bound_to(talk)
    if bound is None:
        return
    if talk.inbound.reach == "back":
        bound.lost_at = None
    elif bound.lost_at is None:
        bound.lost_at = talk.context.now
        for person in dispatch.nearest(talk.context, bound.place_id, "admin"):
            talk.tell(person, lambda t: _thrown_out(talk, bound, t))


def _thrown_out(desk: Desk, bound: GroupChat, t: Translate) -> Message:
    task = t("I have been taken out of the task group of {place}. What is to be claimed is no longer shown there.")
    homes = t("I have been taken out of the group of {place}. Nobody can report to me there any more.")
    back = t("To go on, add me to the group again. It is still tied to its place; nothing else is to be done.")
    text = (task if bound.kind == "task" else homes).format(place=desk.rules.tree.label(bound.place_id))
    return Message(f"{text}\n{back}")


def show(desk: Desk, case: Case) -> None:
    """Change the one card of the case in the group it was told in."""
    if case.group_channel is None or case.group_chat is None or case.group_channel not in desk.planners:
        return
    bound = desk.session.get(GroupChat, (case.group_channel, case.group_chat))
    if bound is not None and bound.lost_at is not None:
        return
    address = Address(case.group_channel, case.group_chat)
    desk.post(address, group_card(desk, case, desk.translator_for(None)), case_id=case.id, in_place=True)


def group_card(desk: Desk, case: Case, t: Translate) -> Message:
    """Return the card: what and where, who has it, how many have the same trouble; nobody's name but the steward's."""
    if desk.rules.category(case).private or case.visibility == "coordinator":
        return Message(t("This is dealt with in private."), card=f"draft:{case.draft}")
    is_wish = case.kind == "wish"
    shown, shortened = cut(veil.public_words(desk, case) if is_wish else mask(case.words), SHOWN_WORDS)
    place = veil.public_place(desk.rules.tree, case.place_id) if is_wish else case.place_id
    lines = [desk.rules.tree.label(place), shown + ("…" if shortened else "")]
    if case.steward_id is not None:
        lines.append(t("Steward: {name}").format(name=words.name_of(desk, case.steward_id, t)))
    count = len(filing.followers(desk.context, case))
    if count:
        lines.append(t("{count} more have the same trouble.").format(count=count))
    rows: Rows = ()
    if case.kind == "issue" and State(case.state) in UNDER_WAY:
        rows = ((Choice(t("Me too"), f"c:follow:{case.id}"),),)
    title = f"{words.headline(desk.rules, case, t)} · {words.state(case, t)}"
    return Message("\n".join(lines), title=title, choices=rows, card=f"draft:{case.draft}")


def _named(argument: str) -> tuple[str, str]:
    first, _, last = argument.rpartition(" ")
    return (first.strip(), "task") if last.lower() in TASK and first else (argument, "building")


def _here(talk: Talk) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return GroupChat.channel == talk.inbound.channel, GroupChat.chat == talk.inbound.chat
