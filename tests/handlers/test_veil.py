"""What everybody reads of a wish has no door in it, however it was written."""

import pytest

from handlers.veil import hide_doors


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("３０１室的王阿姨", "＊＊室的王阿姨"),
        ("二零三室的王阿姨", "＊＊室的王阿姨"),
        ("203的阿姨", "＊＊的阿姨"),
        ("我在3号楼B1203", "我在3号楼＊＊"),
        ("想要一台220V的电扇", "想要一台220V的电扇"),
        ("2026年的挂历，200元以内", "2026年的挂历，200元以内"),
    ],
)
def test_doors(said: str, shown: str) -> None:
    assert hide_doors(said, units=True) == shown
