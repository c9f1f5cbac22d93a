"""A case's life as data: which move leads where, who may make it, what they must give.

Every change of a case is one row of `MOVES`; `cases.life.act` is the only code that carries one out.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a case stands."""

    NEW = "new"
    REVIEW = "review"
    ASSIGNED = "assigned"
    POOL = "pool"
    WORKING = "working"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class Party(StrEnum):
    """What a person is to a case. CLOCK is the product itself: the dispatch and the clock.

    A CLAIMER has claimed it, a CANDIDATE may, a HELPER works on it with its lead, a FOLLOWER said "me too".
    """

    REPORTER = "reporter"
    STEWARD = "steward"
    COORDINATOR = "coordinator"
    ADMIN = "admin"
    CLOCK = "clock"
    CLAIMER = "claimer"
    CANDIDATE = "candidate"
    HELPER = "helper"
    FOLLOWER = "follower"
    ANYBODY = "anybody"


class Action(StrEnum):
    """What can be done to a case."""

    FILE = "file"
    ASSIGN = "assign"
    ACCEPT = "accept"
    TRANSFER = "transfer"
    RETURN = "return"
    ASK = "ask"
    ANSWER = "answer"
    NO_ANSWER = "no_answer"
    RESOLVE = "resolve"
    SUPPLEMENT = "supplement"
    URGE = "urge"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"
    RATE = "rate"
    UNSOLVED = "unsolved"
    CLOSE = "close"
    REOPEN = "reopen"
    LATE = "late"
    REMIND = "remind"
    REOFFER = "reoffer"
    RULING = "ruling"
    HOLD = "hold"
    RESUME = "resume"
    WANT_TIME = "want_time"
    GIVE_TIME = "give_time"
    DENY_TIME = "deny_time"
    RECLASSIFY = "reclassify"
    HASTEN = "hasten"
    CALL_BACK = "call_back"
    CALLED = "called"
    REPLY = "reply"
    CONTACT = "contact"
    VET = "vet"
    QUESTION = "question"
    EXPLAIN = "explain"
    UNEXPLAINED = "unexplained"
    DECLINE = "decline"
    TO_ISSUE = "to_issue"
    TO_WISH = "to_wish"
    OFFER = "offer"
    CLAIM = "claim"
    LEAVE = "leave"
    UNCLAIM = "unclaim"
    BRING = "bring"
    WIDEN = "widen"
    UNCLAIMED = "unclaimed"
    PUBLISH = "publish"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    MERGE = "merge"
    MERGE_IN = "merge_in"
    ADD_HELPER = "add_helper"
    DROP_HELPER = "drop_helper"
    ESCALATE = "escalate"
    EASE = "ease"
    REVIVE = "revive"
    REVIEW_AGAIN = "review_again"
    NOTE = "note"
    RELIEVE = "relieve"
    ENTRUST = "entrust"


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed change. `target` None leaves the state as it is; `words`: it must be given in words.

    `replans`: the deadlines change, so the clock's next moment is worked out anew although the state stays.
    """

    action: Action
    sources: frozenset[State]
    target: State | None
    who: frozenset[Party]
    words: bool = False
    replans: bool = False


OPEN = frozenset({State.NEW, State.REVIEW, State.ASSIGNED, State.POOL, State.WORKING, State.WAITING, State.RESOLVED})
UNDER_WAY = OPEN - {State.RESOLVED}
HELD = (State.ASSIGNED, State.WORKING, State.WAITING)  # somebody has it in hand
ENDED = frozenset({State.REJECTED, State.WITHDRAWN, State.MERGED})  # over without having been dealt with
LEADERS = frozenset({Party.COORDINATOR, Party.ADMIN})


def _move(action: Action, sources: frozenset[State] | set[State], target: State | None,
          who: set[Party] | frozenset[Party], *, words: bool = False, replans: bool = False) -> Move:  # fmt: skip
    return Move(action, frozenset(sources), target, frozenset(who), words, replans)


MOVES: dict[Action, Move] = {
    move.action: move
    for move in (
        _move(Action.ASSIGN, {State.NEW, State.REVIEW, State.ASSIGNED, State.POOL}, State.ASSIGNED,
              {Party.CLOCK, *LEADERS}),
        _move(Action.ACCEPT, {State.ASSIGNED}, State.WORKING, {Party.STEWARD}),
        _move(Action.TRANSFER, {State.ASSIGNED, State.WORKING, State.WAITING}, State.ASSIGNED,
              {Party.STEWARD, *LEADERS}),
        _move(Action.RETURN, {State.ASSIGNED, State.WORKING}, State.NEW, {Party.STEWARD}, words=True),
        _move(Action.ASK, {State.WORKING}, State.WAITING, {Party.STEWARD}, words=True),
        _move(Action.ANSWER, {State.WAITING}, State.WORKING, {Party.REPORTER}),
        _move(Action.NO_ANSWER, {State.WAITING}, State.WORKING, {Party.CLOCK}),
        # Resolving from `waiting`: the steward found the answer without the resident.
        _move(Action.RESOLVE, {State.WORKING, State.WAITING}, State.RESOLVED, {Party.STEWARD}, words=True),
        _move(Action.SUPPLEMENT, OPEN, None,
              {Party.REPORTER, Party.STEWARD, Party.CLAIMER, Party.HELPER, Party.FOLLOWER}),
        _move(Action.URGE, {State.NEW, State.ASSIGNED, State.POOL, State.WORKING}, None, {Party.REPORTER}),
        _move(Action.WITHDRAW, UNDER_WAY, State.WITHDRAWN, {Party.REPORTER}),
        _move(Action.CONFIRM, {State.RESOLVED}, None, {Party.REPORTER}),
        _move(Action.RATE, {State.RESOLVED}, State.CLOSED, {Party.REPORTER}),
        _move(Action.UNSOLVED, {State.RESOLVED}, State.WORKING, {Party.REPORTER}),
        _move(Action.CLOSE, {State.RESOLVED}, State.CLOSED, {Party.CLOCK}),
        _move(Action.REOPEN, {State.CLOSED}, State.WORKING, {Party.REPORTER, Party.ADMIN}),
        # Nobody acted in time: told upwards, the state stays.
        _move(Action.LATE, UNDER_WAY, None, {Party.CLOCK}),
        _move(Action.REMIND, OPEN | {State.CLOSED}, None, {Party.CLOCK}),
        # Not accepted in time: offered to another, and when that has been tried, for an admin to decide.
        _move(Action.REOFFER, {State.ASSIGNED}, State.ASSIGNED, {Party.CLOCK}),
        _move(Action.RULING, {State.ASSIGNED}, State.NEW, {Party.CLOCK}),
        # Waiting for a contractor, an office, a spare part.
        _move(Action.HOLD, {State.WORKING}, State.WAITING, {Party.STEWARD}, words=True),
        _move(Action.RESUME, {State.WAITING}, State.WORKING, {Party.STEWARD}),
        _move(Action.WANT_TIME, {State.WORKING}, None, {Party.STEWARD}, words=True),
        _move(Action.GIVE_TIME, {State.WORKING, State.WAITING}, None, LEADERS, replans=True),
        _move(Action.DENY_TIME, {State.WORKING, State.WAITING}, None, LEADERS),
        _move(Action.RECLASSIFY, UNDER_WAY, None, {Party.STEWARD, *LEADERS}, replans=True),
        _move(Action.HASTEN, UNDER_WAY, None, {Party.CLOCK, *LEADERS}, replans=True),
        # After a low mark: somebody is to call, has called, and the steward has answered. The case may be open again.
        _move(Action.CALL_BACK, OPEN | {State.CLOSED}, None, {Party.REPORTER}),
        _move(Action.CALLED, OPEN | {State.CLOSED}, None, LEADERS, words=True),
        _move(Action.REPLY, OPEN | {State.CLOSED}, None, {Party.STEWARD}, words=True),
        # Each look at the resident's telephone number.
        _move(Action.CONTACT, OPEN | {State.CLOSED}, None, {Party.STEWARD, Party.CLAIMER, *LEADERS}),
        # A wish is vetted, then offered to be claimed; so is an issue of a kind that is pooled.
        _move(Action.VET, {State.REVIEW}, State.POOL, LEADERS),
        # The time to vet stands still while the wisher is asked.
        _move(Action.QUESTION, {State.REVIEW}, State.REVIEW, LEADERS, words=True),
        _move(Action.EXPLAIN, {State.REVIEW}, State.REVIEW, {Party.REPORTER}),
        _move(Action.UNEXPLAINED, {State.REVIEW}, State.REVIEW, {Party.CLOCK}),
        _move(Action.DECLINE, {State.REVIEW, State.NEW, State.POOL, State.ASSIGNED, State.WORKING}, State.REJECTED,
              LEADERS, words=True),
        _move(Action.TO_ISSUE, {State.REVIEW, State.POOL}, State.NEW, LEADERS),
        _move(Action.TO_WISH, {State.NEW, State.ASSIGNED, State.POOL}, State.REVIEW, LEADERS),
        _move(Action.OFFER, {State.NEW}, State.POOL, {Party.CLOCK}),
        _move(Action.CLAIM, {State.POOL, State.WORKING}, State.WORKING, {Party.CANDIDATE}),
        # One of several gives it back; the last one puts it back into the pool.
        _move(Action.LEAVE, {State.WORKING, State.WAITING}, None, {Party.CLAIMER}),
        _move(Action.UNCLAIM, {State.WORKING, State.WAITING}, State.POOL, {Party.CLAIMER}),
        _move(Action.BRING, {State.WORKING, State.WAITING}, None, {Party.CLAIMER}, words=True),
        _move(Action.WIDEN, {State.POOL}, None, {Party.CLOCK}, replans=True),
        _move(Action.UNCLAIMED, {State.POOL}, State.NEW, {Party.CLOCK}),
        _move(Action.PUBLISH, {State.CLOSED}, None, {Party.REPORTER}),
        # "Me too", and cases that turn out to be the same.
        _move(Action.FOLLOW, UNDER_WAY, None, {Party.ANYBODY}),
        # Of a case that was joined with another its followers follow the other.
        _move(Action.UNFOLLOW, frozenset(State) - {State.MERGED}, None, {Party.FOLLOWER}),
        _move(Action.MERGE, UNDER_WAY, State.MERGED, LEADERS),
        _move(Action.MERGE_IN, UNDER_WAY, None, LEADERS),
        _move(Action.ADD_HELPER, {State.ASSIGNED, State.WORKING, State.WAITING}, None, {Party.STEWARD, *LEADERS}),
        _move(Action.DROP_HELPER, {State.ASSIGNED, State.WORKING, State.WAITING}, None,
              {Party.STEWARD, Party.CLOCK, *LEADERS}),
        # By command of whoever leads: told to the next rung now, no longer urgent, a word for staff alone.
        _move(Action.ESCALATE, UNDER_WAY, None, LEADERS),
        _move(Action.EASE, UNDER_WAY, None, LEADERS, replans=True),
        _move(Action.NOTE, frozenset(State), None, LEADERS, words=True),
        # What ended without having been dealt with begins anew: a report is dispatched, a wish is vetted.
        _move(Action.REVIVE, ENDED, State.NEW, {Party.ADMIN}),
        _move(Action.REVIEW_AGAIN, ENDED, State.REVIEW, {Party.ADMIN}),
        # Whoever had it, answers for it or was to call is no longer there: taken back, or put into other hands.
        _move(Action.RELIEVE, set(HELD), State.NEW, {Party.CLOCK}),
        _move(Action.ENTRUST, OPEN | {State.CLOSED}, None, {Party.CLOCK}),
    )
}  # fmt: skip
