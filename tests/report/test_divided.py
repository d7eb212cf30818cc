"""Jobs that several firms do in turn: each firm is told its steps, and the report tells which moved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jointplan.report.blocks import Grid
from jointplan.report.making import making_section
from jointplan.report.view import RunView
from jointplan.report.worklist import work_lists
from jointplan.schema import TABLES
from jointplan.store import StoredRun
from jointplan.texts import set_language


@pytest.fixture
def view(run: StoredRun, tmp_path: Path) -> RunView:
    """Return the ordinary run, the first lot of its joint plan begun at another firm than the one that finishes it."""
    set_language("en")
    lots = run.tables["lots"].to_pylist()
    first = next(row for row in lots if row["plan"] == "joint" and row["quantity"] > 0)
    other = next(row["maker"] for row in lots if row["maker"] != first["maker"])
    maker = {row["sku"]: row["maker"] for row in run.tables["input_products"].to_pylist()}[first["sku"]]
    firms = (other, first["maker"]) if maker == first["maker"] else (maker, first["maker"])
    mine = [row for row in lots if row["plan"] == "joint" and row["lot"] == first["lot"]]
    for row in mine:
        row["chain"] = " > ".join(firms)
    steps = [
        {
            "plan": "joint", "lot": row["lot"], "step": step, "sku": row["sku"], "seller": row["seller"], "week": row["week"],
            "process": process, "firm": firms[step - 1], "comes_from": firms[0] if step == 2 else None,
            "goes_to": firms[1] if step == 1 else None, "quantity": row["quantity"], "hours": 3.0 * step,
        }
        for row in mine
        for step, process in ((1, "moulding"), (2, "assembly"))
    ]  # fmt: skip
    folder = Path(shutil.copytree(run.folder, tmp_path / "run"))
    for name, rows in (("lots", lots), ("steps", steps)):
        pq.write_table(pa.Table.from_pylist(rows, TABLES[name].arrow), folder / "tables" / f"{name}.parquet")
    return RunView(StoredRun(folder), "en")


def test_each_firm_is_told_its_steps_and_no_sellers(view: RunView) -> None:
    """A row for each step, with whom it comes from or goes to; units of all sellers together; not told twice as a lot."""
    steps = view.frame("steps")
    lot = str(steps["lot"].iloc[0])
    total = view.numbers.count(steps.loc[steps["step"] == 1, "quantity"].sum())
    for step, firm in steps.drop_duplicates("step")[["step", "firm"]].itertuples(index=False):
        work = next(work for work in work_lists(view) if work.firm == firm)
        made = [grid for grid in work.grids if grid.title == "What to make"]
        assert all(row[1] != lot for grid in made for row in grid.rows)
        grid = next(grid for grid in work.grids if grid.title.startswith("Steps you do"))
        (row,) = [row for row in grid.rows if row[1] == lot]
        other = view.firm(steps.loc[steps["step"] != step, "firm"].iloc[0])
        assert row[4:8] == (("moulding", "assembly")[step - 1], total, *(("–", other) if step == 1 else (other, "–")))


def test_the_report_tells_which_steps_moved(view: RunView) -> None:
    """Steps done by others than who has the order stand in the section on making; without any, nothing is said."""
    steps = view.frame("steps")
    grids = [block for block in making_section(view).blocks if isinstance(block, Grid)]
    grid = next(grid for grid in grids if grid.title == "Single steps that another owner does")
    maker = view.frame("input_products").set_index("sku")["maker"][steps["sku"].iloc[0]]
    moved = steps[steps["firm"] != maker].drop_duplicates(["process", "firm"])
    assert {(row[0], row[3]) for row in grid.rows} == {
        (p, view.firm(f)) for p, f in zip(moved["process"], moved["firm"], strict=True)
    }
    (view.run.folder / "tables" / "steps.parquet").unlink()
    plain = RunView(StoredRun(view.run.folder), "en")
    assert not any(
        block.title == "Single steps that another owner does"
        for block in making_section(plain).blocks
        if isinstance(block, Grid)
    )


def test_steps_within_an_owner_do_not_move(view: RunView) -> None:
    """What the present maker's owner does at another of its firms, it does by itself: such steps are not told as moved."""
    table = view.run.folder / "tables" / "input_firms.parquet"
    firms = view.run.tables["input_firms"].to_pylist()
    for row in firms:
        row["owner"] = "Chen"
    pq.write_table(pa.Table.from_pylist(firms, TABLES["firms"].arrow), table)
    grids = [
        block for block in making_section(RunView(StoredRun(view.run.folder), "en")).blocks if isinstance(block, Grid)
    ]
    assert all(grid.title != "Single steps that another owner does" for grid in grids)


