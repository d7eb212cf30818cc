"""What if: changes that are read, made, and refused with a cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan import Study
from jointplan.engine import Tables
from jointplan.errors import NoResultError, UsageError
from jointplan.planning import DemandFactor
from jointplan.planning.reading.wanted import scaled_demand
from jointplan.schema import TABLES
from jointplan.study.what_if import apply_what_ifs, in_words, read_what_ifs
from jointplan.texts import set_language
from tests.tiny import tiny_tables, write_tiny

QUICK = {"plan.solve.seconds": 5, "plan.solve.gap": 0.02, "horizon.weeks": 3, "diagnosis.with_run": False}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables(
        {
            name: pa.Table.from_pylist(
                [{column: row.get(column) for column in TABLES[name].names} for row in rows], TABLES[name].arrow
            )
            for name, rows in tiny_tables().items()
            if name not in ("sales", "tariffs")
        }
        | {"tariffs": _tariffs()}
    )


def _tariffs() -> pa.Table:
    rows = [{"from_quantity": 0.0, **row} for row in tiny_tables()["tariffs"]]
    names = TABLES["tariffs"].names
    return pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows], TABLES["tariffs"].arrow)


def changed(tables: Tables, *texts: str) -> Tables:
    return apply_what_ifs(read_what_ifs(texts), tables).tables


def cells(tables: Tables, name: str, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in tables[name].to_pylist()]


def test_a_cell_is_changed_and_no_other(tables: Tables) -> None:
    """The row named by its key has the new value, the others the old."""
    found = changed(tables, "capacity:BETA/assembly.hours=60")
    assert cells(found, "capacity", "firm", "hours") == [("ALPHA", 40.0), ("BETA", 60.0), ("GAMMA", 40.0)]


def test_a_share_changes_every_row_that_fits(tables: Tables) -> None:
    """A key may be cut short, a star fits any part of it, and a share is of what was there."""
    assert cells(changed(tables, "tariffs:air.rate=+50%"), "tariffs", "rate") == [(60.0,), (14.0,), (9.0,)]
    assert set(cells(changed(tables, "capacity:*/assembly.hours=-25%"), "capacity", "hours")) == {(30.0,)}


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("demand=+20%", "all demand +20%", "全部需求 +20%"),
        ("demand:market/DE=x1.5", "demand of market/DE x1.5", "market/DE 的需求 x1.5"),
        ("lane:air-DE=closed", "lane air-DE closed", "线路 air-DE 停用"),
        ("firm:BETA=out", "firm BETA out", "企业 BETA 退出"),
        ("capacity:*/assembly.hours=60", "hours of */assembly in capacity: 60", "产能表 */assembly 的正常工时：60"),
    ],
)
def test_a_change_is_told_in_words(text: str, english: str, chinese: str) -> None:
    """Each kind of change is said as people say it, in either language."""
    assert in_words(text) == english
    set_language("zh")
    assert in_words(text) == chinese


def test_a_closed_lane_is_gone(tables: Tables) -> None:
    """The lane is not there, the others are."""
    before, after = (set(cells(t, "lanes", "lane")) for t in (tables, changed(tables, "lane:air-DE=closed")))
    assert before - after == {("air-DE",)}


def test_a_firm_that_is_out_makes_and_sells_nothing(tables: Tables) -> None:
    """It has no capability, and its demand is multiplied by nothing."""
    found = apply_what_ifs(read_what_ifs(["firm:BETA=out"]), tables)
    assert {firm for (firm,) in cells(found.tables, "capabilities", "firm")} == {"ALPHA", "GAMMA"}
    assert found.factors == (DemandFactor(0.0, seller="BETA"),)


def test_demand_is_changed_for_what_is_named(tables: Tables) -> None:
    """A product, a market or a seller is known by its name; several changes add to a list."""
    texts = ["demand=+20%", "demand:TOASTER=-10%", "demand:market/DE=x2"]
    assert apply_what_ifs(read_what_ifs(texts), tables).factors == (
        DemandFactor(1.2),
        DemandFactor(0.9, sku="TOASTER"),
        DemandFactor(2.0, market="DE"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("demand", "cannot be read"),
        ("demand=much", r"Write it as \+20%"),
        ("demand=-120%", r"Write it as \+20%"),
        ("demand:NOBODY=+5%", "names NOBODY"),
        ("lane:air-DE=shut", "lane:air-DE=closed"),
        ("lane:air-XX=closed", "air-DE"),
        ("firm:BETTA=out", "BETA"),
        ("capcity:BETA.hours=3", "capacity"),
        ("sales:D1.quantity=3", "cannot be changed"),
        ("capacity:BETA=3", "no column"),
        ("capacity:BETA/assembly.hour=3", "hours"),
        ("capacity:BETA/assembly.firm=ALPHA", "key"),
        ("capacity:BETA/welding.hours=3", "BETA/assembly"),
        ("capacity:BETA/assembly.hours=lots", "number"),
        ("capacity:BETA/assembly.hours=-3", "at least 0"),
        ("products:TOASTER.maker=NOBODY", "firms.firm"),
        ("products:TOASTER.transfer_price=+5%", "number"),
        ("calendar:GD.share=0.5", "not there"),
        ("demand:de=+20%", "Did you mean DE"),
    ],
)
def test_a_wrong_change_is_named_with_its_cure(tables: Tables, text: str, said: str) -> None:
    """What cannot be changed is refused before anything is planned, with what could be."""
    with pytest.raises(UsageError, match=said) as caught:
        changed(tables, text)
    assert caught.value.cure


@given(st.lists(st.integers(1, 500), min_size=1, max_size=40), st.floats(0.1, 3))
def test_scaled_demand_is_whole_and_as_much_as_it_should_be(units: list[int], factor: float) -> None:
    """The total is the factor times what it was, to within one unit, in whole units; times one changes nothing."""
    demand = pd.DataFrame(
        {
            "week": pd.Timestamp("2026-01-05"),
            "sku": "P",
            "market": "X",
            "seller": "S",
            "quantity": [float(u) for u in units],
        }
    )
    found = scaled_demand(demand, [DemandFactor(factor)])["quantity"]
    assert (found == found.round()).all()
    assert found.sum() == pytest.approx(factor * sum(units), abs=1)
    pd.testing.assert_frame_equal(scaled_demand(demand, [DemandFactor(1.0)]), demand)


def test_demand_times_one_is_the_base_and_a_firm_that_is_out_has_no_lot(tmp_path: Path) -> None:
    """The same demand gives the same plan; without a firm no plan has a lot of it; the base is made but once."""
    study = Study.open(write_tiny(tmp_path), QUICK)
    same, beside = study.what_if(["demand=x1"])
    assert [row["difference"] for row in beside.values] == [0.0, 0.0]
    assert beside.changes.num_rows == 0
    assert same.manifest["what_if"] == ["demand=x1"]
    assert same.manifest["base"] == beside.runs[0]
    without, again = study.what_if(["firm:BETA=out"])
    assert again.runs[0] == beside.runs[0]
    assert "BETA" in same.tables["lots"]["maker"].to_pylist()
    assert "BETA" not in without.tables["lots"]["maker"].to_pylist()
    assert "BETA" not in without.tables["deliveries"]["seller"].to_pylist()
    assert len(study.workspace.run_names()) == 3


def test_what_ifs_that_leave_no_demand_are_told_as_the_cause(tmp_path: Path) -> None:
    """The dates of sales are right: what is to be changed is the what-if."""
    with pytest.raises(NoResultError) as error:
        Study.open(write_tiny(tmp_path), QUICK).what_if(["demand=-100%"])
    assert "what-ifs" in error.value.cure
