"""The bill of materials is followed to what is bought, and refused where it goes round."""

from __future__ import annotations

import pandas as pd
import pytest

from jointplan.diagnosis.lock_in import measure_lock_in
from jointplan.diagnosis.materials import bought_in, made_units, material_use, quarters, years
from jointplan.diagnosis.settings import LockInSettings
from jointplan.errors import DataError
from tests.diagnosis.cluster import small


def test_parts_of_parts_multiply() -> None:
    """A kettle needs 2 of P1, which needs 3 of resin; a family's row holds for all but the product with rows of its own."""
    materials = [
        {"sku": "P0", "material": "P1", "quantity": 2.0},
        {"sku": "P0", "material": "resin", "quantity": 1.0},
        {"family": "kettle", "material": "resin", "quantity": 3.0},
    ]
    found = {(r.sku, r.material): r.quantity for r in bought_in(small(materials=materials)).itertuples()}
    assert found["P0", "resin"] == 1.0 + 2.0 * 3.0
    assert found["P5", "resin"] == 3.0
    assert ("P0", "P1") not in found


@pytest.mark.parametrize(
    ("rows", "cycle"),
    [
        ([("P0", "P1"), ("P1", "P2"), ("P2", "P0"), ("P3", "resin")], {"P0", "P1", "P2"}),
        ([("P4", "P4")], {"P4"}),
    ],
)
def test_a_circle_is_named(rows: list[tuple[str, str]], cycle: set[str]) -> None:
    """The error names every step of the circle and the table to correct."""
    materials = [{"sku": sku, "material": material, "quantity": 1.0} for sku, material in rows]
    with pytest.raises(DataError, match="round in a circle") as caught:
        bought_in(small(materials=materials))
    (issue,) = caught.value.issues
    assert set(issue.value.split(" → ")) == cycle
    assert (issue.table, issue.rule) == ("materials", "circular_materials")


def test_a_bill_of_materials_in_pieces_is_measured_piece_by_piece() -> None:
    """What no supplier offers and what goes into nothing that sells is named or left out; the rest has its shares and its exposure."""
    materials = [
        {"sku": "P0", "material": "resin", "quantity": 1.0},
        {"sku": "P1", "material": "glue", "quantity": 2.0},
        {"family": "never made", "material": "silk", "quantity": 1.0},
    ]
    offers = [("resin", "X", "DE"), ("silk", "Y", "IT"), ("cork", "Z", "PT")]
    sources = [{"material": m, "supplier": s, "origin": o, "cost": 4.0} for m, s, o in offers]
    tables = small(materials=materials, sources=sources)
    assert set(bought_in(tables)["material"]) == {"resin", "glue"}
    made = measure_lock_in(tables, LockInSettings(), seed=7)
    found = {finding.indicator: finding for finding in made.findings}
    assert found["material_concentration"].value == 1.0
    weekly = tables.frame("weekly")
    last = weekly[weekly["week"] > weekly["week"].max() - pd.Timedelta(weeks=52)]
    units = last.loc[last["sku"] == "P0", "quantity"].sum()
    assert found["import_content"].value == pytest.approx(4 * units / last["revenue"].sum())
    assert found["risk_exposure"].subject == "X"
    assert "glue" in " ".join(finding.sentence for finding in made.findings)


def test_use_is_that_of_a_year() -> None:
    """Eighty weeks of sales count as 80 · 7/364 years; what a recorded plan made stands for what was sold."""
    tables = small(materials=[{"family": "kettle", "material": "resin", "quantity": 0.5}])
    weekly = tables.frame("weekly")
    use = material_use(tables)
    assert use["quantity"].sum() == pytest.approx(weekly["quantity"].sum() * 0.5 / (80 * 7 / 364))
    made = [
        {"row": 1, "activity": "make", "date": "2024-01-01", "firm": "M3", "sku": "P0", "seller": "S0", "quantity": 7.0}
    ]
    made[0]["date"] = tables["weekly"]["week"][0].as_py()
    assert made_units(small(recorded=made)).to_dict("records") == [{"maker": "M3", "sku": "P0", "quantity": 7.0 * 52}]
    assert years(weekly["week"]) == pytest.approx(80 * 7 / 364)


def test_of_no_days_there_is_no_quarter() -> None:
    """A plan that delivers nothing has a table without rows, whose days have no type: it has no quarters, and ends no run."""
    assert quarters(pd.Series([], dtype=object)).empty
    assert quarters(pd.Series(pd.to_datetime(["2025-03-31", "2025-04-01"]))).tolist() == ["2025-Q1", "2025-Q2"]
