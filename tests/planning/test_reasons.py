"""Why a plan is as it is, in cases whose answer is known."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from jointplan.engine import Tables
from jointplan.planning.network import build_network
from jointplan.planning.plans import plan_coalition
from jointplan.planning.prices import LimitPrices, hour_prices
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.why import Explainer, Reason, reason_tables, undone_steps
from jointplan.schema import TABLES
from jointplan.solvers import SolveOptions
from tests.planning.cases import one_plant, random_cluster
from tests.planning.solved import START
from tests.planning.test_dividing import two_shops
from tests.planning.test_elements import Row, door, read, value, week
from tests.planning.test_game import in_other_money

EXACT = SolveOptions(seconds=60, gap=1e-6)


def why(problem: ClusterProblem) -> list[Reason]:
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    prices = hour_prices(plan, EXACT)
    assert prices is not None
    return Explainer(plan, prices.worth, prices.limits).reasons()


def plant(**more: np.ndarray) -> ClusterProblem:
    """Return a plant of one product, ten wanted in each of two weeks, an hour a unit."""
    return one_plant(np.array([[10.0, 10.0]]), np.array([1.0]), np.array([1.0]), hours=np.array([1.0]), **more)


def test_a_full_workshop_is_the_reason_for_what_it_cannot_make() -> None:
    """Eight hours a week for ten units: the workshop is full in both weeks, and two units are lost in each."""
    full, *unmet = why(plant(capacity=np.array([8.0, 8.0])))
    assert (full.kind, full.first, full.last) == ("full", 0, 1)
    assert full.worth == pytest.approx(1e5)
    (line,) = unmet
    assert (line.kind, line.cause, line.first, line.last) == ("unmet", "capacity", 0, 1)
    assert line.quantity == pytest.approx(4.0)
    assert line.worth == pytest.approx(1e5)
    assert (line.binding, line.binding_first, line.binding_last) == (0, 0, 1)


def test_a_workshop_with_overtime_left_is_not_said_to_be_full() -> None:
    """Eight regular hours and four of overtime at 3 an hour for ten units: two hours of overtime are left in both weeks.

    Where overtime costs more than the unit brings, that and no full workshop is why two units are lost.
    """
    problem = replace(
        plant(capacity=np.array([8.0, 8.0])), overtime=np.full((1, 2), 4.0), overtime_cost=np.array([3.0])
    )
    (full,) = why(problem)
    assert (full.kind, full.cause, full.first, full.last) == ("full", "overtime", 0, 1)
    assert full.worth == pytest.approx(3.0)
    full, line = why(replace(problem, goodwill=np.array([2.5])))
    assert (full.kind, full.cause, line.kind, line.cause) == ("full", "overtime", "unmet", "overtime")
    assert line.worth == pytest.approx(2.5)


def test_weeks_that_differ_keep_the_least_and_the_most_that_an_hour_is_worth() -> None:
    """Eight hours a week for ten units: of a product whose loss is 2 in the first week, of one whose loss is 3 in the second."""
    two = np.array([[10.0, 0.0], [0.0, 10.0]])
    hours, dear = np.ones(2), np.full(2, 100.0)  # nothing is kept from week to week
    problem = one_plant(two, 0 * hours, dear, hours=hours, capacity=np.array([8.0, 8.0]))
    full, *lines = why(replace(problem, goodwill=np.array([2.0, 3.0])))
    assert (full.first, full.last) == (0, 1)
    assert (full.worth_low, full.worth, full.worth_high) == pytest.approx((2.0, 2.5, 3.0))
    for line in lines:
        assert (line.cause, line.worth_low, line.worth_high) == ("capacity", pytest.approx(2.0), pytest.approx(3.0))


def test_what_cannot_arrive_in_time_is_no_fault_of_a_workshop() -> None:
    """A lane of one week: what is wanted in the first week cannot be there."""
    (line,) = why(replace(plant(), lane_weeks=np.array([1])))
    assert (line.kind, line.cause, line.first, line.last, line.worth) == ("unmet", "lead_time", 0, 0, 1.0)


@pytest.mark.parametrize("patience", [0, 4])
def test_what_could_arrive_only_after_the_plan_ends_is_given_up_for_its_way(patience: int) -> None:
    """A lane of three weeks, two weeks planned: no batch and no hour would bring anything, however long customers wait."""
    (line,) = why(replace(plant(), lane_weeks=np.array([3]), late_weeks=patience, late_cost=np.array([1.0])))
    assert (line.kind, line.cause, line.first, line.last, line.quantity) == ("unmet", "lead_time", 0, 1, 20.0)
    assert (line.worth, line.binding_first) == (3.0, -1)


@pytest.mark.parametrize(("lead", "lane"), [(1, 0), (1, 1), (9, 0)])
def test_what_must_be_learned_first_is_the_reason_for_what_is_due_before(lead: int, lane: int) -> None:
    """Pressing is learned in one week or nine: what is due in the first of two weeks planned cannot be made, or sent, before."""
    learned = {"firm": "M", "process": "press", "cost_per_hour": 10.0, "learn_cost": 1.0, "ready_weeks": float(lead)}
    (line,) = why(read({0: 10}, 2, lanes=[door(transit_days=7.0 * lane)], capabilities=[learned]))
    assert (line.kind, line.cause, line.first, line.quantity) == ("unmet", "lead_time", 0, 10.0)
    assert (line.binding_first, line.worth) == (lead, lane)


def test_steps_that_take_weeks_from_firm_to_firm_are_the_reason_for_what_is_due_before() -> None:
    """A can do the first step alone and B the second, a week later: what is due in the first week cannot be made, that in the second is."""
    problem = two_shops(np.array([10.0, 5.0]), np.ones((2, 2)), 20.0, 0.25, 1)
    problem = replace(problem, regular=problem.regular * np.array([1.0, 0.0, 0.0, 1.0])[:, None])
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT)
    (line,) = Explainer(plan, np.zeros(problem.regular.shape)).reasons()
    assert (line.kind, line.cause, line.first, line.quantity) == ("unmet", "lead_time", 0, 10.0)
    assert (line.binding_first, line.worth) == (1, 0.0)


def test_what_may_come_late_is_not_said_to_have_no_maker() -> None:
    """M rests in the first week, in which ten are due; customers wait a week, for 51 of the 50 that a unit brings.

    Late, a unit costs 5 to make, 1 to send and 51 of patience: that is why it is given up.
    """
    hours = [{"firm": "M", "process": "press", "week": week(t), "hours": 100.0 * t} for t in range(2)]
    (line,) = why(read({0: 10}, 2, {"late_share": 1.02, "late_weeks": 1}, capacity=hours))
    assert (line.kind, line.cause) == ("unmet", "not_worth")
    assert (line.cost, line.usual) == (pytest.approx(57.0), pytest.approx(50.0))


def test_a_unit_is_costed_by_the_ways_that_would_be_in_time() -> None:
    """A ship at 1 takes nine weeks, a parcel at 60 none: a unit costs 5 and 60, of the 50 that it brings."""
    ways = [door(lane="ship", mode="sea", transit_days=63.0), door(tariff="express")]
    rates = [{"tariff": name, "basis": "kg", "rate": rate} for name, rate in (("post", 1.0), ("express", 60.0))]
    (line,) = why(read({0: 10}, 2, lanes=ways, tariffs=rates))
    assert (line.kind, line.cause) == ("unmet", "not_worth")
    assert (line.cost, line.usual) == (pytest.approx(65.0), pytest.approx(50.0))


def idle(problem: ClusterProblem, *, late: bool = False) -> list[Reason]:
    """Return why nothing is made and all is given up, or waits till the end."""
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    unmet = 0 * problem.demand if late else problem.demand
    nothing = replace(plan, make=0 * plan.make, ship=0 * plan.ship, serve=0 * plan.serve, unmet=unmet, buy=None)
    return Explainer(nothing, np.zeros(problem.regular.shape)).reasons()


def test_a_setup_dearer_than_the_loss_is_the_reason() -> None:
    """A lot costs 50, the ten units of a week 20, and the next ten, kept a week, spare 10 more: nothing is made for the setup's sake."""
    problem = replace(plant(), setup_cost=np.full((1, 2), 50.0), goodwill=np.array([2.0]))
    (line,) = why(problem)
    assert (line.kind, line.cause, line.first, line.last, line.quantity) == ("unmet", "setup", 0, 1, 20.0)
    assert (line.cost, line.usual) == (pytest.approx(50.0), pytest.approx(30.0))


