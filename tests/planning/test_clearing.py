"""What a load pays at a border once, whatever is in it: counted alike by plan, model, bound and search, in the week's rules.

Where nothing else is said, M makes product P at 5 and sells it at 50; a unit weighs 1 kg and takes 0.01 m³.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.plans import plan_coalition
from jointplan.planning.prices import hour_prices
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.translating import values_of
from jointplan.planning.why import Explainer
from jointplan.solvers import SolveOptions
from tests.planning.cases import random_cluster, with_clearing
from tests.planning.solved import START, assert_bound_and_search_agree, ledger_frame
from tests.planning.test_elements import Row, base, best, door, read, value, week

EXACT = SolveOptions(seconds=60, gap=1e-7)
KILO = {"tariff": "post", "basis": "kg", "rate": 1.0}
BOX = {"tariff": "post", "basis": "container", "rate": 10.0, "container_kg": 6.0, "container_m3": 1.0}


def landed(once: dict[int, float], sku: str = "P") -> list[Row]:
    """Return what a load on the lane door pays once from each week on, and nothing else."""
    nothing = dict.fromkeys(("customs_value", "duty", "per_item", "vat", "fees", "refund", "border"), 0.0)
    return [
        nothing | {"lane": "door", "sku": sku, "week": week(t), "destination": "X", "clearing": amount}
        for t, amount in once.items()
    ]


@pytest.mark.parametrize(
    ("tariffs", "freight"),
    [([KILO], 10), ([KILO | {"minimum": 25.0}], 25),
     ([KILO | {"to_quantity": 20.0, "rate": 3.0}, KILO | {"from_quantity": 20.0}], 20),
     ([{"tariff": "post", "basis": "order", "rate": 70.0}], 70), ([BOX], 20)],
    ids=["by the kilogram", "least charge", "declared larger", "by the order", "two containers"],
)  # fmt: skip
def test_a_load_is_cleared_once_whatever_it_holds(tariffs: list[Row], freight: float) -> None:
    """Ten units of one week are one consignment, cleared for 30 beside their freight; in two weeks they are two."""
    kinds = {"lanes": [door(mode="sea")], "tariffs": tariffs}
    assert value(read({0: 10}, 1, **kinds)) == pytest.approx(10 * 45 - freight)
    plan = best(read({0: 10}, 1, **kinds, landed_costs=landed({0: 30.0})))
    assert plan.value == pytest.approx(10 * 45 - freight - 30)
    assert plan.accounts.load.sum() == pytest.approx(freight)
    assert plan.accounts.clearing.sum() == pytest.approx(30)
    ledger = ledger_frame(plan, "joint", START).groupby("account")["amount"].sum()
    assert (ledger["freight"], ledger["duty"]) == pytest.approx((-freight, -30))
    assert value(read({0: 10, 1: 10}, 2, **kinds, landed_costs=landed({0: 30.0}))) == pytest.approx(
        2 * (10 * 45 - freight - 30)
    )


def test_what_earns_less_than_its_clearing_stays() -> None:
    """Two units that earn 44 each are not worth a consignment for 90, which is why they are not sent, but one for 85."""
    kinds = {"lanes": [door(mode="air")]}
    plan = best(read({0: 2}, 1, **kinds, landed_costs=landed({0: 90.0})))
    assert plan.value == pytest.approx(0)
    prices = hour_prices(plan, EXACT)
    assert prices is not None
    (reason,) = Explainer(plan, prices.worth, prices.limits).reasons()
    assert (reason.kind, reason.cause, reason.quantity) == ("unmet", "freight", 2.0)
    assert value(read({0: 2}, 1, **kinds, landed_costs=landed({0: 85.0}))) == pytest.approx(3)


@pytest.mark.parametrize("tariff", [KILO, BOX], ids=["by the kilogram", "containers"])
def test_clearing_is_worth_waiting_for(tariff: Row) -> None:
    """Three units a week for two weeks: waiting costs 2.5 a unit, clearing twice 9 more than once: the first three wait for the others."""
    costs = {"late_weeks": 1, "late_share": 0.05}
    kinds = {"lanes": [door(mode="sea")], "tariffs": [tariff]}
    plan = best(read({0: 3, 1: 3}, 2, costs, **kinds, landed_costs=landed({0: 9.0})))
    assert (plan.ship > 0).sum() == 1
    assert plan.value == pytest.approx(6 * 45 - (6 if tariff is KILO else 10) - 3 * 2.5 - 9)


@pytest.mark.parametrize("transit", [0.0, 7.0])
def test_clearing_is_that_of_the_week_in_which_a_load_arrives(transit: float) -> None:
    """A load a week of ten units that earn 44: clearing is 20, from the third week on 70, whenever it left."""
    late = int(transit // 7)
    wanted = dict.fromkeys(range(late, 4), 10.0)
    paid = landed({0: 20.0, 2: 70.0})
    problem = read(wanted, 4, lanes=[door(mode="air", transit_days=transit)], landed_costs=paid)
    assert value(problem) == pytest.approx(sum(440 - (20 if t < 2 else 70) for t in range(late, 4)))


def test_who_ships_together_clears_together() -> None:
    """Two sellers' goods are two consignments; with consolidated freight they are one."""
    firms = [{"firm": "M", "role": "both", "owner": "M"}, {"firm": "N", "role": "seller", "owner": "N"}]
    wanted = [{"week": 0, "quantity": 10.0, "seller": seller} for seller in ("M", "N")]
    problem = read(wanted, 1, firms=firms, lanes=[door(mode="air")], landed_costs=landed({0: 30.0}))
    assert value(problem) == pytest.approx(2 * (440 - 30))
    plan = best(problem, "consolidate_freight")
    assert plan.value == pytest.approx(2 * 440 - 30)
    duty = ledger_frame(plan, "joint", START).query("account == 'duty'").set_index("firm")["amount"]
    assert duty.to_dict() == pytest.approx({"M": -15, "N": -15})


