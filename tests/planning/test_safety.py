"""Safety stock in the plan: kept by whoever wants it, booked to the cent, sold to nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jointplan.planning.batches import traced_orders
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import Certificates, ClusterProblem, Credit, Terms
from jointplan.planning.results import plan_tables
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.safety import with_safety_stock
from jointplan.solvers import SolveOptions
from tests.planning.cases import random_cluster
from tests.planning.solved import ledger_frame

START = date(2025, 12, 29)
EXACT = SolveOptions(seconds=60, gap=1e-7)


def rows_for(problem: ClusterProblem, worth: float) -> pd.DataFrame:
    """Return safety stock of every series at the hub in two parts, the second worth half as much."""
    names = problem.sku, problem.market, problem.firm
    index = problem.series_product, problem.series_market, problem.series_seller
    columns = dict(zip(("sku", "market", "seller"), zip(names, index, strict=True), strict=True))
    frame = pd.DataFrame({name: [of[i] for i in at] for name, (of, at) in columns.items()})
    frame = frame.assign(site="HUB", lead_weeks=0.6, units=3.0)
    price = problem.price[: len(frame)]
    return pd.concat([frame.assign(part=k, worth=worth * price / k) for k in (1, 2)], ignore_index=True)


def small() -> ClusterProblem:
    problem = random_cluster(1, makers=2, sellers=2, products=2, weeks=3)
    return with_safety_stock(problem, rows_for(problem, 0.1))


@pytest.fixture(scope="module")
def separate() -> ClusterPlan:
    problem = small()
    return plan_coalition(problem, separate_rights(problem), EXACT)


@pytest.fixture(scope="module")
def joint(separate: ClusterPlan) -> ClusterPlan:
    rights = coalition_rights(separate.problem, frozenset(MEASURES))
    return plan_coalition(separate.problem, rights, EXACT, separate=separate)


def test_nobody_alone_gains_and_all_together_lose_nothing(separate: ClusterPlan, joint: ClusterPlan) -> None:
    """g({i}) = 0 and joint ≥ separate hold with safety stock as without; both plans keep some and break no rule."""
    problem = separate.problem
    aside = problem.series_aside
    assert separate.violations() == joint.violations() == []
    assert separate.serve[aside].sum() > 1
    assert joint.serve[aside].sum() > 1
    assert joint.value >= separate.value - 1e-6
    for owner in range(len(problem.owner)):
        rights = coalition_rights(problem, frozenset(MEASURES), np.arange(len(problem.owner)) == owner)
        alone = plan_coalition(problem, rights, EXACT, separate=separate)
        assert alone.value == pytest.approx(separate.value, rel=1e-6)


def test_every_cent_is_booked_and_nothing_is_sold(separate: ClusterPlan, joint: ClusterPlan) -> None:
    """The ledger adds up to the value; what is kept is no revenue, but worth its making at the end and, not in cash, what it saves."""
    for plan in (separate, joint):
        p = plan.problem
        aside = p.series_aside
        ledger = ledger_frame(plan, "joint", START)
        assert np.rint(ledger["amount"] * 100).sum() == round(plan.value * 100)
        total = ledger.groupby("account")["amount"].sum()
        assert total["revenue"] == pytest.approx((plan.serve * p.price[:, None])[~aside].sum(), abs=0.5)
        weeks = p.weeks - np.arange(p.weeks)
        worth = np.tile([0.1, 0.05], (aside.sum() // 2, 1)).T.ravel() * np.tile(p.price[~aside], 2)
        saved = (plan.serve[aside] * weeks * worth[:, None]).sum()
        assert total["protection"] == pytest.approx(saved, abs=0.5)
        assert not ledger.loc[ledger["account"] == "protection", "is_cash"].any()


def test_tables_show_it_as_stock(separate: ClusterPlan, joint: ClusterPlan) -> None:
    """Safety stock is in stock_plan and safety_stock; it is no demand, no delivery, no shipment and no order of a batch."""
    firms = pa.table({"firm": list(joint.problem.firm), "owner": list(joint.problem.owner), "role": ["both"] * 4})
    made = plan_tables({"separate": separate, "joint": joint}, START, firms)
    p, aside = joint.problem, joint.problem.series_aside
    kept = made["safety_stock"].to_pandas().groupby("plan")[["wanted", "held"]].sum()
    assert kept.loc["joint", "wanted"] == pytest.approx(p.demand[aside].sum())
    assert kept.loc["joint", "held"] == pytest.approx(joint.serve[aside].sum())
    stock = made["stock_plan"].to_pandas()
    last = stock[(stock["plan"] == "joint") & (stock["site"] == "HUB") & (stock["week"] == stock["week"].max())]
    assert last["quantity"].sum() >= joint.serve[aside].sum() - 1e-6
    deliveries = made["deliveries"].to_pandas()
    assert set(deliveries["market"]) == set(p.market) - {p.market[m] for m in p.aside}
    assert deliveries.loc[deliveries["plan"] == "joint", "demand"].sum() == pytest.approx(p.demand[~aside].sum())
    assert "aside" not in set(made["shipments"].to_pandas()["mode"])
    assert not aside[traced_orders(joint)["series"]].any()


def test_what_costs_more_than_it_saves_is_not_wanted() -> None:
    """Units worth less a week than keeping them, places and goods not planned, and weeks after the end change nothing."""
    problem = random_cluster(1, makers=2, sellers=2, products=2, weeks=3)
    rows = rows_for(problem, 0.1)
    for change in ({"worth": 1e-6}, {"site": "elsewhere"}, {"sku": "other"}, {"lead_weeks": 3.0}, {"units": 0.0}):
        assert with_safety_stock(problem, rows.assign(**change)) is problem


def test_it_is_made_on_the_market_s_terms() -> None:
    """A maker without a certificate for a market makes no safety stock for it either, and protected customers keep their maker."""
    problem = random_cluster(1, makers=2, sellers=2, products=2, weeks=3)
    barred = np.flatnonzero(problem.route_firm == 0)
    none = np.empty(0, dtype=np.int64)
    guarded = replace(
        problem,
        certificates=Certificates(barred, barred * 0, barred * 0),
        terms=Terms(none, none, none, np.empty(0), np.array([2]), np.array([0])),
    )
    changed = with_safety_stock(guarded, rows_for(problem, 0.1))
    new = int(changed.aside[list(changed.market).index("X0 @ HUB") - len(problem.market)])
    assert set(changed.certificates.route[changed.certificates.market == new]) == set(barred)
    assert changed.terms.protected(len(changed.owner), len(changed.market))[2, new]


def test_no_cash_comes_of_it() -> None:
    """A purse counts neither the price nor the wait of what is set aside."""
    problem = random_cluster(1, makers=2, sellers=2, products=2, weeks=3)
    poor = replace(
        problem,
        credit=Credit(
            np.array([2]),
            np.array([100.0]),
            np.array([0.0]),
            np.zeros((1, 3)),
            0.01,
            np.zeros(len(problem.price), np.int64),
        ),
    )
    changed = with_safety_stock(poor, rows_for(problem, 0.1))
    plan = plan_coalition(changed, separate_rights(changed), EXACT)
    ledger = ledger_frame(plan, "separate", START)
    assert plan.violations() == []
    seller = ledger[
        (ledger["firm"] == "S0") & ledger["is_cash"] & ~ledger["account"].isin(["holding", "interest", "hub"])
    ]
    assert plan.serve[changed.series_aside].sum() > 1
    storage = (plan.set_aside * changed.node_storage[plan.network.place_node][:, None]).sum()
    assert storage > 0
    assert plan.purse_balance[0, -1] == pytest.approx(100.0 + seller["amount"].sum(), abs=1.0 + storage)


def test_room_is_kept_for_it() -> None:
    """Of a place with little room no more than half is given to safety stock, and it is taken from the room of other goods."""
    problem = random_cluster(1, makers=2, sellers=2, products=2, weeks=3)
    hub = problem.node.index("HUB")
    tight = replace(problem, node_capacity=np.where(np.arange(len(problem.node)) == hub, 0.5, np.inf))
    changed = with_safety_stock(tight, rows_for(problem, 0.1))
    aside = changed.series_aside
    volume = (changed.demand[aside].sum(axis=1) * changed.volume[changed.series_product[aside]]).sum()
    assert changed.node_capacity[hub] == pytest.approx(0.5 - volume)
    assert 0 < volume <= 0.25