def test_the_report_tells_who_pays_whom_for_designs(view: RunView) -> None:
    """The weeks of a product, its payer and its design's owner are one row, the dearest first; without royalties nothing is said."""

    def grids(run: RunView) -> list[Grid]:
        blocks = [block for block in making_section(run).blocks if isinstance(block, Grid)]
        return [grid for grid in blocks if grid.title == "Royalties for designs"]

    assert grids(view) == []
    rows = view.run.tables["ledger"].to_pylist()
    first = next(row for row in rows if row["plan"] == "joint" and row["sku"])
    payer, drew = view.frame("input_firms")["firm"].iloc[:2]
    weeks = view.frame("ledger")["week"].drop_duplicates().tolist()[:2]
    skus = view.frame("input_products")["sku"].iloc[:2]
    for sku, week, amount in ((skus[0], weeks[0], 20.0), (skus[1], weeks[0], 70.0), (skus[0], weeks[1], 30.0)):
        royalty = first | {"account": "royalty", "week": week, "sku": sku, "is_cash": True}
        rows.append(royalty | {"firm": drew, "counterparty": payer, "amount": amount})
        rows.append(royalty | {"firm": payer, "counterparty": drew, "amount": -amount})
    file = view.run.folder / "tables" / "ledger.parquet"
    pq.write_table(pa.Table.from_pylist(rows, TABLES["ledger"].arrow), file)
    (grid,) = grids(RunView(StoredRun(view.run.folder), "en"))
    money = view.numbers.money
    names = view.firm(payer), view.firm(drew)
    assert grid.rows == ((view.product(skus[1]), *names, money(70.0)), (view.product(skus[0]), *names, money(50.0)))


def test_a_job_wholly_in_a_shared_workshop_is_a_lot_of_its_own(view: RunView) -> None:
    """A chain that names one firm for every step hands over to nobody: the firm is told the lot, not steps to and from itself."""
    folder = view.run.folder / "tables"
    lots, steps = view.run.tables["lots"].to_pylist(), view.run.tables["steps"].to_pylist()
    lot, firm = steps[0]["lot"], steps[-1]["firm"]
    for row in lots:
        row["chain"] = f"{firm} > {firm}" if row["lot"] == lot else row["chain"]
    for row in steps:
        row |= {"firm": firm, "comes_from": row["comes_from"] and firm, "goes_to": row["goes_to"] and firm}
    for name, rows in (("lots", lots), ("steps", steps)):
        pq.write_table(pa.Table.from_pylist(rows, TABLES[name].arrow), folder / f"{name}.parquet")
    alone = RunView(StoredRun(view.run.folder), "en")
    work = next(work for work in work_lists(alone) if work.firm == firm)
    assert not any(grid.title.startswith("Steps you do") for grid in work.grids)
    made = next(grid for grid in work.grids if grid.title == "What to make")
    assert any(row[1] == lot for row in made.rows)
    moved = [block for block in making_section(alone).blocks if isinstance(block, Grid)]
    assert not any(block.title == "Single steps that another owner does" for block in moved)
