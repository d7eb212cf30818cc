"""A workspace of nothing but odd series is planned, and its heat, launches and stock targets are told in finite numbers."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from jointplan.cli import app
from jointplan.store import Workspace
from tests.tiny import Row, write_csv, write_tiny

MONDAY, WEEKS = date(2024, 6, 3), 44
STEADY = [6.0, 8.0, 7.0, 9.0] * (WEEKS // 4)

ODD: dict[str, list[float]] = {
    "STEADY": STEADY,
    "POINT": [0.0] * 20 + [5.0],
    "SPIKE": [*STEADY[:30], 1e9, *STEADY[31:]],
    "GAPS": [*STEADY[:12], *[0.0] * 12, *STEADY[24:]],
    "LAUNCH": [0.0] * (WEEKS - 1) + [4.0],
    "UNSEEN": STEADY,
}
"""Units a week; UNSEEN sold though it is told to be out of stock in every week, MISSING is so without a sale, and of NEVER all weeks are zero: a table
of sales holds no such rows."""


def sales() -> list[Row]:
    rows = [
        {"document": f"{sku}{week}", "date": MONDAY + timedelta(weeks=week, days=6), "sku": sku, "market": "DE", "quantity": units}
        for sku, series in ODD.items()
        for week, units in enumerate(series)
        if units
    ]  # fmt: skip
    rows.append(rows[3] | {"document": "TWICE"})  # the same week again
    rows.append(rows[0] | {"document": "LATER", "date": date(date.today().year + 3, 1, 1)})
    return [row | {"source": "shop", "channel": "shop", "seller": "ALPHA", "unit_price": 100.0} for row in rows]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace: eight products of one maker at one price, and a market that never bought."""
    product = {"family": "kettle", "maker": "ALPHA", "unit_value": 100.0, "weight": 1.5, "volume": 0.01}
    made = write_tiny(
        tmp_path_factory.mktemp("odd"),
        sales=lambda _: sales(),
        products=lambda _: [{"sku": sku, "title": sku.title()} | product for sku in (*ODD, "MISSING", "NEVER")],
        markets=lambda rows: [*rows, {"market": "PE", "country": "PE", "currency": "CNY"}],
    )
    out = [
        {"week": MONDAY + timedelta(weeks=week), "sku": sku, "share": 0.0}
        for sku in ("MISSING", "UNSEEN")
        for week in range(WEEKS)
    ]
    write_csv(made / "tables" / "availability.csv", out)
    return made


def answer(*words: object) -> dict[str, Any]:
    ran = CliRunner().invoke(app, [str(word) for word in (*words, "--json")])
    assert ran.exit_code == 0, ran.output
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def numbers(told: object) -> list[float]:
    """Return all numbers in an answer."""
    if isinstance(told, dict | list):
        parts = told.values() if isinstance(told, dict) else told
        return [number for part in parts for number in numbers(part)]
    return [float(told)] if isinstance(told, int | float) else []


def test_heat_launches_and_targets_of_odd_series(folder: Path) -> None:
    """Every command answers in finite numbers; a spike of a billion and a single sale set no figure, and the row after today moves nothing."""
    heat = answer("heat", folder)
    assert heat["start"] == str(MONDAY + timedelta(weeks=WEEKS))
    ranked = [row["sku"] for row in heat["ranked"]]
    assert "STEADY" in ranked
    assert {row["sku"]: row["level"] for row in heat["ranked"]}["SPIKE"] < 200
    (spike,) = (one for one in answer("check", folder)["issues"] if one["rule"] == "line_beyond_measure")
    assert (spike["table"], spike["column"], float(spike["value"])) == ("sales", "quantity", 1e9)
    assert not {"POINT", "MISSING", "NEVER"} & set(ranked)
    launch = answer("launch", folder)
    assert {row["sku"] for row in launch["launches"]} == {"LAUNCH"}
    assert launch["basis"]["undated"] == 2  # NEVER and MISSING may be long dead
    targets = answer("inventory", folder)
    for told in (heat, launch, targets):
        assert all(math.isfinite(number) for number in numbers(told))


def test_a_plan_of_odd_series(folder: Path) -> None:
    """The plan is made; what is forecast is near what is usual, whatever one week was, and nothing is sold where nobody ever bought."""
    answer("run", folder, "--no-report", "--seconds", 1, "--horizon-weeks", 4)
    tables = Workspace(folder).run().tables
    forecasts = tables["forecasts"].to_pandas()
    mean = forecasts[forecasts["basis"] == "shared"].groupby("sku")["mean"].mean()
    assert mean["STEADY"] == pytest.approx(7.5, rel=0.3)
    assert mean["SPIKE"] < 100
    assert mean["UNSEEN"] == pytest.approx(7.5, rel=0.3)
    assert mean["GAPS"] > 4
    assert set(mean.index) <= set(ODD)
    assert set(forecasts["market"]) == {"DE"}
    for name in ("forecasts", "accuracy", "targets", "heat", "launches", "demand"):
        for column in tables[name].columns:
            if pa.types.is_floating(column.type):
                assert pc.all(pc.is_finite(column.drop_null())).as_py() in (True, None), name
