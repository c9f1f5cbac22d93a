"""How a warning looks: to everybody, to who makes it, to the second admin, and what became of it."""

from collections.abc import Sequence

from cases.broadcast_figures import Figures
from cases.broadcasts import BEGUN, Stage
from handlers import words
from handlers.clean import cut
from handlers.desk import Desk
from handlers.message import Choice, Message, Rows, Style
from handlers.texts import N_, Translate
from storage.admin_models import Broadcast

SHOWN_WORDS = 60  # characters by which a warning is known again
SHOWN_REASONS = 5
SECONDS_A_MINUTE = 60

ANSWERS: dict[str, tuple[str, Style]] = {"safe": (N_("I am safe"), "primary"), "help": (N_("I need help"), "danger")}
STAGES = {
    Stage.DRAFT: N_("Not sent yet"),
    Stage.SECOND: N_("Waits for a second admin"),
    Stage.SENDING: N_("Being sent"),
    Stage.STOPPING: N_("Being stopped"),
    Stage.STOPPED: N_("Stopped"),
    Stage.DONE: N_("Sent"),
    Stage.CANCELLED: N_("Cancelled, nothing was sent"),
    Stage.REFUSED: N_("The second admin did not agree, nothing was sent"),
}
REASONS = (  # words of the platforms and our own, what they come to
    ("no channel", N_("no chat account with us")),
    ("blocked", N_("they have blocked the bot")),
    ("deactivated", N_("the account is gone")),
    ("not found", N_("the account is gone")),
    ("peer_id", N_("the account is gone")),
    ("no longer true", N_("could not be sent in time")),
    ("given up", N_("could not be sent in time")),
)


def card_key(warning: Broadcast) -> str:
    """Return the key of the card that shows a warning to who makes it."""
    return f"warn:{warning.id}"


def as_read(desk: Desk, warning: Broadcast, t: Translate) -> Message:
    """Return the warning as everybody reads it."""
    rows = tuple((Choice(t(ANSWERS[name][0]), f"b:{name}:{warning.id}", ANSWERS[name][1]),) for name in warning.buttons)
    text = warning.words + (f"\n\n{t('Please tap how you are:')}" if rows else "")
    photos = (warning.attachment_id,) if warning.attachment_id is not None else ()
    title = t("⚠ Warning from {desk}").format(desk=desk.rules.settings.desk.name)
    return Message(text, title=title, choices=rows, photos=photos)


def draft(desk: Desk, warning: Broadcast, people: int, t: Translate) -> Message:
    """Return what is asked under the preview: to whom, how long it takes, and what can be changed."""
    number, limit = warning.id, desk.rules.settings.broadcast.second_admin_above
    lines = [_to_whom(desk, warning, people, t)]
    if people > limit:
        lines.append(t("For more than {count} people a second admin has to agree.").format(count=limit))
    toggles = tuple(
        Choice(f"{'☑' if name in warning.buttons else '☐'} {t(label)}", f"b:ask{name}:{number}")
        for name, (label, _style) in ANSWERS.items()
    )
    change = [Choice(t("Change words or photo"), f"b:words:{number}"), Choice(t("Change place"), f"b:place:{number}")]
    without = ((Choice(t("Without the photo"), f"b:plain:{number}"),),) if warning.attachment_id is not None else ()
    rows: Rows = (
        (Choice(t("Send to everybody"), f"b:send:{number}", "primary"),), tuple(change), toggles, *without,
        (Choice(t("Cancel"), f"b:cancel:{number}"),),
    )  # fmt: skip
    title = t("Above you see what everybody reads. Send it?")
    return Message("\n".join(lines), title=title, choices=rows, card=card_key(warning))


def second(desk: Desk, warning: Broadcast, t: Translate) -> Message:
    """Return what a second admin is asked under the preview."""
    name = words.name_of(desk, warning.made_by, t)
    title = t("{name} wants to send this to everybody. Do you agree?").format(name=name)
    rows = (
        (Choice(t("Agree, send it"), f"b:agree:{warning.id}", "primary"),),
        (Choice(t("Do not send"), f"b:refuse:{warning.id}", "danger"),),
    )
    return Message(_to_whom(desk, warning, warning.total, t), title=title, choices=rows, card=card_key(warning))


