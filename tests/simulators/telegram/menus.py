"""The bot's command menus and menu buttons."""

import json
import re

from tests.simulators.telegram.chats import Chat
from tests.simulators.telegram.errors import Json, Plain, breach
from tests.simulators.telegram.schema import Args
from tests.simulators.telegram.world import World

COMMANDS = 100  # setMyCommands: "At most 100 commands can be specified"
DESCRIPTION = 256  # BotCommand: "description: 1-256 characters"

_NAME = re.compile(r"[a-z0-9_]{1,32}")  # BotCommand: "1-32 characters, lowercase English letters, digits, underscores"


def set_commands(world: World, args: Args) -> bool:
    """Carry out setMyCommands."""
    commands = args["commands"]
    if len(commands) > COMMANDS:
        raise breach("BOT_COMMANDS_TOO_MUCH", f"{len(commands)} commands, {COMMANDS} are allowed")
    for command in commands:
        _check(command)
    world.commands[_place(world, args)] = commands
    return True


def delete_commands(world: World, args: Args) -> bool:
    """Carry out deleteMyCommands."""
    world.commands.pop(_place(world, args), None)
    return True


def set_menu_button(world: World, args: Args) -> bool:
    """Carry out setChatMenuButton; chat 0 stands for the default."""
    chat_id = args.get("chat_id", 0)
    if chat_id and not world.chat(chat_id).private:
        raise breach("menu button can be set in private chats only")
    world.menu_buttons[chat_id] = args.get("menu_button", {"type": "default"})
    return True


def menu(world: World, chat: Chat, user: Json) -> list[Json]:
    """Return the commands a person sees in a chat, after https://core.telegram.org/bots/api#botcommandscope."""
    language = user.get("language_code", "").partition("-")[0]
    for scope in _scopes(chat, user["id"]):
        for wanted in (language, ""):
            found = world.commands.get((scope, wanted))
            if found:
                return found
    return []


def _scopes(chat: Chat, user_id: int) -> list[str]:
    """Return the scopes that apply, the narrowest first."""
    own = [_key({"type": "chat", "chat_id": chat.id})]
    if chat.private:
        return [*own, _key({"type": "all_private_chats"}), _key({"type": "default"})]
    administrator = chat.members.get(user_id) in ("creator", "administrator")
    narrow = [_key({"type": "chat_member", "chat_id": chat.id, "user_id": user_id})]
    wide = [_key({"type": "all_group_chats"}), _key({"type": "default"})]
    if not administrator:
        return [*narrow, *own, *wide]
    theirs = _key({"type": "chat_administrators", "chat_id": chat.id})
    return [*narrow, theirs, *own, _key({"type": "all_chat_administrators"}), *wide]


def _check(command: Json) -> None:
    if not _NAME.fullmatch(command["command"]):
        raise breach("BOT_COMMAND_INVALID", f"no command can be named {command['command']!r}")
    if not 1 <= len(command["description"]) <= DESCRIPTION:
        raise breach("BOT_COMMAND_DESCRIPTION_INVALID", f"/{command['command']}: the description's length")


def _place(world: World, args: Args) -> tuple[str, str]:
    scope: Plain = args.get("scope", {"type": "default"})
    language = args.get("language_code", "")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise breach("invalid language code specified", f"no two-letter ISO 639-1 code: {language!r}")
    if "chat_id" in scope:
        scope = {**scope, "chat_id": world.chat(scope["chat_id"]).id}
    return _key(scope), language


def _key(scope: Json) -> str:
    return json.dumps(scope, sort_keys=True)
