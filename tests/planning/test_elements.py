"""What each table adds to the model: tiny clusters read from their rows, solved exactly, their worth known by hand.

Where nothing else is said, M makes and sells product P: half an hour at 10 an hour, so 5 a unit, 1 a kilogram by parcel to
the market X in the same week, a price of 50 and no other cost, so that a unit earns 44.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jointplan.engine import Tables
from jointplan.planning import PlanSettings, complete_tables
from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import _pooling, plan_coalition
from jointplan.planning.problem import ClusterProblem, Spaces
from jointplan.planning.reading.money import exchange_rates
from jointplan.planning.reading.tables import build_problem
from jointplan.planning.reading.wanted import paid_demand
from jointplan.planning.rights import coalition_rights, separate_rights
from jointplan.planning.settings import CostSettings, HubSettings, MakingSettings
from jointplan.planning.solving import search
from jointplan.planning.solving.bounding import PriceBound
from jointplan.schema import TABLES
from jointplan.solvers import SolveOptions
from jointplan.solvers.linear import LinearModel

Row = dict[str, Any]
START = date(2026, 1, 5)
EXACT = SolveOptions(seconds=60, gap=1e-9)
WEEKLY = pa.schema(
    {"week": pa.date32()}
    | dict.fromkeys(("sku", "market", "seller"), pa.string())
    | dict.fromkeys(("quantity", "revenue"), pa.float64())
)
FREE = {"holding_rate": 0.0, "late_share": 0.0, "late_weeks": 0, "goodwill_share": 0.0, "borrowing_rate": 0.0}


def week(number: int) -> date:
    return START + timedelta(weeks=number)


def base() -> dict[str, list[Row]]:
    return {
        "firms": [{"firm": "M", "role": "both", "region": "GD"}],
        "products": [
            {"sku": "P", "family": "f", "maker": "M", "unit_value": 50.0, "transfer_price": 10.0, "weight": 1.0, "volume": 0.01}
        ],
        "markets": [{"market": "X", "country": "DE"}],
        "operations": [{"family": "f", "step": 1, "process": "press", "hours": 0.5}],
        "capabilities": [{"firm": "M", "process": "press", "cost_per_hour": 10.0}],
        "capacity": [{"firm": "M", "process": "press", "hours": 100.0}],
        "lanes": [door()],
        "tariffs": [{"tariff": "post", "basis": "kg", "rate": 1.0}],
    }  # fmt: skip


def door(**changes: Any) -> Row:
    """Return a lane, by default from every maker to X in no time."""
    lane = {"lane": "door", "origin": "*", "destination": "X", "mode": "parcel", "tariff": "post", "transit_days": 0.0}
    return lane | changes


def read(
    wanted: dict[int, float] | list[Row], weeks: int, costs: dict[str, float] | None = None, *,
    material_share: float = 0.0, **changes: list[Row],
) -> ClusterProblem:  # fmt: skip
    """Return the problem of the base tables with some changed, blank cells as declared; ``wanted`` is P's demand by week."""
    rows = base() | changes
    made = {}
    for name, found in rows.items():
        if name == "weekly":
            continue
        blank = {column.name: column.default for column in TABLES[name].columns}
        made[name] = pa.Table.from_pylist([blank | row for row in found], schema=TABLES[name].arrow)
    made["weekly"] = pa.Table.from_pylist(rows.get("weekly", []), schema=WEEKLY)
    settings = PlanSettings(
        making=MakingSettings(material_share=material_share, overtime_premium=0.5),
        costs=CostSettings(**(FREE | (costs or {}))),
        hub=HubSettings(weekly_cost=0.0),
    )
    tables, _ = complete_tables(Tables(made), settings)
    if isinstance(wanted, dict):
        wanted = [{"week": t, "quantity": units} for t, units in wanted.items()]
    plain = {"sku": "P", "market": "X", "seller": "M", "price": 50.0, "origin": "forecast"}
    demand = pd.DataFrame(plain | row for row in wanted)
    demand["week"] = [pd.Timestamp(week(t)) for t in demand["week"]]
    money = exchange_rates(tables, "CNY", START)
    offers = paid_demand(tables, demand, money=money, start=START, weeks=weeks)
    return build_problem(
        tables, settings, demand, money=money, start=START, weeks=weeks, opening=True, offers=offers
    )  # fmt: skip


def best(problem: ClusterProblem, *measures: str) -> ClusterPlan:
    """Return the best plan: of each owner apart, or of all with some measures."""
    rights = coalition_rights(problem, frozenset(measures)) if measures else separate_rights(problem)
    plan = plan_coalition(problem, rights, EXACT)
    assert plan.violations() == []
    assert plan.upper == pytest.approx(plan.value, abs=1e-6)
    return plan


def value(problem: ClusterProblem, *measures: str) -> float:
    return best(problem, *measures).value


def test_the_base_earns_what_is_said() -> None:
    """Ten units at 44."""
    assert value(read({0: 10}, 1)) == pytest.approx(440)


def test_what_is_scrapped_on_the_way_is_worked_on_and_bought_too() -> None:
    """A step that spoils a fifth before one that spoils half: 2.5 begun and 2 passed on for each good unit.

    A unit takes 2.5 × 0.4 h = 1 h of pressing, 2 × 0.25 h = 0.5 h of finishing and 2.5 of steel at 2: 15 + 5, and with one
    hour of pressing a unit, 7 hours make 7 of the 10 units wanted.
    """
    problem = read(
        {0: 10},
        1,
        operations=[{"family": "f", "step": n, "process": p, "hours": h}
                    for n, p, h in ((1, "press", 0.4), (2, "finish", 0.25))],
        capabilities=[{"firm": "M", "process": "press", "cost_per_hour": 10.0, "yield": 0.8},
                      {"firm": "M", "process": "finish", "cost_per_hour": 10.0, "yield": 0.5}],
        capacity=[{"firm": "M", "process": "press", "hours": 7.0}, {"firm": "M", "process": "finish", "hours": 100.0}],
        materials=[{"sku": "P", "material": "steel", "quantity": 1.0}],
        sources=[{"material": "steel", "supplier": "mill", "cost": 2.0, "lead_days": 0.0}],
    )  # fmt: skip
    plan = best(problem)
    assert plan.make.sum() == pytest.approx(7)
    assert plan.value == pytest.approx(7 * (50 - 15 - 5 - 1))


