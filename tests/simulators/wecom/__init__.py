"""A strict WeCom (企业微信): its calls with required fields, lengths and limits, its members, their callbacks.

What it holds the program to is from developer.work.weixin.qq.com/document; each rule names its page. Broken rules are
noted in `violations`; what the real one drops without a word is counted in `dropped`.
"""

from tests.simulators.wecom.member import Member
from tests.simulators.wecom.server import WecomServer

__all__ = ["Member", "WecomServer"]
