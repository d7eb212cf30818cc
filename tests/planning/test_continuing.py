"""Going on in the middle of a plan: what it leaves as a later week begins, counted by hand and from the plan's own quantities."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jointplan.engine import Tables
from jointplan.planning.continuing import begun_lots, left_by, materials_ordered, with_left
from jointplan.planning.plans import plan_coalition
from jointplan.planning.reading.capacity import read_first_setups
from jointplan.planning.reading.index import number_tables
from jointplan.planning.reading.places import makers_with_stock, read_stock
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.schema import TABLES
from jointplan.solvers import SolveOptions
from tests.planning.cases import random_cluster
from tests.planning.purchases import with_credit
from tests.planning.test_again import written

FIRST = date(2026, 1, 5)
EXACT = SolveOptions(seconds=20, gap=1e-6)


def week(number: int) -> date:
    return FIRST + timedelta(weeks=number)


def typed(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Return rows as a table of its declared columns, those not given blank."""
    schema = TABLES[name].arrow
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema)


def lot(number: int, maker: str, sku: str, seller: str, units: float, name: str = "") -> dict[str, Any]:
    return {"plan": "joint", "week": week(number), "maker": maker, "sku": sku, "seller": seller, "quantity": units,
            "lot": name or f"{maker}{number}{sku}"}  # fmt: skip


def sent(number: int, arrives: int, origin: str, to: str, sku: str, seller: str, units: float) -> dict[str, Any]:
    return {"plan": "joint", "week": week(number), "arrives": week(arrives), "origin": origin, "destination": to,
            "sku": sku, "seller": seller, "quantity": units, "load": f"{origin}{number}", "lane": "L"}  # fmt: skip


def lies(number: int, site: str, sku: str, seller: str, units: float) -> dict[str, Any]:
    return {"plan": "joint", "week": week(number), "site": site, "sku": sku, "seller": seller, "quantity": units}


def booked(number: int, firm: str, account: str, amount: float) -> dict[str, Any]:
    return {"plan": "joint", "week": week(number), "firm": firm, "account": account, "amount": amount, "is_cash": True}


PLAIN = Tables(
    {
        "firms": typed("firms", [{"firm": "M", "currency": "CNY"}, {"firm": "S", "currency": "EUR"}]),
        "capacity": typed("capacity", [{"firm": "M", "process": "press", "hours": 40.0, "setup_carry_over": True}]),
    }
)
WORTH = {"CNY": 1.0, "EUR": 8.0}
NOTHING = frozenset[str]()


def found(rows: list[dict[str, Any]], *columns: str) -> set[tuple[Any, ...]]:
    return {tuple(row[column] for column in columns) for row in rows}


def test_goods_lie_are_under_way_or_in_work() -> None:
    """Two weeks on: what was made and not sent is whose it was made for; what has left arrives; what is begun comes out."""
    earlier = {
        "lots": typed("lots", [
            lot(0, "M", "P", "S", 30.0), lot(0, "M", "P", "Z", 10.0), lot(3, "M", "P", "S", 7.0, "begun"),
            lot(3, "M", "P", "S", 9.0, "not begun"),
        ]),
        "steps": typed("steps", [
            {"plan": "joint", "lot": "begun", "step": 1, "week": week(1)}, {"plan": "joint", "lot": "begun", "step": 2, "week": week(3)},
            {"plan": "joint", "lot": "not begun", "step": 1, "week": week(2)},
            {"plan": "separate", "lot": "not begun", "step": 1, "week": week(0)},
        ]),
        "shipments": typed("shipments", [
            sent(0, 1, "M", "HUB", "P", "S", 12.0), sent(1, 4, "HUB", "US", "P", "S", 5.0), sent(2, 3, "HUB", "US", "P", "S", 2.0),
        ]),
        "stock_plan": typed("stock_plan", [
            lies(0, "M", "P", "pooled", 28.0), lies(1, "M", "P", "pooled", 28.0), lies(1, "HUB", "P", "pooled", 7.0),
            lies(1, "HUB", "Q", "Z", 4.0), lies(1, "WH", "Q", "pooled", 3.0), lies(2, "M", "P", "pooled", 99.0),
        ]),
    }  # fmt: skip
    rows = left_by(earlier, FIRST, week(2), PLAIN, WORTH, NOTHING)
    assert found(rows, "what", "place", "subject", "seller", "week", "quantity") == {
        ("stock", "M", "P", "S", None, 18.0),
        ("stock", "M", "P", "Z", None, 10.0),
        ("stock", "HUB", "P", "S", None, 7.0),
        ("stock", "HUB", "Q", "Z", None, 4.0),
        ("stock", "WH", "Q", None, None, 3.0),
        ("under_way", "US", "P", "S", week(4), 5.0),
        ("work", "M", "P", "S", week(3), 7.0),
    }
    assert begun_lots(earlier, week(2)) == {"begun"}
    tables, taken, told = with_left(PLAIN, rows, week(2), frozenset())
    assert found(tables["stock"].to_pylist(), "site", "sku", "seller", "quantity", "arrives") == {
        (row["place"], row["subject"], row["seller"], row["quantity"], row["week"]) for row in taken
    }
    assert found([vars(row) for row in told], "item", "replaced_by", "value") == {
        ("stock taken over", "stock", "42"),
        ("goods under way taken over", "stock.arrives", "12"),
    }


