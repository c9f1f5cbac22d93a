"""WeCom (企业微信): stewards, coordinators and admins in an app of their organisation, and robots in its groups."""

from bot.channels.wecom.channel import WecomChannel

__all__ = ["WecomChannel"]