@pytest.mark.parametrize(("hours", "made", "sold"), [(7.0, 0.0, 0.0), (7.5, 15.0, 10.0)])
def test_a_lot_is_a_minimum_batch_or_none(hours: float, made: float, sold: float) -> None:
    """Fifteen at least, of which ten are wanted: with hours for fourteen nothing is made; five left are worth their cost."""
    able = base()["capabilities"][0] | {"minimum_batch": 15.0}
    problem = read({0: 10}, 1, capabilities=[able], capacity=[{"firm": "M", "process": "press", "hours": hours}])
    plan = best(problem)
    assert plan.make.sum() == pytest.approx(made)
    assert plan.serve.sum() == pytest.approx(sold)
    assert plan.value == pytest.approx(44 * sold)


@pytest.mark.parametrize(("batch", "lost"), [(20.0, 0.0), (28.0, 8.0), (99.0, 79.0)])
def test_what_a_minimum_batch_leaves_is_worth_as_much_as_weeks_again_would_sell(batch: float, lost: float) -> None:
    """Ten are wanted at a gain of 44 each: ten more would sell in a week more, what is left beyond is lost, at 5 each."""
    able = base()["capabilities"][0] | {"minimum_batch": batch}
    plan = best(read({0: 10}, 1, capabilities=[able]))
    assert plan.make.sum() == pytest.approx(batch)
    assert plan.surplus.sum() == pytest.approx(lost)
    assert plan.value == pytest.approx(440 - 5 * lost)


def test_stock_from_before_keeps_its_worth() -> None:
    """Thirty lie there and ten are wanted: the twenty left count in full, as they would if nothing were planned."""
    stock = [{"site": "M", "sku": "P", "seller": "M", "quantity": 30.0}]
    plan = best(read({0: 10}, 1, stock=stock))
    assert plan.make.sum() == 0
    assert plan.surplus.sum() == 0
    assert plan.accounts.end_stock.sum() == pytest.approx(20 * 5)


@pytest.mark.parametrize(("family", "setups"), [("f", 30 + 2 * 15), ("g", 2 * 30 + 2 * 15)])
def test_a_family_is_set_up_once_and_each_product_besides(family: str, setups: float) -> None:
    """A family costs 20 and an hour at 10, a product 10 and half an hour: paid once a family and once a product in a week.

    Of 12 hours, 1 + 2 × 0.5 or 2 × 1.5 go into setups, and the rest makes 20 or 18 units.
    """
    product = base()["products"][0]
    change = {"major_setup_cost": 20.0, "major_setup_hours": 1.0, "minor_setup_cost": 10.0, "minor_setup_hours": 0.5}
    problem = read(
        [{"week": 0, "quantity": 12.0}, {"week": 0, "quantity": 12.0, "sku": "Q"}],
        1,
        products=[product, product | {"sku": "Q", "family": family}],
        operations=[base()["operations"][0] | {"family": f} for f in sorted({"f", family})],
        capabilities=[base()["capabilities"][0] | change],
        capacity=[{"firm": "M", "process": "press", "hours": 12.0}],
    )
    units = 20 if family == "f" else 18
    assert value(problem) == pytest.approx(44 * units - setups)


def test_overtime_is_used_where_it_pays_and_no_longer_than_there_is() -> None:
    """Four hours, and one of overtime at 5 more: ten units of twelve wanted; at a price of 7 a unit over time earns nothing."""
    capacity = [{"firm": "M", "process": "press", "hours": 4.0, "overtime_hours": 1.0}]
    assert value(read({0: 12}, 1, capacity=capacity)) == pytest.approx(10 * 44 - 5)
    # 7 less 5 less 1 leaves 1; half an hour of overtime takes 2.5 more.
    assert value(read([{"week": 0, "quantity": 12.0, "price": 7.0}], 1, capacity=capacity)) == pytest.approx(8)


def test_holidays_and_idle_windows_are_weeks_of_their_own() -> None:
    """The region's own row of the calendar stands before the one for all, and a week's own row of hours before the usual."""
    problem = read(
        dict.fromkeys(range(4), 20),
        4,
        capacity=[{"firm": "M", "process": "press", "hours": 4.0},
                  {"firm": "M", "process": "press", "week": week(3), "hours": 6.0, "overtime_hours": 1.0}],
        calendar=[{"week": week(1), "share": 0.0}, {"week": week(2), "share": 0.0},
                  {"week": week(2), "share": 0.5, "region": "GD"}, {"week": week(3), "share": 0.5, "region": "ZJ"}],
    )  # fmt: skip
    plan = best(problem)
    assert plan.make.sum(axis=0) == pytest.approx([8, 0, 4, 14])
    assert plan.value == pytest.approx(26 * 44 - 5)


def test_a_row_for_a_holiday_week_stands_as_it_is() -> None:
    """The calendar shortens the usual hours: who works through a holiday has the hours of that week's own row, overtime too."""
    problem = read(
        dict.fromkeys(range(3), 20),
        3,
        capacity=[{"firm": "M", "process": "press", "hours": 4.0, "overtime_hours": 2.0},
                  {"firm": "M", "process": "press", "week": week(1), "hours": 3.0, "overtime_hours": 1.0}],
        calendar=[{"week": week(1), "share": 0.0}, {"week": week(2), "share": 0.5}],
    )  # fmt: skip
    assert problem.regular.tolist() == [[4.0, 3.0, 2.0]]
    assert problem.overtime.tolist() == [[2.0, 1.0, 1.0]]


def test_an_alternate_takes_what_the_cheaper_has_no_hours_for() -> None:
    """Of two firms of one owner the cheaper makes six and the other, at 9 a unit, the rest of ten; a stranger makes none."""
    problem = read(
        {0: 10},
        1,
        firms=[{"firm": f, "role": "both", "owner": o} for f, o in (("M", "A"), ("N", "A"), ("S", "B"))],
        capabilities=[{"firm": f, "process": "press", "cost_per_hour": c} for f, c in (("M", 10.0), ("N", 18.0), ("S", 1.0))],
        capacity=[{"firm": f, "process": "press", "hours": h} for f, h in (("M", 3.0), ("N", 9.0), ("S", 9.0))],
    )  # fmt: skip
    assert value(problem) == pytest.approx(6 * 44 + 4 * 40)
    assert value(problem, "share_capacity") == pytest.approx(10 * (50 - 0.5 - 1))