def test_goods_from_before_the_last_plan_still_come_or_wait() -> None:
    """What that plan itself found under way comes as late as it was to come; what has reached its market and was not wanted waits there."""
    known: list[dict[str, Any]] = [
        {"what": "under_way", "place": "US", "subject": "P", "seller": "S", "week": week(1), "quantity": 20.0},
        {"what": "under_way", "place": "US", "subject": "P", "seller": "S", "week": week(3), "quantity": 6.0},
        {"what": "work", "place": "M", "subject": "P", "seller": "S", "week": week(2), "quantity": 3.0},
    ]
    table: list[dict[str, Any]] = [
        {"site": "US", "sku": "Q", "seller": "S", "quantity": 8.0, "arrives": week(4)},
        {"site": "US", "sku": "Q", "seller": "S", "quantity": 5.0, "arrives": week(1)},
        {"site": "M", "sku": "Q", "seller": "S", "quantity": 7.0},
    ]
    began_with = table + [
        {
            "site": row["place"],
            "sku": row["subject"],
            "seller": row["seller"],
            "quantity": row["quantity"],
            "arrives": row["week"],
        }
        for row in known
    ]
    delivered = [
        {"plan": "joint", "week": week(n), "sku": "P", "market": "US", "seller": seller, "delivered": units}
        for n, seller, units in ((0, "S", 4.0), (1, "S", 9.0), (1, "Z", 2.0), (2, "S", 99.0))
    ]
    earlier = {
        "carried": typed("carried", known),
        "input_stock": typed("stock", began_with),
        "deliveries": typed("deliveries", delivered),
        "shipments": typed("shipments", [sent(0, 0, "M", "US", "P", "S", 4.0), sent(1, 1, "M", "US", "P", "Z", 2.0)]),
    }
    tables = PLAIN.adding({"markets": typed("markets", [{"market": "US"}]), "stock": typed("stock", table)})
    rows = left_by(earlier, FIRST, week(2), tables, WORTH, NOTHING)
    assert found(rows, "what", "place", "subject", "seller", "week", "quantity") == {
        ("under_way", "US", "P", "S", week(2), 11.0),
        ("under_way", "US", "P", "S", week(3), 6.0),
        ("work", "M", "P", "S", week(2), 3.0),
        ("under_way", "US", "Q", "S", week(2), 5.0),
    }
    begun, _, _ = with_left(tables, rows, week(2), frozenset())
    assert found(begun["stock"].to_pylist(), "site", "sku", "quantity", "arrives") == {
        ("US", "P", 11.0, week(2)),
        ("US", "P", 6.0, week(3)),
        ("M", "P", 3.0, week(2)),
        ("US", "Q", 5.0, week(2)),
        ("US", "Q", 8.0, week(4)),
    }


