"""What WeCom's error codes mean for a message: later, never, or somewhere else. The codes: path/90313."""

import structlog

from bot.channels.base import Later, Outcome, Refused
from bot.channels.tencent.http import Answer, NoAnswer, code_of
from bot.channels.tencent.tokens import REFUSED as TOKEN_REFUSED
from bot.channels.tencent.tokens import NoToken

log = structlog.get_logger(__name__)

TASK_ID_USED = 42014
CARD_REFUSED = frozenset({40008, 40058, 42045, 44004, 45002, 46004})  # the card as such, not whoever gets it
ROBOT_GONE = frozenset({93000, 93008})  # the key of a robot that was taken out of its group

BUSY_SECONDS = 5.0
MINUTE = 60.0  # the span in which calls are counted
SET_UP_SECONDS = 600.0  # what is set up wrongly is mended by a person

_USER = {
    60111: "no such member", 81013: "none of those who were meant can be written to", 60011: "member not in sight",
    40031: "not a valid member", 40003: "not a valid member",
}  # fmt: skip
_BUSY = {-1: "wecom is busy", 45033: "too many calls at once", 50001: "wecom is busy"}
_LIMIT = {45009: "too many calls a minute", 45029: "too many calls a minute", 45011: "too many calls a minute"}
_SET_UP = {
    40013: "wecom.corp_id is not right: copy it from 我的企业", 40001: "wecom.secret is not the app's: copy it again",
    40014: "wecom.secret is not the app's: copy it again", 42001: "wecom.secret is not the app's: copy it again",
    40125: "wecom.secret is not the app's: copy it again", 40056: "wecom.agent_id is not the app's",
    60020: "enter the address of this machine at the app's 企业可信IP", 48002: "the app has no right to this call",
    301002: "wecom.agent_id and wecom.secret are not of the same app", 50005: "the app is switched off",
}  # fmt: skip


def outcome(answer: Answer) -> Outcome:
    """Turn an error into what the outbox is told."""
    code = code_of(answer)
    if code in _USER:
        return Refused(f"{_USER[code]} ({code})", gone=True, elsewhere=True)
    if code in _BUSY:
        return Later(f"{_BUSY[code]} ({code})", BUSY_SECONDS, everyone=True)
    if code in _LIMIT:
        return Later(f"{_LIMIT[code]} ({code})", MINUTE, everyone=True)
    if code in _SET_UP or code in TOKEN_REFUSED:
        return _set_up_wrong(code)
    return Refused(f"wecom refuses it ({code})")


def robot_outcome(answer: Answer) -> Outcome:
    """Turn an error of a group robot into what the outbox is told: it concerns that one group."""
    code = code_of(answer)
    if code in ROBOT_GONE:
        log.error("wecom_robot_gone", code=code, todo="make a robot in the group again and set its key")
        return Refused(f"the group has no such robot any more ({code})", gone=True)
    if code in _LIMIT:
        return Later(f"{_LIMIT[code]} ({code})", MINUTE)
    if code in _BUSY:
        return Later(f"{_BUSY[code]} ({code})", BUSY_SECONDS)
    return Refused(f"wecom refuses it ({code})")


def not_called(error: NoToken | NoAnswer) -> Outcome:
    """Turn a call that did not come about into what the outbox is told."""
    if isinstance(error, NoToken) and error.code is not None:
        return outcome({"errcode": error.code}) if error.code in _BUSY | _LIMIT else _set_up_wrong(error.code)
    return Later(str(error))


def _set_up_wrong(code: int) -> Later:
    """Say loudly what a person has to do; nothing is lost meanwhile."""
    log.error("wecom_set_up_wrong", code=code, todo=_SET_UP.get(code, "look the code up at path/90313"))
    return Later(f"wecom is not set up rightly ({code})", SET_UP_SECONDS, everyone=True)
