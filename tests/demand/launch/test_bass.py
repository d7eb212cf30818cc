"""Bass curves peak where published tables say, and are found again from sales."""

import numpy as np
import pytest

from jointplan.demand.launch.bass import Bass, fit_bass, fit_curves

# Bass (1969), Management Science 15: p, q, m in thousands, and the predicted time (years) and size (millions a year) of the peak.
DURABLES = {
    "black and white television": (0.027877, 0.25105, 96717, 7.8, 7.5),
    "water softeners": (0.017703, 0.29695, 5793, 8.9, 0.5),
    "room air conditioners": (0.010399, 0.41861, 16895, 8.6, 1.8),
    "clothes dryers": (0.017206, 0.35688, 15092, 8.1, 1.5),
    "power lawnmowers": (0.0091837, 0.33790, 44751, 10.3, 4.1),
    "electric bed coverings": (0.005876, 0.24387, 76589, 14.9, 4.8),
    "automatic coffee makers": (0.017135, 0.30145, 58838, 9.0, 4.8),
    "steam irons": (0.028632, 0.32791, 55696, 6.8, 5.5),
    "record players": (0.024796, 0.65410, 21937, 4.8, 3.8),
}


@pytest.mark.parametrize("name", DURABLES)
def test_peaks_of_consumer_durables(name: str) -> None:
    """Time and size of the peak are those of the paper's table, which rounds down in places."""
    p, q, m, time, size = DURABLES[name]
    curve = Bass(p, q, m)
    assert curve.peak_time == pytest.approx(time, abs=0.11)
    assert curve.peak / 1000.0 == pytest.approx(size, abs=0.16)
    grid = np.arange(0.0, 40.0, 0.01)
    rate = np.gradient(curve.sold(grid), grid)
    assert grid[int(rate.argmax())] == pytest.approx(curve.peak_time, abs=0.02)
    assert rate.max() == pytest.approx(curve.peak, rel=1e-3)


def test_the_peak_of_room_air_conditioners() -> None:
    """To the last digit of the worked example: 8.61 years, 1,857 thousand."""
    p, q, m, *_ = DURABLES["room air conditioners"]
    curve = Bass(p, q, m)
    assert curve.peak_time == pytest.approx(8.61, abs=0.005)
    assert curve.peak == pytest.approx(1857.0, abs=0.5)


def test_a_curve_that_only_falls_peaks_at_once() -> None:
    """Without imitation the most is sold at the start."""
    curve = Bass(0.1, 0.01, 1000.0)
    assert curve.peak_time == 0.0
    assert curve.peak == pytest.approx(100.0)


@pytest.mark.parametrize("name", DURABLES)
def test_a_curve_is_found_again(name: str) -> None:
    """Sixteen periods of exact sales give back the curve they came from."""
    p, q, m, _, _ = DURABLES[name]
    found = fit_bass(Bass(p, q, m).per_period(16))
    assert (found.p, found.q, found.m) == pytest.approx((p, q, m), rel=1e-3)


def test_video_recorders() -> None:
    """The example of Cowpertwait and Metcalfe, Introductory Time Series with R (2009), 3.3.4: R's nls gives m 68,000 ± 3,130, p .00659 ± .00143, q .638 ± .0414.

    It takes the density at each year's end where ours takes the sales of the year, hence within two standard errors.
    """
    sales = np.array([840, 1470, 2110, 4000, 7590, 10950, 10530, 9470, 7790, 5890.0])
    found = fit_bass(sales)
    assert found.m == pytest.approx(68_000, abs=2 * 3130)
    assert found.p == pytest.approx(0.00659, abs=2 * 0.00143)
    assert found.q == pytest.approx(0.638, abs=2 * 0.0414)
    assert np.sqrt(((found.per_period(10) - sales) ** 2).sum() / 7) < 800  # theirs: 727


def test_too_little_is_refused() -> None:
    """Three periods, or none with sales, give no curve."""
    for sales in (np.ones(3), np.zeros(9)):
        with pytest.raises(ValueError, match="four periods"):
            fit_bass(sales)


def test_curves_of_noisy_launches() -> None:
    """Totals of what was sold are kept, and the course to come is told within the noise on average."""
    rng = np.random.default_rng(0)
    true = Bass(0.03, 0.12, 1.0).per_period(40)
    size = rng.gamma(4.0, 100.0, 60)
    full = rng.poisson(size[:, None] * true).astype(float)
    seen = np.where(np.arange(40) < 20, full, np.nan)
    made = fit_curves(seen).per_week(40)
    assert made[:, :20].sum() == pytest.approx(full[:, :20].sum(), rel=0.02)
    assert made[:, 20:].sum() == pytest.approx(full[:, 20:].sum(), rel=0.35)


def test_a_young_launch_leans_on_the_curves_of_the_others() -> None:
    """Three weeks of a launch are too few for a curve of its own: beside launches that peak early it is foretold to be over sooner than beside ones that peak late."""
    rng = np.random.default_rng(2)
    young = np.full(40, np.nan)
    young[:3] = [20.0, 24.0, 22.0]

    def ahead(innovation: float, imitation: float) -> float:
        usual = Bass(innovation, imitation, 800.0).per_period(40)
        curves = fit_curves(np.vstack([young, rng.poisson(usual, (30, 40)).astype(float)]))
        return float(curves.per_week(40)[0, 3:].sum())

    early, late = ahead(0.12, 0.05), ahead(0.004, 0.15)
    assert early < 0.5 * late


@pytest.mark.parametrize(
    "paths", [np.zeros((3, 8)), np.full((2, 8), np.nan), np.array([[1e9] + [0.0] * 7]), np.zeros((0, 8))]
)
def test_odd_launches_give_finite_curves(paths: np.ndarray) -> None:
    """No sales, nothing known, one sale of a billion, no launches: curves of finite units."""
    assert np.isfinite(fit_curves(paths).per_week(12)).all()