def test_what_is_decided_and_in_work_is_not_begun_anew() -> None:
    """Of a lot of X > M for S and Z, 30 are in work: of 25 + 15 decided 10 are still to make; lots of other chains and weeks stand."""
    chain = {"chain": "X > M"}
    earlier = {
        "lots": typed("lots", [lot(1, "M", "P", "S", 20.0, "l") | chain, lot(1, "M", "P", "Z", 10.0, "l") | chain]),
        "steps": typed("steps", [{"plan": "joint", "lot": "l", "step": 1, "week": week(0)}]),
    }
    other = [("S", 7.0, "Y > M", 1), ("S", 8.0, "X > M", 2), ("S", 9.0, None, 1)]

    def decided(*rows: tuple[str, float, str | None, int]) -> pa.Table:
        return typed("approved", [
            {"week": week(n), "firm": "M", "sku": "P", "seller": seller, "quantity": units, "chain": chain, "state": "approved"}
            for seller, units, chain, n in rows
        ])  # fmt: skip

    def still(*rows: tuple[str, float, str | None, int]) -> tuple[set[tuple[Any, ...]], list[str | None]]:
        tables = PLAIN.adding({"approved": decided(*rows, *other)})
        begun, _, told = with_left(tables, work, week(1), NOTHING)
        return (
            found(begun["approved"].to_pylist(), "seller", "quantity", "chain") - {row[:3] for row in other},
            [row.value for row in told if row.item == "approved lots in work"],
        )

    work = left_by(earlier, FIRST, week(1), PLAIN, WORTH, NOTHING)
    assert found(work, "what", "seller", "chain", "quantity") == {
        ("work", "S", "X > M", 20.0),
        ("work", "Z", "X > M", 10.0),
    }
    assert still(("S", 25.0, "X > M", 1), ("Z", 15.0, "X > M", 1)) == (
        {("S", 5.0, "X > M"), ("Z", 5.0, "X > M")},
        ["30"],
    )
    # Goods of a lot approved for one may go to another; what was made beyond it is no lot less elsewhere.
    assert still(("Z", 25.0, "X > M", 1)) == (set(), ["25"])
    assert still() == (set(), [])
    tables = PLAIN.adding({"approved": decided(*other)})
    assert with_left(tables, work, week(1), NOTHING)[0]["approved"].equals(tables["approved"])
    # Made again in that week, from what was taken over then: still not.
    again = typed("carried", work).to_pylist()
    tables = PLAIN.adding({"approved": decided(("S", 30.0, "X > M", 1))})
    assert with_left(tables, again, week(1), NOTHING)[0]["approved"].num_rows == 0


def test_what_is_left_is_whose_it_was() -> None:
    """Of 100 of A there, 50 went for A and 10 were made for B: 50 of A and 10 of B are left; sent without any, it was of nobody's."""
    earlier = {
        "lots": typed("lots", [lot(0, "M", "P", "B", 10.0)]),
        "shipments": typed("shipments", [sent(0, 0, "M", "US", "P", "A", 50.0)]),
        "stock_plan": typed("stock_plan", [lies(0, "M", "P", "pooled", 60.0)]),
    }

    def whose(*began_with: dict[str, Any]) -> set[tuple[Any, ...]]:
        rows = left_by(earlier | {"input_stock": typed("stock", [*began_with])}, FIRST, week(1), PLAIN, WORTH, NOTHING)
        return found([row for row in rows if row["what"] == "stock"], "place", "seller", "quantity")

    there: dict[str, Any] = {"site": "M", "sku": "P", "seller": "A", "quantity": 100.0}
    right = {("M", "A", 50.0), ("M", "B", 10.0)}
    assert whose(there) == right
    came, comes = there | {"quantity": 70.0, "arrives": week(0)}, there | {"seller": "Z", "arrives": week(1)}
    assert whose(there | {"quantity": 30.0}, came, comes) == right
    assert whose(there | {"seller": None}) == {("M", None, 50.0), ("M", "B", 10.0)}


