"""What if: changes that are read, made, and refused with a cure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan import Study
from jointplan.cli.planned import beside_lines
from jointplan.contracts import silent
from jointplan.engine import DuckDBEngine, Tables
from jointplan.errors import NoResultError, UsageError
from jointplan.planning import DemandFactor
from jointplan.planning.reading.prepared import prepare
from jointplan.planning.reading.wanted import scaled_demand
from jointplan.report.reasons import explained
from jointplan.report.view import RunView
from jointplan.schema import TABLES
from jointplan.study import stages
from jointplan.study.leaving import LOST_SOURCE
from jointplan.study.preparing import checked_basis
from jointplan.study.stages import Basis, Stopwatch
from jointplan.study.what_if import apply_what_ifs, in_words, read_what_ifs
from jointplan.texts import set_language
from tests.tiny import tiny_tables, write_csv, write_tiny

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
        ("lane:by truck=shut", "Write 'lane:by truck=closed'"),
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
        ("markets:DE.currency=EUR", "before anything is changed"),
        ("capacity:BETA/assembly.hours=inf", "too large"),
        ("capacity:BETA/assembly.hours=nan", "number"),
        ("tariffs:air.currency=XYZ", "table fx"),
        ("sites:HUB.country=XX", "two-letter code"),
        ("tariffs:bands/0.0.to_quantity=200", "begin where the one before it ends"),
        ("tariffs:bands/0.0.to_quantity=50", "begin where the one before it ends"),
        ("tariffs:bands/0.0.basis=m3", "the same in all bands"),
        ("tariffs:bands/0.0.side_step=5", "the same in all bands"),
        ("duties:DE/85.to_date=2027-01-01", "the day after the one before it ends"),
        ("tariffs:bands/100.0.to_quantity=50", "from_quantity must be below to_quantity"),
    ],
)
def test_a_wrong_change_is_named_with_its_cure(tables: Tables, text: str, said: str) -> None:
    """What cannot be changed is refused before anything is planned, with what could be."""
    bands = [
        {"tariff": "bands", "basis": "kg", "from_quantity": low, "to_quantity": high, "rate": 9.0}
        for low, high in ((0.0, 100.0), (100.0, None))
    ]
    duties = [
        {"market": "DE", "hs": "85", "from_date": date(year, 1, 1), "to_date": date(year, 12, 31)}
        for year in (2025, 2026)
    ]
    whole = adding(tables, tariffs=[*tables["tariffs"].to_pylist(), *bands], duties=duties)
    with pytest.raises(UsageError, match=said) as caught:
        changed(whole, text)
    assert caught.value.cure


def test_a_value_out_of_bounds_is_told_them_in_chinese(tables: Tables) -> None:
    """Bounds are told as a verb, 应不小于 0, not as what something is."""
    set_language("zh")
    with pytest.raises(UsageError) as caught:
        changed(tables, "capacity:BETA/assembly.hours=-3")
    assert caught.value.cure == "应不小于 0。"


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


def adding(tables: Tables, **rows: list[dict[str, Any]]) -> Tables:
    """Return tables with others, blank cells as declared."""
    return tables.adding(
        {
            name: pa.Table.from_pylist(
                [{column.name: column.default for column in TABLES[name]} | row for row in found], TABLES[name].arrow
            )
            for name, found in rows.items()
        }
    )


def test_what_a_firm_supplies_carries_owns_and_has_decided_is_gone_with_it(tables: Tables) -> None:
    """Rows in which it stands go, whether it is a member or not; what others supply, carry and make stays."""
    lot = {"week": date(2025, 4, 14), "sku": "TOASTER", "quantity": 5.0}
    lanes = tables["lanes"].to_pylist()
    whole = adding(
        tables,
        sources=[{"material": "STEEL", "supplier": supplier, "cost": 1.0} for supplier in ("MILL", "BETA", "FORGE")],
        lanes=[row | {"carrier": "BETA" if row["lane"] == "truck" else "LINE"} for row in lanes],
        credit=[{"firm": firm, "cash": 9.0, "limit": 4.0} for firm in ("ALPHA", "BETA")],
        approved=[
            lot | {"firm": "BETA", "seller": "ALPHA"},
            lot | {"firm": "ALPHA", "seller": "BETA"},
            lot | {"firm": "ALPHA", "seller": "ALPHA", "chain": "BETA > ALPHA"},
            lot | {"firm": "ALPHA", "seller": "ALPHA"},
        ],
    )
    found = changed(whole, "firm:BETA=out")
    assert cells(found, "sources", "supplier") == [("MILL",), ("FORGE",)]
    assert "truck" not in [lane for (lane,) in cells(found, "lanes", "lane")]
    assert found["lanes"].num_rows == len(lanes) - 1
    assert cells(found, "credit", "firm", "cash") == [("ALPHA", 9.0)]
    assert cells(found, "approved", "firm", "seller", "chain") == [("ALPHA", "ALPHA", None)]
    assert cells(changed(whole, "firm:LINE=out"), "lanes", "lane") == [("truck",)]
    assert cells(changed(whole, "firm:MILL=out"), "sources", "supplier") == [("BETA",), ("FORGE",)]


def test_an_owner_of_other_firms_is_no_richer_without_one(tables: Tables) -> None:
    """Without a row an owner would not be short of money at all: the row stays, with nothing in it."""
    firms = [row | {"owner": "O" if row["firm"] != "GAMMA" else None} for row in tables["firms"].to_pylist()]
    whole = adding(
        tables, firms=firms, credit=[{"firm": firm, "cash": 9.0, "limit": 4.0} for firm in ("ALPHA", "BETA", "GAMMA")]
    )
    rows = [("ALPHA", 9.0, 4.0), ("BETA", 0.0, 0.0), ("GAMMA", 9.0, 4.0)]
    assert cells(changed(whole, "firm:BETA=out"), "credit", "firm", "cash", "limit") == rows
    assert cells(changed(whole, "firm:GAMMA=out"), "credit", "firm") == [("ALPHA",), ("BETA",)]


def test_a_firm_without_which_nothing_changes_is_not_answered_with_a_plan(tables: Tables) -> None:
    """Who makes, sells, supplies and carries nothing is told as that; who sells alone is not."""
    firms = [*tables["firms"].to_pylist(), {"firm": "IDLE", "role": "supplier"}, {"firm": "SHOP", "role": "seller"}]
    order = {
        "order": "O",
        "due": date(2025, 4, 20),
        "sku": "TOASTER",
        "market": "DE",
        "seller": "SHOP",
        "quantity": 1.0,
    }
    whole = adding(tables, firms=firms, orders=[order])
    with pytest.raises(UsageError, match="changes nothing: IDLE") as caught:
        changed(whole, "firm:IDLE=out")
    assert "sources" in caught.value.cure
    assert apply_what_ifs(read_what_ifs(["firm:SHOP=out"]), whole).factors == (DemandFactor(0.0, seller="SHOP"),)


def test_demand_of_a_firm_that_sells_nothing_is_refused_and_not_offered(tables: Tables) -> None:
    """MILL only makes: its demand cannot change, and a slip of the pen is answered with MALL, which has an order."""
    firms = [{"firm": "MILL", "role": "maker"}, {"firm": "MALL", "role": "seller"}]
    order = {"order": "O", "due": date(2025, 4, 20), "sku": "TOASTER", "market": "DE", "seller": "MALL", "quantity": 1}
    whole = adding(tables, firms=firms, orders=[order])
    for text in ("demand:MILL=+20%", "demand:seller/MILL=+20%"):
        with pytest.raises(UsageError, match="changes nothing: MILL sells nothing") as caught:
            changed(whole, text)
        assert caught.value.cure.endswith(": MALL.")
    for text in ("demand:MULL=+20%", "demand:seller/MULL=+20%"):
        with pytest.raises(UsageError, match="which is not there") as caught:
            changed(whole, text)
        assert "MALL" in caught.value.cure
        assert "MILL" not in caught.value.cure
    found = apply_what_ifs(read_what_ifs(["demand:MALL=+20%"]), whole)
    assert found.factors == (DemandFactor(1.2, seller="MALL"),)


def test_what_needs_a_material_whose_last_source_goes_cannot_be_made(tmp_path: Path) -> None:
    """MILL alone has the steel and the brass of kettles, and chrome with FORGE: without it toasters are made and no kettle, and why is told."""
    bills = [
        {"family": "kettle", "material": "STEEL", "quantity": 1},
        {"family": "kettle", "material": "BRASS", "quantity": 1},
        {"sku": "TOASTER", "material": "CHROME", "quantity": 1},
    ]
    offers = [("STEEL", "MILL"), ("BRASS", "MILL"), ("CHROME", "MILL"), ("CHROME", "FORGE")]
    folder = write_tiny(tmp_path)
    write_csv(folder / "tables" / "materials.csv", bills)
    write_csv(folder / "tables" / "sources.csv", [{"material": m, "supplier": s, "cost": 20} for m, s in offers])
    study = Study.open(folder, QUICK)
    made, beside = study.what_if(["firm:MILL=out"])
    before = study.workspace.run(beside.runs[0])
    assert set(before.tables["lots"]["sku"].to_pylist()) == {"KETTLE-1", "KETTLE-2", "TOASTER"}
    assert set(made.tables["lots"]["sku"].to_pylist()) == {"TOASTER"}
    causes = {
        (row["sku"], row["cause"], row["material"])
        for row in made.tables["reasons"].to_pylist()
        if row["kind"] == "unmet"
    }
    assert {(sku, "no_source", "BRASS, STEEL") for sku in ("KETTLE-1", "KETTLE-2")} <= causes
    for lang, said in (
        ("en", "its materials BRASS, STEEL have no source left"),
        ("zh", "所用物料 BRASS、STEEL 已没有货源"),
    ):
        view = RunView(made.stored, lang)
        with view.speaking():
            for firm in (None, "ALPHA"):
                assert any(said in item.sentence for item in explained(view, firm))
    told = {
        row["subject"]: row["value"] for row in made.tables["assumptions"].to_pylist() if row["item"] == LOST_SOURCE
    }
    assert told == {"STEEL": "2", "BRASS": "2"}
    assert not any(
        "not counted" in row["rule"] for row in made.tables["assumptions"].to_pylist() if row["item"] == LOST_SOURCE
    )
    write_csv(folder / "tables" / "material_stock.csv", [{"firm": "ALPHA", "material": "STEEL", "quantity": 9}])
    held, _ = study.what_if(["firm:MILL=out"])
    rules = {
        row["subject"]: row["rule"] for row in held.tables["assumptions"].to_pylist() if row["item"] == LOST_SOURCE
    }
    assert "Firms have some of it" in rules["STEEL"]
    assert "Firms have some of it" not in rules["BRASS"]
    (folder / "tables" / "material_stock.csv").unlink()
    assert any("STEEL: 2 products" in line for line in beside_lines(made, beside))
    # Without any source at all nothing is made, nor is it then at a share of its value.
    nothing, _ = study.what_if(["firm:MILL=out", "firm:FORGE=out"])
    assert nothing.tables["lots"].num_rows == 0
    # What two firms take away one after the other is told together.
    write_csv(
        folder / "tables" / "sources.csv",
        [{"material": "STEEL", "supplier": "MILL", "cost": 20}, {"material": "BRASS", "supplier": "FORGE", "cost": 20}],
    )
    lost, _ = study.what_if(["firm:MILL=out", "firm:FORGE=out"])
    assert {row["material"] for row in lost.tables["reasons"].to_pylist() if row["cause"] == "no_source"} == {
        "STEEL, BRASS"
    }


def test_what_was_made_of_a_material_that_is_gone_is_not_counted_at_nothing(tmp_path: Path) -> None:
    """Kettles were made of MILL's steel: without MILL the plan as recorded is not counted, rather than gaining what they cost; toasters were not."""
    folder = write_tiny(tmp_path)
    write_csv(folder / "tables" / "materials.csv", [{"family": "kettle", "material": "STEEL", "quantity": 1}])
    write_csv(folder / "tables" / "sources.csv", [{"material": "STEEL", "supplier": "MILL", "cost": 20}])

    def recorded(sku: str, firm: str) -> tuple[Any, Any, list[str]]:
        days = (date(2025, 3, 3), date(2025, 3, 24), date(2025, 4, 13))
        make = {"activity": "make", "firm": firm, "sku": sku, "seller": firm, "quantity": 9}
        write_csv(
            folder / "tables" / "recorded.csv", [make | {"row": n + 1, "date": day} for n, day in enumerate(days)]
        )
        made, beside = Study.open(folder, QUICK | {"horizon.replay": "yes"}).what_if(["firm:MILL=out"])
        value = {row["plan"]: row["second"] for row in beside.values}
        noted = [row for row in made.tables["assumptions"].to_pylist() if row["item"] == "recorded plan"]
        return value["recorded"], noted, beside_lines(made, beside)

    value, (noted,), lines = recorded("KETTLE-1", "ALPHA")
    assert value is None
    assert (noted["value"], noted["unit"]) == ("18", "units")
    assert any("As recorded, not counted without the materials that were used" in line for line in lines)
    value, noted, lines = recorded("TOASTER", "GAMMA")
    assert value is not None
    assert noted == []
    assert any("As recorded, counted with the change" in line for line in lines)


