"""A case in every state, and everybody who may want to do something with it: for the matrix of who may do what."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.config import load
from bot.inbox import Inbox
from bot.seed import sync
from cases import broadcasts, filing, invitations, life, ratings
from cases.context import CLOCK, Actor, Context, Rules, actor_of
from cases.filing import Draft, Wish
from cases.given import Given
from cases.posts import Post
from cases.states import Action
from handlers import proof
from handlers.inbound import Inbound, IncomingFile, Press
from storage.admin_models import AuditEntry, Invitation
from storage.engine import Store
from storage.message_models import Attachment, GroupChat, Outgoing
from storage.models import (
    Case,
    Claim,
    CoHandler,
    Follower,
    HistoryEntry,
    Identity,
    Person,
    Place,
    Rating,
    Role,
)  # fmt: skip
from storage.upsert import table_of
from tests.cast import CONFIG, PLAIN, PLANNERS

NOW = datetime(2026, 9, 30, 2, tzinfo=UTC)
HERE, ELSEWHERE = "fengmei-5", "taxiang-1"
RESIDENTS = {"resident": HERE, "reporter": HERE, "follower": None, "far_resident": ELSEWHERE}
STAFF = {"steward": "wang", "colleague": "chen", "coordinator": "lin", "admin": "huang", "root": "zheng"}
FAR = {"far_steward": ("steward", "taxiang"), "far_coordinator": ("coordinator", "taxiang"),
       "far_admin": ("admin", "taxiang-community")}  # fmt: skip
KEPT = (
    *(f"SELECT * FROM {table.name} ORDER BY {', '.join(table.primary_key.columns.keys())}" for table in map(table_of, (
        Case, HistoryEntry, Claim, CoHandler, Follower, Rating, Role, Invitation, Place))),
    "SELECT id, away_until, cover_id FROM person ORDER BY id",
)  # fmt: skip
PHOTO = "photo"  # a deed: sends one of an album
GROUP = "5号楼群"
TOKEN = "an-invitation-of-a-kind"


def configuration(path: Path) -> Path:
    """Write the example with a second community beside it."""
    told = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    estate = {"key": "taxiang", "name": "他乡小区", "kind": "estate", "buildings": {"from": 1, "to": 2, "units": 1}}
    told["places"][0]["children"].append(
        {"key": "taxiang-community", "name": "他乡社区", "kind": "community", "children": [estate]}
    )
    told["people"] += [
        {"key": who, "name": who, "roles": [{"role": role, "at": at, "title": who}
                                            | ({"partner": "red_steward"} if role == "steward" else {})]}
        for who, (role, at) in FAR.items()
    ]  # fmt: skip
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return path


@dataclass
class Stage:
    """The rules, who everybody is, and the number of each scene's case."""

    rules: Rules
    inbox: Inbox
    people: dict[str, int]
    scenes: dict[str, int]
    place_id: int

    def chat(self, who: str) -> str:
        """Return the chat of somebody of `permissions.WHO`."""
        return STAFF.get(who, who)

    def fill(self, said: str) -> str:
        """Put the numbers of cases and people in."""
        return said.format(**self.scenes, **self.people, token=TOKEN)


def build(session: Session, store: Store, config: Path) -> Stage:
    """Play every scene."""
    rules = sync(session, load(config, {}), NOW)
    for who, home in RESIDENTS.items():
        place = rules.tree.by_key(home) if home else None
        values = {"name": who, "created_at": NOW, "home_id": place.id if place else None, "phone": "13800138000"}
        session.execute(insert(Person).values(values))
    people = {}
    for who in (*RESIDENTS, *STAFF, *FAR):
        known = (Person.key == STAFF.get(who, who)) if who not in RESIDENTS else (Person.name == who)
        people[who] = session.scalars(select(Person.id).where(known)).one()
        chat = STAFF.get(who, who)
        session.execute(insert(Identity).values(person_id=people[who], channel=PLAIN, user=chat, chat=chat))
    session.execute(update(Person).values(told_at=NOW, consent_at=NOW))  # everybody has written before
    bound = {"channel": PLAIN, "chat": GROUP, "kind": "building", "bound_at": NOW}
    place_id = _place(rules)
    session.execute(insert(GroupChat).values(place_id=place_id, **bound))
    scenes = {name: _Scene(Context(session, NOW, rules), people, name).play(SCENES[name]) for name in SCENES}
    scenes |= {"here": place_id} | _roles(session, people) | _invited(session, rules, people["admin"])
    scenes |= _warnings(session, rules, people["admin"])
    inbox = Inbox(store, lambda _session: rules, PLANNERS, Clock(NOW - datetime.now(UTC)))
    return Stage(rules, inbox, people, scenes, place_id)


