"""An admin invites a steward: a link and a picture, used once, by whoever opens it, after a clear question."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from bot import invite
from bot.attachments import Files
from bot.workshop import Workshop
from storage.admin_models import Invitation
from storage.message_models import Attachment, Commission
from storage.models import Person, Role
from tests.cast import PLANNERS, Estate
from tests.stories.leading import AUNT_LI, HUANG, LIN, ZHENG, audit


class Desk:
    """The workshop that makes invitations, and what it made."""

    def __init__(self, estate: Estate, folder: Path) -> None:
        self.estate, self.folder = estate, folder
        files = Files(folder, estate.store, estate.clock)
        makers = {"invite": invite.maker(self.links)}
        self.shop = Workshop(estate.store, estate.rules_for, PLANNERS, estate.clock, files, makers, lambda: None)

    async def links(self, payload: str) -> list[str]:
        return [f"https://t.me/fengmei_bot?start={payload}", f"https://desk.example.cn/?start={payload}"]

    async def invites(self, who: str, text: str) -> str:
        """Have an admin invite; return what opens it, as it is written."""
        await self.estate.reads(who)
        await self.estate.says(who, text)
        while await self.shop.make_next():
            pass
        found = re.search(r"/start i_[A-Za-z0-9_-]{22}\b", await self.estate.reads(who))
        assert found, text
        return found[0]


@pytest.fixture
def desk(estate: Estate, tmp_path: Path) -> Desk:
    return Desk(estate, tmp_path)


async def roles_of(estate: Estate, name: str) -> list[tuple[str, str | None]]:
    held = select(Role.role, Role.partner).join(Person, Person.id == Role.person_id).where(Person.name == name)
    rows = await estate.store.read(lambda s: s.execute(held.order_by(Role.id)).all())
    return [(row.role, row.partner) for row in rows]


async def test_from_the_invitation_to_the_first_task(estate: Estate, desk: Desk) -> None:
    opens = await desk.invites(HUANG, "/invite steward 3号楼 邻里互助")
    shown = (await estate.told(HUANG))[-1]
    token = opens.removeprefix("/start ")
    assert "红管家 · 邻里互助 丰美小区3号楼" in shown["text"]
    assert f"https://t.me/fengmei_bot?start={token}" in shown["text"]
    assert "10月7日" in shown["text"], "seven days, with a time"
    assert len(shown["photos"]) == 1
    await estate.says(AUNT_LI, opens)
    said = await estate.reads(AUNT_LI)
    assert "黄书记请您来做红管家 · 邻里互助 丰美小区3号楼" in said
    assert await roles_of(estate, AUNT_LI) == [], "nothing before they say so"
    await estate.presses(AUNT_LI, "好，我来做")
    assert "您现在是红管家 · 邻里互助 丰美小区3号楼了" in await estate.reads(AUNT_LI)
    assert await roles_of(estate, AUNT_LI) == [("steward", "neighbour")]
    assert "李阿姨接受了您的邀请" in await estate.reads(HUANG)
    await estate.says(AUNT_LI, "/tasks")
    assert "没有" in await estate.reads(AUNT_LI)
    assert await audit(estate) == ["invite.made", "role.given", "invite.used"]
    await estate.says(HUANG, "/audit")
    assert "接受邀请，成为" in await estate.reads(HUANG)


async def test_the_picture_is_the_link(estate: Estate, desk: Desk) -> None:
    await desk.invites(HUANG, "邀请 楼长 3号楼")
    made = select(Attachment.path).where(Attachment.channel == "made")
    (path,) = await estate.store.read(lambda s: s.scalars(made).all())
    assert path is not None
    picture = Image.open(io.BytesIO((desk.folder / path).read_bytes()))
    assert picture.format == "PNG"
    assert picture.width == picture.height >= 300


async def test_the_token_is_kept_nowhere_but_in_what_was_sent(estate: Estate, desk: Desk) -> None:
    token = (await desk.invites(HUANG, "/invite coordinator 3号楼")).removeprefix("/start i_")
    kept = await estate.store.read(lambda s: [i.token_hash for i in s.scalars(select(Invitation))])
    orders = await estate.store.read(lambda s: [str(c.data) for c in s.scalars(select(Commission))])
    assert all(token not in each for each in (*kept, *orders))


async def test_a_second_one_reads_that_it_was_used(estate: Estate, desk: Desk) -> None:
    opens = await desk.invites(HUANG, "/invite coordinator 3号楼")
    await estate.says(AUNT_LI, opens)
    await estate.says("张叔", opens)
    await estate.presses(AUNT_LI, "好，我来做")
    await estate.reads("张叔")
    await estate.presses("张叔", "好，我来做")
    assert "已经有人用过了" in await estate.reads("张叔")
    assert await roles_of(estate, "张叔") == []
    await estate.says("王奶奶", opens)
    assert "已经有人用过了" in await estate.reads("王奶奶")


async def test_it_expires(estate: Estate, desk: Desk) -> None:
    opens = await desk.invites(HUANG, "/invite coordinator 3号楼")
    await estate.says(AUNT_LI, opens)
    await estate.waits(days=7, minutes=1)
    await estate.presses(AUNT_LI, "好，我来做")
    assert "过期" in await estate.reads(AUNT_LI)
    assert await roles_of(estate, AUNT_LI) == []


async def test_it_can_be_taken_back(estate: Estate, desk: Desk) -> None:
    opens = await desk.invites(HUANG, "/invite coordinator 3号楼")
    await estate.says(AUNT_LI, opens)
    await estate.presses(HUANG, "收回邀请")
    assert "谁也用不了了" in await estate.reads(HUANG)
    await estate.presses(AUNT_LI, "好，我来做")
    assert "已被收回" in await estate.reads(AUNT_LI)
    assert await roles_of(estate, AUNT_LI) == []


async def test_open_ones_are_listed_with_the_right_form(estate: Estate, desk: Desk) -> None:
    await desk.invites(HUANG, "/invite coordinator 3号楼")
    await estate.says(HUANG, "/invite")
    assert "/invite 红管家 3号楼 邻里互助" in await estate.reads(HUANG)
    label = next(each for each in await estate.labels(HUANG) if each.startswith("收回："))
    await estate.presses(HUANG, label)
    assert "谁也用不了了" in await estate.reads(HUANG)


async def test_whoever_lost_the_right_to_invite_invites_nobody_any_more(estate: Estate, desk: Desk) -> None:
    opens = await desk.invites(HUANG, "/invite coordinator 3号楼")
    await estate.says(ZHENG, "/remove 黄书记")
    await estate.presses(ZHENG, "是的，收回")
    await estate.says(AUNT_LI, opens)
    assert "不能用了" in await estate.reads(AUNT_LI)


async def test_only_admins_and_only_where_they_are(estate: Estate, desk: Desk) -> None:
    await estate.says(LIN, "/invite steward 3号楼 邻里互助")
    assert "/invite 是管理员用的" in await estate.reads(LIN)
    await estate.says(HUANG, "/invite admin 丰美街道")
    assert "只有该地点的管理员" in await estate.reads(HUANG)
    assert await audit(estate) == []
    assert await desk.invites(ZHENG, "/invite admin 丰美街道")


async def test_the_kind_of_steward_is_asked_for(estate: Estate, desk: Desk) -> None:
    await estate.says(HUANG, "/invite steward 3号楼")
    await estate.presses(HUANG, "邻里互助")
    while await desk.shop.make_next():
        pass
    assert "红管家 · 邻里互助 丰美小区3号楼" in await estate.reads(HUANG)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/invite", "请写明请人做什么"),
        ("/invite steward 99号楼", "没有"),
        ("/invite 随便什么", "红管家、协调员，还是管理员"),
        ("邀请 3号楼", "红管家、协调员，还是管理员"),
    ],
)
async def test_mistakes_get_the_right_form(estate: Estate, said: str, answer: str) -> None:
    await estate.says(HUANG, said)
    told = await estate.reads(HUANG)
    assert answer in told
    assert "/invite 红管家 3号楼" in told


async def test_an_invented_token_opens_nothing(estate: Estate) -> None:
    for said in ("/start i_", "/start i_AAAAAAAAAAAAAAAAAAAAAA"):
        await estate.says(AUNT_LI, said)
        assert "没有找到这份邀请" in await estate.reads(AUNT_LI)
    await estate.presses_data(AUNT_LI, "i:take:1")
    assert "没有找到这份邀请" in await estate.reads(AUNT_LI)
    await estate.presses_data(AUNT_LI, "i:revoke:1")
    assert "没有找到这份邀请" in await estate.reads(AUNT_LI)
    assert await roles_of(estate, AUNT_LI) == []


async def test_who_is_it_already_leaves_it_for_another(estate: Estate, desk: Desk) -> None:
    opens = await desk.invites(HUANG, "/invite coordinator 丰美小区")
    await estate.says(LIN, opens)
    assert "留给别人" in await estate.reads(LIN)
    await estate.says(AUNT_LI, opens)
    await estate.presses(AUNT_LI, "好，我来做")
    assert await roles_of(estate, AUNT_LI) == [("coordinator", None)]
