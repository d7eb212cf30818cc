"""Tests of the recorded plan and of the capacities, recomputed from the written tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

Reader = Callable[[str], pd.DataFrame]


def weeks_of(days: pd.Series) -> pd.Series:
    dates = pd.to_datetime(days)
    return dates - pd.to_timedelta(dates.dt.weekday, unit="D")


def loads(read: Reader) -> pd.DataFrame:
    """Return hours used and there per firm, process and week: runs per owner and family, one setup per lot."""
    recorded, products, firms = read("recorded"), read("products"), read("firms")
    made = recorded[recorded["activity"] == "make"].copy()
    made["week"] = weeks_of(made["date"])
    made["owner"] = made["seller"].map(firms.set_index("firm")["owner"])
    made = made.merge(products[["sku", "family"]], on="sku")
    operations = read("operations").sort_values("step", ascending=False)
    own = operations[operations["sku"].notna()].drop(columns="family")
    shared = operations[operations["sku"].isna()].drop(columns="sku")
    steps = pd.concat([
        made.merge(own, on="sku"),
        made[~made["sku"].isin(own["sku"])].merge(shared, on="family"),
    ])  # fmt: skip
    able = read("capabilities")
    exact = steps.merge(able[able["family"].notna()].drop(columns="sku"), on=["firm", "process", "family"])
    general = steps.merge(able[able["family"].isna()].drop(columns=["sku", "family"]), on=["firm", "process"])
    work = pd.concat([exact, general]).sort_values(["row", "step"], ascending=[True, False])
    assert len(work) == len(steps)
    good = work.groupby("row")["yield"].cumprod()
    work["used"] = work["quantity"] * work["hours"] * work["hours_factor"] / good + work["minor_setup_hours"]
    runs = work.drop_duplicates(["firm", "process", "family", "owner", "week"])
    key = ["firm", "process", "week"]
    used = work.groupby(key)["used"].sum() + runs.groupby(key)["major_setup_hours"].sum()
    table = used.rename("used").reset_index()
    capacity = read("capacity")
    table = table.merge(capacity[capacity["week"].isna()].drop(columns="week"), on=["firm", "process"])
    calendar = read("calendar").set_index("week")["share"]
    table["share"] = table["week"].dt.strftime("%Y-%m-%d").map(calendar).fillna(1.0)
    return table


@pytest.fixture(scope="module", params=["appliances", "small-goods"])
def read_any(request: pytest.FixtureRequest, reader_of: Callable[[Path], Reader]) -> Reader:
    """Read either kind of sample."""
    return reader_of(request.getfixturevalue("folder" if request.param == "appliances" else "small_goods"))


def test_makers_are_busy_but_unevenly(read_any) -> None:
    """In the busier half of the weeks most makers' bottleneck is loaded 75 to 100 %; some have room, some too little."""
    table = loads(read_any)
    bottleneck = table[(table["share"] > 0.5) & table["process"].isin(["moulding", "coating", "sewing"])].copy()
    bottleneck["load"] = bottleneck["used"] / (bottleneck["hours"] * bottleneck["share"])
    week = bottleneck.groupby(["firm", "week"])["load"].max()
    busier = week.groupby("firm").apply(lambda values: values.sort_values().tail(13).mean())
    assert 0.78 <= busier.median() <= 0.98
    assert (busier.between(0.75, 1.0)).mean() > 0.4
    assert busier.min() < 0.72
    assert busier.max() > 0.95


def test_few_weeks_break_their_limit(read_any) -> None:
    """Some weeks go past permitted overtime, as really happens, but only a few."""
    table = loads(read_any)
    over = table["used"] > (table["hours"] + table["overtime_hours"]) * table["share"] + 1e-6
    assert 0 < over.mean() < 0.08
    assert (table["used"] > table["hours"] * table["share"]).mean() > over.mean()


