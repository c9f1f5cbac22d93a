"""Numbers and names behind a command, as people type them."""

import pytest

from handlers.admin.arguments import Named, Numbered, glued, head, matching, nearest, numbered, two_numbers

PEOPLE = [
    Named(1, "王建国", "wang", "红色管家 · 物业维修"),
    Named(2, "陈秀英", "chen", "红色管家 · 楼栋党员"),
    Named(3, "吴师傅", "wu", "商企发展 · 便民维修店"),
    Named(4, "陈伟", "chenwei", "社区民警"),
]


@pytest.mark.parametrize(("said", "number", "rest"), [
    ("1042", 1042, ""), ("#1042 王师傅", 1042, "王师傅"), ("＃１０４２　王师傅", 1042, "王师傅"),
    ("1042王师傅", 1042, "王师傅"), ("5 楼", 5, "楼"), ("1042 楼道灯已换", 1042, "楼道灯已换"),
    ("1042号 王师傅", 1042, "王师傅"), (" 第1042号，Call HIM", 1042, "Call HIM"), ("事项 1042：原因。", 1042, "原因。"),
    ("1042\n第二行", 1042, "第二行"), ("No. 1042 wang", 1042, "wang"),
])  # fmt: skip
def test_a_number_is_read_however_it_is_typed(said: str, number: int, rest: str) -> None:
    assert numbered(said) == Numbered(number, rest)


@pytest.mark.parametrize(
    "said", ["", "王师傅", "3号楼漏水", "3-2-501", "5栋", "12号楼", "2单元", "1234567890123456", "v1042", "x"]
)
def test_an_address_or_a_word_is_no_number(said: str) -> None:
    assert numbered(said) is None


@pytest.mark.parametrize("said", [
    "1043 1042", "#1043 #1042", "1043和1042", "1043→1042", "1043 -> 1042", "1043 into 1042", "１０４３、１０４２",
    "1043 并入 1042", "1043 & 1042号",
])  # fmt: skip
def test_two_numbers(said: str) -> None:
    assert two_numbers(said) == (1043, 1042)


@pytest.mark.parametrize("said", ["", "1043", "1043 和", "1043 王师傅", "王 1042"])
def test_where_there_are_not_two(said: str) -> None:
    assert two_numbers(said) is None


def test_the_first_word_ends_at_any_space_or_where_a_number_begins() -> None:
    assert head("assign　1042 王") == ("assign", "1042 王")
    assert head("") == ("", "")
    assert glued("派单1042 王") == ("派单", "1042 王")
    assert glued("派单＃１０４２") == ("派单", "＃１０４２")
    assert glued("1042") == ("", "1042")


@pytest.mark.parametrize(("said", "found"), [
    ("王建国", [1]), ("WANG", [1]), ("王师傅", [1]), ("老王", [1]), ("吴师傅", [3]), ("吴工", [3]), ("建国", [1]),
    ("陈", [2, 4]), ("陈大姐", [2, 4]), ("chen", [2]), ("chenw", [4]), ("民警", [4]), ("管家", [1, 2]),
    ("陳秀英", [2]), ("维修", [1, 3]), ("赵", []), ("", []), ("师傅", [3]),
])  # fmt: skip
def test_whom_a_name_means(said: str, found: list[int]) -> None:
    assert [one.person_id for one in matching(PEOPLE, said)] == found


@pytest.mark.parametrize(
    ("said", "best"), [("王健国", 1), ("wnag", 1), ("陈秀莹", 2), ("吴师付", 3), ("陈秀莹 尽快", 2)]
)
def test_the_nearest_name_comes_first(said: str, best: int) -> None:
    assert nearest(PEOPLE, said)[0].person_id == best


def test_nobody_is_near_a_name_that_is_like_none() -> None:
    assert nearest(PEOPLE, "欧阳") == []
