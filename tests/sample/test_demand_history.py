"""Tests of what sold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from jointplan.sample import write_sample
from jointplan.sample.demand_history import bass_sales


@pytest.fixture(scope="module")
def weekly(read) -> pd.DataFrame:
    """Units per series (rows) and week (columns)."""
    sales = read("sales")
    day = pd.to_datetime(sales["date"])
    sales["week"] = day - pd.to_timedelta(day.dt.weekday, unit="D")
    return sales.groupby(["sku", "market", "seller", "week"])["quantity"].sum().unstack(fill_value=0)


def test_bass_peaks_where_bass_said() -> None:
    """Room air conditioners (Bass 1969): p .010399, q .41861 give a peak after 8.61 years."""
    years = np.linspace(0, 20, 20001)
    rate = bass_sales(years, 0.010399, 0.41861)
    assert years[rate.argmax()] == pytest.approx(8.61, abs=0.05)
    assert rate.max() == pytest.approx(1.0, abs=1e-6)
    assert bass_sales(np.array([-0.5]))[0] == 0


def test_the_history_is_whole_weeks(read) -> None:
    """104 weeks, from a Monday to the Sunday of 2026-06-28."""
    day = pd.to_datetime(read("sales")["date"])
    assert day.min() == pd.Timestamp("2024-07-01")
    assert day.min().weekday() == 0
    assert day.max() == pd.Timestamp("2026-06-28")


def test_series_are_many_and_small(weekly) -> None:
    """500 to 700 series, mostly 5 to 80 units a week, so that a seller's lots are small."""
    assert 500 <= len(weekly) <= 700
    sold = weekly.to_numpy()
    assert 10 <= np.median(sold[sold > 0]) <= 30
    assert np.quantile(sold[sold > 0], 0.98) <= 80


def test_sellers_share_products_and_markets(weekly) -> None:
    """Two or three sellers carry a product, and many sell it in the same market."""
    index = weekly.index.to_frame(index=False)
    assert 2 <= index.groupby("sku")["seller"].nunique().mean() <= 3.2
    assert (index.groupby(["sku", "market"])["seller"].nunique() >= 2).mean() > 0.4


def test_every_kind_of_demand_is_there(weekly, read) -> None:
    """Intermittent (Syntetos and Boylan 2005: interval over 1.32), seasonal, new and fading products all occur."""
    products = read("products").set_index("sku")
    sku = weekly.index.get_level_values("sku")
    launched = pd.to_datetime(products["launched"]).reindex(sku).to_numpy()
    old = launched < np.datetime64("2024-07-01")
    interval = weekly.shape[1] / (weekly > 0).sum(axis=1)
    assert 0.08 < (interval[old] > 1.32).mean() < 0.35
    new = launched > np.datetime64("2025-07-01")
    assert 0.05 < new.mean() < 0.3
    half = weekly.loc[old].iloc[:, :52].sum(axis=1), weekly.loc[old].iloc[:, -13:].sum(axis=1)
    assert ((half[1] / 13) < 0.3 * half[0] / 52).mean() > 0.02
    winter = weekly[(products["family"].reindex(sku) == "heater").to_numpy() & old]
    north = winter[winter.index.get_level_values("market").isin(["US", "DE", "FR", "CA", "JP"])].sum()
    month = north.index.month
    assert north[(month == 1) | (month == 12)].mean() > 1.5 * north[(month == 6) | (month == 7)].mean()


def test_nothing_sells_before_its_launch(read) -> None:
    """No sale of a product is dated before the day it was launched."""
    sales = read("sales").merge(read("products")[["sku", "launched"]], on="sku")
    assert (sales["date"] >= sales["launched"]).all()


@pytest.mark.parametrize(("products", "seed"), [(15, 1), (15, 2), (1, 3), (1, 4), (2, 8)])
def test_no_small_cluster_sells_before_a_launch_either(tmp_path, reader_of, products: int, seed: int) -> None:
    """Also where the first product is new, or all are, and still the records are whole weeks."""
    write_sample(tmp_path / "small", firms=6, sellers=3, products=products, seed=seed)
    read = reader_of(tmp_path / "small")
    sales = read("sales").merge(read("products")[["sku", "launched"]], on="sku")
    assert (pd.to_datetime(sales["date"]) >= pd.to_datetime(sales["launched"])).all()
    day = pd.to_datetime(sales["date"])
    assert (day.min(), day.max()) == (pd.Timestamp("2024-07-01"), pd.Timestamp("2026-06-28"))


def test_noise_is_more_than_poisson(weekly) -> None:
    """Regular series vary more than a Poisson count would."""
    steady = weekly[(weekly > 0).all(axis=1)]
    spread = steady.iloc[:, -26:].var(axis=1) / steady.iloc[:, -26:].mean(axis=1)
    assert len(steady) > 50
    assert spread.median() > 1.5


def test_promotions_lift_sales(read, weekly) -> None:
    """In the weeks of a promotion a series sells clearly more than its own average."""
    promotions = read("promotions")
    week = pd.to_datetime(promotions["date"])
    index = pd.MultiIndex.from_frame(promotions[["sku", "market", "seller"]])
    rows, columns = weekly.index.get_indexer(index), weekly.columns.get_indexer(week)
    assert (rows >= 0).mean() > 0.95
    known = rows >= 0
    there = weekly.to_numpy()[rows[known], columns[known]]
    assert there.mean() > 1.3 * weekly.to_numpy().mean(axis=1)[rows[known]].mean()


def test_returns_are_part_of_what_was_sold(read) -> None:
    """Two to five in a hundred lines come back, never before the first sale."""
    sales, returns = read("sales"), read("returns")
    assert 0.02 < len(returns) / len(sales) < 0.05
    assert returns["date"].min() > sales["date"].min()
    assert returns["quantity"].sum() < 0.05 * sales["quantity"].sum()


def test_open_orders_are_due_ahead(read) -> None:
    """Open orders were placed by 2026-06-28 and are due in the four weeks after it."""
    orders = read("orders")
    assert orders["date"].max() <= "2026-06-28"
    assert orders["due"].min() >= "2026-06-29"
    assert orders["due"].max() <= "2026-07-26"
