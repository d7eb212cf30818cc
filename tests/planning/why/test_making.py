"""Making is costed with material at the price that the plan buys at, or would buy at."""

from __future__ import annotations

import pytest

from tests.planning.test_elements import Row, door, read
from tests.planning.why.cases import steel, why


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


def test_material_that_is_cheaper_later_is_told_as_that() -> None:
    """Sixty units wait a week for steel at 10 instead of 40, as a week's delay costs 1: no other maker is cheaper, there is none."""
    late = {"late_share": 0.02, "late_weeks": 2, "goodwill_share": 1.0}
    (line,) = why(read({0: 60}, 2, late, **steel((0.0, 40.0), (50.0, 10.0), lead_days=7.0)))
    assert (line.kind, line.cause, line.material, line.quantity) == ("late", "material", "steel", pytest.approx(60.0))
    assert (line.cost, line.usual) == (pytest.approx(30.0), pytest.approx(1.0))
