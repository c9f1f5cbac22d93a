"""A strict WeChat: the Official Account platform's server and its people, in the test's own event loop.

It refuses what the real one refuses, with its error codes, and notes every broken rule in `violations`. It calls the
desk's callback with the platform's own XML, waits five seconds, and asks three times more.
"""

from tests.simulators.wechat.follower import Follower
from tests.simulators.wechat.server import WeChatServer

__all__ = ["Follower", "WeChatServer"]
