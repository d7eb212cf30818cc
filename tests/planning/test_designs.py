"""Products whose design belongs to somebody: who makes them without a licence and with one, and what that pays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import NO_DESIGNS, ClusterProblem, Designs, Terms
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.valuing import effective
from jointplan.solvers import SolveOptions
from tests.planning.cases import one_plant, random_cluster, with_steps
from tests.planning.solved import ledger_frame
from tests.planning.test_chains import read
from tests.tiny import write_csv, write_tiny

EXACT = SolveOptions(seconds=60, gap=1e-7)
START = date(2026, 1, 5)
ALL = frozenset(MEASURES)
WITHOUT = ALL - {"license_designs"}
A, B, D = range(3)  # makes it today and sells it; could make it; draws
PRICE, ROYALTY = 20.0, 0.5
NONE = np.empty(0, dtype=np.int64)


def two_makers(seed: int, designer: int | None) -> tuple[ClusterProblem, dict[str, np.ndarray]]:
    """Return a week of one product that A makes and sells, B can make, and whose design is D's, B's, A's or nobody's.

    Beside it the facts: units wanted, and for A and B the cost of a unit and of a setup and the units there are hours for.
    """
    rng = np.random.default_rng(seed)
    facts = {
        "wanted": rng.integers(5, 15, 1),
        "making": rng.integers(2, 9, 2),
        "setup": rng.integers(0, 12, 2),
        "room": rng.integers(3, 12, 2),
    }
    one = one_plant(facts["wanted"][None, :].astype(float), np.zeros(1), np.ones(1))
    designs = NO_DESIGNS if designer is None else Designs(np.array([0]), np.array([designer]), np.array([ROYALTY]))
    problem = replace(
        one,
        firm=("A", "B", "D"),
        owner=("A", "B", "D"),
        node=("A", "B", "D"),
        firm_owner=np.arange(3),
        node_storage=np.zeros(3),
        node_handling=np.zeros(3),
        node_capacity=np.full(3, np.inf),
        resource=("A work", "B work"),
        resource_firm=np.arange(2),
        regular=facts["room"][:, None].astype(float),
        overtime=np.zeros((2, 1)),
        overtime_cost=np.zeros(2),
        route_product=np.zeros(2, np.int64),
        route_firm=np.arange(2),
        route_group=np.full(2, -1),
        route_making=facts["making"].astype(float),
        route_material=np.zeros(2),
        route_transfer=np.full(2, 10.0),
        route_batch=np.zeros(2),
        setup_cost=facts["setup"][:, None].astype(float),
        use_route=np.arange(2),
        use_resource=np.arange(2),
        use_hours=np.ones(2),
        use_setup=np.zeros(2),
        lane=("from A", "from B"),
        lane_origin=np.arange(2),
        lane_node=np.full(2, -1),
        lane_market=np.zeros(2, np.int64),
        lane_weeks=np.zeros(2, np.int64),
        lane_mode=("parcel", "parcel"),
        unit_freight=np.zeros((2, 1)),
        basis=np.zeros((2, 1)),
        price=np.array([PRICE]),
        goodwill=np.zeros(1),
        designs=designs,
    )
    return problem, facts


def best_value(facts: dict[str, np.ndarray], b_may: bool) -> float:
    """Return the best value of all whole units made at A and B: every pair is tried. There is one among the best plans."""
    room = np.minimum(facts["room"], facts["wanted"])
    return max(
        float(PRICE * sum(made) - sum(n * c + (n > 0) * s for n, c, s in zip(made, facts["making"], facts["setup"], strict=True)))
        for made in product(range(room[A] + 1), range(room[B] * b_may + 1))
        if sum(made) <= facts["wanted"][0]
    )  # fmt: skip


def planned(problem: ClusterProblem, measures: frozenset[str], members: tuple[int, ...] | None = None) -> ClusterPlan:
    inside = None if members is None else np.isin(np.arange(len(problem.owner)), members)
    separate = plan_coalition(problem, separate_rights(problem), EXACT)
    plan = plan_coalition(problem, coalition_rights(problem, measures, inside), EXACT, separate=separate)
    assert plan.violations() == []
    return plan


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("designer", "measures", "members", "b_may"),
    [
        (None, WITHOUT, None, True),
        (A, WITHOUT, None, False),
        (A, ALL, None, True),
        (B, WITHOUT, None, True),
        (D, WITHOUT, None, False),
        (D, ALL, None, True),
        (D, ALL, (A, B), False),
        (D, ALL, (A, D), False),
        (D, frozenset({"license_designs"}), None, False),
        (D, frozenset({"license_designs", "share_capacity"}), None, True),
    ],
)
def test_every_whole_number_of_units_tried(
    seed: int, designer: int | None, measures: frozenset[str], members: tuple[int, ...] | None, b_may: bool
) -> None:
    """The plan is worth what the best of all pairs of units is; B counts only where it needs no licence or has one."""
    problem, facts = two_makers(seed, designer)
    plan = planned(problem, measures, members)
    assert plan.value == pytest.approx(best_value(facts, b_may), abs=1e-5)


def test_the_cases_tell_something() -> None:
    """In some of them the licence is worth money: B makes some, or all."""
    gains = [best_value(facts, True) - best_value(facts, False) for _, facts in (two_makers(n, D) for n in range(2))]
    assert min(gains) > 1


def test_the_royalty_moves_from_who_makes_to_who_drew() -> None:
    """By hand: A has hours for 4 of the 10 units wanted, B makes the other 6 and pays D half a coin on each of these alone."""
    problem, _ = two_makers(0, D)
    problem = replace(problem, demand=np.array([[10.0]]), regular=np.array([[4.0], [6.0]]), setup_cost=np.zeros((2, 1)))
    plan = planned(problem, ALL)
    ledger = ledger_frame(plan, "joint", START)
    booked = ledger[ledger["account"] == "royalty"].sort_values("firm")
    assert booked["firm"].tolist() == ["B", "D"]
    assert booked["counterparty"].tolist() == ["D", "B"]
    assert booked["amount"].tolist() == [-6 * ROYALTY, 6 * ROYALTY]
    assert booked["is_cash"].all()
    assert ledger["amount"].sum() == pytest.approx(plan.value, abs=0.005)
    assert ledger.loc[ledger["firm"] == "D", "amount"].sum() == pytest.approx(6 * ROYALTY)


def test_a_plan_made_without_a_licence_is_told() -> None:
    """What B makes of D's design breaks a rule where the licence was not there, and where D refuses B."""
    problem, _ = two_makers(1, D)
    plan = planned(problem, ALL)
    assert plan.make[plan.network.supply_route == B].sum() > 0
    rule = {"made without a licence for the design"}
    assert {v.rule for v in replace(plan, rights=coalition_rights(problem, WITHOUT)).violations()} == rule
    refused = replace(problem, terms=Terms(np.array([D]), np.array([B]), NONE, np.empty(0)))
    assert {v.rule for v in replace(plan, problem=refused).violations()} == rule
    barred = planned(refused, ALL)
    assert barred.make[barred.network.supply_route == B].sum() == 0.0


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
def test_the_right_never_lowers_the_value(seed: int) -> None:
    """Without it members do at least as well as alone, with it as well as if nothing were registered; separate plans stay as they are."""
    bare = with_steps(random_cluster(seed, makers=3, sellers=2, products=2, weeks=3), seed)
    drawn = Designs(np.arange(2), np.array([3, 4]), np.array([2.0, 5.0]))
    problem = replace(bare, designs=drawn)
    apart, free = (plan_coalition(p, separate_rights(p), EXACT) for p in (problem, bare))
    without, plan, unbound = planned(problem, WITHOUT), planned(problem, ALL), planned(bare, ALL)
    close = 1e-6 * abs(plan.value)
    assert apart.value == pytest.approx(free.value, abs=close)
    assert apart.value - close <= without.value <= plan.value + close
    assert plan.value == pytest.approx(unbound.value, abs=close)
    ledger = ledger_frame(plan, "joint", START)
    assert round(ledger.loc[ledger["account"] == "royalty", "amount"].sum(), 2) == 0.0


