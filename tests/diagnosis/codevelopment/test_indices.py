"""The indices of co-development are those of their papers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan.diagnosis.codevelopment.indices import (
    BANDS,
    band,
    coordination,
    coordination_corrected,
    coupling,
    coupling_corrected,
    entropy_weights,
    goalpost_scores,
    synergy,
)
from jointplan.texts import catalogue

PUBLISHED = (0.8179733, 0.3246648, 0.6590316, 0.1308531)
levels = st.lists(st.floats(0.01, 1.0), min_size=2, max_size=5)


def test_published_levels_of_four_systems() -> None:
    """C .8051958, D .6237105; C' .4722274, D' .4776480 for one place of Wang and others, J. Natural Resources 36 (2021)."""
    assert coupling(PUBLISHED) == pytest.approx(0.8051958, abs=5e-8)
    assert coordination(PUBLISHED) == pytest.approx(0.6237105, abs=5e-8)
    assert coupling_corrected(PUBLISHED) == pytest.approx(0.4722274, abs=5e-8)
    assert coordination_corrected(PUBLISHED) == pytest.approx(0.4776480, abs=5e-8)


@pytest.mark.parametrize(
    ("changes", "value"), [((0.15, 0.10), 0.1225), ((0.15, -0.05), -0.0866), ((-0.1, -0.2), -0.1414)]
)
def test_synergy_of_two_systems(changes: tuple[float, float], value: float) -> None:
    """Both ahead, one back, both back (Meng and Han 2000)."""
    assert synergy(changes) == pytest.approx(value, abs=5e-5)


@given(levels)
def test_degrees_lie_between_nothing_and_all(u: list[float]) -> None:
    """C and D lie in 0 … 1, are the same whatever the order, and D is at most the root of the mean level."""
    for function in (coupling, coordination, coupling_corrected, coordination_corrected):
        assert -1e-12 <= function(u) <= 1 + 1e-12
        assert function(u) == pytest.approx(function(u[::-1]))
    assert coordination(u) <= np.sqrt(np.mean(u)) + 1e-12
    assert coupling([u[0]] * 3) == pytest.approx(1.0)


def test_systems_at_zero_have_no_coupling() -> None:
    """No division by zero: all at zero, or one at zero, gives 0."""
    assert [f([0.0, 0.0]) for f in (coupling, coordination, coupling_corrected, coordination_corrected)] == [0.0] * 4
    assert coupling([0.0, 0.7]) == 0.0


def test_entropy_weights_by_hand() -> None:
    """Of two periods, (1, 3) has entropy .8113 and (1, 1) has 1: all weight is with the first; constants share alike."""
    assert entropy_weights([[1, 1], [3, 1]]).tolist() == pytest.approx([1.0, 0.0])
    e = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75)) / np.log(2)
    other = -(0.4 * np.log(0.4) + 0.6 * np.log(0.6)) / np.log(2)
    expected = np.array([1 - e, 1 - other]) / (2 - e - other)
    np.testing.assert_allclose(entropy_weights([[1, 2], [3, 3]]), expected)
    assert entropy_weights([[5, 5, 5], [5, 5, 5]]).tolist() == pytest.approx([1 / 3] * 3)
    assert entropy_weights([[0, 1], [0, 2]]).tolist() == pytest.approx([0.0, 1.0])
    assert entropy_weights([[1, 2]]).tolist() == [0.5, 0.5]


def test_goalposts_run_both_ways_and_stop_at_their_ends() -> None:
    """Where less is better, the worst goalpost is the higher; zeros and negatives score 0 by ratio, not an error."""
    assert goalpost_scores([2, 1, 0.5], 2, 0.5, ratio=True).tolist() == [0.0, 0.5, 1.0]
    assert goalpost_scores([0, -3, 2], 0.5, 2, ratio=True).tolist() == [0.0, 0.0, 1.0]
    assert goalpost_scores([-5, 0, 5], -10, 10, ratio=False).tolist() == [0.25, 0.5, 0.75]


def test_bands_cover_the_scale_and_are_named_in_both_languages() -> None:
    """Ten bands of a tenth each, the last closed."""
    assert [band(x) for x in (0.0, 0.0999, 0.1, 0.95, 1.0)] == [
        "extreme imbalance", "extreme imbalance", "severe imbalance", "superior coordination", "superior coordination",
    ]  # fmt: skip
    assert all(catalogue("zh").get(name) for _, name in BANDS)
