"""A workspace is read as a whole: everything that is wrong is told at once, with its place and its cure."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jointplan.engine import DuckDBEngine
from jointplan.errors import WorkspaceError
from jointplan.ingest import check_workspace, reader
from jointplan.schema import INPUTS, TABLES
from jointplan.store import Workspace
from jointplan.texts import set_language
from tests.tiny import write_csv, write_tiny


def test_a_sound_cluster_has_no_problem(cluster: Any) -> None:
    """Tables come typed as the schema says, with defaults, in the order of the file; absent ones are missing."""
    checked = cluster.check()
    assert checked.issues == ()
    assert set(checked.tables) == {"firms", "products", "markets", "sales"}
    for name in checked.tables:
        assert checked.tables[name].schema == TABLES[name].arrow
    sales = checked.tables["sales"]
    assert sales["document"].to_pylist() == ["A1", "A2", "A2"]
    assert sales["source"].to_pylist() == ["own"] * 3
    assert sales["occurrence"].to_pylist() == [1] * 3
    assert sales["date"].to_pylist() == [date(2024, 3, 4), date(2024, 3, 5), date(2024, 3, 5)]
    assert sales["unit_price"].to_pylist() == [10, 10.5, 20]
    assert checked.tables["firms"]["owner"].to_pylist() == ["F1", "F2"]
    assert checked.tables["products"]["family"].to_pylist() == ["general"] * 2


def test_a_blank_volume_follows_from_the_sides(cluster: Any) -> None:
    """30 × 20 × 20 cm are .012 m³, and no volume has to be assumed; one that is given stays, and one that is not read is told."""
    header = "sku,maker,unit_value,weight,volume,length,width,height\n"
    cluster.write("products", f"{header}P1,F1,10,1,,30,20,20\nP2,F1,20,1,,,,\n")
    checked = cluster.check()
    assert checked.issues == ()
    assert checked.tables["products"]["volume"].to_pylist() == [0.012, None]
    assert "volume" not in checked.blank["products"]
    cluster.write("products", f"{header}P1,F1,10,1,0.01,30,20,20\nP2,F1,20,1,x,30,20,20\n")
    checked = cluster.check()
    assert checked.tables["products"]["volume"].to_pylist() == [0.01, None]
    assert [(issue.row, issue.column, issue.rule) for issue in checked.issues] == [(3, "volume", "not_a_number")]


def test_columns_that_nobody_filled_in_are_told(tmp_path: Path) -> None:
    """A column that is not there is told as one that is blank all the way down; one cell suffices, in any file of the table."""

    def weighed(products: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"transfer_price": "", "weight": "" if n else row["weight"]} for n, row in enumerate(products)]

    folder = write_tiny(tmp_path, products=weighed)
    more = [{"firm": "ALPHA", "process": "painting", "cost_per_hour": 9, "yield": 0.9}]
    write_csv(folder / "tables" / "capabilities-2.csv", more)
    with DuckDBEngine() as engine:
        blank = check_workspace(Workspace(folder), engine).blank
    assert (blank["products"], blank["capabilities"]) == (("transfer_price",), ("minimum_batch",))
    assert "capacity" not in blank


def test_files_are_told_with_their_hash_and_rows(cluster: Any) -> None:
    """A run can say exactly what it was made from."""
    file = next(file for file in cluster.check().files if file.table == "sales")
    assert file.rows == 3
    assert file.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()


def test_relations_on_the_engine_hold_the_same_rows(cluster: Any) -> None:
    """A stage may compute on the engine instead of in memory."""
    checked = cluster.check()
    for name, table in checked.tables.items():
        assert cluster.engine.arrow(checked.relations[name]).cast(table.schema).equals(table)


def test_large_tables_are_made_only_when_asked_for(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit in memory is not put there by a check, and is the same when it is."""
    before = cluster.check().tables["sales"]
    monkeypatch.setattr(reader, "HELD_ROWS", 2)
    made: list[str] = []
    arrow = reader._arrow
    monkeypatch.setattr(reader, "_arrow", lambda engine, name: made.append(name) or arrow(engine, name))
    checked = cluster.check()
    assert "sales" not in made
    assert checked.tables["sales"].sort_by("unit_price").equals(before.sort_by("unit_price"))
    assert checked.tables["sales"] is checked.tables["sales"]
    assert made.count("sales") == 1


