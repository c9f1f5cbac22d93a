"""Chats and their members, as the Bot API describes them, and the methods that ask for them."""

from tests.simulators.telegram.chats import BotStatus, Chat
from tests.simulators.telegram.errors import Json, bad
from tests.simulators.telegram.schema import Args
from tests.simulators.telegram.world import World

_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members",
    "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip
_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def member(user: Json, status: str) -> Json:
    """Return a ChatMember object."""
    found: Json = {"status": status, "user": user}
    if status == "creator":
        found["is_anonymous"] = False
    elif status == "administrator":
        found.update(dict.fromkeys(_RIGHTS, True), can_be_edited=False, is_anonymous=False)
    elif status == "kicked":
        found["until_date"] = 0
    return found


def bot_moved(world: World, chat: Chat, by: Json, old: str, new: str) -> None:
    """Tell the bot that its own standing in a chat changed."""
    body = {
        "chat": chat.info, "from": by, "date": world.now(),
        "old_chat_member": member(world.bot, old), "new_chat_member": member(world.bot, new),
    }  # fmt: skip
    world.queue.add("my_chat_member", body)


def set_bot_status(world: World, chat: Chat, by: Json, status: BotStatus) -> None:
    """Change the bot's standing in a group and tell it."""
    old, chat.bot = chat.bot, status
    bot_moved(world, chat, by, old, status)


def get_chat(world: World, args: Args) -> Json:
    """Carry out getChat."""
    chat = world.chat(args["chat_id"])
    if chat.migrated_to is None and chat.bot in ("kicked", "left"):
        chat.check_writable()
    gifts = {"accepted_gift_types": dict.fromkeys(_GIFTS, False)}
    permissions = {} if chat.private else {"permissions": {"can_send_messages": True}}
    return {**chat.info, "accent_color_id": chat.id % 7, "max_reaction_count": 11, **gifts, **permissions}


def get_member(world: World, args: Args) -> Json:
    """Carry out getChatMember."""
    chat, user_id = world.chat(args["chat_id"]), args["user_id"]
    if not chat.private:
        chat.check_writable()
    if user_id == world.bot["id"]:
        return member(world.bot, chat.bot)
    user = world.users.get(user_id)
    if user is None:
        raise bad("invalid user_id specified")
    return member(user, "member" if chat.private else chat.members.get(user_id, "left"))


def leave_chat(world: World, args: Args) -> bool:
    """Carry out leaveChat."""
    chat = world.chat(args["chat_id"])
    if chat.private:
        raise bad("chat member status can't be changed in private chats")
    chat.check_writable()
    set_bot_status(world, chat, world.bot, "left")
    return True
