"""The methods that send."""

from tests.simulators.telegram import texts
from tests.simulators.telegram.answering import open_field
from tests.simulators.telegram.chats import Chat
from tests.simulators.telegram.errors import Json, Plain, breach
from tests.simulators.telegram.files import media_fields
from tests.simulators.telegram.keyboards import check_markup, is_inline
from tests.simulators.telegram.methods import CHAT_ACTIONS
from tests.simulators.telegram.schema import Args
from tests.simulators.telegram.world import World, check_range

ALBUM = (2, 10)  # sendMediaGroup: "must include 2-10 items"


def send_message(world: World, args: Args) -> Json:
    """Carry out sendMessage."""
    text = texts.message_text(args, world.complain)
    return _send(world, args, text.fields("text", "entities"))


def send_file(world: World, args: Args) -> Json:
    """Carry out sendPhoto, sendVoice, sendDocument and sendVideo."""
    kind = args.method.removeprefix("send").lower()
    words = texts.caption(args, world.complain).fields("caption", "caption_entities")
    for name in ("duration", "width", "height"):
        check_range(name, args.get(name), 0, 100_000)
    file = world.files.given(args, args[kind], kind, world.limits)
    return _send(world, args, {**media_fields(world.files, file, args.values), **words})


def send_location(world: World, args: Args) -> Json:
    """Carry out sendLocation."""
    check_range("latitude", args["latitude"], -90, 90)
    check_range("longitude", args["longitude"], -180, 180)
    check_range("horizontal_accuracy", args.get("horizontal_accuracy"), 0, 1500)
    return _send(world, args, {"location": {"latitude": args["latitude"], "longitude": args["longitude"]}})


def send_media_group(world: World, args: Args) -> list[Json]:
    """Carry out sendMediaGroup."""
    items = args["media"]
    _check_album(items)
    contents = [_item(world, args, item) for item in items]
    chat = world.writable(args["chat_id"])
    group = {"media_group_id": str(13_000_000_000_000_000 + world.files.count)}
    replied = world.replied(chat, args.get("reply_parameters"))
    return [world.say(chat, {**content, **group, **replied}) for content in contents]


def send_chat_action(world: World, args: Args) -> bool:
    """Carry out sendChatAction."""
    if args["action"] not in CHAT_ACTIONS:
        raise breach("wrong parameter action in request", f"no chat action {args['action']!r}")
    world.chat(args["chat_id"]).check_writable()
    return True


def item_content(world: World, args: Args, item: Json, *, edit: bool = False) -> Json:
    """Return an InputMedia as fields of a Message."""
    words = texts.caption(item, world.complain, edit=edit).fields("caption", "caption_entities")
    file = world.files.given(args, item["media"], item["type"], world.limits)
    return {**media_fields(world.files, file, item), **words}


def _item(world: World, args: Args, item: Json) -> Json:
    return item_content(world, args, item)


def _check_album(items: list[Json]) -> None:
    low, high = ALBUM
    if not low <= len(items) <= high:
        words = "there are no messages to send" if not items else "wrong number of media in the album"
        raise breach(words, f"an album has {low} to {high} items, not {len(items)}")
    kinds = {item["type"] for item in items}
    if "document" in kinds and len(kinds) > 1:
        words = "can't use the media of the specified type in the album"
        raise breach(words, "documents can't be mixed with photos and videos")


def _send(world: World, args: Args, content: Json) -> Json:
    """Send one message with all that may hang on it."""
    markup = args.get("reply_markup")
    known = world.chat(args["chat_id"])
    check_markup(markup, private=known.private)
    chat = world.writable(args["chat_id"])
    replied = world.replied(chat, args.get("reply_parameters"))
    inline: Plain = {"reply_markup": markup} if markup and markup.get("inline_keyboard") else {}
    body = world.say(chat, {**content, **replied, **inline}, editable=is_inline(markup))
    if markup is not None and "force_reply" in markup:
        open_field(world, chat, body, markup, replies="reply_parameters" in args.values)
    _show_keyboard(chat, markup)
    return body


def _show_keyboard(chat: Chat, markup: Json | None) -> None:
    """A reply keyboard stays until it is replaced or removed; an answer field makes room for it."""
    if markup is not None and {"keyboard", "remove_keyboard"} & markup.keys():
        chat.asked.clear()
    if markup is not None and "keyboard" in markup:
        chat.keyboard = markup
    elif markup is not None and "remove_keyboard" in markup:
        chat.keyboard = None
