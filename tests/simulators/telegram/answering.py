"""ForceReply, as people see it: the answer field opens by itself, for all or for those who are meant."""

from tests.simulators.telegram.chats import AnswerField, Chat
from tests.simulators.telegram.errors import Json
from tests.simulators.telegram.texts import stretch
from tests.simulators.telegram.world import World


def open_field(world: World, chat: Chat, body: Json, markup: Json, *, replies: bool) -> None:
    """Open the answer field for whoever the message is for; `replies`: it was to be a reply.

    Telegram takes a selective message that is for nobody, and shows the field to nobody.
    """
    field = AnswerField(body["message_id"], markup.get("input_field_placeholder", ""))
    if chat.private or not markup.get("selective"):
        asked = {chat.id} if chat.private else set(chat.members)
    else:
        asked = _meant(world, body)
        if not asked and ("reply_to_message" in body or not replies):
            world.complain("a selective force_reply must answer or mention somebody")
    chat.asked.update(dict.fromkeys((user for user in asked if chat.has(user)), field))


def _meant(world: World, body: Json) -> set[int]:
    """Return who is answered or mentioned, after https://core.telegram.org/bots/api#forcereply."""
    entities = body.get("entities") or body.get("caption_entities") or []
    text = body.get("text") or body.get("caption") or ""
    names = {stretch(text, entity).lower() for entity in entities if entity["type"] == "mention"}
    named = {user["id"] for user in world.users.values() if f"@{user.get('username', '')}".lower() in names}
    answered = body.get("reply_to_message", {}).get("from", world.bot)
    return (named | {answered["id"]}) - {world.bot["id"]}
