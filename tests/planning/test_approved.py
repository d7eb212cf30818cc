"""Lots that are decided are kept in every plan, whatever it costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jointplan import Study
from jointplan.cli.planned import endings
from jointplan.planning.approved import floors, frozen_lots, with_approved
from jointplan.planning.attributing import attribute_goods
from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem, Terms
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.rows import cells
from jointplan.planning.safety import with_safety_stock
from jointplan.planning.translating import idle_plan
from jointplan.planning.weekly import sum_by
from jointplan.solvers import SolveOptions
from tests.planning.cases import random_cluster
from tests.planning.solved import ledger_frame
from tests.planning.test_elements import read
from tests.tiny import write_csv, write_tiny

EXACT = SolveOptions(seconds=60, gap=1e-6)
START = date(2026, 1, 5)
CLOSE = 1e-4


def lots(*rows: tuple[int, str, str, str, float]) -> pd.DataFrame:
    """Return rows of **approved**: week, firm, sku, seller, quantity."""
    frame = pd.DataFrame(rows, columns=["number", "firm", "sku", "seller", "quantity"])
    return frame.assign(week=pd.to_datetime([START + timedelta(weeks=n) for n in frame["number"]]), state="frozen")


def both(problem: ClusterProblem) -> tuple[ClusterPlan, ClusterPlan]:
    separate = plan_coalition(problem, separate_rights(problem), EXACT)
    joint = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT, separate=separate)
    return separate, joint


@pytest.fixture(scope="module")
def problem() -> ClusterProblem:
    return random_cluster(1, makers=2, sellers=2, products=2, weeks=4, tight=0.8)


@pytest.fixture(scope="module")
def free(problem: ClusterProblem) -> tuple[ClusterPlan, ClusterPlan]:
    return both(problem)


def seller_of(problem: ClusterProblem, product: int) -> str:
    return problem.firm[problem.series_seller[np.flatnonzero(problem.series_product == product)[0]]]


def test_decided_lots_are_kept_in_both_plans_and_never_raise_the_value(
    problem: ClusterProblem, free: tuple[ClusterPlan, ClusterPlan]
) -> None:
    """Fifteen units at the present maker in the third week, and forty at another firm in the first."""
    maker = int(problem.maker[0])
    other = next(int(f) for f in problem.route_firm[problem.route_product == 0] if f != maker)
    seller = seller_of(problem, 0)
    rows = lots((2, problem.firm[maker], "P0", seller, 15.0), (0, problem.firm[other], "P0", seller, 40.0))
    changed, left_out = with_approved(problem, rows, START)
    assert left_out == []
    for plan, without in zip(both(changed), free, strict=True):
        assert plan.violations() == []
        made = {
            (int(r), t): plan.make[plan.network.supply_route == r, t].sum()
            for r in changed.approved.route
            for t in range(4)
        }
        for route, week, units in zip(
            changed.approved.route, changed.approved.week, changed.approved.units, strict=True
        ):
            assert made[int(route), int(week)] >= units - 1e-6
        assert plan.value <= without.value + CLOSE * abs(without.value)
    # Who may not share makes at the other firm what is decided there, and no more.
    separate = both(changed)[0]
    route = int(changed.approved.route[1])
    foreign = separate.make[separate.network.supply_route == route].sum(axis=0)
    assert foreign == pytest.approx([40.0, 0.0, 0.0, 0.0], abs=1e-6)


def test_deciding_on_the_best_plan_s_own_lots_costs_nothing(
    problem: ClusterProblem, free: tuple[ClusterPlan, ClusterPlan]
) -> None:
    """What is best anyhow may be decided without loss."""
    plan = free[0]
    net = plan.network
    rows = [
        (int(t), problem.firm[problem.route_firm[net.supply_route[k]]], problem.sku[problem.route_product[net.supply_route[k]]],
         problem.owner[net.commodity_class[net.supply_commodity[k]]], float(plan.make[k, t]))
        for k, t in zip(*np.nonzero(plan.make > 0.5), strict=True)
    ]  # fmt: skip
    changed, _ = with_approved(problem, lots(*rows), START)
    assert floors(changed, net).sum() == pytest.approx(plan.make[plan.make > 0.5].sum())
    again = plan_coalition(changed, separate_rights(changed), EXACT)
    assert again.value == pytest.approx(plan.value, rel=CLOSE)


def test_parts_of_a_decided_lot_may_be_smaller_than_the_smallest_lot() -> None:
    """Of 45 units made for two sellers one has four; twelve is the smallest lot. Four stay four, also where each plans alone.

    Only what is smaller than twelve as a whole is raised to it, each part by as much.
    """
    problem = random_cluster(1, makers=2, sellers=2, products=2, weeks=4, tight=2.0)
    problem = replace(problem, route_batch=np.full(len(problem.route_product), 12.0))
    maker, sku = problem.firm[problem.route_firm[0]], problem.sku[problem.route_product[0]]
    first, second = sorted({problem.firm[s] for s in problem.series_seller})[:2]
    whole, _ = with_approved(problem, lots((1, maker, sku, first, 41.0), (1, maker, sku, second, 4.0)), START)
    assert sorted(whole.approved.units) == [4.0, 41.0]
    for plan in both(whole):
        made = sum_by(plan.network.supply_route, plan.decided, len(problem.route_product))
        assert made[0].sum() == pytest.approx(45)
        assert plan.violations() == []
        assert plan.make[plan.decided > 0].min() < 12 or plan.rights.cooperative
    small, _ = with_approved(problem, lots((1, maker, sku, first, 3.0), (1, maker, sku, second, 1.0)), START)
    assert sorted(small.approved.units) == pytest.approx([3.0, 9.0])


def test_decided_lots_may_take_hours_that_a_maker_keeps_for_itself(problem: ClusterProblem) -> None:
    """A lot of another's product that is decided already is made at a firm that leaves nobody an hour, and beside it plans go on."""
    maker = int(problem.maker[0])
    other = next(int(f) for f in problem.route_firm[problem.route_product == 0] if f != maker)
    own = np.flatnonzero(problem.resource_firm == other)
    none = np.empty(0, np.int64)
    kept = replace(problem, terms=Terms(none, none, own, np.ones(len(own))))
    changed, _ = with_approved(kept, lots((0, problem.firm[other], "P0", seller_of(problem, 0), 10.0)), START)
    for plan, without in zip(both(changed), both(kept), strict=True):
        assert plan.violations() == []
        at_other = plan.make[plan.problem.route_firm[plan.network.supply_route] == other][:, 0].sum()
        assert at_other >= 10.0 - CLOSE
        assert plan.serve.sum() > 10.0
        assert plan.value <= without.value + CLOSE * abs(without.value)


