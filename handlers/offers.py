"""认领: a case offered in the task group and to stewards, on one card that says at once who has it."""

from collections.abc import Sequence

from sqlalchemy import select

from cases import pool
from cases.states import State
from handlers import claim_news, proof, veil, words
from handlers.clean import cut
from handlers.desk import Desk
from handlers.mask import mask
from handlers.message import Address, Choice, Message, Rows
from handlers.priority import NOTICE
from handlers.texts import Translate
from storage.message_models import Outgoing
from storage.models import Case, Claim

OFFER = "offer:"  # before the number of a case: the key of the card that offers it
SHOWN_WORDS = 600  # characters
Shown = list[tuple[Address, int | None]]
"""Where the card stands: the chat, and whose it is (None: a group's)."""


def offer(desk: Desk, case: Case) -> None:
    """Show the card in the task groups and to the stewards who may claim the case; where it stands it changes."""
    shown = _shown(desk, case)
    _put_up(desk, case, shown, pool.candidates(desk.context, case))
    _change(desk, case, shown)


def offer_again(desk: Desk, case: Case, giver_id: int | None) -> None:
    """Offer what was given back: the card comes anew, so that it is noticed, and the former one points to it.

    Who gave it back is not asked again, nor who may not claim it any more: their card only changes.
    """
    shown, candidates = _shown(desk, case), pool.candidates(desk.context, case)
    groups = {(group.channel, group.chat) for group in pool.task_groups(desk.context, case)}
    for address, person in shown:
        t = _language(desk, person)
        now = None if person is None else desk.now(person)
        asked = (address.channel, address.chat) in groups if now is None else now in candidates
        if asked and (now is None or now != giver_id):
            former = Message(t("It is free again. Please look below."), title=_title(desk, case, t), card=_key(case))
            desk.post(address, former, case_id=case.id, in_place=True)
            desk.post(address, offer_card(desk, case, t, in_group=person is None), case_id=case.id)
        else:
            _change(desk, case, [(address, person)])
    _put_up(desk, case, shown, candidates)


def refresh(desk: Desk, case: Case) -> None:
    """Change the card wherever it was shown."""
    _change(desk, case, _shown(desk, case))


def offer_card(desk: Desk, case: Case, t: Translate, *, in_group: bool = False) -> Message:
    """Return the card: what is wanted, without anything that leads to the person, and who has it.

    What is private stands in no group, and what has become so nobody reads on.
    """
    private = desk.rules.category(case).private and (in_group or not claim_news.claimable(desk, case))
    if private or case.visibility == "coordinator":
        return Message(t("This is dealt with in private."), card=_key(case))
    shown, shortened = cut(veil.public_words(desk, case), SHOWN_WORDS)
    place = veil.public_place(desk.rules.tree, case.place_id) if case.kind == "wish" else case.place_id
    lines = [desk.rules.tree.label(place), shown + ("…" if shortened else "")]
    if case.kind == "wish" and case.visibility == "name":
        lines.append(t("From: {name}").format(name=words.name_of(desk, case.reporter_id, t)))
    if case.wish_by is not None:
        lines.append(t("By: {time}").format(time=words.time(desk, case.wish_by, t)))
    photos = len(photos_of(desk, case))
    if photos:
        lines.append(t("Photos: {count}").format(count=photos))
    lines += _who_has_it(desk, case, t)
    rows: Rows = ()
    instead = ""
    if pool.has_room(desk.context, case):
        if in_group:
            instead = t("To claim it, write to me in private: /claim {number}").format(number=case.id)
        look = ((Choice(t("Photos"), f"c:look:{case.id}"),),) if photos else ()
        rows = ((Choice(t("Claim"), f"c:claim:{case.id}", "primary"),), *look)
    return Message("\n".join(lines), title=_title(desk, case, t), choices=rows, card=_key(case), instead=instead)


def photos_of(desk: Desk, case: Case) -> tuple[int, ...]:
    """Return the photos that a candidate may see: those told with the case, of a public kind and a public wish only."""
    if case.visibility == "coordinator" or desk.rules.category(case).private:
        return ()
    known = desk.context.known
    if ("photos", case.id) not in known:
        known["photos", case.id] = proof.told_with(desk.session, case.id)
    found: tuple[int, ...] = known["photos", case.id]
    return found


def claimers(desk: Desk, case: Case, t: Translate) -> list[str]:
    """Return who has claimed the case and what they bring, in one line; none where nobody has."""
    names = [_claimer(desk, each, t) for each in pool.claims(desk.context, case)]
    return [t("Claimed by: {names}").format(names=t(", ").join(names))] if names else []


def _who_has_it(desk: Desk, case: Case, t: Translate) -> list[str]:
    taken = pool.claims(desk.context, case)
    if not taken and case.state not in (State.POOL, State.REVIEW):
        return [t("{state} ({name})").format(state=words.state(case, t), name=words.name_of(desk, case.steward_id, t))]
    lines = claimers(desk, case, t)
    if case.people_wanted != 1 and pool.has_room(desk.context, case):
        left = case.people_wanted - len(taken)
        more = t("{count} more are wanted.") if case.people_wanted else t("Everybody who can is welcome.")
        lines.append(more.format(count=left))
    return lines


def _claimer(desk: Desk, claim: Claim, t: Translate) -> str:
    brings = t(": “{promise}”").format(promise=mask(claim.note)) if claim.note else ""
    return words.name_of(desk, claim.person_id, t) + brings


def _put_up(desk: Desk, case: Case, shown: Shown, candidates: Sequence[int]) -> None:
    """Send the card to the task groups and candidates where it does not stand yet."""
    chats = {(address.channel, address.chat) for address, _person in shown}
    people = {desk.now(person) for _address, person in shown if person is not None}
    for group in pool.task_groups(desk.context, case):
        if (group.channel, group.chat) not in chats and group.channel in desk.planners:
            card = offer_card(desk, case, _language(desk, None), in_group=True)
            desk.post(Address(group.channel, group.chat), card, case_id=case.id)
    for person in candidates:
        if person not in people:
            desk.tell(person, lambda t: offer_card(desk, case, t), case_id=case.id)


def _change(desk: Desk, case: Case, shown: Shown) -> None:
    for address, person in shown:
        card = offer_card(desk, case, _language(desk, person), in_group=person is None)
        desk.post(address, card, case_id=case.id, priority=NOTICE, in_place=True)


def _language(desk: Desk, person: int | None) -> Translate:
    return desk.translator_for(desk.reach(person).language if person is not None else None)


def _title(desk: Desk, case: Case, t: Translate) -> str:
    return t("To claim: {case}").format(case=words.headline(desk.rules, case, t))


def _key(case: Case) -> str:
    return f"{OFFER}{case.id}"


def _shown(desk: Desk, case: Case) -> Shown:
    """Return the chats in which the card stands, or is on its way to."""
    key = _key(case)
    rows = desk.session.execute(
        select(Outgoing.channel, Outgoing.chat, Outgoing.person_id)
        .where(Outgoing.case_id == case.id, Outgoing.card == key).distinct()
    ).all()  # fmt: skip
    here = [(row["channel"], row["chat"], row["person_id"]) for row in desk.tray if row["card"] == key]
    found = dict.fromkeys([*(tuple(row) for row in rows), *here])
    return [(Address(channel, chat, person), person) for channel, chat, person in found if channel in desk.planners]
