"""Bands of young series are as wide as what became of young series asks for."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from jointplan.demand import ForecastSettings, forecast_demand, scoring
from jointplan.demand.fans import Fan, Tried
from jointplan.demand.panel import Grain, Panel
from jointplan.demand.trials import CHANCES
from jointplan.demand.widening import (
    LEAST_KNOWN,
    far,
    least_mean,
    missed_by_age,
    poisson_quantiles,
    widened,
    widened_by_age,
)
from jointplan.schema import QUANTILES
from tests.demand.clusters import START

NORMAL = np.quantile(np.random.default_rng(0).normal(50.0, 10.0, 200_000), CHANCES)


def fan_of(count: int, weeks: int) -> Fan:
    grain = Grain(np.zeros(count, dtype=bool), np.full(count, 0.1))
    return Fan(np.full((count, weeks), 50.0), NORMAL[None, :, None] * np.ones((count, 1, weeks)), grain)


def test_what_falls_as_the_band_says_lies_about_one_away() -> None:
    """The mean squared normal score of the very distribution is 1, of one twice as wide near 4; weeks not seen do not count."""
    rng = np.random.default_rng(1)
    fan, actual = fan_of(1, 4000), 50.0 + 10.0 * rng.normal(size=(1, 4000))
    actual[0, ::3] = np.nan
    assert far(actual, fan.quantiles)[0] == pytest.approx(1.0, abs=0.1)
    assert far(50.0 + 2 * (actual - 50.0), fan.quantiles)[0] == pytest.approx(4.0, abs=0.5)
    assert np.isnan(far(np.full((1, 4000), np.nan), fan.quantiles)[0])


def test_only_young_series_are_widened_and_each_age_by_its_own_figures() -> None:
    """Where series of some weeks missed by three times their band, as young ones become that much wider; old ones keep theirs."""
    rng = np.random.default_rng(2)
    age = np.repeat([3, 9, 40], 50)
    spread = np.where(age == 9, 3.0, 1.0)[:, None]
    tried = [
        Tried(np.arange(150), fan_of(150, 8), 50.0 + 10.0 * spread * rng.normal(size=(150, 8)), spread[:, 0], spread[:, 0], None, age)
        for _ in range(12)
    ]  # fmt: skip
    missed = missed_by_age(tried)
    assert [len(figures) for figures in missed] == [12, 12]
    wide = widened_by_age(fan_of(150, 8), age, missed).quantiles
    width = (wide[:, 10, 0] - wide[:, 2, 0]) / (NORMAL[10] - NORMAL[2])
    assert width[age == 40] == pytest.approx(1.0)
    assert width[age == 9] == pytest.approx(3.0, rel=0.2)
    assert width[age == 3] == pytest.approx(1.1, abs=0.15)


def test_without_a_past_launch_a_young_band_is_taken_to_be_too_narrow() -> None:
    """Where no Monday tells, a young band becomes wider than an old one does, and keeps its middle."""
    fan = fan_of(1, 2)
    young, old = (widened(fan.quantiles, [], young=young) for young in (True, False))
    assert young[0, 10, 0] > old[0, 10, 0] > fan.quantiles[0, 10, 0]
    assert young[0, 6] == pytest.approx(fan.quantiles[0, 6], abs=0.1)


def test_what_sold_when_the_records_began_may_be_old() -> None:
    """Age is told of what began later alone."""
    units = np.zeros((3, 40))
    units[0, 0] = units[1, 12] = units[2, 13] = 1.0
    names = np.array(["a", "b", "c"])
    panel = Panel(names, names, names, names, names, units)
    assert panel.ages(20).tolist() == [20, 13, 7]
    assert panel.ages(40).tolist() == [40, 28, 27]
    assert panel.ages(20)[2] == 7
    # Records of ten weeks are young themselves.
    assert panel.ages(10).tolist() == [10, 0, 0]
    # What others sold before says how old the records are, also where only later series are picked.
    assert panel.pick(np.array([2])).ages(7).tolist() == [7]


@given(st.integers(0, 400))
def test_no_band_asks_for_more_than_the_mean(seed: int) -> None:
    """What is not negative and has these quantiles sells, on average, no more than the mean, unless its band asked for more before it was widened."""
    rng = np.random.default_rng(seed)
    narrow = np.sort(rng.gamma(0.4, 10.0, (4, len(CHANCES), 3)), axis=1)
    fan = Fan(narrow.mean(axis=1) * rng.uniform(0.5, 2.0, (4, 1)), narrow, fan_of(4, 3).grain)
    made = widened_by_age(fan, np.array([3, 3, 9, 40]), [[9.0] * 6, [4.0] * 6])
    assert (least_mean(made.quantiles) <= np.maximum(fan.mean, least_mean(narrow)) + 1e-9).all()
    assert (np.diff(made.quantiles, axis=1) >= -1e-12).all()
    assert made.quantiles[3] == pytest.approx(narrow[3])


def test_the_least_mean_is_that_of_the_lowest_draws() -> None:
    """Where each draw is the highest quantile below it, the mean of very many is the least mean."""
    quantiles = np.sort(np.random.default_rng(2).gamma(1.0, 5.0, (1, len(CHANCES), 1)), axis=1)
    chance = (np.arange(200_000) + 0.5) / 200_000
    place = np.searchsorted(CHANCES, chance, side="right") - 1
    drawn = np.where(place >= 0, quantiles[0, np.maximum(place, 0), 0], 0.0)
    assert least_mean(quantiles)[0, 0] == pytest.approx(drawn.mean(), rel=1e-4)


def launched(seed: int, weeks: int) -> list[tuple[str, str, str, list[float]]]:
    """Thirty steady products and one launched every other week, each of its own size and with a level of its own after its first weeks."""
    rng = np.random.default_rng(seed)
    series = [(f"OLD{n:02}", "m", "s", rng.poisson(20.0, weeks).astype(float).tolist()) for n in range(30)]
    for begin in range(20, weeks - 13, 2):
        size = np.exp(rng.normal(2.5, 0.5))
        level = np.concatenate([np.full(4, size), np.full(weeks, size * np.exp(rng.normal(0.0, 0.5)))])
        units = np.concatenate([np.zeros(begin), rng.poisson(level)])[:weeks]
        series.append((f"NEW{begin:02}", "m", "s", units.tolist()))
    return series


def test_bands_of_series_a_few_weeks_old_hold_what_they_say(make_tables) -> None:
    """Of products whose first weeks say little of what follows, four in five weeks come to lie in the 80 % band; a product one week old has a band at all."""
    held, seen, narrow = 0.0, 0, []
    for seed in range(3):
        series = launched(seed, 104)
        known = [(*names, units[:91]) for *names, units in series if any(units[:91])]
        end = START - timedelta(weeks=13)
        settings = ForecastSettings(models=("SES", "WindowAverage"), trees="never", workers=1)
        made = forecast_demand(make_tables(known, end=end), settings, start=end, weeks=13, seed=1)[
            "forecasts"
        ].to_pandas()
        for sku, _, _, units in series:
            begin = int(np.argmax(np.array(units) > 0))
            if 91 - 13 < begin < 91:
                quantiles = (
                    made[(made["sku"] == sku) & (made["basis"] == "shared")]
                    .sort_values("week")[list(QUANTILES)]
                    .to_numpy()
                    .T[None]
                )
                chances = scoring.chance_below(np.array(units[91:])[None], quantiles, CHANCES)
                held += scoring.overlap(*chances, 0.8).sum()
                seen += 13
                narrow.append(float((quantiles[0, 10] - quantiles[0, 2]).min() / max(units[begin], 1.0)))
    assert 0.7 < held / seen < 0.92
    assert min(narrow) > 0.2


@given(st.floats(0.0, 1e7))
def test_the_quantiles_of_counts_are_those_of_scipy(mean: float) -> None:
    """The least count whose chance is reached, as the library's own Poisson distribution says."""
    assert poisson_quantiles(np.array([[mean]]))[0, :, 0] == pytest.approx(np.maximum(poisson.ppf(CHANCES, mean), 0.0))


def test_what_is_known_for_few_weeks_is_never_more_certain_than_chance() -> None:
    """A band of no width becomes that of a Poisson count below eight weeks and stays after; one that is wider stays as wide; the median is kept."""
    age = np.array([1, LEAST_KNOWN - 1, LEAST_KNOWN])
    grain = Grain(np.ones(3, dtype=bool), np.ones(3))
    certain = Fan(np.full((3, 1), 50.0), np.full((3, len(CHANCES), 1), 50.0), grain)
    made = widened_by_age(certain, age, [[1.0], [1.0]]).quantiles[:, :, 0]
    assert made[:2] == pytest.approx(np.tile(np.where(CHANCES == 0.5, 50.0, poisson.ppf(CHANCES, 50.0)), (2, 1)))
    assert (made[2] == 50.0).all()
    wide = Fan(np.full((3, 1), 50.0), np.repeat(25.0 + 50.0 * CHANCES[None, :, None], 3, axis=0), grain)
    kept = widened_by_age(wide, age, [[1.0], [1.0]]).quantiles
    assert (kept[:, 0] <= wide.quantiles[:, 0]).all()
    assert (kept[:, -1] >= wide.quantiles[:, -1]).all()