def told(*rows: tuple[str, float], plan: str = "joint") -> pa.Table:
    """Return rows of **lots**, each what a seller has of one lot in the first week."""
    return pa.Table.from_pylist(
        [
            {"plan": plan, "week": START, "maker": "M", "sku": "P", "chain": None, "seller": seller, "quantity": units}
            for seller, units in rows
        ]
    )


@pytest.mark.parametrize(
    ("made", "approved", "frozen"),
    [
        ({"A": 25, "C": 5}, {}, {"A": 25, "C": 5}),
        ({"A": 25, "C": 5}, {"C": 30}, {}),  # went to A instead
        ({"A": 25, "C": 20}, {"C": 30}, {"A": 15}),
        ({"A": 40}, {"A": 30}, {"A": 10}),
        ({"A": 25, "C": 15}, {"C": 5}, {"A": 25, "C": 10}),
        ({"A": 20, "B": 10, "C": 5}, {"C": 20}, {"A": 10, "B": 5}),
    ],
)
def test_no_more_of_a_lot_is_frozen_than_was_made_beyond_what_is_approved(
    made: dict[str, float], approved: dict[str, float], frozen: dict[str, float]
) -> None:
    """Rows of a lot name the sellers to whom its goods went: what was approved for another must not be made twice."""
    rows = [
        {"week": START, "firm": "M", "sku": "P", "chain": None, "seller": seller, "quantity": float(units)}
        for seller, units in approved.items()
    ]
    found = frozen_lots(told(*made.items()), rows, START, 1)
    assert {row["seller"]: row["quantity"] for row in found} == pytest.approx(frozen)
    by_steps = [row | {"chain": "M > M"} for row in rows]
    assert frozen_lots(told(*made.items()), by_steps, START, 1) == found
    assert frozen_lots(told(*made.items()).drop_columns("chain"), rows, START, 1) == found
    assert frozen_lots(told(*made.items(), plan="separate"), rows, START, 1) == []
    assert frozen_lots(told(*made.items()), rows, START + timedelta(weeks=1), 1) == []


