"""What buying together saves is counted on materials that are used; what is left over of them is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from jointplan.report.blocks import Grid
from jointplan.report.buying import buying_section
from jointplan.report.view import RunView
from jointplan.store import StoredRun


@pytest.mark.parametrize("left", [60.0, 0.0])
def test_better_prices_save_on_what_is_used(run: StoredRun, left: float) -> None:
    """100 at 5 apart and 200 at 4 together, of which some lie there at the end: the others save 1 each, and the rest is told at 4."""
    view = RunView(run, "en")
    last = view.start + timedelta(weeks=view.weeks - 1)

    def order(plan: str, quantity: float, price: float) -> dict[str, Any]:
        return {
            "plan": plan, "week": view.start, "material": "steel", "supplier": "mill", "origin": "CN", "firm": "F01",
            "quantity": quantity, "order_quantity": quantity, "unit_price": price, "cost": quantity * price,
            "together": plan == "joint",
        }  # fmt: skip

    kept = [
        ("separate", view.start, 70.0),
        ("joint", view.start, 150.0),
        ("joint", last, left),
        ("recorded", last, 9.0),
    ]
    view._frames["purchases"] = pd.DataFrame([order("separate", 100.0, 5.0), order("joint", 200.0, 4.0)])
    view._frames["kept_materials"] = pd.DataFrame(
        [
            {"plan": plan, "week": week, "firm": "F01", "material": "steel", "quantity": quantity}
            for plan, week, quantity in kept
            if quantity
        ]
    )
    with view.speaking():
        section = buying_section(view)
    assert section is not None
    money, saved = view.numbers.money, 200.0 - left
    (card,) = [card for card in section.cards if card.label == "Saved by better prices"]
    assert card.figure == money(saved)
    assert f"would have cost {money(saved)} more" in section.answer
    assert (f"bought for {money(4 * left)} in the joint plan" in section.answer) == (left > 0)
    (row,) = next(block for block in section.blocks if isinstance(block, Grid)).rows
    assert row[-2:] == (view.numbers.number(left), money(saved))
