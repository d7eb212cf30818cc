"""What ``jointplan inventory`` answers: totals that add up, for machines and for people."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest

from jointplan.cli.stock import stock_figures, stock_lines
from jointplan.study import StockTargets, Study
from jointplan.texts import set_language, tr
from tests.cli.test_commands import answer, jointplan
from tests.quick import Quick
from tests.tiny import FIRST_MONDAY, tiny_tables, write_csv, write_tiny


@pytest.mark.parametrize("name", ["targets.csv", "targets.parquet"])
def test_targets_are_answered_and_written(tiny: Path, name: str) -> None:
    """The totals are those of the rows, the file holds the rows, and one object stands on standard output."""
    found = answer(jointplan("inventory", tiny, "--service", "0.9", "--out", tiny / name, "--json"))
    rows = found["targets"]
    assert {row["scope"] for row in rows} == {"separate", "pooled", "network", "ends"}
    for scope, total in found["scopes"].items():
        part = [row for row in rows if row["scope"] == scope]
        assert total["stocks"] == len(part)
        assert total["cost"] == pytest.approx(sum(row["cost"] for row in part), abs=0.01)
    assert all(row["service"] >= 0.9 for row in rows if row["policy"] == "base_stock")
    assert found["products"] == 3
    assert found["pooling_saves"] >= -1e-9
    assert found["placing_saves"] >= -1e-9
    if name.endswith("parquet"):
        assert pq.read_table(tiny / name).num_rows == len(rows)


@pytest.mark.parametrize(("lang", "word"), [("en", "Pooled"), ("zh", "合并备货")])
def test_targets_are_told_in_words(tiny: Path, lang: str, word: str) -> None:
    """People get a few lines in their language."""
    result = jointplan("inventory", tiny, lang=lang)
    assert result.exit_code == 0
    assert word in result.stdout
    assert "nan" not in result.stdout


@pytest.mark.parametrize(
    ("lang", "lasts", "served"), [("en", "running out", "served"), ("zh", "不缺货概率", "需求满足率")]
)
def test_targets_are_listed_the_dearest_stock_first(lang: str, lasts: str, served: str) -> None:
    """The ten pooled stocks that cost most a week stand with their place, point, level, service and fill; the rest are counted."""
    rows = [
        {
            "scope": scope, "site": "NANSHA", "sku": f"P{n:02}", "market": None, "cost": float(n), "value": 1.0, "safety_stock": 3.0,
            "reorder_point": 1000.0 + n, "order_up_to": 2000.0 + n, "demand": 5.0, "service": 0.89, "fill": 0.74, "correlation": None,
            "on_hand": 1.0 if n > 10 else None, "order_now": 7.0 if n > 10 else None,
        }
        for n in range(1, 13)
        for scope in ("separate", "pooled", "network", "ends")
    ]  # fmt: skip
    made = StockTargets(
        SimpleNamespace(to_pylist=lambda: rows),
        "CNY",
        date(2025, 4, 14),
        None,
        {"P12": "Kettle"},
        {"NANSHA": "Nansha hub"},
        {},
    )
    set_language(lang)
    lines = stock_lines(made, stock_figures(made))
    listed = [line for line in lines if "NANSHA" in line]
    assert [re.search(r"P\d\d", line).group() for line in listed] == [f"P{n:02}" for n in range(12, 2, -1)]
    for n, line in zip(range(12, 2, -1), listed, strict=True):
        assert f"{1000 + n:,}" in line
        assert f"{2000 + n:,}" in line
        assert f"{lasts} 89%" in line
        assert f"{served} 74%" in line
        assert (" 7" in line.rsplit("74%", 1)[1]) == (n > 10)
    assert f"  {tr('… and {n} more.', n=2)}" in lines
    assert ("Kettle (P12)" if lang == "en" else "Kettle（P12）") in listed[0]
    assert all(("Nansha hub (NANSHA)" if lang == "en" else "Nansha hub（NANSHA）") in line for line in listed)
    near = [row | {"order_up_to": row["reorder_point"] + 1.0} for row in rows]
    always = stock_lines(made, stock_figures(replace(made, table=SimpleNamespace(to_pylist=lambda: near))))
    assert tr("keep {level} {level:unit|units} there and on order", level="1,013") in "\n".join(always)


def test_a_stock_of_nothing_is_told_as_none() -> None:
    """Where so little is wanted that none is kept, the chance of not running out is told as that of nothing being wanted, not as a service."""
    row = {
        "site": "HUB", "sku": "P1", "market": None, "cost": 1.0, "value": 0.0, "safety_stock": 0.0, "reorder_point": 0.0,
        "order_up_to": 0.0, "demand": 0.0044, "service": 0.97, "fill": 0.0, "correlation": None, "on_hand": 0.0, "order_now": 0.0,
    }  # fmt: skip
    rows = [row | {"scope": scope} for scope in ("separate", "pooled", "network", "ends")]
    made = StockTargets(SimpleNamespace(to_pylist=lambda: rows), "CNY", date(2025, 4, 14), None, {}, {}, {})
    set_language("en")
    line = next(line for line in stock_lines(made, stock_figures(made)) if line.startswith("  P1 at HUB"))
    assert "keep none; demand 0.0044 a week: chance that nothing is wanted 97%" in line
    assert "running out" not in line
    assert line.endswith("; order now 0")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_was_written_is_named_by_its_file_alone(tiny: Path, lang: str) -> None:
    """The last line names the file; targets are not told as forecasts."""
    last = jointplan("inventory", tiny, "--out", tiny / "targets.csv", lang=lang).stdout.splitlines()[-1]
    assert "targets.csv" in last
    assert "预测" not in last


def test_the_day_of_the_stock_is_told(tmp_path: Path) -> None:
    """Goods on hand are told as of the first day planned; where a run replays past weeks with the same table, that day is told beside it."""
    sold = tiny_tables()["sales"]
    stock = [{"site": "ALPHA", "sku": "KETTLE-1", "quantity": 5}]
    made = [
        {
            "row": row, "activity": "make", "date": sale["date"], "firm": sale["seller"], "sku": sale["sku"], "seller": sale["seller"],
            "quantity": 9,
        }
        for row, sale in enumerate(sold, 1)
        if sale["date"] >= FIRST_MONDAY + timedelta(weeks=4)
    ]  # fmt: skip
    folder = write_tiny(tmp_path / "tiny")
    write_csv(folder / "tables" / "stock.csv", stock)
    said = jointplan("inventory", folder).stdout
    assert "taken to have been counted on 2025-04-14" in said
    assert "replays" not in said
    write_csv(folder / "tables" / "recorded.csv", made)
    assert answer(jointplan("inventory", folder, "--json"))["replayed"] == "2025-03-31"
    said = jointplan("inventory", folder).stdout
    assert "replays the weeks from 2025-03-31 on" in said
    assert "give the stock of 2025-04-14" in said
    assert "请提供 2025-04-14 的库存" in jointplan("inventory", folder, lang="zh").stdout


def test_nothing_to_keep_is_said(tiny: Path, quick: Quick) -> None:
    """Without any forecast demand the command says so, and what to do."""
    result = jointplan("inventory", tiny, "--json")
    assert result.exit_code == 3
    assert "Nothing is forecast to sell" in json.dumps(answer(result))


def test_broken_tables_are_refused(tmp_path: Path) -> None:
    """Sales of a product that is not in the table are told by file, row and column; no targets are made."""
    folder = write_tiny(tmp_path / "broken", products=lambda rows: rows[1:])
    result = jointplan("inventory", folder, "--json")
    assert result.exit_code == 1
    assert any(issue["table"] == "sales" for issue in answer(result)["issues"])


def test_wrong_settings_are_refused(tiny: Path) -> None:
    """A cost of orders below nothing is refused with its name when the settings are read."""
    from jointplan.errors import JointplanError

    with pytest.raises(JointplanError, match="order_cost"):
        Study.open(tiny, {"inventory.order_cost": -5})
