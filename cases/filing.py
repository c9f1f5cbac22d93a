"""群众上报: a draft becomes a case, once."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from cases import dispatch, due, looks
from cases.context import Actor, Context
from cases.effects import Given
from cases.life import RETURNS_BEFORE_RULING, Step, act, write_history
from cases.states import Action, State
from storage.models import Case


@dataclass(frozen=True, slots=True)
class Draft:
    """What a resident has told so far. `id` names the draft for ever."""

    id: str
    words: str
    category: str
    place_id: int
    place_detail: str = ""
    emergency: bool = False
    attachments: tuple[int, ...] = ()
    kind: Literal["issue", "wish"] = "issue"


def filed(context: Context, draft_id: str) -> Case | None:
    """Return the case that a draft has become, if it has."""
    return context.session.scalar(select(Case).where(Case.draft == draft_id))


def file(context: Context, draft: Draft, reporter: Actor, channel: str, chat: str) -> tuple[Case, list[Step]]:
    """File the draft and dispatch it; return the case and the steps taken (filing, then maybe assigning).

    The deadlines run from now. Without a steward, a coordinator or admin is answerable from the first moment.
    """
    if reporter.person_id is None:
        raise ValueError("a case needs a reporter")
    category = context.rules.settings.category(draft.category)
    case = Case(
        draft=draft.id, kind=draft.kind, category=category.key, state=State.NEW, place_id=draft.place_id,
        place_detail=draft.place_detail, words=draft.words, emergency=draft.emergency, reporter_id=reporter.person_id,
        reporter_channel=channel, reporter_chat=chat,
        answerable_id=dispatch.answerable_for(context, draft.place_id),
        created_at=context.now, changed_at=context.now, due_from=context.now, returns=0, reopened=0, offers=0, rung=0,
        urgent=False,
    )  # fmt: skip
    case.accept_by, case.resolve_by = due.accept_by(context, case, context.now), due.resolve_by(context, case)
    looks.set_look(context, case, looks.plan(context, case))
    context.session.add(case)
    context.session.flush()
    given = Given(words=draft.words, attachments=draft.attachments)
    entry = write_history(context, case, Action.FILE, reporter, None, given)
    steps = [Step(case, Action.FILE, reporter, None, given, None, entry)]
    if (assigned := dispatch.route(context, case)) is not None:
        steps.append(assigned)
    return case, steps


def give_back(context: Context, case: Case, steward: Actor, reason: str) -> list[Step]:
    """退回: the steward returns the case; it goes to another, to the coordinator, or (third time) to a ruling."""
    ruling = case.returns >= RETURNS_BEFORE_RULING
    answerable = dispatch.answerable_for(context, case.place_id, ruling=ruling)
    steps = [act(context, case, Action.RETURN, steward, Given(words=reason, answerable_id=answerable))]
    if (assigned := dispatch.route(context, case)) is not None:
        steps.append(assigned)
    return steps


def reclassify(context: Context, case: Case, actor: Actor, category: str) -> list[Step]:
    """Change the kind; a case that nobody has accepted yet goes to who is responsible for the new kind."""
    before = case.category
    steps = [act(context, case, Action.RECLASSIFY, actor, Given(category=category, data={"before": before}))]
    if case.state == State.NEW or (case.state == State.ASSIGNED and not _responsible(context, case)):
        assigned = dispatch.route(context, case)
        steps += [assigned] if assigned is not None else []
    return steps


def _responsible(context: Context, case: Case) -> bool:
    return any(holder.person_id == case.steward_id for holder in dispatch.stewards_for(context, case))