def test_what_is_counted_anew_at_a_market_counts_once() -> None:
    """Of 8 sent 5 wait at the market: a table stock brought since that names 4 there stands instead, one that does not leaves them be."""
    earlier = {
        "shipments": typed("shipments", [sent(0, 0, "M", "US", "P", "S", 8.0)]),
        "deliveries": typed("deliveries", [
            {"plan": "joint", "week": week(0), "sku": "P", "market": "US", "seller": "S", "delivered": 3.0},
        ]),
    }  # fmt: skip

    def begins_with(site: str, units: float, sent_before: dict[str, pa.Table]) -> set[tuple[Any, ...]]:
        counted = typed("stock", [{"site": site, "sku": "P", "seller": "S", "quantity": units}])
        tables = PLAIN.adding({"markets": typed("markets", [{"market": "US"}]), "stock": counted})
        rows = left_by(sent_before, FIRST, week(1), tables, WORTH, frozenset({"stock"}))
        begun = with_left(tables, rows, week(1), frozenset({"stock"}))[0]
        return found(begun["stock"].to_pylist(), "site", "quantity", "arrives")

    assert begins_with("US", 4.0, earlier) == {("US", 4.0, None)}
    assert begins_with("M", 4.0, earlier) == {("M", 4.0, None), ("US", 5.0, week(1))}
    assert begins_with("US", 50.0, {}) == {("US", 50.0, None)}


def test_cash_is_what_is_left_of_it() -> None:
    """Cash at the start, less what was spent in the weeks gone by and at once, with what sales have brought: in each firm's currency."""
    earlier = {
        "ledger": typed("ledger", [
            booked(0, "M", "making", -100.0), booked(1, "M", "transfer", 160.0), booked(1, "S", "transfer", -160.0),
            booked(2, "M", "making", -999.0), booked(0, "M", "holding", -50.0), booked(0, "S", "revenue", 5000.0),
            booked(3, "M", "opening", -30.0), booked(0, "S", "end_stock", 77.0), booked(1, "S", "freight", -40.0),
        ]),
    }  # fmt: skip
    weekly = [
        {"week": week(n), "sku": "P", "market": "US", "seller": "S", "quantity": 1.0, "revenue": revenue}
        for n, revenue in ((-1, 10_000.0), (0, 320.0), (1, 480.0), (2, 900.0))
    ]
    credit = [{"firm": "M", "cash": 500.0, "limit": 9.0}, {"firm": "S", "cash": 100.0, "limit": 0.0}]
    tables = PLAIN.adding({"weekly": pa.Table.from_pylist(weekly), "credit": typed("credit", credit)})
    rows = left_by(earlier, FIRST, week(2), tables, WORTH, NOTHING)
    # S: (320 + 480 − 160 − 40) CNY are 75 EUR more.
    assert found(rows, "what", "place", "quantity") == {("cash", "M", 500.0 - 100 + 160 - 30), ("cash", "S", 175.0)}
    begun, _, told = with_left(tables, rows, week(2), frozenset())
    assert begun["credit"].to_pylist() == [
        {"firm": "M", "cash": 530.0, "limit": 9.0},
        {"firm": "S", "cash": 175.0, "limit": 0.0},
    ]
    assert [row.replaced_by for row in told] == ["credit.cash"]
    # From a plan that went on itself: what it began with is the cash before.
    known = typed("carried", [{"what": "cash", "place": "M", "quantity": 50.0}])
    again = left_by(earlier | {"carried": known}, FIRST, week(2), tables, WORTH, NOTHING)
    assert found(again, "place", "quantity") == {("M", 80.0), ("S", 175.0)}
    stands, taken, _ = with_left(tables, rows, week(2), frozenset({"credit"}))
    assert stands["credit"].to_pylist() == tables["credit"].to_pylist()
    assert taken == []


