"""What is kept is told in plain words, once without asking, and sent as a file to whom it is about, and nobody else."""

import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from bot.makers import MAKERS
from storage.message_models import Attachment, Commission, NoticeGrant
from storage.models import Case, Person
from tests.cast import Estate
from tests.stories.leading import AUNT_LI, HUANG, UNCLE_ZHANG, accepted, audit, closed, file
from tests.stories.linking import AUNT_THERE, join
from tests.stories.office import Office
from tests.stories.test_groups import GROUP, bound

TOLD = "/privacy"


@pytest.fixture
def office(estate: Estate, tmp_path: Path) -> Office:
    """The workshop with everything that it can make."""
    made = Office(estate, tmp_path)
    made.shop._makers = MAKERS
    return made


async def person(estate: Estate, name: str) -> Person:
    """Return somebody's row."""
    return await estate.store.read(lambda s: s.scalars(select(Person).where(Person.name == name)).one())


async def text_of(office: Office, who: str) -> str:
    """Have somebody ask for what is kept, and read the file."""
    made = await office.asks(who, "/mydata")
    assert made[0].path is not None
    return (office.folder / made[0].path).read_bytes().decode("utf-8-sig")


async def test_told_once_below_the_first_answer_and_never_again(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼路灯坏了")
    (card,) = await estate.told(AUNT_LI)
    assert card["text"].splitlines()[-1] == "您写的会记下来，谁能看到：/privacy"
    assert "提交" in card["buttons"]
    told = (await person(estate, AUNT_LI)).told_at
    assert told is not None
    assert (await person(estate, AUNT_LI)).consent_at is None
    await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "提交")
    await estate.says(AUNT_LI, "/mycases")
    assert TOLD not in await estate.reads(AUNT_LI)
    after = await person(estate, AUNT_LI)
    assert after.told_at == told
    assert after.consent_at is not None


async def test_nobody_is_told_in_a_group_nor_beside_an_emergency(estate: Estate) -> None:
    await bound(estate)
    await estate.says(AUNT_LI, "5号楼路灯坏了", chat=GROUP, group=True, mentioned=True)
    assert TOLD not in await estate.reads(GROUP)
    await estate.says(UNCLE_ZHANG, "5号楼着火了，快来人")
    assert TOLD not in await estate.reads(UNCLE_ZHANG)
    assert (await person(estate, UNCLE_ZHANG)).told_at is None
    await estate.says(UNCLE_ZHANG, "/mycases")
    assert TOLD in await estate.reads(UNCLE_ZHANG)


@pytest.mark.parametrize("said", ["/privacy", "隐私"])
async def test_in_plain_words(estate: Estate, said: str) -> None:
    await estate.says(AUNT_LI, said)
    words = await estate.reads(AUNT_LI)
    for part in ("记什么", "谁能看", "满365天", "照片留180天", "聊天消息留30天", "/mydata", "/forgetme"):
        assert part in words
    assert list(await estate.labels(AUNT_LI)) == ["看看记了什么", "删掉我的资料"]
    assert (await person(estate, AUNT_LI)).told_at is not None


async def test_all_that_is_kept_comes_as_a_text(estate: Estate, office: Office) -> None:
    await estate.says(AUNT_LI, "/phone 13812345678")
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    steward = await accepted(estate)
    await estate.presses_data(steward, "c:phone:1001")
    await office.asks(HUANG, "/export 电话 原因 回访")
    text = await text_of(office, AUNT_LI)
    for kept in (
        "称呼: 李阿姨", "电话: 13812345678", "住址: 丰美小区5号楼", "plain，账号 李阿姨", "#1001", "5栋漏水",
        "接单", "因 #1001 查看了您的电话", "社区书记 · 导出了丰美社区带姓名和电话的表格",
    ):  # fmt: skip
        assert kept in text, kept
    assert "红色管家" in next(line for line in text.splitlines() if "查看了您的电话" in line)
    assert (await audit(estate)).count("mydata") == 1


