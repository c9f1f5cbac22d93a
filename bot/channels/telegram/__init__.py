"""Telegram, over python-telegram-bot: polling or webhook, private chats and groups."""

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.menus import Menus

__all__ = ["Menus", "TelegramChannel"]
