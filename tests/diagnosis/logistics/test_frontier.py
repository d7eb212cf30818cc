"""The frontier is the regression quantile another library finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import QuantileRegressor

from jointplan.diagnosis.logistics.frontier import fit_frontier
from jointplan.diagnosis.logistics.lanes import measure_lanes
from jointplan.diagnosis.settings import LogisticsDiagnosisSettings
from tests.diagnosis.cluster import tables_of


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


@pytest.mark.real
def test_real_lanes_are_priced_and_judged_as_pandas_and_scikit_learn_do(data: Path) -> None:
    """Lanes of SCMS, a country by a mode: price, kg a year, best attainable and money at stake are those worked out beside it from the file.

    The prices are the freight paid over the kilograms moved of all deliveries of the lane, the frontier is sklearn's QuantileRegressor on them.
    """
    raw = pd.read_parquet(data / "scms" / "SCMS_Delivery_History_Dataset.parquet")
    kg, paid = (pd.to_numeric(raw[name], errors="coerce") for name in ("Weight (Kilograms)", "Freight Cost (USD)"))
    day = pd.to_datetime(raw["Delivered to Client Date"], format="%d-%b-%y")
    mode = raw["Shipment Mode"].map({"Air": "air", "Truck": "road", "Ocean": "sea"})
    good = (kg > 0) & (paid > 0) & mode.notna()
    lines = pd.DataFrame({"kg": kg, "paid": paid, "day": day, "mode": mode, "country": raw["Country"]})[good]
    lines["lane"] = lines["country"] + " " + lines["mode"]
    lines = lines[lines.groupby("lane")["lane"].transform("size") >= 10]
    total = lines.groupby("lane").agg(kg=("kg", "sum"), paid=("paid", "sum"), mode=("mode", "first"))
    places = sorted(set(lines["country"]))
    tables = tables_of(
        firms=[{"firm": "SCMS", "role": "seller", "currency": "USD"}],
        products=[{"sku": "kg", "weight": 1.0, "volume": 1e-3}],
        markets=[{"market": name, "currency": "USD"} for name in places],
        weekly=[],
        tariffs=[
            {"tariff": name, "basis": "kg", "from_quantity": 0.0, "rate": row.paid / row.kg, "currency": "USD"}
            for name, row in total.iterrows()
        ],
        lanes=[
            {"lane": name, "origin": "hub", "destination": str(name).rsplit(" ", 1)[0], "mode": row["mode"], "tariff": name, "transit_days": 10.0}
            for name, row in total.iterrows()
        ],
        recorded=[
            {"row": n, "activity": "ship", "date": r.day.date(), "firm": "SCMS", "sku": "kg", "seller": "SCMS", "lane": r.lane, "quantity": r.kg}
            for n, r in enumerate(lines.itertuples(), start=1)
        ],
    )  # fmt: skip
    made = measure_lanes(tables, LogisticsDiagnosisSettings(draws=100), currency="USD", holding_rate=0.25, seed=7)
    found = made.tables["diagnosis_lanes"].to_pandas().set_index("lane").loc[total.index]
    assert len(found) >= 30
    np.testing.assert_allclose(found["price"], total["paid"] / total["kg"])
    monday = lines["day"] - pd.to_timedelta(lines["day"].dt.weekday, unit="D")
    weeks = (monday.max() - monday.min()).days // 7 + 1
    np.testing.assert_allclose(found["moved"], total["kg"] * 52 / weeks)
    together = lines.groupby(["lane", monday])["kg"].sum()
    # The load of the median kilogram, each kilogram counted as one that knows the load it went in.
    load = together.groupby("lane").agg(
        lambda kg: np.sort(np.repeat(kg, np.ceil(kg).astype(int)))[np.ceil(kg).astype(int).sum() // 2]
    )
    np.testing.assert_allclose(found["load"], load)
    # Each mode that has the 15 lanes two coefficients need has a frontier of its own; none lies below the cheapest of its mode.
    price = np.log(total["paid"] / total["kg"])
    common, *others = total["mode"].value_counts().index
    levels = [(total["mode"] == name) for name in sorted(others)]
    variables = np.column_stack([np.ones(len(total)), *levels, np.log(load)]).astype(float)
    fit = QuantileRegressor(quantile=0.1, alpha=0.0, fit_intercept=False)
    best = np.exp(fit.fit(variables, price).predict(variables))
    for name in (common, *others):
        mine = (total["mode"] == name).to_numpy()
        own = np.column_stack([np.ones(mine.sum()), np.log(load[mine])])
        if mine.sum() >= 15:
            best[mine] = np.exp(fit.fit(own, price[mine]).predict(own))
        best[mine] = np.maximum(best[mine], np.exp(price[mine].min()))
    np.testing.assert_allclose(found["best_price"], best, rtol=1e-4)
    stake = float((np.maximum(total["paid"] / total["kg"] - best, 0) * total["kg"]).sum() * 52 / weeks)
    assert found["stake"].sum() == pytest.approx(stake, rel=1e-3)
    (finding,) = [finding for finding in made.findings if finding.indicator == "lane_price"]
    paid_or_best = np.maximum(total["paid"], best * total["kg"]).sum()
    assert finding.value == pytest.approx(paid_or_best / (best * total["kg"]).sum(), rel=1e-3)
