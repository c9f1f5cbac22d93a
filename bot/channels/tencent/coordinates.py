"""Positions in mainland China as Tencent's platforms give them (GCJ-02), and as everybody else does (WGS 84).

The published approximation of the shift: some 100 to 700 m, so an unturned position may lie in the next estate. The way
back is found by applying the way there twice; what is left is less than a metre.
"""

from math import cos, pi, sin, sqrt

AXIS = (
    6378245.0  # metres, and the square of the eccentricity, of the ellipsoid the shift is defined on (Krasovsky 1940)
)
ECCENTRICITY2 = 0.00669342162296594323
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271  # degrees within which positions are shifted


def to_wgs84(latitude: float, longitude: float) -> tuple[float, float]:
    """Return the position in WGS 84; beyond China it is returned as it is."""
    if not (WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH):
        return latitude, longitude
    north, east = latitude, longitude
    for _ in range(2):
        shift_north, shift_east = _shift(north, east)
        north, east = latitude - shift_north, longitude - shift_east
    return north, east


def _shift(latitude: float, longitude: float) -> tuple[float, float]:
    """Return by how many degrees GCJ-02 shifts a position."""
    x, y = longitude - 105.0, latitude - 35.0
    ripple = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    angle = latitude / 180.0 * pi
    magic = 1.0 - ECCENTRICITY2 * sin(angle) ** 2
    north = north * 180.0 / (AXIS * (1.0 - ECCENTRICITY2) / (magic * sqrt(magic)) * pi)
    return north, east * 180.0 / (AXIS / sqrt(magic) * cos(angle) * pi)
