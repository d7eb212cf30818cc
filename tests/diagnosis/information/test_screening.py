"""Nodes are chosen as plain greedy chooses them, with fewer sets tried, and what is told of each is what it adds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan.diagnosis.information.node_data import choose_trial, screen_data
from jointplan.diagnosis.information.screening import Losses, screen_nodes
from tests.diagnosis.information.test_node_data import HELD, OWNERS, PRODUCTS, level_forecaster, market


def uncovered(sets: list[set[int]]) -> Losses:
    """Return the loss of each of 20 cases: 1 where no chosen node covers it. Coverage has falling gains."""

    def losses(chosen: tuple[str, ...]) -> npt.NDArray[np.float64]:
        seen: set[int] = set().union(*(sets[int(name)] for name in chosen))
        return np.array([float(case not in seen) for case in range(20)])

    return losses


@given(st.lists(st.sets(st.integers(0, 19)), min_size=1, max_size=8))
def test_lazy_evaluation_chooses_what_plain_greedy_chooses(sets: list[set[int]]) -> None:
    """Minoux 1978: with falling gains, asking only while a bound is higher gives the same gains in the same order."""
    names = [str(k) for k in range(len(sets))]
    losses = uncovered(sets)
    found = screen_nodes(losses, names, least=0.0, evaluations=1000)
    plain: list[float] = []
    left, now = list(names), ()
    while left:
        gains = [float(losses(now).mean() - losses((*now, name)).mean()) for name in left]
        k = int(np.argmax(gains))
        if gains[k] <= 0:
            break
        plain.append(gains[k])
        now = (*now, left.pop(k))
    assert [step.gain for step in found.steps] == pytest.approx(plain)
    assert found.complete
    assert found.evaluations <= 1 + sum(range(len(sets) + 1))
    # Nemhauser, Wolsey and Fisher 1978: greedy stops only when all that any node covers is covered.
    assert 1 - sum(plain) == pytest.approx(losses(tuple(names)).mean())


def test_the_budget_and_the_cost_of_sharing_end_the_search() -> None:
    """No more sets are tried than allowed; a node that adds less than sharing costs is not worth having."""
    sets = [set(range(10)), set(range(10, 15)), {15}]
    short = screen_nodes(uncovered(sets), ["0", "1", "2"], least=0.0, evaluations=4)
    assert (short.evaluations, short.complete) == (4, False)
    assert [step.node for step in short.steps] == ["0"]
    dear = screen_nodes(uncovered(sets), ["0", "1", "2"], least=0.1, evaluations=100)
    assert [step.node for step in dear.steps] == ["0", "1"]
    assert dear.complete


def test_nobody_is_helped_by_its_own_data() -> None:
    """Five views of one level: others' views help, one after the other ever less; the hermit's are never tried."""
    weekly, products = market()
    trial = choose_trial(weekly, OWNERS, products, held=HELD, series=40, context=100, seed=1)
    assert trial is not None
    found = screen_data(trial, level_forecaster, PRODUCTS, least=0.0, evaluations=20)
    assert found is not None
    assert found.steps
    assert "HERMIT" not in {step.node for step in found.steps}
    assert found.steps[0].gain > 0
    for step in found.steps:
        own = (trial.targets["owner"] == step.node).to_numpy()
        np.testing.assert_array_equal(step.before[own], step.after[own])
    gains = [step.gain for step in found.steps]
    assert gains[0] == max(gains)