@pytest.mark.parametrize(("setup", "cause"), [(15.0, "gap"), (29.5, "gap"), (30.5, "setup")])
def test_a_batch_that_would_gain_more_than_it_costs_is_not_missing_for_its_setup(setup: float, cause: str) -> None:
    """Nothing is made though a batch for both weeks spares 30: a setup of less does not explain it, what the plan lacks does."""
    (line,) = idle(replace(plant(), setup_cost=np.full((1, 2), setup), goodwill=np.array([2.0])))
    assert (line.kind, line.cause, line.first, line.last) == ("unmet", cause, 0, 1)
    assert (line.cost, line.usual) == (pytest.approx(setup), pytest.approx(30.0))


@pytest.mark.parametrize(("setup", "cause"), [(44.0, "gap"), (46.0, "setup")])
def test_a_queue_is_told_once_and_weighed_as_long_as_it_lasts(setup: float, cause: str) -> None:
    """Ten wait two weeks at 2, five more one week: a batch for the first week spares 50 less 5 for keeping the five.

    Counted week by week it would spare 20, or 30, and seem not to pay.
    """
    one = replace(plant(), demand=np.array([[10.0, 5.0]]), setup_cost=np.full((1, 2), setup), late_weeks=4)
    (line,) = idle(replace(one, late_cost=np.array([2.0])), late=True)
    assert (line.kind, line.cause, line.first, line.last) == ("late", cause, 0, 1)
    assert (line.quantity, line.waited) == (15.0, 25.0)
    assert (line.cost, line.usual) == (pytest.approx(setup), pytest.approx(45.0))


