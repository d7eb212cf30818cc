"""Heat is read as its formulas say, from the weeks before a Monday only, and no odd series upsets it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import percentileofscore

from jointplan.demand.heat.indices import learn, scores, sellers_first
from jointplan.demand.heat.panel import HeatPanel
from jointplan.demand.heat.reading import group_ranks, read_heat, smoothed_levels
from jointplan.demand.launch.bass import Bass

WEEKS = 60


def panel(units: np.ndarray, family: list[str] | None = None, **signals: np.ndarray) -> HeatPanel:
    units = np.asarray(units, dtype=np.float64)
    names = np.array([f"P{place:03}" for place in range(len(units))])
    return HeatPanel(np.full(len(units), ""), names, np.array(family or ["general"] * len(units)), units, signals)


def test_levels_are_those_of_pandas() -> None:
    """The smoothed level is the exponentially weighted mean that pandas computes."""
    import pandas as pd

    values = np.random.default_rng(0).poisson(5.0, (3, 30)).astype(float)
    first = np.array([0, 4, 29])
    for row, begin in enumerate(first):
        values[row, :begin] = np.nan  # not on sale yet: pandas leaves it out
    theirs = pd.DataFrame(values.T).ewm(halflife=4.0).mean().fillna(0.0).to_numpy().T
    assert smoothed_levels(np.nan_to_num(values), first)[:, 1:] == pytest.approx(theirs)


def test_growth_and_acceleration_follow_their_formulas() -> None:
    """Growth is the logarithm of smoothed levels four weeks apart, acceleration its change, κ the median level."""
    units = np.random.default_rng(1).poisson(6.0, (5, WEEKS)).astype(float)
    reading = read_heat(panel(units), WEEKS)
    levels = smoothed_levels(units, np.zeros(5, dtype=np.int64))
    kappa = np.median(levels[:, -1])
    now, before, earlier = levels[:, -1], levels[:, -5], levels[:, -9]
    growth = np.log((now + kappa) / (before + kappa))
    assert reading.growth == pytest.approx(growth)
    assert reading.acceleration == pytest.approx(growth - np.log((before + kappa) / (earlier + kappa)))


def test_weeks_before_the_launch_are_not_weeks_without_demand() -> None:
    """A product that has sold 36 a week since its launch has that level, no growth, and what its eight weeks are held against is 36, too."""
    units = np.full((4, WEEKS), 40.0)
    units[0, :-9], units[0, -9:] = 0.0, 36.0
    units[1, :-5], units[1, -5:] = 0.0, 36.0
    reading = read_heat(panel(np.hstack([units, np.full((4, 8), 36.0)])), WEEKS)
    assert reading.level[:2].tolist() == pytest.approx([36.0, 36.0])
    assert reading.before[:2].tolist() == pytest.approx([36.0, 36.0])
    assert reading.realised(panel(np.hstack([units, np.full((4, 8), 36.0)])), WEEKS)[:2] == pytest.approx(0.0)
    assert reading.growth[0] == pytest.approx(0.0)
    assert reading.phase[0] == "steady"


def test_what_is_too_young_for_growth_has_none() -> None:
    """Growth and momentum are told from eight weeks on sale and acceleration from twelve; before it is too early, and no index is moved by it."""
    units = np.random.default_rng(4).poisson(30.0, (20, WEEKS)).astype(float) + 1.0
    ages = np.array([3, 7, 8, 11, 12])
    for row, age in enumerate(ages):
        units[row, : WEEKS - age] = 0.0
    reading = read_heat(panel(units), WEEKS)
    assert np.isfinite(reading.growth[: len(ages)]).tolist() == (ages >= 8).tolist()
    assert np.isfinite(reading.momentum[: len(ages)]).tolist() == (ages >= 8).tolist()
    assert np.isfinite(reading.acceleration[: len(ages)]).tolist() == (ages >= 12).tolist()
    assert (reading.phase[: len(ages)] == "early").tolist() == (ages < 8).tolist()
    assert np.isfinite(reading.features).all()
    assert all(np.isfinite(values).all() for values in scores(reading, learn([])).values())


def test_a_launch_that_is_told_counts_over_all_markets() -> None:
    """Weeks since the day of launch without a sale are weeks without demand; a later day than the first sale, or a market's own beginning, is not moved."""
    units = np.zeros((3, WEEKS))
    units[:, -4:] = 12.0
    names = np.array(["A", "B", "C"])
    launched = np.array([WEEKS - 8, WEEKS - 2, WEEKS - 8])
    everywhere = HeatPanel(np.array(["", "", "M"]), names, np.full(3, "g"), units, {}, launched)
    reading = read_heat(everywhere, WEEKS)
    half = 0.5 ** (1.0 / 4.0)
    weights = half ** np.arange(8)
    assert reading.level.tolist() == pytest.approx([12.0 * weights[:4].sum() / weights.sum(), 12.0, 12.0])
    assert reading.before.tolist() == pytest.approx([6.0, 12.0, 12.0])


