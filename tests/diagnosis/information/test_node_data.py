"""Data that help are told from data that do not, with a forecaster whose use of them is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jointplan.diagnosis.information.node_data import choose_trial, value_data
from jointplan.schema import QUANTILES, TABLES
from tests.diagnosis.cluster import MONDAY

WEEKS, HELD = 60, 4
SKUS = ("A", "B", "C", "D", "E", "F")


def level_forecaster(tables: Mapping[str, pa.Table], start: date, weeks: int) -> pa.Table:
    """Forecast the last week of the product, the mean over all sellers given, shared by each one's own part."""
    frame = tables["weekly"].to_pandas(date_as_object=False)
    owner = dict(zip(*(tables["firms"][name].to_pylist() for name in ("firm", "owner")), strict=True))
    frame["owner"] = frame["seller"].map(owner)
    recent = frame[frame["week"] >= pd.Timestamp(start) - pd.Timedelta(weeks=1)]
    rows = []
    for basis, part in [("shared", recent), *((f"own:{name}", rows_) for name, rows_ in recent.groupby("owner"))]:
        each = part.groupby(["sku", "market"])["quantity"].mean()
        for (sku, market, seller), _ in part.groupby(["sku", "market", "seller"]):
            mean = float(each[sku, market])
            rows += [
                {"basis": basis, "origin": start, "week": start + timedelta(weeks=k), "sku": sku, "market": market,
                 "seller": seller, "mean": mean, "model": "level", **dict.fromkeys(QUANTILES, mean)}
                for k in range(weeks)
            ]  # fmt: skip
    return pa.Table.from_pylist(rows, TABLES["forecasts"].arrow)


def market(seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Five sellers see a common level through much noise; a sixth sells something of its own in a market of its own."""
    rng = np.random.default_rng(seed)
    rows = []
    for sku in SKUS:
        level = 100.0
        for week in range(WEEKS):
            level *= float(np.exp(rng.normal(0, 0.02)))
            rows += [
                (MONDAY + timedelta(weeks=week), sku, "DE", f"S{n}", max(level + rng.normal(0, 40), 1.0))
                for n in range(5)
            ]
            rows.append((MONDAY + timedelta(weeks=week), f"{sku}-own", "JP", "HERMIT", 50.0))
    weekly = pd.DataFrame(rows, columns=["week", "sku", "market", "seller", "quantity"])
    weekly["week"] = pd.to_datetime(weekly["week"])
    own = [f"{sku}-own" for sku in SKUS]
    products = pd.DataFrame({"sku": [*SKUS, *own], "family": ["f"] * 6 + ["g"] * 6, "maker": ["M"] * 12})
    return weekly, products


OWNERS = {f"S{n}": f"S{n}" for n in range(5)} | {"HERMIT": "HERMIT"}
PRODUCTS = pa.Table.from_pylist([{"sku": "A", "family": "f"}], TABLES["products"].arrow)


def test_shared_data_help_and_a_hermits_do_not() -> None:
    """Five noisy views of one level are worth more than one; who sells nothing the others sell is not even tried."""
    weekly, products = market()
    trial = choose_trial(weekly, OWNERS, products, held=HELD, series=40, context=100, seed=1)
    assert trial is not None
    assert set(trial.targets["seller"]) == {f"S{n}" for n in range(5)}
    worth = {(w.kind, w.node): w for w in value_data(trial, level_forecaster, PRODUCTS, nodes=6, draws=200, seed=1)}
    together = worth["all", ""]
    assert together.reduction > 0.1
    assert together.p_value < 0.05
    assert together.low <= together.reduction <= together.high
    assert ("seller", "HERMIT") not in worth
    assert {node for kind, node in worth if kind == "seller"} == {f"S{n}" for n in range(5)}
    # The maker sees the sales of all its sellers, which here is everybody's.
    assert worth["maker", "M"].reduction == pytest.approx(together.reduction)


def test_a_makers_data_come_on_top_of_each_sellers_own_rows() -> None:
    """What is forecast with a maker's data has every row of the seller's own, those of goods of other makers too, and all that the maker sees."""
    weekly, products = market()
    products["maker"] = np.where(products["sku"] == "A", "M", "N")
    trial = choose_trial(weekly, OWNERS, products, held=HELD, series=40, context=100, seed=1)
    assert trial is not None
    given: list[pd.DataFrame] = []

    def watched(tables: Mapping[str, pa.Table], start: date, weeks: int) -> pa.Table:
        owner = dict(zip(*(tables["firms"][name].to_pylist() for name in ("firm", "owner")), strict=True))
        given.append(tables["weekly"].to_pandas().assign(owner=lambda frame: frame["seller"].map(owner)))
        return level_forecaster(tables, start, weeks)

    worth = {(w.kind, w.node): w for w in value_data(trial, watched, PRODUCTS, nodes=2, draws=200, seed=1)}
    own = trial.history[trial.history["owner"] == "S0"].groupby("sku").size()
    of_both = {
        int(len(frame[(frame["owner"] == "S0") & (frame["sku"] == "A")]) / own["A"]): frame
        for frame in given
        if len(set(frame["owner"])) == 5
    }
    with_maker = of_both[5]  # the five sellers' rows of A
    of_s0 = with_maker[with_maker["owner"] == "S0"].groupby("sku").size()
    assert of_s0["A"] == 5 * own["A"]
    assert (of_s0.drop("A") == own.drop("A")).all()
    assert worth["maker", "M"].reduction > 0


def test_nothing_held_out_is_seen() -> None:
    """The forecaster is given no row of the weeks held out."""
    weekly, products = market()
    trial = choose_trial(weekly, OWNERS, products, held=HELD, series=40, context=100, seed=1)
    assert trial is not None
    begin = weekly["week"].max() - pd.Timedelta(weeks=HELD - 1)

    def watched(tables: Mapping[str, pa.Table], start: date, weeks: int) -> pa.Table:
        assert pd.Timestamp(start) == begin
        assert weeks == HELD
        assert max(tables["weekly"]["week"].to_pylist()) < start
        return level_forecaster(tables, start, weeks)

    assert value_data(trial, watched, PRODUCTS, nodes=1, draws=100, seed=1)


def test_too_little_is_not_tried() -> None:
    """A short history, one owner, or no sales give no trial."""
    weekly, products = market()
    short = weekly[weekly["week"] < pd.Timestamp(MONDAY) + pd.Timedelta(weeks=20)]
    for rows, owners in ((short, OWNERS), (weekly.iloc[:0], OWNERS), (weekly, dict.fromkeys(OWNERS, "X"))):
        assert choose_trial(rows, owners, products, held=HELD, series=40, context=100, seed=1) is None
