"""What of a group's talk reaches the bot.

Source: https://core.telegram.org/bots/features#privacy-mode: commands, replies to whatever is meant for the bot, and
messages that name it. An administrator hears everything.
"""

from tests.simulators.telegram.chats import Chat
from tests.simulators.telegram.errors import Json
from tests.simulators.telegram.texts import stretch
from tests.simulators.telegram.world import World


def reaches_bot(world: World, chat: Chat, message: Json) -> bool:
    """Tell whether the bot gets to see a message of a person."""
    if chat.private:
        return True
    if chat.bot in ("left", "kicked"):
        return False
    if chat.bot == "administrator" or not world.privacy:
        return True
    answered = message.get("reply_to_message", {})
    return _meant(world.bot, message) or answered.get("from") == world.bot or _meant(world.bot, answered)


def _meant(bot: Json, message: Json) -> bool:
    """Tell whether a message is a command for the bot or names it."""
    text = message.get("text") or message.get("caption") or ""
    name = f"@{bot['username']}".lower()
    if text.startswith("/"):
        first = text.split(maxsplit=1)[0].lower()
        return "@" not in first or first.endswith(name)
    entities = message.get("entities") or message.get("caption_entities") or []
    return any(
        entity.get("user", {}).get("id") == bot["id"]
        or (entity["type"] == "mention" and stretch(text, entity).lower() == name)
        for entity in entities
    )