def test_goods_of_several_rules_pay_the_dearest_once() -> None:
    """P asks for 20 a load and Q for 50: whatever a load holds of them, it is cleared for 50."""
    products = [base()["products"][0], base()["products"][0] | {"sku": "Q"}]
    wanted = [{"week": 0, "sku": sku, "quantity": 10.0} for sku in "PQ"]
    paid = [*landed({0: 20.0}), *landed({0: 50.0}, "Q")]
    kinds = {"products": products, "lanes": [door(mode="air")], "landed_costs": paid}
    assert value(read(wanted, 1, **kinds)) == pytest.approx(2 * 440 - 50)


def test_a_lane_whose_name_begins_as_another_s_pays_nothing_of_it() -> None:
    """Loads on the lane door are cleared for 30, those on M's own lane door@B cross no border."""
    lanes = [door(mode="sea"), door(lane="door@B", origin="M", mode="sea")]
    problem = read({0: 10}, 1, lanes=lanes, landed_costs=landed({0: 30.0}))
    assert problem.clearing is not None
    assert dict(zip(problem.lane, problem.clearing[0].tolist(), strict=True)) == {"door@M": 30.0, "door@B": 0.0}
    assert value(problem) == pytest.approx(440)


def test_only_whole_loads_are_cleared() -> None:
    """A lane on which each unit pays for itself has no load that could pay."""
    problem = read({0: 10}, 1)
    with pytest.raises(ValueError, match="whole loads"):
        replace(problem, clearing=np.ones((1, len(problem.lane))))
    with pytest.raises(ValueError, match="per stretch and lane"):
        replace(problem, clearing=np.ones(1))


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 3))])
def test_model_bound_and_search_count_as_the_plan(seed: int, together: bool) -> None:
    """No bound exceeds what HiGHS proves the optimum; the compiled search's plan is none better and costs what it said.

    What loads pay once changes after two weeks.
    """
    problem = with_clearing(random_cluster(seed, makers=2, sellers=2, products=4, weeks=4), seed, since=2)
    rights = coalition_rights(problem, frozenset(MEASURES)) if together else separate_rights(problem)
    optimum = plan_coalition(problem, rights, EXACT)
    assert optimum.violations() == []
    assert optimum.accounts.clearing.sum() > 0
    model = build_model(problem, rights, build_network(problem, rights))
    assert model.linear.cost @ values_of(model, optimum) + model.linear.offset == pytest.approx(
        optimum.cost(), rel=1e-9
    )
    free = replace(optimum, problem=replace(problem, clearing=None))
    assert optimum.cost() - free.cost() == pytest.approx(by_hand(problem, optimum.load_quantity, optimum.loads.lane))
    assert_bound_and_search_agree(model, optimum)


def by_hand(problem: ClusterProblem, quantity: np.ndarray, lane: np.ndarray) -> float:
    """Return what loads pay once, one by one: by the first rules until what leaves arrives in the week of the second, or would."""
    assert problem.clearing is not None
    total = 0.0
    for load, t in np.argwhere(quantity > 0):
        arrives = min(t + problem.lane_weeks[lane[load]], problem.weeks - 1)
        total += problem.clearing[int(arrives >= problem.border_since[1]), lane[load]]
    return float(total)
