"""A position that a Chinese map gives is turned into what GPS gives."""

import pytest

from bot.channels.tencent.coordinates import to_wgs84

KNOWN = [  # GCJ-02 and WGS 84 of one spot, from the tests of the library eviltransform
    ((31.17530398364597, 121.531541859215), (31.1774276, 121.5272106)),
    ((22.540796131694766, 113.9171764808363), (22.543847, 113.912316)),
    ((39.91334545536069, 116.38404722455657), (39.911954, 116.377817)),
]


@pytest.mark.parametrize(("map_", "gps"), KNOWN)
def test_known_spots(map_: tuple[float, float], gps: tuple[float, float]) -> None:
    assert to_wgs84(*map_) == pytest.approx(gps, abs=1e-5)


def test_abroad_nothing_is_shifted() -> None:
    assert to_wgs84(48.8584, 2.2945) == (48.8584, 2.2945)
