"""What costs well above the median is told with what makes it dear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jointplan.planning.plans import plan_coalition
from jointplan.planning.prices import hour_prices
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.rights import MEASURES, coalition_rights
from jointplan.planning.why import Explainer, Reason
from tests.planning.cases import one_plant
from tests.planning.test_elements import door, read
from tests.planning.why.cases import EXACT, steel, two_ways, why


def dear(problem: ClusterProblem) -> Reason:
    """Return the one line that is dear."""
    (line,) = (line for line in why(problem) if line.kind == "dear")
    return line


def test_a_small_lot_among_large_ones_is_dear() -> None:
    """Setups of 100 for 100 units, and once for 2: the small lot's unit costs fifty times as much in setup."""
    demand = np.array([[100.0, 100.0, 2.0]])
    problem = one_plant(demand, np.array([100.0]), np.array([1000.0]))
    problem = replace(problem, route_material=np.array([1.0]))
    (line,) = why(problem)
    assert (line.kind, line.cause, line.first) == ("dear", "small_lot", 2)
    assert (line.cost, line.usual) == (pytest.approx(51.0), pytest.approx(2.0))


def test_a_lot_whose_material_is_bought_in_a_small_order_is_dear() -> None:
    """A hundred units a week take steel at 10, the two of the last week at 40, as keeping costs more."""
    problem = read({0: 100, 1: 100, 2: 2}, 3, {"holding_rate": 260.0}, **steel((0.0, 40.0), (50.0, 10.0)))
    (line,) = [line for line in why(problem) if line.kind == "dear"]
    assert (line.cause, line.first, line.quantity) == ("material", 2, pytest.approx(2.0))
    assert (line.cost, line.usual) == (pytest.approx(45.0), pytest.approx(15.0))


@pytest.mark.parametrize(("certified", "cause"), [(True, "other_maker"), (False, "only_maker")])
def test_a_dear_maker_is_told_apart_from_the_only_one_that_may(certified: bool, cause: str) -> None:
    """M makes four for X at 5, N ten for Z at 1: N has hours for ten, or no certificate for X."""
    held = [("M", "X"), ("M", "Z"), ("N", "Z"), *([("N", "X")] if certified else [])]
    problem = read(
        [{"week": 0, "quantity": 4.0}, {"week": 0, "quantity": 10.0, "market": "Z"}],
        1,
        firms=[{"firm": f, "role": "both", "owner": "O"} for f in ("M", "N")],
        markets=[{"market": m, "country": "DE"} for m in ("X", "Z")],
        lanes=[door(lane=m, destination=m) for m in ("X", "Z")],
        capabilities=[{"firm": f, "process": "press", "cost_per_hour": c} for f, c in (("M", 10.0), ("N", 2.0))],
        capacity=[
            {"firm": f, "process": "press", "hours": 5.0 if certified and f == "N" else 100.0} for f in ("M", "N")
        ],
        certificates=[{"firm": f, "sku": "P", "market": m} for f, m in held],
    )
    line = dear(problem)
    assert (line.cause, problem.firm[line.maker], line.quantity) == (cause, "M", pytest.approx(4.0))
    assert (line.cost, line.usual) == pytest.approx((5.0, 1.0))


def test_goods_go_by_a_dearer_lane_where_the_cheaper_one_is_full() -> None:
    """Six kilograms of ten go by ship and four by plane at 30, as fast: one more by ship spares 29."""
    problem = read({0: 10, 1: 3}, 2, **two_ways(30.0, space=6.0))
    line = dear(problem)
    assert (line.cause, problem.lane[line.lane].partition("@")[0], line.first) == ("space", "SEA", 0)
    assert (line.quantity, line.cost, line.usual) == pytest.approx((4.0, 30.0, 1.0))
    assert (line.unit, line.limit, line.worth) == ("kg", 6.0, pytest.approx(29.0))
    assert (line.binding_first, line.binding_last) == (0, 0)


