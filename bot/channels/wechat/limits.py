"""What the Official Account platform allows, each with the page of developers.weixin.qq.com/doc/offiaccount."""

from datetime import timedelta

from bot.channels.base import Pace

API = "https://api.weixin.qq.com"
CALLBACK = "/wechat/callback"

PACE = Pace(
    per_second=50
)  # no figure is documented; 500,000 calls a day are. Warnings are told how long they take by it

TEXT_BYTES = 2048  # "客服接口-发消息", text.content; longer: 45002
HINT_BYTES = 120  # room in each of several parts for "there is more"
PASSIVE_SECONDS = 4.5  # "被动回复用户消息": WeChat waits five seconds
HOLD = timedelta(seconds=20)  # then WeChat has asked for the last time: at 0, 5, 10 and 15 seconds

SAID = timedelta(hours=48)  # "客服消息", "发送次数限制": words open five messages within 48 hours,
SAID_MESSAGES = 5
TAPPED = timedelta(minutes=1)  # a menu tap, a follow, a scan three within a minute
TAPPED_MESSAGES = 3
WINDOW_SPARE = timedelta(seconds=2)  # the call itself takes a while

MENU_CHOICES = 10  # "客服消息", msgmenu; no limit is documented

FIELD_CHARACTERS = {
    "thing": 20, "character_string": 32, "number": 32, "letter": 32, "symbol": 5, "name": 10, "phrase": 5, "const": 20,
    "phone_number": 17, "car_number": 8,
}  # fmt: skip
"""Longest values of the fields of a template or a subscription notice ("订阅通知", "参数值内容限制"); else 47003."""

SCENE = r"[A-Za-z0-9_-]{1,64}"  # "生成带参数的二维码": scene_str has 1 to 64 characters
SCENES = 100_000  # permanent codes of an account
UPLOAD_BYTES = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20}  # "新增临时素材"
UPLOAD_MIMES = {
    "image": ("image/jpeg", "image/png", "image/gif"), "voice": ("audio/amr", "audio/mpeg", "audio/mp3"),
    "video": ("video/mp4",),
}  # fmt: skip

# "全局返回码"
OK = 0
BUSY = -1
BAD_OPENID = 40003
NOT_FOLLOWING = 43004
REFUSED_NOTICE = 43101
TOO_LONG = 45002
QUOTA = 45009
WINDOW_CLOSED = 45015
COUNT_USED_UP = 45047
BAD_FIELD = 47003
NOT_ALLOWED = 48001

GONE = (40004, 40007, 41006)  # no such file (any more): it is not asked for again

QUOTA_SECONDS = 600.0  # the day's calls are used up; they are counted anew at midnight, or when an admin clears them
