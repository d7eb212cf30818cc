"""Tests of fitting parcel tariffs and transit times."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from jointplan.ingest.importers.freight import (
    BANDS,
    Parcels,
    _rising,
    fit_load_tariff,
    fit_parcel_tariff,
    fit_transit,
    tariff_error,
    transit_error,
)


def parcels(rng: np.random.Generator, n: int, noise: float) -> tuple[Parcels, np.ndarray, np.ndarray]:
    """Make parcels whose charges follow a known step of weight times a known level of destination."""
    distance = np.array([100.0, 500.0, 1000.0, 2500.0])
    level = 0.5 * np.log(100 + distance)
    step = np.log(np.linspace(5.0, 20.0, len(BANDS)))
    weight = rng.uniform(0.05, 29.0, n)
    destination = rng.integers(0, 4, n)
    band = np.searchsorted(BANDS, weight, side="right") - 1
    charge = np.exp(step[band] + level[destination] + rng.normal(0, noise, n))
    return Parcels(weight, charge, destination, distance), step, level


def test_a_known_tariff_is_recovered() -> None:
    """Charges made by a step of weight times a level of destination are found again, up to the cent."""
    made, step, level = parcels(np.random.default_rng(1), 4000, 0.0)
    tariff = fit_parcel_tariff(made)
    assert tariff.error < 0.001
    assert tariff.total == pytest.approx(1.0, abs=0.001)
    assert tariff.charge(np.array([1.5]), np.array([2]))[0] == pytest.approx(np.exp(step[3] + level[2]), abs=0.03)


def test_wild_charges_move_nothing() -> None:
    """With one charge in ten a hundredfold, the fit still stands within a few per cent of the truth."""
    made, step, level = parcels(np.random.default_rng(2), 4000, 0.05)
    charge = made.charge.copy()
    charge[::10] *= 100
    tariff = fit_parcel_tariff(Parcels(made.weight, charge, made.destination, made.distance))
    truth = np.exp(step[None, :-1] + level[:, None])
    fitted = np.array([tariff.charge(BANDS[:-1] + 0.01, np.full(len(BANDS) - 1, k)) for k in range(4)])
    assert np.abs(fitted / truth - 1).max() < 0.08


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_charges_never_fall_with_weight(seed: int, n: int) -> None:
    """Whatever was observed, a heavier parcel to the same place never costs less."""
    rng = np.random.default_rng(seed)
    tariff = fit_parcel_tariff(
        Parcels(
            rng.uniform(0.01, 60, n), rng.uniform(1, 500, n), rng.integers(0, 3, n), np.array([50.0, np.nan, 900.0])
        )
    )
    weights = np.linspace(0.01, 100, 200)
    for destination in range(3):
        charges = tariff.charge(weights, np.full(200, destination))
        assert (np.diff(charges) >= -1e-9).all()
        assert np.isfinite(charges).all()
        assert (charges > 0).all()


def test_a_place_never_seen_is_charged_by_its_distance() -> None:
    """A destination without parcels costs between a nearer and a farther one that were seen."""
    made, _, _ = parcels(np.random.default_rng(3), 2000, 0.1)
    distance = np.append(made.distance, 1500.0)
    tariff = fit_parcel_tariff(Parcels(made.weight, made.charge, made.destination, distance))
    one = tariff.charge(np.ones(5), np.arange(5))
    assert one[2] < one[4] < one[3]


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.floats(0.1, 50)), min_size=1, max_size=20),
)
def test_rising_agrees_with_scipy(pairs: list[tuple[float, float]]) -> None:
    """The pooled series is the isotonic regression that SciPy finds."""
    values, weights = (np.array(column) for column in zip(*pairs, strict=True))
    assert _rising(values, weights) == pytest.approx(isotonic_regression(values, weights=weights).x, abs=1e-6)


def test_transit_is_the_mean_where_much_was_seen() -> None:
    """With many deliveries, mean and spread are those of the deliveries; with none, they come from the distance."""
    rng = np.random.default_rng(4)
    days = np.concatenate([rng.normal(5, 1, 3000), rng.normal(10, 2, 3000), rng.normal(20, 3, 3000)])
    destination = np.repeat([0, 1, 2], 3000)
    transit = fit_transit(days, destination, np.array([100.0, 600.0, 1600.0, 1100.0]))
    assert transit.mean[:3] == pytest.approx([5, 10, 20], abs=0.2)
    assert transit.spread[:3] == pytest.approx([1, 2, 3], abs=0.2)
    assert transit.mean[3] == pytest.approx(15, abs=0.5)
    assert transit.observed.tolist() == [3000, 3000, 3000, 0]


def test_nothing_observed_is_refused() -> None:
    """Without parcels or deliveries there is nothing to fit, and free or weightless parcels are no observations."""
    none = np.array([])
    with pytest.raises(ValueError, match="must be some"):
        Parcels(none, none, none.astype(int), np.array([1.0]))
    with pytest.raises(ValueError, match="above 0"):
        Parcels(np.ones(1), np.zeros(1), np.zeros(1, int), np.array([1.0]))
    with pytest.raises(ValueError, match="some deliveries"):
        fit_transit(none, none.astype(int), np.array([1.0]))


def loads(rng: np.random.Generator, n: int, noise: float) -> Parcels:
    """Make loads whose charges follow a power of the weight times a level of the destination."""
    weight = np.exp(rng.uniform(np.log(5), np.log(20_000), n))
    destination = rng.integers(0, 4, n)
    charge = 40 * weight**0.7 * np.array([1.0, 1.5, 2.0, 3.0])[destination] * np.exp(rng.normal(0, noise, n))
    return Parcels(weight, charge, destination, np.full(4, np.nan))


def test_charges_of_loads_are_foretold_within_their_noise() -> None:
    """Loads charged by a power of their weight are foretold, unseen, about as well as steps can follow a curve."""
    error = tariff_error(fit_load_tariff, loads(np.random.default_rng(3), 3000, 0.1))
    assert error is not None
    assert error.typical < 0.2
    assert error.total == pytest.approx(1.0, abs=0.15)
    assert error.observed == 3000


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_heavier_loads_never_cost_less_and_rates_never_rise(seed: int, n: int) -> None:
    """Whatever was observed, charges rise with weight and rates by the kilogram fall."""
    rng = np.random.default_rng(seed)
    made = fit_load_tariff(
        Parcels(rng.uniform(1, 40_000, n), rng.uniform(10, 1e5, n), rng.integers(0, 3, n), np.full(3, np.nan))
    )
    weights = np.geomspace(1, 60_000, 200)
    for destination in range(3):
        assert (np.diff(made.charge(weights, np.full(200, destination))) >= -1e-6).all()
        assert (np.diff(made.rates[destination]) <= 1e-4).all()


def test_an_error_out_of_sample_sees_what_the_fit_cannot_know() -> None:
    """Where charges are pure chance, unseen ones are foretold worse than seen ones; too few give no error at all."""
    rng = np.random.default_rng(4)
    made = Parcels(rng.uniform(0.1, 29, 60), np.exp(rng.normal(3, 1, 60)), rng.integers(0, 20, 60), np.full(20, np.nan))
    error = tariff_error(fit_parcel_tariff, made)
    assert error is not None
    assert error.typical > fit_parcel_tariff(made).error
    few = Parcels(made.weight[:9], made.charge[:9], made.destination[:9], made.distance)
    assert tariff_error(fit_parcel_tariff, few) is None


def test_days_are_foretold_by_destination() -> None:
    """Deliveries that take 5 days here and 20 there, give or take one, are foretold to the day."""
    rng = np.random.default_rng(5)
    where = rng.integers(0, 2, 1000)
    days = np.array([5.0, 20.0])[where] + rng.choice([-1.0, 1.0], 1000)
    error = transit_error(days, where, np.array([np.nan, np.nan]))
    assert error is not None
    assert error.typical == pytest.approx(1.0, abs=0.4)
    early = fit_transit(-days, where, np.array([np.nan, np.nan]), least=-np.inf)
    assert early.mean[1] < -15
