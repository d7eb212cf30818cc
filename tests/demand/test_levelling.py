"""Young series are forecast at the level that series as young went on to sell at."""

import numpy as np
import pytest

from jointplan.demand import ForecastSettings, basis, forecast_demand
from jointplan.demand.fans import Fan, Tried
from jointplan.demand.levelling import FARTHEST, levelled_by_age, levels_by_age
from jointplan.demand.panel import Grain
from jointplan.demand.trials import CHANCES
from tests.demand.clusters import START

AGE = np.repeat([3, 9, 40], 20)


def fan_of(mean: float, weeks: int = 8) -> Fan:
    grain = Grain(np.zeros(len(AGE), dtype=bool), np.full(len(AGE), 0.1))
    quantiles = np.linspace(0.2, 1.8, len(CHANCES))[None, :, None] * np.full((len(AGE), 1, weeks), mean)
    return Fan(np.full((len(AGE), weeks), mean), quantiles, grain)


def monday(times: np.ndarray, *, unseen: bool = False) -> Tried:
    """Return a past Monday on which each series sold so many times what was forecast."""
    actual = np.full((len(AGE), 8), 50.0) * times[:, None]
    if unseen:
        actual[:, ::2] = np.nan
    return Tried(np.arange(len(AGE)), fan_of(50.0), actual, np.ones(len(AGE)), np.ones(len(AGE)), None, AGE)


def test_each_age_is_moved_by_its_own_past_and_old_series_not_at_all() -> None:
    """Where series of some weeks sold half as much again, such are raised, the more Mondays tell it the closer to half; weeks not seen do not count."""
    times = np.where(AGE == 9, 1.5, np.where(AGE == 3, 1.0, 3.0))
    few, many = (levels_by_age([monday(times, unseen=n % 2 == 0) for n in range(count)]) for count in (1, 50))
    assert 1.0 < few[1] < many[1] < 1.5
    assert many[1] == pytest.approx(1.5, abs=0.02)
    moved = levelled_by_age(fan_of(10.0), AGE, many)
    assert moved.mean[AGE == 9] == pytest.approx(10.0 * many[1])
    assert moved.quantiles[AGE == 9] == pytest.approx(many[1] * fan_of(10.0).quantiles[AGE == 9])
    for age in (3, 40):
        assert moved.mean[age == AGE] == pytest.approx(10.0)


def test_neither_a_spike_nor_chance_moves_a_level_far() -> None:
    """One series that sold 10⁹ counts as twice its uppermost quantile; no level is more than doubled or less than halved; nothing known moves nothing."""
    spike = np.ones(len(AGE))
    spike[25] = 1e9
    assert levels_by_age([monday(spike)])[1] <= 1.1
    assert levels_by_age([monday(np.full(len(AGE), 1e6))] * 9) == pytest.approx(FARTHEST)
    assert levels_by_age([monday(np.zeros(len(AGE)))] * 9) == pytest.approx(1 / FARTHEST)
    assert levels_by_age([]).tolist() == [1.0, 1.0]


def test_where_launches_grow_young_series_are_forecast_closer_to_what_they_sell(
    make_tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every launch sells half as much again after ten weeks: what is forecast of the latest is nearer to that than without."""
    rng, weeks = np.random.default_rng(3), 104
    series = [(f"OLD{n:02}", "m", "s", rng.poisson(20.0, weeks).astype(float).tolist()) for n in range(20)]
    coming = {}
    for begin in range(20, weeks - 3, 2):
        level = rng.uniform(20.0, 60.0) * np.where(np.arange(weeks) < 10, 1.0, 1.5)
        units = np.concatenate([np.zeros(begin), rng.poisson(level)])[:weeks]
        series.append((f"NEW{begin:02}", "m", "s", units.tolist()))
        if weeks - begin < 13:
            coming[f"NEW{begin:02}"] = level[weeks - begin : weeks - begin + 13].sum()

    def missed() -> float:
        settings = ForecastSettings(trees="never", models=("SES", "WindowAverage"), workers=1)
        made = forecast_demand(make_tables(series), settings, start=START, weeks=13, seed=1)["forecasts"].to_pandas()
        expected = made[made["basis"] == "shared"].groupby("sku")["mean"].sum()
        return sum(abs(float(expected[sku]) - units) for sku, units in coming.items())

    levelled = missed()
    monkeypatch.setattr(basis, "levels_by_age", lambda tried: np.ones(2))
    assert levelled < 0.8 * missed()


def test_levels_are_not_judged_on_the_weeks_they_were_learnt_from(make_tables, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one past Monday the level it teaches moves the forecasts, and not how good forecasts of young series are told to have been on it."""
    rng, weeks = np.random.default_rng(4), 78
    series = [(f"OLD{n:02}", "m", "s", rng.poisson(20.0, weeks).astype(float).tolist()) for n in range(10)]
    for begin in range(30, weeks - 9):
        level = 30.0 * np.where(np.arange(weeks) < 10, 1.0, 2.0)
        series.append((f"NEW{begin}", "m", "s", np.concatenate([np.zeros(begin), rng.poisson(level)])[:weeks].tolist()))

    def made() -> tuple[float, float]:
        settings = ForecastSettings(trees="never", models=("SES",), origins=1, reconcile=False, workers=1)
        tables = forecast_demand(make_tables(series), settings, start=START, weeks=13, seed=1)
        young = [row for row in tables["accuracy_parts"].to_pylist() if row["name"] == "young"]
        return young[0]["bias"], sum(tables["forecasts"]["mean"].to_pylist())

    levelled = made()
    monkeypatch.setattr(basis, "levels_by_age", lambda tried: np.ones(2))
    plain = made()
    assert levelled[0] == pytest.approx(plain[0])
    assert levelled[1] > plain[1] + 1.0