def test_a_dear_shipment_that_sellers_share_is_told_to_each_with_its_own_units() -> None:
    """M wants seven and S three, six go by ship and four by plane: of these 2.8 are M's and 1.2 S's, at the same cost a unit."""
    problem = read(
        [{"week": 0, "quantity": 7.0}, {"week": 0, "quantity": 3.0, "seller": "S"}, {"week": 1, "quantity": 3.0}],
        2,
        firms=[{"firm": "M", "role": "both", "owner": "OM"}, {"firm": "S", "role": "seller", "owner": "OS"}],
        **two_ways(30.0, space=6.0),
    )
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT)
    prices = hour_prices(plan, EXACT)
    assert prices is not None
    found = [line for line in Explainer(plan, prices.worth, prices.limits).reasons() if line.kind == "dear"]
    assert {problem.firm[line.firm]: line.quantity for line in found} == pytest.approx({"M": 2.8, "S": 1.2})
    assert {(line.cause, line.first, line.cost, line.usual) for line in found} == {("space", 0, 30.0, 1.0)}


def test_a_full_lane_before_the_last_keeps_goods_off_the_way_of_the_others() -> None:
    """Eight a week go by a barge of a week to a hub and on from there, for 2; the other two of ten in the third week fly for 30, as the barge is full in the weeks before."""
    lanes = [
        door(lane="BARGE", destination="HUB", mode="barge", space=8.0, transit_days=7.0),
        door(origin="HUB"),
        door(lane="AIR", mode="air", tariff="plane"),
    ]
    problem = read(
        {1: 8, 2: 10},
        3,
        {"holding_rate": 1.0},
        sites=[{"site": "HUB", "kind": "hub", "storage_cost": 0.0, "handling_cost": 0.0}],
        lanes=lanes,
        tariffs=[{"tariff": name, "basis": "kg", "rate": rate} for name, rate in (("post", 1.0), ("plane", 30.0))],
    )
    line = dear(problem)
    assert (line.cause, problem.lane[line.lane].partition("@")[0]) == ("space", "BARGE")
    assert (line.quantity, line.cost) == pytest.approx((2.0, 30.0))


def test_goods_go_by_a_faster_lane_where_the_slower_one_comes_too_late() -> None:
    """The ship takes a week and has space: what is due in the first week goes by plane."""
    line = dear(read({0: 4, 1: 10}, 2, **two_ways(30.0, transit_days=7.0, space=60.0)))
    assert (line.cause, line.first, line.quantity) == ("mode", 0, 4.0)


def test_a_small_load_goes_by_a_lane_without_a_minimum() -> None:
    """Sixty go by ship for 60; three would cost the minimum of 50 there, and go by plane at 9."""
    line = dear(read({0: 60, 1: 3}, 2, **two_ways(9.0, minimum=50.0)))
    assert (line.cause, line.first, line.quantity, line.cost) == ("too_small", 1, 3.0, pytest.approx(9.0))


def test_goods_of_a_maker_with_a_dearer_way_are_no_small_load() -> None:
    """M has hours for eight of ten; the other two are N's, whose parcels cost 9 each, however many."""
    makers = [("M", 4.0, "post"), ("N", 100.0, "far")]
    problem = read(
        {0: 10},
        1,
        firms=[{"firm": f, "role": "both", "owner": "O"} for f, *_ in makers],
        capabilities=[{"firm": f, "process": "press", "cost_per_hour": 10.0} for f, *_ in makers],
        capacity=[{"firm": f, "process": "press", "hours": hours} for f, hours, _ in makers],
        lanes=[door(lane=f"from {f}", origin=f, tariff=tariff) for f, _, tariff in makers],
        tariffs=[{"tariff": name, "basis": "kg", "rate": rate} for name, rate in (("post", 1.0), ("far", 9.0))],
    )
    line = dear(problem)
    assert (line.cause, line.quantity, line.cost) == ("way", pytest.approx(2.0), pytest.approx(9.0))
