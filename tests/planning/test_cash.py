"""Money that runs short is borrowed dearly, and a plan that sees it coming borrows less."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.purses import find_purses, told_of_money
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.solving import search
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.translating import values_of
from jointplan.solvers import SolveOptions
from tests.planning.cases import one_plant, random_cluster, with_clearing, with_steps
from tests.planning.purchases import with_credit, with_materials
from tests.planning.solved import START, ledger_frame

EXACT = SolveOptions(seconds=60, gap=1e-7)


def test_a_plant_that_waits_for_its_money_borrows_what_is_missing() -> None:
    """Ten units a week at a making cost of 4 and a price of 6, paid two weeks later, with 30 in hand and 20 to be owed.

    By hand: 40 goes out each week and 60 comes in from the third on. What is left to spend is 10, −30, −10, 10: ten in the
    hundred on the two weeks in the red are 4.
    """
    plant = replace(
        one_plant(np.full((1, 4), 10.0), np.zeros(1), np.full(1, 9.0)),
        route_making=np.array([4.0]),
        price=np.array([6.0]),
    )
    plan = plan_coalition(with_credit(plant, cash=30.0, limit=20.0, rate=0.1, wait=2), separate_rights(plant), EXACT)
    assert plan.purse_balance[0] == pytest.approx([10.0, -30.0, -10.0, 10.0])
    assert plan.accounts.interest.sum() == pytest.approx(4.0)
    assert plan.value == pytest.approx(4 * 10 * (6 - 4) - 4.0)
    assert plan.report.objective == pytest.approx(plan.cost())


def rights_of(problem: ClusterProblem, together: bool) -> Rights:
    return coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", range(2))
def test_model_plan_bound_and_ledger_agree_on_the_money(seed: int, together: bool) -> None:
    """With materials, duty and a hub, and steps a week apart: the model counts as the plan does, no bound exceeds the cost."""
    bare = random_cluster(seed, makers=2, sellers=2, products=3, weeks=4)
    bare = with_materials(with_steps(bare, seed, lag=1) if seed else bare, seed)
    border = np.random.default_rng(seed).uniform(-2.0, 5.0, bare.unit_freight.shape)
    bare = with_clearing(replace(bare, border=border[None], hub_cost=50.0), seed)
    problem = with_credit(bare, cash=500.0, rate=0.05)
    rights = rights_of(problem, together)
    plan = plan_coalition(problem, rights, EXACT)
    assert plan.violations() == []
    assert plan.accounts.interest.sum() > 0
    assert plan.accounts.clearing.sum() > 0
    model = build_model(problem, rights, plan.network)
    assert model.linear.cost @ values_of(model, plan) + model.linear.offset == pytest.approx(plan.cost(), rel=1e-9)
    assert plan.report.objective == pytest.approx(plan.cost(), rel=1e-7)
    prices = PriceBound(model)
    assert max(prices.round(0.1 * 0.02 ** (n / 100)) for n in range(100)) <= plan.cost() + 1e-6 * abs(plan.cost())
    ledger = ledger_frame(plan, "joint", START)
    assert round(ledger["amount"].sum() * 100) == round(plan.value * 100)
    # What goes in and out of the purses is what the ledger calls cash, the cost of capital apart, and of what was paid.
    cash = ledger[ledger["is_cash"] & ~ledger["account"].isin(["holding", "interest", "revenue", "hub"])][
        "amount"
    ].sum()
    paid = (plan.accounts.revenue * (np.arange(4) + 1 < 4)).sum()
    first = problem.credit.cash.sum() if problem.credit else 0.0
    assert plan.purse_balance[:, -1].sum() == pytest.approx(first + cash + paid, abs=0.01 * len(ledger))


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", range(2))
def test_materials_on_hand_take_no_cash(seed: int, together: bool) -> None:
    """What purses have by the plan's own count is what the model asks of its columns, where firms use what they have in store, too."""
    bare = with_materials(random_cluster(seed, makers=2, sellers=2, products=3, weeks=4), seed, on_hand=True)
    problem = with_credit(bare, cash=500.0, rate=0.05)
    rights = rights_of(problem, together)
    plan = plan_coalition(problem, rights, EXACT)
    own = problem.materials.offer_firm[plan.network.buying.purchase_offer] >= 0
    assert own.any()
    linear, rows = (model := build_model(problem, rights, plan.network)).linear, model.linear.rows
    reached = rows.coefficients * values_of(model, plan)[rows.columns]
    activity = np.bincount(np.repeat(np.arange(len(rows)), np.diff(rows.starts)), reached, len(rows))
    money = linear.money_rows(rows)
    assert money.any()
    assert (activity[money] >= rows.lower[money] - 0.01).all()
    assert (activity[money] <= rows.upper[money] + 0.01).all()


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("what", ["cash", "limit"])
@pytest.mark.parametrize("seed", range(2))
def test_more_money_never_costs_and_foresight_pays(seed: int, what: str, together: bool) -> None:
    """Less cash, or a lower limit, never raises the value; plenty changes nothing; a plan that counts money is worth what a blind one is."""
    bare = random_cluster(seed, makers=2, sellers=2, products=2, weeks=4)
    rights = rights_of(bare, together)
    free = plan_coalition(bare, rights, EXACT)

    def with_money(amount: float) -> ClusterProblem:
        return with_credit(bare, **{"cash": 0.0, "limit": 0.0, "rate": 0.05} | {what: amount})

    values = [plan_coalition(with_money(amount), rights, EXACT).value for amount in (0.0, 1000.0, 1e9)]
    close = 1e-5 * abs(free.value)
    assert all(less <= more + close for less, more in pairwise(values))
    assert values[0] < values[-1] - 10 * close  # it is money that there is too little of
    assert values[-1] == pytest.approx(free.value, abs=close)
    blind = replace(free, problem=with_money(0.0), network=build_network(with_money(0.0), rights))
    assert values[0] >= blind.value - close


