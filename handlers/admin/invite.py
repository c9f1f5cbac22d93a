"""/invite: a one-time link and its picture for a new steward, coordinator or admin; and what whoever opens it does.

The link is made by the workshop (`bot.invite`), because only a channel knows its address.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cases import invitations, posts
from cases.invitations import Standing
from cases.posts import Post
from cases.refusal import Refused, Why
from handlers import words
from handlers.admin import people, role_words
from handlers.admin.sheet_rows import PARTNERS
from handlers.command import ADMINS, Command
from handlers.commission import commission
from handlers.message import Choice, Message, Rows
from handlers.pages import grid, number_of
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.admin_models import Invitation

KIND = "invite"
PREFIX = "i_"  # of a deep link: /start i_<token>
CARD = "invite"
SHOWN = 8  # open invitations
LONGEST_TOKEN = 43

FORM = N_("/invite steward building 3 neighbourly help")
ENDED = {
    Standing.USED: N_("This invitation has been used already. Please ask for a new one."),
    Standing.REVOKED: N_("This invitation was taken back. Please ask whoever sent it to you."),
    Standing.EXPIRED: N_("This invitation has expired. Please ask for a new one."),
    Standing.VOID: N_("This invitation is no longer valid. Please ask for a new one."),
}
UNKNOWN = N_("There is no such invitation. Please check the link, or ask for a new one.")
WORK = {
    "steward": N_("As a steward you get what residents report: you accept it, see to it and show what was done."),
    "coordinator": N_("As a coordinator you decide about what nobody has taken, and hear of what is late."),
    "admin": N_("As an admin you see everything there, and decide who does what."),
}


def invite(talk: Talk, argument: str) -> None:
    """Take "/invite steward 3号楼 邻里互助"; what is missing is asked for."""
    meant = role_words.read(talk, argument)
    own = [held.place_id for held in talk.actor.roles if held.role == "admin"]
    place = meant.place_id if meant.place_id is not None else (own[0] if len(own) == 1 and not meant.unknown else None)
    if meant.role is None or place is None:
        _explain(talk, argument, meant)
    elif not posts.may_manage(talk.context, talk.actor, place):
        talk.reply(talk.t(people.NOT_YOURS))
    elif meant.role == "steward" and meant.partner is None:
        _ask_partner(talk, place)
    else:
        _make(talk, Post(meant.role, place, meant.partner if meant.role == "steward" else None))


def _explain(talk: Talk, argument: str, meant: role_words.Meant) -> None:
    """Say how it is written, and show the invitations that are still open."""
    t = talk.t
    lines = []
    if meant.unknown and meant.role is not None:
        lines.append(t("There is no {place} here.").format(place=meant.unknown[:32]))
    elif argument and meant.role is None:
        lines.append(t("As what: steward, coordinator or admin?"))
    lines.append(t("Write whom you invite, and for where: {form}").format(form=t(FORM)))
    rows = [(Choice(_revoke_label(talk, each, t), f"i:revoke:{each.id}", "danger"),)
            for each in invitations.pending(talk.context, talk.actor)[:SHOWN]]  # fmt: skip
    lines += [t("Open invitations; tap one to take it back.")] if rows else []
    talk.say(Message("\n".join(lines), choices=tuple(rows), card=CARD))


def _revoke_label(talk: Talk, invitation: Invitation, t: Translate) -> str:
    until = words.time(talk, invitation.expires_at, t)
    return t("Take back: {role} (until {time})").format(role=_named(talk, invitation, t), time=until)


def _named(talk: Talk, invitation: Invitation, t: Translate) -> str:
    return (
        f"{role_words.role_name(invitation.role, invitation.partner, t)} {talk.rules.tree.label(invitation.place_id)}"
    )


def _ask_partner(talk: Talk, place: int) -> None:
    choices = [Choice(role_words.partner_name(each, talk.t), f"i:as:{place}:{each}") for each in PARTNERS]
    text = talk.t("What kind of steward for {place}?").format(place=talk.rules.tree.label(place))
    talk.say(Message(text, choices=grid(choices, 2), card=CARD))


def _make(talk: Talk, post: Post) -> None:
    made = invitations.make(talk.context, talk.actor, post)
    text = talk.t("The invitation is being made: {role}").format(role=_named(talk, made, talk.t))
    commission(talk, KIND, {"invitation": made.id}, text)


def press(talk: Talk, verb: str, argument: str, more: str = "") -> None:
    """Carry out a button; the rights are those of this moment."""
    try:
        with talk.session.begin_nested():
            _press(talk, verb, argument, more)
    except Refused as refusal:
        talk.toast(talk.t(REASONS.get(refusal.why, UNKNOWN)))


REASONS = {
    Why.NOT_YOURS: people.NOT_YOURS,
    Why.WRONG_STATE: N_("It is used or taken back already."),
}


def _press(talk: Talk, verb: str, argument: str, more: str) -> None:
    if verb == "take":
        _accept(talk, argument)
    elif verb == "no":
        talk.redraw(Message(talk.t("All right, nothing was changed. You can still open the link later."), card=CARD))
    elif verb == "revoke":
        revoked = invitations.revoke(talk.context, talk.actor, number_of(argument))
        text = talk.t("Taken back: {role}. Nobody can use it any more.").format(role=_named(talk, revoked, talk.t))
        talk.redraw(Message(text, card=CARD))
    elif verb == "as" and more in tuple(PARTNERS) and talk.rules.tree.find(number_of(argument)) is not None:
        _make(talk, Post("steward", number_of(argument), more))
    else:
        talk.toast(talk.t("This button is not known. Please write what you need."))


def opened(talk: Talk, payload: str) -> None:
    """Show whoever opens the link what they are invited to, and ask."""
    try:
        found = invitations.load(talk.context, payload.removeprefix(PREFIX)[:LONGEST_TOKEN])
    except Refused:
        talk.reply(talk.t(UNKNOWN))
        return
    now = invitations.standing(talk.context, found)
    if now is not Standing.OPEN:
        talk.reply(talk.t(ENDED[now]))
    elif posts.find(talk.context, talk.person.person_id, invitations.post_of(found)) is not None:
        talk.reply(talk.t("You are that already: {role}. The invitation stays for somebody else.").format(
            role=_named(talk, found, talk.t)))  # fmt: skip
    else:
        talk.say(_question(talk, found, payload.removeprefix(PREFIX)))


def _question(talk: Talk, invitation: Invitation, token: str) -> Message:
    t = talk.t
    text = t("{name} invites you to be {role}.")
    name = words.name_of(talk, talk.now(invitation.made_by), t)
    lines = [text.format(name=name, role=_named(talk, invitation, t)), t(WORK[invitation.role])]
    lines.append(t("Residents and colleagues will read your name: {name}.").format(name=talk.person.name))
    rows: Rows = (
        (Choice(t("Yes, I take it on"), f"i:take:{token}", "primary"),), (Choice(t("No, thank you"), f"i:no:{token}"),),
    )  # fmt: skip
    return Message("\n".join(lines), title=t("An invitation"), choices=rows, card=CARD)


def _accept(talk: Talk, token: str) -> None:
    """Give the role, once; whoever invited hears of it."""
    found = invitations.load(talk.context, token[:LONGEST_TOKEN])
    now = invitations.standing(talk.context, found)
    if now is not Standing.OPEN:
        talk.redraw(Message(talk.t(ENDED[now]), card=CARD))
        return
    invitations.accept(talk.context, found, talk.actor)
    name = _named(talk, found, talk.t)
    text = talk.t("Thank you! You are now {role}. What you can do: /help").format(role=name)
    talk.redraw(Message(text, card=CARD, choices=((Choice(talk.t("My tasks"), "m:tasks"),),)))
    if talk.now(found.made_by) != talk.person.person_id:
        talk.tell(found.made_by, lambda t: _accepted(talk, found, t))


def _accepted(talk: Talk, invitation: Invitation, t: Translate) -> Message:
    text = t("{name} has accepted your invitation: {role}.")
    text = text.format(name=talk.person.name, role=_named(talk, invitation, t))
    return Message(text, choices=((Choice(t("See the card"), f"s:card:{talk.person.person_id}"),),))


@dataclass(frozen=True, slots=True)
class Made:
    """An invitation with its links, ready to be sent."""

    number: int
    role: str
    partner: str | None
    place: str
    until: Callable[[Translate], str]
    links: Sequence[str]
    token: str

    def say(self, t: Translate, files: tuple[int, ...]) -> Message:
        """Return what goes with the picture."""
        title = f"{role_words.role_name(self.role, self.partner, t)} {self.place}"
        text = t("Send this link or picture to whom you invite. It works once, until {time}.")
        lines = [title, text.format(time=self.until(t)), *self.links]
        lines.append(t("Or they write to me: {words}").format(words=f"/start {PREFIX}{self.token}"))
        rows = ((Choice(t("Take it back"), f"i:revoke:{self.number}", "danger"),),)
        return Message("\n".join(lines), photos=files, choices=rows, card=CARD)


def say_gone(t: Translate, _files: tuple[int, ...]) -> Message:
    """Return that it was taken back before it was made."""
    return Message(t(ENDED[Standing.REVOKED]))


COMMANDS = (
    Command("invite", invite, N_("invite somebody to a role: /invite steward building 3"), ("邀请",), ("邀请",),
            roles=ADMINS),
)  # fmt: skip
