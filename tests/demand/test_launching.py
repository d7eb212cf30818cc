"""The forecast of a new product goes by the launches before it, too, as far as that would have served."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan.demand import ForecastSettings, forecast_demand, launching
from jointplan.demand.fans import Fan, Tried
from jointplan.demand.launch.history import Products
from jointplan.demand.launch.predictive import draw_courses, expected_course, find_analogues
from jointplan.demand.launching import HALF, LARGEST, launched_units, with_launches
from jointplan.demand.panel import Grain, read_panel
from jointplan.demand.trials import CHANCES
from tests.demand.clusters import START


def launches(count: int, weeks: int, growth: float, seed: int = 4) -> list[tuple[str, str, str, list[float]]]:
    """Return old products and launches, one every other week, that sell ``growth`` times as much from their fifth week on."""
    rng = np.random.default_rng(seed)
    series = [(f"OLD{n:02}", "m", "s", rng.poisson(20.0, weeks).astype(float).tolist()) for n in range(20)]
    for number in range(count):
        begin = weeks - 4 - 2 * number
        rate = np.zeros(weeks)
        rate[begin:] = rng.uniform(5.0, 40.0)
        rate[begin + 4 :] *= growth
        series.append((f"NEW{number:02}", "m", "s", np.maximum(rng.poisson(rate), rate > 0).astype(float).tolist()))
    return series


def fan_of(mean: float, count: int = 8, weeks: int = 4) -> Fan:
    quantiles = np.linspace(0.2, 1.8, len(CHANCES))[None, :, None] * np.full((count, 1, weeks), mean)
    return Fan(np.full((count, weeks), mean), quantiles, Grain(np.zeros(count, dtype=bool), np.full(count, 0.1)))


def monday(sold: float) -> Tried:
    """Return a past Monday on which 10 units a week were forecast of each of eight series."""
    return Tried(np.arange(8), fan_of(10.0), np.full((8, 4), sold), np.ones(8), np.ones(8))


@given(st.integers(0, 6), st.integers(0, 50))
def test_the_expected_course_is_the_mean_of_those_drawn(seen: int, seed: int) -> None:
    """What is expected without drawing is what very many drawn courses come to."""
    rng = np.random.default_rng(seed)
    units = rng.poisson(12.0, (25, 60)).astype(float)
    for row in range(25):
        units[row, : 10 + row] = 0.0
    blank, unknown = np.full(25, "", dtype=np.str_), np.full(25, np.nan)
    products = Products(np.array([f"P{n:02}" for n in range(25)]), blank, blank, blank, unknown, unknown, units)
    analogues = find_analogues(products, 26)
    near, known = rng.normal(size=len(analogues)), rng.poisson(8.0, seen).astype(float)
    drawn = draw_courses(known, near, analogues, 13, 20_000, rng).ahead.mean(axis=0)
    # The first week of what was never sold is the one in which something is.
    weeks = slice(1 if not seen else 0, None)
    assert drawn[weeks] == pytest.approx(expected_course(known, near, analogues, 13)[weeks], rel=0.05, abs=0.1)


def test_launches_count_as_much_as_they_would_have_served() -> None:
    """A half where nothing is known or they were right, nothing where the forecast alone was; nothing is raised more than so many times."""
    now, there = np.full(8, 60.0), [np.full(8, 60.0)] * 6
    for past, weight in (([], HALF), ([monday(15.0)] * 6, HALF), ([monday(8.0)] * 6, 0.0)):
        fan, tried = with_launches(fan_of(10.0), past, now, there[: len(past)])
        assert fan.mean == pytest.approx(10.0 + weight * 5.0)
        assert fan.quantiles == pytest.approx((1.0 + weight / 2.0) * fan_of(10.0).quantiles)
        assert all(one.fan.mean == pytest.approx(fan.mean) for one in tried)
    between, _ = with_launches(fan_of(10.0), [monday(11.0)] * 6, now, there)
    assert 10.0 < between.mean.min() < 12.0
    far, _ = with_launches(fan_of(10.0), [], np.full(8, 1e9), [])
    assert far.mean == pytest.approx(LARGEST * 10.0)


def test_what_is_not_new_or_not_forecast_stays(make_tables) -> None:
    """Old products have no launch to go by; a series forecast at nothing stays at nothing; one order of 10⁹ on a past Monday changes the weight by little."""
    fan, _ = with_launches(fan_of(10.0), [], np.full(8, np.nan), [])
    assert fan.mean == pytest.approx(10.0)
    assert not with_launches(fan_of(0.0), [], np.full(8, 60.0), [])[0].mean.any()
    spiked = monday(8.0)
    spiked.actual[3, 2] = 1e9
    moved, _ = with_launches(fan_of(10.0), [spiked] * 6, np.full(8, 60.0), [np.full(8, 60.0)] * 6)
    assert moved.mean == pytest.approx(10.0, abs=1.0)
    panel = read_panel(make_tables(launches(20, 80, 1.0)), START)
    units = launched_units(panel, 80, 13)
    assert np.isnan(units[np.char.startswith(panel.sku, "OLD")]).all()
    age = panel.weeks - panel.first
    assert (~np.isnan(units) == (age <= 13)).all()


def test_nothing_after_the_monday_is_read_and_a_product_is_shared_among_its_series(make_tables) -> None:
    """Any future leaves what is expected as it is; the series of a product add up to what is expected of it as one series."""
    series = launches(20, 80, 2.0)
    panel = read_panel(make_tables(series), START)
    panel.quantity[:, 70:] = 1e6
    poisoned = launched_units(panel, 70, 13)
    assert (~np.isnan(poisoned)).any()
    clean = launched_units(read_panel(make_tables(series), START), 70, 13)
    np.testing.assert_array_equal(clean, poisoned)
    parts = [
        (sku, market, seller, [units * share for units in sold])
        for sku, _, seller, sold in series
        for market, share in (("m", 0.25), ("n", 0.75))
    ]
    apart = read_panel(make_tables(parts), START)
    split = launched_units(apart, 70, 13)
    for sku in np.unique(apart.sku):
        whole = clean[panel.sku == sku][0]
        both = split[apart.sku == sku]
        assert both.sum() == pytest.approx(whole, nan_ok=True)
        if not np.isnan(whole):
            assert both[apart.market[apart.sku == sku] == "n"] == pytest.approx(0.75 * whole)


def test_where_launches_grow_new_products_are_forecast_closer_to_what_they_sell(
    make_tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Launches sell three times as much from their fifth week on: with the launches before, the latest are forecast nearer to that."""
    weeks, ahead = 104, 8
    series = launches(30, weeks + ahead, 3.0)
    known = [(sku, market, seller, sold[:weeks]) for sku, market, seller, sold in series if any(sold[:weeks])]
    begun = {sku: int(np.flatnonzero(sold)[0]) for sku, _, _, sold in series}
    settings = ForecastSettings(workers=1)

    def missed() -> float:
        made = forecast_demand(make_tables(known), settings, start=START, weeks=ahead, seed=1)["forecasts"].to_pandas()
        made = made[made["basis"] == made["basis"].max()].groupby("sku")["mean"].sum()
        return sum(abs(made[sku] - sum(sold[weeks:])) for sku, _, _, sold in series if weeks - 5 <= begun[sku] < weeks)

    helped = missed()
    monkeypatch.setattr(launching, "_weight", lambda *_: 0.0)
    assert helped < 0.8 * missed()