@pytest.mark.parametrize(("setup", "cause"), [(35.0, "gap"), (45.0, "setup")])
def test_a_missing_batch_is_weighed_against_all_lines_that_wait_for_it(setup: float, cause: str) -> None:
    """Two lines of ten lose 20 each in one week: a batch for both pays up to 40, whichever line is told."""
    series = ("series_product", "series_market", "series_seller", "demand", "price", "late_cost", "goodwill")
    one = replace(plant(), demand=np.array([[10.0, 0.0]]), setup_cost=np.full((1, 2), setup), goodwill=np.array([2.0]))
    problem = replace(one, **{name: np.repeat(getattr(one, name), 2, axis=0) for name in series})
    lines = idle(problem)
    assert [(line.cause, line.quantity) for line in lines] == [(cause, 10.0)] * 2
    for line in lines:
        assert (line.cost, line.usual) == (pytest.approx(setup), pytest.approx(40.0))


def test_lines_that_one_batch_could_serve_have_one_number_whatever_week_suits_each() -> None:
    """Goods that are dear to keep are best made in the week in which they are due: two lines, two weeks, one number."""
    series = ("series_product", "series_market", "series_seller", "price", "late_cost", "goodwill")
    one = replace(plant(), setup_cost=np.full((1, 2), 50.0), goodwill=np.array([2.0]), holding=np.array([5.0]))
    problem = replace(
        one,
        demand=np.array([[10.0, 0.0], [0.0, 12.0]]),
        **{name: np.repeat(getattr(one, name), 2, axis=0) for name in series},
    )
    lines = idle(problem)
    assert [(line.cause, line.first, line.binding_first) for line in lines] == [("setup", 0, 0), ("setup", 1, 1)]
    assert lines[0].group == lines[1].group >= 0


def test_a_unit_that_costs_more_than_it_brings_is_not_made() -> None:
    """Material of 5 for a unit whose loss is 2."""
    problem = replace(plant(), route_material=np.array([5.0]), goodwill=np.array([2.0]))
    (line,) = why(problem)
    assert (line.cause, line.cost, line.usual) == ("not_worth", 5.0, 2.0)


def steel(*breaks: tuple[float, float], **more: float) -> dict[str, list[Row]]:
    """Return tables in which a unit of P takes one of steel, at these prices from these quantities on."""
    source = {"material": "steel", "supplier": "mill", "lead_days": 0.0} | more
    return {
        "materials": [{"sku": "P", "material": "steel", "quantity": 1.0}],
        "sources": [source | {"from_quantity": low, "cost": cost} for low, cost in breaks],
    }


def test_material_is_priced_as_it_would_be_bought() -> None:
    """Steel is 30 from a hundred units on, and 46 for the ten that are wanted: a unit costs 5, 46 and 1 of the 50 that it brings.

    In packs of forty, forty times 20 is paid for ten: 80 a unit.
    """
    (line,) = why(read({0: 10}, 1, **steel((0.0, 46.0), (100.0, 30.0))))
    assert (line.kind, line.cause) == ("unmet", "not_worth")
    assert (line.cost, line.usual) == (pytest.approx(52.0), pytest.approx(50.0))
    (line,) = why(read({0: 10}, 1, **steel((0.0, 20.0), multiple=40.0)))
    assert (line.cause, line.cost) == ("not_worth", pytest.approx(86.0))


