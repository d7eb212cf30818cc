"""Planned promotions lift the weeks they fall in, also in a cluster far too small for trees."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jointplan.demand import ForecastSettings, forecast_demand
from jointplan.demand.fans import Fan, Tried
from jointplan.demand.judge import Monday
from jointplan.demand.panel import Grain, Panel
from jointplan.demand.promoting import effect, lifted, lifts
from jointplan.demand.trials import CHANCES
from tests.demand.clusters import START, tables_of

WEEKS, AHEAD = 60, 4


def panel_of(times: float, share: float, seed: int = 1) -> Panel:
    """Twenty series, some weeks promoted, in which they sell so many times what they else do."""
    rng = np.random.default_rng(seed)
    promoted = (rng.random((20, WEEKS)) < share).astype(float)
    units = rng.poisson(np.where(promoted > 0, times, 1.0) * rng.gamma(2.0, 10.0, (20, 1))).astype(float)
    names = np.array([f"x{row:02}" for row in range(20)])
    same = np.full(20, "m")
    return Panel(names, same, same, same, same, units, promoted=promoted)


@pytest.mark.parametrize("times", [1.0, 2.0, 3.0])
def test_the_effect_is_found(times: float) -> None:
    """What promotions multiply sales by is told to a tenth, from all series together, and nothing after the day is read."""
    panel = panel_of(times, 0.1)
    assert effect(panel, WEEKS) == pytest.approx(times, rel=0.12)
    before = effect(panel, 40)
    panel.quantity[:, 40:] *= 9.0
    assert effect(panel, 40) == before


def test_a_single_promotion_is_hardly_believed() -> None:
    """One promoted week of ten times the usual tells little; none at all changes nothing."""
    panel = panel_of(1.0, 0.0)
    assert effect(panel, WEEKS) == 1.0
    assert panel.promoted is not None
    panel.promoted[3, 30] = 1.0
    panel.quantity[3, 30] = 10 * panel.quantity[3].mean()
    assert 1.0 < effect(panel, WEEKS) < 2.0


@pytest.mark.parametrize("served", [True, False])
def test_an_effect_that_did_not_serve_is_not_made(served: bool) -> None:
    """Where past Mondays' promoted weeks sold as much more, forecasts are lifted; where they sold as usual, they stay."""
    grain = Grain(np.ones(5, dtype=bool), np.ones(5))
    fan = Fan(np.full((5, 2), 10.0), np.tile(10.0 * np.ones(len(CHANCES))[None, :, None], (5, 1, 2)), grain)
    factor = np.array([[1.0, 2.0]]) * np.ones((5, 1))
    actual = 10.0 * (factor if served else np.ones((5, 2)))
    tried = [Tried(np.arange(5), fan, actual, np.ones(5), np.ones(5))]
    made, past = lifted(fan, tried, factor, [factor])
    assert made.mean == pytest.approx(10.0 * (factor if served else np.ones((5, 2))))
    assert past[0].fan.mean == pytest.approx(made.mean)


@pytest.mark.parametrize("weekly_share", [0.05, 0.3])
def test_planned_promotions_lift_a_small_cluster(weekly_share: float) -> None:
    """Where promotions doubled sales of twenty series, a planned one doubles its week, however often there are promotions; other weeks, and other series, stay as they sell."""
    panel = panel_of(2.0, weekly_share, seed=4)
    assert panel.promoted is not None
    tables = tables_of(
        [(name, "m", "s", row.tolist()) for name, row in zip(panel.sku.tolist(), panel.quantity, strict=True)]
    )
    past = [(week - WEEKS, panel.sku[row]) for row, week in zip(*np.nonzero(panel.promoted), strict=True)]
    rows = pd.DataFrame([*past, *((1, name) for name in panel.sku[:10])], columns=["week", "sku"])
    rows["date"] = [START + timedelta(weeks=week, days=2) for week in rows.pop("week")]
    rows = rows.assign(market="m", seller="s", spend=5.0)
    told = tables.adding({"promotions": pa.Table.from_pandas(rows, preserve_index=False)})
    settings = ForecastSettings(models=("HistoricAverage",), origins=2, reconcile=False)
    made = forecast_demand(told, settings, start=START, weeks=AHEAD, seed=1)["forecasts"].to_pandas()
    made = made[made["basis"] == "shared"].sort_values(["sku", "week"])
    mean = made["mean"].to_numpy().reshape(20, AHEAD)
    assert mean[:10, 1].sum() == pytest.approx(2.0 * mean[:10, [0, 2, 3]].mean(axis=1).sum(), rel=0.15)
    plain = np.where(panel.promoted > 0, np.nan, panel.quantity)
    assert mean[10:].mean() == pytest.approx(np.nanmean(plain[10:]), rel=0.1)
    q90 = made["q90"].to_numpy().reshape(20, AHEAD)
    assert (q90[:10, 1] > q90[:10, 0]).all()


def test_where_nothing_is_planned_forecasts_stay() -> None:
    """Promotions of the past alone move no forecast: nobody said that there will be none."""
    panel = panel_of(2.0, 0.3, seed=4)
    assert panel.promoted is not None
    past = replace(panel, promoted=np.pad(panel.promoted, ((0, 0), (0, AHEAD))))
    assert past.promoted is not None
    everyone = np.ones(len(panel), dtype=bool)
    mondays = [Monday(panel.weeks - 8, past, everyone), Monday(panel.weeks, past, everyone)]
    assert lifts(mondays, AHEAD) is None
    planned = past.promoted.copy()
    planned[0, panel.weeks :] = 1.0
    assert (
        lifts([Monday(monday.cutoff, replace(past, promoted=planned), everyone) for monday in mondays], AHEAD)
        is not None
    )
