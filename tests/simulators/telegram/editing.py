"""The methods that change or take away what was sent."""

from tests.simulators.telegram import texts
from tests.simulators.telegram.chats import Chat, Stored
from tests.simulators.telegram.errors import Json, bad, breach
from tests.simulators.telegram.files import FOLDERS
from tests.simulators.telegram.keyboards import check_markup
from tests.simulators.telegram.schema import Args
from tests.simulators.telegram.sending import item_content
from tests.simulators.telegram.world import World

DELETABLE_SECONDS = 48 * 3600  # deleteMessage: "only if it was sent less than 48 hours ago"

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def edit_text(world: World, args: Args) -> Json:
    """Carry out editMessageText."""
    text = texts.message_text(args, world.complain)
    chat, stored = _editable(world, args)
    if "text" not in stored.body:
        raise bad("there is no text in the message to edit")
    return _edit(world, chat, stored, {**text.fields("text", "entities"), **_markup(args)})


def edit_caption(world: World, args: Args) -> Json:
    """Carry out editMessageCaption."""
    words = texts.caption(args, world.complain, edit=True)
    chat, stored = _editable(world, args)
    media = _media(stored)
    if not media:
        raise bad("there is no caption in the message to edit")
    return _edit(world, chat, stored, {**media, **words.fields("caption", "caption_entities"), **_markup(args)})


def edit_media(world: World, args: Args) -> Json:
    """Carry out editMessageMedia."""
    content = item_content(world, args, args["media"], edit=True)
    chat, stored = _editable(world, args)
    return _edit(world, chat, stored, {**content, **_markup(args)})


def edit_markup(world: World, args: Args) -> Json:
    """Carry out editMessageReplyMarkup."""
    chat, stored = _editable(world, args)
    names = ("text", "entities", "caption", "caption_entities", "location")
    content = {name: stored.body[name] for name in names if name in stored.body}
    return _edit(world, chat, stored, {**_media(stored), **content, **_markup(args)})


def delete(world: World, args: Args) -> bool:
    """Carry out deleteMessage."""
    chat = world.chat(args["chat_id"])
    chat.check_writable()
    stored = chat.living(args["message_id"])
    if stored is None:
        raise bad("message to delete not found")
    if not stored.by_bot and not chat.private and chat.bot != "administrator":
        raise bad("message can't be deleted")
    if world.clock() - stored.at >= DELETABLE_SECONDS:
        raise bad("message can't be deleted for everyone")
    stored.deleted = True
    chat.changed.fire()
    return True


def _editable(world: World, args: Args) -> tuple[Chat, Stored]:
    if args.get("chat_id") is None or args.get("message_id") is None:
        raise breach("message identifier is not specified", "chat_id and message_id are needed")
    check_markup(args.get("reply_markup"), private=world.chat(args["chat_id"]).private)
    chat = world.writable(args["chat_id"])
    stored = chat.living(args["message_id"])
    if stored is None:
        raise bad("message to edit not found")
    if not stored.by_bot or not stored.editable:
        raise bad("message can't be edited")
    return chat, stored


def _edit(world: World, chat: Chat, stored: Stored, content: Json) -> Json:
    """Apply an edit; one that changes nothing is refused."""
    old = {name: value for name, value in stored.body.items() if name in _SEEN}
    if old == content:
        raise bad(NOT_MODIFIED)
    return world.change(chat, stored, content)


def _media(stored: Stored) -> Json:
    return {name: stored.body[name] for name in FOLDERS if name in stored.body}


def _markup(args: Args) -> Json:
    """Return the new keyboard; an edit without one takes the old one away."""
    markup = args.get("reply_markup")
    return {"reply_markup": markup} if markup and markup["inline_keyboard"] else {}


_SEEN = {"text", "entities", "caption", "caption_entities", "reply_markup", "location", *FOLDERS}
