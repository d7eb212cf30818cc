"""Work lists: complete for their firm, silent on others."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jointplan.report.view import RunView
from jointplan.report.worklist import file_name, work_lists, write_worklists
from jointplan.store import StoredRun
from tests.report.clusters import Cluster, build


def amounts(text: str) -> set[str]:
    """Return every amount to the cent that a text shows."""
    return set(re.findall(r"¥([\d,]+\.\d\d)", text))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    makers=st.integers(1, 4),
    sellers=st.integers(1, 3),
    series=st.integers(1, 12),
    recorded=st.booleans(),
)
def test_work_lists_show_no_one_elses_amounts(
    tmp_path_factory: pytest.TempPathFactory, seed: int, makers: int, sellers: int, series: int, recorded: bool
) -> None:
    """Whatever the plan, each amount on a firm's list is the firm's own: of its accounts or its own freight."""
    stored = build(
        tmp_path_factory.mktemp("run"),
        Cluster(seed=seed, makers=makers, sellers=sellers, series=series, products=3, weeks=4, recorded=recorded),
    )
    view = RunView(stored, "en")
    ledger, shipments = stored.tables["ledger"].to_pylist(), stored.tables["shipments"].to_pylist()
    firms = {row["firm"] for row in stored.tables["input_firms"].to_pylist()}
    for work in work_lists(view):
        own: set[float] = {row["cost"] for row in shipments if row["seller"] == work.firm and row["plan"] == "joint"}
        sums = {"separate": dict[str, float](), "joint": dict[str, float]()}
        for row in ledger:
            if row["firm"] == work.firm and row["plan"] in sums:
                plan = sums[row["plan"]]
                plan[row["account"]] = plan.get(row["account"], 0.0) + row["amount"]
        for account in {*sums["separate"], *sums["joint"]}:
            pair = [sums[plan].get(account, 0.0) for plan in ("separate", "joint")]
            own.update((*pair, pair[1] - pair[0]))
        totals = [sum(sums[plan].values()) for plan in ("separate", "joint")]
        own.update((*totals, totals[1] - totals[0]))
        allowed = {f"{abs(round(amount, 2)):,.2f}" for amount in own}
        shown = set[str]()
        for grid in work.grids:
            for row in grid.rows:
                shown |= amounts(" ".join(row))
        assert shown <= allowed
        partners = {row["seller"] for row in stored.tables["lots"].to_pylist() if row["maker"] == work.firm}
        partners |= {row["seller"] for row in shipments if row["origin"] == work.firm}
        partners |= {row["origin"] for row in shipments if row["seller"] == work.firm}
        cells = {cell for grid in work.grids for row in grid.rows for cell in row}
        strangers = {view.firm(firm) for firm in firms - partners - {work.firm}}
        assert not cells & strangers


def test_maker_sees_all_its_lots_and_no_freight(run: StoredRun) -> None:
    """A maker's list has every lot of its own in the joint plan, and says nothing of what shipping costs."""
    view = RunView(run, "en")
    maker = Counter(row["maker"] for row in run.tables["lots"].to_pylist()).most_common(1)[0][0]
    work = next(work for work in work_lists(view) if work.firm == maker)
    mine = [row for row in run.tables["lots"].to_pylist() if row["maker"] == maker and row["plan"] == "joint"]
    assert mine
    assert len(work.grids[0].rows) == len(mine)
    assert {row[1] for row in work.grids[0].rows} == {row["lot"] for row in mine}
    assert not any("freight" in name.lower() for grid in work.grids for name in grid.header)


def test_seller_sees_all_its_shipments(run: StoredRun) -> None:
    """A seller's list has every row shipped for it, with the week it arrives."""
    view = RunView(run, "en")
    work = next(work for work in work_lists(view) if work.firm == "S01")
    mine = [row for row in run.tables["shipments"].to_pylist() if row["seller"] == "S01" and row["plan"] == "joint"]
    grid = next(grid for grid in work.grids if "arrives" in grid.title)
    assert len(grid.rows) == len(mine)
    assert {row[1] for row in grid.rows} == {view.numbers.day(row["arrives"]) for row in mine}


def test_there_is_one_list_for_each_busy_firm_and_none_left_over(tmp_path: Path, run: StoredRun) -> None:
    """Each firm with anything in the joint plan has its page; pages of an earlier report are gone."""
    (tmp_path / "old.html").write_text("old")
    view = RunView(run, "en")
    with view.speaking():
        paths = write_worklists(view, tmp_path)
    busy = {row["firm"] for row in run.tables["ledger"].to_pylist()} - {"hub"}
    assert sorted(path.stem for path in paths) == sorted(busy)
    assert sorted(tmp_path.iterdir()) == sorted(paths)


@settings(deadline=None)
@given(st.lists(st.text(max_size=80), max_size=12, unique=True))
def test_file_names_are_safe_and_different(firms: list[str]) -> None:
    """Whatever firms are called, their files have different names, even where case does not count, and stay in place."""
    taken: set[str] = set()
    names = [file_name(firm, taken) for firm in firms]
    assert len({name.lower() for name in names}) == len(firms)
    assert all(re.fullmatch(r"[\w.-]+", name) and not name.startswith(".") for name in names)


