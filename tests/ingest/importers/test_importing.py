"""Tests of importing into a workspace as a whole."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from string import Formatter

import pyarrow.parquet as pq
import pytest

from jointplan.errors import UsageError, WorkspaceError
from jointplan.ingest import importers
from jointplan.ingest.importers import import_files, keeping, kind_names
from jointplan.ingest.importers.imported import _meanings
from jointplan.ingest.importers.mapping import read_mapping
from jointplan.store import Workspace
from jointplan.texts import catalogue

ROOT = Path(__file__).resolve().parents[3]
HEADER = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
LINE = "1,22728,CLOCK,1,2010-03-04 08:26:00,2.5,,Japan\n"


def run(tmp_path: Path, content: str = HEADER + LINE):
    (tmp_path / "in.csv").write_text(content)
    return import_files("online-retail", tmp_path / "in.csv", Workspace(tmp_path / "w"), options={})


def test_the_figures_for_machines(tmp_path: Path) -> None:
    """The JSON of an import has exactly the agreed keys, and read is the sum of the other three."""
    figures = run(tmp_path).as_dict()
    assert list(figures) == ["read", "kept", "rejected", "merged", "tables"]
    assert figures["read"] == figures["kept"] + figures["rejected"] + figures["merged"] == 1
    assert figures["tables"] == {"firms": 1, "products": 1, "markets": 1, "sales": 1}


def test_wrong_calls_are_told(tmp_path: Path) -> None:
    """An unknown kind, an unknown option and a missing file are wrong usage, each with a cure, and leave no folder."""
    workspace = Workspace(tmp_path / "w")
    for kind, path, options, said in (
        ("ebay", "in.csv", {}, "no kind of import called ebay"),
        ("online-retail", "in.csv", {"colour": "red"}, "no option colour"),
        ("online-retail", "none.csv", {}, "no file"),
    ):
        with pytest.raises(UsageError, match=said) as error:
            import_files(kind, tmp_path / path, workspace, options=options)
        assert error.value.cure
    assert not workspace.root.exists()
    assert set(kind_names()) == {
        "olist", "online-retail", "amazon-orders", "shopify-orders", "brunel", "scms", "table",
    }  # fmt: skip


def test_the_users_own_files_win(tmp_path: Path) -> None:
    """Products and markets that stand in the user's own files, under Chinese headers too, are not written again."""
    tables = tmp_path / "w" / "tables"
    tables.mkdir(parents=True)
    (tables / "products.csv").write_text("产品编码,产品名称\n22728,My clock\n", "gb18030")
    (tables / "markets_asia.csv").write_text("market,currency\nJP,GBP\n")
    (tables / "notes.csv").write_text("market\nUS\n")
    own = {path: path.read_bytes() for path in tables.iterdir()}
    run(tmp_path, HEADER + LINE + LINE.replace("22728", "84077").replace("Japan", "USA"))
    assert pq.read_table(tables / "products-imported.parquet")["sku"].to_pylist() == ["84077"]
    assert pq.read_table(tables / "markets-imported.parquet")["market"].to_pylist() == ["US"]
    assert {path: path.read_bytes() for path in own} == own


def test_settings_are_kept_and_tell_the_currency(tmp_path: Path) -> None:
    """Settings that are there stay, and prices in another currency give no unit value."""
    settings = tmp_path / "w" / "jointplan.toml"
    settings.parent.mkdir()
    settings.write_text('currency = "CNY"\n')
    run(tmp_path)
    assert settings.read_text() == 'currency = "CNY"\n'
    products = pq.read_table(tmp_path / "w" / "tables" / "products-imported.parquet")
    assert products["unit_value"].to_pylist() == [None]
    settings.write_text("currency = [")
    with pytest.raises(WorkspaceError, match=r"jointplan\.toml cannot be read"):
        run(tmp_path)


def test_a_failure_leaves_the_workspace_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk or an interruption while writing leaves every file as it was, and nothing half-written."""
    run(tmp_path)
    folder = tmp_path / "w"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    write = keeping.pq.write_table
    written = []

    for error, raised in (
        (OSError(28, "No space left on device"), WorkspaceError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ):

        def fail(table, path, error=error, **options):
            if written:
                written.clear()
                raise error
            written.append(path)
            write(table, path, **options)

        monkeypatch.setattr(keeping.pq, "write_table", fail)
        with pytest.raises(raised):
            run(tmp_path, HEADER + LINE.replace("22728", "84077").replace("Japan", "USA"))
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that cannot be written")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A read-only workspace is an error with a cure."""
    (tmp_path / "w").mkdir(mode=0o500)
    with pytest.raises(WorkspaceError, match="cannot be written"):
        run(tmp_path)


def test_everything_said_is_said_in_chinese_too() -> None:
    """Every message of the importers has its Chinese, with the same named places."""
    chinese = catalogue("zh")
    said = {
        call.args[0].value
        for file in Path(importers.__file__).parent.glob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "tr"
    }
    assert len(said) > 50
    assert said - set(chinese) == set()
    for text in said:
        assert _places(chinese[text]) == _places(text), text


def test_the_page_on_imports_is_true(tmp_path: Path) -> None:
    """The mapping the page shows can be read, and the page names every kind, its flags and every reason."""
    page = (ROOT / "docs" / "import.md").read_text("utf-8")
    shown = page.split("```toml\n")[1].split("```")[0]
    (tmp_path / "map.toml").write_text(shown, "utf-8")
    assert read_mapping(tmp_path / "map.toml").columns["products.weight"] == "Gramm"
    for word in (*kind_names(), *_meanings()):
        assert f"`{word}`" in page or f"## {word}" in page, word


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