def test_a_member_who_does_not_say_what_money_there_is_lifts_all_limits_and_is_named() -> None:
    """Of two makers and two sellers, the last without a row: together nobody is short, and the assumption names S1; apart nothing is told.

    Where all four say it, or those who plan together do, they have one purse and that is told instead.
    """
    problem = with_credit(random_cluster(1, makers=2, sellers=2, products=3, weeks=3), cash=500.0, rate=0.05)
    credit = problem.credit
    assert credit is not None
    but_one = replace(credit, owner=credit.owner[:3], cash=credit.cash[:3], limit=credit.limit[:3], due=credit.due[:3])
    partly = replace(problem, credit=but_one)
    sharing = frozenset({"pool_purchases"})

    def told(of: ClusterProblem, *members: int) -> tuple[list[tuple[str, str]], int]:
        inside = np.isin(np.arange(4), members)
        rights = coalition_rights(of, sharing, inside)
        purses = find_purses(of, rights)
        return [(row.item, row.subject) for row in told_of_money(of, rights)], int((purses.holder == 4).sum())

    assert told(problem, 0, 1, 2, 3) == ([("cash of members", "")], 1)
    assert told(partly, 0, 1, 2, 3) == ([("cash limits of members", "S1")], 0)
    assert told(partly, 0, 1, 2) == ([("cash of members", "")], 1)
    assert told(partly, 0, 3) == ([("cash limits of members", "S1")], 0)
    assert told(partly, 3) == told(replace(problem, credit=None), 0, 1, 2, 3) == ([], 0)


@pytest.mark.parametrize("together", [False, True])
def test_no_searched_plan_is_worth_more_than_is_proven_with_more_money(
    together: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of plans that were searched, each with its own cash and limit, none exceeds what is proven for as much money or more."""
    monkeypatch.setattr(search, "SMALL", 0)
    bare = random_cluster(1, makers=2, sellers=2, products=3, weeks=4)
    rights, options = rights_of(bare, together), SolveOptions(seconds=3, gap=1e-3, rounds=3)
    found = [
        plan_coalition(with_credit(bare, cash=cash, limit=limit, rate=0.05), rights, options)
        for cash, limit in ((0.0, 0.0), (0.0, 500.0), (500.0, 500.0), (500.0, 2000.0), (1e9, 2000.0))
    ]
    for less, more in combinations(found, 2):
        assert more.violations() == []
        assert more.upper is not None
        assert less.value <= more.upper + 1e-6 * abs(more.upper)
