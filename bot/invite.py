"""Makes an invitation's link and its picture: the token exists from here on, and the database keeps its hash alone."""

import io
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from bot.workshop import Made, Maker, Order, Piece, Workshop
from cases import invitations
from cases.context import Context
from cases.invitations import Standing
from handlers import when
from handlers.admin import invite
from storage.admin_models import Invitation

Links = Callable[[str], Awaitable[list[str]]]
"""Returns the addresses under which a deep link's payload can be opened, the one for the picture first."""

SCALE = 10  # pixels a module: some 400 to a side, to be scanned from a screen or a sheet of paper


def maker(links: Links) -> Maker:
    """Return the maker of what `handlers.admin.invite` commissions."""

    async def make(shop: Workshop, order: Order) -> Made:
        found = await shop.read(partial(_look_up, order))
        if found is None:
            return Made((), invite.say_gone)
        made = replace(found, links=await links(f"{invite.PREFIX}{found.token}"))
        pieces = (_picture(made.links[0]),) if made.links else ()
        return Made(pieces, made.say, partial(_seal, made))

    return make


def _look_up(order: Order, context: Context) -> invite.Made | None:
    found = context.session.get(Invitation, order.data["invitation"])
    if found is None or invitations.standing(context, found) is not Standing.OPEN:
        return None
    expires, zone, now = found.expires_at, context.rules.deadlines.zone, context.now
    return invite.Made(
        found.id, found.role, found.partner, context.rules.tree.label(found.place_id),
        lambda t: when.moment(expires, now, zone, t), (), invitations.new_token(),
    )  # fmt: skip


def _picture(link: str) -> Piece:
    out = io.BytesIO()
    import segno  # rarely needed, and a start should be quick

    segno.make_qr(link, error="m").save(out, kind="png", scale=SCALE)
    return Piece(out.getvalue(), "photo", "image/png", "invitation.png")


def _seal(made: invite.Made, context: Context) -> None:
    invitations.seal(context, made.number, made.token)