def test_firms_without_hours_in_the_weeks_planned_take_no_place_among_the_alternates() -> None:
    """Four at 1 an hour have no row, none at all, those of another week, or a holiday: the next two, at 9 and 12, are looked at.

    By hand for sixteen: eight at N for 4.5, six at M for 5, and two in overtime at O, for 6 and half as much again.
    """
    others = {"A": 1.0, "B": 1.0, "C": 1.0, "D": 1.0, "N": 9.0, "O": 12.0}
    problem = read(
        {0: 16},
        1,
        firms=[{"firm": f, "role": "both", "region": "ZJ" if f == "D" else "GD"} for f in ("M", *others)],
        capabilities=[{"firm": f, "process": "press", "cost_per_hour": c} for f, c in ({"M": 10.0} | others).items()],
        capacity=[{"firm": "M", "process": "press", "hours": 3.0}, {"firm": "N", "process": "press", "hours": 4.0},
                  {"firm": "O", "process": "press", "hours": 0.0, "overtime_hours": 9.0},
                  {"firm": "B", "process": "press", "hours": 0.0}, {"firm": "C", "process": "press", "week": week(-1), "hours": 9.0},
                  {"firm": "D", "process": "press", "hours": 9.0}],
        calendar=[{"week": week(0), "share": 0.0, "region": "ZJ"}],
    )  # fmt: skip
    assert [problem.firm[f] for f in problem.route_firm] == ["M", "N", "O"]
    assert value(problem, "share_capacity") == pytest.approx(6 * 44 + 8 * (50 - 4.5 - 1) + 2 * (50 - 9 - 1))


def test_firms_that_their_own_work_fills_come_after_those_with_hours_left() -> None:
    """Of five others the four at 8 an hour need their four hours themselves: N at 9 comes before their overtime at 12.

    All 42 units are made, 32 of them for 4 and ten for 4.5.
    """
    full = ("A", "B", "C", "D")
    problem = read(
        [{"week": 0, "quantity": 10.0}, *({"week": 0, "quantity": 8.0, "sku": f"Q{f}", "seller": f} for f in full)],
        1,
        firms=[{"firm": f, "role": "both"} for f in ("M", *full, "N")],
        products=[base()["products"][0], *(base()["products"][0] | {"sku": f"Q{f}", "maker": f} for f in full)],
        capabilities=[{"firm": f, "process": "press", "cost_per_hour": c}
                      for f, c in {"M": 10.0, **dict.fromkeys(full, 8.0), "N": 9.0}.items()],
        capacity=[{"firm": f, "process": "press", "hours": h} for f, h in {"M": 1.0, **dict.fromkeys(full, 4.0), "N": 99.0}.items()],
    )  # fmt: skip
    assert {problem.firm[f] for f in problem.route_firm[problem.route_product == 0]} == {"M", "N", "A", "B", "C"}
    assert value(problem, "share_capacity") == pytest.approx(42 * 49 - 32 * 4 - 10 * 4.5)


STEEL = [{"sku": "P", "material": "steel", "quantity": 1.0}]


def source(**changes: Any) -> Row:
    return {"material": "steel", "supplier": "mill", "cost": 4.0, "lead_days": 0.0} | changes


@pytest.mark.parametrize(
    ("sources", "spent"),
    [
        # Ten at 4; or whole dozens at 3, of which two are left and worth 3 each.
        ([source()], 40.0),
        ([source(), source(supplier="packs", cost=3.0, multiple=12.0)], 30.0),
        # Twenty-five at 1 to get ten: fifteen are left, of which ten are worth 1 each; of ninety there would be no more.
        ([source(), source(supplier="ships", cost=1.0, minimum=25.0)], 15.0),
        ([source(), source(supplier="ships", cost=1.0, minimum=90.0)], 40.0),
        # Twelve at 3 rather than ten at 4: the price of the break holds for the whole order.
        ([source(), source(from_quantity=12.0, cost=3.0)], 30.0),
        # Breaks that rise are paid as they stand.
        ([source(cost=3.0), source(from_quantity=8.0, cost=5.0)], 50.0),
        # Imported at 0.5 dollars of 7 each.
        ([source(), source(supplier="abroad", origin="US", cost=0.5, currency="USD")], 35.0),
    ],
    ids=["one", "multiples", "minimum", "high minimum", "break", "rising breaks", "imported"],
)
def test_materials_are_bought_as_suppliers_sell_them(sources: list[Row], spent: float) -> None:
    """Ten units need ten of steel; what is left at the end is worth the least price there is, as far as it would be used again."""
    rates = [{"currency": "USD", "date": START, "rate": 7.0}]
    problem = read({0: 10}, 1, materials=STEEL, sources=sources, fx=rates)
    assert value(problem) == pytest.approx(440 - spent)


@pytest.mark.parametrize(
    ("there", "sources", "spent"),
    [
        # Four at 4 are there: six are bought; the four count at what they would be worth.
        ([{"firm": "M", "quantity": 4.0}], [source()], 40.0),
        # A dozen at 3, of which two are left and worth 3 each, rather than six at 5 beside the four that are there.
        ([{"firm": "M", "quantity": 4.0}], [source(cost=5.0), source(supplier="packs", cost=3.0, multiple=12.0)], 30.0),
        ([{"firm": "M", "quantity": 40.0}], [source(cost=5.0), source(supplier="packs", cost=3.0, multiple=12.0)], 30.0),
        # What another has, what comes after the plan, and nothing: as without.
        ([{"firm": "N", "quantity": 40.0}], [source(cost=5.0)], 50.0),
        ([{"firm": "M", "quantity": 40.0, "arrives": week(1)}], [source(cost=5.0)], 50.0),
        ([{"firm": "M", "quantity": 0.0}], [source(cost=5.0)], 50.0),
        # In two rows, one coming in the first week: seven worth 3 and three bought at 5.
        ([{"firm": "M", "quantity": 3.0}, {"firm": "M", "quantity": 4.0, "arrives": week(0)}],
         [source(cost=5.0), source(supplier="packs", cost=3.0, multiple=100.0)], 36.0),
    ],
    ids=["some", "instead of a pack", "enough", "another's", "too late", "none", "two rows"],
)  # fmt: skip
def test_what_is_on_hand_costs_what_it_is_worth(there: list[Row], sources: list[Row], spent: float) -> None:
    """Ten units need ten of steel; what is taken of that on hand counts at the least price there is, as what is left would."""
    firms = [{"firm": f, "role": "both"} for f in ("M", "N")]
    stock = [{"material": "steel"} | row for row in there]
    problem = read({0: 10}, 1, firms=firms, materials=STEEL, sources=sources, material_stock=stock)
    assert value(problem) == pytest.approx(440 - spent)