async def test_all_of_two_who_were_joined(estate: Estate, office: Office) -> None:
    await estate.says(AUNT_THERE, "/phone 13912345678")
    await estate.sends_photo(AUNT_THERE, "3号楼路灯坏了")
    await estate.presses(AUNT_THERE, "提交")
    await estate.says(AUNT_LI, "/phone 13812345678")
    await join(estate, AUNT_LI, AUNT_THERE)
    granted = {"channel": "other", "chat": AUNT_THERE, "template": "t", "granted_at": estate.clock.now()}
    await estate.store.write(lambda session: session.execute(insert(NoticeGrant).values(granted)))
    text = await text_of(office, AUNT_LI)
    for kept in (
        "13912345678", "13812345678", "plain，账号 李阿姨", "other，账号 李阿姨@other", "和另一个聊天关联",
        "您在那边同意过收一次通知", "#1001", "照片 · #1001",
    ):  # fmt: skip
        assert kept in text, kept


async def test_ratings_and_what_is_followed(estate: Estate, office: Office) -> None:
    await closed(estate)
    assert "#1001" in await text_of(office, AUNT_LI)
    text = await text_of(office, UNCLE_ZHANG)
    assert "5星" not in text
    assert "太吵" not in text
    await estate.waits(minutes=11)
    assert "解决了 · 5星" in await text_of(office, AUNT_LI)


async def test_internal_notes_and_the_words_of_others_are_not_in_it(estate: Estate, office: Office) -> None:
    await file(estate)
    await estate.says(HUANG, "/note 1001 老住户，态度差")
    await file(estate, "6号楼路灯坏了", UNCLE_ZHANG)
    text = await text_of(office, AUNT_LI)
    assert "态度差" not in text
    assert "路灯" not in text
    assert "张叔" not in text


async def test_files_come_beside_it(estate: Estate, office: Office) -> None:
    await estate.sends_photo(AUNT_LI, "3号楼路灯坏了")
    path = office.folder / "aa"
    path.mkdir()
    (path / "bb").write_bytes(b"a photo")
    ready = {"state": "ready", "path": "aa/bb", "mime": "image/jpeg", "size": 7}
    await estate.store.write(lambda s: s.execute(update(Attachment).values(**ready)))
    await estate.presses(AUNT_LI, "提交")
    text, archive = await office.asks(AUNT_LI, "/mydata")
    assert (text.mime, archive.mime) == ("text/plain", "application/zip")
    assert archive.path is not None
    with zipfile.ZipFile(office.folder / archive.path) as opened:
        (name,) = opened.namelist()
        assert (name, opened.read(name)) == ("1.jpg", b"a photo")


async def test_once_in_ten_minutes(estate: Estate, office: Office) -> None:
    await text_of(office, AUNT_LI)
    assert await office.asks(AUNT_LI, "/mydata") == []
    assert "10分钟后可以再要" in await estate.reads(AUNT_LI)
    await estate.waits(minutes=11)
    assert len(await office.asks(AUNT_LI, "/mydata")) == 1


async def test_only_in_private_and_only_to_oneself(estate: Estate, office: Office) -> None:
    await bound(estate)
    await file(estate)
    await estate.says(AUNT_LI, "/mydata", chat=GROUP, group=True, mentioned=True)
    await estate.says(AUNT_LI, "/forgetme", chat=GROUP, group=True, mentioned=True)
    await estate.presses_data(UNCLE_ZHANG, "m:mydata", chat=GROUP, group=True)
    assert await estate.store.read(lambda s: s.scalar(select(func.count()).select_from(Commission))) == 0
    text = await text_of(office, UNCLE_ZHANG)
    assert AUNT_LI not in text
    assert "漏水" not in text


async def test_many_cases_are_read_page_by_page(estate: Estate, office: Office) -> None:
    await file(estate)
    (first,) = await estate.cases()
    columns = {c.name: getattr(first, c.key) for c in Case.__table__.columns if c.name != "id"}
    rows = [columns | {"draft": f"d{number}", "words": f"第{number}件"} for number in range(120)]
    await estate.store.write(lambda s: s.execute(insert(Case), rows))
    text = await text_of(office, AUNT_LI)
    assert [f"第{number}件" in text for number in range(120)] == [True] * 120
    assert "5栋漏水" in text