def test_nothing_is_made_in_a_closed_week(read) -> None:
    """In the week of Spring Festival 2026 nothing is made."""
    recorded = read("recorded")
    made = recorded[recorded["activity"] == "make"]
    assert not made["date"].between("2026-02-16", "2026-02-22").any()
    assert weeks_of(made["date"]).nunique() == 25


def test_lots_are_one_per_seller_product_and_week(read_any) -> None:
    """The present maker makes every lot, one per product, seller and week, over the last 26 weeks."""
    recorded, products = read_any("recorded"), read_any("products")
    made = recorded[recorded["activity"] == "make"]
    assert (made["sku"].map(products.set_index("sku")["maker"]) == made["firm"]).all()
    assert not made.assign(week=weeks_of(made["date"])).duplicated(["week", "sku", "seller"]).any()
    assert weeks_of(recorded["date"]).min() == pd.Timestamp("2025-12-29")
    assert weeks_of(recorded["date"]).max() <= pd.Timestamp("2026-06-22")


def test_goods_leave_where_they_are(read_any) -> None:
    """In every place and week just as much of a seller's product leaves as was made there or came in, not before."""
    recorded = read_any("recorded").merge(
        read_any("lanes")[["lane", "origin", "destination", "transit_days"]], on="lane", how="left"
    )
    recorded["week"] = weeks_of(recorded["date"])
    ships = recorded[recorded["activity"] == "ship"]
    made = recorded[recorded["activity"] == "make"]
    assert ((ships["origin"] == "*") | (ships["origin"] == ships["firm"])).all()
    assert (ships["market"].isna() | (ships["market"] == ships["destination"])).all()
    assert set(ships.loc[ships["market"].isna(), "destination"]) <= {"HUB", "PORT"}
    key = ["week", "sku", "seller"]
    arrived = ships[ships["market"].isna()].copy()
    assert (np.floor(arrived["transit_days"] / 7 + 0.5) == 0).all()
    gone = ships.groupby([*key, "firm"])["quantity"].sum()
    come = pd.concat([
        made.groupby([*key, "firm"])["quantity"].sum(),
        arrived.rename(columns={"firm": "left", "destination": "firm"}).groupby([*key, "firm"])["quantity"].sum(),
    ])  # fmt: skip
    pd.testing.assert_series_equal(gone.sort_index(), come.sort_index())


def test_most_demand_is_served(read) -> None:
    """What reaches the markets serves most of what sold, though not all of it in its week, and little too much."""
    recorded, sales, lanes = read("recorded"), read("sales"), read("lanes")
    key = ["sku", "market", "seller"]
    sold = sales.assign(week=weeks_of(sales["date"]))
    wanted = sold[sold["week"] >= "2025-12-29"].groupby([*key, "week"])["quantity"].sum().unstack(fill_value=0)
    ships = recorded[recorded["market"].notna()].merge(lanes[["lane", "transit_days"]], on="lane")
    ships["week"] = weeks_of(ships["date"]) + pd.to_timedelta(7 * np.floor(ships["transit_days"] / 7 + 0.5), unit="D")
    came = ships.groupby([*key, "week"])["quantity"].sum().unstack(fill_value=0)
    came = came.reindex(index=wanted.index, columns=wanted.columns, fill_value=0).fillna(0)
    backlog = (wanted.cumsum(axis=1) - came.cumsum(axis=1)).clip(lower=0)
    assert backlog.iloc[:, -1].sum() < 0.03 * wanted.to_numpy().sum()
    # Units waiting at the end of a week against units wanted in it.
    waiting = backlog.sum() / wanted.sum().mean()
    assert 0.05 < waiting.mean() < 0.8
    made = recorded.loc[recorded["activity"] == "make", "quantity"].sum()
    assert 1.0 < made / wanted.to_numpy().sum() < 1.2


def test_the_record_is_of_a_size_one_can_read(read) -> None:
    """Some 15 to 40 thousand rows, numbered from 1."""
    recorded = read("recorded")
    assert 15_000 <= len(recorded) <= 40_000
    assert list(recorded["row"]) == list(range(1, len(recorded) + 1))