@given(arrays(np.int64, 12, elements=st.integers(0, 5)), arrays(np.int64, 12, elements=st.integers(0, 2)))
def test_ranks_within_groups_are_those_of_scipy(values: np.ndarray, group: np.ndarray) -> None:
    """A rank is SciPy's mean percentile of the score within its group, with equals counting half."""
    made = group_ranks(values.astype(float), group)
    for place, value in enumerate(values):
        others = values[group == group[place]]
        strict, weak = (percentileofscore(others, value, kind) for kind in ("strict", "weak"))
        assert made[place] == pytest.approx((strict + weak) / 200.0)


def test_the_mean_of_ranks_is_that_of_the_category() -> None:
    """The mean-of-ranks index compares a product with its own family alone."""
    units = np.vstack([np.full(WEEKS, 2.0), np.full(WEEKS, 4.0), np.full(WEEKS, 1000.0)])
    reading = read_heat(panel(units, ["a", "a", "b"]), WEEKS)
    # Level ranks 1/4, 3/4 and 1/2; growth and acceleration are equal, so 1/2 each.
    assert reading.rank_mean == pytest.approx([(0.25 + 1) / 3, (0.75 + 1) / 3, 0.5])


def test_a_bass_curve_rises_peaks_and_fades() -> None:
    """A product that follows a Bass curve goes through the phases in their order, beside others that stay level."""
    life = np.concatenate([np.zeros(20), Bass(0.002, 0.25, 40_000.0).per_period(60)])
    level = np.tile([40.0, 44.0, 36.0, 40.0], 20)
    everyone = panel(np.vstack([np.rint(life), *(np.roll(level, shift) for shift in range(8))]))
    phases = []
    for known in range(26, 80):
        reading = read_heat(everyone, known)
        here = np.flatnonzero(reading.rows == 0)
        phases.append(str(reading.phase[here[0]]) if len(here) else "")
    first = [phases.index(name) for name in ("rising", "peak", "fading")]
    assert first == sorted(first)
    peak = 20 + Bass(0.002, 0.25, 40_000.0).peak_time
    assert abs(26 + first[1] - peak) <= 6
    assert {str(phase) for phase in read_heat(everyone, 80).phase[-8:]} == {"steady"}


