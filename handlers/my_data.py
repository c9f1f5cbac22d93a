"""我的资料: what is kept about somebody, as a text they can read; each part in a transaction of its own."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from cases import absence
from handlers import mycases, words
from handlers.message import Message
from handlers.reading import Reader
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.admin_models import AuditEntry, Broadcast, BroadcastAnswer
from storage.link_models import Joining
from storage.message_models import Attachment, NoticeGrant
from storage.models import Case, Follower, HistoryEntry, Identity, Person, Rating, Role

CASES_AT_ONCE = 50  # in one reading transaction
MOST_CASES = 1000  # of somebody's own, the newest
MOST_ROWS = 500  # of anything else
MOST_STEPS = 200  # of a case
WARNED = "broadcast.phones"  # what the audit calls a look at the number of whom a warning did not reach

ROLES = {"steward": N_("steward"), "coordinator": N_("coordinator"), "admin": N_("admin")}
KINDS = {"photo": N_("photo"), "voice": N_("voice"), "video": N_("video"), "file": N_("file")}
ANSWERS = {"safe": N_("I am safe"), "help": N_("I need help")}

Lines = list[str]


def parts(talk: Talk) -> Lines:
    """Return everything but the cases: who they are, how they are reached, roles, ratings, answers, who looked."""
    sections: Sequence[tuple[str, Callable[[Talk], Lines]]] = (
        (N_("You"), _person), (N_("Where you write from"), _identities), (N_("What you do here"), _roles),
        (N_("Cases you follow"), _followed), (N_("Your ratings"), _ratings),
        (N_("Your answers to warnings"), _answers), (N_("Photos and files you sent"), _files),
        (N_("Who looked at your number, or had it in a sheet"), _looks),
    )  # fmt: skip
    lines: Lines = []
    for head, section in sections:
        lines += ["", f"== {talk.t(head)} ==", *(section(talk) or [talk.t("Nothing.")])]
    return [*lines, "", f"== {talk.t('Your cases')} =="]


def say(t: Translate, files: tuple[int, ...]) -> Message:
    """Return the message that goes with the file."""
    text = t("This is all that is kept about you, beside what was said in this chat. To have it removed: /forgetme")
    return Message(text, files=files)


def file_name(talk: Talk) -> str:
    """Return what the file is called, without its ending."""
    return f"{talk.t('my data')}-{moment(talk, talk.context.now)[:10]}"


def left_out(talk: Talk, count: int) -> Lines:
    """Return a line about files that do not fit beside the text."""
    text = talk.t("{count} files are too large for the .zip; whoever runs this service can give them to you.")
    return [text.format(count=count)] if count else []


def title(talk: Talk) -> str:
    """Return the head of the text."""
    name = talk.rules.settings.desk.name
    return talk.t("What {desk} keeps about you, as of {time}").format(desk=name, time=moment(talk, talk.context.now))


def cases(talk: Talk, before: int | None) -> tuple[Lines, int | None]:
    """Return the next of their cases with the steps they may read, and after which number they go on, if they do."""
    mine = select(Case).where(Case.reporter_id == talk.person.person_id)
    mine = mine if before is None else mine.where(Case.id < before)
    found = talk.session.scalars(mine.order_by(Case.id.desc()).limit(CASES_AT_ONCE)).all()
    lines = [line for case in found for line in _case(talk, case)]
    return lines, found[-1].id if len(found) == CASES_AT_ONCE else None


def moment(talk: Talk, at: datetime | None) -> str:
    """Return a moment with its year: the file may be read much later."""
    return f"{at.astimezone(talk.rules.deadlines.zone):%Y-%m-%d %H:%M}" if at is not None else "–"


def _case(talk: Talk, case: Case) -> Iterator[str]:
    t, reader = talk.t, Reader(talk, case, handles=False, reports=True)
    yield ""
    yield f"{words.headline(talk.rules, case, t)} · {words.state(case, t)} · {moment(talk, case.created_at)}"
    yield words.where(talk.rules, case.place_id, case.place_detail)
    yield case.words
    if case.beneficiary:
        yield t("For: {name}").format(name=case.beneficiary)
    entries = talk.session.scalars(reader.steps().order_by(HistoryEntry.id).limit(MOST_STEPS))
    for entry in entries:
        yield mycases.step_line(reader, entry, moment(talk, entry.at))


def _person(talk: Talk) -> Lines:
    t, person = talk.t, talk.session.get_one(Person, talk.person.person_id)
    home = words.where(talk.rules, person.home_id, person.home_detail) if person.home_id is not None else "–"
    told: list[tuple[str, str]] = [
        (t("What we call you"), person.name), (t("Your telephone number"), person.phone or "–"), (t("Home"), home),
        (t("Language"), person.language or "–"), (t("Known since"), moment(talk, person.created_at)),
        (t("Told of /privacy"), moment(talk, person.told_at)),
        (t("Went on after that"), moment(talk, person.consent_at)),
    ]  # fmt: skip
    if person.away_until is not None:
        told.append((t("Away until"), moment(talk, person.away_until)))
    if (later := absence.planned(talk.context, person.id)) is not None:
        told.append((t("Away later"), f"{moment(talk, later.begins_at)} – {moment(talk, later.until)}"))
    return [f"{name}: {value}" for name, value in told]


def _identities(talk: Talk) -> Lines:
    t, mine = talk.t, select(Identity).where(Identity.person_id == talk.person.person_id).order_by(Identity.id)
    text = t("{channel}, account {user}, wrote last {time}")
    lines: Lines = []
    for one in talk.session.scalars(mine).all():
        lines.append(text.format(channel=one.channel, user=one.user, time=moment(talk, one.last_seen_at)))
        lines += [t("You agreed to a later notice there, {time}").format(time=moment(talk, each.granted_at))
                  for each in _agreed(talk, one)]  # fmt: skip
    return [*lines, *_joined(talk)]


def _agreed(talk: Talk, identity: Identity) -> Sequence[NoticeGrant]:
    here = (NoticeGrant.channel == identity.channel, NoticeGrant.chat == identity.chat)
    mine = select(NoticeGrant).where(*here, NoticeGrant.spent_at.is_(None)).order_by(NoticeGrant.id)
    return talk.session.scalars(mine.limit(MOST_ROWS)).all()


def _joined(talk: Talk) -> Lines:
    """Return with whom they were joined, and what they were called there."""
    mine = select(Joining).where(Joining.person_id.in_(_numbers(talk))).order_by(Joining.id).limit(MOST_ROWS)
    lines: Lines = []
    for one in talk.session.scalars(mine).all():
        other = talk.session.get_one(Person, one.joined_id)
        if one.parted_at is not None:
            text = talk.t("Joined with another chat {time}, parted {parted}")
            lines.append(text.format(time=moment(talk, one.at), parted=moment(talk, one.parted_at)))
        else:
            told = [other.name, other.phone, *([talk.rules.tree.label(other.home_id)] if other.home_id else [])]
            text = talk.t("Joined with another chat {time}. Kept from there: {what}")
            lines.append(text.format(time=moment(talk, one.at), what=" · ".join(filter(None, told)) or "–"))
    return lines


def _numbers(talk: Talk) -> list[int]:
    """Return under which numbers they acted: their own, and those of whom was joined to them."""
    return talk.all_of(talk.person.person_id)


def _roles(talk: Talk) -> Lines:
    mine = select(Role).where(Role.person_id == talk.person.person_id).order_by(Role.id)
    return [
        " · ".join(filter(None, (talk.t(ROLES.get(one.role, one.role)), talk.rules.tree.label(one.place_id), one.title,
                                 one.promise)))
        for one in talk.session.scalars(mine)
    ]  # fmt: skip


def _followed(talk: Talk) -> Lines:
    mine = select(Case).join(Follower, Follower.case_id == Case.id).where(Follower.person_id == talk.person.person_id)
    found = talk.session.scalars(mine.order_by(Case.id.desc()).limit(MOST_ROWS)).all()
    return [
        f"#{case.id}" if words.is_private(talk.rules, case)
        else f"{words.headline(talk.rules, case, talk.t)} · {words.state(case, talk.t)}"
        for case in found
    ]  # fmt: skip


def _ratings(talk: Talk) -> Lines:
    t = talk.t
    mine = select(Rating).where(Rating.person_id.in_(_numbers(talk)), Rating.answered_at.is_not(None))
    lines = []
    for one in talk.session.scalars(mine.order_by(Rating.id.desc()).limit(MOST_ROWS)):
        solved = {True: t("solved"), False: t("not solved"), None: ""}[one.solved]
        stars = t("{count} stars").format(count=one.stars) if one.stars is not None else ""
        said = [f"#{one.case_id}", moment(talk, one.answered_at), solved, stars, one.words]
        answer = t("Answered: {words}").format(words=one.reply) if one.reply else ""
        lines.append(" · ".join(filter(None, [*said, answer])))
    return lines


def _answers(talk: Talk) -> Lines:
    mine = (
        select(BroadcastAnswer.at, BroadcastAnswer.answer, BroadcastAnswer.case_id, Broadcast.words)
        .join(Broadcast, Broadcast.id == BroadcastAnswer.broadcast_id)
        .where(BroadcastAnswer.person_id.in_(_numbers(talk)))
        .order_by(BroadcastAnswer.at.desc()).limit(MOST_ROWS)
    )  # fmt: skip
    return [
        " · ".join(filter(None, (moment(talk, row.at), talk.t(ANSWERS.get(row.answer, row.answer)),
                                 f"#{row.case_id}" if row.case_id else "", row.words)))
        for row in talk.session.execute(mine)
    ]  # fmt: skip


def sent_files(talk: Talk) -> Sequence[Any]:
    """Return the files that they sent, the newest first."""
    mine = select(
        Attachment.id, Attachment.created_at, Attachment.kind, Attachment.case_id, Attachment.size, Attachment.path,
        Attachment.mime, Attachment.state,
    ).where(Attachment.person_id.in_(_numbers(talk)), Attachment.channel != "made")  # fmt: skip
    return talk.session.execute(mine.order_by(Attachment.id.desc()).limit(MOST_ROWS)).all()


def _files(talk: Talk) -> Lines:
    t = talk.t
    gone = t("no longer kept")
    return [
        " · ".join(filter(None, (str(row.id), moment(talk, row.created_at), t(KINDS[row.kind]),
                                 f"#{row.case_id}" if row.case_id else "", "" if row.path else gone)))
        for row in sent_files(talk)
    ]  # fmt: skip


def _looks(talk: Talk) -> Lines:
    """Return when their number was looked up and by what role; and when sheets with numbers were made around them."""
    mine = select(Case.id).where(Case.reporter_id == talk.person.person_id)
    looked = and_(AuditEntry.action == "case.contact", AuditEntry.case_id.in_(mine))
    warned = and_(AuditEntry.action == WARNED, AuditEntry.person_id.in_(_numbers(talk)))
    entries = [
        entry for which in (looked, warned)
        for entry in talk.session.scalars(select(AuditEntry).where(which).order_by(AuditEntry.id).limit(MOST_ROWS))
    ]  # fmt: skip
    around = _around(talk)
    if around:
        sheets = and_(AuditEntry.action == "export.phones", AuditEntry.place_id.in_(around))
        since = select(Person.created_at).where(Person.id == talk.person.person_id).scalar_subquery()
        made = select(AuditEntry).where(sheets, AuditEntry.at >= since).order_by(AuditEntry.id)
        entries += talk.session.scalars(made.limit(MOST_ROWS))
    return [_look(talk, entry) for entry in sorted(entries, key=lambda one: one.id)]


def _around(talk: Talk) -> set[int]:
    """Return the places above their home and their cases: whoever exported one of these had them in the sheet."""
    where = select(Case.place_id).where(Case.reporter_id == talk.person.person_id).distinct()
    places = set(talk.session.scalars(where)) | ({talk.person.home_id} if talk.person.home_id else set())
    tree = talk.rules.tree
    return {node.id for place in places if tree.find(place) for node in tree.ancestors(place)}


def _look(talk: Talk, entry: AuditEntry) -> str:
    t = talk.t
    if entry.action == WARNED:
        what = t("looked up your number, as a warning did not reach you")
    elif entry.case_id is not None:
        what = t("looked up your number for #{number}").format(number=entry.case_id)
    else:
        place = talk.rules.tree.label(entry.place_id) if entry.place_id is not None else ""
        what = t("made a sheet with names and numbers of {place}").format(place=place)
    return f"{moment(talk, entry.at)} · {_by(talk, entry, t)} · {what}"


def _by(talk: Talk, entry: AuditEntry, t: Translate) -> str:
    roles = talk.actor_for(entry.actor_id).roles if entry.actor_id is not None else ()
    named = dict.fromkeys(role.title or t(ROLES.get(role.role, role.role)) for role in roles)
    return t(", ").join(named) or t("somebody who no longer serves here")