def test_a_lot_that_breaks_capacity_is_kept_priced_and_told(problem: ClusterProblem) -> None:
    """Ten times what the workshop can make: a plan exists, pays the hours as overtime, and says by how much."""
    maker = int(problem.maker[0])
    resource = int(np.flatnonzero(problem.resource_firm == maker)[0])
    route = int(np.flatnonzero((problem.route_product == 0) & (problem.route_firm == maker))[0])
    hours = float(problem.use_hours[problem.use_route == route][0])
    room = float(problem.regular[resource, 1] + problem.overtime[resource, 1])
    units = np.ceil(10 * room / hours)
    rows = lots((1, problem.firm[maker], "P0", seller_of(problem, 0), units))
    changed, _ = with_approved(problem, rows, START)
    for plan in both(changed):
        assert plan.violations() == []
        (strain,) = plan.strains()
        assert (strain.place, strain.week, strain.unit) == (problem.resource[resource], 1, "hours")
        assert strain.amount == pytest.approx(plan.overtime_hours[resource, 1] - problem.overtime[resource, 1])
        assert strain.amount > 8 * room
        assert plan.accounts.overtime[resource, 1] >= strain.amount * problem.overtime_cost[resource]


def test_a_lot_beyond_the_room_of_its_maker_is_kept_and_told(problem: ClusterProblem) -> None:
    """Where the maker has room for a tenth of it, a plan exists that leaves all of it there, and the room that it takes is told."""
    maker = int(problem.maker[0])
    rows = lots((1, problem.firm[maker], "P0", seller_of(problem, 0), 40.0))
    volume = 40.0 * problem.volume[0]
    capacity = problem.node_capacity.copy()
    capacity[maker] = volume / 10
    tight = replace(problem, node_capacity=capacity)
    changed, told = with_approved(tight, rows, START)
    assert [(row.item, row.subject, row.value) for row in told] == [
        ("room for approved lots", problem.firm[maker], f"{volume:g}")
    ]
    rights = separate_rights(changed)
    left_there = idle_plan(build_model(changed, rights, build_network(changed, rights)))
    assert {violation.rule for violation in left_there.violations()} <= {"capacity exceeded"}
    assert left_there.make.sum() == pytest.approx(40.0)
    for plan in both(changed):
        assert plan.violations() == []
    roomy = {
        "site": problem.firm[maker],
        "sku": "P0",
        "market": "X0",
        "seller": seller_of(problem, 0),
        "lead_weeks": 0.0,
    }
    safe = pd.DataFrame([roomy | {"units": 1.0, "worth": 1e4}])
    assert with_safety_stock(changed, safe) is changed  # no room is free for it
    assert with_approved(problem, rows, START)[1] == []


