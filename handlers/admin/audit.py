"""审计: who looked at contact details, exported, changed roles, acted by virtue of a role; for admins alone.

"/audit" shows the newest, "/audit 2" a page, "/audit 1042" what was done about a case, "/audit 王师傅" what somebody
did and what was done about them. An admin reads what belongs to their place and below; what belongs to no place, as
somebody's language or an export of everything, is for admins of the root.
"""

from sqlalchemy import select

from cases import audit as log
from cases.context import parties
from cases.states import Action, Party
from handlers import words
from handlers.admin import role_words
from handlers.admin.arguments import Named, matching, named, nearest, numbered
from handlers.clean import cut
from handlers.command import ADMINS, Command
from handlers.message import Choice, Message, Rows
from handlers.mycases import ACTIONS
from handlers.pages import number_of
from handlers.talk import Talk
from handlers.texts import N_
from storage.admin_models import AuditEntry
from storage.models import FIRST_CASE_NUMBER, Case, Role

PER_PAGE = 8
MOST_PAGES = 250  # what lies further back is found by its case or person
SHOWN_WORDS = 80  # characters of a reason
CARD = "audit"

NAMES = {
    "case.escalate": N_("told the next rung"),
    "case.add_helper": N_("asked somebody to help"),
    "case.drop_helper": N_("let a helper go"),
    "link": N_("joined two chats of theirs"),
    "unlink": N_("parted two chats of theirs"),
    "find": N_("looked for somebody by name or telephone number"),
    "export": N_("exported cases"),
    "export.phones": N_("exported cases with names and telephone numbers"),
    "mydata": N_("asked for what is kept about them"),
    "forgotten": N_("asked to be forgotten"),
    "retention": N_("removed what is over"),
    "group.bound": N_("tied a group to the place"),
    "group.unbound": N_("untied a group from the place"),
    "away": N_("is away"),
    "back": N_("is back"),
    "cover": N_("named who stands in"),
    "broadcast.made": N_("wrote a warning"),
    "broadcast.confirmed": N_("agreed to a warning"),
    "broadcast.refused": N_("refused a warning"),
    "broadcast.stopped": N_("stopped a warning"),
    "broadcast.missed": N_("looked whom a warning did not reach"),
    "broadcast.phones": N_("looked up telephone numbers of whom a warning did not reach"),
    "import.people": N_("took people in from a file"),
    "import.places": N_("took places in from a file"),
    "config.read": N_("read config.yaml again"),
    "config.refused": N_("wanted to read config.yaml again; it has mistakes"),
    "away.set": N_("said who is away:"),
    "away.ended": N_("said who is back:"),
    "invite.made": N_("invited somebody as"),
    "invite.used": N_("accepted an invitation as"),
    "invite.revoked": N_("took back an invitation as"),
    "role.given": N_("gave a role:"),
    "role.changed": N_("changed a role:"),
    "role.taken": N_("took a role:"),
    "place.add": N_("added a place"),
    "place.rename": N_("renamed a place"),
    "place.move": N_("moved a place"),
    "place.aliases": N_("changed the other names of a place"),
    "place.position": N_("changed where a place is on the map"),
    "place.hours": N_("changed the working hours of a place"),
    "place.remove": N_("removed a place"),
}
"""What an entry's action is called; those of cases are called as in their story. Others are shown as they are."""


def command(talk: Talk, argument: str) -> None:
    """Show the newest entries, those of a page, of a case, or of a person."""
    found = numbered(argument)
    if not argument:
        _show(talk, "all", 0, 0)
    elif found is None:
        _of_person(talk, argument)
    elif found.number < FIRST_CASE_NUMBER and "#" not in argument and "＃" not in argument:
        _show(talk, "all", 0, found.number - 1)
    else:
        _of_case(talk, found.number)


def press(talk: Talk, kind: str, which: str, page: str) -> None:
    """Turn the page, or show what belongs to the person whose button was pressed."""
    if not talk.actor.has("admin"):
        talk.toast(talk.t("This is not yours to do."))
    elif kind == "case":
        _of_case(talk, number_of(which), number_of(page))
    else:
        _show(talk, "person" if kind == "person" else "all", number_of(which), number_of(page))