def test_rows_of_nothing_are_left_out_and_counted(run: StoredRun, tmp_path: Path) -> None:
    """A lot of a fifth of a unit is not listed, and its maker's list says that one row is left out."""
    lots = run.tables["lots"].to_pylist()
    first = next(row for row in lots if row["plan"] == "joint")
    folder = shutil.copytree(run.folder, tmp_path / run.id)
    rows = [*lots, first | {"lot": "SMALL", "quantity": 0.2}]
    pq.write_table(pa.Table.from_pylist(rows, schema=run.tables["lots"].schema), folder / "tables" / "lots.parquet")
    view = RunView(StoredRun(folder), "en")
    with view.speaking():
        work = next(work for work in work_lists(view) if work.firm == first["maker"])
    grid = next(grid for grid in work.grids if grid.title == "What to make")
    assert "SMALL" not in {row[1] for row in grid.rows}
    assert grid.note.endswith("Rows that come to no whole unit, not shown: 1.")


def test_products_that_share_a_title_are_told_with_their_codes(run: StoredRun, tmp_path: Path) -> None:
    """Two products of one title have their codes behind it; the title of a single one stands alone."""
    products = run.tables["input_products"].to_pylist()
    rows = [row | {"title": "Kettle" if n < 2 else f"Toaster {n}"} for n, row in enumerate(products)]
    folder = shutil.copytree(run.folder, tmp_path / run.id)
    table = pa.Table.from_pylist(rows, schema=run.tables["input_products"].schema)
    pq.write_table(table, folder / "tables" / "input_products.parquet")
    view = RunView(StoredRun(folder), "en")
    skus = [row["sku"] for row in rows]
    assert [view.product(sku) for sku in skus[:3]] == [f"Kettle ({skus[0]})", f"Kettle ({skus[1]})", "Toaster 2"]
    assert view.named(skus[2]) == f"Toaster 2 ({skus[2]})"


def test_units_of_a_lot_add_up_to_the_lot(run: StoredRun, tmp_path: Path) -> None:
    """Three sellers of a third of a lot of 100 have 34, 33 and 33, not three times 33 beside a hundred."""
    folder = shutil.copytree(run.folder, tmp_path / run.id)
    rows = run.tables["lots"].to_pylist()
    one = next(row for row in rows if row["plan"] == "joint")
    sellers = sorted({row["seller"] for row in rows})[:3]
    parts = [
        one | {"seller": seller, "quantity": 100 / len(sellers) + 0.4 * (n == 0)} for n, seller in enumerate(sellers)
    ]
    lots = pa.Table.from_pylist(parts, schema=run.tables["lots"].schema)
    pq.write_table(lots, folder / "tables" / "lots.parquet")
    work = next(work for work in work_lists(RunView(StoredRun(folder), "en")) if work.firm == one["maker"])
    units = [int(row[4]) for row in work.grids[0].rows]
    assert len(units) == len(sellers)
    assert {row[5] for row in work.grids[0].rows} == {str(sum(units))} == {"100"}


def test_what_a_list_hands_over_is_what_it_makes(run: StoredRun, tmp_path: Path) -> None:
    """A lot of 30.5 pots that leaves as 8.7, 8.2 and 13.6 is 31 to make, and 9, 8 and 14 to hand over; its seller reads the same."""
    one = next(row for row in run.tables["lots"].to_pylist() if row["plan"] == "joint")
    sent = [row for row in run.tables["shipments"].to_pylist() if row["plan"] == "joint"][:3]
    own = {"origin": one["maker"], "sku": one["sku"], "seller": one["seller"], "lane": sent[0]["lane"]}
    parts = [
        row | own | {"quantity": q, "load": f"J-{n}"}
        for n, (row, q) in enumerate(zip(sent, (8.7, 8.2, 13.6), strict=True))
    ]
    weeks = sorted(row["week"] for row in sent)
    parts = [row | {"week": week} for row, week in zip(parts, weeks, strict=True)]
    folder = shutil.copytree(run.folder, tmp_path / run.id)
    for name, rows in (("lots", [one | {"quantity": 30.5}]), ("shipments", parts)):
        table = pa.Table.from_pylist(rows, schema=run.tables[name].schema)
        pq.write_table(table, folder / "tables" / f"{name}.parquet")
    lists = {work.firm: work for work in work_lists(RunView(StoredRun(folder), "en"))}
    maker = {grid.title: grid for grid in lists[one["maker"]].grids}
    assert [row[4] for row in maker["What to make"].rows] == ["31"]
    assert sorted(row[6] for row in maker["What to hand over"].rows) == ["14", "8", "9"]
    seller = {grid.title: grid for grid in lists[one["seller"]].grids}
    assert sorted(row[8] for row in seller["What is shipped for you, and when it arrives"].rows) == ["14", "8", "9"]
