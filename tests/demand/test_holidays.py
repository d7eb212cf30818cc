"""Holidays fall where the calendar says, and what they did to past weeks widens no ordinary week."""

from datetime import date, timedelta

import numpy as np
import pytest

from jointplan.demand import ForecastSettings, forecast_series
from jointplan.demand.fans import Fan, Tried, learn_calibration
from jointplan.demand.holidays import KINDS, holiday_weeks, known_weeks
from jointplan.demand.learned import Teaching, _Reader
from jointplan.demand.panel import Grain
from jointplan.demand.trials import CHANCES


def weeks_of(kind: str, country: str, year: int) -> list[date]:
    """Return the Mondays of the weeks of a year that hold a holiday."""
    monday = date(year, 1, 1) - timedelta(days=date(year, 1, 1).weekday())
    codes = holiday_weeks(country, monday, 53)
    return [monday + timedelta(weeks=int(week)) for week in np.flatnonzero(codes >> KINDS.index(kind) & 1)]


@pytest.mark.parametrize(
    ("kind", "country", "year", "mondays"),
    [
        # Published days: Black Friday 24 November 2017 and 29 November 2024, lunar new year 10 February 2024.
        ("black_friday", "BR", 2017, [date(2017, 11, 20), date(2017, 11, 27)]),
        ("black_friday", "US", 2024, [date(2024, 11, 25), date(2024, 12, 2)]),
        ("black_friday", "DE", 2009, []),
        ("black_friday", "", 2024, []),
        ("black_friday", "MX", 2024, []),  # its Buen Fin is a week earlier
        ("lunar_new_year", "CN", 2024, [date(2024, 2, 5), date(2024, 2, 12)]),
        ("singles_day", "CN", 2024, [date(2024, 10, 28), date(2024, 11, 4), date(2024, 11, 11)]),
        ("singles_day", "US", 2024, []),
    ],
)  # fmt: skip
def test_holidays_fall_where_the_calendar_says(kind: str, country: str, year: int, mondays: list[date]) -> None:
    """Weeks in which a day of it falls are marked, and no others."""
    assert weeks_of(kind, country, year) == mondays


def test_advent_is_the_fourth_sunday_before_christmas() -> None:
    """In 2017 Christmas Eve was a Sunday: Advent began on 3 December, and the season ends at Epiphany."""
    codes = holiday_weeks("GB", date(2017, 11, 27), 8)
    assert (codes >> KINDS.index("christmas") & 1).tolist() == [1, 1, 1, 1, 1, 1, 0, 0]


def test_weeks_outside_the_span_mark_nothing() -> None:
    """A holiday before or after the weeks asked for leaves them alone; none at all is None."""
    assert known_weeks(["BR", ""], date(2018, 3, 5), 20) is None
    made = known_weeks(["BR", ""], date(2017, 11, 6), 4)
    assert made is not None
    assert (made > 0).tolist() == [[False, False, True, True], [False] * 4]


def test_what_a_holiday_did_widens_no_ordinary_week() -> None:
    """Where all series jumped in two holiday weeks the band of ordinary weeks stays as it was without them, and that of such weeks is wider."""
    rng = np.random.default_rng(1)
    chance = np.array([np.quantile(rng.normal(20.0, 4.0, 20_000), level) for level in CHANCES])
    festive = np.zeros((80, 8), dtype=bool)
    festive[:, 5:7] = True
    tried = []
    for _ in range(4):
        actual = rng.normal(20.0, 4.0, (80, 8))
        actual[festive] += 15.0
        fan = Fan(
            np.full((80, 8), 20.0),
            np.tile(chance[None, :, None], (80, 1, 8)),
            Grain(np.zeros(80, dtype=bool), np.zeros(80)),
        )
        tried.append(Tried(np.arange(80), fan, actual, np.ones(80), np.ones(80), festive))
    kind = np.zeros(80, dtype=np.int64)
    made = learn_calibration(tried, kind)
    assert np.allclose(made.ordinary[0, 2:11], CHANCES[2:11], atol=0.03)
    assert made.festive[0, 10] > 0.97
    blind = learn_calibration([Tried(t.rows, t.fan, t.actual, t.absolute, t.squared) for t in tried], kind)
    assert blind.ordinary[0, 10] > made.ordinary[0, 10] + 0.04


def test_holidays_are_of_use_and_change_nothing_where_there_are_none() -> None:
    """Bands of weeks without a holiday are narrower if the past jump is known as one; a country without holidays changes no number."""
    rng = np.random.default_rng(2)
    values = rng.poisson(30.0, (40, 60)).astype(float)
    begin = date(2018, 2, 5) - timedelta(weeks=60)
    values[:, 49:51] *= 4.0  # Black Friday of 2017 and the week after it
    arguments = {"horizon": 6, "season": 52, "settings": ForecastSettings(origin_step=6, reconcile=False)}
    widths = []
    for country in ("BR", "", None):
        given = {} if country is None else {"begin": begin, "country": np.full(40, country)}
        _, quantiles = forecast_series(values, **arguments, **given)  # type: ignore[arg-type]  # as forecast_series names them
        widths.append(quantiles)
    assert np.array_equal(widths[1], widths[2])
    assert (widths[0][:, 10] - widths[0][:, 2]).mean() < 0.9 * (widths[1][:, 10] - widths[1][:, 2]).mean()


def test_weeks_of_a_kind_never_tried_are_read_as_the_others() -> None:
    """Before the first holiday was tried, holiday weeks keep the place and width that ordinary weeks had, and the other way round."""
    rng = np.random.default_rng(3)
    levels = np.array([np.quantile(rng.normal(20.0, 4.0, 20_000), level) for level in CHANCES])
    fan = Fan(
        np.full((60, 6), 20.0), np.tile(levels[None, :, None], (60, 1, 6)), Grain(np.zeros(60, bool), np.zeros(60))
    )
    kind = np.zeros(60, dtype=np.int64)
    for all_festive in (False, True):
        festive = np.full((60, 6), all_festive)
        tried = [
            Tried(np.arange(60), fan, rng.normal(25.0, 8.0, (60, 6)), np.ones(60), np.ones(60), festive)
            for _ in range(4)
        ]
        made = learn_calibration(tried, kind)
        assert np.array_equal(made.festive, made.ordinary)
        assert made.ordinary[0, 10] > 0.95


def test_trees_read_a_holiday_once_it_lies_half_a_season_back() -> None:
    """A holiday of which only the last weeks were seen tells nothing apart from those weeks; a year later it is read."""
    blank = np.zeros(4, dtype=np.int64)
    for weeks, read in ((53, []), (90, [KINDS.index("black_friday"), KINDS.index("christmas")])):
        codes = np.tile(holiday_weeks("BR", date(2017, 1, 9), weeks + 8), (4, 1))
        seen = np.ones((4, weeks), dtype=bool)
        teaching = Teaching(np.ones((4, weeks)), seen, blank, blank, blank, blank, blank, holidays=codes)
        assert _Reader(teaching, 52).bits == read
