"""What decided lots need beyond the hours there are is told with whose lots they are, and with a cure that exists."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from jointplan.report.numbers import Numbers
from jointplan.report.strain import STRAIN, strain_lines
from jointplan.texts import set_language

FROZEN = {"run": "20250303-080000", "weeks": 2, "lots": 4}


@pytest.mark.parametrize(
    ("frozen", "tables", "told"),
    [
        (None, ["approved"], "Move lots in the table approved, or raise the hours in capacity."),
        ({**FROZEN, "lots": 0}, ["approved"], "Move lots in the table approved, or raise the hours in capacity."),
        (
            FROZEN,
            ["lanes"],
            "run 20250303-080000: 4 lots. Freeze fewer weeks (--freeze-weeks), or raise the hours in capacity.",
        ),
        (
            FROZEN,
            ["approved"],
            "4 lots. Freeze fewer weeks (--freeze-weeks), move lots in the table approved, or raise the hours in capacity.",
        ),
    ],
)
def test_the_cure_is_where_the_lots_were_decided(frozen: dict[str, Any] | None, tables: list[str], told: str) -> None:
    """Lots of the table approved are moved there; of those frozen from an earlier run fewer are frozen; where both are, both are told."""
    set_language("en")
    row = {"plan": "joint", "rule": STRAIN, "place": "F01 moulding", "week": date(2025, 3, 3), "amount": 7.5}
    manifest = {"inputs": [{"table": name} for name in tables], "frozen": frozen}
    view: Any = SimpleNamespace(frame=lambda _: pd.DataFrame([row]), manifest=manifest, numbers=Numbers("en", "CNY"))
    (line,) = strain_lines(view)
    assert "7.5 h in F01 moulding" in line
    assert line.endswith(told)
