"""/away: how long, who stands in, and what happens to the tasks in hand."""

from datetime import datetime, timedelta

from cases import absence, audit, rungs
from cases.duration import parse
from cases.numerals import times_in_digits
from cases.refusal import Refused
from handlers import hand_on, leave_days, words
from handlers.admin import away_for
from handlers.announce import announce
from handlers.leave_days import Leave
from handlers.message import Choice, Message, Rows
from handlers.pages import grid, number_of, page_of, turn
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.models import Case

CARD = "away"
DAYS = {1: N_("1 day"), 3: N_("3 days"), 7: N_("7 days"), 14: N_("14 days")}
LONGEST_DAYS = 365
PER_PAGE = 8


def command(talk: Talk, argument: str) -> None:
    """Take "/away 3d", "/away 3d 陈秀英", "/away", of somebody else "/away 王师傅 3d"; else say how to write it."""
    if not argument:
        _show(talk, _overview(talk))
    elif not away_for.heard(talk, argument):
        _leave_for(talk, argument)


def press(talk: Talk, verb: str, argument: str) -> None:
    """Take a button of the card."""
    number = number_of(argument)
    if not talk.actor.has("steward", "coordinator", "admin"):
        talk.toast(talk.t("That is for stewards and whoever leads."))
    elif verb == "days" and number in DAYS:
        _leave(talk, f"{number}d")
    elif verb == "covers":
        _show(talk, _who(talk, number))
    elif verb == "cover":
        _cover(talk, number)
    elif verb == "hand":
        _hand_over(talk, number)
    elif verb == "back":
        _come_back(talk)
    else:
        _show(talk, _overview(talk))


def _come_back(talk: Talk) -> None:
    later = absence.planned(talk.context, talk.person.person_id) is not None
    absence.come_back(talk.context, talk.person.person_id)
    _note(talk, "back")
    text = talk.t("Called off: you stay.") if later else talk.t("Welcome back. You get tasks again.")
    _show(talk, Message(text, card=CARD))


def back(talk: Talk, _argument: str) -> None:
    """Take "/back"."""
    press(talk, "back", "")


def _leave_for(talk: Talk, argument: str) -> None:
    """Read days or a duration, and maybe a name; the longest beginning that is a duration counts as one."""
    said = times_in_digits(argument)
    if leave_days.names_days(said) and (read := leave_days.read(said, talk.context.now, talk.rules.deadlines)):
        _leave_on(talk, read)
        return
    parts = said.split()
    for count in range(len(parts), 0, -1):
        try:
            duration = parse(" ".join(parts[:count]))
        except ValueError:
            continue
        name = " ".join(parts[count:])
        _leave(talk, str(duration), name)
        return
    talk.reply(talk.t("Write it with the time, and who stands in if you like: /away 3d"))


def _leave(talk: Talk, duration: str, name: str = "") -> None:
    until = talk.rules.deadlines.after(talk.context.now, parse(duration))
    if (until - talk.context.now).days > LONGEST_DAYS:
        talk.reply(talk.t("That is too long; a year at most."))
        return
    absence.leave(talk.context, talk.person.person_id, until)
    _note(talk, "away")
    _go_on(talk, until, name)


def _go_on(talk: Talk, until: datetime, name: str) -> None:
    """Take who was named to stand in, or ask who does."""
    named = [h for h in absence.covers(talk.context, talk.actor) if name and _name(talk, h.person_id) == name]
    if named:
        _cover(talk, named[0].person_id)
        return
    _tell_leaders(talk, until)
    _show(talk, _who(talk, 0, unknown=name))


def _leave_on(talk: Talk, said: Leave) -> None:
    """Be away on the days that are named, from now on or later."""
    now, me = talk.context.now, talk.person.person_id
    if not (said.begins or now) < said.until <= now + timedelta(days=LONGEST_DAYS):
        talk.reply(talk.t("That is over already, or too long; a year at most."))
    elif said.begins is None:
        absence.leave(talk.context, me, said.until)
        _note(talk, "away")
        _go_on(talk, said.until, said.rest)
    else:
        able = absence.covers(talk.context, talk.actor, later=True)
        named = [each.person_id for each in able if _name(talk, each.person_id) == said.rest]
        absence.plan(talk.context, me, said.begins, said.until, me, named[0] if named else None)
        _note(talk, "away")
        _show(talk, _planned(talk, unknown="" if named else said.rest))


def _planned(talk: Talk, unknown: str = "") -> Message:
    """Return when a leave is to begin, who stands in then, and how it is called off."""
    t, later = talk.t, absence.planned(talk.context, talk.person.person_id)
    if later is None:
        return _overview(talk)
    text = t("You are away from {since} until {time}. What you have in hand then goes to others.")
    lines = [text.format(since=words.time(talk, later.begins_at, t), time=words.time(talk, later.until, t))]
    if later.cover_id is not None:
        lines.append(t("{name} stands in.").format(name=_name(talk, later.cover_id)))
    elif unknown:
        lines.append(t("There is no steward {name} here.").format(name=unknown[:32]))
    return Message("\n".join(lines), choices=((Choice(t("I stay after all"), "a:back"),),), card=CARD)


