"""Whatever the database does, WeChat and WeCom are answered within their five seconds; nothing is lost, nothing twice.

The database is really blocked: by a lock on SQLite's file, on the person's row in PostgreSQL.
"""

import asyncio
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY
from sqlalchemy import func, select
from structlog.testing import capture_logs

from storage.message_models import InboxEntry, Outgoing
from tests.loop import wecom as at_wecom
from tests.loop.blocked import blocked
from tests.loop.wechat import Office, office
from tests.simulators.telegram import Limits, TelegramServer
from tests.simulators.wechat import Follower, WeChatServer
from tests.simulators.wechat.server import OUT_OF_SERVICE
from tests.simulators.wecom import WecomServer

WORDS = "3号楼2单元楼道灯坏了"


def put_off(channel: str, why: str) -> float:
    """Return how many callbacks were put off."""
    labels = {"channel": channel, "why": why}
    return REGISTRY.get_sample_value("redsteward_callbacks_put_off_total", labels) or 0.0


def rows_of(aunt: Follower) -> str:
    return f"identity WHERE \"user\" = '{aunt.openid}'"


async def test_wechat_asks_again_and_finds_the_answer_once(database_url: str, tmp_path: Path) -> None:
    async with WeChatServer() as wechat, office(wechat, tmp_path, database_url) as place:
        aunt, before = await place.follower(), put_off("wechat", "slow")
        wechat.answers.clear()
        with capture_logs() as logs, blocked(database_url, rows_of(aunt)) as let_go:

            async def in_between() -> None:
                let_go()

            wechat.between = in_between
            await aunt.says(WORDS)
        put = len(wechat.answers) - 1  # one; on a busy machine more
        assert put >= 1
        assert wechat.answers[:put] == ["again"] * put  # within the five seconds: else there is no answer
        assert [how for how, text in aunt.chat.screen if "1 提交" in text] == ["passive"]
        assert put_off("wechat", "slow") == before + put
        told, *_ = [line for line in logs if line["event"] == "callback_put_off"]
        assert (told["channel"], told["why"]) == ("wechat", "slow")
        assert WORDS not in str(logs)
        assert aunt.openid not in str(logs)
        await aunt.says("1")
        await aunt.reads("已收到")
        assert await taken_in(place, "m:") == 2
        assert wechat.violations == []


async def test_who_was_told_that_it_is_out_of_service_is_not_dealt_with_behind_their_back(
    database_url: str, tmp_path: Path
) -> None:
    async with WeChatServer() as wechat, office(wechat, tmp_path, database_url) as place:
        aunt, channel = await place.follower(), place.app._channels["wechat"]
        in_time: Any = channel._callback.in_time  # type: ignore[attr-defined]
        in_time._seconds, in_time._keep = 0.3, 0.2
        with blocked(database_url, rows_of(aunt)) as let_go:
            await aunt.says(WORDS)
            assert wechat.answers[-4:] == ["again"] * 4
            assert aunt.chat.screen[-1] == ("trouble", OUT_OF_SERVICE)
            await asyncio.sleep(0.3)
            let_go()
        await in_time.close()
        begun = await taken_in(place, "m:")  # on PostgreSQL it waited in its turn: it goes on, and is answered
        assert begun == (0 if database_url.startswith("sqlite") else 1)
        in_time._seconds = 4.0
        await aunt.says(WORDS)
        assert await taken_in(place, "m:") == begun + 1
        assert len({row.answers for row in await place.rows() if "1 提交" in str(row.payload)}) == begun + 1


async def taken_in(place: Office, key: str) -> int:
    count = select(func.count()).select_from(InboxEntry).where(InboxEntry.key.startswith(key))
    return await place.store.read(lambda session: session.scalar(count)) or 0


async def test_wecom_calls_again_and_the_press_counts_once(database_url: str, tmp_path: Path) -> None:
    async with WecomServer() as wecom, TelegramServer(limits=Limits.off()) as telegram, at_wecom.office(
        wecom, telegram, tmp_path, database_url
    ) as place:  # fmt: skip
        wang, before = place.staff["wang"], put_off("wecom", "slow")
        await wang.says("您好")
        with blocked(database_url, "identity WHERE \"user\" = 'member.wang'") as let_go:
            said = asyncio.create_task(wang.says("/id"))
            while not wecom.called_back[1:]:
                await wang.pause()
            let_go()
            await said
        *put, last = wecom.called_back[1:]
        assert last == 200
        assert put
        assert set(put) == {503}
        assert put_off("wecom", "slow") == before + len(put)
        await wang.reads("member.wang")
        told = select(func.count()).select_from(Outgoing).where(Outgoing.chat == "member.wang")
        assert await place.app._store.read(lambda session: session.scalar(told)) == len(wang.screen)
        assert wecom.violations == []
