"""Where goods that were there before the first week came from, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest

from jointplan.report.opening import opening_note
from jointplan.report.view import RunView
from jointplan.schema import TABLES
from jointplan.store import StoredRun

START = date(2026, 1, 5)
LAST = START + timedelta(weeks=1)
TABLE = {"item": "stock taken over", "replaced_by": "stock"}
RECORDED = {"item": "stock", "replaced_by": "recorded"}
GOODS = {"what": "work", "place": "M", "subject": "P", "seller": "S", "quantity": 9.0}


def view(lang: str, **more: list[dict[str, Any]]) -> RunView:
    """Return a run in which 30 are made, 32 delivered, 4 lie and 3 are under way at the end: 9 were there before."""
    told: dict[str, list[dict[str, Any]]] = {
        "lots": [{"quantity": 10.0}, {"quantity": 20.0}],
        "deliveries": [{"demand": 40.0, "delivered": 32.0}],
        "stock_plan": [{"week": START, "quantity": 99.0}, {"week": LAST, "quantity": 4.0}],
        "shipments": [
            {"arrives": LAST, "quantity": 32.0},
            {"arrives": LAST + timedelta(weeks=1), "quantity": 3.0},
        ],
    }
    rows = {name: [row | {"plan": "joint"} for row in found] for name, found in told.items()} | more
    tables = {name: pa.Table.from_pylist(found, TABLES[name].arrow) for name, found in rows.items()}
    manifest = {"horizon": {"start": START.isoformat(), "weeks": 2}, "currency": "CNY"}
    return RunView(cast("StoredRun", SimpleNamespace(tables=tables, manifest=manifest)), lang)


@pytest.mark.parametrize(
    ("more", "en", "zh"),
    [
        ({}, "9 were there or under way before, by the table stock.", "另有 9 件为库存表所列的期初库存或在途成品。"),
        (
            {"carried": [GOODS], "assumptions": [TABLE]},
            "9 were there before, taken over from the earlier plan, on hand or under way.",
            "另有 9 件接续自先前计划，首周之前已在库或在途。",
        ),
        (
            {"carried": [GOODS | {"what": "cash"}]},
            "9 were there or under way before, by the table stock.",
            "另有 9 件为库存表所列的期初库存或在途成品。",
        ),
        (
            {"assumptions": [RECORDED]},
            "9 were there or under way before, as the rows of recorded up to the first week leave them.",
            "另有 9 件在首周之前已有库存或在途，由首周之前的实际执行记录推得。",
        ),
    ],
)
def test_it_is_told_where_goods_came_from(more: dict[str, Any], en: str, zh: str) -> None:
    """Of the table stock, of the plan before, or of what was recorded: each is named only where it is so."""
    for lang, words in (("en", en), ("zh", zh)):
        shown = view(lang, **more)
        with shown.speaking():
            assert words in opening_note(shown)
