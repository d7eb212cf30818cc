"""The ledger adds up, and each amount is with the firm it belongs to."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.rights import MEASURES, coalition_rights
from jointplan.schema.results.worth import LEDGER
from tests.planning.solved import START, ledger_frame, small_cluster, solved

PLANS = [(seed, kind) for seed in (1, 2) for kind in ("separate", "joint", "freight")]


@pytest.mark.parametrize(("seed", "kind"), PLANS)
def test_the_ledger_adds_up_to_the_value_to_the_cent(seed, kind):
    """The cents of all rows are the cents of the plan's own count of its value."""
    plan = solved(seed, kind)
    cents = np.rint(ledger_frame(plan, "joint", START)["amount"] * 100).astype(int)
    assert cents.sum() == round(plan.value * 100)


@pytest.mark.parametrize(("seed", "kind"), PLANS)
def test_transfers_cancel_row_by_row(seed, kind):
    """What a maker is paid, another firm pays: same week, product and cents."""
    ledger = ledger_frame(solved(seed, kind), "joint", START)
    rows = ledger[ledger["account"] == "transfer"]
    assert len(rows) > 0
    assert (rows["firm"] != rows["counterparty"]).all()
    here = {(r.week, r.firm, r.counterparty, r.sku): r.amount for r in rows.itertuples()}
    assert {(w, c, f, s): -a for (w, f, c, s), a in here.items()} == here


@pytest.mark.parametrize(("seed", "kind"), PLANS)
def test_each_account_is_what_the_plan_counts(seed, kind):
    """Accounts agree with the plan's, within a cent a row, and no row is repeated or zero."""
    plan = solved(seed, kind)
    money = plan.accounts
    ledger = ledger_frame(plan, "joint", START)
    expected = {
        "revenue": money.revenue.sum(),
        "making": -money.making.sum(),
        "material": -money.material.sum(),
        "setup": -money.minor.sum() - money.major.sum(),
        "overtime": -money.overtime.sum(),
        "freight": -money.unit_freight.sum() - money.load.sum(),
        "duty": -money.border.sum() - money.clearing.sum(),
        "handling": -money.handling.sum(),
        "storage": -money.storage.sum(),
        "holding": -money.holding.sum() - money.transit_holding.sum(),
        "late": -money.late.sum(),
        "goodwill": -money.goodwill.sum(),
        "end_stock": money.end_stock.sum() + money.end_transit.sum(),
        "hub": -money.hub.sum(),
    }
    totals = ledger.groupby("account")["amount"].sum()
    slack = 0.01 * (len(ledger) + 1)
    for account, amount in expected.items():
        assert totals.get(account, 0.0) == pytest.approx(amount, abs=slack), account
    assert not ledger.duplicated(list(LEDGER.key)).any()
    assert (ledger["amount"] != 0).all()
    assert set(ledger.loc[~ledger["is_cash"], "account"]) <= {"goodwill", "end_stock"}


def test_makers_and_sellers_bear_their_own():
    """Revenue and freight are with sellers, making and setups with makers, goods bought in with their sellers."""
    ledger = ledger_frame(solved(1, "joint"), "joint", START)
    by_account = {account: set(rows["firm"]) for account, rows in ledger.groupby("account")}
    assert by_account["revenue"] <= {"S0", "S1"}
    assert by_account["freight"] <= {"S0", "S1"}
    assert by_account["making"] <= {"M0", "M1"}
    assert by_account["setup"] <= {"M0", "M1"}
    assert by_account["hub"] == {"hub"}
    bought = ledger[ledger["sku"] == "P2"]
    assert set(bought["firm"]) <= {"S0", "S1"}
    assert "transfer" not in set(bought["account"])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sets(st.sampled_from(MEASURES)), st.floats(0, 1))
def test_any_plan_adds_up_however_many_rules_it_breaks(seed, measures, share):
    """Arbitrary quantities, some of them fractions of a unit, are booked to the cent, and transfers cancel."""
    rng = np.random.default_rng(seed)
    problem = small_cluster(seed % 5)
    rights = coalition_rights(problem, frozenset(measures))
    net = build_network(problem, rights)

    def some(*shape):
        return rng.gamma(0.5, 20, shape) * (rng.random(shape) < share)

    plan = ClusterPlan(
        problem, rights, net,
        make=some(len(net.supply_route), 4), ship=some(len(net.arc_lane), 4),
        serve=some(*problem.demand.shape), unmet=some(*problem.demand.shape),
    )  # fmt: skip
    ledger = ledger_frame(plan, "joint", START)
    cents = np.rint(ledger["amount"] * 100).astype(int)
    assert cents.sum() == round(plan.value * 100)
    assert cents[ledger["account"] == "transfer"].sum() == 0
    assert not ledger.duplicated(list(LEDGER.key)).any()


@pytest.mark.parametrize("measures", [(), MEASURES])
def test_stock_that_nobody_wants_is_booked_to_its_owner(measures):
    """Seven units that lie at the hub and are never sold stay with the owner who brought them, pooled or not."""
    cluster = small_cluster(1)
    wanted = (cluster.series_product != 0)[:, None]
    problem = dataclasses.replace(cluster, demand=np.where(wanted, cluster.demand, 0.0))
    rights = coalition_rights(problem, frozenset(measures))
    net = build_network(problem, rights)
    nothing = np.zeros(problem.demand.shape)
    plan = ClusterPlan(
        problem, rights, net, np.zeros((len(net.supply_route), 4)), np.zeros((len(net.arc_lane), 4)), nothing, nothing
    )
    ledger = ledger_frame(plan, "joint", START)
    credit = ledger[(ledger["sku"] == "P0") & (ledger["account"] == "end_stock")]
    assert list(credit["firm"]) == ["S0"]
    assert credit["amount"].iloc[0] == pytest.approx(7 * problem.end_value[0], abs=0.02)
