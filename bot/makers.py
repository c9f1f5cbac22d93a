"""What the workshop can make, by the kind of commission."""

from bot.workshop import Maker

MAKERS: dict[str, Maker] = {}
