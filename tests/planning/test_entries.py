"""A market that is not yet entered is entered where that pays, once for all who enter it together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from jointplan import Study
from jointplan.contracts import silent
from jointplan.engine import DuckDBEngine, Tables
from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem, Entries
from jointplan.planning.reading.credit import receipt_weeks
from jointplan.planning.reading.defaults import complete_tables
from jointplan.planning.reading.money import Money
from jointplan.planning.reading.tables import build_problem
from jointplan.planning.reading.wanted import paid_demand, sold_demand
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, separate_rights
from jointplan.planning.settings import PlanSettings
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.search import _Search
from jointplan.planning.translating import read_plan
from jointplan.solvers import SolveOptions
from jointplan.study.stages import Stopwatch, add_up, check
from tests.planning.cases import random_cluster
from tests.planning.solved import START, ledger_frame
from tests.tiny import write_csv, write_tiny

EXACT = SolveOptions(seconds=60, gap=1e-7)


def two_new_markets(seed: int) -> ClusterProblem:
    """Return a cluster of two markets, neither of which is entered; entering costs about what each brings one seller.

    In every other cluster it is promotion that they wait for.
    """
    p = random_cluster(seed, makers=2, sellers=2, products=3, weeks=4, tight=2.0)
    cost = np.random.default_rng(seed).uniform(0.1, 0.6, 2) * (p.demand.sum(axis=1) @ p.price) / 4
    return replace(
        p,
        goodwill=0 * p.goodwill,
        entries=Entries(np.array([0, 1]), cost, p.series_market.copy(), np.full(2, seed % 2 == 1), np.full(2, -1)),
    )


def value_of_entering(problem: ClusterProblem, rights: Rights, entered: set[tuple[int, int]]) -> float:
    """Return what a plan is worth in which these (market, class) are entered, and the others not there at all."""
    p, pooled = problem, len(problem.owner)
    assert p.entries is not None
    together = rights.shares("joint_promotion" if p.entries.promotion.any() else "enter_market")
    entry_class = np.where(together, pooled, p.firm_owner[p.series_seller])
    inside = np.array([(int(m), int(c)) in entered for m, c in zip(p.series_market, entry_class, strict=True)])
    without = replace(p, entries=None, demand=np.where(inside[:, None], p.demand, 0.0))
    return plan_coalition(without, rights, EXACT).value - sum(p.entries.cost[m] for m, _ in entered)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_best_markets_are_entered(seed: int, together: bool) -> None:
    """Against every set of entries, each planned as if there were no others; no bound is below the optimum's value."""
    problem = two_new_markets(seed)
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    network = build_network(problem, rights)
    entries = list(zip(network.entry_market.tolist(), network.entry_class.tolist(), strict=True))
    assert len(entries) == len(set(problem.series_market.tolist())) or not together
    best = max(
        value_of_entering(problem, rights, set(some))
        for size in range(len(entries) + 1)
        for some in combinations(entries, size)
    )
    plan = plan_coalition(problem, rights, EXACT)
    assert plan.violations() == []
    assert plan.value == pytest.approx(best, rel=1e-5, abs=1e-3)
    prices = PriceBound(build_model(problem, rights, network))
    found = max(prices.round(0.1 * 0.02 ** (n / 200)) for n in range(200))
    assert found <= plan.cost() + 1e-6 * abs(plan.cost())
    ledger = ledger_frame(plan, "joint", START)
    assert round(ledger["amount"].sum() * 100) == round(plan.value * 100)
    account = "promotion" if problem.entries is not None and problem.entries.promotion.any() else "entry"
    paid = -ledger.loc[ledger["account"] == account, "amount"].sum()
    assert paid == pytest.approx(plan.accounts.entry.sum(), abs=0.05)


def test_a_market_that_brings_no_money_is_paid_by_who_is_served_there() -> None:
    """Goods without a price that had better be served: the ledger has the whole of what entering costs."""
    problem = two_new_markets(1)
    problem = replace(problem, price=0 * problem.price, goodwill=problem.goodwill + 100 * problem.price)
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT)
    assert plan.entered.any()
    ledger = ledger_frame(plan, "joint", START)
    paid = -ledger.loc[ledger["account"].isin(("promotion", "entry")), "amount"].sum()
    assert paid == pytest.approx(plan.accounts.entry.sum(), abs=0.05)
    assert paid > 0


