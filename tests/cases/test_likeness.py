# ruff: noqa: E501 - two sentences that people say stand on one line, or the table cannot be read
"""Which open cases tell of the same matter: words that are alike, places that are near."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cases import filing
from cases.context import Actor, Context
from cases.filing import Draft
from cases.likeness import COMPARED, TELLING, compare, grams, likeness, near, newest, similar
from cases.place_settings import PlaceSettings
from cases.states import State
from storage.engine import Store
from storage.models import Case, Person
from tests.bot.test_plans import plan
from tests.cases.trees import EXAMPLE, FENGMEI, TWO_ESTATES, place, plant
from tests.cast import open_estate

THRESHOLD = 0.4
AUNT_LI = "李阿姨"

SAME = [
    ("路灯不亮", "路灯坏了"),
    ("楼道灯坏了", "二楼楼道灯不亮"),
    ("楼梯间灯不亮", "楼梯间的声控灯坏了"),
    ("你好，请问3号楼2单元的电梯坏了什么时候修", "3栋2单元电梯又坏了！"),
    ("電梯壞了", "电梯坏了，老人下不来"),
    ("电梯门关不上一直响", "电梯门关不严"),
    ("停水了，什么时候来", "又停水了"),
    ("家里停水了，也没有通知", "怎么没通知就停水了"),
    ("垃圾站太臭", "垃圾站臭气熏天"),
    ("楼下垃圾桶满出来了，味道很大", "垃圾桶满了好几天，臭味很大"),
    ("楼上半夜蹦迪，吵得睡不着", "半夜有人蹦迪太吵"),
    ("外墙掉皮，昨天差点砸到人", "外墙皮脱落，砸到人怎么办"),
    ("The lift in building 3 is broken", "lift out of order again, please repair"),
    ("THE INTERCOM in unit 2 does not work!", "Hello, the intercom is broken, nobody can ring my flat"),
    ("there is no water in building 6", "no water since this morning"),
    ("Garbage has not been collected for three days", "the garbage was not collected this week"),
]

ANOTHER = [
    ("3号楼2单元电梯坏了", "3号楼2单元电梯噪音大"),
    ("电梯坏了", "电梯里有人抽烟"),
    ("路灯不亮", "楼道灯坏了"),
    ("门口路灯不亮", "路灯白天也亮着浪费电"),
    ("楼下垃圾没人收", "垃圾桶的臭味飘进家里"),
    ("垃圾没人清理", "有老鼠和蟑螂"),
    ("停水了", "水压太低"),
    ("停水了", "水费怎么这么贵"),
    ("井盖没了", "下水道堵了"),
    ("有人遛狗不牵绳", "邻居家的狗整晚叫"),
    ("你好，请问电梯什么时候修好，谢谢", "你好，请问电梯广告收益去哪了，谢谢"),
    ("3号楼2单元501噪音太大", "3号楼2单元501狗叫"),
    ("the lift is broken", "the lift makes a strange noise"),
    ("dog barking all night", "dog without leash"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_matter_in_other_words(one: str, other: str) -> None:
    assert likeness(one, other) >= THRESHOLD


@pytest.mark.parametrize(("one", "other"), ANOTHER)
def test_another_matter(one: str, other: str) -> None:
    assert likeness(one, other) < THRESHOLD


STORY = (
    "你好，我是3号楼的业主，最近一个星期我们楼下的路灯一直不亮，晚上回家很黑，老人小孩都不敢出门，"
    "已经打过物业电话，说会来修，到现在也没有人来，麻烦红管家帮忙催一下，谢谢。"
)
ASIDE = "绿化带里的树枝长到窗户前面来了，冬天晒不到太阳，夏天又有虫子飞进屋里。"


@pytest.mark.parametrize("long", [STORY, STORY + ASIDE * 60, ASIDE * 3 + STORY, STORY * 40])
def test_a_short_text_is_like_a_long_one_that_says_it_too(long: str) -> None:
    assert likeness("路灯不亮", long) >= THRESHOLD
    assert likeness("电梯坏了", long) < THRESHOLD / 2


def test_what_a_long_text_begins_with_counts() -> None:
    assert likeness(STORY + ASIDE * 20, STORY + "电梯也常常坏，很久没人来看过了。" * 40) >= 0.9
    assert len(grams(STORY + ASIDE * 20).pairs) == TELLING


@pytest.mark.parametrize(
    "nothing", ["", "你好", "您好，请问", "谢谢！", "麻烦帮忙处理", "3号楼2单元501", "三栋", "3-2-501", "hello, please", "？！…", "👍", "   \n"]
)  # fmt: skip
def test_greetings_places_and_filler_are_like_nothing(nothing: str) -> None:
    assert not grams(nothing)
    assert likeness(nothing, nothing) == likeness(nothing, "路灯坏了") == 0


@pytest.mark.parametrize(
    "said",
    [
        "3号楼路灯坏了",
        "三栋2单元的路灯坏了！",
        "你好，请问5幢路灯坏了怎么办",
        "12-1-501 路灯坏了",
        "路燈壞了",
        "路灯·坏了",
    ],
)
def test_who_tells_it_and_where_does_not_count(said: str) -> None:
    assert likeness(said, "路灯坏了") >= 0.7


def test_what_is_said_late_is_found_behind_a_long_greeting() -> None:
    assert likeness("你好，" * 60 + "路灯坏了", "路灯坏了") == 1


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)
    assert likeness(one, one) == (1 if grams(one) else 0)


@given(
    st.text("路灯楼道电梯坏了不亮没吵3号ab -，", max_size=200),
    st.text("路灯楼道电梯坏了不亮没吵3号ab -，", max_size=200),
)
def test_any_two_texts_of_few_characters(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert compare(grams(one), grams(other)) == compare(grams(other), grams(one))
    assert likeness(one, one) == (1 if grams(one) else 0)


def keys(place_key: str) -> set[str]:
    return {FENGMEI.get(number).key for number in near(FENGMEI, place(place_key))}


BUILDING_3 = {"fengmei-3", "fengmei-3-1", "fengmei-3-2", "fengmei-3-3", "fengmei"}  # and what is told of all the estate


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("fengmei-3-2", BUILDING_3), ("fengmei-3-1", BUILDING_3), ("fengmei-3", BUILDING_3),
        ("fengmei", {"fengmei"}), ("fengmei-community", {"fengmei-community"}), ("fengmei-street", {"fengmei-street"}),
    ],
)  # fmt: skip
def test_what_is_near(key: str, found: set[str]) -> None:
    assert keys(key) == found


def test_being_near_is_mutual() -> None:
    for tree in (FENGMEI, TWO_ESTATES):
        for node in tree:
            assert node.id in near(tree, node.id)
            around = [other for other in near(tree, node.id) if tree.get(other).kind in ("building", "unit")]
            assert all(near(tree, other) == near(tree, node.id) for other in around)


def test_nothing_is_near_a_place_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        near(FENGMEI, 99_999)


def test_a_unit_without_a_building_is_near_itself() -> None:
    units = [{"key": "y-1", "name": "1单元", "kind": "unit"}, {"key": "y-2", "name": "2单元", "kind": "unit"}]
    tree = plant(PlaceSettings.model_validate({"key": "yard", "name": "大院", "kind": "estate", "children": units}))
    assert place("y-1", tree) in near(tree, place("y-1", tree))
    assert near(tree, place("yard", tree)) == {place("yard", tree)}


@dataclass
class Scene:
    """One transaction in which cases are told and looked for."""

    context: Context
    resident: Actor
    drafts: "count[int]"

    def tells(self, words: str, at: str = "fengmei-3-2", category: str = "lift", **more: object) -> Case:
        draft = Draft(f"d{next(self.drafts)}", words, category, self.place(at))
        filed, _ = filing.file(self.context, draft, self.resident, "plain", AUNT_LI)
        case = self.context.session.get_one(Case, filed.id)
        for name, value in more.items():
            setattr(case, name, value)
        self.context.session.flush()
        return case

    def finds(
        self, words: str = "电梯坏了", at: str = "fengmei-3-2", category: str = "lift", limit: int = 3
    ) -> list[int]:
        found = similar(self.context, category, self.place(at), words, THRESHOLD, limit)
        assert [alike for _case, alike in found] == sorted((alike for _case, alike in found), reverse=True)
        assert all(alike >= THRESHOLD for _case, alike in found)
        return [case.id for case, _alike in found]

    def place(self, key: str) -> int:
        return place(key, self.context.rules.tree)


async def play(store: Store, act: Callable[[Scene], None]) -> None:
    """Let it happen in one transaction of the example's desk."""
    estate = await open_estate(store)
    await estate.says(AUNT_LI, "/id")

    def scene(session: Session) -> None:
        reporter = session.scalar(select(Person.id).where(Person.name == AUNT_LI))
        act(Scene(Context(session, estate.clock.now(), estate.rules), Actor(reporter), count()))

    await store.write(scene)