def test_lots_that_fit_when_owners_share_them_are_granted_no_hours(problem: ClusterProblem) -> None:
    """Two sellers' lots fill a week to the last minute with one setup: apart they need a second one, together nothing more."""
    route = 0
    uses = np.flatnonzero(problem.use_route == route)
    resource = int(problem.use_resource[uses[0]])
    room = float(problem.regular[resource, 1] + problem.overtime[resource, 1])
    units = (room - setup_hours(problem, route, resource)) / float(problem.use_hours[uses[0]])
    maker, sku = problem.firm[problem.route_firm[route]], problem.sku[problem.route_product[route]]
    sellers = sorted({problem.firm[s] for s in problem.series_seller})[:2]
    rows = lots(*((1, maker, sku, seller, units / 2) for seller in sellers))
    changed, _ = with_approved(problem, rows, START)
    separate, joint = both(changed)
    assert joint.violations() == separate.violations() == []
    assert joint.strains() == []
    assert joint.overtime_hours[resource, 1] <= problem.overtime[resource, 1] * (1 + 1e-6)
    (strain,) = separate.strains()
    assert strain.amount == pytest.approx(setup_hours(problem, route, resource), rel=1e-6)


def test_what_a_decided_lot_leaves_over_is_paid_by_the_seller_it_was_decided_for(problem: ClusterProblem) -> None:
    """Two sellers share goods of which one has far more decided than anybody wants: the other pays no more than its own."""
    product, week = 0, 1
    mine = [int(s) for s in np.flatnonzero(problem.series_product == product)]
    first, *others = sorted({problem.firm[problem.series_seller[s]] for s in mine})
    assert others
    wanted = {
        f: float(problem.demand[[s for s in mine if problem.firm[problem.series_seller[s]] == f]].sum())
        for f in (first, *others)
    }
    maker = problem.firm[int(problem.maker[product])]
    changed, _ = with_approved(problem, lots((week, maker, f"P{product}", first, 20 * sum(wanted.values()))), START)
    plan = both(changed)[1]
    net = plan.network
    pooled = (net.commodity_product == product) & (net.commodity_class == len(problem.owner))
    made = pd.DataFrame(attribute_goods(plan).made(cells(units=plan.make)))
    mine = made[pooled[net.supply_commodity[made["row"]]]].groupby("firm")["units"].sum()
    for other in others:
        assert mine.get(problem.firm.index(other), 0.0) <= wanted[other] + 1e-6
    ledger = ledger_frame(plan, "joint", START)
    paid = -ledger[(ledger["account"] == "transfer") & (ledger["amount"] < 0)].groupby("firm")["amount"].sum()
    assert paid[first] > 10 * paid[others].sum()


def setup_hours(problem: ClusterProblem, route: int, resource: int) -> float:
    """Return the hours of setting up one lot, its family's included."""
    mine = (problem.use_route == route) & (problem.use_resource == resource)
    groups = problem.route_needs[1][problem.route_needs[0] == route]
    major = np.isin(problem.major_group, groups) & (problem.major_resource == resource)
    return float(problem.use_setup[mine].sum() + problem.major_hours[major].sum())


def test_what_cannot_be_made_is_left_out_and_said(problem: ClusterProblem) -> None:
    """A seller makes nothing, a chain may not be there, and other weeks are not this plan's: each is told as what it is."""
    maker = problem.firm[int(problem.maker[0])]
    rows = lots(
        (0, "S0", "P0", "S0", 5.0), (1, maker, "P0", "S0", 6.0), (9, maker, "P0", "S0", 7.0), (12, maker, "P0", "S0", 1.0),
        (-2, maker, "P0", "S0", 3.0),
    ).assign(chain=[None, f"{maker} > S0", "", "", None])  # fmt: skip
    changed, left_out = with_approved(problem, rows, START)
    assert changed is problem
    unable, chained, before, after = left_out
    assert (unable.subject, unable.value, unable.replaced_by) == ("S0 P0 2026-01-05", "5", "capabilities")
    assert (chained.subject, chained.value) == (f"{maker} P0 2026-01-12 {maker} > S0", "6")
    assert "chain" in chained.rule
    assert (before.item, before.value) == ("approved lots of past weeks", "3")
    assert (after.item, after.value, after.replaced_by) == ("approved lots of later weeks", "8", "horizon.weeks")


