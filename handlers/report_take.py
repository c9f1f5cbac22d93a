"""What one message adds to a report in the making: words, files, a location."""

from cases.wishes import sounds_like_wish
from handlers import draft, files
from handlers.clean import MAX_WORDS, clean, cut
from handlers.draft import Telling
from handlers.files import FILES_PER_STEP
from handlers.message import Message
from handlers.talk import Talk

FULL_MESSAGE = 4000  # characters; Telegram's app cuts longer words into messages of 4096


def take(talk: Talk, telling: Telling, argument_words: str | None = None) -> None:
    """Take everything a message holds: words, files, a location."""
    inbound, t = talk.inbound, talk.t
    take_files(talk, telling)
    if inbound.location is not None and telling.place_id is None:
        _take_location(talk, telling, inbound.location)
    said = clean(inbound.text if argument_words is None else argument_words)
    telling.goes_on = len(inbound.text) >= FULL_MESSAGE
    if said:
        meant = talk.rules.understander.read(said, talk.person.home_id)
        step = talk.standing.step if talk.standing is not None else ""
        if step == "place" and meant.place_id is not None:
            telling.place_id = None  # asked for the place: what was known of it no longer counts
        if step in ("place", "card") and meant.place_only:
            telling.place_id = None  # "3栋": a correction of the place, not more words
            draft.take_place(telling, meant)
        else:
            telling.wish = telling.wish or (not telling.words and sounds_like_wish(talk.rules, said, meant))
            draft.take_words(talk, telling, said)
    telling.words, shortened = cut(telling.words, MAX_WORDS)
    if shortened:
        talk.say(Message(t("That is a long text: the first {count} characters are kept.").format(count=MAX_WORDS)))
    if telling.place_id is None and not telling.unknown_place and telling.group_place is not None:
        telling.place_id = telling.group_place
    if telling.place_id is None and not telling.unknown_place and talk.person.home_id is not None:
        telling.place_id = talk.person.home_id
        telling.place_detail = "" if talk.in_group else talk.person.home_detail  # nobody's door number before everybody


def take_files(talk: Talk, telling: Telling) -> None:
    """Add the files of a message, as many as a case keeps."""
    found = files.take_files(talk)
    if found and talk.inbound.album is not None:
        telling.album = talk.inbound.album
    telling.files += found
    if len(telling.files) > FILES_PER_STEP:
        telling.files = telling.files[:FILES_PER_STEP]
        talk.reply(talk.t("{count} photos and files are enough; the rest is not kept.").format(count=FILES_PER_STEP))


def _take_location(talk: Talk, telling: Telling, at: tuple[float, float]) -> None:
    near = talk.rules.tree.nearest(*at)
    if near is not None:
        telling.located = True
        telling.place_id, telling.place_detail = near.id, f" ({at[0]:.5f}, {at[1]:.5f})"


def same_album(talk: Talk, telling: Telling) -> bool:
    """Tell whether the message is one more photo of the draft's album."""
    return talk.inbound.album is not None and talk.inbound.album == telling.album


def sounds_like_another(talk: Talk, telling: Telling) -> bool:
    """Tell whether a message is a report of its own: another kind of trouble, or the same elsewhere."""
    meant = talk.rules.understander.read(clean(talk.inbound.text), talk.person.home_id)
    if (
        telling.wish
        or meant.category is None
        or meant.category_only
        or (telling.category is None and telling.place_id is None)
    ):
        return False
    known = telling.place_id is not None  # asked for the place, somebody may say the trouble once more with it
    elsewhere = known and meant.place_id is not None and meant.place_id != telling.place_id
    return elsewhere or meant.category != telling.category
