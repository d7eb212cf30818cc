"""Scores against other people's software and against chance itself."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.demand import scoring

LEVELS = np.array([0.1, 0.5, 0.9])


@pytest.fixture(scope="module")
def cases():
    rng = np.random.default_rng(11)
    history, actual = rng.gamma(2, 5, (4, 30)), rng.gamma(2, 5, (4, 8))
    quantiles = np.sort(rng.gamma(2, 5, (4, 3, 8)), axis=1)
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat(np.arange(4), 8),
            "ds": np.tile(np.arange(30, 38), 4),
            "y": actual.ravel(),
            **{f"q{level}": quantiles[:, place].ravel() for place, level in enumerate(LEVELS)},
        }
    ).rename(columns={"q0.1": "m-lo-80", "q0.5": "m", "q0.9": "m-hi-80"})
    train = pd.DataFrame(
        {"unique_id": np.repeat(np.arange(4), 30), "ds": np.tile(np.arange(30), 4), "y": history.ravel()}
    )
    return history, actual, quantiles, frame, train


def test_pinball_is_that_of_utilsforecast(cases):
    """Each quantile's loss is what utilsforecast computes."""
    from utilsforecast.losses import quantile_loss

    _, actual, quantiles, frame, _ = cases
    ours = scoring.pinball(actual, quantiles, LEVELS)
    for place, (level, column) in enumerate(zip(LEVELS, ("m-lo-80", "m", "m-hi-80"), strict=True)):
        theirs = quantile_loss(frame, {column: column}, q=level)[column]
        assert ours[:, place] == pytest.approx(theirs.to_numpy())


def test_rmsse_and_the_naive_error_are_those_of_utilsforecast(cases):
    """RMSSE and the scaled absolute error with season 1 agree with utilsforecast."""
    from utilsforecast.losses import mase, rmsse

    history, actual, quantiles, frame, train = cases
    absolute, squared = scoring.naive_errors(history, np.zeros(4, dtype=np.int64))
    forecast = quantiles[:, 1]
    assert scoring.rmsse(actual, forecast, squared) == pytest.approx(
        rmsse(frame, ["m"], seasonality=1, train_df=train)["m"].to_numpy()
    )
    assert np.abs(actual - forecast).mean(axis=1) / absolute == pytest.approx(
        mase(frame, ["m"], seasonality=1, train_df=train)["m"].to_numpy()
    )


def test_coverage_is_that_of_utilsforecast(cases):
    """The share of actuals inside the interval agrees with utilsforecast."""
    from utilsforecast.losses import coverage

    _, actual, quantiles, frame, _ = cases
    ours = scoring.coverage(actual, quantiles[:, 0], quantiles[:, 2])
    assert ours == pytest.approx(coverage(frame, ["m"], level=80)["m"].to_numpy())


def test_pinball_is_least_at_the_true_quantile():
    """No other value beats the sample quantile: that is what pinball loss is for."""
    sample = np.random.default_rng(3).gamma(2, 5, 999)
    best = np.quantile(sample, 0.8)
    losses = [
        scoring.pinball(sample[None], np.full((1, 1, 999), value), np.array([0.8]))[0, 0]
        for value in (best, best * 0.9, best * 1.1)
    ]
    assert losses[0] == min(losses)


def test_naive_error_counts_from_the_first_sale():
    """Weeks before a product existed do not make its error scale smaller."""
    history = np.array([[0, 0, 0, 4, 2, 6.0]])
    absolute, squared = scoring.naive_errors(history, np.array([3]))
    assert absolute[0] == pytest.approx(3.0)
    assert squared[0] == pytest.approx(10.0)
    assert np.isnan(scoring.naive_errors(np.full((1, 5), 7.0), np.array([0]))[0][0])


def test_last_week_s_sales_have_half_their_error_as_loss(cases):
    """What is scaled by the naive error says .5 by pinball loss over nine deciles, and 1 by RMSSE, for last week's sales themselves."""
    history = cases[0]
    last_week, sold = history[:, :-1], history[:, 1:]
    deciles = np.arange(1, 10) / 10
    absolute, squared = scoring.naive_errors(history, np.zeros(4, int))
    loss = scoring.pinball(sold, np.repeat(last_week[:, None], 9, axis=1), deciles).mean(axis=-1)
    assert loss / absolute == pytest.approx(np.full(4, 0.5))
    assert scoring.rmsse(sold, last_week, squared) == pytest.approx(np.ones(4))


def test_bias_is_relative_to_demand():
    """Forecasting 12 where 10 was sold is a bias of 20 %; without demand there is none."""
    assert scoring.bias(np.array([4.0, 6.0]), np.array([6.0, 6.0])) == pytest.approx(0.2)
    assert scoring.bias(np.zeros(2), np.ones(2)) is None


@pytest.mark.parametrize("mean", [0.2, 1.0, 5.0, 60.0])
def test_randomised_coverage_of_the_true_distribution_is_nominal(mean):
    """Quantiles of the very distribution demand is drawn from cover 80 % by the randomised transform, even where most weeks are zero."""
    rng = np.random.default_rng(5)
    levels = np.array([0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975])
    population = np.sort(rng.poisson(mean, 100_000))
    actual = rng.poisson(mean, (1, 5000)).astype(float)
    quantiles = np.tile(population[(levels * len(population)).astype(int)].astype(float)[None, :, None], (1, 1, 5000))
    assert scoring.pit_coverage(actual, quantiles, levels) == pytest.approx(0.8, abs=0.03)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=4, max_size=4).map(sorted), st.integers(0, 7))
def test_chances_below_are_ordered_and_within_their_quantiles(values, actual):
    """The chance of less is never above the chance of as much; both lie between 0 and 1."""
    levels = np.array([0.1, 0.4, 0.6, 0.9])
    quantiles = np.array(values, dtype=float)[None, :, None]
    below, upto = scoring.chance_below(np.array([[float(actual)]]), quantiles, levels)
    assert 0 <= below[0, 0] <= upto[0, 0] <= 1


def test_one_series_that_hardly_sold_does_not_rule_the_mean_error():
    """Of a hundred steady series and one with a single early sale, forecasts equally wrong, none weighs ten times as much as another."""
    rng = np.random.default_rng(4)
    history = rng.poisson(10, (101, 104)).astype(float)
    history[0] = 0
    history[0, 5] = 10
    first = (history > 0).argmax(axis=1)
    loss = np.full(101, 3.0)
    plain = loss / scoring.naive_errors(history, first)[0]
    assert plain[0] > 10 * np.median(plain)
    scaled = loss / scoring.error_scales(history, first)[0]
    assert scaled.max() < 10 * np.median(scaled)
    squared = loss**2 / scoring.error_scales(history, first)[1]
    assert squared.max() < 10 * np.median(squared)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=2, max_size=40), st.integers(1, 1000))
def test_scales_of_errors_are_naive_errors_or_more(units, size):
    """They never fall below the naive errors, are those from eight weeks with sales on, and grow with the units they are told in."""
    history = np.array([units], dtype=float)
    first = np.array([int((history[0] > 0).argmax())])
    naive, scales = scoring.naive_errors(history, first), scoring.error_scales(history, first)
    for error, scale, power in zip(naive, scales, (1, 2), strict=True):
        assert np.isnan(error[0]) == np.isnan(scale[0])
        assert np.isnan(scale[0]) or scale[0] >= error[0]
        if (history > 0).sum() >= 8:
            np.testing.assert_array_equal(scale, error)
        larger = scoring.error_scales(size * history, first)[power - 1]
        np.testing.assert_allclose(larger, scale * float(size) ** power)