def test_outsiders_keep_their_decided_lots(problem: ClusterProblem) -> None:
    """A coalition that leaves a maker out does not undo what that maker has begun."""
    maker = int(problem.maker[0])
    rows = lots((0, problem.firm[maker], "P0", seller_of(problem, 0), 20.0))
    changed, _ = with_approved(problem, rows, START)
    separate = plan_coalition(changed, separate_rights(changed), EXACT)
    inside = np.ones(len(changed.owner), bool)
    inside[changed.firm_owner[maker]] = False
    plan = plan_coalition(changed, coalition_rights(changed, frozenset(MEASURES), inside), EXACT, separate=separate)
    assert plan.violations() == []
    assert (plan.make >= floors(changed, plan.network) - 1e-6).all()


def test_a_workspace_s_decided_lots_are_in_its_plans(tmp_path: Path) -> None:
    """A table of approved lots is read, kept, and a lot too large is listed where rules that plans break are."""
    folder = write_tiny(tmp_path)
    decided = [
        {
            "week": "2025-04-14",
            "firm": "BETA",
            "sku": "KETTLE-2",
            "seller": "BETA",
            "quantity": 30,
            "state": "approved",
        },
        {
            "week": "2025-04-22",
            "firm": "ALPHA",
            "sku": "KETTLE-1",
            "seller": "ALPHA",
            "quantity": 400,
            "state": "frozen",
        },
    ]
    write_csv(folder / "tables" / "approved.csv", decided)
    run = Study.open(folder, {"plan.solve.seconds": 5, "horizon.weeks": 3}).plan()
    made = run.tables["lots"].to_pandas()
    for plan in ("separate", "joint"):
        rows = made[made["plan"] == plan].groupby(["maker", "week"])["quantity"].sum()
        assert rows["BETA", date(2025, 4, 14)] >= 30
        assert rows["ALPHA", date(2025, 4, 21)] >= 400 - 1e-6
    (first, second) = run.tables["violations"].to_pylist()
    assert {first["plan"], second["plan"]} == {"separate", "joint"}
    assert first["rule"] == "decided lots beyond the hours there are"
    # 400 units of a quarter hour, and setups, in 40 + 8 hours.
    assert first["amount"] >= 100 - 48
    assert {row["violations"] for row in run.tables["values"].to_pylist()} == {0}
    told = [line for line in endings(run) if "decided lots need" in line]
    assert len(told) == 2
    assert all("ALPHA" in line and f"{first['amount']:.1f} h" in line for line in told[:1])


STEPS = [{"family": "f", "step": n, "process": p, "hours": 0.25} for n, p in ((1, "press"), (2, "finish"))]


@pytest.mark.parametrize("role", ["maker", "workshop"])
@pytest.mark.parametrize("chain", ["", "W > W"])
def test_a_chain_that_names_one_firm_for_each_step_is_the_firm_s_whole_job(chain: str, role: str) -> None:
    """A lot decided at W is on the route that is there without it, whether its chain is blank or names W twice; no equal route is added."""
    able = [{"firm": firm, "process": p, "cost_per_hour": 10.0} for firm in ("M", "W") for p in ("press", "finish")]
    room = [{"firm": firm, "process": p, "hours": 100.0} for firm in ("M", "W") for p in ("press", "finish")]
    firms = [{"firm": "M", "role": "both"}, {"firm": "W", "role": role}]
    cluster: dict[str, list[dict[str, Any]]] = {
        "firms": firms, "operations": STEPS, "capabilities": able, "capacity": room,
        "approved": [{"week": START, "firm": "W", "sku": "P", "seller": "M", "quantity": 5.0, "chain": chain}],
    }  # fmt: skip
    free = read({0: 10}, 1, **{name: rows for name, rows in cluster.items() if name != "approved"})
    problem = read({0: 10}, 1, **cluster)
    assert len(problem.route_product) == len(free.route_product)
    rows = pd.DataFrame(cluster["approved"]).assign(week=pd.Timestamp(START), state="approved")
    decided, left_out = with_approved(problem, rows, START)
    assert left_out == []
    (route,) = decided.approved.route
    assert problem.firm[problem.route_firm[route]] == "W"
    other = rows.assign(chain="M > M")
    assert [said.item for said in with_approved(problem, other, START)[1]] == ["approved"]