def _cover(talk: Talk, person_id: int) -> None:
    """Take who stands in; they and the leaders are told."""
    until = talk.reach(talk.person.person_id).away_until
    if (
        until is None
        or until <= talk.context.now
        or not any(h.person_id == person_id for h in absence.covers(talk.context, talk.actor))
    ):
        _show(talk, _overview(talk))
        return
    absence.name_cover(talk.context, talk.person.person_id, person_id)
    _note(talk, "cover", about=person_id)

    def say(t: Translate) -> Message:
        text = t("{name} is away until {time}. You stand in.")
        return Message(text.format(name=talk.person.name, time=words.time(talk, until, t)))

    talk.tell(person_id, say)
    _tell_leaders(talk, until, but=person_id)
    _show(talk, _overview(talk))


def _note(talk: Talk, action: str, about: int | None = None) -> None:
    """Write it into the audit of the place where they serve: it changes who gets the cases there."""
    place = talk.actor.roles[0].place_id if talk.actor.roles else None
    audit.record(talk.context, talk.actor, action, place_id=place, person_id=about)


def _tell_leaders(talk: Talk, until: datetime, but: int | None = None) -> None:
    me = talk.person.person_id
    leaders = {leader for role in talk.actor.roles for leader in rungs.leaders(talk.context, role.place_id, me)[:1]}

    def say(t: Translate) -> Message:
        cover = talk.reach(talk.person.person_id).cover_id
        text = t("{name} is away until {time}.").format(name=talk.person.name, time=words.time(talk, until, t))
        return Message(text + (t(" {name} stands in.").format(name=_name(talk, cover)) if cover else ""))

    for leader in leaders - {but}:
        talk.tell(leader, say)


def _hand_over(talk: Talk, after: int) -> None:
    """Hand the tasks above a number to the cover, some of them by each press; what they may not take stays."""
    me = talk.reach(talk.person.person_id)
    if me.cover_id is None or me.away_until is None or me.away_until <= talk.context.now:
        _show(talk, _overview(talk))
        return
    cover = me.cover_id
    tasks = absence.open_tasks(talk.context, me.person_id, after)
    handed = sum(_hand_to(talk, case, cover) for case in tasks)
    last = tasks[-1].id if tasks else after
    _show(talk, _handed(talk, _name(talk, cover), handed, last))


def _handed(talk: Talk, cover: str, count: int, last: int) -> Message:
    """Return how many tasks were handed on, how many are left above the number `last`, and how many stay."""
    t, me = talk.t, talk.person.person_id
    left = absence.count_open(talk.context, me, last)
    stay = absence.count_open(talk.context, me) - left
    lines = [t("{count} tasks are handed to {name}.").format(count=count, name=cover)]
    if left:
        lines.append(t("{count} are left to hand on.").format(count=left))
    if stay:
        lines.append(t("{count} stay with you: {name} may not take them.").format(count=stay, name=cover))
    rows: Rows = ((Choice(t("Hand on the rest"), f"a:hand:{last}", "primary"),),) if left else ()
    return Message("\n".join(lines), choices=rows, card=CARD)


def _hand_to(talk: Talk, case: Case, cover: int) -> bool:
    try:
        step = hand_on.hand(talk, case, cover)
    except Refused:
        return False
    announce(talk, [step])
    return True


def _overview(talk: Talk) -> Message:
    """Return where things stand, with what can be done about it."""
    t, me = talk.t, talk.reach(talk.person.person_id)
    if me.away_until is None or me.away_until <= talk.context.now:
        if absence.planned(talk.context, me.person_id) is not None:
            return _planned(talk)
        rows: Rows = grid([Choice(t(label), f"a:days:{days}") for days, label in DAYS.items()], 2)
        return Message(t("How long are you away? Tap, or write: /away 5d"), choices=rows, card=CARD)
    lines = [t("You are away until {time}. Nothing new comes to you.").format(time=words.time(talk, me.away_until, t))]
    tasks = absence.count_open(talk.context, me.person_id)
    rows = ()
    if me.cover_id is not None:
        name = _name(talk, me.cover_id)
        lines.append(t("{name} stands in.").format(name=name))
        if tasks:
            label = t("Hand my {count} tasks to {name}").format(count=tasks, name=name)
            rows = ((Choice(label, "a:hand", "primary"),),)
    rows = (*rows, (Choice(t("Who stands in?"), "a:covers:0"), Choice(t("I am back"), "a:back")))
    return Message("\n".join(lines), choices=rows, card=CARD)


def _who(talk: Talk, page: int, unknown: str = "") -> Message:
    """Return the question who stands in."""
    t, until = talk.t, talk.reach(talk.person.person_id).away_until
    if until is None or until <= talk.context.now:
        return _overview(talk)
    people, page, pages = page_of(absence.covers(talk.context, talk.actor), page, PER_PAGE)
    rows = [(Choice(f"{_name(talk, h.person_id)} · {h.title}".removesuffix(" · "), f"a:cover:{h.person_id}"),)
            for h in people]  # fmt: skip
    lines = [t("You are away until {time}. Nothing new comes to you.").format(time=words.time(talk, until, t))]
    if unknown:
        lines.append(t("There is no steward {name} here.").format(name=unknown))
    lines.append(t("Who stands in?") if people else t("There is no other steward here."))
    last = (Choice(t("Nobody"), "a:show"), Choice(t("I am back"), "a:back"))
    return Message("\n".join(lines), choices=(*rows, *turn(page, pages, "a:covers:{page}", t), last), card=CARD)


def _show(talk: Talk, message: Message) -> None:
    if talk.inbound.press is not None:
        talk.redraw(message)
    else:
        talk.say(message)


def _name(talk: Talk, person_id: int) -> str:
    return talk.reach(person_id).name
