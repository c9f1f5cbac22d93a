"""/away 王师傅 3d 陈秀英: whoever leads says that somebody is away, until when, and who stands in.

A coordinator says it of stewards at their place and below, an admin of everybody there. It holds from now on, or from
the day that is named; what they have in hand is handed on by a button, or by the clock when it begins.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from cases import absence, audit
from cases.context import RoleAt
from cases.duration import parse
from cases.numerals import times_in_digits
from handlers import leave_days, words
from handlers.admin import people
from handlers.admin.arguments import Named, matching, named, nearest
from handlers.announce import announce
from handlers.clean import clean
from handlers.leave_days import Leave
from handlers.message import Choice, Message
from handlers.pages import grid, number_of
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.models import Role

DAYS = {1: N_("1 day"), 3: N_("3 days"), 7: N_("7 days"), 14: N_("14 days")}
LONGEST = timedelta(days=365)
BACK = ("back", "回来", "回来了", "销假", "已回来")
FORM = N_("/away Wang 3d Chen")


def heard(talk: Talk, argument: str) -> bool:
    """Carry out what is said of somebody else; False where it is about oneself: then a time comes first."""
    argument = _person_first(talk, times_in_digits(clean(argument)))
    parts = argument.split()
    if not talk.actor.has(*people.LEADING) or not parts or _read(parts[0], talk) is not None or parts[0][0].isdigit():
        return False
    known = named(talk, people.around(talk))
    for count in range(len(parts), 0, -1):
        found = matching(known, " ".join(parts[:count]))
        if len(found) == 1 and found[0].person_id == talk.person.person_id:
            return False
        if len(found) == 1:
            _carry_out(talk, found[0].person_id, " ".join(parts[count:]))
            return True
    _ask_who(talk, known, parts[0])
    return True


def _person_first(talk: Talk, argument: str) -> str:
    """Return "王师傅 3天" for "3天 王师傅" of whoever has no cases themselves for which another could stand in."""
    read = _read(argument, talk)
    if read is None or not read.rest or talk.actor.has("steward") or not talk.actor.has(*people.LEADING):
        return argument
    known, name = named(talk, people.around(talk)), read.rest.split()
    if not argument.startswith(name[0]) and len(matching(known, name[0])) == 1:
        return f"{name[0]} {argument.replace(name[0], '', 1)}"
    return argument


def _ask_who(talk: Talk, known: list[Named], name: str) -> None:
    found = matching(known, name)
    rows = tuple((Choice(f"{one.name} · {one.title}".removesuffix(" · "), f"s:away:{one.person_id}"),)
                 for one in (found or nearest(known, name))[: people.PER_PAGE])  # fmt: skip
    text = talk.t("Who is meant?") if found else talk.t("There is nobody called {name} here.").format(name=name[:32])
    form = talk.t("Write: {form}").format(form=talk.t(FORM))
    talk.say(Message(f"{text}\n{form}", choices=rows, card=people.CARD))


def _carry_out(talk: Talk, person_id: int, rest: str) -> None:
    if not _may(talk, person_id):
        talk.reply(talk.t(NOT_YOURS))
    elif rest.strip() in BACK:
        _come_back(talk, person_id)
    elif not rest:
        talk.say(_question(talk, person_id))
    elif (read := _read(rest, talk)) is None:
        text = talk.t("Until when? Write it with the time, and who stands in if you like: {form}")
        talk.reply(text.format(form=talk.t(FORM)))
    else:
        _leave(talk, person_id, read)


def _read(text: str, talk: Talk) -> Leave | None:
    return leave_days.read(text, talk.context.now, talk.rules.deadlines)


NOT_YOURS = N_("That is for whoever leads where they are.")


def _may(talk: Talk, person_id: int) -> bool:
    """Tell whether the reader leads where the person has a role; over coordinators and admins only an admin decides."""
    covers = talk.rules.tree.covers
    rows = talk.session.execute(select(Role.place_id, Role.role).where(Role.person_id == person_id)).all()
    return any(
        _decides(mine, row.role) and covers(mine.place_id, row.place_id) for row in rows for mine in talk.actor.roles
    )


def _decides(mine: RoleAt, role: str) -> bool:
    return mine.role == "admin" or (mine.role == "coordinator" and role == "steward")


def _leave(talk: Talk, person_id: int, said: Leave) -> None:
    now = talk.context.now
    if not (said.begins or now) < said.until <= now + LONGEST:
        talk.reply(talk.t("That is over already, or too long; a year at most."))
        return
    able = absence.covers(talk.context, talk.actor_for(person_id), later=said.begins is not None)
    covers = [each.person_id for each in able]
    found = matching(named(talk, dict.fromkeys(covers, "")), said.rest) if said.rest else []
    cover = found[0].person_id if len(found) == 1 else None
    if said.begins is None:
        absence.leave(talk.context, person_id, said.until)
        absence.name_cover(talk.context, person_id, cover)
    else:
        absence.plan(talk.context, person_id, said.begins, said.until, talk.person.person_id, cover)
    _write_down(talk, person_id, "away.set")
    _tell(talk, person_id, cover, said.begins, said.until)
    unknown = talk.t("There is no steward {name} here.").format(name=said.rest[:32])
    talk.say(_standing(talk, person_id, unknown if said.rest and cover is None else ""))


def _tell(talk: Talk, person_id: int, cover: int | None, begins: datetime | None, until: datetime) -> None:
    me = talk.person.name

    def to_person(t: Translate) -> Message:
        text = t("{admin} has noted that you are away until {time}. Nothing new comes to you. If that is wrong: /back")
        if begins is not None:
            text = t("{admin} has noted that you are away from {since} until {time}. Then nothing new comes to you, "
                     "and others go on with your cases. If that is wrong: /back")  # fmt: skip
        lines = [text.format(admin=me, time=words.time(talk, until, t), since=_since(talk, begins, t))]
        lines += [t("{name} stands in.").format(name=words.name_of(talk, cover, t))] if cover is not None else []
        return Message("\n".join(lines))

    def to_cover(t: Translate) -> Message:
        text = t("{name} is away until {time}. You stand in.")
        if begins is not None:
            text = t("{name} is away from {since} until {time}. You stand in then.")
        name = words.name_of(talk, person_id, t)
        return Message(text.format(name=name, time=words.time(talk, until, t), since=_since(talk, begins, t)))

    talk.tell(person_id, to_person)
    if cover is not None and cover != talk.person.person_id:
        talk.tell(cover, to_cover)


def _since(talk: Talk, begins: datetime | None, t: Translate) -> str:
    return words.time(talk, begins, t) if begins is not None else ""


def _standing(talk: Talk, person_id: int, alert: str = "", after: int = 0) -> Message:
    """Return the card of the person, with who could stand in while nobody does, and what is in hand above `after`."""
    card = people.card(talk, person_id, alert)
    later, rows = absence.planned(talk.context, person_id), list[tuple[Choice, ...]]()
    away = _is_away(talk, person_id)
    cover = talk.reach(person_id).cover_id if away else later.cover_id if later is not None else None
    if (away or later is not None) and cover is None:
        covers = absence.covers(talk.context, talk.actor_for(person_id), later=not away)[: people.PER_PAGE]
        text = talk.t("{name} stands in")
        rows += [(Choice(text.format(name=words.name_of(talk, each.person_id, talk.t)),
                         f"s:cover:{person_id}:{each.person_id}"),) for each in covers]  # fmt: skip
    if away and (count := absence.count_open(talk.context, person_id, after)):
        label = talk.t("Hand their {count} cases to others").format(count=count)
        rows.append((Choice(label, f"s:hand:{person_id}:{after}", "primary"),))
    if away or later is not None:
        label = talk.t("They are back") if away else talk.t("They stay after all")
        rows.append((Choice(label, f"s:back:{person_id}"),))
    return Message(card.text, title=card.title, choices=(*rows, *card.choices), card=card.card)


def _is_away(talk: Talk, person_id: int) -> bool:
    until = talk.reach(person_id).away_until
    return until is not None and until > talk.context.now


def _question(talk: Talk, person_id: int) -> Message:
    t = talk.t
    rows = grid([Choice(t(label), f"s:days:{person_id}:{days}") for days, label in DAYS.items()], 2)
    text = t("How long is {name} away? Tap, or write: {form}")
    return Message(text.format(name=words.name_of(talk, person_id, t), form=t(FORM)), choices=rows, card=people.CARD)


def _come_back(talk: Talk, person_id: int) -> None:
    absence.come_back(talk.context, person_id)
    _write_down(talk, person_id, "away.ended")
    text = N_("{admin} has noted that you are back. You get tasks again.")
    talk.tell(person_id, lambda t: Message(t(text).format(admin=talk.person.name)))
    message = _standing(talk, person_id, talk.t("Noted: they are back."))
    (talk.redraw if talk.inbound.press is not None else talk.say)(message)


def _write_down(talk: Talk, person_id: int, action: str) -> None:
    place = talk.session.scalar(select(Role.place_id).where(Role.person_id == person_id).order_by(Role.id))
    audit.record(talk.context, talk.actor, action, place_id=place, person_id=person_id)


def ask(talk: Talk, person: str, _more: str = "") -> None:
    """Ask how long somebody is away."""
    if _may(talk, number_of(person)):
        talk.redraw(_question(talk, number_of(person)))
    else:
        talk.toast(talk.t(NOT_YOURS))


def take_days(talk: Talk, person: str, days: str) -> None:
    """Take the days that were tapped."""
    if not _may(talk, number_of(person)) or number_of(days) not in DAYS:
        talk.toast(talk.t(NOT_YOURS))
        return
    until = talk.rules.deadlines.after(talk.context.now, parse(f"{number_of(days)}d"))
    _leave(talk, number_of(person), Leave(None, until, ""))


def take_cover(talk: Talk, person: str, cover: str) -> None:
    """Take who stands in, now or when the leave begins."""
    number, chosen = number_of(person), number_of(cover)
    able = {h.person_id for h in absence.covers(talk.context, talk.actor_for(number), later=not _is_away(talk, number))}
    if not _may(talk, number) or chosen not in able:
        talk.toast(talk.t(NOT_YOURS))
        return
    later, until = absence.planned(talk.context, number), talk.reach(number).away_until
    if _is_away(talk, number) and until is not None:
        absence.name_cover(talk.context, number, chosen)
        begins = None
    elif later is not None:
        later.cover_id, begins, until = chosen, later.begins_at, later.until
    else:
        talk.toast(talk.t(NOT_YOURS))
        return
    _write_down(talk, number, "away.set")
    _tell(talk, number, chosen, begins, until)
    talk.redraw(_standing(talk, number))


def hand(talk: Talk, person: str, after: str) -> None:
    """Hand on what somebody who is away has in hand, some of it by each press; what nobody may take stays."""
    number = number_of(person)
    if not _may(talk, number) or not _is_away(talk, number):
        talk.toast(talk.t(NOT_YOURS))
        return
    cases = absence.open_tasks(talk.context, number, number_of(after))
    cover, me = talk.reach(number).cover_id, talk.person.person_id
    done = [(case, absence.hand_on(talk.context, case, cover, me)) for case in cases]
    for step in (each for _case, steps in done for each in steps):
        announce(talk, [step])
    t, left = talk.t, sum(not steps for _case, steps in done)
    lines = [t("Handed on: {count}").format(count=len(done) - left)]
    lines += [t("{count} stay: nobody else can take them.").format(count=left)] if left else []
    talk.redraw(_standing(talk, number, "\n".join(lines), cases[-1].id if cases else 0))


def back(talk: Talk, person: str, _more: str = "") -> None:
    """Somebody is here again."""
    if _may(talk, number_of(person)):
        _come_back(talk, number_of(person))
    else:
        talk.toast(talk.t(NOT_YOURS))