async def test_the_most_alike_of_the_kind_nearby_comes_first(store: Store) -> None:
    def act(scene: Scene) -> None:
        longer = scene.tells("电梯坏了好几天，老人下不来，请尽快修")
        scene.tells("电梯里有人抽烟")
        exact = scene.tells("3号楼2单元电梯坏了")
        scene.tells("电梯坏了", at="fengmei-4-2")
        estate = scene.tells("电梯坏了", at="fengmei")  # told of all the estate
        scene.tells("电梯坏了", category="noise")
        assert scene.finds() == [exact.id, estate.id, longer.id]
        assert scene.finds(category="lights") == []
        assert scene.finds("你好，3号楼2单元") == []

    await play(store, act)


async def test_of_equals_the_one_at_the_very_place_then_the_newest_as_many_as_wanted(store: Store) -> None:
    def act(scene: Scene) -> None:
        here, there, building = (
            scene.tells("电梯坏了", at=key).id for key in ("fengmei-3-2", "fengmei-3-1", "fengmei-3")
        )
        assert scene.finds(limit=2) == [here, building]
        assert scene.finds() == [here, building, there]
        assert scene.finds(at="fengmei-3-1") == [there, building, here]
        assert scene.finds(at="fengmei-3-3", limit=1) == [building]

    await play(store, act)