@pytest.mark.parametrize("factor", [0.1, 100.0])
def test_the_pieces_enter_where_it_pays_and_nowhere_else(factor: float) -> None:
    """The compiled search enters both markets where that is cheap, and none where it is dear, and keeps every rule."""
    problem = two_new_markets(1)
    assert problem.entries is not None
    problem = replace(problem, entries=replace(problem.entries, cost=problem.entries.cost * factor))
    rights = coalition_rights(problem, frozenset(MEASURES))
    model = build_model(problem, rights, build_network(problem, rights))
    search = _Search(
        model, SolveOptions(seconds=20, gap=1e-4, rounds=40), None, None, lambda message, share=None: None, ""
    )
    search._search_pieces()
    plan = read_plan(model, search.best)
    assert plan.violations() == []
    assert plan.entered.any(axis=1).all() == (factor < 1)
    best = plan_coalition(problem, rights, EXACT)
    assert best.entered.any() == (factor < 1)
    assert plan.cost() == pytest.approx(best.cost(), rel=0.1, abs=1.0)


def test_campaigns_add_a_share_to_what_is_wanted(tmp_path: Path) -> None:
    """By hand: a fifth more of all that DE wants, half of that in the first week, and half as much again of FR's kettles."""
    folder = write_tiny(tmp_path)
    write_csv(
        folder / "tables" / "campaigns.csv",
        [
            {"market": "DE", "cost": 300, "uplift": 0.2, "ramp_weeks": 2},
            {"market": "FR", "family": "kettle", "cost": 100, "uplift": 0.5},
        ],
    )
    start = date(2025, 3, 10)
    with DuckDBEngine() as engine:
        study = Study.open(folder)
        watch = Stopwatch(silent)
        tables = add_up(check(study.workspace, study.settings, engine, watch), study.settings, engine, watch).tables
    demand = sold_demand(tables, start=start, weeks=4)
    offers = paid_demand(tables, demand, money=Money("CNY", {}), start=start, weeks=4)
    assert [(o.market, o.family, o.cost, o.promotion) for o in offers.offers] == [
        ("DE", "", 300.0, True), ("FR", "kettle", 100.0, True),
    ]  # fmt: skip
    for entry, wanted, share in (
        (0, demand[demand["market"] == "DE"], 0.2),
        (1, demand[(demand["market"] == "FR") & (demand["sku"] != "TOASTER")], 0.5),
    ):
        ramp = np.where((wanted["week"] == "2025-03-10") & (entry == 0), 0.5, 1.0)
        more = offers.rows.loc[offers.rows["entry"] == entry, "quantity"]
        assert more.sum() == pytest.approx(share * (wanted["quantity"] * ramp).sum(), abs=0.5)
        assert (more == more.round()).all()
    completed, _ = complete_tables(tables, PlanSettings())
    terms = {"money": Money("CNY", {}), "start": start, "weeks": 4, "opening": False}
    problem = build_problem(completed, PlanSettings(), demand, offers=offers, **terms)  # type: ignore[arg-type]  # as build_problem names them
    plain = build_problem(completed, PlanSettings(), demand, **terms)  # type: ignore[arg-type]  # as build_problem names them
    assert problem.demand[problem.series_entry < 0].sum() == plain.demand.sum()
    assert (problem.goodwill[problem.series_entry >= 0] == 0).all()
    pooled = len(problem.owner)
    for measure, together in (("joint_promotion", True), ("enter_market", False)):
        network = build_network(problem, coalition_rights(problem, frozenset({measure})))
        assert (network.entry_class == pooled).all() == together


def test_new_markets_pay_as_late_as_others() -> None:
    """A seller who has not sold in a market waits as others there do; where nobody has, as it does elsewhere."""
    fees = pa.table({"channel": ["shop", "shop"], "market": [None, "US"], "settle_days": [7.0, 28.0]})
    sales = pa.table(
        {"channel": ["shop"] * 3, "market": ["DE", "US", "US"], "seller": ["A", "A", "B"], "quantity": [1.0, 3.0, 1.0]}
    )
    weeks = receipt_weeks(Tables({"fees": fees, "sales": sales}))
    assert (weeks("DE", "A"), weeks("DE", "B")) == (1, 1)
    assert weeks("FR", "B") == 4
    assert weeks("FR", "A") == round((7 + 3 * 28) / 4 / 7)
    assert weeks("FR", "C") == round((7 + 4 * 28) / 5 / 7)


def test_sales_without_a_channel_are_paid_at_once() -> None:
    """As the check says of a column of channels that nobody filled in, however late the channels in the table pay."""
    fees = pa.table({"channel": ["shop"], "market": pa.nulls(1, pa.string()), "settle_days": [28.0]})
    sales = pa.table(
        {"channel": pa.nulls(2, pa.string()), "market": ["DE", "US"], "seller": ["A", "A"], "quantity": [1.0, 3.0]}
    )
    weeks = receipt_weeks(Tables({"fees": fees, "sales": sales}))
    assert [weeks(market, "A") for market in ("DE", "US", "FR")] == [0, 0, 0]