def _to_whom(desk: Desk, warning: Broadcast, people: int, t: Translate) -> str:
    place = desk.rules.tree.label(warning.place_id)
    text = t("To everybody who lives in {place} or has a role there: {count} people.")
    return f"{text.format(place=place, count=people)} {_takes(desk, people, t)}"


def _takes(desk: Desk, people: int, t: Translate) -> str:
    """Return how long it takes at the pace of the slowest platform."""
    paces = [planner.per_second for planner in desk.planners.values() if planner.per_second]
    minutes = -(-people // int(min(paces) * SECONDS_A_MINUTE)) if paces else 0
    if minutes <= 1:
        return t("It takes less than a minute.")
    return t("It takes about {minutes} minutes.").format(minutes=minutes)


def stands(desk: Desk, warning: Broadcast, found: Figures | None, reasons: str, t: Translate) -> Message:
    """Return how a warning stands; with its figures once its sending has begun."""
    shown, shortened = cut(warning.words, SHOWN_WORDS)
    lines = [f"“{shown}{'…' if shortened else ''}”"]
    rows: Rows = ()
    if found is not None and warning.state in BEGUN:
        lines += _figures(warning, found, t)
        lines += [reasons] if reasons else []
        rows = _buttons(warning, found, t)
    elif warning.state == Stage.SECOND:
        rows = ((Choice(t("Cancel"), f"b:cancel:{warning.id}"),),)
    title = f"{t(STAGES[Stage(warning.state)])} · {desk.rules.tree.label(warning.place_id)}"
    return Message("\n".join(lines), title=title, choices=rows, card=card_key(warning))


def _figures(warning: Broadcast, found: Figures, t: Translate) -> list[str]:
    lines = [t("Have it: {count} people").format(count=found.reached)]
    if missed := _missed(warning, found):
        lines.append(t("Not reached: {count}").format(count=missed))
    if warning.state in (Stage.SENDING, Stage.STOPPING):
        lines.append(t("To go: {count}").format(count=found.to_go))
    elif not_sent := found.total - found.reached - found.not_reached if warning.state == Stage.STOPPED else 0:
        lines.append(t("Not sent any more: {count}").format(count=max(0, not_sent)))
    if warning.buttons:
        text = t("Safe: {safe} · need help: {help} · no answer: {silent}")
        lines.append(text.format(safe=found.safe, help=found.help, silent=found.silent))
    return lines


def _missed(warning: Broadcast, found: Figures) -> int:
    """Return how many are not reached; nobody stopped what was dropped of a warning that was not stopped."""
    return found.not_reached + (found.dropped if warning.state in (Stage.SENDING, Stage.DONE) else 0)


def _buttons(warning: Broadcast, found: Figures, t: Translate) -> Rows:
    who = ((Choice(t("Who was not reached"), f"b:missed:{warning.id}"),),) if _missed(warning, found) else ()
    if warning.state == Stage.SENDING:
        return ((Choice(t("Stop sending"), f"b:stop:{warning.id}", "danger"),), *who)
    return (*who, (Choice(t("Figures of now"), f"b:show:{warning.id}"),))


def why_not(reasons: Sequence[tuple[str, int]], t: Translate) -> str:
    """Return why people were not reached, grouped in words that everybody understands."""
    grouped: dict[str, int] = {}
    for reason, count in reasons:
        told = in_words(reason)
        grouped[told] = grouped.get(told, 0) + count
    most = sorted(grouped.items(), key=lambda one: -one[1])[:SHOWN_REASONS]
    lines = [t("· {count}: {reason}").format(count=count, reason=t(told)) for told, count in most]
    return "\n".join([t("Why not reached:"), *lines]) if lines else ""


def in_words(reason: str) -> str:
    """Return a platform's reason in words that everybody understands, to be translated."""
    return next((text for sign, text in REASONS if sign in reason), N_("the platform did not take it"))