def _invited(session: Session, rules: Rules, admin: int) -> dict[str, int]:
    """Make an invitation that `TOKEN` opens."""
    context = Context(session, NOW, rules)
    made = invitations.make(context, actor_of(context, admin), Post("coordinator", _place(rules) + 1))
    invitations.seal(context, made.id, TOKEN)
    return {"invitation": made.id}


def _warnings(session: Session, rules: Rules, admin: int) -> dict[str, int]:
    """Keep warnings of the admin's: one that goes out, one that waits for a second admin, a draft."""
    context, found = Context(session, NOW, rules), {}
    for name, state in (
        ("warning", broadcasts.Stage.SENDING),
        ("second", broadcasts.Stage.SECOND),
        ("draft", broadcasts.Stage.DRAFT),
    ):
        made = broadcasts.make(context, actor_of(context, admin), _place(rules), "台风要来了", None, PLAIN, "huang")
        made.state, made.confirmed_at = state, NOW
        session.flush()
        found[name] = made.id
    return found


def _roles(session: Session, people: dict[str, int]) -> dict[str, int]:
    """Return the numbers of roles, as "role_steward"."""
    rows = session.execute(select(Role.id, Role.person_id).order_by(Role.id.desc())).all()
    mine = {row.person_id: row.id for row in rows}
    return {f"role_{who}": mine[person] for who, person in people.items() if person in mine}


def _place(rules: Rules) -> int:
    node = rules.tree.by_key(HERE)
    assert node is not None
    return node.id


class _Scene:
    """One case on its way to where it is wanted."""

    def __init__(self, context: Context, people: dict[str, int], name: str) -> None:
        self.context = context
        self.people = people
        self.name = name
        self.case: Case

    def play(self, steps: tuple["Step", ...]) -> int:
        for step in steps:
            step(self)
        self.context.session.flush()
        return self.case.id

    def actor(self, who: str) -> Actor:
        return actor_of(self.context, self.people[who]) if who != "clock" else CLOCK


Step = Callable[[_Scene], None]


def _file(wish: bool = False) -> Step:
    def step(scene: _Scene) -> None:
        category = "wish_things" if wish else "noise"
        photos = (_photo(scene),)
        draft = Draft(scene.name, "半夜太吵了", category, _place(scene.context.rules), attachments=photos)
        told = Wish("name") if wish else None
        reporter = scene.actor("reporter")
        filed, _ = filing.file(scene.context, draft, reporter, PLAIN, "reporter", told)
        scene.case = scene.context.session.get_one(Case, filed.id)
        if not wish:
            life.act(scene.context, scene.case, Action.FOLLOW, scene.actor("follower"))

    return step


def _photo(scene: _Scene) -> int:
    values = {
        "token": secrets.token_urlsafe(32),
        "kind": "photo",
        "state": "ready",
        "channel": PLAIN,
        "created_at": NOW,
    }
    row = insert(Attachment).values(**values, attempts=0).returning(Attachment.id)
    return scene.context.session.scalars(row).one()


def _fulfil(scene: _Scene) -> None:
    given = Given("送到了", (_photo(scene),))
    life.act(scene.context, scene.case, Action.RESOLVE, scene.actor("steward"), given)


def _publish(scene: _Scene) -> None:
    facts = {"shown": "photo", "name": False, "photos": list(proof.of_result(scene.context.session, scene.case.id))}
    life.act(scene.context, scene.case, Action.PUBLISH, scene.actor("reporter"), Given(data=facts))
    scene.case.publish = True


def _do(who: str, action: Action, words: str = "", **given: Any) -> Step:
    """Return a step; `steward` and `person` are of `permissions.WHO`."""

    def step(scene: _Scene) -> None:
        named = ("steward", "person", "answerable")
        facts: dict[str, Any] = {
            f"{k}_id" if k in named else k: scene.people[v] if k in named else v for k, v in given.items()
        }
        life.act(scene.context, scene.case, action, scene.actor(who), Given(words, **facts))

    return step


def _ask(scene: _Scene) -> None:
    for who in ("reporter", "follower"):
        ratings.asked(scene.context, scene.case, ratings.question(scene.context, scene.case, scene.people[who]))


