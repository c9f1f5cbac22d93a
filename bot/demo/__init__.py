"""The demo: everybody's chat side by side on one page, and a clock that can be moved on. Never part of a real desk."""

from bot.demo.personas import connect, personas_of
from bot.demo.routes import demo_routes

__all__ = ["connect", "demo_routes", "personas_of"]