def test_what_another_has_is_used_where_members_buy_together() -> None:
    """N has forty worth 3, for which it has no use; M buys at 5 by itself, and takes ten of N's where they buy together."""
    firms = [{"firm": f, "role": "both"} for f in ("M", "N")]
    sources = [source(cost=5.0), source(supplier="packs", cost=3.0, multiple=100.0)]
    stock = [{"firm": "N", "material": "steel", "quantity": 40.0}]
    problem = read({0: 10}, 1, firms=firms, materials=STEEL, sources=sources, material_stock=stock)
    assert value(problem) == pytest.approx(440 - 50)
    assert value(problem, "pool_purchases") == pytest.approx(440 - 30)
    assert _pooling(problem, coalition_rights(problem, frozenset({"pool_purchases"})))
    assert not _pooling(problem, coalition_rights(problem, frozenset({"pool_orders"})))


def test_rising_breaks_are_kept_below_by_ordering_twice() -> None:
    """Five and five at 3 rather than ten at once at 5."""
    problem = read({0: 5, 1: 5}, 2, materials=STEEL, sources=[source(cost=3.0), source(from_quantity=8.0, cost=5.0)])
    plan = best(problem)
    assert plan.value == pytest.approx(440 - 30)
    assert plan.bought.max() <= 8


def test_a_new_supplier_delivers_only_after_its_time_and_to_members() -> None:
    """Imports at 4 for the first week; from the second on, members who qualify the local mill together pay it 2."""
    problem = read(
        {0: 10, 1: 10},
        2,
        firms=[{"firm": f, "role": "both"} for f in ("M", "S")],
        materials=STEEL,
        sources=[source(origin="JP"), source(supplier="local", origin="CN", cost=2.0, lead_days=7.0, status="new")],
    )  # fmt: skip
    assert value(problem) == pytest.approx(20 * 44 - 80)
    assert value(problem, "substitute_imports") == pytest.approx(20 * 44 - 40 - 20)


def test_a_material_that_only_new_sources_sell_costs_apart_what_is_assumed() -> None:
    """Materials are two fifths of 50: 2 of brass leave 18 for two of steel; members who qualify the mill pay 4 each.

    A new source that asks more than is assumed, 12 each, is what steel costs already.
    """
    firms = [{"firm": f, "role": "both"} for f in ("M", "S")]
    bill = [STEEL[0] | {"quantity": 2.0}, STEEL[0] | {"material": "brass"}]
    brass = source(material="brass", cost=2.0)
    mill = source(supplier="local", status="new")
    problem = read({0: 10}, 1, material_share=0.4, firms=firms, materials=bill, sources=[brass, mill])
    assert value(problem) == pytest.approx(10 * (44 - 2 - 18))
    assert value(problem, "pool_purchases") == pytest.approx(10 * (44 - 2 - 18))
    assert value(problem, "substitute_imports") == pytest.approx(10 * (44 - 2 - 8))
    dear = read({0: 10}, 1, material_share=0.4, firms=firms, materials=bill, sources=[brass, mill | {"cost": 12.0}])
    assert value(dear) == pytest.approx(10 * (44 - 2 - 24))


@pytest.mark.parametrize(
    ("days", "spent"), [(0.0, 20), (3.0, 20), (4.0, 30), (7.0, 30), (11.0, 40)],
    ids=["at once", "within the week", "half a week is one", "a week", "beyond the plan"],
)  # fmt: skip
def test_what_comes_within_a_suppliers_lead_time_was_ordered_at_its_first_price(days: float, spent: float) -> None:
    """Five and five are needed, at 4, or at 2 from ten on; what is left over is worth 2.

    Ordered at once, ten cost 20. Where an order takes a week, the first five were ordered before, at 4, and ten at 2 come in
    the second, of which five are left: 20 + 20 − 10. Where it takes longer than the plan, all ten were ordered before, at 4.
    """
    sources = [source(lead_days=days), source(lead_days=days, from_quantity=10.0, cost=2.0)]
    problem = read({0: 5, 1: 5}, 2, materials=STEEL, sources=sources)
    assert value(problem) == pytest.approx(440 - spent)


@pytest.mark.parametrize(
    ("limits", "sold", "stored"),
    [({}, 20.0, 0.0), ({"throughput": 0.1}, 20.0, 0.0), ({"throughput": 0.06}, 12.0, 6.0),
     ({"throughput": 0.06, "capacity": 0.04}, 10.0, 4.0)],
    ids=["ample", "let in as wanted", "let in in two weeks", "with less room"],
)  # fmt: skip
def test_a_hub_takes_in_and_keeps_what_it_has_room_for(limits: Row, sold: float, stored: float) -> None:
    """A unit is a hundredth m³: 0.05 to handle, 0.02 a week to store; ten at once or six a week come in, six or four stay."""
    hub = {"site": "H", "kind": "hub", "handling_cost": 5.0, "storage_cost": 2.0} | limits
    late = bool(limits) and limits["throughput"] < 0.1
    problem = read(
        {1: 20} if late else {0: 10, 1: 10},
        2,
        sites=[hub],
        lanes=[door(lane="road", destination="H", mode="road"), door(lane="last", origin="H")],
    )
    # Two kilograms are paid for, one on each lane.
    assert value(problem) == pytest.approx(sold * (50 - 5 - 2 - 0.05) - stored * 0.02)


@pytest.mark.parametrize(
    ("capacity", "kept"), [(None, 5), (0.03, 3), (0.0, 0)], ids=["ample", "with less room", "without"]
)
def test_a_firm_keeps_and_handles_goods_at_its_own_place(capacity: float | None, kept: int) -> None:
    """Ten can be made in a week and fifteen are wanted in the second: five are kept for 0.02 each, or as many as there is room for.

    Each unit takes 0.05 as it leaves. What it would cost to open the place, or may arrive there, is no matter.
    """
    place = {"site": "M", "kind": "factory", "handling_cost": 5.0, "storage_cost": 2.0, "capacity": capacity}
    hours = [{"firm": "M", "process": "press", "hours": 5.0}]
    problem = read({1: 15}, 2, capacity=hours, sites=[place | {"opening_cost": 1e6, "throughput": 0.0}])
    plan = best(problem)
    assert plan.value == pytest.approx((10 + kept) * (44 - 0.05) - kept * 0.02)
    assert plan.stock[:, 0].sum() == pytest.approx(kept)
    assert plan.accounts.handling.sum() == pytest.approx((10 + kept) * 0.05)


