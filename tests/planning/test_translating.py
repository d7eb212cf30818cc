"""Plans read from the values of a model's columns."""

from __future__ import annotations

import numpy as np
import pytest

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.rights import separate_rights
from jointplan.planning.translating import idle_plan, read_plan, values_of
from tests.planning.cases import random_cluster


@pytest.mark.parametrize(
    ("value", "read"),
    [(3.0000005, 3.0), (20_000.00005, 20_000.0), (19_999.992, 19_999.992), (2.0001, 2.0001), (-1e-9, 0.0)],
)
def test_only_rounding_is_taken_off_quantities(value: float, read: float) -> None:
    """A large lot a hundredth of a unit off a whole number stays as it is: made up, it would take hours that are not there."""
    problem = random_cluster(0, makers=1, sellers=1, products=1, weeks=2)
    rights = separate_rights(problem)
    model = build_model(problem, rights, build_network(problem, rights))
    values = values_of(model, idle_plan(model))
    values[model.columns.make[model.columns.make >= 0][0]] = value
    assert np.unique(read_plan(model, values).make) == pytest.approx(np.unique([0.0, read]), abs=1e-12)
