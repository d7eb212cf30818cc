"""Base stocks agree with the textbook on normal demand, and rise with what makes stock needed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from jointplan.inventory.base_stock import LeadDemand, best_level, level_of
from jointplan.inventory.lost_stock import LostStock
from jointplan.inventory.replenishment import Replenishment
from jointplan.inventory.targets import Policy, choose_target


def _terms(**changes: object) -> Replenishment:
    given_terms = {"lead": 4.0, "spread": 0.0, "review": 1.0, "holding": 0.18, "shortage": 0.70, "lost": False}
    return Replenishment(**(given_terms | changes))  # type: ignore[arg-type]  # fields of Replenishment


def _normal(samples: int = 20_000, weeks: int = 18, seed: int = 1) -> np.ndarray:
    return np.maximum(np.random.default_rng(seed).normal(50, 8, (samples, weeks)), 0)


def test_example_4_4_of_snyder_and_shen() -> None:
    """Base stock with a lead time of 4 and review of 1: S* = 264.77 at a cost of 4.4668."""
    best = best_level(_normal(), _terms(), np.random.default_rng(1))
    assert best.level == pytest.approx(264.767, rel=0.004)
    assert best.cost == pytest.approx(4.46678, rel=0.02)
    assert best.service == pytest.approx(0.70 / 0.88, abs=0.01)


@pytest.mark.parametrize("lost", [False, True])
def test_a_level_of_nothing_has_no_sign(lost: bool) -> None:
    """Where hardly anything is wanted none is kept, which is told as 0 and not as -0."""
    paths = np.zeros((400, 20))
    paths[:8] = 0.001
    best = best_level(paths, _terms(lost=lost), np.random.default_rng(1))
    assert f"{best.level:.0f}" == "0"


def test_lost_sales_need_no_more_than_sales_owed() -> None:
    """The best base stock under lost sales is at most that under backorders (Janakiraman and others 2007), and saves by it."""
    paths, rng = _normal(400, 20), np.random.default_rng(1)
    owed, lost = best_level(paths, _terms(), rng), best_level(paths, _terms(lost=True), rng)
    assert lost.level <= owed.level + 1
    assert 0 < lost.fill <= 1
    assert 0 < lost.service <= 1


def test_lost_sales_of_one_period_are_a_newsvendor() -> None:
    """Without lead time the lost-sales stock is refilled every week: the textbook's newsvendor level."""
    best = best_level(_normal(2000, 8), _terms(lead=0.0, lost=True), np.random.default_rng(1))
    assert best.level == pytest.approx(56.6, abs=1.0)
    assert best.cost == pytest.approx(1.9976, rel=0.05)


@given(st.floats(0.5, 20), st.floats(1, 5), st.booleans())
@settings(max_examples=8, deadline=None)
def test_dearer_shortage_never_lowers_the_target(shortage: float, more: float, lost: bool) -> None:
    """A higher shortage cost never lowers the level, whether demand is owed or lost."""
    paths = np.random.default_rng(3).poisson(4, (150, 24)).astype(float)
    rng = np.random.default_rng(1)
    low = best_level(paths, _terms(lead=2.0, shortage=shortage, lost=lost), rng)
    assert best_level(paths, _terms(lead=2.0, shortage=shortage * more, lost=lost), rng).level >= low.level


def test_longer_lead_times_never_lower_safety_stock() -> None:
    """Each week of lead time more, and each day of its spread, asks for more safety stock."""
    paths = _normal(4000, 30)
    safety = [best_level(paths, _terms(lead=float(lead)), np.random.default_rng(1)).safety for lead in range(10)]
    assert safety == sorted(safety)
    spreads = [best_level(paths, _terms(spread=s), np.random.default_rng(1)).safety for s in (0.0, 0.3, 0.6, 1.0)]
    assert spreads == sorted(spreads)


def test_no_level_nearby_is_cheaper() -> None:
    """The level found is the cheapest among all whole ones around it."""
    paths, terms = np.random.default_rng(4).poisson(3, (500, 9)).astype(float), _terms(lead=2.0, review=3.0)
    best = best_level(paths, terms, np.random.default_rng(1))
    demand = LeadDemand.of(paths, terms, np.random.default_rng(1))
    costs = [level_of(terms, best.level + d, demand).cost for d in range(-6, 7)]
    assert best.cost == pytest.approx(min(costs))


