"""What was recorded is read as it was done, and judged."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.reading.recorded import NO_LANE, NOT_CAPABLE, NOT_PLANNED, hand_over, recorded_plan
from tests.planning.solved import START, solved

SEEDS = [1, 2, 3]


def written_out(plan):
    """Return a separate plan as rows of the recorded table, dated on days of the week."""
    p, net = plan.problem, plan.network
    rows = []

    def seller(owner):
        return p.firm[int(np.flatnonzero(p.firm_owner == owner)[-1])]

    for k, t in zip(*np.nonzero(plan.make), strict=True):
        c, r = net.supply_commodity[k], net.supply_route[k]
        rows.append(("make", t, p.firm[p.route_firm[r]], c, None, None, plan.make[k, t]))
    for a, t in zip(*np.nonzero(plan.ship), strict=True):
        lane = net.arc_lane[a]
        place, market = p.node[p.lane_origin[lane]], p.lane_market[lane]
        name = p.lane[lane].removesuffix(f"@{place}")
        rows.append(
            ("ship", t, place, net.arc_commodity[a], name, p.market[market] if market >= 0 else None, plan.ship[a, t])
        )
    return pd.DataFrame(
        {
            "row": range(1, len(rows) + 1),
            "activity": [r[0] for r in rows],
            "date": [pd.Timestamp(START) + pd.Timedelta(days=int(7 * r[1] + n % 7)) for n, r in enumerate(rows)],
            "firm": [r[2] for r in rows],
            "sku": [p.sku[net.commodity_product[r[3]]] for r in rows],
            "seller": [seller(net.commodity_class[r[3]]) for r in rows],
            "lane": [r[4] for r in rows],
            "market": [r[5] for r in rows],
            "quantity": [r[6] for r in rows],
        }
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_written_out_reads_back_the_same(seed):
    """A separate plan recorded in full has the same value, breaks no rule, and hands over the same units."""
    plan = solved(seed, "separate")
    assert plan.violations() == []
    back = recorded_plan(plan.problem, written_out(plan), START)
    assert back.violations() == []
    assert back.value == pytest.approx(plan.value, rel=1e-9)
    assert back.serve.sum() == pytest.approx(plan.serve.sum())


def test_a_lot_at_a_firm_that_is_not_capable_is_noted_and_counted_at_the_present_maker():
    """Lots written down at a seller are made all the same, and the note says how many units they are."""
    plan = solved(1, "separate")
    rows = written_out(plan)
    rows = rows[rows["activity"] == "make"]
    wrong = rows["sku"] == "P0"
    assert wrong.any()
    back = recorded_plan(plan.problem, rows.assign(firm=rows["firm"].where(~wrong, "S0")), START)
    assert {v.rule for v in back.notes} == {NOT_CAPABLE}
    assert sum(v.amount for v in back.notes) == pytest.approx(rows.loc[wrong, "quantity"].sum())
    assert back.accounts.making.sum() == pytest.approx(plan.accounts.making.sum())


def test_shipments_leave_with_the_lots_that_were_moved():
    """A lot counted at another maker leaves from there by the lane of the same name."""
    plan = solved(1, "separate")
    rows = pd.DataFrame(
        {
            "row": [1, 2],
            "activity": ["make", "ship"],
            "date": [pd.Timestamp(START)] * 2,
            "firm": ["S0", "S0"],
            "sku": ["P0", "P0"],
            "seller": ["S0", "S0"],
            "lane": [None, f"parcel {plan.problem.maker[0]} 0"],
            "market": [None, "X0"],
            "quantity": [1.0, 1.0],
        }
    )
    back = recorded_plan(plan.problem, rows, START)
    assert {v.rule for v in back.violations()} == {NOT_CAPABLE}
    assert back.serve.sum() == pytest.approx(1.0)


def test_rows_that_fit_nothing_are_noted_with_their_units():
    """Unknown products and lanes are kept as notes, and rows outside the weeks are left out."""
    plan = solved(1, "separate")
    rows = (
        written_out(plan)
        .iloc[[0, 0, 0, 0]]
        .assign(
            activity=["make", "ship", "make", "make"],
            sku=["gadget", "P0", "P0", "P0"],
            lane=[None, "ferry", None, None],
            quantity=[3.0, 4.0, 5.0, 6.0],
            date=[pd.Timestamp(START)] * 2 + [pd.Timestamp(START) - pd.Timedelta(days=1), pd.Timestamp("2026-01-26")],
        )
    )
    notes = recorded_plan(plan.problem, rows, START).notes
    assert [(v.rule, v.week, v.amount) for v in notes] == [(NOT_PLANNED, 0, 3.0), (NO_LANE, 0, 4.0)]


def test_the_oldest_orders_are_served_first_and_given_up_when_customers_stop_waiting():
    """Two units a week meet five wanted at once: four are late, the last is given up after two weeks."""
    plan = solved(1, "separate")
    p, net = plan.problem, plan.network
    s = 0
    demand = np.zeros_like(p.demand)
    demand[s, 0], demand[s, 1] = 5.0, 1.0
    arrived = np.zeros((len(net.sink_market), p.weeks))
    arrived[net.series_sink[s]] = [2.0, 2.0, 0.0, 5.0]
    serve, unmet = hand_over(dataclasses.replace(p, demand=demand), net, arrived)
    assert serve[s].tolist() == [2.0, 2.0, 0.0, 1.0]
    assert unmet[s].tolist() == [0.0, 0.0, 1.0, 0.0]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 60), st.integers(0, 4), st.sampled_from(SEEDS))
def test_orders_never_wait_too_long_whatever_arrives(seed, scale, late_weeks, cluster):
    """Any arrivals are handed over within the waiting time, and never more than has come."""
    plan = solved(cluster, "separate")
    problem = dataclasses.replace(plan.problem, late_weeks=late_weeks)
    net = plan.network
    arrived = np.random.default_rng(seed).uniform(0, scale, (len(net.sink_market), problem.weeks))
    serve, unmet = hand_over(problem, net, arrived)
    read = ClusterPlan(problem, plan.rights, net, plan.make, plan.ship, serve, unmet)
    rules = {v.rule for v in read.violations()}
    assert not rules & {"handed over before wanted", "later than customers wait"}
    handed = np.zeros_like(arrived)
    np.add.at(handed, net.series_sink, serve)
    assert (handed.cumsum(axis=1) <= arrived.cumsum(axis=1) + 1e-9).all()
    assert (serve + unmet).sum() == pytest.approx(problem.demand.sum())
    # Whoever still waits at a sink has had everything that came.
    waits = np.zeros_like(arrived)
    np.add.at(waits, net.series_sink, read.owed)
    assert np.allclose(handed.cumsum(axis=1)[waits > 1e-6], arrived.cumsum(axis=1)[waits > 1e-6])


def test_what_comes_beyond_every_order_is_a_broken_rule():
    """A recorded shipment larger than all demand shows as arrived before it was wanted."""
    plan = solved(1, "separate")
    rows = written_out(plan)
    rows.loc[rows["market"].notna(), "quantity"] += 1000.0
    assert "arrived before it was wanted" in {v.rule for v in recorded_plan(plan.problem, rows, START).violations()}
