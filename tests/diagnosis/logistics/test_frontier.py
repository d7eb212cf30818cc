"""The frontier is the regression quantile another library finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import QuantileRegressor

from jointplan.diagnosis.logistics.frontier import fit_frontier


def test_agrees_with_scikit_learn() -> None:
    """Coefficients are those of sklearn's QuantileRegressor without penalty; the wanted share lies below."""
    rng = np.random.default_rng(1)
    weight, distance = rng.normal(4, 1, 300), rng.normal(8, 0.5, 300)
    price = np.exp(2 - 0.3 * weight + 0.4 * distance + rng.exponential(0.4, 300))
    variables = np.column_stack([np.ones(300), weight, distance])
    found = fit_frontier(price, variables, quantile=0.1)
    assert found is not None
    theirs = QuantileRegressor(quantile=0.1, alpha=0.0, fit_intercept=False).fit(variables, np.log(price))
    np.testing.assert_allclose(found.coefficients, theirs.coef_, atol=1e-6)
    assert 0.085 <= (price < found.at(variables)).mean() <= 0.115


def test_too_few_observations_have_no_frontier() -> None:
    """Fewer than ten, and five more for each variable, give none."""
    assert fit_frontier(np.ones(9), np.ones((9, 1)), quantile=0.1) is None
    assert fit_frontier(np.ones(10), np.ones((10, 1)), quantile=0.1) is not None
    assert fit_frontier(np.ones(14), np.ones((14, 2)), quantile=0.1) is None


@pytest.mark.real
def test_real_freight_falls_with_weight(data: Path) -> None:
    """On the SCMS deliveries a heavier load costs less per kg at the frontier, and a tenth lies below it."""
    raw = pd.read_parquet(data / "scms" / "SCMS_Delivery_History_Dataset.parquet")
    kg, paid = (pd.to_numeric(raw[name], errors="coerce") for name in ("Weight (Kilograms)", "Freight Cost (USD)"))
    good = (kg > 0) & (paid > 0) & (raw["Shipment Mode"] == "Air")
    kg, paid = kg[good].to_numpy(), paid[good].to_numpy()
    variables = np.column_stack([np.ones(len(kg)), np.log(kg)])
    found = fit_frontier(paid / kg, variables, quantile=0.1)
    assert found is not None
    assert -1 < found.coefficients[1] < 0
    assert (paid / kg < found.at(variables)).mean() == pytest.approx(0.1, abs=0.01)