def test_momentum_is_growth_over_its_usual_size() -> None:
    """Level sales with their ups and downs seldom have a momentum beyond one; twice as much for four weeks is beyond it, half as much below minus one."""
    units = np.random.default_rng(9).poisson(50.0, (200, WEEKS)).astype(float)
    plain = read_heat(panel(units), WEEKS)
    assert 0.02 < (np.abs(plain.momentum) > 1.0).mean() < 0.4
    units[0, -4:] *= 2.0
    units[1, -4:] /= 2.0
    moved = read_heat(panel(units), WEEKS)
    assert moved.momentum[0] > 2.0
    assert moved.momentum[1] < -2.0
    assert moved.phase[:2].tolist() == ["rising", "fading"]
    # The same growth is less unusual in a series that always swings.
    swinging = units.copy()
    swinging[0, : WEEKS - 4] *= np.where(np.arange(WEEKS - 4) // 6 % 2, 1.9, 0.1)
    assert read_heat(panel(swinging), WEEKS).momentum[0] < moved.momentum[0]


def test_the_future_is_not_read() -> None:
    """Whatever comes after the Monday leaves the reading as it is."""
    rng = np.random.default_rng(2)
    units, views = rng.poisson(3.0, (20, WEEKS)).astype(float), rng.poisson(9.0, (20, WEEKS)).astype(float)
    clean = read_heat(panel(units, views=views), 40)
    units[:, 40:], views[:, 40:] = 1e9, 1e9
    poisoned = read_heat(panel(units, views=views), 40)
    for name in clean.__dataclass_fields__:
        assert np.array_equal(getattr(clean, name), getattr(poisoned, name)), name


@pytest.mark.parametrize(
    "units",
    [
        np.zeros((4, WEEKS)),
        np.ones((1, 1)),
        np.eye(4, WEEKS) * 1e9,
        np.where(np.arange(WEEKS) % 7 == 0, 3.0, 0.0)[None, :].repeat(3, axis=0),
        np.zeros((0, WEEKS)),
        np.zeros((3, 0)),
        np.array([[0.0] * (WEEKS - 1) + [5.0]]),
        np.full((5, WEEKS), 1e9),
    ],
    ids=["zeros", "one point", "one spike", "gaps", "no series", "no weeks", "launched last week", "huge"],
)
def test_odd_series_give_finite_figures(units: np.ndarray) -> None:
    """Zeros, single points, spikes and gaps are left out or read, never infinite or not a number."""
    reading = read_heat(panel(units), units.shape[1])
    for name in ("level", "features", "rank_mean", "last", "before", "kappa"):
        assert np.isfinite(getattr(reading, name)).all(), name
    for name in ("growth", "acceleration", "momentum"):
        assert not np.isinf(getattr(reading, name)).any(), name


def test_a_spike_of_a_billion_sets_no_level() -> None:
    """A product with one such week is as hot as with a usual week in its place; the others are read as if it were not there."""
    rng = np.random.default_rng(8)
    units = rng.poisson(20.0, (12, WEEKS)).astype(float) + 1.0
    plain = read_heat(panel(units), WEEKS)
    units[0, -2] = 1e9
    spiky = read_heat(panel(units), WEEKS)
    units[0, -2] = np.sort(units[0])[WEEKS // 2 - 1]  # the lower of the two in the middle
    usual = read_heat(panel(units), WEEKS)
    assert spiky.level[0] == pytest.approx(usual.level[0], abs=0.5)
    assert spiky.growth[0] == pytest.approx(usual.growth[0], abs=0.02)
    assert spiky.level[1:].tolist() == plain.level[1:].tolist()
    assert spiky.growth[1:] == pytest.approx(plain.growth[1:], abs=0.02)


def test_a_spike_of_a_billion_is_no_growth_to_learn_from() -> None:
    """A billion in one of the eight weeks that follow counts as a usual week in what a past Monday teaches; the others grow as they did."""
    units = np.random.default_rng(8).poisson(20.0, (12, WEEKS)).astype(float) + 1.0
    monday = WEEKS - 8
    reading = read_heat(panel(units), monday)
    plain = reading.realised(panel(units), monday)
    units[0, -5] = 1e9
    spiky = reading.realised(panel(units), monday)
    usual = np.sort(units[0])[WEEKS // 2 - 1]  # the lower of the two in the middle
    most = (np.delete(units[0, monday:], 3).sum() + usual) / 8
    assert spiky[0] == pytest.approx(np.log((most + reading.kappa[0]) / (reading.before[0] + reading.kappa[0])))
    assert spiky[1:].tolist() == plain[1:].tolist()


def test_signals_without_sales_are_read() -> None:
    """A product that is only looked at has heat; the more it is looked at of late, the hotter."""
    units, views = np.zeros((3, WEEKS)), np.zeros((3, WEEKS))
    views[0, -8:], views[1] = np.arange(1, 9) * 10.0, 40.0
    reading = read_heat(panel(units, views=views), WEEKS)
    assert reading.rows.tolist() == [0, 1]
    assert reading.rank_mean[0] > reading.rank_mean[1]


def test_what_does_not_sell_is_not_hot() -> None:
    """However much it is looked at, what sold nothing for eight weeks stands behind all that sells."""
    rng = np.random.default_rng(6)
    units, views = rng.poisson(5.0, (12, WEEKS)).astype(float), np.zeros((12, WEEKS))
    units[0], views[0, -8:] = 0.0, np.arange(1, 9) * 1000.0
    units[1, -8:], views[1, -8:] = 0.0, 500.0
    reading = read_heat(panel(units, views=views), WEEKS)
    assert reading.idle.tolist() == [True, True] + [False] * 10
    assert reading.phase[:2].tolist() == ["early", "steady"]
    for values in scores(reading, learn([])).values():
        ranked = group_ranks(sellers_first(values, reading.idle), reading.group)
        assert ranked[:2].max() < ranked[2:].min()
