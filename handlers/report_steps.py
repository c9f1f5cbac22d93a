"""The way of a report through what is missing to its filing."""

from cases import filing
from handlers import draft, me_too, pick, wishing
from handlers.announce import announce
from handlers.clean import has_words
from handlers.draft import Telling
from handlers.message import Message
from handlers.talk import Talk

KIND = "report"
SENTINEL = "sentinel"  # the partner type of couriers and riders


def advance(talk: Talk, telling: Telling) -> None:
    """Ask for what is missing, or show the card."""
    t = talk.t
    if telling.located and telling.files and not has_words(telling.words) and _is_sentinel(talk):
        telling.words = t("A photo from the grid sentinel {name}").format(name=talk.person.name)
    if not has_words(telling.words):
        keep(talk, telling, "words")
        got = draft.alarm(talk, telling) + (t("Got it. ") if telling.files or telling.place_id else "")
        talk.question(got + t("Please add a few words: what is the matter?"))
    elif telling.place_id is None:
        keep(talk, telling, "place")
        pick.ask_place(talk, telling)
    elif led_to_private(talk, telling):
        return
    elif not _files_itself(talk, telling) and not me_too.offers(talk, telling):
        keep(talk, telling, "card")
        talk.say(draft.show(talk, telling))


def led_to_private(talk: Talk, telling: Telling) -> bool:
    """Break off in a group what is private; where its card stands there, that says so instead of what was told."""
    if not talk.in_group or not _is_private(talk, telling):
        return False
    standing = talk.standing
    here = standing is not None and standing.step == "card" and standing.data.get("id") == telling.id
    talk.end()
    text = talk.t("That is better said in private: tap my name and write to me there.")
    if here or talk.inbound.press is not None:
        talk.redraw(Message(text, card=draft.card_key(telling.id)))
    else:
        talk.reply(text)
    return True


def _is_sentinel(talk: Talk) -> bool:
    return any(role.partner == SENTINEL for role in talk.actor.roles)


def _is_private(talk: Talk, telling: Telling) -> bool:
    kind = talk.rules.settings.category(telling.category or talk.rules.settings.fallback)
    return kind.private or (telling.wish and telling.visibility == "coordinator")


def _files_itself(talk: Talk, telling: Telling) -> bool:
    """File what a grid sentinel has sent with a photo and a location: nothing more is asked."""
    if not (telling.located and telling.files and _is_sentinel(talk)):
        return False
    keep(talk, telling, "card")
    submit(talk, telling, "")
    return True


def submit(talk: Talk, telling: Telling, _argument: str) -> None:
    """File the report, once all that it needs is there."""
    if telling.place_id is None or not has_words(telling.words):
        advance(talk, telling)
        return
    if led_to_private(talk, telling):
        return
    if wishing.lacks_consent(telling):
        wishing.ask_consent(talk, telling)
        return
    group = (talk.inbound.channel, talk.inbound.chat) if talk.in_group else None
    made = telling.draft(telling.place_id, talk.rules.settings.fallback, group)
    here = (talk.inbound.channel, talk.inbound.chat)
    _case, steps = filing.file(talk.context, made, talk.actor, *here, telling.wished())
    talk.end()
    announce(talk, steps)


def keep(talk: Talk, telling: Telling, step: str) -> None:
    """Keep the report in the dialogue, at a step."""
    talk.begin(KIND, step, telling.data())
