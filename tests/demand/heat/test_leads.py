"""A lead of home over abroad is found where there is one, at its lag, and not where there is none."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from jointplan.demand.heat.leads import discoveries, find_lead

WEEKS = 104


def drift(rng: np.random.Generator) -> np.ndarray:
    noise, made = rng.normal(0, 0.3, WEEKS), np.zeros(WEEKS)
    for week in range(1, WEEKS):
        made[week] = 0.7 * made[week - 1] + noise[week]
    return made


def sales(rng: np.random.Generator, course: np.ndarray) -> np.ndarray:
    return rng.poisson(60.0 * np.exp(course)).astype(float)


@pytest.mark.parametrize("lag", [1, 3, 6])
def test_a_lead_is_found_at_its_lag(lag: int) -> None:
    """Sales that follow others by some weeks are told by them, out of sample."""
    rng = np.random.default_rng(lag)
    leader = drift(rng)
    follower = np.concatenate([np.zeros(lag), leader[:-lag]])
    found = find_lead(sales(rng, leader), sales(rng, follower), sales(rng, drift(rng)), 199, rng)
    assert found is not None
    assert found.lag == lag
    assert found.gain > 0.2
    assert found.p_value < 0.05


def test_independent_sides_do_not_lead() -> None:
    """Of sides that know nothing of each other, hardly more than the level of the test seem to lead."""
    rng = np.random.default_rng(0)
    found = [find_lead(*(sales(rng, drift(rng)) for _ in range(3)), 99, rng) for _ in range(60)]
    assert sum(lead is not None and lead.p_value <= 0.1 for lead in found) <= 12


def test_a_common_season_is_no_lead() -> None:
    """Two sides with the same Christmas do not lead each other once the rest of the market shows it too."""
    rng = np.random.default_rng(1)
    season = 0.8 * np.sin(np.arange(WEEKS) * 2 * np.pi / 52)
    found = [find_lead(*(sales(rng, season + 0.3 * drift(rng)) for _ in range(3)), 99, rng) for _ in range(30)]
    assert sum(lead is not None and lead.p_value <= 0.05 for lead in found) <= 6


@pytest.mark.parametrize(
    "units",
    [np.zeros(WEEKS), np.eye(1, WEEKS)[0] * 1e9, np.full(WEEKS, 5.0), np.ones(3)],
    ids=["zeros", "one spike", "level", "too short"],
)
def test_too_little_is_no_answer(units: np.ndarray) -> None:
    """A side without sales, with a single one, that never changes, or too short gives no answer rather than a wrong one."""
    rng = np.random.default_rng(2)
    other = sales(rng, drift(rng))[: len(units)]
    assert find_lead(units, other, other, 99, rng) is None
    assert find_lead(other, units, other, 99, rng) is None


def test_discoveries_are_those_of_scipy() -> None:
    """Benjamini–Hochberg as SciPy adjusts it."""
    values = np.random.default_rng(3).random(40) ** 3
    assert discoveries(values, 0.1).tolist() == (false_discovery_control(values) <= 0.1).tolist()
    assert discoveries(np.zeros(0)).tolist() == []
