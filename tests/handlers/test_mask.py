"""What leads to a person does not stand in a group."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.mask import hide_names, mask, mask_all


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("手机13812345678找我", "手机138****5678找我"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("138.123.45678", "138****5678"),
        ("+86 13812345678", "+86 138****5678"),
        ("8613812345678", "86138****5678"),
        ("008613812345678", "0086138****5678"),
        ("１３８１２３４５６７８", "１３８****５６７８".translate(str.maketrans("１３８５６７", "138567"))),
        ("19912345678或15012345678", "199****5678或150****5678"),
    ],
)
def test_mobile_numbers(said: str, shown: str) -> None:
    assert mask(said) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("020-87654321", "020-****4321"),
        ("02087654321", "020****4321"),
        ("(020) 8765 4321", "(020) ****4321"),
        ("（020）87654321", "（020）****4321"),
        ("010—87654321", "010—****4321"),
        ("0755-8765432 找物业", "0755-****5432 找物业"),
        ("+86 20 87654321", "+86 20 ****4321"),
        ("家里电话：87654321", "家里电话：****4321"),
        ("座机是8765432", "座机是****5432"),
        ("Tel. 8765 4321", "Tel. ****4321"),
    ],
)
def test_landlines(said: str, shown: str) -> None:
    assert mask(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "身份证110101199003071233",
        "110101 19900307 123X，姓李",
        "身份证号11010119900307123x。",
        "１１０１０１１９９００３０７１２３Ｘ",
    ],
)
def test_identity_cards(said: str) -> None:
    shown = mask(said)
    assert "110*************" in shown
    assert "19900307" not in shown
    assert "9003" not in shown


@pytest.mark.parametrize(
    "said",
    [
        "火警119，急救120，报警110，市民热线12345，供电95598，客服400-820-8820",
        "#1042 3栋2单元501，2026-10-10 8:30",
        "3-2-501",
        "20260930",
        "车牌粤A12345，里程138123公里",
        "表号 00012345678901234567",
        "表号 9913812345678",
        "12812345678",
        "电话打不通，电表8765",
        "",
    ],
)
def test_what_is_not_a_persons_number_stays(said: str) -> None:
    assert mask(said) == said


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("银行卡 6222021381234567890", "银行卡 ***************7890"),
        ("6222 0213 8123 4567", "************4567"),
        ("6222-0213-8123-4567-890", "***************7890"),
        ("６２２２０２１３８１２３４５６７", "************4567"),
    ],
)
def test_bank_cards(said: str, shown: str) -> None:
    assert mask(said) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("138 - 1234 - 5678", "138****5678"),
        ("1381 2345 678", "138****5678"),
        ("138  1234  5678", "138****5678"),
        ("+86-138-1234-5678", "+86-138****5678"),
        ("＋８６ １３８１２３４５６７８", "＋８６ 138****5678"),
        ("一三八一二三四五六七八", "一三八****五六七八"),
        ("幺三八幺二三四五六七八", "幺三八****五六七八"),
        ("身份证110101900307123", "身份证110**********23"),
    ],
)
def test_other_ways_to_write_a_number(said: str, shown: str) -> None:
    assert mask(said) == shown


def test_everything_in_one_sentence() -> None:
    said = "我叫李梅，3栋2单元501，手机13812345678，家里020-87654321，身份证110101199003071233，漏水三天了"
    assert mask(said) == (
        "我叫李梅，3栋2单元501，手机138****5678，家里020-****4321，身份证110*************33，漏水三天了"
    )


@given(st.text(alphabet="0123456789+- .()电话Xx：，") | st.text())
def test_masking_twice_changes_nothing_more(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.sampled_from(["", "手机", "，", "a", "\n"]))
def test_no_mobile_number_gets_through(number: str, around: str) -> None:
    shown = mask(around + number + around)
    assert number not in shown
    assert shown == f"{around}{number[:3]}****{number[-4:]}{around}"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("501的李阿姨，电话13812345678", "***的＊＊，电话138****5678"),
        ("隔壁502吵，我住３０１", "隔壁***吵，我住***"),
        ("3号楼2单元501室", "3号楼2单元***室"),
        ("3-2-1501找李阿姨", "3-2-***找＊＊"),
        ("五零一的、1502B的、12室的", "***的、***的、***室的"),
        ("room 501, building 3", "room ***, building 3"),
        ("李阿姨在楼下", "＊＊在楼下"),
    ],
)
def test_of_a_private_matter_no_door_and_no_name_is_left(said: str, shown: str) -> None:
    assert mask_all(said, "李阿姨") == shown


@pytest.mark.parametrize(
    "said", ["打110和119、12345", "2026年吵了300次，赔500元", "#1001那件事", "5号楼3单元", "9月30日10:00", ""]
)
def test_what_is_no_door_stays(said: str) -> None:
    assert mask_all(said, "李阿姨") == said


def test_a_name_of_one_character_is_left() -> None:
    assert mask_all("李家和李子树", "李") == "李家和李子树"


@pytest.mark.parametrize(
    ("said", "name", "shown"),
    [
        ("Living room of Li", "Li", "Living room of ＊＊"),
        ("陳伯在家", "陈伯", "＊＊在家"),
        ("li wei is at home", "Li Wei", "＊＊ is at home"),
        ("陈伯一个人住", "5栋301陈伯", "＊＊一个人住"),
    ],
)
def test_a_name_is_found_however_it_is_written(said: str, name: str, shown: str) -> None:
    assert hide_names(said, name) == shown