@pytest.mark.parametrize("turn", [1, -1])
def test_a_firms_own_place_may_stand_anywhere_among_the_sites(turn: int) -> None:
    """Ten leave M for 0.05 a unit and go by a hub that takes 0.01, and 8 to open: two kilograms are paid for."""
    sites = [
        {"site": "G", "kind": "hub", "handling_cost": 900.0, "capacity": 0.0},
        {"site": "M", "kind": "factory", "handling_cost": 5.0},
        {"site": "H", "kind": "hub", "handling_cost": 1.0, "storage_cost": 3.0, "throughput": 0.1, "opening_cost": 8.0},
    ]
    problem = read(
        {0: 10},
        1,
        sites=sites[::turn],
        lanes=[door(lane="road", destination="H", mode="road"), door(lane="last", origin="H")],
    )
    assert problem.node[0] == "M"
    assert value(problem) == pytest.approx(10 * (50 - 5 - 2 - 0.05 - 0.01) - 8)


BANDS = [
    {"tariff": "post", "basis": "kg", "to_quantity": 20.0, "rate": 3.0, "minimum": 40.0, "volumetric": 200.0},
    {"tariff": "post", "basis": "kg", "from_quantity": 20.0, "rate": 2.0, "minimum": 40.0, "volumetric": 200.0},
]


@pytest.mark.parametrize(("units", "charge"), [(1, 40), (6, 40), (8, 40), (15, 60)])
def test_a_load_pays_its_band_or_the_next_and_at_least_the_minimum(units: int, charge: float) -> None:
    """A hundredth m³ counts as 2 kg: 2 kg pay the minimum, 12 too, 16 rather as 20 at 2 than 16 at 3, 30 at 2."""
    problem = read({0: units}, 1, lanes=[door(mode="air")], tariffs=BANDS)
    assert value(problem) == pytest.approx(units * 45 - charge)


@pytest.mark.parametrize(("units", "minimum", "charge"), [(1, 0.0, 30), (12, 0.0, 30), (12, 40.0, 40)])
def test_an_order_pays_for_itself_whatever_it_holds(units: int, minimum: float, charge: float) -> None:
    """A tariff by the order is 30 for one unit or twelve in a week, and at least its minimum."""
    tariff = {"tariff": "post", "basis": "order", "rate": 30.0, "minimum": minimum}
    problem = read({0: units}, 1, lanes=[door(mode="road")], tariffs=[tariff])
    assert value(problem) == pytest.approx(units * 45 - charge)


@pytest.mark.parametrize(("place", "worth"), [("H", 4 * 49), ("M", 4 * 49), ("N", 4 * 49), ("K", 0)])
def test_stock_is_sold_from_where_it_lies(place: str, worth: float) -> None:
    """Four units that nobody claims belong to the product's seller: sold without being made, if a lane leaves from there.

    A lane from every maker leaves from N too, which can make nothing any more.
    """
    problem = read(
        {0: 10},
        1,
        firms=[*base()["firms"], {"firm": "N", "role": "maker"}],
        sites=[{"site": site, "kind": "hub"} for site in ("H", "K")],
        lanes=[door(), door(lane="last", origin="H")],
        capacity=[{"firm": "M", "process": "press", "hours": 0.0}],
        stock=[{"site": place, "sku": "P", "quantity": 4.0}],
    )
    left = 0 if worth else 4 * 5  # what lies there at the end is worth what making it costs
    assert value(problem) == pytest.approx(worth + left)


@pytest.mark.parametrize(
    ("box", "sold", "boxes"),
    [({"container_kg": 5.0, "container_m3": 1.0}, 10, 2), ({"container_kg": 99.0, "container_m3": 0.05}, 10, 2),
     ({"container_kg": 3.0, "container_m3": 1.0}, 9, 3)],
    ids=["by weight", "by volume", "one too few for a box"],
)  # fmt: skip
def test_whole_containers_are_paid_for_and_left_out_for_the_last_unit(box: Row, sold: float, boxes: int) -> None:
    """A box costs 100, a unit in it earns 45: five fit by weight or volume; where three fit, the tenth unit stays."""
    tariff = {"tariff": "post", "basis": "container", "rate": 100.0} | box
    plan = best(read({0: 10}, 1, lanes=[door(mode="sea")], tariffs=[tariff]))
    assert plan.load_quantity.sum() == boxes
    assert plan.value == pytest.approx(sold * 45 - boxes * 100)


@pytest.mark.parametrize(
    ("box", "sold"),
    [({"container_kg": 0.9, "container_m3": 1.0}, 0), ({"container_kg": 1.0, "container_m3": 0.01}, 10)],
)
def test_no_box_is_too_small_for_what_it_carries(box: Row, sold: float) -> None:
    """A box of 1 is cheap for a unit that earns 45, but one of 0.9 kg cannot take 1 kg, however many boxes go."""
    tariff = {"tariff": "post", "basis": "container", "rate": 1.0} | box
    assert value(read({0: 10}, 1, lanes=[door(mode="sea")], tariffs=[tariff])) == pytest.approx(sold * 44)


BOXED = {"tariff": "post", "basis": "container", "rate": 10.0, "container_kg": 10.0, "container_m3": 1.0}


