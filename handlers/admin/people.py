"""/stewards: who has which role where, on one message; a button opens a person's card."""

from collections.abc import Callable, Sequence

from sqlalchemy import func, select

from cases import absence, place_names, posts
from cases.refusal import Refused, Why
from cases.states import HELD
from handlers import words
from handlers.admin import role_words
from handlers.admin.arguments import Named, matching, named, nearest
from handlers.clean import clean
from handlers.command import LEADERS, Command
from handlers.message import Choice, Message, Rows
from handlers.pages import number_of, page_of, turn
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.models import Case, Person, Role

PER_PAGE = 8
CARD = "people"
LEADING = ("coordinator", "admin")
STEWARDS = N_("/stewards building 3")
NOT_YOURS = N_("Only an admin of that place can do this.")


REASONS = {
    Why.NOT_FOUND: N_("This role is gone already."),
    Why.NOT_YOURS: NOT_YOURS,
    Why.WRONG_STATE: N_("They hold this role already."),
    Why.LAST_ADMIN: N_("Nobody would be admin there any more. Make somebody else admin first: /invite admin"),
}


def stewards(talk: Talk, argument: str) -> None:
    """Take "/stewards", "/stewards 3号楼"."""
    if not argument:
        _show(talk, 0, 0)
        return
    meant = role_words.read(talk, argument)
    if meant.place_id is not None:
        _show(talk, meant.place_id, 0)
    elif found := matching(named(talk, around(talk)), clean(argument)):
        if len(found) == 1:
            show_card(talk, str(found[0].person_id))
        else:
            _ask_who(talk, found, talk.t("Who is meant?"), "card")
    else:
        text = talk.t("There is no {place} here.").format(place=argument[:32])
        close = place_names.nearest(talk.rules.tree, argument, talk.rules.tree)
        rows = tuple((Choice(talk.rules.tree.label(node.id), f"s:list:{node.id}:0"),) for node in close)
        form = talk.t("Write: {form}").format(form=talk.t(STEWARDS))
        talk.say(Message(f"{text} {form}", choices=rows, card=CARD))


def turn_page(talk: Talk, place: str, page: str) -> None:
    """Turn the page; the rights are those of this moment."""
    _show(talk, number_of(place), number_of(page))


def show_card(talk: Talk, person: str, _more: str = "") -> None:
    """Show a person's card."""
    number = number_of(person)
    if not is_around(talk, number):
        talk.toast(talk.t(NOT_YOURS))
        return
    message = card(talk, number)
    (talk.redraw if talk.inbound.press is not None else talk.say)(message)


def led(talk: Talk) -> list[int]:
    """Return the places where the reader leads."""
    return [held.place_id for held in talk.actor.roles if held.role in LEADING]


def is_around(talk: Talk, person_id: int) -> bool:
    """Tell whether the person holds a role where the reader leads, above it or below."""
    covers, mine = talk.rules.tree.covers, led(talk)
    places = talk.session.scalars(select(Role.place_id).where(Role.person_id == person_id)).all()
    return any(covers(place, each) or covers(each, place) for each in places for place in mine)


def around(talk: Talk) -> dict[int, str]:
    """Return who holds a role where the reader leads, below it or above it, with their titles."""
    covers, mine = talk.rules.tree.covers, led(talk)
    rows = talk.session.execute(select(Role.person_id, Role.place_id, Role.title).order_by(Role.id))
    return {
        row.person_id: row.title for row in rows
        if any(covers(place, row.place_id) or covers(row.place_id, place) for place in mine)
    }  # fmt: skip


def find(talk: Talk, argument: str, verb: str, form: str) -> tuple[int, str] | None:
    """Return who is meant by the beginning of the words, and the rest; None where it is asked who.

    `verb`: the press by which the one who is meant is chosen then; `form`: how the command is written.
    """
    people, parts = named(talk, around(talk)), argument.split()
    for count in range(len(parts), 0, -1):
        found = matching(people, " ".join(parts[:count]))
        if len(found) == 1:
            return found[0].person_id, " ".join(parts[count:])
        if found:
            _ask_who(talk, found, talk.t("Who is meant?"), verb)
            return None
    name = parts[0] if parts else ""
    close = nearest(people, name)
    text = talk.t("There is nobody called {name} here.").format(name=name[:32])
    form = talk.t("The name comes first: {form}. Who there is: /stewards").format(form=talk.t(form))
    _ask_who(talk, close, f"{text}\n{form}", verb)
    return None