CELLS_READ = (
    ("fx:EUR.rate=+10%", "fx", 0, "rate", 8.25),
    ("fees:shop.share=0.2", "fees", 0, "share", 0.2),
    ("duties:DE.rate=0.3", "duties", 0, "rate", 0.3),
    ("export_modes:9610.refund=0.5", "export_modes", 0, "refund", 0.5),
    ("credit:BETA.cash=5", "credit", 1, "cash", 5),
    ("certificates:ALPHA//FR.expiry=2025-04-20", "certificates", 0, "expiry", "2025-04-20"),
    ("terms:ALPHA/keep_hours.share=0.5", "terms", 0, "share", 0.5),
    ("potentials:KETTLE-1/US.quantity=x2", "potentials", 0, "quantity", 20),
    ("campaigns:DE.uplift=0.5", "campaigns", 0, "uplift", 0.5),
    ("orders:O1.quantity=300", "orders", 0, "quantity", 300),
    ("markets:US.entry_cost=1", "markets", 2, "entry_cost", 1),
    ("approved:2025-04-14/ALPHA.quantity=60", "approved", 0, "quantity", 60),
)


def traded() -> dict[str, list[dict[str, Any]]]:
    """Return the tables of a cluster that sells abroad, of which each has something to change."""
    made = tiny_tables()
    firms = [row["firm"] for row in made["firms"]]
    line = {"sku": "KETTLE-1", "market": "DE", "seller": "ALPHA"}
    us = {
        "lane": "parcel-US",
        "origin": "*",
        "destination": "US",
        "mode": "parcel",
        "tariff": "parcel",
        "transit_days": 6,
    }
    return made | {
        "markets": [
            {"market": "DE", "country": "DE", "currency": "EUR"}, *made["markets"][1:],
            {"market": "US", "country": "US", "currency": "CNY", "entry_cost": 5000},
        ],
        "lanes": [row | {"export_mode": "9610"} for row in [*made["lanes"], us]],
        "fx": [{"currency": "EUR", "date": "2025-01-01", "rate": 7.5}],
        "fees": [{"channel": "shop", "share": 0.1}],
        "duties": [{"market": "DE", "from_date": "2020-01-01", "rate": 0.1}],
        "export_modes": [{"code": "9610", "from_date": "2020-01-01", "refund": 1.0}],
        "credit": [{"firm": firm, "cash": 1000, "limit": 100} for firm in firms],
        "certificates": [{"firm": firm, "market": "FR", "expiry": "2030-01-01"} for firm in firms],
        "terms": [{"owner": "ALPHA", "term": "keep_hours", "share": 0.1}],
        "potentials": [line | {"market": "US", "quantity": 10, "unit_price": 100}],
        "campaigns": [{"market": "DE", "cost": 100, "uplift": 0.2}],
        "orders": [line | {"order": f"O{n}", "line": 1, "due": f"2025-04-{due}", "quantity": 50 * n} for n, due in ((1, 20), (2, 27))],
        "approved": [{"week": "2025-04-14", "firm": "ALPHA", "sku": "KETTLE-1", "seller": "ALPHA", "quantity": 20}],
    }  # fmt: skip