@pytest.mark.parametrize("lead", [2.0, 2.25, 2.5, 2.75, 3.0])
def test_lost_stock_of_even_demand_covers_the_lead_time_as_it_is(lead: float) -> None:
    """With 4 wanted a week, evenly, 4·(lead + review) units lose nothing and a unit less loses something, whole weeks or not."""
    paths, terms = np.full((20, 24), 4.0), _terms(lead=lead, lost=True)
    enough = 4.0 * (lead + 1.0)
    assert LostStock.of(paths, terms).at(enough).fill == 1.0
    assert LostStock.of(paths, terms).at(enough - 1.0).fill < 1.0


@pytest.mark.parametrize("order_cost", [0.0, 20.0])
def test_longer_lead_times_never_lower_lost_stock(order_cost: float) -> None:
    """Each quarter of a week of lead time more, and each part of its spread, asks for no less of a stock whose unmet demand is lost."""
    paths, points, safety = np.random.default_rng(1).poisson(40, (300, 40)).astype(float), [], []
    for lead in (2.0, 2.25, 2.5, 2.75, 3.0):
        terms = _terms(lead=lead, holding=1.0, shortage=19.0, lost=True)
        made = choose_target(paths, terms, order_cost=order_cost, rng=np.random.default_rng(1))
        points.append(made.reorder_point)
        safety.append(made.safety)
    assert points == sorted(points)
    assert safety[-1] - safety[0] == pytest.approx(1.4, abs=3.0)
    assert np.abs(np.diff(safety)).max() < 5.0  # a week of demand is 40
    spread = []
    for width in (0.0, 0.5, 1.0):
        terms = _terms(lead=2.0, spread=width, holding=1.0, shortage=19.0, lost=True)
        spread.append(choose_target(paths, terms, order_cost=order_cost, rng=np.random.default_rng(1)).safety)
    assert spread[0] + 10 < spread[1]
    assert spread[1] + 10 < spread[2]


def _event_by_event(paths: np.ndarray, lead: float, spread: float, level: float, seed: int) -> tuple[float, float]:
    """Return the share served and the mean stock as an order is about to arrive: base stock, weekly review, in continuous time."""
    rng, warm = np.random.default_rng(seed), 8
    wanted = lost = held = 0.0
    for path in paths:
        stock, last, due = level, 0.0, []
        for week, demand in enumerate(path):
            moments = sorted({0.0, lead % 1.0, 1.0, *(when - week for when, _ in due if week < when < week + 1)})
            for begin, end in pairwise(moments):
                stock += sum(units for when, units in due if when <= week + begin)
                due = [(when, units) for when, units in due if when > week + begin]
                short = max(demand * (end - begin) - stock, 0.0)
                stock = max(stock - demand * (end - begin), 0.0)
                if week > warm:
                    lost += short
                    held += stock if end == (lead % 1.0 or 1.0) else 0.0
            wanted += demand if week > warm else 0.0
            last = max(week + 1 + max(lead + spread * rng.standard_normal(), 0.0), last)
            due.append((last, level - stock - sum(units for _, units in due)))
    return 1.0 - lost / wanted, held / (len(paths) * (paths.shape[1] - warm - 1))


@pytest.mark.parametrize(("lead", "spread", "level"), [(2.5, 0.0, 32.0), (2.0, 0.75, 32.0)])
def test_lost_stock_is_that_of_a_simulation_event_by_event(lead: float, spread: float, level: float) -> None:
    """Share served and stock held are those of a simulation in continuous time, lead times varying from order to order or not."""
    paths = np.random.default_rng(7).poisson(10, (600, 60)).astype(float)
    terms = _terms(lead=lead, spread=spread, holding=1.0, shortage=1e-9, lost=True)
    made = LostStock.of(paths, terms, 3).at(level)
    fill, held = _event_by_event(paths, lead, spread, level, 4)
    assert 1.0 - made.fill == pytest.approx(1.0 - fill, rel=0.06)
    # What arrives in the quarter that ends as stock is counted is missed by half, where lead times vary.
    assert made.cost == pytest.approx(held, abs=10 / 8 if spread else 0.1)