def test_one_unit_more_costs_material_at_the_price_that_the_plan_buys_at() -> None:
    """X pays 50 for what costs 46, steel at 40 in it; Y pays 40, and ten more units would not reach the price of 20 for a hundred."""
    wanted: list[Row] = [{"week": 0, "quantity": 10.0}, {"week": 0, "quantity": 10.0, "market": "Y", "price": 40.0}]
    markets = [{"market": name, "country": "DE"} for name in ("X", "Y")]
    lanes = [door(), door(lane="other", destination="Y")]
    (line,) = why(read(wanted, 1, markets=markets, lanes=lanes, **steel((0.0, 40.0), (100.0, 20.0))))
    assert (line.cause, line.quantity) == ("not_worth", pytest.approx(10.0))
    assert (line.cost, line.usual) == (pytest.approx(46.0), pytest.approx(40.0))


def test_a_missing_batch_is_weighed_with_material_for_all_whom_it_would_serve() -> None:
    """Steel is 46, and 30 from twenty units on: a batch for both markets, of ten each, spares 14 a unit, for a setup of 100."""
    wanted: list[Row] = [{"week": 0, "quantity": 10.0, "market": name} for name in ("X", "Y")]
    places: dict[str, list[Row]] = {
        "markets": [{"market": name, "country": "DE"} for name in ("X", "Y")],
        "lanes": [door(), door(lane="other", destination="Y")],
    }
    press = {"firm": "M", "process": "press", "cost_per_hour": 10.0, "major_setup_cost": 100.0}
    lines = idle(read(wanted, 1, capabilities=[press], **places, **steel((0.0, 46.0), (20.0, 30.0))))
    assert [(line.cause, line.quantity) for line in lines] == [("gap", 10.0)] * 2
    for line in lines:
        assert (line.cost, line.usual) == (pytest.approx(100.0), pytest.approx(280.0))


def test_material_that_is_cheaper_later_is_told_as_that() -> None:
    """Sixty units wait a week for steel at 10 instead of 40, as a week's delay costs 1: no other maker is cheaper, there is none."""
    late = {"late_share": 0.02, "late_weeks": 2, "goodwill_share": 1.0}
    (line,) = why(read({0: 60}, 2, late, **steel((0.0, 40.0), (50.0, 10.0), lead_days=7.0)))
    assert (line.kind, line.cause, line.quantity) == ("late", "material", pytest.approx(60.0))
    assert (line.cost, line.usual) == (pytest.approx(30.0), pytest.approx(1.0))


def test_a_lot_whose_material_is_bought_in_a_small_order_is_dear() -> None:
    """A hundred units a week take steel at 10, the two of the last week at 40, as keeping costs more."""
    problem = read({0: 100, 1: 100, 2: 2}, 3, {"holding_rate": 260.0}, **steel((0.0, 40.0), (50.0, 10.0)))
    (line,) = [line for line in why(problem) if line.kind == "dear"]
    assert (line.cause, line.first, line.quantity) == ("material", 2, pytest.approx(2.0))
    assert (line.cost, line.usual) == (pytest.approx(45.0), pytest.approx(15.0))


def test_a_product_nobody_makes_has_no_maker() -> None:
    """Without a route the line has no other reason."""
    problem = plant()
    none = np.empty(0, dtype=np.int64)
    nobody = replace(
        problem,
        **dict.fromkeys(("route_product", "route_firm", "route_group", "use_route", "use_resource"), none),
        **{
            name: np.empty(0)
            for name in ("route_making", "route_material", "route_transfer", "route_batch", "use_hours", "use_setup")
        },
        setup_cost=np.zeros((0, 2)),
    )
    assert {(line.kind, line.cause) for line in why(nobody)} == {("unmet", "no_maker")}


@pytest.mark.parametrize("dear", [True, False])
def test_who_could_make_it_in_time_may_be_dearer_than_the_delay(dear: bool) -> None:
    """N makes at 1 from the second week on, M at 5, or at 1.5, from the first; a week's delay of a unit costs 1, and parcels cost the same in any week."""
    problem = read(
        {0: 10},
        2,
        {"late_share": 0.02, "late_weeks": 2, "goodwill_share": 1.0},
        firms=[{"firm": f, "role": "both", "owner": "O"} for f in ("M", "N")],
        capabilities=[
            {"firm": f, "process": "press", "cost_per_hour": c} for f, c in (("M", 10.0 if dear else 3.0), ("N", 2.0))
        ],
        capacity=[
            {"firm": "M", "process": "press", "hours": 100.0},
            *({"firm": "N", "process": "press", "week": week(t), "hours": 100.0 * t} for t in range(2)),
        ],
    )
    lines = [line for line in why(problem) if line.kind == "late"]
    if not dear:
        assert lines == []
        return
    (line,) = lines
    assert (line.cause, line.maker, line.quantity, line.waited) == ("other_maker", problem.firm.index("M"), 10.0, 10.0)
    assert (line.cost, line.usual) == (pytest.approx(4.0), pytest.approx(1.0))


