"""The stage says how much to keep where, for whatever a cluster's tables hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from jointplan.engine import Tables
from jointplan.inventory import InventorySettings, stock_targets
from jointplan.schema import TABLES
from tests.demand.clusters import sent_away
from tests.inventory.clusters import START, WEEKS, cluster

QUICK = InventorySettings(samples=300)


def targets(tables: Tables, settings: InventorySettings = QUICK, freight: float = 0.0, seed: int = 7) -> pd.DataFrame:
    """Return the table as a frame."""
    found = stock_targets(
        tables, settings, start=START, seed=seed, currency="CNY", worth={"CNY": 1.0}, freight=lambda lane, sku: freight
    )
    assert found.tables["targets"].schema == TABLES["targets"].arrow
    frame: pd.DataFrame = found.tables["targets"].to_pandas()
    return frame


def test_goods_wait_where_they_are_nearest_to_the_customer() -> None:
    """At an open overseas warehouse, else the port, else the hub, else the maker, or the seller of what nobody makes."""
    frame = targets(cluster())
    pooled = frame[frame["scope"] == "pooled"]
    assert set(zip(pooled["sku"], pooled["site"], strict=True)) == {
        ("KETTLE", "WH-DE"), ("KETTLE", "HUB"), ("KETTLE", "PORT"), ("TOASTER", "PORT"), ("LAMP", "S2"),
    }  # fmt: skip
    lead = pooled.set_index(["sku", "site"])["lead_weeks"]
    assert lead["KETTLE", "WH-DE"] == pytest.approx(1 + (1 + 2 + 28) / 7)
    assert lead["KETTLE", "HUB"] == pytest.approx(1 + 1 / 7)
    assert lead["LAMP", "S2"] == 1


def test_a_warehouse_with_goods_in_it_is_open() -> None:
    """What has an opening cost is used once something lies there."""
    stock = {"site": "WH-US", "sku": "KETTLE", "seller": None, "quantity": 1.0}
    frame = targets(cluster(stock=lambda rows: [stock]))
    assert "WH-US" in set(frame["site"])
    assert "WH-US" not in set(targets(cluster())["site"])


def test_a_firms_own_place_is_no_step_on_the_way() -> None:
    """A row for the maker among the sites moves no stock; where goods wait at the maker they cost what it says, so that less is kept."""
    own = [{"site": firm, "kind": "factory", "storage_cost": 0.0, "opening_cost": 0.0} for firm in ("M1", "M2")]
    pd.testing.assert_frame_equal(targets(cluster(sites=lambda rows: [*own, *rows])), targets(cluster()))
    post = [
        {"lane": f"post-{market}", "origin": "*", "destination": market, "transit_days": 9, "transit_spread": 0.0}
        for market in ("DE", "US", "JP", "FR")
    ]
    dear_own = [row | {"storage_cost": 400.0} for row in own]
    cheap = targets(cluster(lanes=lambda _: post, sites=lambda _: own))
    dear = targets(cluster(lanes=lambda _: post, sites=lambda _: dear_own))
    here = cheap["site"] == "M1"
    assert here.any()
    assert dear.loc[here, "safety_stock"].sum() < cheap.loc[here, "safety_stock"].sum()


def test_what_is_on_hand_says_what_to_order_now() -> None:
    """A seller orders up to its level from its own goods, pooled stock from everybody's; without the table nothing is said."""
    rows = [
        {"site": "WH-DE", "sku": "KETTLE", "seller": "S1", "quantity": 100.0},
        {"site": "WH-DE", "sku": "KETTLE", "seller": None, "quantity": 50.0},
        {"site": "WH-US", "sku": "KETTLE", "seller": "S1", "quantity": 1e6},
    ]
    frame = targets(cluster(stock=lambda _: rows)).set_index(["scope", "site", "sku", "seller"]).sort_index()
    own, other = frame.loc[("separate", "WH-DE", "KETTLE", "S1")], frame.loc[("separate", "WH-DE", "KETTLE", "S2")]
    assert (own["on_hand"], other["on_hand"]) == (100, 0)
    # What is there for anybody is shared by what each lacks.
    assert own["before"] + other["before"] == pytest.approx(50)
    assert own["before"] / other["before"] == pytest.approx((own["order_up_to"] - 100) / other["order_up_to"])
    for one in (own, other):
        assert one["order_now"] == np.ceil(one["order_up_to"] - one["on_hand"] - one["before"] - 1e-9)
    both = frame.loc[("pooled", "WH-DE", "KETTLE")].iloc[0]
    assert (both["on_hand"], both["order_now"]) == (150, both["order_up_to"] - 150)
    full = frame.loc[("pooled", "WH-US", "KETTLE")].iloc[0]
    assert (full["on_hand"], full["order_now"]) == (1e6, 0)
    assert targets(cluster())[["on_hand", "order_now"]].isna().all(axis=None)


