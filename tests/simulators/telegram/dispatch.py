"""Which function carries out which method."""

from collections.abc import Callable
from typing import TypeAlias

from tests.simulators.telegram import editing, intake, members, menus, sending
from tests.simulators.telegram.errors import Plain
from tests.simulators.telegram.schema import Args
from tests.simulators.telegram.world import World

Handler: TypeAlias = Callable[[World, Args], Plain]
"""Returns the result, or something to wait for that does."""

HANDLERS: dict[str, Handler] = {
    "getMe": intake.get_me,
    "getUpdates": intake.get_updates,
    "setWebhook": intake.set_webhook,
    "deleteWebhook": intake.delete_webhook,
    "getWebhookInfo": intake.get_webhook_info,
    "answerCallbackQuery": intake.answer_callback_query,
    "getFile": intake.get_file,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_file,
    "sendVoice": sending.send_file,
    "sendDocument": sending.send_file,
    "sendVideo": sending.send_file,
    "sendMediaGroup": sending.send_media_group,
    "sendLocation": sending.send_location,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_text,
    "editMessageCaption": editing.edit_caption,
    "editMessageMedia": editing.edit_media,
    "editMessageReplyMarkup": editing.edit_markup,
    "deleteMessage": editing.delete,
    "setMyCommands": menus.set_commands,
    "deleteMyCommands": menus.delete_commands,
    "setChatMenuButton": menus.set_menu_button,
    "getChat": members.get_chat,
    "getChatMember": members.get_member,
    "leaveChat": members.leave_chat,
}

NOT_IN_ANSWERS = ("get", "setwebhook", "deletewebhook")
"""Methods beginning so are not carried out when a webhook's answer names them."""