async def test_only_what_is_being_dealt_with_is_offered(store: Store) -> None:
    def act(scene: Scene) -> None:
        told = {state: scene.tells("电梯坏了", state=state).id for state in State}
        offered = {State.NEW, State.ASSIGNED, State.POOL, State.WORKING, State.WAITING}
        assert set(scene.finds(limit=20)) == {told[state] for state in offered}

    await play(store, act)


async def test_private_kinds_and_wishes_are_never_offered(store: Store) -> None:
    def act(scene: Scene) -> None:
        for private in (category.key for category in EXAMPLE.categories if category.private):
            scene.tells("楼上老人没人照顾", category=private)
            assert scene.finds("楼上老人没人照顾", category=private) == []
        scene.tells("想要一台电梯", kind="wish")
        assert scene.finds("想要一台电梯") == []

    await play(store, act)


async def test_a_kind_that_the_file_no_longer_has_is_its_fallback(store: Store) -> None:
    def act(scene: Scene) -> None:
        case = scene.tells("门口有一只箱子", category="other")
        assert scene.finds("门口有一只箱子", category="gone") == [case.id]
        hidden = scene.context.rules.settings.model_copy(update={"fallback": "dispute"})
        scene.context = replace(scene.context, rules=replace(scene.context.rules, settings=hidden))
        assert scene.finds("门口有一只箱子", category="gone") == []

    await play(store, act)


async def test_only_the_newest_are_compared(store: Store) -> None:
    def act(scene: Scene) -> None:
        oldest = scene.tells("电梯坏了").id
        names = [column.key for column in Case.__table__.columns if column.key not in ("id", "draft", "words")]
        for number in range(COMPARED):
            scene.context.session.execute(
                text(
                    f"INSERT INTO case_ (draft, words, {', '.join(names)}) "
                    f"SELECT 'x{number}', '按钮掉了', {', '.join(names)} FROM case_ WHERE id = {oldest}"
                )
            )
            if number == COMPARED - 2:
                assert scene.finds() == [oldest]
        assert scene.finds() == []

    await play(store, act)


async def test_the_query_uses_its_index_for_each_place(store: Store) -> None:
    estate = await open_estate(store)
    here, there = (place(key, estate.rules.tree) for key in ("fengmei-3-2", "fengmei-3"))
    statement: Any = newest(2).params(category="lift", place0=here, place1=there)
    found = await store.read(lambda session: plan(session, statement))
    assert found.count("ix_case_near") == 2
    assert "Seq Scan" not in found