def _ask_who(talk: Talk, people: Sequence[Named], text: str, verb: str) -> None:
    rows = tuple((Choice(f"{one.name} · {one.title}".removesuffix(" · "), f"s:{verb}:{one.person_id}"),)
                 for one in people[:PER_PAGE])  # fmt: skip
    talk.say(Message(text, choices=rows, card=CARD))


def _show(talk: Talk, place_id: int, page: int) -> None:
    t, tree = talk.t, talk.rules.tree
    mine = led(talk)
    if place_id and not any(tree.covers(place, place_id) for place in mine):
        known = tree.find(place_id) is not None
        text = t("{place} is not where you lead.").format(place=tree.label(place_id)) if known else t(NOT_YOURS)
        (talk.toast if talk.inbound.press is not None else talk.reply)(text)
        return
    if not mine:
        talk.toast(t(NOT_YOURS))
        return
    shown, page, pages = page_of(_listed(talk, [place_id] if place_id else mine), page, PER_PAGE)
    rows = _buttons(talk, shown, t)
    title = t("Who does what: {place}").format(
        place="、".join(tree.label(p) for p in ([place_id] if place_id else mine))
    )
    text = t("Tap somebody to see more.") if shown else t("There is nobody here.")
    message = Message(
        text, title=title, choices=(*rows, *turn(page, pages, f"s:list:{place_id}:{{page}}", t)), card=CARD
    )
    (talk.redraw if talk.inbound.press is not None else talk.say)(message)


def _listed(talk: Talk, places: Sequence[int]) -> list[int]:
    """Return who holds a role at these places, below or above them: those of the lower places last."""
    covers, tree = talk.rules.tree.covers, talk.rules.tree
    rows = talk.session.execute(select(Role.person_id, Role.place_id, Role.role).order_by(Role.id)).all()
    found = [
        (len(tree.ancestors(row.place_id)), row.place_id, row.role, row.person_id) for row in rows
        if any(covers(place, row.place_id) or covers(row.place_id, place) for place in places)
    ]  # fmt: skip
    return list(dict.fromkeys(person for _depth, _place, _role, person in sorted(found)))


def _buttons(talk: Talk, people: Sequence[int], t: Translate) -> list[tuple[Choice, ...]]:
    """Return a button a person: name, what they are where, how many cases they have in hand, whether they are away."""
    talk.expect(people)
    roles = talk.session.scalars(select(Role).where(Role.person_id.in_(people)).order_by(Role.id)).all()
    open_ = _open(talk, people)
    found: list[tuple[Choice, ...]] = []
    for person in people:
        held = [role for role in roles if role.person_id == person]
        facts = [words.name_of(talk, person, t), *dict.fromkeys(_short(talk, role, t) for role in held)]
        facts += [t("{count} open").format(count=open_[person])] if person in open_ else []
        facts += [t("away")] if _is_away(talk, person) else []
        found.append((Choice(" · ".join(facts), f"s:card:{person}"),))
    return found


def _short(talk: Talk, role: Role, t: Translate) -> str:
    return f"{role_words.role_name(role.role, role.partner, t)} {talk.rules.tree.label(role.place_id)}"


def _open(talk: Talk, people: Sequence[int]) -> dict[int, int]:
    """Return how many cases each of these people has in hand; who has none is left out."""
    counted = select(Case.steward_id, func.count()).where(Case.steward_id.in_(people), Case.state.in_(HELD))
    return {person: count for person, count in talk.session.execute(counted.group_by(Case.steward_id)) if person}


def _is_away(talk: Talk, person: int) -> bool:
    until = talk.reach(person).away_until
    return until is not None and until > talk.context.now


