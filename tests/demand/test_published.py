"""Models and scores agree with published figures and with another library."""

import numpy as np
import pandas as pd
import pytest

from jointplan.demand import ForecastSettings, scoring
from jointplan.demand.models import forecast_levels
from jointplan.demand.paths import sample_paths, stretches
from jointplan.demand.sharing import sharing_gains
from jointplan.demand.trials import CHANCES

# Product C of Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 2nd edition, 12.2: sizes and the gaps before them.
SIZES, GAPS = (2, 1, 11, 2, 6, 3, 7, 3, 1, 1, 1), (2, 2, 2, 5, 2, 1, 6, 8, 1, 3, 2)


def test_croston_and_its_correction_give_the_textbook_figures():
    """0.985 a period by Croston's method, and 0.95 of it (0.9354) by Syntetos and Boylan's."""
    history = np.concatenate([[*[0.0] * (gap - 1), float(size)] for size, gap in zip(SIZES, GAPS, strict=True)])
    made = forecast_levels([history], ForecastSettings(models=("Croston", "CrostonSBA")))[0]
    assert made == pytest.approx([0.985, 0.9354], abs=1e-3)


def test_scores_are_those_of_utilsforecast():
    """Quantile loss and RMSSE of random forecasts are the same as that library's."""
    from utilsforecast import losses

    rng = np.random.default_rng(0)
    history, actual = rng.poisson(4, 30).astype(float), rng.poisson(4, 8).astype(float)
    forecast = actual + rng.normal(0, 2, 8)
    frame = pd.DataFrame({"unique_id": 0, "ds": np.arange(30, 38), "y": actual, "m": forecast})
    for chance in (0.1, 0.5, 0.9):
        mine = scoring.pinball(actual, forecast[None], np.array([chance]))[0]
        assert mine == pytest.approx(losses.quantile_loss(frame, {"m": "m"}, q=chance)["m"].iloc[0])
    past = pd.DataFrame({"unique_id": 0, "ds": np.arange(30), "y": history})
    _, squared = scoring.naive_errors(history[None], np.zeros(1, dtype=np.int64))
    theirs = losses.rmsse(frame, ["m"], seasonality=1, train_df=past)["m"].iloc[0]
    assert scoring.rmsse(actual[None], forecast[None], squared)[0] == pytest.approx(theirs)


def test_the_ranked_probability_score_of_a_normal_is_the_closed_form():
    """For a standard normal and an actual of 0 the score is (√2 − 1)/√π (Gneiting and Raftery 2007)."""
    from statistics import NormalDist

    levels = (np.arange(2000) + 0.5) / 2000
    quantiles = np.array([[NormalDist().inv_cdf(level)] for level in levels])
    assert scoring.crps(np.zeros(1), quantiles, levels) == pytest.approx((2**0.5 - 1) / np.pi**0.5, rel=1e-3)


def test_the_score_of_the_challenge_punishes_bias():
    """Errors of 2 down and 1 up on demand of 10: absolute 3, summed 1, so 0.4."""
    assert scoring.vn1(np.array([10.0, 0.0]), np.array([8.0, 1.0])) == pytest.approx(0.4)
    assert scoring.vn1(np.zeros(2), np.ones(2)) is None


def test_courses_keep_the_spread_and_move_together():
    """Courses have the quantiles they are drawn from; two series that always moved together do so in them."""
    rng = np.random.default_rng(1)
    history = rng.gamma(4, 3, (1, 120)).repeat(2, axis=0)
    quantiles = np.quantile(history[0], CHANCES)[None, :, None] * np.ones((2, 1, 6))
    mean = np.full((2, 6), history[0].mean())
    paths = sample_paths(mean, quantiles, history, np.zeros(2, dtype=bool), stretches(120, 6, 200, rng), rng)
    assert np.quantile(paths, 0.5, axis=0) == pytest.approx(quantiles[:, 6], rel=0.02)
    assert np.corrcoef(paths[:, 0].ravel(), paths[:, 1].ravel())[0, 1] > 0.99
    assert paths.min() >= 0


@pytest.mark.parametrize("whole", [True, False])
def test_what_sells_too_rarely_for_its_quantiles_sells_in_some_course(whole):
    """Thousand series that sell a unit in fifty weeks have quantiles of zero; their courses still sell twenty units a week in all."""
    rng = np.random.default_rng(2)
    history = (rng.random((1000, 120)) < 0.02).astype(float)
    mean, nothing = np.full((1000, 4), 0.02), np.zeros((1000, len(CHANCES), 4))
    paths = sample_paths(mean, nothing, history, np.full(1000, whole), stretches(120, 4, 200, rng), rng)
    totals = paths.sum(axis=1)
    assert totals.mean() == pytest.approx(20.0, rel=0.05)
    assert np.median(totals) == pytest.approx(20.0, rel=0.15)
    assert np.array_equal(paths, np.rint(paths)) == whole


def test_the_gain_from_sharing_has_an_interval():
    """Losses a tenth lower in every series are a gain of a tenth for certain; equal ones in the mean are none."""
    keys = [("p", "m", str(number)) for number in range(60)]
    weeks = np.array([[0.0, 4.0], [0.0, 4.0]])
    own = {key: weeks + np.array([[4.0 + number / 15, 0.0]]) for number, key in enumerate(keys)}
    less = np.array([[0.9, 1.0]])
    all_of, only = sharing_gains({"Li": own}, {key: less * loss for key, loss in own.items()}, 1)
    assert (all_of.gain, all_of.low, all_of.high) == pytest.approx((0.1, 0.1, 0.1))
    assert only.owner == "Li"
    noise = {
        key: loss + np.array([[1.2 if number % 2 else -1.2, 0.0]]) for number, (key, loss) in enumerate(own.items())
    }
    gain = sharing_gains({"Li": own}, noise, 1)[0]
    assert gain.low < 0 < gain.high
    # All series gain on one Monday and lose on the other: however many series there are, two Mondays tell nothing.
    swings = {key: loss * np.array([[0.9, 1.0], [1.09, 1.0]]) for key, loss in own.items()}
    gain = sharing_gains({"Li": own}, swings, 1)[0]
    assert gain.gain == pytest.approx(0.005)
    assert (gain.low, gain.high) == pytest.approx((-0.09, 0.1))
    # A Monday that was tried on one basis alone does not count.
    early = {key: np.concatenate([loss, [[99.0, 4.0]]]) for key, loss in own.items()}
    assert sharing_gains({"Li": own}, early, 1)[0].gain == pytest.approx(0.0)