def test_without_decided_lots_nothing_changes(problem: ClusterProblem, free: tuple[ClusterPlan, ClusterPlan]) -> None:
    """An empty table gives the same problem."""
    changed, left_out = with_approved(problem, lots(), START)
    assert changed is problem
    assert left_out == []
    assert replace(free[0]).strains() == []


def owned_by_two(hours: dict[str, float], **changes: list[dict[str, Any]]) -> ClusterProblem:
    """Return ten wanted of P from M, its maker, and an owner O of a maker N and a seller T, who want none; both make at 5 and ask 10."""
    return read(
        {0: 10},
        2,
        firms=[
            {"firm": "M", "role": "both", "owner": "A"},
            {"firm": "N", "role": "maker", "owner": "O"},
            {"firm": "T", "role": "seller", "owner": "O"},
        ],
        capabilities=[{"firm": f, "process": "press", "cost_per_hour": 10.0} for f in ("M", "N")],
        capacity=[{"firm": f, "process": "press", "hours": hours[f]} for f in ("M", "N")],
        **changes,
    )


def booked(plan: ClusterPlan, account: str) -> dict[str, float]:
    ledger = ledger_frame(plan, "joint", START)
    found: dict[str, float] = ledger[ledger["account"] == account].groupby("firm")["amount"].sum().round(6).to_dict()
    return found


def test_a_lot_decided_for_a_seller_that_wants_none_is_its_own() -> None:
    """Fifteen are decided at N for T: apart T pays N for all; together M takes ten of them and pays for these, and five are left to T."""
    rows = lots((0, "N", "P", "T", 15.0))
    changed, left_out = with_approved(owned_by_two({"M": 100.0, "N": 100.0}), rows, START)
    assert left_out == []
    separate, joint = both(changed)
    assert booked(separate, "transfer") == {"N": 150.0, "T": -150.0}
    assert booked(joint, "transfer") == {"M": -100.0, "N": 150.0, "T": -50.0}


def test_lots_of_two_sellers_of_one_owner_are_each_its_own() -> None:
    """Six are decided for T and three for N itself, in one lot of at least twelve: eight and four, of which nobody takes any apart."""
    rows = lots((0, "N", "P", "T", 6.0), (0, "N", "P", "N", 3.0))
    problem = replace(owned_by_two({"M": 100.0, "N": 100.0}), route_batch=np.full(2, 12.0))
    changed, _ = with_approved(problem, rows, START)
    assert sorted(changed.approved.units) == pytest.approx([4.0, 8.0])
    separate, _ = both(changed)
    assert booked(separate, "transfer") == {"N": 80.0, "T": -80.0}


def test_stock_of_a_seller_that_wants_none_is_its_own() -> None:
    """T has four at N: apart they are left to it; together M, with hours for six, sells them and pays T, not N, what the maker would ask."""
    hours = {"M": 3.0, "N": 0.0}
    separate, joint = both(owned_by_two(hours, stock=[{"site": "N", "sku": "P", "seller": "T", "quantity": 4.0}]))
    assert separate.value == pytest.approx(6 * 44 + 4 * 5)
    assert joint.value == pytest.approx(6 * 44 + 4 * 49)
    assert set(booked(separate, "end_stock")) == {"T"}
    assert booked(separate, "transfer") == {}
    assert booked(joint, "transfer") == {"M": -40.0, "T": 40.0}
