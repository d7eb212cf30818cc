"""The map: ways, framing, places."""

from __future__ import annotations

import math

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan.report.geography import Place, countries, framing, great_circle, land, neighbours

places = st.builds(Place, st.just("x"), st.floats(-70, 70), st.floats(-180, 180))


def test_great_circle_goes_the_published_way() -> None:
    """The way from Valparaíso to Shanghai passes its published waypoints (Wikipedia, great-circle navigation)."""
    way = great_circle(Place("Valparaíso", -33.0, -71.6), Place("Shanghai", 31.4, 121.8), steps=3)
    assert way[1] == pytest.approx([-6.81, -159.18], abs=0.02)


@given(places, places)
def test_great_circle_begins_and_ends_where_it_should(start: Place, end: Place) -> None:
    """A way starts and ends at its places, wherever on the globe they lie."""
    way = great_circle(start, end)
    for point, place in ((way[0], start), (way[-1], end)):
        turn = math.radians(point[1] - place.lon)
        assert point[0] == pytest.approx(place.lat, abs=1e-6)
        assert abs(math.sin(turn / 2)) < 1e-6


def test_map_shows_routes_whole() -> None:
    """From Foshan to America, Europe and Brazil the map is cut where no route runs."""
    foshan = Place("Foshan", 22.8, 113.3)
    ends = [Place("US", 39.5, -99.1), Place("BR", -10.8, -53.1), Place("DE", 51.1, 10.4)]
    edge = (framing([(foshan, end) for end in ends]).lon + 180) % 360
    assert (-99.1 % 360) < edge < (-53.1 % 360)


def test_map_zooms_in_on_a_region() -> None:
    """Routes within one country are shown near to."""
    frame = framing([(Place("Ibitinga", -21.8, -48.8), Place("Recife", -8.0, -34.9))])
    assert frame.zoom > 5
    assert -50 < frame.lon < -33


def test_every_usual_country_has_a_place() -> None:
    """Nearly every ISO country has a middle, and it lies where that country is."""
    middles = countries()
    known = {country.alpha_2 for country in pycountry.countries}
    assert middles.keys() <= known
    assert len(middles) > 230
    for code, lat, lon in (("CN", 36, 104), ("US", 40, -99), ("RU", 61, 97), ("SG", 1.3, 104), ("NZ", -43, 171)):
        assert abs(middles[code][0] - lat) < 3
        assert abs(middles[code][1] - lon) < 4


def test_land_is_closed_rings_on_the_globe() -> None:
    """The outline consists of closed rings within the bounds of the globe."""
    for polygon in land()["geometry"]["coordinates"]:
        for ring in polygon:
            assert ring[0] == ring[-1]
            assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in ring)


def test_neighbours_are_drawn_as_the_heaviest() -> None:
    """Places near each other are drawn as the one with most weight; far ones stay."""
    where = {"a": Place("a", 22.8, 113.2), "b": Place("b", 22.9, 113.3), "c": Place("c", 50.0, 10.0)}
    assert neighbours({"a": 1.0, "b": 5.0, "c": 2.0}, where, 1.0) == {"a": "b", "b": "b", "c": "c"}
