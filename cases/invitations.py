"""邀请: a one-time link that gives a role. It expires, can be revoked, and only the hash of its token is kept."""

import hashlib
import secrets
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from cases import audit, posts
from cases.context import Actor, Context, actor_of
from cases.posts import Post
from cases.refusal import Refused, Why
from storage import people
from storage.admin_models import Invitation
from storage.models import Role

TOKEN_BYTES = 16  # as many as nobody guesses; 22 characters in a link
KEPT_IN_VIEW = 200  # of the newest invitations, among which an admin's open ones are looked for


class Standing(StrEnum):
    """What becomes of somebody who opens an invitation."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"
    VOID = "void"  # whoever invited may no longer do so


def make(context: Context, admin: Actor, post: Post) -> Invitation:
    """Keep an invitation; it can be used once `seal` has given it a token. Raises Refused(NOT_YOURS)."""
    if admin.person_id is None or not posts.may_manage(context, admin, post.place_id):
        raise Refused(Why.NOT_YOURS)
    lasts = context.rules.settings.times.invitation_lasts
    made = Invitation(
        token_hash=hash_of(new_token()), role=post.role, partner=post.partner, place_id=post.place_id,
        title=post.title, made_by=admin.person_id, made_at=context.now,
        expires_at=context.rules.deadlines.after(context.now, lasts, post.place_id),
    )  # fmt: skip
    context.session.add(made)
    context.session.flush()
    _write_down(context, admin, made, "made")
    return made


def new_token() -> str:
    """Return a token that nobody guesses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def seal(context: Context, number: int, token: str) -> None:
    """Let the token open the invitation, and no former one."""
    context.session.get_one(Invitation, number, with_for_update=True).token_hash = hash_of(token)


def load(context: Context, token: str) -> Invitation:
    """Return the invitation that a token opens, locked until the end of the transaction. Raises Refused(NOT_FOUND)."""
    mine = select(Invitation).where(Invitation.token_hash == hash_of(token)).with_for_update()
    found = context.session.scalar(mine)
    if found is None:
        raise Refused(Why.NOT_FOUND)
    return found


def standing(context: Context, invitation: Invitation) -> Standing:
    """Return whether it can still be used; the right to invite must still be there."""
    if invitation.used_at is not None:
        return Standing.USED
    if invitation.revoked_at is not None:
        return Standing.REVOKED
    if invitation.expires_at <= context.now:
        return Standing.EXPIRED
    may = posts.may_manage(context, inviter(context, invitation), invitation.place_id)
    return Standing.OPEN if may else Standing.VOID


def inviter(context: Context, invitation: Invitation) -> Actor:
    """Return who made it, as who they are now: their chat may have been joined with another."""
    return actor_of(context, people.now(context.session, invitation.made_by))


def post_of(invitation: Invitation) -> Post:
    """Return the role that it gives."""
    return Post(invitation.role, invitation.place_id, invitation.partner, invitation.title)


def accept(context: Context, invitation: Invitation, person: Actor) -> Role:
    """Give the person the role, in the inviter's name. Raises Refused: TOO_LATE, or WRONG_STATE where they hold it."""
    if standing(context, invitation) is not Standing.OPEN or person.person_id is None:
        raise Refused(Why.TOO_LATE)
    given = posts.give(context, inviter(context, invitation), person.person_id, post_of(invitation))
    invitation.used_by, invitation.used_at = person.person_id, context.now
    _write_down(context, person, invitation, "used")
    return given


def revoke(context: Context, admin: Actor, number: int) -> Invitation:
    """Let nobody use it any more. Raises Refused."""
    found = context.session.get(Invitation, number, with_for_update=True)
    if found is None:
        raise Refused(Why.NOT_FOUND)
    if not posts.may_manage(context, admin, found.place_id):
        raise Refused(Why.NOT_YOURS)
    if found.used_at is not None or found.revoked_at is not None:
        raise Refused(Why.WRONG_STATE)
    found.revoked_at = context.now
    _write_down(context, admin, found, "revoked")
    return found


def pending(context: Context, admin: Actor) -> Sequence[Invitation]:
    """Return the invitations that can still be used where this admin leads, the newest first."""
    newest = select(Invitation).order_by(Invitation.id.desc()).limit(KEPT_IN_VIEW)
    return [
        each for each in context.session.scalars(newest)
        if standing(context, each) is Standing.OPEN and posts.may_manage(context, admin, each.place_id)
    ]  # fmt: skip


def _write_down(context: Context, actor: Actor, invitation: Invitation, what: str) -> None:
    told: dict[str, Any] = {"role": invitation.role, "invitation": invitation.id}
    if invitation.partner is not None:
        told["partner"] = invitation.partner
    audit.record(context, actor, f"invite.{what}", place_id=invitation.place_id, **told)