def test_nobody_is_told_to_order_what_lies_before_or_is_under_way() -> None:
    """Goods at the hub or a maker, shipments not yet there and decided lots count for the stocks they can get to, each unit once; what is owed is wanted on top."""
    stock = [
        {"site": "HUB", "sku": "KETTLE", "seller": "S1", "quantity": 90.0},
        {"site": "M1", "sku": "KETTLE", "seller": "S1", "quantity": 15.0},
        {"site": "HUB", "sku": "TOASTER", "seller": "S3", "quantity": 1e4},
    ]
    shipped = {"activity": "ship", "firm": "PORT", "sku": "KETTLE", "market": None, "quantity": 20.0, "seller": "S1"}
    recorded = [
        {"row": 1, "date": START - timedelta(days=28), "lane": "ship-de", **shipped},
        {"row": 2, "date": START - timedelta(days=29), "lane": "ship-de", **shipped},  # it has arrived
        {"row": 3, "date": START - timedelta(days=1), "lane": "air-jp", **shipped},  # it is sold
        {"row": 4, "date": START, "lane": "ship-de", **shipped},  # it is still to leave
    ]
    lot = {"firm": "M1", "sku": "KETTLE", "seller": "S2", "quantity": 9.0, "state": "frozen"}
    lots = [{"week": START + timedelta(weeks=week), **lot} for week in (-1, 1, 2)]
    due = {"line": 1, "sku": "KETTLE", "market": "DE", "seller": "S2", "quantity": 4.0}
    orders = [
        {"order": "A", "due": START - timedelta(days=1), **due},
        {"order": "B", "due": START, **due},
    ]
    frame = targets(
        cluster(stock=lambda _: stock, recorded=lambda _: recorded, approved=lambda _: lots, orders=lambda _: orders)
    )
    assert frame[["before", "under_way", "decided", "owed", "order_now"]].notna().all(axis=None)
    frame = frame.set_index(["scope", "site", "sku", "seller"]).sort_index()
    german, japanese = frame.loc[("separate", "WH-DE", "KETTLE", "S1")], frame.loc[("separate", "HUB", "KETTLE", "S1")]
    assert (german["under_way"], german["on_hand"]) == (20.0, 0.0)
    # Its goods at the hub serve Japan first, which needs some of them; the rest and those at the maker go on to Germany or stay for Japan.
    assert japanese["on_hand"] == 90.0
    spare = max(90.0 - japanese["order_up_to"], 0.0)
    assert german["before"] + japanese["before"] == pytest.approx(spare + 15.0)
    assert german["order_now"] == np.ceil(german["order_up_to"] - 20.0 - german["before"] - 1e-9)
    assert german["lies"].startswith("HUB" if spare > 20.0 else "WH-DE 20")
    other = frame.loc[("separate", "WH-DE", "KETTLE", "S2")]
    assert (other["decided"], other["owed"]) == (9.0, 4.0)
    assert other["order_now"] == other["order_up_to"] - 9.0 + 4.0
    toast = frame.loc[("separate", "PORT", "TOASTER", "S3")]
    assert (toast["on_hand"], toast["order_now"], toast["before"]) == (0.0, 0.0, toast["order_up_to"])
    # Along the network a place calls for what lies before it.
    called = frame.loc[("ends", "PORT", "TOASTER")].iloc[0]
    assert (called["before"], called["order_now"] > 0) == (0.0, True)