@pytest.mark.parametrize("seed", range(3))
def test_a_purse_goes_on_where_it_stood(seed: int) -> None:
    """Where sales bring what was planned, members have together what their purse had in the plan, week for week."""
    problem = with_credit(random_cluster(seed, makers=2, sellers=2, products=2, weeks=4), cash=4000.0, limit=0.0)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT, separate=base)
    p, earlier = plan.problem, written(plan)
    assert p.credit is not None
    plan = replace(
        plan,
        problem=replace(p, credit=replace(p.credit, receipt_weeks=0 * p.credit.receipt_weeks, due=0 * p.credit.due)),
    )
    assert len(plan.purse_balance) == 1
    weekly = [
        {"week": week(t), "sku": p.sku[p.series_product[s]], "market": p.market[p.series_market[s]],
         "seller": p.firm[p.series_seller[s]], "quantity": plan.serve[s, t], "revenue": plan.serve[s, t] * p.price[s]}
        for s, t in np.argwhere(plan.serve > 0).tolist()
    ]  # fmt: skip
    cash = dict(zip((p.firm[o] for o in p.credit.owner), p.credit.cash.tolist(), strict=True))
    tables = Tables({
        "firms": typed("firms", [{"firm": firm, "currency": "CNY"} for firm in p.firm]),
        "credit": typed("credit", [{"firm": firm, "cash": amount} for firm, amount in cash.items()]),
        "weekly": pa.Table.from_pylist(weekly),
    })  # fmt: skip
    for number in range(1, p.weeks):
        rows = left_by(earlier, FIRST, week(number), tables, WORTH, NOTHING)
        total = sum(row["quantity"] for row in rows if row["what"] == "cash")
        assert total == pytest.approx(plan.purse_balance[0, number - 1], abs=0.5)
        # And goods are those of the plan: what lies and is under way.
        units = sum(row["quantity"] for row in rows if row["what"] in ("stock", "under_way"))
        way = p.lane_weeks[plan.network.arc_lane]
        moving = sum(plan.ship[a, t] for a, t in np.argwhere(plan.ship > 0).tolist() if t < number <= t + way[a])
        assert units == pytest.approx(plan.stock[:, number - 1].sum() + moving, abs=1e-2)


def test_setups_and_what_is_paid_for_go_on() -> None:
    """A press stays set up, a site, a market, a course and a workshop are paid for, and the course still takes its last weeks."""
    paid = [("overseas_warehouse", "WH", None, 900.0), ("add_capability", "M", "weld", 50.0), ("enter_market", "JP", None, 70.0),
            ("open_shared_workshop", "W", None, 10.0), ("joint_promotion", "US", "pots", 5.0)]  # fmt: skip
    earlier = {
        "kept_setups": typed("kept_setups", [
            {"plan": "joint", "week": week(n), "firm": "M", "process": "press", "sku": sku} for n, sku in ((1, "A"), (2, "B"))
        ]),
        "investments": typed("investments", [
            {"plan": "joint", "measure": m, "place": place, "subject": s, "owner": "pooled", "week": week(3), "cost": cost}
            for m, place, s, cost in paid
        ]),
    }  # fmt: skip
    tables = PLAIN.adding({
        "sites": typed("sites", [{"site": "WH", "opening_cost": 900.0}, {"site": "WH2", "opening_cost": 5.0}]),
        "capabilities": typed("capabilities", [
            {"firm": "M", "process": "weld", "learn_cost": 50.0, "ready_weeks": 6.0}, {"firm": "M", "process": "press"},
        ]),
        "markets": typed("markets", [{"market": "JP", "entry_cost": 70.0}, {"market": "US"}]),
        "campaigns": typed("campaigns", [{"market": "US", "family": "pots", "cost": 5.0}, {"market": "US", "cost": 4.0}]),
        "firms": typed("firms", [{"firm": "W", "currency": "CNY", "opening_cost": 10.0, "ready_weeks": 1.0}]),
    })  # fmt: skip
    rows = left_by(earlier, FIRST, week(2), tables, WORTH, NOTHING)
    begun, taken, told = with_left(tables, rows, week(2), frozenset())
    assert begun["capacity"]["set_up_for"].to_pylist() == ["B"]
    assert begun["sites"]["opening_cost"].to_pylist() == [0.0, 5.0]
    assert begun["capabilities"]["learn_cost"].to_pylist() == [0.0, None]
    assert begun["capabilities"]["ready_weeks"].to_pylist()[0] == 4.0
    assert begun["markets"]["entry_cost"].to_pylist() == [0.0, None]
    assert begun["campaigns"]["cost"].to_pylist() == [0.0, 4.0]
    assert (begun["firms"]["opening_cost"][0].as_py(), begun["firms"]["ready_weeks"][0].as_py()) == (0.0, 0.0)
    assert {row.item for row in told} == {"setups taken over", "paid for already"}
    # A week later, from a plan that itself went on: still paid for, as of the first plan.
    later = left_by({"carried": typed("carried", taken)}, week(2), week(3), tables, WORTH, NOTHING)
    assert with_left(tables, later, week(3), frozenset())[0]["capabilities"]["ready_weeks"].to_pylist()[0] == 3.0