def _rate(stars: int) -> Step:
    def step(scene: _Scene) -> None:
        reporter = scene.people["reporter"]
        life.act(scene.context, scene.case, Action.RATE, scene.actor("reporter"), Given(data={"stars": stars}))
        rating = ratings.answer(scene.context, scene.case, reporter, solved=True, stars=stars)
        if stars <= ratings.LOW_STARS:
            rating.words = "来得太慢"
            ratings.want_call(scene.context, scene.case, rating, scene.actor("reporter"))

    return step


ASSIGNED = (_file(), _do("coordinator", Action.TRANSFER, steward="steward"))
WORKING = (*ASSIGNED, _do("steward", Action.ACCEPT))
RESOLVED = (*WORKING, _do("steward", Action.RESOLVE, "已劝停"), _ask)
REVIEW = (_file(wish=True),)
POOL = (*REVIEW, _do("coordinator", Action.VET))
CLAIMED = (*POOL, _do("steward", Action.CLAIM))
FULFILLED = (*CLAIMED, _fulfil, _rate(5))

SCENES: dict[str, tuple[Step, ...]] = {
    "assigned": ASSIGNED,
    "new": (*ASSIGNED, _do("clock", Action.RULING, answerable="admin")),
    "working": WORKING,
    "urgent": (*WORKING, _do("coordinator", Action.HASTEN)),
    "wanted": (*WORKING, _do("steward", Action.WANT_TIME, "活多", until=NOW + timedelta(days=20))),
    "waiting": (*WORKING, _do("steward", Action.ASK, "几点？")),
    "held": (*WORKING, _do("steward", Action.HOLD, "等配件")),
    "helped": (*WORKING, _do("steward", Action.ADD_HELPER, person="colleague")),
    "resolved": RESOLVED,
    "closed": (*RESOLVED, _rate(5)),
    "low": (*RESOLVED, _rate(1)),
    "rejected": (*WORKING, _do("coordinator", Action.DECLINE, "请打 12345")),
    "review": REVIEW,
    "pool": POOL,
    "claimed": CLAIMED,
    "asked": (*REVIEW, _do("coordinator", Action.QUESTION, "要多大的？")),
    "fulfilled": FULFILLED,
    "published": (*FULFILLED, _publish),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What somebody was told, whether anything of a case has changed, and what the audit says of it."""

    told: tuple[str, ...]
    changed: bool
    audited: tuple[str, ...] = ()


def attempt(session: Session, stage: Stage, who: str, deeds: tuple[str, ...], *, in_group: bool = False) -> Outcome:
    """Have somebody do these things, see what comes of the last, and take all of it back."""
    savepoint = session.begin_nested()
    try:
        for number, deed in enumerate(deeds):
            before, said = _kept(session), session.scalar(select(func.max(Outgoing.id))) or 0
            noted = session.scalar(select(func.max(AuditEntry.id))) or 0
            chat = GROUP if in_group else stage.chat(who)
            inbound = _inbound(deed, f"{who}-{number}", chat, stage.chat(who), in_group=in_group)
            stage.inbox._take(session, inbound, "take")
            session.flush()
        told = select(Outgoing.payload).where(Outgoing.id > said, Outgoing.chat == chat).order_by(Outgoing.id)
        texts = tuple(row.get("toast") or row.get("text") or "" for row in session.scalars(told))
        audited = tuple(session.scalars(select(AuditEntry.action).where(AuditEntry.id > noted).order_by(AuditEntry.id)))
        return Outcome(tuple(filter(None, texts)), _kept(session) != before, audited)
    finally:
        savepoint.rollback()
        session.expunge_all()


def _inbound(deed: str, key: str, chat: str, user: str, *, in_group: bool) -> Inbound:
    if deed == PHOTO:
        photo = IncomingFile("photo", remote="file-1", size=1000)
        return Inbound(PLAIN, key, chat, user, user, NOW, files=(photo,), album="album")
    if deed.startswith("/"):
        return Inbound(PLAIN, key, chat, user, user, NOW, deed, group=in_group)
    return Inbound(PLAIN, key, chat, user, user, NOW, press=Press(deed, query="q"), group=in_group)


def _kept(session: Session) -> list[Any]:
    """Return all that is kept about cases, places and people, as the database has it, to be compared."""
    connection = session.connection()
    return [connection.exec_driver_sql(statement).all() for statement in KEPT]