@pytest.mark.parametrize(
    "settings",
    [
        InventorySettings(samples=300, late_share=1e-4, holding_rate=2.0),
        InventorySettings(samples=300, lost_share=0.01, unmet="lost", holding_rate=2.0),
        InventorySettings(samples=300, order_cost=20_000.0),
    ],
    ids=["cheap to owe", "cheap to lose", "dear orders"],
)
def test_a_target_below_demand_is_no_safety_stock(settings: InventorySettings) -> None:
    """Where being short costs less than holding, no safety stock is told, worth nothing, and how far the target lies below demand beside it."""
    frame = targets(cluster(), settings)
    assert (frame["safety_stock"] >= 0).all()
    assert (frame["value"] >= 0).all()
    kept = frame[frame["scope"].isin(["separate", "pooled"])]
    short = kept[kept["below_demand"] > 0]
    assert len(short)
    assert (short["safety_stock"] == 0).all()
    assert (short["value"] == 0).all()
    point = kept["reorder_point"] if settings.order_cost else kept["order_up_to"]
    over = point - kept["demand"] * (kept["lead_weeks"] + kept["review_weeks"])
    # Demand of the weeks covered is forecast alike; what is drawn of it differs by chance.
    assert (kept["safety_stock"] - kept["below_demand"] - over).abs().max() < 0.05 * point.max() + 3


def test_pooled_stock_never_costs_more_than_separate() -> None:
    """At each place one stock for all sellers costs at most what theirs cost together, and two sellers in Germany gain."""
    frame = targets(cluster())
    cost = frame.pivot_table(index=["sku", "site"], columns="scope", values="cost", aggfunc="sum").dropna(
        subset="pooled"
    )
    assert (cost["pooled"] <= cost["separate"] + 1e-9).all()
    assert cost.loc[("KETTLE", "WH-DE"), "pooled"] < 0.97 * cost.loc[("KETTLE", "WH-DE"), "separate"]
    pooled = frame[(frame["scope"] == "pooled") & (frame["site"] == "WH-DE")].iloc[0]
    safety = frame[frame["site"] == "WH-DE"].groupby("scope")["safety_stock"].sum()
    assert safety["pooled"] / safety["separate"] == pytest.approx(pooled["pooling_factor"], abs=0.08)
    assert frame[(frame["scope"] == "pooled") & (frame["site"] == "HUB")]["pooling_factor"].isna().all()
    kept = frame[(frame["scope"] == "separate") & (frame["site"] == "WH-DE")]
    assert sorted(kept["seller"]) == ["S1", "S2"]
    assert set(kept["market"]) == {"DE"}


def test_correlation_is_measured() -> None:
    """Sales that move together show it, and pooling then saves less."""
    together = targets(cluster())
    found = together[(together["scope"] == "pooled") & (together["sku"] == "KETTLE")]["correlation"].dropna()
    assert found.between(0.2, 0.55).all()  # 0.36 was put in
    rng = np.random.default_rng(1)
    apart = targets(cluster(weekly=lambda rows: [row | {"quantity": float(rng.poisson(20))} for row in rows]))

    def saved(frame: pd.DataFrame) -> float:
        at = frame[(frame["site"] == "WH-DE") & (frame["sku"] == "KETTLE")].groupby("scope")["cost"].sum()
        return 1 - float(at["pooled"] / at["separate"])

    assert saved(apart) > saved(together)


def test_stock_along_the_network_is_no_dearer_than_at_its_ends() -> None:
    """Both keep the same promise, so the best places cost at most what the last ones do; with dear carriage, less."""
    two = cluster(sites=lambda rows: [row | {"opening_cost": 0.0} for row in rows])
    for freight in (0.0, 40.0):
        frame = targets(two, freight=freight)
        cost = frame[frame["sku"] == "KETTLE"].groupby("scope")["cost"].sum()
        assert cost["network"] <= cost["ends"] + 1e-9
    frame = frame[frame["sku"] == "KETTLE"]
    for scope in ("network", "ends"):
        assert set(frame[frame["scope"] == scope]["site"]) == {"M1", "HUB", "PORT", "WH-DE", "WH-US"}
    first = frame[(frame["scope"] == "ends") & (frame["site"] == "M1")].iloc[0]
    assert (first["safety_stock"], first["promise_weeks"]) == (0, 1)


