"""What leads to a person does not stand in a group."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.mask import mask


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
        "银行卡 6222021381234567890",
        "表号 9913812345678",
        "12812345678",
        "电话打不通，电表8765",
        "",
    ],
)
def test_what_is_not_a_persons_number_stays(said: str) -> None:
    assert mask(said) == said


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