def test_without_anything_to_license_the_measure_is_idle() -> None:
    """It is not valued where no design is registered, or where only those could make the product who need no licence."""
    asked = ("share_capacity", "license_designs")
    found = [effective(two_makers(0, designer)[0], asked) for designer in (None, B, D)]
    assert found == [asked[:1], asked[:1], asked]


def test_designs_are_read_with_a_royalty_in_money(tmp_path: Path) -> None:
    """By hand: KETTLE-1 always sells at 100, so the larger of its two shares is 5 a unit; a blank share is nothing, a blank product left out."""
    folder = write_tiny(tmp_path)
    rows = [
        {"design": "D1", "owner": "BETA", "sku": "KETTLE-1", "market": "DE", "royalty": 0.05},
        {"design": "D1", "owner": "BETA", "sku": "KETTLE-1", "market": "FR", "royalty": 0.03},
        {"design": "D2", "owner": "GAMMA", "sku": "KETTLE-2"},
        {"design": "D3", "owner": "ALPHA", "royalty": 0.1},
    ]
    write_csv(folder / "tables" / "designs.csv", rows)
    problem = read(folder)
    found = {
        problem.sku[i]: (problem.firm[f], pytest.approx(royalty))
        for i, f, royalty in zip(problem.designs.product, problem.designs.firm, problem.designs.royalty, strict=True)
    }
    assert found == {"KETTLE-1": ("BETA", 5.0), "KETTLE-2": ("GAMMA", 0.0)}