def test_targets_follow_the_settings() -> None:
    """A wanted service level is reached, dearer shortage and longer making never lower a target, lost sales ask for no more."""
    base = targets(cluster()).set_index(["scope", "site", "sku", "seller"])
    sure = targets(cluster(), QUICK.model_copy(update={"service": 0.98})).set_index(base.index.names)
    held = sure[sure["policy"] == "base_stock"]
    assert (held["service"] >= 0.98 - 1e-9).all()
    wanted = {"service": 0.95, "unmet": "lost", "order_cost": 300.0, "review_weeks": 0.0}
    kept = targets(cluster(), QUICK.model_copy(update=wanted))
    assert (kept[kept["scope"].isin(["separate", "pooled"])]["service"] >= 0.95 - 1e-9).all()
    dear = targets(cluster(), QUICK.model_copy(update={"late_share": 0.3})).set_index(base.index.names)
    assert (dear["order_up_to"] >= base["order_up_to"] - 1e-9).all()
    lost = targets(cluster(), QUICK.model_copy(update={"unmet": "lost", "lost_share": 0.03}))
    assert lost[lost["scope"] == "pooled"]["order_up_to"].sum() <= base.loc["pooled"]["order_up_to"].sum() + 5
    slow = targets(cluster(), QUICK.model_copy(update={"making_weeks": 4.0})).set_index(base.index.names)
    assert slow.loc["pooled"]["safety_stock"].sum() > base.loc["pooled"]["safety_stock"].sum()
    fixed = targets(cluster(), QUICK.model_copy(update={"order_cost": 500.0}))
    assert set(fixed[fixed["scope"] == "pooled"]["policy"]) == {"order_up_to"}
    watched = targets(cluster(), QUICK.model_copy(update={"order_cost": 500.0, "review_weeks": 0.0}))
    assert set(watched[watched["scope"] == "pooled"]["policy"]) == {"reorder_point"}


@pytest.mark.parametrize("review", [0.0, 1.0])
def test_orders_that_cost_something_where_demand_is_lost(review: float) -> None:
    """They are made less often than at every review, and what safety stock saves is told of them too."""
    settings = QUICK.model_copy(
        update={"unmet": "lost", "lost_share": 0.5, "order_cost": 300.0, "review_weeks": review}
    )
    found = stock_targets(
        cluster(), settings, start=START, seed=7, currency="CNY", worth={"CNY": 1.0}, freight=lambda lane, sku: 1.0,
        protecting=True,
    )  # fmt: skip
    frame = found.tables["targets"].to_pandas()
    kept = frame[frame["scope"].isin(["separate", "pooled"])]
    assert set(kept["policy"]) == {"order_up_to" if review else "reorder_point"}
    # A lamp worth 1 does not pay for its orders.
    assert (kept[kept["sku"] == "LAMP"]["order_up_to"] == 0).all()
    kept = kept[kept["sku"] != "LAMP"]
    assert (kept["order_up_to"] - kept["reorder_point"]).min() > 3
    assert kept["fill"].between(0.5, 1).all()
    assert (found.tables["protection"].to_pandas()["worth"] >= 0).all()


