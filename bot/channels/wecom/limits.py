"""WeCom's limits, each with the page of developer.work.weixin.qq.com/document that states it."""

from datetime import timedelta

from bot.channels.base import Pace

# path/96212, "访问频率限制": an app may send one member 30 messages a minute and 1,000 an hour, what is beyond is not
# delivered and nothing says so; two are kept back, because one call may say a long text in parts. path/90312: any call
# of an organisation 10,000 times a minute. path/91770: a group robot 20 messages a minute.
ROBOT_PER_MINUTE = 20
PACE = Pace(per_second=100.0, group_per_minute=ROBOT_PER_MINUTE, chat_windows=((28, 60.0), (998, 3600.0)))

TEXT_BYTES = 2048  # path/90236 "文本消息" and path/91770 for robots: what is beyond is cut off
CARD_TITLE = 36  # 字, path/90236 "按钮交互型": main_title.title
CARD_TEXT = 160  # 字: sub_title_text
CARD_BUTTONS = 6  # button_list
BUTTON_LABEL = 10  # 字: button_list.text
TASK_ID = r"[0-9A-Za-z_\-@]{1,128}"  # task_id, never to be used again in the same app
DUPLICATES_SECONDS = 1800  # path/90236: duplicate_check_interval; at most four hours

CODE_LASTS = timedelta(hours=72)  # path/94888: a response_code works once, and so long
CODE_SPARE = timedelta(minutes=10)  # clocks differ

# path/90253 "上传临时素材"; a file of less than five bytes is refused.
IMAGE_BYTES = 10 * 1024 * 1024
VIDEO_BYTES = 10 * 1024 * 1024
FILE_BYTES = 20 * 1024 * 1024
LEAST_BYTES = 5
IMAGES = {"image/jpeg": "jpg", "image/png": "png"}
