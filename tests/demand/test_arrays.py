"""Arrays of series: forecast like tables, whatever is in them, and never from what comes later."""

import numpy as np
import pytest

from jointplan.demand import ForecastSettings, forecast_series
from jointplan.errors import UsageError

TREES = ForecastSettings(trees="always", examples=4_000, rounds=10, origin_step=8, origins=2)


def sales(seed: int, series: int, weeks: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    level = np.exp(rng.normal(1.2, 0.8, series))[:, None]
    return rng.negative_binomial(2, 2 / (2 + level), (series, weeks)).astype(float)


def check(mean: np.ndarray, quantiles: np.ndarray, series: int, horizon: int) -> None:
    """Check what every forecast promises."""
    assert mean.shape == (series, horizon)
    assert quantiles.shape == (series, 13, horizon)
    for numbers in (mean, quantiles):
        assert np.isfinite(numbers).all()
        assert (numbers >= 0).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()


@pytest.mark.parametrize(
    ("name", "row", "low", "high"),
    [
        ("one point", [np.nan] * 29 + [5.0], 0, 15),
        ("all zeros", [0.0] * 30, 0, 0),
        ("all missing", [np.nan] * 30, 0, 0),
        ("a spike of a billion", [4.0, 6.0, 5.0] * 9 + [1e9, 5.0, 4.0], 1, 30),
        ("gaps", [3.0, np.nan, np.nan, 3.0, 0.0] * 6, 0, 6),
        ("a launch last week", [0.0] * 29 + [9.0], 0, 27),
        ("below zero", [5.0, -3.0] * 15, 0, 10),
        ("constant", [7.0] * 30, 6, 8),
    ],
)
def test_awkward_series_are_forecast(name, row, low, high):
    """Alone or among others, with and without the trees, every such series gets sensible numbers."""
    alone = np.array([row])
    check(*forecast_series(alone, horizon=4, season=12), 1, 4)
    among = np.vstack([alone, sales(1, 20, 30)])
    mean, quantiles = forecast_series(among, horizon=4, season=12)
    check(mean, quantiles, 21, 4)
    assert low <= mean[0].min() <= mean[0].max() <= high, name


@pytest.mark.parametrize(("units", "known"), [(7.0, 30), (5.0, 1)])
def test_constant_series_are_forecast_as_they_are(units, known):
    """A constant alone is forecast at itself; where it is known for one period only the band has a width."""
    mean, quantiles = forecast_series(np.array([[*[np.nan] * (30 - known), *[units] * known]]), horizon=4, season=12)
    assert mean == pytest.approx(units)
    assert (quantiles[:, 0] <= mean + 1e-9).all()
    assert (mean <= quantiles[:, -1] + 1e-9).all()
    assert (quantiles[:, 0] < quantiles[:, -1]).all() == (known == 1)


def test_the_trees_forecast_too_and_the_same_seed_gives_the_same_numbers():
    """With boosted trees the promises hold, and nothing depends on chance."""
    values = sales(2, 120, 50)
    first = forecast_series(values, horizon=6, season=26, seed=3, settings=TREES)
    check(*first, 120, 6)
    again = forecast_series(values, horizon=6, season=26, seed=3, settings=TREES)
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])


def test_the_trees_are_blind_to_what_comes_later():
    """What the trees taught up to a week say is the same whatever was sold from that week on."""
    from jointplan.demand.judge import Monday
    from jointplan.demand.panel import Panel
    from jointplan.demand.teaching import teach

    values, said = sales(3, 120, 60), []
    blank = np.full(120, "", dtype=np.str_)
    for later in (1.0, 1000.0):
        units = values.copy()
        units[:, 44:] *= later
        panel = Panel(blank, blank, blank, blank, blank, units)
        mondays = [Monday(cutoff, panel, np.ones(120, dtype=bool)) for cutoff in (36, 44)]
        past, _ = teach(mondays, 6, TREES, (1,), 1)
        said.append(past[0])
    assert said[0] is not None
    assert np.array_equal(said[0].mean, said[1].mean)
    assert np.array_equal(said[0].quantiles, said[1].quantiles)


def test_the_trees_know_products_by_their_attributes():
    """Where dear products fade after half a year and cheap ones do not, young dear ones are expected to, once prices are told."""
    from jointplan.demand.learned import Teaching, learn

    rng = np.random.default_rng(6)
    count, weeks = 240, 80
    first = rng.integers(0, 57, count)
    dear = np.arange(count) % 2 == 0
    age = np.arange(weeks) - first[:, None]
    faded = dear[:, None] & (age >= 26)
    units = np.where(age >= 0, rng.poisson(np.where(faded, 3.0, 15.0)), 0).astype(float)
    one = np.zeros(count, dtype=np.int64)
    young = (first > weeks - 26) & (first <= weeks - 16)
    ahead = {}
    for told in (False, True):
        attributes = np.where(dear, 5.0, 1.0)[:, None] if told else None
        teaching = Teaching(units, np.ones_like(units, dtype=bool), first, one, one, one, one, attributes=attributes)
        made = learn(teaching, 13, season=52, examples=30_000, rounds=60, rng=np.random.default_rng(0))
        assert made is not None
        late = made.mean[:, -3:].mean(axis=1)
        ahead[told] = late[young & dear].mean() / late[young & ~dear].mean()
    assert ahead[True] < 0.5
    assert ahead[False] > 0.8


def test_weeks_out_of_stock_are_not_read_as_no_demand():
    """Of series that could not sell in a third of the weeks the estimate is near the truth if those are told, and far below it if they count as zeros."""
    rng = np.random.default_rng(5)
    truth = rng.poisson(20, (40, 60)).astype(float)
    gone = rng.random(truth.shape) < 0.35
    told, _ = forecast_series(np.where(gone, np.nan, truth), horizon=6, season=26)
    untold, _ = forecast_series(np.where(gone, 0.0, truth), horizon=6, season=26)
    assert told.mean() == pytest.approx(20, rel=0.06)
    assert untold.mean() < 0.8 * told.mean()


def test_nothing_to_forecast_and_wrong_calls():
    """No series give no forecasts; an impossible call or an infinite number is refused with a cure."""
    check(*forecast_series(np.zeros((0, 9)), horizon=3), 0, 3)
    check(*forecast_series(np.zeros((2, 0)), horizon=3), 2, 3)
    with pytest.raises(UsageError, match="at least one period"):
        forecast_series(np.zeros((2, 5)), horizon=0)
    with pytest.raises(UsageError, match="Series 1 holds an infinite number"):
        forecast_series(np.array([[1.0], [np.inf]]), horizon=2)