def test_an_order_that_costs_something_is_made_less_often() -> None:
    """A fixed cost turns the base stock into a reorder point and a level above it; watched all the time, into (r, Q)."""
    paths, rng = np.random.default_rng(5).poisson(6, (30_000, 4)).astype(float), np.random.default_rng(1)
    terms = _terms(lead=0.0, holding=1.0, shortage=4.0)
    free = choose_target(paths, terms, order_cost=0.0, rng=rng)
    dear = choose_target(paths, terms, order_cost=5.0, rng=rng)
    assert free.policy is Policy.BASE_STOCK
    # Snyder and Shen (2019), example 4.7: Poisson demand of 6, K = 5 → s = 4, S = 10 at 8.034.
    assert (dear.policy, dear.reorder_point, dear.order_up_to) == (Policy.ORDER_UP_TO, 4, 10)
    assert dear.cost == pytest.approx(8.034, rel=0.01)
    watched = choose_target(paths, _terms(lead=1.0, review=0.0, holding=1.0, shortage=4.0), order_cost=5.0, rng=rng)
    assert watched.policy is Policy.REORDER_POINT
    assert watched.order_up_to - watched.reorder_point == pytest.approx((2 * 5 * 6 * 5 / 4) ** 0.5, abs=3)


@pytest.mark.parametrize("demand", [0.0, 1e-3, 1e7])
@pytest.mark.parametrize("order_cost", [0.0, 10.0])
@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("review", [0.0, 1.0])
def test_extremes(demand: float, order_cost: float, lost: bool, review: float) -> None:
    """Nothing sold, next to nothing, and ten million a week all have a finite target."""
    terms = _terms(lost=lost, review=review)
    target = choose_target(np.full((60, 20), demand), terms, order_cost=order_cost, rng=np.random.default_rng(1))
    assert np.isfinite([target.reorder_point, target.order_up_to, target.safety, target.cost]).all()
    assert target.order_up_to >= 0
    assert 0 <= target.service <= 1


def test_terms_that_cannot_be_are_refused() -> None:
    """Times below zero and costs of nothing are refused."""
    for wrong in ({"lead": -1.0}, {"review": -1.0}, {"spread": -0.1}):
        with pytest.raises(ValueError, match="below 0"):
            _terms(**wrong)
    with pytest.raises(ValueError, match="cost something"):
        _terms(shortage=0.0)


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_share_served_of_an_owed_stock_is_what_is_counted(spread: float) -> None:
    """Service and fill of (s, S) are those of a simulation week by week on fresh demand, lead times varying or not."""
    terms = _terms(lead=2.0, spread=spread, holding=1.0, shortage=9.0)
    paths = np.random.default_rng(21).poisson(6, (4_000, 8)).astype(float)
    made = choose_target(paths, terms, order_cost=20.0, rng=np.random.default_rng(1))
    rng = np.random.default_rng(22)
    demand = rng.poisson(6, 40_000)
    position, clean, fresh = np.empty(len(demand)), 0, 0.0
    stand = made.order_up_to
    for week, wanted in enumerate(demand):
        position[week] = stand
        stand -= wanted
        stand = made.order_up_to if stand <= made.reorder_point else stand
    for week in range(len(demand) - 10):
        lead = max(2.0 + spread * rng.standard_normal(), 0.0)
        until = [demand[week : week + int(end)].sum() + end % 1 * demand[week + int(end)] for end in (lead, lead + 1)]
        clean += until[1] <= position[week]
        fresh += max(until[1] - position[week], 0.0) - max(until[0] - position[week], 0.0)
    count = len(demand) - 10
    assert made.service == pytest.approx(clean / count, abs=0.01)
    assert made.fill == pytest.approx(1.0 - fresh / (6 * count), abs=0.01)
    assert made.fill > made.service


@pytest.mark.parametrize("review", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("order_cost", [0.0, 50.0])
@pytest.mark.parametrize("lost", [False, True])
def test_the_service_wanted_is_reached_and_not_by_much(review: float, order_cost: float, lost: bool) -> None:
    """Owed or lost, with an order cost or without, however long the review: the service told is that wanted, or a unit's step above."""
    terms = _terms(lead=2.0, review=review, holding=1.0, shortage=0.5 if lost else 9.0, lost=lost, service=0.9)
    paths = np.random.default_rng(23).poisson(20, (1_500, terms.weeks)).astype(float)
    made = choose_target(paths, terms, order_cost=order_cost, rng=np.random.default_rng(1))
    assert 0.9 <= made.service < 0.935
    if not lost and not order_cost:
        assert made.order_up_to == pytest.approx(poisson.ppf(0.9, 20 * (2 + review)), abs=1.5)
