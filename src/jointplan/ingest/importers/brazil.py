"""Facts of Brazil that the Olist files do not hold: where the capitals of its states lie."""

from __future__ import annotations

import math

# State: latitude and longitude of its capital, in degrees.
CAPITALS = {
    "AC": (-9.97, -67.81),
    "AL": (-9.65, -35.74),
    "AM": (-3.12, -60.02),
    "AP": (0.03, -51.07),
    "BA": (-12.97, -38.50),
    "CE": (-3.73, -38.52),
    "DF": (-15.79, -47.88),
    "ES": (-20.32, -40.34),
    "GO": (-16.69, -49.25),
    "MA": (-2.53, -44.30),
    "MG": (-19.92, -43.94),
    "MS": (-20.47, -54.62),
    "MT": (-15.60, -56.10),
    "PA": (-1.46, -48.49),
    "PB": (-7.12, -34.86),
    "PE": (-8.05, -34.88),
    "PI": (-5.09, -42.80),
    "PR": (-25.43, -49.27),
    "RJ": (-22.91, -43.17),
    "RN": (-5.79, -35.21),
    "RO": (-8.76, -63.90),
    "RR": (2.82, -60.67),
    "RS": (-30.03, -51.23),
    "SC": (-27.60, -48.55),
    "SE": (-10.91, -37.07),
    "SP": (-23.55, -46.63),
    "TO": (-10.18, -48.33),
}


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the great-circle distance of two places given as latitude and longitude, in km.

    Examples
    --------
    >>> round(kilometres(CAPITALS["SP"], CAPITALS["RJ"]))
    361
    """
    (lat_a, lon_a), (lat_b, lon_b) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    haversine = (
        math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * 6371.0 * math.asin(math.sqrt(haversine))