def test_a_small_workspace_is_checked_by_few_statements(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planning statements is nearly all that a check of few rows costs: each command would be slower for each more."""
    asked: list[str] = []
    for way in ("rows", "run", "sql"):
        ask = getattr(DuckDBEngine, way)
        monkeypatch.setattr(DuckDBEngine, way, lambda engine, query, ask=ask: asked.append(query) or ask(engine, query))
    with DuckDBEngine(threads=1) as engine:
        assert check_workspace(Workspace(tiny), engine).issues == ()
    assert len(asked) <= 91
    assert sum(map(len, asked)) < 65_000


def test_all_problems_are_told_together(cluster: Any) -> None:
    """One look is enough: problems of several tables and rules come in one list, in the order of the tables."""
    cluster.write("firms", "firm,role\nF1,maker\nF2,boss\n")
    cluster.write("products", "sku,maker,wieght\nP1,F9,1\n")
    cluster.write("sales", "document,date,sku,market,seller,quantity,unit_price\nA1,soon,P1,FR,F2,-3,x\n")
    checked = cluster.check()
    rules = {(issue.table, issue.rule) for issue in checked.errors}
    assert rules >= {
        ("firms", "unknown_choice"),
        ("products", "unknown_column"),
        ("products", "unknown_reference"),
        ("sales", "not_a_date"),
        ("sales", "unknown_reference"),
        ("sales", "too_low"),
        ("sales", "not_a_number"),
    }
    order = [table.name for table in INPUTS]
    places = [order.index(issue.table) for issue in checked.issues]
    assert places == sorted(places)
    assert all(issue.message and issue.cure for issue in checked.issues)


def test_a_missing_folder_is_told_at_once(engine: DuckDBEngine, tmp_path: Path) -> None:
    """No folder is no problem of the data."""
    with pytest.raises(WorkspaceError, match="jointplan init"):
        check_workspace(Workspace(tmp_path / "nowhere"), engine)


def test_a_missing_file_is_an_error(cluster: Any) -> None:
    """A needed table that is not there is told, and not again by every code that refers to it."""
    (cluster.workspace.tables / "products.csv").unlink()
    checked = cluster.check()
    assert [(issue.table, issue.rule) for issue in checked.issues] == [("products", "missing_table")]
    assert "tables/products.csv" in checked.issues[0].cure


def test_a_table_beside_the_folder_of_tables_is_told(cluster: Any) -> None:
    """A needed table that lies where the settings lie is told by its place, not as missing."""
    (cluster.workspace.tables / "products.csv").rename(cluster.workspace.root / "产品.csv")
    issues = cluster.check().issues
    assert [(issue.table, issue.rule, issue.file) for issue in issues] == [("products", "misplaced_table", "产品.csv")]


def test_an_empty_workspace_misses_every_needed_table(engine: DuckDBEngine, tmp_path: Path) -> None:
    """A folder without tables lists what it needs."""
    issues = check_workspace(Workspace(tmp_path), engine).issues
    assert [issue.table for issue in issues] == ["firms", "products", "markets", "sales"]


@pytest.mark.parametrize(("content", "rule"), [("", "empty_file"), (" \n\n", "empty_file"), ("sku\n", "empty_table")])
def test_an_empty_file_is_an_error(cluster: Any, content: str, rule: str) -> None:
    """Nothing at all, and nothing below the header, are told apart."""
    cluster.write("products", content)
    assert [issue.table for issue in cluster.issues(rule)] == ["products"]


def test_an_optional_table_without_rows_is_absent(cluster: Any) -> None:
    """A template nobody filled in is no table."""
    cluster.write("lanes", "lane,origin\n")
    checked = cluster.check()
    assert checked.issues == ()
    assert "lanes" not in checked.tables


def test_a_file_written_while_it_is_read_is_an_error(cluster: Any) -> None:
    """Half of a file is never taken for the whole."""
    path = cluster.workspace.tables / "sales.csv"

    def append(message: str, share: float | None = None) -> None:
        if message == "Checking sales":
            with path.open("a") as file:
                file.write("A9,2024-03-05,P2,US,F2,2,20\n")

    issues = cluster.issues("changed_while_read", progress=append)
    assert [(issue.table, issue.file) for issue in issues] == [("sales", "tables/sales.csv")]
    assert cluster.check().issues == ()


def test_a_file_that_vanishes_while_it_is_read_is_an_error(cluster: Any) -> None:
    """A file taken away during the check is told like one that changed."""
    path = cluster.workspace.tables / "sales.csv"

    def remove(message: str, share: float | None = None) -> None:
        if "Checking" in message:
            path.unlink(missing_ok=True)

    assert cluster.issues("changed_while_read", progress=remove)


def test_an_unreadable_file_is_an_error(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file another program holds is told with its reason."""
    opened = Path.open

    def refuse(path: Path, *args: Any, **options: Any) -> Any:
        if path.name == "markets.csv":
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    issues = cluster.check().issues
    assert [(issue.table, issue.rule) for issue in issues] == [("markets", "locked_file")]


def test_the_users_table_replaces_the_derived_one(cluster: Any) -> None:
    """What an import worked out holds until the user brings a table with rows."""
    header = "firm,process,hours\n"
    cluster.write("capacity", header + "F1,moulding,40\n", folder="derived")
    assert cluster.check().tables["capacity"]["hours"].to_pylist() == [40]
    cluster.write("capacity", header)
    assert cluster.check().tables["capacity"]["hours"].to_pylist() == [40]
    cluster.write("capacity", header + "F1,moulding,60\n")
    assert cluster.check().tables["capacity"]["hours"].to_pylist() == [60]


def test_notes_of_an_import_are_no_problem(cluster: Any) -> None:
    """Besides tables, an import leaves its assumptions and rejected rows."""
    cluster.write("assumptions.parquet", b"anything", folder="derived")
    assert cluster.check().issues == ()


def test_several_files_are_one_table(cluster: Any) -> None:
    """sales-2023 and sales_2024 are both sales; a line in both is there twice, and told with its file."""
    lines = (cluster.workspace.tables / "sales.csv").read_text().splitlines(keepends=True)
    (cluster.workspace.tables / "sales.csv").unlink()
    cluster.write("sales-2023", lines[0] + lines[1])
    cluster.write("sales_2024", lines[0] + lines[2] + lines[3])
    checked = cluster.check()
    assert checked.issues == ()
    assert checked.tables["sales"].num_rows == 3
    cluster.write("sales_2024", "".join(lines))
    issue = cluster.issues("duplicate_key")[0]
    assert (issue.file, issue.row) == ("tables/sales_2024.csv", 2)


def test_the_shared_currency_of_the_markets_is_the_runs(cluster: Any) -> None:
    """Without a word on currency the markets' own is taken; several need a word."""
    assert cluster.check(currency=None).currency == "EUR"
    cluster.write("markets", "market,country,currency\nDE,DE,EUR\nUS,US,USD\n")
    checked = cluster.check(currency=None)
    assert [issue.rule for issue in checked.issues] == ["several_currencies"]
    assert checked.currency == ""
    cluster.write("markets", "market,country\nDE,DE\nUS,US\n")
    assert cluster.check(currency=None).currency == ""


def test_problems_are_told_in_chinese(cluster: Any) -> None:
    """Messages and cures follow the language in force, names of columns included."""
    cluster.write("sales", "document,date,sku,market,seller,quantity,unit_price\nA1,2024-03-04,P1,DE,F2,,10\n")
    set_language("zh")
    issue = cluster.issues("missing_value")[0]
    assert issue.message == "“数量”为空。"
    assert issue.column == "quantity"


@pytest.mark.real
def test_real_sales_survive_every_way_of_writing_them(cluster: Any, data: Path) -> None:
    """Olist's items, written as Parquet and as CSV in several encodings, give the same table."""
    import pyarrow.compute as pc
    import pyarrow.csv as pcsv
    import pyarrow.parquet as pq

    items = pq.read_table(data / "olist" / "olist_order_items_dataset.parquet").slice(0, 20_000)
    sales = pa.table(
        {
            "document": items["order_id"],
            "occurrence": items["order_item_id"].cast("int64"),
            "date": pc.cast(pc.cast(items["shipping_limit_date"], pa.timestamp("us")), pa.date32()),
            "sku": items["product_id"],
            "market": pa.repeat("DE", items.num_rows),
            "seller": items["seller_id"],
            "quantity": pa.repeat(1.0, items.num_rows),
            "unit_price": items["price"].cast("float64"),
        }
    )
    sellers, skus = sorted(set(sales["seller"].to_pylist())), sorted(set(sales["sku"].to_pylist()))
    cluster.write("firms", "firm,role\n" + "".join(f"{s},both\n" for s in sellers))
    cluster.write("products", "sku,unit_value\n" + "".join(f"{s},10\n" for s in skus))
    (cluster.workspace.tables / "sales.csv").unlink()
    for ending in ("parquet", "utf-8", "utf-8-sig", "gb18030", "utf-16"):
        path = cluster.workspace.tables / ("sales.parquet" if ending == "parquet" else "sales.csv")
        if ending == "parquet":
            pq.write_table(sales, path)
        else:
            pcsv.write_csv(sales, cluster.workspace.root / "written.csv")
            text = (cluster.workspace.root / "written.csv").read_text("utf-8").replace('"document"', '"单号"')
            path.write_bytes(text.encode(ending))
        checked = cluster.check()
        assert checked.errors == (), ending
        read = checked.tables["sales"]
        for name in sales.column_names:
            assert read[name].combine_chunks().equals(sales[name].combine_chunks().cast(read[name].type)), (
                ending,
                name,
            )
        path.unlink()


def test_own_rows_stand_for_imported_ones(cluster: Any) -> None:
    """A firm, product or market of the user's own replaces the imported one of its key; two of the user's own clash."""
    imported = cluster.workspace.tables / "firms-imported.parquet"
    pq.write_table(pa.table({"firm": ["F2", "F3"], "role": ["maker", "seller"]}), imported)
    checked = cluster.check()
    assert not checked.errors
    assert checked.superseded == {"firms": 1}
    roles = checked.tables.frame("firms", "firm", "role").set_index("firm")["role"]
    assert roles.to_dict() == {"F1": "maker", "F2": "seller", "F3": "seller"}
    imported.rename(imported.with_name("firms-more.parquet"))
    (clash,) = cluster.issues("duplicate_key")
    assert clash.message == "Row 2 of tables/firms-more.parquet has the same firm."
    assert clash.file == "tables/firms.csv"