def test_what_is_brought_anew_stands() -> None:
    """A table of stock that was counted replaces what lies there; goods under way too where it has any, else they go on."""
    rows: list[dict[str, Any]] = [
        {"what": "stock", "place": "M", "subject": "P", "seller": "S", "sku": None, "week": None, "quantity": 3.0},
        {"what": "under_way", "place": "US", "subject": "P", "seller": "S", "sku": None, "week": week(4), "quantity": 5.0},
        {"what": "setup", "place": "M", "subject": "press", "seller": None, "sku": "A", "week": None, "quantity": None},
    ]  # fmt: skip
    counted = {"site": "M", "sku": "P", "seller": "S", "quantity": 11.0}
    coming = {"site": "HUB", "sku": "P", "seller": "S", "quantity": 2.0, "arrives": week(3)}

    def units(stock: list[dict[str, Any]], brought: frozenset[str]) -> set[tuple[Any, ...]]:
        tables = with_left(PLAIN.adding({"stock": typed("stock", stock)}), rows, week(2), brought)[0]
        return found(tables["stock"].to_pylist(), "site", "quantity")

    assert units([counted], frozenset()) == {("M", 3.0), ("US", 5.0)}
    assert units([counted], frozenset({"stock"})) == {("M", 11.0), ("US", 5.0)}
    assert units([counted, coming], frozenset({"stock"})) == {("M", 11.0), ("HUB", 2.0)}
    said = typed("capacity", [{"firm": "M", "process": "press", "set_up_for": "Q"}])
    tables, _, _ = with_left(PLAIN.adding({"capacity": said}), rows, week(2), frozenset())
    assert tables["capacity"]["set_up_for"].to_pylist() == ["Q"]


def test_goods_under_way_come_in_their_week_and_at_their_place() -> None:
    """Goods in stock are there at the start; those that arrive are there, or at their market, in the week of that day; later ones are left out."""
    rows: list[dict[str, Any]] = [
        {"site": "M", "sku": "P", "seller": "S", "quantity": 4.0},
        {"site": "HUB", "sku": "P", "seller": "S", "quantity": 5.0, "arrives": week(1) + timedelta(days=3)},
        {"site": "US", "sku": "P", "seller": "S", "quantity": 6.0, "arrives": week(2)},
        {"site": "US", "sku": "P", "seller": None, "quantity": 7.0, "arrives": week(0) - timedelta(days=9)},
        {"site": "US", "sku": "P", "seller": "S", "quantity": 8.0, "arrives": week(3)},
    ]
    tables = PLAIN.adding({
        "stock": typed("stock", rows),
        "products": typed("products", [{"sku": "P", "maker": "M", "family": "pots"}]),
        "sites": typed("sites", [{"site": "HUB"}]),
        "markets": typed("markets", [{"market": "DE"}, {"market": "US"}]),
    })  # fmt: skip
    demand = pd.DataFrame({"sku": ["P"], "market": ["US"], "seller": ["S"], "quantity": [9.0]})
    index = number_tables(tables, demand, True)
    there = read_stock(tables, demand, index, FIRST, 3)
    places = [*index.node_of, ""]
    markets = [*index.market_of, ""]
    got = zip(
        (places[n] for n in there.node),
        (markets[m] for m in there.market),
        there.week,
        there.owner,
        there.units,
        strict=True,
    )
    assert set(got) == {("M", "", 0, 1, 4.0), ("HUB", "", 1, 1, 5.0), ("", "US", 2, 1, 6.0), ("", "US", 0, 1, 7.0)}
    assert makers_with_stock(replace(index, firms=index.firms.assign(role="both")), there) == {0}


