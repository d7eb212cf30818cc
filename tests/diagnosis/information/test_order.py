"""Data are told to be worth having only where that is known."""

from __future__ import annotations

import numpy as np
import pytest

from jointplan.diagnosis.information import order
from jointplan.diagnosis.information.node_data import choose_trial
from jointplan.diagnosis.information.screening import Screening, Step
from jointplan.diagnosis.settings import InformationSettings
from tests.diagnosis.information.test_node_data import HELD, OWNERS, PRODUCTS, level_forecaster, market


@pytest.mark.parametrize("spread", [0.01, 3.0], ids=["surely", "by chance"])
def test_worth_having_is_told_only_where_the_interval_excludes_zero(
    spread: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same mean gain of a tenth: alike in all series it is worth having, scattered far around zero it is not known to be."""
    weekly, products = market()
    trial = choose_trial(weekly, OWNERS, products, held=HELD, series=40, context=100, seed=1)
    assert trial is not None
    scatter = spread * np.tile([1.0, -1.0], 10)
    step = Step("S0", np.full(20, 10.0), 9.0 + scatter)
    found = Screening((step,), step.before, step, 5, True)
    monkeypatch.setattr(order, "screen_data", lambda *_, **__: found)
    made = order.order_of_nodes(trial, level_forecaster, PRODUCTS, InformationSettings(draws=500), 7)
    (finding,) = made.findings
    assert finding.value == pytest.approx(0.1)
    assert finding.low is not None
    known = spread < 1
    assert (finding.low > 0) == known
    assert finding.sentence.startswith("The data of one node are worth having, S0:") == known
    assert ("chance explains as well" in finding.sentence) != known
    assert ("偶然亦可解释" in finding.sentence_zh) != known
    assert (finding.measure == "share_demand_data") == known
