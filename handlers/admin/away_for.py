"""/away 王师傅 3d 陈秀英: whoever leads says that somebody is away, until when, and who stands in.

A coordinator says it of stewards at their place and below, an admin of everybody there. It holds from now on.
"""

import re
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from cases import absence, audit
from cases.context import RoleAt
from cases.duration import parse
from cases.folding import fold
from cases.numerals import times_in_digits
from handlers import words
from handlers.admin import people
from handlers.admin.arguments import Named, matching, named, nearest
from handlers.clean import clean
from handlers.message import Choice, Message, Rows
from handlers.pages import grid, number_of
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.models import Role

DAYS = {1: N_("1 day"), 3: N_("3 days"), 7: N_("7 days"), 14: N_("14 days")}
LONGEST = timedelta(days=365)
BACK = ("back", "回来", "回来了", "销假", "已回来")
FORM = N_("/away Wang 3d Chen")
_DAY = re.compile(
    r"(?:到|至|-|~|until|till|to)?\s*(?:(?P<year>20\d\d)[-/.年])?(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})"
    r"(?!\d)[日号]?(?:止|为止)?"
)
_BETWEEN = re.compile(
    r"^(?:请假|外出|不在|away|for|from|自|从|由|让|cover|by|,|，|\s)+|(?:由|替班|顶班|代班|cover|by|,|，|\s)+$"
)


def heard(talk: Talk, argument: str) -> bool:
    """Carry out what is said of somebody else; False where it is about oneself: then a time comes first."""
    argument = _person_first(talk, times_in_digits(clean(argument)))
    parts = argument.split()
    if not talk.actor.has(*people.LEADING) or not parts or _until(parts[0], talk) is not None or parts[0][0].isdigit():
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
    read = _until(argument, talk)
    if read is None or not read[1] or talk.actor.has("steward") or not talk.actor.has(*people.LEADING):
        return argument
    known, name = named(talk, people.around(talk)), read[1].split()
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
    elif (read := _until(rest, talk)) is None:
        text = talk.t("Until when? Write it with the time, and who stands in if you like: {form}")
        talk.reply(text.format(form=talk.t(FORM)))
    else:
        _leave(talk, person_id, *read, early=_begins_later(talk, rest))


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


def _until(text: str, talk: Talk) -> tuple[datetime, str] | None:
    """Return until when somebody is away and the words that are left, a name; None where no time is said."""
    said = fold(text).strip()
    days = list(_DAY.finditer(said))
    if days and (day := _next(days[-1], talk)) is not None:
        midnight = datetime.combine(day + timedelta(days=1), time(), talk.rules.deadlines.zone)
        return midnight.astimezone(talk.context.now.tzinfo), _name(text, days[0].start(), days[-1].end())
    parts = text.split()
    for start in range(len(parts)):
        for end in range(len(parts), start, -1):
            try:
                duration = parse(" ".join(parts[start:end]))
            except ValueError:
                continue
            until = talk.rules.deadlines.after(talk.context.now, duration)
            return until, " ".join((*parts[:start], *parts[end:]))
    return None


def _next(found: re.Match[str], talk: Talk) -> date | None:
    """Return the day that is meant, the next of that date where no year is given."""
    today = talk.context.now.astimezone(talk.rules.deadlines.zone).date()
    try:
        day = date(int(found["year"] or today.year), int(found["month"]), int(found["day"]))
        return day if day >= today or found["year"] else day.replace(year=day.year + 1)
    except ValueError:
        return None


def _name(text: str, start: int, end: int) -> str:
    """Return what stands around the days, without the small words of a sentence."""
    around = f"{_BETWEEN.sub('', text[:start])} {_BETWEEN.sub('', text[end:])}"
    return _BETWEEN.sub("", around.strip()).strip()


