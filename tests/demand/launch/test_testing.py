"""Batches are those of the newsvendor, and first sales decide only as far as they can."""

import numpy as np
import pytest
from scipy.stats import norm

from jointplan.demand.launch.testing import (
    Rule,
    agreeing,
    batch_profit,
    best_batch,
    first_sales_rules,
    no_rules,
    telling_week,
)


def test_newsvendor_of_the_textbook() -> None:
    """Snyder and Shen, Fundamentals of Supply Chain Theory, example 4.3: h .18, p .70, N(50, 8) → S 56.604."""
    demand = norm.ppf((np.arange(200_000) + 0.5) / 200_000, 50.0, 8.0)
    assert best_batch(demand, 0.70, 0.18) == pytest.approx(56.604, abs=0.01)


def test_a_batch_never_costs_more_than_others() -> None:
    """No other batch has a lower expected cost on the same courses."""
    rng = np.random.default_rng(0)
    demand = rng.negative_binomial(2, 0.02, 999).astype(float)

    def cost(batch: float) -> float:
        return float((0.7 * np.maximum(demand - batch, 0) + 0.2 * np.maximum(batch - demand, 0)).mean())

    best = best_batch(demand, 0.7, 0.2)
    assert cost(best) <= min(cost(batch) for batch in range(0, 500)) + 1e-9


KIN = np.arange(2000) // 20
"""A hundred analogues, of which hits and flops are drawn alike."""


def test_no_batch_earns_more_than_the_best_and_each_pays_its_setup() -> None:
    """Held against the sum over all courses, written out: what is sold earns, what is left loses, the setup is paid once."""
    demand = np.random.default_rng(3).gamma(2.0, 40.0, 200)
    best = best_batch(demand, 0.7, 0.2)
    by_hand = [
        sum(0.7 * min(wanted, batch) - 0.2 * max(batch - wanted, 0.0) for wanted in demand) / 200 - 9.0
        for batch in (best, 5.0, 80.0, 5000.0)
    ]
    assert [batch_profit(demand, batch, 0.7, 0.2, 9.0) for batch in (best, 5.0, 80.0, 5000.0)] == pytest.approx(by_hand)
    assert by_hand[0] == max(by_hand)
    assert by_hand[3] < 0 < by_hand[0]


def courses(rng: np.random.Generator, noise: float) -> np.ndarray:
    """Hits and flops: half sell 20 a week, half 2, each week with noise."""
    rate = np.where(np.arange(2000) % 2 == 0, 20.0, 2.0)[:, None]
    return rng.poisson(rate * rng.gamma(1 / noise, noise, (2000, 21))).astype(float)


def test_first_sales_tell_hits_from_flops() -> None:
    """Where hits and flops differ, thresholds part them at once; the noisier the weeks, the later."""
    rng = np.random.default_rng(1)
    clear = first_sales_rules(courses(rng, 0.05), KIN, 130.0, 13, 8, 0.9)
    noisy = first_sales_rules(courses(rng, 6.0), KIN, 130.0, 13, 8, 0.9)
    assert telling_week(clear, 0.9) == 1
    assert 2 < clear[0].stop_below <= (clear[0].repeat_above or 0) < 20
    late = telling_week(noisy, 0.9)
    assert late is None or late > 1
    for rule in [*clear, *noisy]:
        assert rule.right is None or rule.right >= 0.9 - 0.02
        assert rule.repeat_above is None or rule.stop_below <= rule.repeat_above


def test_rules_hold_on_courses_they_were_not_made_from() -> None:
    """Decisions are right as often as promised on new courses of the same kind."""
    rng = np.random.default_rng(2)
    rule = first_sales_rules(courses(rng, 1.0), KIN, 130.0, 13, 8, 0.8)[3]
    fresh = courses(rng, 1.0)
    sold, rest = fresh[:, :4].sum(axis=1), fresh[:, 4:17].sum(axis=1) >= 130.0
    assert rule.repeat_above is not None
    repeat, stop = sold >= rule.repeat_above, sold < rule.stop_below
    assert (rest[repeat].sum() + (~rest[stop]).sum()) / (repeat.sum() + stop.sum()) > 0.8


def test_many_courses_of_few_analogues_are_few_cases() -> None:
    """Seven analogues whose first week says nothing of what follows decide nothing as a rule, however many courses are drawn of each."""
    decided = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        first, later = rng.lognormal(3.0, 1.0, 7), rng.lognormal(3.0, 1.0, 7)
        kin = np.arange(2000) % 7
        drawn = rng.poisson(np.where(np.arange(21) < 8, first[kin][:, None], later[kin][:, None])).astype(float)
        rules = first_sales_rules(drawn, kin, 20.0 * 13, 13, 8, 0.8)
        decided.append(rules[7].decided)
        for rule in rules:
            assert rule.right is None or rule.right >= 0.8
            assert rule.right is not None or (rule.stop_below == 0 and rule.repeat_above is None)
    assert np.mean(decided) < 0.2


def test_one_analogue_decides_nothing() -> None:
    """What one launch did is no rule, however clear its courses."""
    drawn = np.random.default_rng(0).poisson(20.0, (500, 21)).astype(float)
    assert first_sales_rules(drawn, np.zeros(500, dtype=np.int64), 130.0, 13, 8, 0.8) == no_rules(8)


def test_where_nothing_can_be_told_nothing_is_decided() -> None:
    """If what comes after does not depend on first sales, no number decides."""
    rng = np.random.default_rng(3)
    rules = first_sales_rules(rng.poisson(5.0, (2000, 21)).astype(float), KIN, 65.0, 13, 8, 0.9)
    assert telling_week(rules, 0.8) is None


def test_the_rule_of_the_present_week_says_what_is_advised() -> None:
    """Sold so far lies above the line to repeat, below the line to stop, or between, as the advice says; other weeks are left alone."""
    rules = [Rule(week, 10.0 * week, 30.0 * week, 0.9, 0.9) for week in (1, 2, 3)]
    for sold in (5.0, 40.0, 90.0):
        for repeat, stop in ((True, False), (False, True), (False, False)):
            made = agreeing(rules, 2, sold, repeat=repeat, stop=stop)
            assert [made[0], made[2]] == [rules[0], rules[2]]
            above, below = made[1].repeat_above, made[1].stop_below
            assert above is not None
            assert (sold >= above, sold < below) == (repeat, stop)
            assert below <= above
    assert telling_week(rules, 0.8, after=2) == 3
