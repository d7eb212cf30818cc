"""Series and totals agree, by the least correction their errors allow."""

import numpy as np
import pytest
from scipy import sparse

from jointplan.demand import ForecastSettings, basis
from jointplan.demand.judge import Judged, Monday, judge, past_mondays
from jointplan.demand.panel import Panel
from jointplan.demand.reconcile import corrections_by_totals, reconcile

SUMS = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1]], dtype=float)


def reference(bottom: np.ndarray, totals: np.ndarray, *, nonnegative: bool) -> np.ndarray:
    """Reconcile with hierarchicalforecast, weighing each node by its number of series."""
    from hierarchicalforecast.methods import MinTrace

    whole = np.vstack([SUMS, np.eye(4)])
    method = MinTrace(method="wls_struct", nonnegative=nonnegative)
    made = method.fit_predict(S=whole, y_hat=np.vstack([totals, bottom]))["mean"]
    return np.asarray(made)[3:]


@pytest.mark.parametrize("seed", range(5))
def test_corrections_are_those_of_minimum_trace(seed):
    """With the weights of its structural variant the result is that of hierarchicalforecast."""
    rng = np.random.default_rng(seed)
    bottom, totals = rng.uniform(20, 30, (4, 3)), rng.uniform(45, 60, (3, 3))
    totals[0] = totals[1:].sum(axis=0) + rng.normal(0, 3, 3)
    made = reconcile(bottom, totals, sparse.csr_array(SUMS), np.ones(4), SUMS.sum(axis=1))
    assert made == pytest.approx(reference(bottom, totals, nonnegative=False))


@pytest.mark.filterwarnings("ignore:Converted matrix")
def test_what_would_fall_below_zero_stays_at_zero():
    """A total far below its series draws the small one to zero, not below, and the others take the rest."""
    bottom = np.array([[10.0], [0.5], [6.0], [5.0]])
    totals = np.array([[8.0], [3.0], [5.0]])
    made = reconcile(bottom, totals, sparse.csr_array(SUMS), np.ones(4), SUMS.sum(axis=1))
    assert made.min() == 0.0
    assert made[1] == 0.0
    assert made == pytest.approx(reference(bottom, totals, nonnegative=True), abs=1e-6)


def test_totals_known_for_certain_are_met_exactly():
    """As the error of the totals goes to nothing the series add up to them."""
    bottom, totals = np.array([[10.0], [5.0], [6.0], [5.0]]), np.array([[30.0], [17.0], [13.0]])
    made = reconcile(bottom, totals, sparse.csr_array(SUMS), np.ones(4), np.full(3, 1e-9))
    assert SUMS @ made == pytest.approx(totals, abs=1e-6)


@pytest.mark.parametrize("name", ["shared", "own:Li"])
def test_an_owners_own_forecasts_are_corrected_as_everybodys_are(name, monkeypatch):
    """Where totals served, what they say reaches the forecasts of both bases."""
    blank = np.full(2, "", dtype=np.str_)
    units = np.random.default_rng(1).poisson(20, (2, 40)).astype(float)
    task = basis.Task(name, Panel(blank, blank, blank, blank, blank, units), 4, 0, ForecastSettings(origins=1))
    plain = basis.forecast_basis(task).mean
    monkeypatch.setattr(basis, "corrections_by_totals", lambda *_: ([np.ones((2, 4))], np.full((2, 4), 1.5)))
    assert basis.forecast_basis(task).mean == pytest.approx(1.5 * plain)


GROWING = ForecastSettings(models=("HistoricAverage",), origins=2, origin_step=8, trees="never")


def judged_of(units: np.ndarray, settings: ForecastSettings = GROWING) -> tuple[Judged, list[Monday]]:
    """Judge series of four families in two markets."""
    count, weeks = units.shape
    names = np.array([f"x{row:02}" for row in range(count)])
    family, market = (np.array([f"{kind}{row % many}" for row in range(count)]) for kind, many in (("f", 4), ("m", 2)))
    panel = Panel(names, market, np.full(count, "s"), family, np.full(count, "o"), units)
    cutoffs = [*past_mondays(weeks, settings), weeks]
    mondays = [Monday(cutoff, panel, np.ones(count, dtype=bool)) for cutoff in cutoffs]
    return judge(mondays, 8, settings, np.random.default_rng(0)), mondays


def test_totals_that_follow_growth_better_correct_the_series_and_serve():
    """Series forecast by their whole past, while all demand grows, are raised towards what totals of late say, which errs less on every past Monday."""
    rng = np.random.default_rng(3)
    units = rng.poisson(rng.gamma(4.0, 3.0, (40, 1)) * 1.02 ** np.arange(80)).astype(float)
    judged, mondays = judged_of(units)
    made = corrections_by_totals(judged, mondays, 8, GROWING, np.random.default_rng(0))
    assert made is not None
    past, now = made
    assert now.shape == (40, 8)
    assert now.sum() > 1.1 * now.size
    for factor, trial in zip(past, judged.trials, strict=True):
        mean = trial.outlook.expect(np.arange(40), judged.chosen, judged.ways).mean
        before, after = (np.abs(made - trial.actual).sum() for made in (mean, factor * mean))
        assert after < 0.9 * before
        assert factor.min() >= 0.5
        assert factor.max() <= 2.0


def test_totals_that_did_not_serve_correct_nothing():
    """Where demand stands still, its past tells the series all, and totals are not heard; nor are those of few series, or with a single past Monday."""
    rng = np.random.default_rng(5)
    still = np.tile(rng.gamma(4.0, 3.0, (40, 1)), (1, 80)) + np.where(np.arange(80) % 2, 1.0, -1.0)
    growing = rng.poisson(12.0 * 1.02 ** np.arange(80), (40, 80)).astype(float)
    once = GROWING.model_copy(update={"origins": 1})
    for units, settings in ((still, GROWING), (growing[:20], GROWING), (growing, once)):
        judged, mondays = judged_of(units, settings)
        assert corrections_by_totals(judged, mondays, 8, settings, np.random.default_rng(0)) is None
