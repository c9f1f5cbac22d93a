"""The WeChat Official Account (服务号): residents, one to one."""

from bot.channels.wechat.channel import WeChatChannel

__all__ = ["WeChatChannel"]