def test_a_workshop_begins_set_up_for_what_is_written() -> None:
    """The product in set_up_for of a workshop's row is read; of one that is not planned, and of an empty cell, nothing."""
    rows = [("press", "P"), ("weld", None), ("paint", "GONE")]
    tables = PLAIN.adding({
        "capacity": typed("capacity", [{"firm": "M", "process": process, "hours": 1.0, "set_up_for": sku} for process, sku in rows]),
        "products": typed("products", [{"sku": sku, "maker": "M", "family": "pots"} for sku in ("O", "P", "GONE")]),
        "markets": typed("markets", [{"market": "US"}]),
    })  # fmt: skip
    demand = pd.DataFrame({"sku": ["O", "P"], "market": "US", "seller": "S", "quantity": 9.0})
    index = number_tables(tables, demand, True)
    resources = [(0, process) for process in ("weld", "paint", "press", "pack")]
    assert read_first_setups(tables, index, resources).tolist() == [-1, -1, index.sku_of["P"], -1]


def test_materials_that_lie_there_go_on() -> None:
    """Of 20 on hand 12 were taken, of 9 of M's nobody took any; what lies at makers at the week's end is theirs; what comes later still comes."""
    had = [
        {"firm": "M", "material": "zinc", "quantity": 9.0}, {"firm": "S", "material": "steel", "quantity": 20.0},
        {"firm": "S", "material": "steel", "quantity": 4.0, "arrives": week(3)},
    ]  # fmt: skip
    earlier = {
        "input_material_stock": typed("material_stock", had),
        "drawn_materials": typed("drawn_materials", [
            {"plan": "joint", "week": week(0), "material": "steel", "holder": "S", "firm": "M", "quantity": 12.0},
            {"plan": "separate", "week": week(0), "material": "zinc", "holder": "M", "firm": "M", "quantity": 9.0},
        ]),
        "kept_materials": typed("kept_materials", [
            {"plan": "joint", "week": week(1), "firm": "M", "material": "steel", "quantity": 5.0},
            {"plan": "joint", "week": week(0), "firm": "M", "material": "steel", "quantity": 8.0},
            {"plan": "joint", "week": week(1), "firm": "M", "material": "zinc", "quantity": 1.5},
        ]),
    }  # fmt: skip
    rows = left_by(earlier, FIRST, week(2), PLAIN, WORTH, NOTHING)
    lying = {("M", "zinc", 10.5), ("S", "steel", 8.0), ("M", "steel", 5.0)}
    assert found(rows, "what", "place", "subject", "quantity") == {("material", *row) for row in lying}
    tables = PLAIN.adding({"material_stock": typed("material_stock", had)})
    now, taken, told = with_left(tables, rows, week(2), NOTHING)
    columns = ("firm", "material", "quantity", "arrives")
    still = ("S", "steel", 4.0, week(3))
    assert found(now["material_stock"].to_pylist(), *columns) == {*((*row, None) for row in lying), still}
    assert taken == rows
    assert [row.item for row in told] == ["materials taken over"]
    counted, taken, told = with_left(tables, rows, week(2), frozenset({"material_stock"}))
    assert counted["material_stock"].to_pylist() == tables["material_stock"].to_pylist()
    assert (taken, told) == ([], [])
    dated = PLAIN.adding({"material_stock": typed("material_stock", had[2:])})
    beside, taken, told = with_left(dated, rows, week(2), frozenset({"material_stock"}))
    assert found(beside["material_stock"].to_pylist(), *columns) == {*((*row, None) for row in lying), still}
    assert taken == rows


def test_materials_to_come_are_told_to_be_ordered_anew() -> None:
    """Where the earlier plan has materials come in the first week or later, it is said that what comes is planned anew; where its run does not tell what is left, that too."""
    bought = typed("purchases", [{"plan": "joint", "week": week(1), "material": "steel", "firm": "M", "quantity": 5.0}])
    told = {"purchases": bought, "kept_materials": typed("kept_materials", [])}
    assert [row.item for row in materials_ordered(told, week(1))] == ["materials to come"]
    assert materials_ordered(told, week(2)) == []
    assert [row.item for row in materials_ordered({"purchases": bought}, week(2))] == ["materials left"]
