"""隐私: what is kept about somebody in plain words, all of it as a file, being forgotten. For everybody, in private."""

from datetime import timedelta

from sqlalchemy import select

from cases import audit, erasing
from cases.duration import Duration
from cases.erasing import Standing
from cases.states import OPEN, State
from handlers import groups, words
from handlers.clean import clean
from handlers.commission import commission
from handlers.mask import hide_names, mask
from handlers.message import Address, Choice, Message
from handlers.pages import number_of
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.message_models import CardMessage, Commission
from storage.models import Case

KIND = "mydata"
CARD = "forget"
PAUSE = timedelta(minutes=10)  # between two files for the same person
QUESTION_LASTS = timedelta(hours=1)  # then what goes and what stays is told anew
LISTED = 5  # cases named in a sentence
LOOKED_AT = 50  # of somebody's commissions
CARDS = 50  # in groups, the newest, that are changed at once

TOLD = N_("What is kept of what you write, and who sees it: /privacy")


def introduce(talk: Talk) -> None:
    """Have somebody told once, below the first answer in private, that something is kept; note that they went on.

    In an emergency nothing stands beside what matters.
    """
    if talk.in_group or talk.inbound.reach is not None:
        return
    if talk.person.told_at is None:
        meant = talk.rules.understander.read(clean(talk.inbound.text), talk.person.home_id)
        talk.aside = "" if meant.emergency else talk.t(TOLD)
    elif talk.person.consent_at is None:
        talk.set_person(consent_at=talk.context.now)


def privacy(talk: Talk, _argument: str) -> None:
    """Say what is kept, who sees it, how long, and how to see or remove it."""
    t, kept = talk.t, talk.rules.settings.privacy
    lines = [
        t("Kept: what you write and send here, your cases, the name your app shows, your building, and your telephone "
          "number if you gave it."),
        t("Who sees it: who looks after your case, and who leads there. An admin whose warning does not reach you sees "
          "your name, home and number, to look after you. Neighbours see neither your name nor your number. Whoever "
          "looks up your number is written down."),
        t("How long: {cases} after a case is over, its words and your name are removed from it, photos after {files}, "
          "messages after {messages}.").format(
            cases=_long(kept.closed_cases_after, t), files=_long(kept.attachments_after, t),
            messages=_long(kept.messages_after, t)),
        t("To see all of it: /mydata. To have it removed: /forgetme"),
    ]  # fmt: skip
    rows = ((Choice(t("See what is kept"), "m:mydata"), Choice(t("Remove what is kept"), "m:forgetme")),)
    talk.aside = ""
    talk.set_person(told_at=talk.person.told_at or talk.context.now)
    talk.say(Message("\n\n".join(lines), title=t("Your privacy"), choices=rows))


def _long(duration: Duration, t: Translate) -> str:
    return t("{count} days").format(count=max(1, duration.delta.days))


def my_data(talk: Talk, _argument: str) -> None:
    """Have a file made of all that is kept about who asks; for nobody else."""
    mine = select(Commission.kind, Commission.created_at).where(Commission.person_id == talk.person.person_id)
    newest = talk.session.execute(mine.order_by(Commission.id.desc()).limit(LOOKED_AT)).all()
    last = next((row.created_at for row in newest if row.kind == KIND), None)
    if last is not None and talk.context.now - last < PAUSE:
        text = talk.t("You asked for it a moment ago. It can be made again in {count} minutes.")
        wait = PAUSE - (talk.context.now - last)
        talk.reply(text.format(count=max(1, -(-wait // timedelta(minutes=1)))))
        return
    audit.record(talk.context, talk.actor, "mydata", person_id=talk.person.person_id)
    commission(talk, KIND, {}, talk.t("All that is kept about you is being written down. It comes here as a file."))


def forget_me(talk: Talk, _argument: str) -> None:
    """Say what goes and what stays, and ask."""
    found = erasing.standing(talk.context, talk.person.person_id)
    if found.hinders:
        talk.reply(_hindered(found, talk.t))
        return
    talk.say(_question(talk, found))


def press(talk: Talk, verb: str, stamp: str = "") -> None:
    """Take the answer: the second press removes who they are."""
    if verb != "forget":
        talk.redraw(Message(talk.t("All right, nothing is removed."), card=CARD))
        return
    found = erasing.standing(talk.context, talk.person.person_id)
    if found.hinders:
        talk.redraw(Message(_hindered(found, talk.t), card=CARD))
    elif abs(talk.context.now.timestamp() - number_of(stamp)) > QUESTION_LASTS.total_seconds():
        talk.redraw(_question(talk, found))
    else:
        _forget(talk)


def _forget(talk: Talk) -> None:
    """Forget them; the last words still go to where they are, and what waited for them does not."""
    t = talk.t
    text = t("Done: your name, number and home are removed, the rest follows within a day. Whenever you write again, "
             "you are somebody new.")  # fmt: skip
    erasing.forget(talk.context, talk.actor, lambda said, name: hide_names(mask(said), name))
    talk.standing = None
    _empty_cards(talk)
    talk.redraw(Message(text, card=CARD))


def _empty_cards(talk: Talk) -> None:
    """Take their words off the cards in groups; what is open stands there without name and numbers."""
    told = (Case.reporter_id == talk.person.person_id, Case.group_chat.is_not(None))
    for case in talk.session.scalars(select(Case).where(*told).order_by(Case.id.desc()).limit(CARDS)):
        key = f"draft:{case.draft}"
        if talk.session.get(CardMessage, (case.group_channel, case.group_chat, key)) is None:
            continue
        if State(case.state) in OPEN:
            groups.show(talk, case)
        elif case.group_channel is not None and case.group_chat is not None and case.group_channel in talk.planners:
            t = talk.translator_for(None)
            text = f"{talk.rules.tree.label(case.place_id)}\n{t('What was said here is no longer kept.')}"
            title = f"{words.headline(talk.rules, case, t)} · {words.state(case, t)}"
            card = Message(text, title=title, card=key)
            talk.post(Address(case.group_channel, case.group_chat), card, case_id=case.id, in_place=True)


def _question(talk: Talk, found: Standing) -> Message:
    t = talk.t
    lines = [
        t("Goes: your name, number, home and language, what you wrote and sent, your photos, your ratings' words."),
        t("Stays, and leads to nobody: of your cases the place, the kind, the times and the marks, for the figures. "
          "What is already in other people's chats cannot be called back."),
    ]  # fmt: skip
    if found.open_cases:
        numbers = t(", ").join(f"#{number}" for number in found.open_cases[:LISTED])
        more = len(found.open_cases) - LISTED
        numbers += t(" and {count} more").format(count=more) if more > 0 else ""
        lines.append(
            t("Still open: {numbers}. They go on without your name, so that no danger is left; nobody can ask you "
              "anything or tell you how they end. If you do not want that, withdraw them first: /mycases")
            .format(numbers=numbers)
        )  # fmt: skip
    stamp = int(talk.context.now.timestamp())
    rows = ((Choice(t("Forget me"), f"y:forget:{stamp}", "danger"), Choice(t("No, keep everything"), "y:keep")),)
    return Message("\n\n".join(lines), title=t("Remove all that is kept about you?"), choices=rows, card=CARD)


def _hindered(found: Standing, t: Translate) -> str:
    if found.in_hand:
        numbers = t(", ").join(f"#{number}" for number in found.in_hand[:LISTED])
        return t("You have cases in hand: {numbers}. Hand them on first, then have your role taken away by an admin; "
                 "then /forgetme.").format(numbers=numbers)  # fmt: skip
    return t("You have a role here. Have it taken away by an admin first; then /forgetme.")
