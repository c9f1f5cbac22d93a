"""The part of the Bot API that the simulator knows, as data: methods, their fields, and the objects in them.

One word a field: `name:kind`, `name!:kind` where it is required. Kinds are `integer`, `number`, `boolean`, `string`,
`chat` (an integer or @username), `file` (a file_id, `attach://` or an upload), an object's name, `[kind]` for an
array of it, and `unsimulated`: documented, but refused here because nothing in the simulator would come of it.
`text` of editMessageText is required because what may stand in its place, a rich_message, is not simulated.

Source: https://core.telegram.org/bots/api, Bot API 10.1.
"""

_TARGET = """chat_id!:chat business_connection_id:unsimulated message_thread_id:unsimulated
    direct_messages_topic_id:unsimulated"""
_OPTIONS = """disable_notification:boolean protect_content:boolean allow_paid_broadcast:boolean
    message_effect_id:string reply_parameters:ReplyParameters"""
_SEND = f"{_TARGET} {_OPTIONS} suggested_post_parameters:unsimulated reply_markup:ReplyMarkup"
_CAPTION = "caption:string parse_mode:string caption_entities:[MessageEntity]"
_EDIT = """business_connection_id:unsimulated chat_id:chat message_id:integer inline_message_id:unsimulated
    reply_markup:InlineKeyboardMarkup"""

METHODS = {
    "getMe": "",
    "getUpdates": "offset:integer limit:integer timeout:integer allowed_updates:[string]",
    "setWebhook": """url!:string certificate:unsimulated ip_address:string max_connections:integer
        allowed_updates:[string] drop_pending_updates:boolean secret_token:string""",
    "deleteWebhook": "drop_pending_updates:boolean",
    "getWebhookInfo": "",
    "sendMessage": f"""{_SEND} text!:string parse_mode:string entities:[MessageEntity]
        link_preview_options:LinkPreviewOptions""",
    "sendPhoto": f"{_SEND} photo!:file {_CAPTION} show_caption_above_media:boolean has_spoiler:boolean",
    "sendVoice": f"{_SEND} voice!:file {_CAPTION} duration:integer",
    "sendDocument": f"{_SEND} document!:file thumbnail:file {_CAPTION} disable_content_type_detection:boolean",
    "sendVideo": f"""{_SEND} video!:file duration:integer width:integer height:integer thumbnail:file cover:file
        start_timestamp:integer {_CAPTION} show_caption_above_media:boolean has_spoiler:boolean
        supports_streaming:boolean""",
    "sendMediaGroup": f"{_TARGET} {_OPTIONS} media!:[InputMedia]",
    "sendLocation": f"""{_SEND} latitude!:number longitude!:number horizontal_accuracy:number live_period:integer
        heading:integer proximity_alert_radius:integer""",
    "sendChatAction": """chat_id!:chat business_connection_id:unsimulated message_thread_id:unsimulated
        action!:string""",
    "editMessageText": f"""{_EDIT} text!:string parse_mode:string entities:[MessageEntity]
        link_preview_options:LinkPreviewOptions rich_message:unsimulated""",
    "editMessageCaption": f"{_EDIT} {_CAPTION} show_caption_above_media:boolean",
    "editMessageMedia": f"{_EDIT} media!:InputMedia",
    "editMessageReplyMarkup": _EDIT,
    "deleteMessage": "chat_id!:chat message_id!:integer",
    "answerCallbackQuery": """callback_query_id!:string text:string show_alert:boolean url:string
        cache_time:integer""",
    "getFile": "file_id!:string",
    "setMyCommands": "commands!:[BotCommand] scope:BotCommandScope language_code:string",
    "deleteMyCommands": "scope:BotCommandScope language_code:string",
    "getChat": "chat_id!:chat",
    "getChatMember": "chat_id!:chat user_id!:integer",
    "leaveChat": "chat_id!:chat",
    "setChatMenuButton": "chat_id:integer menu_button:MenuButton",
}

_MEDIA = f"type!:string media!:string {_CAPTION}"
_CHAT_SCOPE = "type!:string chat_id!:chat"