def card(talk: Talk, person_id: int, alert: str = "") -> Message:
    """Return who somebody is: their roles, what they have in hand, what the reader may do about it."""
    t = talk.t
    roles = talk.session.scalars(select(Role).where(Role.person_id == person_id).order_by(Role.id)).all()
    lines = [alert] if alert else []
    lines += [_line(talk, role, t) for role in roles] or [t("No role any more.")]
    count = absence.count_open(talk.context, person_id)
    lines.append(t("Cases in hand: {count}").format(count=count))
    lines += _absence(talk, person_id, t)
    mine = [role for role in roles if posts.may_manage(talk.context, talk.actor, role.place_id)]
    if mine:
        form = t("/role {name} title … · partner … · cap 10 · skills … · give coordinator building 3")
        lines += ["", t("To change something: {form}").format(form=form.format(name=words.name_of(talk, person_id, t)))]
    return Message(
        "\n".join(lines),
        title=words.name_of(talk, person_id, t),
        card=CARD,
        choices=_steps(talk, person_id, roles, mine),
    )


def _line(talk: Talk, role: Role, t: Translate) -> str:
    facts = [role_words.role_name(role.role, role.partner, t), talk.rules.tree.label(role.place_id)]
    facts += [f"“{role.title}”"] if role.title else []
    facts += [t("at most {count} open").format(count=role.cap)] if role.cap else []
    facts += [t("can: {skills}").format(skills=t(", ").join(map(str, role.skills)))] if role.skills else []
    return "· " + " · ".join(facts)


def _absence(talk: Talk, person_id: int, t: Translate) -> list[str]:
    person, later = talk.session.get_one(Person, person_id), absence.planned(talk.context, person_id)
    lines, cover = list[str](), None
    if person.away_until is not None and person.away_until > talk.context.now:
        lines, cover = [t("Away until {time}.").format(time=words.time(talk, person.away_until, t))], person.cover_id
    elif later is not None:
        text, cover = t("Away from {since} until {time}."), later.cover_id
        lines = [text.format(since=words.time(talk, later.begins_at, t), time=words.time(talk, later.until, t))]
    if cover is not None:
        lines.append(t("{name} stands in.").format(name=words.name_of(talk, cover, t)))
    return lines


def _steps(talk: Talk, person_id: int, roles: Sequence[Role], mine: Sequence[Role]) -> Rows:
    t = talk.t
    rows = [
        (Choice(t("Take: {role}").format(role=_short(talk, role, t)), f"s:take:{role.id}", "danger"),) for role in mine
    ]
    if len(mine) > 1 and len(mine) == len(roles):
        rows.append((Choice(t("Take all roles"), f"s:all:{person_id}", "danger"),))
    away = (Choice(t("Away…"), f"s:away:{person_id}"),) if roles else ()
    return (*rows, (*away, Choice(t("‹ List"), "s:list:0:0")))


def attempt(talk: Talk, action: Callable[[], None]) -> None:
    """Do something; where that is refused nothing of it is kept, and the admin reads why."""
    said = len(talk.tray)
    try:
        with talk.session.begin_nested():
            action()
    except Refused as refusal:
        del talk.tray[said:]
        text = talk.t(REASONS.get(refusal.why, NOT_YOURS))
        (talk.toast if talk.inbound.press is not None else talk.reply)(text)


def manageable(talk: Talk, person_id: int) -> list[Role]:
    """Return the roles of somebody that the reader may take and change."""
    roles = talk.session.scalars(select(Role).where(Role.person_id == person_id).order_by(Role.id)).all()
    return [each for each in roles if posts.may_manage(talk.context, talk.actor, each.place_id)]


def usage(talk: Talk, form: str) -> None:
    """Say how the command is written."""
    talk.reply(talk.t("Write it with the name: {form}").format(form=talk.t(form)))


COMMANDS = (
    Command("stewards", stewards, N_("who does what where: /stewards building 3"),
            ("红管家名单", "人员名单", "stewards"), leading=("人员名单", "红管家名单"), roles=LEADERS),
)  # fmt: skip
