"""Classes, Mondays and the choice they lead to."""

from dataclasses import replace

import numpy as np

from jointplan.demand.judge import Monday, demand_classes, judge, past_mondays
from jointplan.demand.panel import read_panel
from jointplan.demand.settings import ForecastSettings


def test_classes_are_those_of_syntetos_and_boylan(make_tables, start):
    """Interval above 1.32 is intermittent, squared variation above 0.49 erratic, both lumpy."""
    rng = np.random.default_rng(0)
    smooth, erratic = rng.normal(20, 2, 60), rng.lognormal(2, 1.2, 60)
    gaps = np.arange(60) % 3 == 0
    series = [
        ("a", "m", "s", smooth),
        ("b", "m", "s", smooth * gaps),
        ("c", "m", "s", erratic),
        ("d", "m", "s", erratic * gaps),
    ]
    panel = read_panel(make_tables(series), start)
    assert demand_classes(panel, panel.weeks).tolist() == [0, 1, 2, 3]


def test_classes_of_a_past_monday_know_nothing_of_later(make_tables, start):
    """Whatever is sold after a Monday, the classes of that Monday stay the same; those of today do not."""
    panel = read_panel(make_tables([("a", "m", "s", [20.0, 21.0] * 30)]), start)
    later = replace(panel, quantity=panel.quantity * np.where(np.arange(60) < 40, 1.0, np.arange(60) % 5 == 0))
    assert demand_classes(panel, 40).tolist() == demand_classes(later, 40).tolist() == [0]
    assert demand_classes(later, 60).tolist() != [0]


def test_mondays_are_counted_back_from_now():
    """Forecasts are tried every thirteen weeks back, as far as there is history."""
    assert past_mondays(104, ForecastSettings()) == [52, 65, 78, 91]
    assert past_mondays(20, ForecastSettings()) == [7]
    assert past_mondays(104, ForecastSettings(origins=0)) == []


def test_a_changed_level_chooses_a_model_that_follows(make_tables, start):
    """Of series whose level doubled in between, the average of all history is not what is chosen."""
    rng = np.random.default_rng(1)
    series = [(f"P{i:02}", "m", "s", rng.poisson(np.where(np.arange(104) < 45, 10, 60)).tolist()) for i in range(30)]
    panel = read_panel(make_tables(series), start)
    everyone = np.ones(30, dtype=bool)
    mondays = [Monday(cutoff, panel, everyone) for cutoff in (52, 65, 78, 91, 104)]
    judged = judge(mondays, 13, ForecastSettings(), np.random.default_rng(0))
    assert not {"HistoricAverage", "HistoricAverage × season"} & set(judged.labels())
    assert judged.now.levels[np.arange(30), judged.chosen].mean() > 55


def test_seasonal_naive_is_a_reference_before_it_is_weighed(make_tables, start):
    """With two years of history past Mondays know one: the seasonal naive model is scored on them and has no say in what is forecast there."""
    rng = np.random.default_rng(2)
    series = [(f"P{i:02}", "m", "s", rng.poisson(10, 104).tolist()) for i in range(12)]
    panel = read_panel(make_tables(series), start)
    mondays = [Monday(cutoff, panel, np.ones(12, dtype=bool)) for cutoff in (65, 78, 91, 104)]
    made = judge(mondays, 13, ForecastSettings(), np.random.default_rng(0))
    place = [way.model for way in made.ways].index("SeasonalNaive")
    assert made.tallies[place].pinball > made.tallies[-1].pinball
    without = ForecastSettings(models=[name for name in ForecastSettings().models if name != "SeasonalNaive"])
    plain = judge(mondays, 13, without, np.random.default_rng(0))
    for one, other in zip(made.trials, plain.trials, strict=True):
        assert not np.isnan(one.outlook.levels[:, place]).any()
        np.testing.assert_allclose(one.outlook.levels[:, -1], other.outlook.levels[:, -1])