OBJECTS = {
    "MessageEntity": """type!:string offset!:integer length!:integer url:string user:unsimulated language:string
        custom_emoji_id:string unix_time:integer date_time_format:string""",
    "LinkPreviewOptions": """is_disabled:boolean url:string prefer_small_media:boolean prefer_large_media:boolean
        show_above_text:boolean""",
    "ReplyParameters": """message_id!:integer chat_id:unsimulated allow_sending_without_reply:boolean
        quote:unsimulated quote_parse_mode:unsimulated quote_entities:unsimulated quote_position:unsimulated
        checklist_task_id:unsimulated poll_option_id:unsimulated""",
    "InlineKeyboardMarkup": "inline_keyboard!:[[InlineKeyboardButton]]",
    "InlineKeyboardButton": """text!:string icon_custom_emoji_id:string style:string url:string callback_data:string
        web_app:WebAppInfo login_url:LoginUrl switch_inline_query:string switch_inline_query_current_chat:string
        switch_inline_query_chosen_chat:unsimulated copy_text:CopyTextButton callback_game:unsimulated
        pay:unsimulated""",
    "WebAppInfo": "url!:string",
    "LoginUrl": "url!:string forward_text:string bot_username:string request_write_access:boolean",
    "CopyTextButton": "text!:string",
    "ReplyKeyboardMarkup": """keyboard!:[[KeyboardButton]] is_persistent:boolean resize_keyboard:boolean
        one_time_keyboard:boolean input_field_placeholder:string selective:boolean""",
    "KeyboardButton": """text!:string icon_custom_emoji_id:string style:string request_users:unsimulated
        request_chat:unsimulated request_managed_bot:unsimulated request_contact:boolean request_location:boolean
        request_poll:unsimulated web_app:WebAppInfo""",
    "ReplyKeyboardRemove": "remove_keyboard!:boolean selective:boolean",
    "ForceReply": "force_reply!:boolean input_field_placeholder:string selective:boolean",
    "InputMediaPhoto": f"{_MEDIA} show_caption_above_media:boolean has_spoiler:boolean",
    "InputMediaVideo": f"""{_MEDIA} thumbnail:string cover:string start_timestamp:integer
        show_caption_above_media:boolean width:integer height:integer duration:integer supports_streaming:boolean
        has_spoiler:boolean""",
    "InputMediaDocument": f"{_MEDIA} thumbnail:string disable_content_type_detection:boolean",
    "BotCommand": "command!:string description!:string",
    "BotCommandScopeDefault": "type!:string",
    "BotCommandScopeAllPrivateChats": "type!:string",
    "BotCommandScopeAllGroupChats": "type!:string",
    "BotCommandScopeAllChatAdministrators": "type!:string",
    "BotCommandScopeChat": _CHAT_SCOPE,
    "BotCommandScopeChatAdministrators": _CHAT_SCOPE,
    "BotCommandScopeChatMember": f"{_CHAT_SCOPE} user_id!:integer",
    "MenuButtonDefault": "type!:string",
    "MenuButtonCommands": "type!:string",
    "MenuButtonWebApp": "type!:string text!:string web_app!:WebAppInfo",
}

TYPED = {
    "InputMedia": {"photo": "InputMediaPhoto", "video": "InputMediaVideo", "document": "InputMediaDocument"},
    "BotCommandScope": {
        "default": "BotCommandScopeDefault", "chat": "BotCommandScopeChat",
        "all_private_chats": "BotCommandScopeAllPrivateChats", "all_group_chats": "BotCommandScopeAllGroupChats",
        "all_chat_administrators": "BotCommandScopeAllChatAdministrators",
        "chat_administrators": "BotCommandScopeChatAdministrators", "chat_member": "BotCommandScopeChatMember",
    },
    "MenuButton": {"default": "MenuButtonDefault", "commands": "MenuButtonCommands", "web_app": "MenuButtonWebApp"},
}  # fmt: skip
"""Objects that are one of several, told apart by their `type`."""

MARKUPS = {
    "inline_keyboard": "InlineKeyboardMarkup", "keyboard": "ReplyKeyboardMarkup",
    "remove_keyboard": "ReplyKeyboardRemove", "force_reply": "ForceReply",
}  # fmt: skip
"""A reply markup, told by the field that only it has."""

UPDATE_KINDS = frozenset({
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "guest_message", "message_reaction",
    "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query",
    "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member",
    "chat_join_request", "chat_boost", "removed_chat_boost", "managed_bot",
})  # fmt: skip
"""Names that `allowed_updates` may hold."""

ASKED_FOR_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Updates that come only to a bot that names them in `allowed_updates`."""

CHAT_ACTIONS = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
})  # fmt: skip
