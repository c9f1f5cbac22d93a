"""Groups by name, and the desk by its name in them."""

import pytest

from bot.channels.web.groups import cut_mention, is_group
from tests.channels.web.desk import ParrotDesk


@pytest.mark.parametrize(
    ("text", "rest", "named"),
    [
        ("@红管家 灯不亮", "灯不亮", True),
        ("@红管家，灯不亮", "灯不亮", True),
        ("＠红管家灯不亮", "灯不亮", True),
        ("灯不亮 @红管家 快来", "灯不亮 快来", True),
        ("灯不亮@红管家", "灯不亮", True),
        ("@Steward: no light", "no light", True),
        ("hi @steward, no light", "hi, no light", True),
        ("@红管家 @Steward\n灯不亮", "灯不亮", True),
        ("@红管家", "", True),
        ("红管家，灯不亮", "红管家，灯不亮", False),
        (" 灯不亮 ", " 灯不亮 ", False),
        ("@Stewardess", "@Stewardess", False),
        ("a@steward.example", "a@steward.example", False),
        ("@张阿姨 灯不亮", "@张阿姨 灯不亮", False),
    ],
)
def test_the_desks_name_is_cut_out(text: str, rest: str, named: bool) -> None:
    assert cut_mention(text) == (rest, named)


def test_a_group_is_known_by_its_name(desk: ParrotDesk) -> None:
    assert desk.channel.is_group("group:yard")
    assert not desk.channel.is_group("demo:aunt")
    assert not is_group("0" * 32)
