"""What somebody reads of a case's story.

Whoever handles it reads everything, its reporter all but notes among staff, a follower what is public.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, or_, select, true

from cases import life
from cases.states import Action
from handlers import proof, resident_notes, words
from handlers.clean import cut
from handlers.mask import mask
from handlers.proof import Shown
from handlers.talk import Talk
from storage.message_models import Attachment
from storage.models import Case, HistoryEntry

WORDS = 300  # characters of one step
STAFF_ONLY = {
    Action.REMIND,
    Action.CONTACT,
    Action.CALLED,
    Action.NOTE,
    Action.ENTRUST,
}  # steps that the resident's own story leaves out
PUBLIC = resident_notes.PUBLIC | {
    Action.FILE, Action.RESUME, Action.LATE, Action.HASTEN, Action.OFFER, Action.WIDEN, Action.UNCLAIMED, Action.LEAVE,
    Action.UNSOLVED, Action.REOPEN, Action.FOLLOW, Action.UNFOLLOW, Action.MERGE_IN, Action.ADD_HELPER,
    Action.DROP_HELPER,
}  # fmt: skip
"""Steps that a follower reads."""
TOLD = {Action.HOLD, Action.GIVE_TIME, Action.RESOLVE, Action.DECLINE}  # steps whose words followers hear as well
OTHERS = {Action.MERGE, Action.MERGE_IN}  # steps whose words are those of another case
NEIGHBOURS = {Action.FOLLOW, Action.UNFOLLOW}  # steps of residents whose names are nobody's business


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the story of a case: `handles` works on it or leads where it is, `reports` has told it."""

    talk: Talk
    case: Case
    handles: bool
    reports: bool

    @property
    def follows_only(self) -> bool:
        """Tell whether only what is public is the reader's business."""
        return not (self.handles or self.reports)

    def steps(self) -> Select[HistoryEntry]:
        """Return the query for the steps that the reader may see."""
        seen: ColumnElement[bool] = true()
        if self.follows_only:
            seen = or_(HistoryEntry.action.in_(PUBLIC), self._mine)
        elif self.reports and self.handles:  # staff themselves
            seen = HistoryEntry.action != Action.NOTE
        elif not self.handles:
            seen = HistoryEntry.action.not_in(STAFF_ONLY)
        return select(HistoryEntry).where(HistoryEntry.case_id == self.case.id, seen)

    def said(self, entry: HistoryEntry) -> str:
        """Return as much of the words of a step as is the reader's business."""
        if entry.action == Action.FILE or (entry.action == Action.ESCALATE and not self.handles):
            return ""
        said = cut(words.said(self.talk, self.case, self._me, entry.words, self.talk.t), WORDS)[0]
        if self.handles or self._actor(entry) == self._me:
            return said
        if self.reports:
            if entry.action in OTHERS:
                return ""
            return mask(said) if entry.actor_id is not None and self._is_neighbour(entry) else said
        return mask(said) if entry.action in TOLD else ""

    def who(self, entry: HistoryEntry) -> str:
        """Return who took a step; neighbours do not read each other's names."""
        talk, case = self.talk, self.case
        actor = self._actor(entry)
        if actor == case.reporter_id:
            return words.reporter(talk, case, self._me, talk.t)
        anonymous = case.anonymised_at is not None
        if actor not in (None, self._me) and (anonymous or not self.handles) and self._is_neighbour(entry):
            return talk.t("a resident")
        return words.name_of(talk, entry.actor_id, talk.t)

    def files(self, limit: int) -> Shown:
        """Return the photos and other files that the reader may see, the oldest first."""
        if not self.follows_only:
            return proof.of_case(self.talk.session, self.case.id, limit)
        told = self._mine
        if not words.is_private(self.talk.rules, self.case):
            told = or_(HistoryEntry.action.in_(TOLD), told)
        theirs = (
            select(Attachment.id).join(HistoryEntry, HistoryEntry.id == Attachment.history_id)
            .where(Attachment.case_id == self.case.id, told).order_by(Attachment.id).limit(limit)
        )  # fmt: skip
        return proof.of_step(self.talk.session, self.talk.session.scalars(theirs).all())

    @property
    def _me(self) -> int:
        return self.talk.person.person_id

    def _is_neighbour(self, entry: HistoryEntry) -> bool:
        return entry.action in NEIGHBOURS or not self.talk.actor_for(self._actor(entry) or 0).roles

    @property
    def _mine(self) -> ColumnElement[bool]:
        """The condition that the reader took the step, on whatever channel."""
        return HistoryEntry.actor_id.in_(self.talk.all_of(self._me))

    def _actor(self, entry: HistoryEntry) -> int | None:
        """Return who took a step, as they are known now."""
        return self.talk.now(entry.actor_id) if entry.actor_id is not None else None


def reader_of(talk: Talk, case: Case) -> Reader:
    """Return what the person of this talk is to the case as a reader."""
    return Reader(
        talk, case, life.handles(talk.context, case, talk.actor), reports=case.reporter_id == talk.person.person_id
    )