def _begins_later(talk: Talk, text: str) -> bool:
    """Tell whether a first day is named that is still to come."""
    days = [day for found in _DAY.finditer(fold(text)) if (day := _next(found, talk)) is not None]
    return len(days) > 1 and days[0] > talk.context.now.astimezone(talk.rules.deadlines.zone).date()


def _leave(talk: Talk, person_id: int, until: datetime, name: str, *, early: bool = False) -> None:
    now = talk.context.now
    if not now < until <= now + LONGEST:
        talk.reply(talk.t("That is over already, or too long; a year at most."))
        return
    absence.leave(talk.context, person_id, until)
    covers = [h.person_id for h in absence.covers(talk.context, talk.actor_for(person_id))]
    known = named(talk, dict.fromkeys(covers, ""))
    found = matching(known, name) if name else []
    cover = found[0].person_id if len(found) == 1 else None
    if cover is not None:
        absence.name_cover(talk.context, person_id, cover)
    _write_down(talk, person_id, "away.set")
    _tell(talk, person_id, cover, until)
    alert = talk.t("There is no steward {name} here.").format(name=name[:32]) if name and cover is None else ""
    if early:
        alert = f"{alert}\n{talk.t('It holds from now on, not only from the first day: write it on that day.')}".strip()
    talk.say(_standing(talk, person_id, alert))


def _tell(talk: Talk, person_id: int, cover: int | None, until: datetime) -> None:
    me = talk.person.name

    def to_person(t: Translate) -> Message:
        text = t("{admin} has noted that you are away until {time}. Nothing new comes to you. If that is wrong: /back")
        lines = [text.format(admin=me, time=words.time(talk, until, t))]
        lines += [t("{name} stands in.").format(name=words.name_of(talk, cover, t))] if cover is not None else []
        return Message("\n".join(lines))

    def to_cover(t: Translate) -> Message:
        text = t("{name} is away until {time}. You stand in.")
        return Message(text.format(name=words.name_of(talk, person_id, t), time=words.time(talk, until, t)))

    talk.tell(person_id, to_person)
    if cover is not None and cover != talk.person.person_id:
        talk.tell(cover, to_cover)


def _standing(talk: Talk, person_id: int, alert: str = "") -> Message:
    """Return the card of the person, with who could stand in while nobody does."""
    card = people.card(talk, person_id, alert)
    rows: Rows = ()
    reach = talk.reach(person_id)
    away = reach.away_until is not None and reach.away_until > talk.context.now
    if away and reach.cover_id is None:
        covers = absence.covers(talk.context, talk.actor_for(person_id))[: people.PER_PAGE]
        text = talk.t("{name} stands in")
        rows = tuple((Choice(text.format(name=words.name_of(talk, each.person_id, talk.t)),
                             f"s:cover:{person_id}:{each.person_id}"),) for each in covers)  # fmt: skip
    if away:
        rows = (*rows, (Choice(talk.t("They are back"), f"s:back:{person_id}"),))
    return Message(card.text, title=card.title, choices=(*rows, *card.choices), card=card.card)


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
    _leave(talk, number_of(person), until, "")


def take_cover(talk: Talk, person: str, cover: str) -> None:
    """Take who stands in."""
    number, chosen = number_of(person), number_of(cover)
    until = talk.reach(number).away_until if _may(talk, number) else None
    allowed = {each.person_id for each in absence.covers(talk.context, talk.actor_for(number))} if until else set()
    if until is None or until <= talk.context.now or chosen not in allowed:
        talk.toast(talk.t(NOT_YOURS))
        return
    absence.name_cover(talk.context, number, chosen)
    _write_down(talk, number, "away.set")
    _tell(talk, number, chosen, until)
    talk.redraw(_standing(talk, number))


def back(talk: Talk, person: str, _more: str = "") -> None:
    """Somebody is here again."""
    if _may(talk, number_of(person)):
        _come_back(talk, number_of(person))
    else:
        talk.toast(talk.t(NOT_YOURS))