def test_what_waits_longer_than_its_way_has_another_cause() -> None:
    """A lane of a week makes what is due at once a week late; a workshop of ten hours a week makes half of twenty another week late, for want of hours."""
    wanted = np.array([[20.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    one = one_plant(wanted, np.array([1.0]), np.array([1.0]), hours=np.array([1.0]), capacity=np.full(6, 20.0))
    problem = replace(one, lane_weeks=np.array([1]), late_cost=np.array([2.0]), late_weeks=9)
    (line,) = (line for line in why(problem) if line.kind == "late")
    assert (line.kind, line.cause, line.first, line.quantity, line.waited) == ("late", "lead_time", 0, 20.0, 20.0)
    (line,) = (line for line in why(replace(problem, regular=np.full((1, 6), 5.0))) if line.kind == "late")
    assert (line.kind, line.cause, line.first, line.quantity, line.waited) == ("late", "capacity", 0, 20.0, 50.0)


def test_a_small_lot_among_large_ones_is_dear() -> None:
    """Setups of 100 for 100 units, and once for 2: the small lot's unit costs fifty times as much in setup."""
    demand = np.array([[100.0, 100.0, 2.0]])
    problem = one_plant(demand, np.array([100.0]), np.array([1000.0]))
    problem = replace(problem, route_material=np.array([1.0]))
    (line,) = why(problem)
    assert (line.kind, line.cause, line.first) == ("dear", "small_lot", 2)
    assert (line.cost, line.usual) == (pytest.approx(51.0), pytest.approx(2.0))


def test_waiting_for_a_cheaper_way_is_told_with_what_it_spares() -> None:
    """Made in the first week alone, a unit waits a week for the ship at 1, as the parcel at 9 costs more than the 3 lost."""
    problem = plant()
    slow = replace(
        problem,
        demand=np.array([[10.0, 0.0]]),
        lane=("parcel", "ship"),
        lane_origin=np.array([0, 0]),
        lane_node=np.array([-1, -1]),
        lane_market=np.array([0, 0]),
        lane_weeks=np.array([0, 1]),
        lane_mode=("parcel", "sea"),
        unit_freight=np.array([[9.0], [1.0]]),
        basis=np.zeros((2, 1)),
        late_weeks=1,
        late_cost=np.array([3.0]),
    )
    (line,) = why(slow)
    assert (line.kind, line.cause, line.first) == ("late", "freight", 0)
    assert (line.cost, line.usual) == (pytest.approx(8.0), pytest.approx(3.0))


def test_what_waits_free_of_charge_for_a_full_workshop_is_not_told_dear_ways() -> None:
    """Eight hours for ten units, and twelve the week after: two wait, which costs nothing, so that no hour has a price."""
    problem = plant(capacity=np.array([8.0, 12.0]))
    late = [line for line in why(replace(problem, late_weeks=1, late_cost=np.zeros(1))) if line.kind == "late"]
    assert [(line.cause, line.first, line.quantity) for line in late] == [("capacity", 0, pytest.approx(2.0))]
    assert (late[0].binding, late[0].binding_first, late[0].binding_last, late[0].worth) == (0, 0, 1, None)


def test_what_waits_free_of_charge_for_nothing_is_told_so() -> None:
    """There are hours and a way in time; five of ten delivered a week later all the same wait because that costs nothing."""
    problem = replace(plant(capacity=np.array([30.0, 30.0])), late_weeks=1, late_cost=np.zeros(1))
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    later = np.array([[5.0, 15.0]])
    plan = replace(plan, make=later, ship=later, serve=later)
    assert not plan.violations()
    causes = {line.cause for line in Explainer(plan, np.zeros((1, 2))).reasons() if line.kind == "late"}
    assert causes == {"waits_free"}


@pytest.mark.parametrize("seed", [0, 1])
def test_every_late_and_unmet_unit_has_a_reason(seed: int) -> None:
    """What the plan gives up or is late with is what is explained, each unit once, and every full workshop is told."""
    problem = random_cluster(seed, makers=2, sellers=2, products=2, weeks=4, tight=0.7)
    base = plan_coalition(problem, separate_rights(problem), EXACT)
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT, separate=base)
    prices = hour_prices(plan, EXACT)
    assert prices is not None
    reasons = Explainer(plan, prices.worth).reasons()
    unmet = sum(reason.quantity for reason in reasons if reason.kind == "unmet")
    assert unmet == pytest.approx(plan.unmet[plan.unmet >= 0.5].sum())
    late = [reason for reason in reasons if reason.kind == "late"]
    # Who waits is served in turn: those late in a week who were not late before were due in it.
    due = np.minimum(plan.owed, problem.demand)
    assert sum(reason.quantity for reason in late) == pytest.approx(due[due >= 0.5].sum())
    assert sum(reason.waited for reason in late) == pytest.approx(plan.owed.sum(), abs=due[due < 0.5].sum() * 4 + 1e-6)
    used = plan.run_hours + plan.setup_hours
    full_rows = [r for r in reasons if r.kind == "full" and r.cause == "capacity"]
    full = used >= 0.999 * (problem.regular + problem.overtime)
    assert sum(r.last - r.first + 1 for r in full_rows) == int(full.sum())


@pytest.mark.parametrize(("weeks", "told"), [(2, []), (3, [(0, 2, 1.2)])])
def test_weeks_with_less_than_half_a_unit_are_told_together_where_they_add_up(
    weeks: int, told: list[tuple[int, int, float]]
) -> None:
    """Of ten wanted a week .4 cannot be made: nothing to speak of in two weeks, in three more than a unit, for want of hours."""
    problem = one_plant(
        np.full((1, weeks), 10.0), np.array([1.0]), np.array([1.0]), hours=np.array([1.0]), capacity=np.full(weeks, 9.6)
    )
    lines = [line for line in why(problem) if line.kind == "unmet"]
    assert [(line.first, line.last, pytest.approx(line.quantity)) for line in lines] == told
    assert all((line.cause, line.worth) == ("capacity", pytest.approx(1e5)) for line in lines)


def test_small_delays_of_a_line_are_told_as_one() -> None:
    """Ten can be made of 10.4 and 9.6 in turn: .4 of every other week waits a week, of three such weeks that is told once."""
    problem = one_plant(
        np.array([[10.4, 9.6, 10.4, 9.6, 10.4, 9.6]]), np.array([1.0]), np.array([1.0]), hours=np.array([1.0]), capacity=np.full(6, 10.0)
    )  # fmt: skip
    (line,) = (line for line in why(replace(problem, late_weeks=2, late_cost=np.array([2.0]))) if line.kind == "late")
    assert (line.cause, line.first, line.last) == ("capacity", 0, 4)
    assert (line.quantity, line.waited) == pytest.approx((1.2, 1.2))


def through(**hub: float) -> dict[str, list[Row]]:
    """Return tables in which goods go through a hub: 1 a kilogram there, and 1 from there to X."""
    return {
        "sites": [{"site": "HUB", "kind": "hub", "storage_cost": 0.0, "handling_cost": 0.0} | hub],
        "lanes": [door(lane="road", destination="HUB"), door(origin="HUB")],
    }


def test_a_place_that_takes_in_no_more_is_the_reason() -> None:
    """Six of ten units pass the hub: a unit more, a hundredth of a m³, earns 50 less 5 for making and 2 for its way."""
    problem = read({0: 10}, 1, **through(throughput=0.06))
    full, line = why(problem)
    assert (full.kind, full.cause, problem.node[full.place]) == ("full", "throughput", "HUB")
    assert (line.kind, line.cause, line.quantity, line.place) == ("unmet", "throughput", pytest.approx(4.0), full.place)
    assert (line.unit, line.limit, line.needed) == ("m3", 0.06, 0.01)
    assert (line.binding_first, line.binding_last) == (0, 0)
    more = value(read({0: 10}, 1, **through(throughput=0.07))) - value(problem)
    assert line.worth == pytest.approx(more / 0.01) == pytest.approx(4300.0)


def test_a_place_without_room_is_the_reason() -> None:
    """Ten are wanted in the second week, six pass the hub in a week and two find room there overnight: two are given up for want of either."""
    problem = read({1: 10}, 2, **through(throughput=0.06, capacity=0.02))
    *full, line = why(problem)
    assert {(one.cause, one.first, one.last) for one in full} == {("room", 0, 0), ("throughput", 1, 1)}
    assert all(one.worth == pytest.approx(4300.0) for one in full)
    assert (line.quantity, line.worth) == (pytest.approx(2.0), pytest.approx(4300.0))
    assert line.cause in ("room", "throughput")


@pytest.mark.parametrize("rate", [1e-9, 1e-5, 1e9])
@pytest.mark.parametrize("case", ["throughput", "room", "space", "waits free", "random"])
def test_reasons_are_the_same_in_any_currency(case: str, rate: float) -> None:
    """What binds is what bound, and what it is worth is the same amount of money."""
    problem = {
        "throughput": lambda: read({0: 10}, 1, **through(throughput=0.06)),
        "room": lambda: read({1: 10}, 2, **through(throughput=0.06, capacity=0.02)),
        "space": lambda: read({0: 10}, 1, lanes=[door(space=6.0)]),
        "waits free": lambda: replace(plant(capacity=np.array([30.0, 30.0])), late_weeks=1, late_cost=np.array([2e-6])),
        "random": lambda: random_cluster(0, makers=2, sellers=2, products=2, weeks=4, tight=0.7),
    }[case]()
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    if case == "waits free":
        later = np.array([[5.0, 15.0]])
        plan = replace(plan, make=later, ship=later, serve=later)
    prices = hour_prices(plan, EXACT)
    assert prices is not None
    found = Explainer(plan, prices.worth, prices.limits).reasons()
    exchanged = in_other_money(problem, rate)
    same = replace(plan, problem=exchanged, network=build_network(exchanged, plan.rights))
    limits = LimitPrices(*(rate * getattr(prices.limits, name) for name in ("room", "intake", "space")))
    told = Explainer(same, rate * prices.worth, limits).reasons()
    assert found
    assert [(one.kind, one.cause, one.first, one.last) for one in told] == [
        (one.kind, one.cause, one.first, one.last) for one in found
    ]
    for one, other in zip(told, found, strict=True):
        assert one.cost == (None if other.cost is None else pytest.approx(rate * other.cost))


def test_a_lane_without_space_is_the_reason() -> None:
    """Six kilograms of ten leave on the only lane; a kilogram more earns 44."""
    full, line = why(read({0: 10}, 1, lanes=[door(space=6.0)]))
    assert (full.kind, full.cause, full.unit, full.worth) == ("full", "space", "kg", pytest.approx(44.0))
    assert (line.cause, line.lane, line.limit, line.worth) == ("space", full.lane, 6.0, pytest.approx(44.0))


@pytest.mark.parametrize(("limits", "unit", "limit"), [((100.0, 0.005), "m3", 0.005), ((0.5, 1.0), "kg", 0.5)])
def test_a_container_too_small_for_a_unit_is_the_reason(limits: tuple[float, float], unit: str, limit: float) -> None:
    """A lane leads there, but its container takes half a unit by volume, or by weight."""
    box = {"tariff": "post", "basis": "container", "rate": 1.0, "container_kg": limits[0], "container_m3": limits[1]}
    problem = read({0: 10}, 1, lanes=[door(mode="sea")], tariffs=[box])
    (line,) = why(problem)
    assert (line.kind, line.cause, line.unit, line.limit) == ("unmet", "container", unit, limit)
    assert line.needed == {"m3": 0.01, "kg": 1.0}[unit]
    assert problem.lane[line.lane].startswith("door")


def test_a_certificate_or_a_partner_refused_is_the_reason() -> None:
    """Of two that can make it, M has no certificate for X, and N, which has one, does no jobs for M's owner."""
    problem = read(
        {0: 10},
        1,
        firms=[{"firm": "M", "role": "both", "owner": "OM"}, {"firm": "N", "role": "maker", "owner": "ON"}],
        capabilities=[{"firm": f, "process": "press", "cost_per_hour": 10.0} for f in ("M", "N")],
        capacity=[{"firm": f, "process": "press", "hours": 100.0} for f in ("M", "N")],
        certificates=[{"firm": "N", "sku": "P", "market": "X"}],
        terms=[{"owner": "OM", "term": "refuse", "partner": "ON"}],
    )
    plan = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT)
    (line,) = Explainer(plan, np.zeros(problem.regular.shape)).reasons()
    assert (line.kind, line.cause) == ("unmet", "barred")
    first, second = line.barriers
    assert (problem.firm[first.firm], first.cause) == ("M", "certificate")
    assert (problem.firm[second.firm], second.cause) == ("N", "refused")
    assert {problem.owner[second.one], problem.owner[second.other]} == {"OM", "ON"}
    prices = hour_prices(plan, EXACT)
    assert prices is not None
    (row,) = reason_tables(plan, "joint", prices, START, {})["reasons"].to_pylist()
    assert json.loads(row["barred"]) == [["M", "certificate"], ["N", "refused", "OM", "ON"]]


def test_a_certificate_that_runs_out_is_the_reason() -> None:
    """M works in the third week alone; its certificate covers the two before."""
    hours = [{"firm": "M", "process": "press", "week": week(t), "hours": 100.0 * (t == 2)} for t in range(3)]
    held = [{"firm": "M", "sku": "P", "market": "X", "expiry": week(2)}]
    (line,) = why(read({2: 10}, 3, capacity=hours, certificates=held))
    assert (line.cause, line.binding_first, line.binding_last) == ("certificate", 2, 2)


def test_a_step_that_nobody_can_do_is_named() -> None:
    """Pressing and painting are wanted, and nobody paints; a row of the family or of all products would speak for it."""
    names = ("operations", "capabilities", "products")
    steps = [
        {"family": "f", "step": n, "process": process, "hours": 0.5} for n, process in enumerate(("press", "paint"), 1)
    ]
    blank = {name: {column.name: column.default for column in TABLES[name].columns} for name in names}
    product = {"sku": "P", "family": "f", "maker": "M"}

    def undone(*able: Row) -> dict[str, str]:
        rows = dict(zip(names, (steps, [{"firm": "M"} | row for row in able], [product]), strict=True))
        found = {
            name: pa.Table.from_pylist([blank[name] | row for row in rows[name]], schema=TABLES[name].arrow)
            for name in names
        }
        return undone_steps(Tables(found))

    assert undone({"process": "press"}) == {"P": "paint"}
    assert undone({"process": "press"}, {"process": "paint", "family": "g"}) == {"P": "paint"}
    assert undone({"process": "press"}, {"process": "paint", "family": "f"}) == {}
    assert undone({"process": "press"}, {"process": "paint"}) == {}

    problem = read({0: 10}, 1, operations=steps)
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    (line,) = Explainer(plan, np.zeros(problem.regular.shape), undone={"P": "paint"}).reasons()
    assert (line.cause, line.step) == ("no_process", "paint")


def test_a_plan_proven_best_lacks_no_batch() -> None:
    """A batch counted to gain more than the plan may lack at all takes as much from others: it is not said that one might pay."""
    problem = replace(plant(), setup_cost=np.full((1, 2), 15.0), goodwill=np.array([2.0]))
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    nothing = replace(plan, make=0 * plan.make, ship=0 * plan.ship, serve=0 * plan.serve, unmet=problem.demand)
    proven = replace(nothing, report=replace(plan.report, bound=nothing.cost()))
    (line,) = Explainer(proven, np.zeros(problem.regular.shape)).reasons()
    assert (line.kind, line.cause) == ("unmet", "displaced")


def two_ways(air: float, minimum: float = 0.0, **sea: float) -> dict[str, list[Row]]:
    """Return tables with a ship at 1 a kilogram and a plane at ``air``, both in no time if nothing else is said."""
    rates = [("ship", 1.0, minimum), ("plane", air, 0.0)]
    return {
        "lanes": [door(lane="SEA", mode="sea", tariff="ship") | sea, door(lane="AIR", mode="air", tariff="plane")],
        "tariffs": [{"tariff": name, "basis": "kg", "rate": rate, "minimum": least} for name, rate, least in rates],
    }


def dear(problem: ClusterProblem) -> Reason:
    """Return the one line that is dear."""
    (line,) = (line for line in why(problem) if line.kind == "dear")
    return line


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


@pytest.mark.parametrize("cause", ["unmet", "late"])
def test_a_full_lane_is_the_reason_though_a_dearer_one_has_space(cause: str) -> None:
    """Six of ten go by ship; by plane a unit costs 80, more than the 50 that it brings, or than the week of waiting at 1: more space is what lacks."""
    patience = {"late_share": 0.02, "late_weeks": 1, "goodwill_share": 1.0} if cause == "late" else None
    problem = read({0: 10}, 2, patience, **two_ways(120.0, space=6.0))
    (line,) = (line for line in why(problem) if line.kind == cause)
    assert (line.cause, problem.lane[line.lane].partition("@")[0]) == ("space", "SEA")
    assert (line.quantity, line.worth) == (pytest.approx(4.0), pytest.approx(44.0 if cause == "unmet" else 1.0))


def test_a_maker_dearer_than_the_delay_is_the_reason_whatever_its_setup() -> None:
    """N makes at 1 from the second week on, M at 5 and a setup of 5 from the first: ten wait a week at 1, and even a free batch would cost them 4 each."""
    problem = read(
        {0: 10},
        2,
        {"late_share": 0.02, "late_weeks": 2, "goodwill_share": 1.0},
        firms=[{"firm": f, "role": "both", "owner": "O"} for f in ("M", "N")],
        capabilities=[
            {"firm": "M", "process": "press", "cost_per_hour": 10.0, "major_setup_cost": 5.0},
            {"firm": "N", "process": "press", "cost_per_hour": 2.0},
        ],
        capacity=[
            {"firm": "M", "process": "press", "hours": 100.0},
            *({"firm": "N", "process": "press", "week": week(t), "hours": 100.0 * t} for t in range(2)),
        ],
    )
    (line,) = (line for line in why(problem) if line.kind == "late")
    assert (line.cause, line.cost, line.usual) == ("other_maker", pytest.approx(4.0), pytest.approx(1.0))


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