def _of_case(talk: Talk, number: int, page: int = 0) -> None:
    """One outside their place is answered like one that there is not."""
    case = talk.session.get(Case, number)
    if case is None or Party.ADMIN not in parties(talk.context, case, talk.actor):
        talk.reply(talk.t("There is no case #{number}.").format(number=number))
    else:
        _show(talk, "case", number, page)


def _of_person(talk: Talk, name: str) -> None:
    people = _people(talk)
    found = matching(people, name)
    if len(found) == 1:
        _show(talk, "person", found[0].person_id, 0)
        return
    offered = found or nearest(people, name)
    text = talk.t("Who is meant?") if found else talk.t("There is nobody called {name} here.").format(name=name[:32])
    rows = tuple((Choice(f"{one.name} · {one.title}".removesuffix(" · "), f"u:person:{one.person_id}:0"),)
                 for one in offered[:PER_PAGE])  # fmt: skip
    talk.say(Message(text, choices=rows, card=CARD))


def _people(talk: Talk) -> list[Named]:
    """Return who holds a role at the admin's place, below it or above it: who may have acted there."""
    covers = talk.rules.tree.covers
    led = [role.place_id for role in talk.actor.roles if role.role == "admin"]
    rows = talk.session.execute(select(Role.person_id, Role.place_id, Role.title).order_by(Role.id))
    return named(talk, {
        row.person_id: row.title for row in rows
        if any(covers(place, row.place_id) or covers(row.place_id, place) for place in led)
    })  # fmt: skip


def _show(talk: Talk, kind: str, which: int, page: int) -> None:
    """Show a page on the one message."""
    page = min(max(page, 0), MOST_PAGES - 1)
    found = log.newest(
        talk.context, log.scope_of(talk.context, talk.actor), PER_PAGE + 1, skip=page * PER_PAGE,
        case_id=which if kind == "case" else None, person_id=which if kind == "person" else None,
    )  # fmt: skip
    shown = found[:PER_PAGE]
    people = {person for entry in shown for person in (entry.actor_id, entry.person_id)} - {None}
    talk.expect(person for person in people if person is not None)
    t = talk.t
    text = "\n".join(_line(talk, entry) for entry in shown) or t("There is nothing here.")
    title = t("Audit") if page == 0 else t("Audit, page {page}").format(page=page + 1)
    turn = _turn(talk, f"u:{kind}:{which}", page, more=len(found) > PER_PAGE)
    message = Message(text, title=title, choices=turn, card=CARD)
    (talk.say if talk.inbound.press is None else talk.redraw)(message)


def _turn(talk: Talk, data: str, page: int, *, more: bool) -> Rows:
    row = [Choice(talk.t("‹ Back"), f"{data}:{page - 1}")] if page > 0 else []
    row += [Choice(talk.t("More ›"), f"{data}:{page + 1}")] if more and page + 1 < MOST_PAGES else []
    return (tuple(row),) if row else ()


def _line(talk: Talk, entry: AuditEntry) -> str:
    """Return "· 10月8日 9:30 黄书记 派单 #1042 丰美小区5号楼"."""
    t = talk.t
    facts = [words.time(talk, entry.at, t), words.name_of(talk, entry.actor_id, t), _name(talk, entry.action)]
    facts += [f"#{entry.case_id}"] if entry.case_id is not None else []
    facts += [words.name_of(talk, entry.person_id, t)] if entry.person_id is not None else []
    if entry.place_id is not None and talk.rules.tree.find(entry.place_id) is not None:
        facts.append(talk.rules.tree.label(entry.place_id))
    if "role" in entry.data:
        facts.append(role_words.role_name(entry.data["role"], entry.data.get("partner"), t))
    if "rows" in entry.data:
        facts.append(t("({count} rows)").format(count=f"{entry.data['rows']:,}"))
    said, shortened = cut(entry.words, SHOWN_WORDS)
    reason = t(": “{promise}”").format(promise=said + ("…" if shortened else "")) if said else ""
    return f"· {' '.join(facts)}{reason}"


def _name(talk: Talk, action: str) -> str:
    of_case = action.removeprefix("case.")
    if action not in NAMES and of_case != action and of_case in ACTIONS:
        return talk.t(ACTIONS[Action(of_case)])
    return talk.t(NAMES.get(action, action))


COMMANDS = (
    Command("audit", command, N_("who looked at numbers, exported, stepped in: /audit 1042"),
            words=("审计",), leading=("审计",), roles=ADMINS),
)  # fmt: skip