@pytest.mark.parametrize(
    ("space", "mode", "tariff", "apart", "together"),
    [(4.0, "parcel", base()["tariffs"][0], 4 * 44, 4 * 48), (1.0, "sea", BOXED, 10 * 45 - 10, 10 * 45 - 10)],
    ids=["kilograms", "containers"],
)
def test_makers_share_the_space_of_a_lane_that_leaves_from_all(
    space: float, mode: str, tariff: Row, apart: float, together: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four kilograms, or one box of ten, leave in a week whoever makes them: M at 5 a unit alone, N at 1 for all.

    N has hours for eight, which earn less than ten of M's in the box: 8 × 49 − 10 = 382.

    The model, its bound, the search for large plans and the plan's own check agree.
    """
    lanes = [door(space=space, mode=mode)]
    problem = two_owners([], lanes=lanes, tariffs=[tariff])
    assert value(problem) == pytest.approx(apart)
    plan = best(problem, "share_capacity")
    assert plan.value == pytest.approx(together)
    prices = PriceBound(build_model(problem, plan.rights, plan.network))
    bounds = [prices.round(0.1 * 0.02 ** (n / 300)) for n in range(300)]
    assert max(bounds) <= -together + 1e-6
    assert max(bounds) >= -1.1 * together
    # As if each maker had the space for itself: the plan's own check finds what is too much.
    own = Spaces.of_each(problem.spaces.lane, np.full(2, space))
    loose = best(replace(problem, spaces=own), "share_capacity")
    short = replace(loose, problem=problem).violations()
    assert [(v.rule, v.place, v.amount) for v in short] == [
        ("lane space exceeded", "door@M, door@N", pytest.approx(space))
    ]
    monkeypatch.setattr(search, "SMALL", 0)
    searched = plan_coalition(problem, plan.rights, SolveOptions(seconds=2, gap=1e-6))
    assert searched.violations() == []
    assert 0.85 * together <= searched.value <= together + 1e-6


TWO_STEPS: dict[str, list[Row]] = {
    "firms": [{"firm": "M", "role": "both", "owner": "A"}, {"firm": "N", "role": "maker", "owner": "A"}],
    "operations": [
        {"family": "f", "step": n, "process": process, "hours": hours}
        for n, (process, hours) in enumerate({"press": 0.5, "pack": 0.1}.items(), 1)
    ],
    "capabilities": [{"firm": f, "process": p, "cost_per_hour": 10.0} for f, p in (("N", "press"), ("M", "pack"))],
    "capacity": [{"firm": f, "process": p, "hours": 100.0} for f, p in (("N", "press"), ("M", "pack"))],
}


def moved_on(
    wanted: dict[int, float], weeks: int, lanes: list[Row], tariffs: list[Row], **costs: float
) -> ClusterProblem:
    """Return the problem of units that N presses and M packs, of one owner: 5 and 1 of work, so that a unit earns 43 less its move."""
    lanes = [door(), *(door(origin="N", destination="M", mode="road") | lane for lane in lanes)]
    return read(wanted, weeks, costs, **TWO_STEPS, lanes=lanes, tariffs=[*base()["tariffs"], *tariffs])


KILO = {"tariff": "cart", "basis": "kg"}
BOX = {"tariff": "cart", "basis": "container", "rate": 50.0}


@pytest.mark.parametrize(
    ("tariff", "mode", "charge"),
    [
        ([KILO | {"rate": 1.0, "minimum": 25.0}], "road", 25),
        ([KILO | {"rate": 4.0, "minimum": 25.0}], "road", 40),
        ([KILO | {"rate": 2.0, "minimum": 25.0, "volumetric": 200.0}], "road", 40),
        ([{"tariff": "cart", "basis": "order", "rate": 30.0}], "road", 30),
        ([{"tariff": "cart", "basis": "order", "rate": 30.0, "minimum": 40.0}], "road", 40),
        # Ten kilograms at 3, or declared as twenty at 1; ten at 2 in their own band; beyond the last band at its rate.
        ([KILO | {"to_quantity": 20.0, "rate": 3.0}, KILO | {"from_quantity": 20.0, "rate": 1.0}], "road", 20),
        ([KILO | {"to_quantity": 8.0, "rate": 3.0}, KILO | {"from_quantity": 8.0, "rate": 2.0}], "road", 20),
        ([KILO | {"to_quantity": 4.0, "rate": 5.0}, KILO | {"from_quantity": 4.0, "to_quantity": 8.0, "rate": 2.0}], "road", 20),
        # Three boxes of four units by weight, two of five by volume.
        ([BOX | {"container_kg": 4.0, "container_m3": 1.0}], "road", 150),
        ([BOX | {"container_kg": 99.0, "container_m3": 0.05}], "road", 100),
        ([KILO | {"rate": 1.0, "minimum": 3.0}], "parcel", 30),
        # No box holds a unit: a hundredth m³ goes 20 km at 1, loaded at 15.
        ([BOX | {"container_kg": 0.9, "container_m3": 1.0}], "road", 3.5),
    ],
    ids=[
        "least charge", "above it", "bulky", "order", "least of an order", "declared larger", "own band", "beyond the bands",
        "boxes by weight", "boxes by volume", "parcels", "no box holds it",
    ],
)  # fmt: skip
def test_what_is_moved_between_firms_pays_the_tariff_of_the_lane(tariff: list[Row], mode: str, charge: float) -> None:
    """Ten units of 1 kg and 0.01 m³ are wanted, and go from one firm to the other as one load."""
    problem = moved_on({0: 10}, 1, [{"lane": "cart", "tariff": "cart", "mode": mode}], tariff)
    assert value(problem) == pytest.approx(10 * 43 - charge)


def test_a_unit_moved_bears_its_part_of_a_week_in_which_any_is_wanted() -> None:
    """Four units in one week and eight in another are six a time: a cart at 30 is 5 a unit, whenever it is made."""
    cart = [{"tariff": "cart", "basis": "order", "rate": 30.0}]
    problem = moved_on({0: 4, 2: 8}, 4, [{"lane": "cart", "tariff": "cart"}], cart)
    assert value(problem) == pytest.approx(12 * (43 - 5))


@pytest.mark.parametrize(("rate", "weeks"), [(2.4, 1), (2.5, 0), (2.6, 0)])
def test_of_several_lanes_between_firms_the_cheapest_is_taken(rate: float, weeks: int) -> None:
    """A cart at 3 comes at once, a barge a week later, and a week costs 0.5 of a unit worth 50: up to 2.5 the barge is cheaper."""
    lanes = [{"lane": "cart", "tariff": "cart"}, {"lane": "barge", "tariff": "barge", "transit_days": 7.0}]
    tariffs = [KILO | {"rate": 3.0}, KILO | {"tariff": "barge", "rate": rate}]
    division = moved_on({1: 10}, 2, lanes, tariffs, holding_rate=0.52).division
    assert division.move == pytest.approx([rate if weeks else 3.0, 0.0])
    assert division.lag.tolist() == [weeks, 0]


@pytest.mark.parametrize(("days", "first"), [(3.0, 0), (4.0, 1), (10.0, 1), (11.0, 2)])
def test_goods_are_under_way_for_whole_weeks(days: float, first: int) -> None:
    """Days are rounded to weeks: customers who do not wait are served from the first week that goods can reach."""
    plan = best(read(dict.fromkeys(range(3), 5), 3, lanes=[door(transit_days=days)]))
    assert (plan.serve.sum(axis=0) > 0).tolist() == [t >= first for t in range(3)]
    assert plan.value == pytest.approx(44 * 5 * (3 - first))


@pytest.mark.parametrize(
    ("costs", "worth"),
    [({"late_weeks": 1, "late_share": 0.1}, 10 * 44 - 5 * 5), ({"goodwill_share": 0.1}, 5 * 44 - 5 * 5),
     ({"late_weeks": 1, "late_share": 0.95, "goodwill_share": 0.02}, 5 * 44 - 5 * 1)],
    ids=["late", "lost", "rather lost than late"],
)  # fmt: skip
def test_what_cannot_be_made_in_time_is_late_or_lost(costs: dict[str, float], worth: float) -> None:
    """Hours make five of ten units a week: five come a week late at 5 each, or are lost with 5 of goodwill."""
    problem = read({0: 10}, 2, costs, capacity=[{"firm": "M", "process": "press", "hours": 2.5}])
    assert value(problem) == pytest.approx(worth)


@pytest.mark.parametrize("transit", [0.0, 7.0])
def test_duty_is_that_of_the_week_in_which_goods_arrive(transit: float) -> None:
    """Ten units a week at 50 less 5 and 1: from the third week on duty takes 30 a unit, and 40 in the fourth, whenever they left."""
    paid = {0: 2.0, 2: 30.0, 3: 40.0}
    landed = [
        {"lane": "door", "sku": "P", "week": week(t), "destination": "X", "border": amount}
        | dict.fromkeys(("customs_value", "duty", "per_item", "vat", "fees", "refund"), 0.0)
        for t, amount in paid.items()
    ]
    late = int(transit // 7)
    wanted = dict.fromkeys(range(late, 4), 10.0)
    problem = read(wanted, 4, lanes=[door(transit_days=transit)], landed_costs=landed)
    worth = sum(10 * (44 - {0: 2.0, 1: 2.0, 2: 30.0, 3: 40.0}[t]) for t in range(late, 4))
    assert value(problem) == pytest.approx(worth)


@pytest.mark.parametrize(("expiry", "weeks"), [(date(2026, 1, 10), 0), (date(2026, 1, 11), 1), (date(2026, 1, 19), 2)])
def test_a_certificate_covers_the_weeks_that_end_before_it_expires(expiry: date, weeks: int) -> None:
    """A market that asks for certificates is served by what is made in the weeks that end by the last day."""
    held = [{"firm": "M", "market": "X", "expiry": expiry}]
    capacity = [{"firm": "M", "process": "press", "hours": 2.5}]
    problem = read(dict.fromkeys(range(3), 5), 3, certificates=held, capacity=capacity)
    assert value(problem) == pytest.approx(weeks * 5 * 44)


def two_owners(
    terms: list[Row], lanes: list[Row] | None = None, tariffs: list[Row] | None = None, **changeover: float
) -> ClusterProblem:
    """Return S's product P, made by M at 5, and by N of another owner at 1; N has 4 hours, and changes over as told."""
    firms = [{"firm": f, "role": "both"} for f in ("M", "N")]
    return read(
        {0: 10},
        1,
        firms=firms,
        capabilities=[
            {"firm": "M", "process": "press", "cost_per_hour": 10.0},
            {"firm": "N", "process": "press", "cost_per_hour": 2.0} | changeover,
        ],
        capacity=[{"firm": f, "process": "press", "hours": h} for f, h in (("M", 9.0), ("N", 4.0))],
        terms=terms,
        lanes=lanes or base()["lanes"],
        tariffs=tariffs or base()["tariffs"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "moved"),
    [
        ([], 8),
        ([{"owner": "N", "term": "refuse", "partner": "M"}], 0),
        ([{"owner": "M", "term": "refuse", "partner": "N"}], 0),
        ([{"owner": "N", "term": "keep_hours", "process": "press", "share": 0.75}], 2),
        ([{"owner": "N", "term": "keep_hours", "share": 0.25}, {"owner": "N", "term": "keep_hours", "share": 0.5}], 4),
        ([{"owner": "N", "term": "keep_hours", "process": "finish", "share": 0.75}], 8),
        ([{"owner": "M", "term": "protect", "market": "X"}], 0),
        ([{"owner": "M", "term": "protect"}], 0),
    ],
    ids=["none", "refuses", "refused", "keeps", "keeps the most", "keeps elsewhere", "protects X", "protects all"],
)
def test_terms_say_what_may_move(terms: list[Row], moved: int) -> None:
    """Each unit that moves from M to N saves 4; eight fit in N's four hours, fewer in what it does not keep."""
    assert value(two_owners(terms), "share_capacity") == pytest.approx(440 + 4 * moved)


@pytest.mark.parametrize(
    ("changeover", "worth"),
    [
        ({}, 4 * 4),
        ({"minor_setup_hours": 0.5}, 3 * 4 - 0.5 * 2),
        ({"major_setup_hours": 1.0}, 2 * 4 - 1.0 * 2),
        ({"minor_setup_hours": 3.0}, 0),
    ],
    ids=["none", "a lot's", "a family's", "too long"],
)
def test_setups_for_others_take_of_the_hours_not_kept(
    changeover: Row, worth: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N keeps half of its four hours, paid at 2: a changeover of a lot or family that is M's takes what could make two units an hour, searched or solved."""
    problem = two_owners([{"owner": "N", "term": "keep_hours", "share": 0.5}], **changeover)
    assert value(problem, "share_capacity") == pytest.approx(440 + worth)
    monkeypatch.setattr(search, "SMALL", 0)
    rights = coalition_rights(problem, frozenset({"share_capacity"}))
    searched = plan_coalition(problem, rights, SolveOptions(seconds=1, gap=1e-6))
    assert searched.violations() == []
    assert searched.value == pytest.approx(440 + worth)


@pytest.mark.parametrize(("cost", "enters"), [(300.0, True), (340.0, False)])
def test_a_market_is_entered_where_it_earns_more_than_it_costs(cost: float, enters: bool) -> None:
    """Ten a week at 30 leave 24 each, half of them in the first of two weeks of growth: 5 × 24 + 10 × 24 = 360 less what it costs.

    The market is reached by a lane of 2 more a unit, which takes 30 of it.
    """
    problem = read(
        {0: 1},
        2,
        markets=[{"market": "X", "country": "DE"}, {"market": "Y", "country": "FR", "entry_cost": cost}],
        lanes=[door(), door(lane="far", destination="Y", tariff="far")],
        tariffs=[{"tariff": "post", "basis": "kg", "rate": 1.0}, {"tariff": "far", "basis": "kg", "rate": 3.0}],
        potentials=[{"sku": "P", "market": "Y", "seller": "M", "quantity": 10.0, "unit_price": 30.0, "ramp_weeks": 2.0}],
    )  # fmt: skip
    plan = best(problem)
    assert bool(plan.entered.any()) == enters
    assert plan.value == pytest.approx(44 + max(15 * (30 - 5 - 3) - cost, 0.0))


def test_who_is_short_of_money_pays_for_what_is_owed() -> None:
    """M has 15 and may owe 10; making ten for 50 and sending for 10 leaves it 35 short until sales are paid for, a week later.

    Sales of 14 a week before come in at once, so that 21 are owed beyond the limit, at 10 % a week.
    """
    past = {"week": week(-1), "sku": "P", "market": "X", "seller": "M", "quantity": 1.0, "revenue": 14.0}
    sold = {
        "document": "1",
        "date": week(-1),
        "sku": "P",
        "market": "X",
        "channel": "web",
        "seller": "M",
        "quantity": 1.0,
    }
    more = {
        "weekly": [past],
        "sales": [sold | {"unit_price": 14.0}],
        "fees": [{"channel": "web", "settle_days": 7.0}],
    }
    short = read({0: 10}, 2, {"borrowing_rate": 0.1}, credit=[{"firm": "M", "cash": 15.0, "limit": 10.0}], **more)
    assert value(short) == pytest.approx(440 - 0.1 * 21)
    ample = read({0: 10}, 2, {"borrowing_rate": 0.1}, credit=[{"firm": "M", "cash": 36.0, "limit": 10.0}], **more)
    assert value(ample) == pytest.approx(440)
    # Of old sales, too, channels keep their part: a fifth of 14 and 1.2 are 4.
    kept = [{"market": "X", "seller": None, "sku": None, "share": 0.2, "fixed": 1.2}]
    credit = read({0: 10}, 2, credit=[{"firm": "M", "cash": 15.0}], channel_fees=kept, **more).credit
    assert credit is not None
    assert credit.due == pytest.approx(np.array([[10.0, 0.0]]))


def test_what_channels_keep_is_lost_on_what_is_sold_not_on_what_is_sent() -> None:
    """A tenth of 50 and 1 a unit: 38 is earned of each of 10; the row of the seller and product wins over that of any."""
    fees = [
        {"market": "X", "share": 0.5, "fixed": 0.0},
        {"market": "X", "seller": "M", "sku": "P", "share": 0.1, "fixed": 1.0},
    ]
    problem = read({0: 10}, 1, channel_fees=fees)
    plan = best(problem)
    assert plan.value == pytest.approx(380)
    assert [plan.accounts.revenue.sum(), plan.accounts.channel.sum()] == pytest.approx([500, 60])
    others = [row | {"seller": "Z"} if "seller" in row else row for row in fees]
    assert value(read({0: 10}, 1, channel_fees=others)) == pytest.approx(190)


def test_columns_left_open_count_as_the_check_says() -> None:
    """Every firm is its own owner; changing over costs its hours alone; money is in the currency of the run; goods go to their largest seller.

    P and its family are set up in an hour and a half, at 10 an hour; a euro is 8 of the run's.
    """
    hours = {"major_setup_hours": 1.0, "minor_setup_hours": 0.5}
    fx = [{"currency": "EUR", "date": START, "rate": 8.0}]
    firms = [{"firm": f, "role": "both"} for f in ("M", "N")]
    wanted = [{"week": 0, "quantity": 4.0}, {"week": 0, "quantity": 6.0, "seller": "N"}]
    products = [base()["products"][0], base()["products"][0] | {"sku": "Q"}]
    problem = read(
        wanted,
        1,
        firms=firms,
        products=products,
        capabilities=[base()["capabilities"][0] | hours],
        stock=[{"site": "N", "sku": sku, "quantity": 2.0} for sku in ("P", "Q")],
        fx=fx,
    )
    assert problem.firm_owner.tolist() == [0, 1]
    assert problem.opening.owner.tolist() == [1, 0]
    assert value(read({0: 10}, 1, capabilities=[base()["capabilities"][0] | hours], fx=fx)) == pytest.approx(440 - 15)


OPTIONAL = ("calendar", "materials", "sources", "material_stock", "stock", "sites", "certificates", "credit", "terms", "designs", "approved",
            "campaigns", "potentials", "fees", "landed_costs", "channel_fees")  # fmt: skip


def test_what_is_not_in_the_tables_is_not_in_the_model() -> None:
    """Without a table, or with an empty one, the model is the same, down to its rows: that of making, sending and selling.

    By hand for one product and week with nothing to set up: units made, sent, handed over and given up, the lot and its
    family's run, none of them a yes or no.
    """

    def model_of(**empty: list[Row]) -> LinearModel:
        problem = read({0: 10}, 1, None, **empty)
        return build_model(problem, separate_rights(problem), build_network(problem, separate_rights(problem))).linear

    bare, empty = model_of(), model_of(**{name: [] for name in OPTIONAL})
    for name in ("cost", "lower", "upper", "integer"):
        assert np.array_equal(getattr(bare, name), getattr(empty, name)), name
    for name in ("lower", "upper", "starts", "columns", "coefficients"):
        assert np.array_equal(getattr(bare.rows, name), getattr(empty.rows, name)), name
    assert int((bare.upper > bare.lower).sum()) == 6
    assert not bare.integer.any()


def test_only_what_is_set_up_for_is_a_yes_or_no() -> None:
    """A setup of a product alone makes one choice of its lot; one of its family makes one of each."""

    def choices(**change: float) -> int:
        problem = read({0: 10}, 1, capabilities=[base()["capabilities"][0] | change])
        rights = separate_rights(problem)
        return int(build_model(problem, rights, build_network(problem, rights)).linear.integer.sum())

    assert choices(minor_setup_cost=5.0) == choices(minor_setup_hours=0.5) == choices(minimum_batch=3.0) == 1
    assert choices(major_setup_cost=5.0) == choices(major_setup_hours=0.5) == 2
