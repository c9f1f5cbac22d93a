"""The words of a filter, Chinese and English, each with what it asks for."""

import re
from collections.abc import Iterator

from cases.folding import fold
from cases.settings import Category, Settings
from cases.states import UNDER_WAY, State
from handlers.texts import translator
from handlers.words import STATES

Asks = tuple[str, object]
"""A field of `cases.search.Filter` and its value."""

FLAGS: dict[str, tuple[str, ...]] = {
    "late": ("超时", "已超时", "逾期", "超期", "过期", "late", "overdue"),
    "unassigned": ("未派", "未派单", "未分派", "没人接", "无人接单", "unassigned"),
    "mine": ("我负责", "我负责的", "我的", "mine"),
    "urgent": ("加急", "urgent"),
    "emergency": ("紧急", "突发", "emergency", "emergencies"),
}
KINDS = {
    "wish": ("微心愿", "心愿", "wish", "wishes"),
    "issue": ("上报", "报事", "issue", "issues", "report", "reports"),
}  # fmt: skip
STAGES: dict[frozenset[State], tuple[str, ...]] = {
    frozenset({State.NEW}): ("待派", "new"),
    frozenset({State.REVIEW}): ("待审核", "待审", "review"),
    frozenset({State.ASSIGNED}): ("待接单", "待接", "已派单", "已派单待接", "assigned"),
    frozenset({State.POOL}): ("可认领", "pool"),
    frozenset({State.WORKING}): ("办理中", "在处理", "working"),
    frozenset({State.WAITING}): ("等待", "等待中", "待补充", "待居民补充", "waiting"),
    frozenset({State.RESOLVED}): ("待评价", "resolved"),
    frozenset({State.RESOLVED, State.CLOSED}): ("已办结", "办结", "已完成", "done", "closed"),
    frozenset({State.REJECTED}): ("不受理", "rejected"),
    frozenset({State.WITHDRAWN}): ("撤回",),
    frozenset({State.MERGED}): ("合并", "merged"),
    UNDER_WAY: ("未办结", "未完成", "在办", "open"),
}
EVERYTHING = ("全部", "所有", "全部事项", "所有事项", "all")
FILLERS = frozenset(
    ("的", "里", "有", "和", "与", "及", "在", "都", "查", "看", "事项", "事", "编号", "单",
     "case", "cases", "number", "in", "at", "of", "the", "and", "with", "for")
)  # fmt: skip
_PARTS = re.compile(r"[与和及、]|,? and ", re.IGNORECASE)


def vocabulary(settings: Settings) -> dict[str, Asks]:
    """Return folded words with what they ask for, the plainest first; of a kind of matter each part of its name too."""
    found: dict[str, Asks] = {fold(word): (flag, True) for flag, words in FLAGS.items() for word in words}
    found |= {fold(word): ("", None) for word in EVERYTHING}
    for state, english in STATES.items():
        for name in (english, translator("zh")(english)):
            found[fold(name)] = ("states", frozenset({state}))
    for states, words in STAGES.items():
        found |= {fold(word): ("states", states) for word in words}
    for kind, words in KINDS.items():
        found |= {fold(word): ("kind", kind) for word in words}
    return found | {word: asks for word, asks in _categories(settings).items() if word not in found}


def _categories(settings: Settings) -> dict[str, Asks]:
    parts: dict[str, set[str]] = {}
    whole: dict[str, Asks] = {}
    for category in settings.categories:
        for name in _names(category):
            whole[name] = ("category", category.key)
            for part in _PARTS.split(name):
                parts.setdefault(part.strip(), set()).add(category.key)
    alone: dict[str, Asks] = {
        part: ("category", next(iter(keys))) for part, keys in parts.items() if len(keys) == 1 and len(part) > 1
    }  # fmt: skip
    return alone | whole


def _names(category: Category) -> Iterator[str]:
    yield fold(category.name)
    yield fold(category.name_en)
