"""认领: a case offered in the task group and to stewards, on one card that says at once who has it."""

from sqlalchemy import select

from cases import pool
from cases.states import State
from handlers import words
from handlers.clean import cut
from handlers.desk import NOTICE, Desk
from handlers.mask import mask
from handlers.message import Address, Choice, Message, Rows
from handlers.texts import Translate
from storage.message_models import Outgoing
from storage.models import Case, Claim

SHOWN_WORDS = 600  # characters


def offer(desk: Desk, case: Case) -> None:
    """Show the card in the task groups and to the stewards who may claim the case."""
    stands = {address.chat for address, person in _shown(desk, case) if person is None}
    for group in pool.task_groups(desk.context, case):
        if group.chat in stands:
            continue
        desk.post(
            Address(group.channel, group.chat), offer_card(desk, case, desk.translator_for(None)), case_id=case.id
        )
    shown = {person for _address, person in _shown(desk, case)}
    for person in pool.candidates(desk.context, case):
        if person not in shown:
            desk.tell(person, lambda t: offer_card(desk, case, t), case_id=case.id)


def refresh(desk: Desk, case: Case) -> None:
    """Change the card wherever it was shown."""
    for address, person in _shown(desk, case):
        t = desk.translator_for(desk.reach(person).language if person is not None else None)
        desk.post(address, offer_card(desk, case, t), case_id=case.id, priority=NOTICE, in_place=True)


def offer_card(desk: Desk, case: Case, t: Translate) -> Message:
    """Return the card: what is wanted, without anything that leads to the person, and who has it.

    What has turned out to be private is not offered any more, and nobody reads on what it was.
    """
    if desk.rules.category(case).private:
        return Message(t("This is dealt with in private."), card=f"offer:{case.id}")
    shown, shortened = cut(mask(case.words), SHOWN_WORDS)
    lines = [desk.rules.tree.label(case.place_id), shown + ("…" if shortened else "")]
    if case.kind == "wish" and case.visibility == "name":
        lines.append(t("From: {name}").format(name=words.name_of(desk, case.reporter_id, t)))
    lines += _who_has_it(desk, case, t)
    title = t("To claim: {case}").format(case=words.headline(desk.rules, case, t))
    rows: Rows = ()
    if pool.has_room(desk.context, case):
        rows = ((Choice(t("Claim"), f"c:claim:{case.id}", "primary"),),)
    return Message("\n".join(lines), title=title, choices=rows, card=f"offer:{case.id}")


def _who_has_it(desk: Desk, case: Case, t: Translate) -> list[str]:
    taken = pool.claims(desk.context, case)
    names = [_claimer(desk, each, t) for each in taken]
    if not taken and case.state not in (State.POOL, State.REVIEW):
        return [t("{state} ({name})").format(state=words.state(case, t), name=words.name_of(desk, case.steward_id, t))]
    lines = [t("Claimed by: {names}").format(names=t(", ").join(names))] if names else []
    if case.people_wanted != 1 and pool.has_room(desk.context, case):
        left = case.people_wanted - len(taken)
        more = t("{count} more are wanted.") if case.people_wanted else t("Everybody who can is welcome.")
        lines.append(more.format(count=left))
    return lines


def _claimer(desk: Desk, claim: Claim, t: Translate) -> str:
    brings = t(": “{promise}”").format(promise=claim.note) if claim.note else ""
    return words.name_of(desk, claim.person_id, t) + brings


def _shown(desk: Desk, case: Case) -> list[tuple[Address, int | None]]:
    """Return the chats in which the card stands, or is on its way to."""
    rows = desk.session.execute(
        select(Outgoing.channel, Outgoing.chat, Outgoing.person_id)
        .where(Outgoing.case_id == case.id, Outgoing.card == f"offer:{case.id}").distinct()
    ).all()  # fmt: skip
    here = [(row["channel"], row["chat"], row["person_id"]) for row in desk.tray if row["card"] == f"offer:{case.id}"]
    found = dict.fromkeys([*(tuple(row) for row in rows), *here])
    return [(Address(channel, chat, person), person) for channel, chat, person in found]