@pytest.mark.parametrize("size", [1, 2])
def test_the_size_of_tasks_and_where_they_run_change_nothing(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Products one by one, by twos or all together, here or sent away as to other processes, have the same targets and parts."""

    def made(size: int) -> dict[str, Any]:
        rows = [{"site": "WH-DE", "sku": "KETTLE", "seller": "S1", "quantity": 100.0}]
        return stock_targets(
            cluster(stock=lambda _: rows), QUICK, start=START, seed=7, currency="CNY", worth={"CNY": 1.0},
            freight=lambda lane, sku: len(lane) + len(sku), protecting=True, size=size,
        ).tables  # fmt: skip

    whole = made(100)
    assert whole["targets"].num_rows > 10
    assert whole["protection"].num_rows > 0
    monkeypatch.setattr("jointplan.inventory.stage.run_tasks", sent_away)
    parts = made(size)
    assert all(parts[name].equals(table) for name, table in whole.items())


def test_same_seed_same_targets_whatever_the_order_of_rows() -> None:
    """The same seed gives the same numbers, rows in any order; another seed others."""
    one = targets(cluster())
    pd.testing.assert_frame_equal(one, targets(cluster(forecasts=lambda r: r[::-1], weekly=lambda r: r[::-1])))
    assert not one.equals(targets(cluster(), seed=8))


def test_sales_after_the_start_change_nothing() -> None:
    """What is sold from the first planned week on is not read."""
    late = [
        {"week": START + timedelta(weeks=w), "sku": "KETTLE", "market": "DE", "seller": "S1", "quantity": 1e6}
        for w in range(4)
    ]
    pd.testing.assert_frame_equal(targets(cluster()), targets(cluster(weekly=lambda rows: rows + late)))


def test_nothing_forecast_and_nothing_sold() -> None:
    """Without forecasts there are no targets; a product that is to sell nothing needs none."""
    assert not len(targets(cluster(forecasts=lambda rows: [])))
    none = targets(
        cluster(forecasts=lambda rows: [r | {k: 0.0 for k in r if k == "mean" or k[0] == "q"} for r in rows])
    )
    assert not len(none)


def _spike(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | ({"quantity": 1e9} if n == 30 else {}) for n, row in enumerate(rows)]


@pytest.mark.parametrize(
    "changes",
    [
        {"weekly": lambda rows: []},
        {"weekly": lambda rows: rows[:1]},
        {"weekly": lambda rows: [row | {"quantity": 0.0} for row in rows]},
        {"weekly": _spike},
        {"weekly": lambda rows: rows[::7] + rows[::7]},
        {"sites": lambda rows: []},
        {"lanes": lambda rows: []},
        {"forecasts": lambda rows: [r for r in rows if r["week"] == START]},
    ],
    ids=["no sales", "one week", "all zero", "a spike", "gaps and repeats", "no sites", "no lanes", "one week ahead"],
)
def test_poor_tables_still_have_finite_targets(changes: dict[str, Any]) -> None:
    """Histories of any kind, and clusters without sites or lanes, are planned for with finite numbers."""
    frame = targets(cluster(**changes))
    assert len(frame)
    assert np.isfinite(
        frame.select_dtypes("number").drop(
            columns=["correlation", "pooling_factor", "on_hand", "before", "under_way", "decided", "owed", "order_now"],
            errors="ignore",
        )
    ).all(axis=None)
    assert frame["correlation"].dropna().between(-1, 1).all()
    assert (frame["order_up_to"] >= 0).all()


def test_lanes_in_a_circle_and_beyond_reach() -> None:
    """Lanes that lead back, and sites that no maker reaches, do no harm."""
    more = cluster(
        lanes=lambda rows: [
            *rows,
            {"lane": "back", "origin": "PORT", "destination": "HUB", "transit_days": 2.0, "transit_spread": None},
            {"lane": "far", "origin": "NOWHERE", "destination": "FR", "transit_days": 0.0, "transit_spread": None},
        ],
        sites=lambda rows: [*rows, {"site": "NOWHERE", "kind": "overseas_warehouse", "opening_cost": 0.0}],
    )
    pd.testing.assert_frame_equal(targets(cluster()), targets(more))


@pytest.mark.parametrize(
    "wrong",
    [{"holding_rate": 0}, {"service": 1.0}, {"review_weeks": -1}, {"samples": 1}, {"unmet": "maybe"},
     {"nonsense": 1}],
)  # fmt: skip
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    """Settings that mean nothing are refused when they are read."""
    with pytest.raises(ValidationError):
        InventorySettings(**wrong)


def test_lead_times_beyond_the_weeks_forecast() -> None:
    """Demand goes on as in the last week forecast: a making time of twenty weeks needs twenty weeks of it."""
    assert WEEKS < 20
    frame = targets(cluster(), QUICK.model_copy(update={"making_weeks": 20.0}))
    kettles = frame[(frame["scope"] == "pooled") & (frame["site"] == "HUB")].iloc[0]
    assert kettles["order_up_to"] - kettles["safety_stock"] == pytest.approx((21 + 1 / 7) * 20, rel=0.05)
