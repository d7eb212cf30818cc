"""Orders that cost something under lost sales agree with exact chains, with a simulation event by event, and with the economic lot."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import poisson

from jointplan.inventory.base_stock import best_level
from jointplan.inventory.lost_orders import best_lost_reorder, lost_reorder_costs
from jointplan.inventory.lost_stock import LostStock
from jointplan.inventory.replenishment import Replenishment
from jointplan.inventory.targets import Policy, choose_target

MEAN, HOLDING, SHORTAGE, FIXED = 2.0, 1.0, 9.0, 8.0
REVIEWED = Replenishment(lead=1.0, spread=0.0, review=1.0, holding=HOLDING, shortage=SHORTAGE, lost=True)


def exact_cost(point: int, level: int) -> float:
    """Return the cost a week of (s, S) with Poisson demand, by the stationary distribution of what is on hand and due.

    A week: what is due arrives, demand is met or lost, and the order of the week's end arrives at the start of the week after next.
    """
    chances = poisson.pmf(np.arange(level + 1), MEAN)
    chances[-1] = poisson.sf(level - 1, MEAN)
    beyond = MEAN - float(np.arange(level + 1) @ chances)
    states, rows = {(level, 0, 0): 0}, []
    todo = [(level, 0, 0)]
    while todo:
        stock, now, later = todo.pop()
        there, cost, moves = stock + now, 0.0, []
        for demand, chance in enumerate(chances):
            left = max(there - demand, 0)
            position = left + later
            order = level - position if position <= point else 0
            lost = max(demand - there, 0) + (beyond / chance if demand == level else 0.0)
            cost += chance * (HOLDING * left + SHORTAGE * lost + FIXED * (order > 0))
            after = (left, later, order)
            if after not in states:
                states[after] = len(states)
                todo.append(after)
            moves.append((states[after], chance))
        rows.append((states[stock, now, later], cost, moves))
    change, costs = np.zeros((len(states), len(states))), np.zeros(len(states))
    for row, cost, moves in rows:
        costs[row] = cost
        for to, chance in moves:
            change[row, to] += chance
    balance = np.vstack([change.T - np.eye(len(states)), np.ones(len(states))])
    share = np.linalg.lstsq(balance, np.r_[np.zeros(len(states)), 1.0], rcond=None)[0]
    return float(share @ costs)


def poisson_weeks(seed: int, samples: int, weeks: int, mean: float = MEAN) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean, (samples, weeks)).astype(float)


@pytest.mark.parametrize(("point", "level"), [(3, 9), (5, 8), (2, 12), (6, 7)])
def test_reviewed_policies_cost_what_their_chain_says(point: int, level: int) -> None:
    """The simulated cost of (s, S) is that of the exact Markov chain, orders overlapping or not."""
    made = LostStock.of(poisson_weeks(1, 20_000, 24), REVIEWED).at(float(level), point=float(point), order_cost=FIXED)
    assert made.cost == pytest.approx(exact_cost(point, level), rel=0.02)


def test_the_reviewed_policy_found_is_the_best_of_all() -> None:
    """Its exact cost is within 1.5 % of the least among all (s, S) around."""
    found = choose_target(
        poisson_weeks(2, 4_000, 24), REVIEWED, order_cost=FIXED, rng=np.random.default_rng(1)
    )  # fmt: skip
    assert found.policy is Policy.ORDER_UP_TO
    point, level = int(found.reorder_point), int(found.order_up_to)
    least = min(exact_cost(s, s + size) for s, size in product(range(2, 7), range(3, 9)))
    assert exact_cost(point, level) <= 1.015 * least
    assert found.cost == pytest.approx(exact_cost(point, level), rel=0.03)


def counted_cost(
    point: int, quantity: int, lead: float, demands: int, seed: int, shortage: float = SHORTAGE, fixed: float = FIXED
) -> float:
    """Return the cost a week of (r, Q), customer by customer: each comes after an exponential time and takes a unit or leaves."""
    rng = np.random.default_rng(seed)
    gaps = rng.exponential(1 / MEAN, demands)
    time, stock, due, cost = 0.0, point + quantity, np.inf, 0.0
    for gap in gaps:
        end = time + gap
        if due <= end:
            cost += HOLDING * stock * (due - time)
            time, stock, due = due, stock + quantity, np.inf
        cost += HOLDING * stock * (end - time)
        time = end
        if stock == 0:
            cost += shortage
            continue
        stock -= 1
        if stock == point:
            assert due == np.inf
            due, cost = time + lead, cost + fixed
    return cost / time


# The weeks of the paths are tenths of the lead time, so that units within it are seen one by one.
FINE = Replenishment(lead=20.0, spread=0.0, review=0.0, holding=HOLDING / 10, shortage=SHORTAGE, lost=True)


@pytest.mark.parametrize(("point", "quantity"), [(3, 6), (0, 4), (5, 9)])
def test_watched_policies_cost_what_is_counted(point: int, quantity: int) -> None:
    """(r, Q) of Poisson demand costs what a simulation customer by customer counts over 200,000 of them."""
    paths = poisson_weeks(3, 40_000, 20, MEAN / 10)
    made = lost_reorder_costs(
        paths,
        FINE,
        np.array([float(point)]),
        np.array([float(quantity)]),
        order_cost=FIXED,
        rng=np.random.default_rng(1),
    )
    assert 10 * made[0, 0] == pytest.approx(counted_cost(point, quantity, 2.0, 200_000, 4), rel=0.015)


def test_without_lead_time_it_is_the_economic_lot() -> None:
    """Nothing is lost; Q units fall one by one: Kλ/Q + h(Q + 1)/2, least at the economic lot of √(2Kλ/h)."""
    terms = Replenishment(lead=0.0, spread=0.0, review=0.0, holding=0.5, shortage=9.0, lost=True)
    best = best_lost_reorder(np.full((50, 4), 4.0), terms, order_cost=16.0, rng=np.random.default_rng(1))
    assert (best.policy.reorder_point, best.policy.order_up_to) == (0.0, 16.0)
    assert best.policy.cost == pytest.approx(16 * 4 / 16 + 0.5 * 17 / 2)
    assert best.fill == 1.0


def test_the_watched_policy_found_is_the_best_of_all() -> None:
    """No other (r, Q) with one order on the way is cheaper, and a second order never would be."""
    paths, rng = poisson_weeks(5, 4_000, 20, MEAN / 10), np.random.default_rng(1)
    best = best_lost_reorder(paths, FINE, order_cost=FIXED, rng=rng).policy
    points, quantities = np.arange(0.0, 16.0), np.arange(1.0, 60.0)
    costs = lost_reorder_costs(paths, FINE, points, quantities, order_cost=FIXED, rng=rng)
    assert best.cost == pytest.approx(costs.min())
    assert best.order_quantity > best.reorder_point
    assert np.isinf(costs[5, :5]).all()


@pytest.mark.parametrize("review", [0.0, 1.0])
def test_orders_that_never_pay_are_not_made(review: float) -> None:
    """Dearer orders are made less often, until to lose every sale is cheapest; a small cost ends near the base stock."""
    terms = Replenishment(lead=1.0, spread=0.0, review=review, holding=HOLDING, shortage=SHORTAGE, lost=True)
    paths = poisson_weeks(6, 400, 24)
    made = [
        choose_target(paths, terms, order_cost=cost, rng=np.random.default_rng(1)) for cost in (0.5, 8.0, 40.0, 1e4)
    ]
    sizes = [target.order_up_to - target.reorder_point for target in made[:3]]
    assert sizes == sorted(sizes)
    assert [target.cost for target in made] == sorted(target.cost for target in made)
    assert (made[3].order_up_to, made[3].fill) == (0.0, 0.0)
    assert made[3].cost == pytest.approx(SHORTAGE * paths.mean())
    if review:
        free = best_level(paths, terms, np.random.default_rng(1))
        assert free.cost <= made[0].cost <= free.cost + 0.5


@pytest.mark.parametrize("review", [0.0, 1.0])
@pytest.mark.parametrize("order_cost", [0.0, 8.0, 400.0])
def test_a_wanted_service_is_kept_and_no_more(review: float, order_cost: float) -> None:
    """However dear orders are, stock lasts with the chance wanted, on demand not seen before as well; a lower point would not reach it."""
    terms = Replenishment(
        lead=1.0, spread=0.0, review=review, holding=HOLDING, shortage=1.0, lost=True, service=0.95
    )  # fmt: skip
    paths = poisson_weeks(8, 1_000, 24, 6.0)
    made = choose_target(paths, terms, order_cost=order_cost, rng=np.random.default_rng(1))
    assert made.service >= 0.95
    if order_cost and not review:
        # Demand over the lead time of a week is Poisson: of Q + E(D − r)⁺ units wanted in a cycle Q are served.
        point, size = made.reorder_point, made.order_up_to - made.reorder_point
        wanted = np.arange(100)
        lost = [float(poisson.pmf(wanted, 6.0) @ np.maximum(wanted - r, 0.0)) for r in (point, point - 1)]
        assert size / (size + lost[0]) == pytest.approx(made.service, abs=0.005)
        assert size / (size + lost[1]) < 0.95
        return
    fresh = poisson_weeks(9, 4_000, 24, 6.0)
    point = made.reorder_point if order_cost else None
    reached = LostStock.of(fresh, terms).at(made.order_up_to, point=point).service
    assert reached == pytest.approx(made.service, abs=0.01)
    lower = LostStock.of(paths, terms).at(made.order_up_to - 1, point=None if point is None else point - 1).service
    assert lower < 0.95


@pytest.mark.parametrize("lead", [0.5, 4.0])
def test_a_stock_that_is_watched_does_not_jump_as_orders_begin_to_cost(lead: float) -> None:
    """An order cost of a cent changes the level by a unit at most and the cost by a percent, with a lead time above the economic lot as well."""
    terms = Replenishment(lead=lead, spread=0.0, review=0.0, holding=HOLDING, shortage=SHORTAGE, lost=True)
    paths = poisson_weeks(10, 400, 30, 10.0)
    free, cent, dime = (
        choose_target(paths, terms, order_cost=cost, rng=np.random.default_rng(1)) for cost in (0.0, 0.01, 0.1)
    )
    assert cent.order_up_to == pytest.approx(free.order_up_to, abs=1)
    assert free.cost <= cent.cost <= free.cost * 1.01
    assert cent.cost <= dime.cost <= cent.cost + 0.1 * 4


def test_several_orders_under_way_cost_what_is_counted() -> None:
    """With a lead time above the economic lot the policy found costs what is counted on fresh demand, and much less than any with one order out."""
    terms = Replenishment(lead=5.0, spread=0.0, review=0.0, holding=HOLDING, shortage=30.0, lost=True)
    paths, rng = poisson_weeks(11, 1_000, 40, 10.0), np.random.default_rng(1)
    found = choose_target(paths, terms, order_cost=1.0, rng=rng)
    points = np.arange(30.0, 90.0, 2.0)
    alone = lost_reorder_costs(paths, terms, points, points + 1.0, order_cost=1.0, rng=rng)
    size = found.order_up_to - found.reorder_point
    assert size < found.reorder_point
    counted = counted_overlapping(found.reorder_point, found.order_up_to, 10.0, terms, 1.0)
    assert found.cost == pytest.approx(counted, rel=0.04)
    assert counted < 0.9 * alone.min()


def counted_overlapping(point: float, level: float, rate: float, terms: Replenishment, order_cost: float) -> float:
    """Return the cost a week of ordering up to a level at quarters of a week, what comes in a week being spread evenly over it."""
    weekly = np.random.default_rng(12).poisson(rate, 10_000)
    stock, way, cost, warm = level, [], 0.0, 100
    for quarter in range(4 * len(weekly)):
        stock += sum(units for when, units in way if when == quarter)
        way = [(when, units) for when, units in way if when > quarter]
        want, counts = weekly[quarter // 4] / 4, quarter >= 4 * warm
        cost += counts * terms.shortage * max(want - stock, 0.0)
        stock = max(stock - want, 0.0)
        cost += counts * terms.holding * stock / 4
        position = stock + sum(units for _, units in way)
        if position <= point:
            way.append((quarter + 1 + round(terms.lead * 4), level - position))
            cost += counts * order_cost
    return cost / (len(weekly) - warm)


def test_a_few_huge_weeks_do_not_coarsen_the_policy() -> None:
    """Where one path wants a thousand times the usual, the point and size found still are the cheapest of all whole units around."""
    paths = poisson_weeks(13, 400, 24, 10.0)
    paths[0, 0] = 10_000.0
    terms = Replenishment(lead=1.0, spread=0.0, review=0.0, holding=HOLDING, shortage=SHORTAGE, lost=True)
    best = best_lost_reorder(paths, terms, order_cost=100.0, rng=np.random.default_rng(1)).policy
    points, quantities = np.arange(0.0, 30.0), np.arange(20.0, 300.0)
    costs = lost_reorder_costs(paths, terms, points, quantities, order_cost=100.0, rng=np.random.default_rng(1))
    assert best.cost == pytest.approx(costs.min(), rel=1e-3)


def test_service_is_counted_from_review_to_review() -> None:
    """Reviewed every four weeks with no lead time, stock lasts with the chance that four weeks of Poisson demand stay within its level."""
    terms = Replenishment(lead=0.0, spread=0.0, review=4.0, holding=HOLDING, shortage=SHORTAGE, lost=True)
    stock = LostStock.of(poisson_weeks(14, 4_000, 25), terms)
    for level in (8.0, 10.0, 12.0):
        assert stock.at(level).service == pytest.approx(poisson.cdf(level, 4 * MEAN), abs=0.01)


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("order_cost", [0.0, 5.0])
def test_watched_stock_serves_what_it_is_there_for(lost: bool, order_cost: float) -> None:
    """Customers who come at random find stock in as much of the demand as of the time: service and fill are one."""
    terms = Replenishment(lead=1.0, spread=0.0, review=0.0, holding=HOLDING, shortage=SHORTAGE, lost=lost)
    made = choose_target(poisson_weeks(15, 2_000, 24, 6.0), terms, order_cost=order_cost, rng=np.random.default_rng(1))
    assert made.service == made.fill
    assert 0.5 < made.service < 1