def test_a_changed_cell_is_planned_as_if_it_stood_in_the_file(tmp_path: Path) -> None:
    """Of every table that can be changed late each change makes another problem; all together make that of the tables so written."""

    @contextmanager
    def completed(tables: dict[str, list[dict[str, Any]]]) -> Iterator[Basis]:
        for name, rows in tables.items():
            write_csv(folder / "tables" / f"{name}.csv", rows)
        with DuckDBEngine() as engine:
            yield stages.complete(
                checked_basis(study.workspace, study.settings, engine, Stopwatch(silent)), study.settings
            )

    def problem(basis: Basis, *texts: str) -> str:
        basis = stages.land(stages.change(basis, read_what_ifs(texts)), study.settings)
        prepared = prepare(
            basis.tables.adding({"forecasts": TABLES["forecasts"].empty()}), study.settings.plan, currency=basis.currency,
            start=basis.horizon.start, weeks=basis.horizon.weeks, replay=basis.horizon.replay,
        )  # fmt: skip
        return repr(flat(prepared.problem))

    folder = write_tiny(tmp_path)
    study = Study.open(folder, QUICK | {"currency": "CNY"})
    with completed(traded()) as basis:
        base = problem(basis)
        for text, *_ in CELLS_READ:
            assert problem(basis, text) != base, text
        late = problem(basis, *(text for text, *_ in CELLS_READ))
    tables = traded()
    for _, table, row, column, value in CELLS_READ:
        tables[table][row][column] = value
    with completed(tables) as basis:
        assert problem(basis) == late


def flat(value: Any) -> Any:
    """Return what a problem holds as plain lists."""
    if is_dataclass(value):
        return [(field.name, flat(getattr(value, field.name))) for field in fields(value)]
    return (
        value.round(9).tolist()
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        else (value.tolist() if isinstance(value, np.ndarray) else value)
    )
