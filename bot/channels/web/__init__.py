"""The web chat: a page of our own, for residents without an app and for the demo."""

from bot.channels.web.channel import WebChannel
from bot.channels.web.personas import Pane, Persona

__all__ = ["Pane", "Persona", "WebChannel"]
