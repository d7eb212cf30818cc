"""The diagnosis in the report: at most eight findings, a section a topic, and pictures that can be drawn, in both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import altair
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import vl_convert

from jointplan.diagnosis import DiagnosisSettings, diagnose
from jointplan.report import write_diagnosis
from jointplan.report.blocks import Chart, Grid
from jointplan.report.diagnosis import diagnosis_headline, diagnosis_sections
from jointplan.report.diagnosis.wording import MOST, rows_behind
from jointplan.report.page import report_sections
from jointplan.report.view import RunView
from jointplan.store import StoredRun
from tests.diagnosis.cluster import small
from tests.report.clusters import build


@pytest.fixture(scope="module")
def found() -> dict[str, pa.Table]:
    """Return the diagnosis of a small cluster with everything its pictures need."""
    rng = np.random.default_rng(1)
    names = [*(f"M{n}" for n in range(4)), "S0", "S1"]
    ties = [
        {"firm_a": a, "firm_b": b, "kind": "supply", "value": float(rng.integers(100, 900))}
        for i, a in enumerate(names)
        for b in names[:i]
        if (i + len(b)) % 3 or b == "M0"
    ]
    materials = [{"family": "kettle", "material": m, "quantity": 1.0} for m in ("resin", "steel")]
    sources = [
        {"material": "resin", "supplier": "X", "origin": "DE", "cost": 4.0},
        {"material": "steel", "supplier": "Y <b>", "origin": "CN", "cost": 6.0},
    ]
    tables = small(ties=ties, materials=materials, sources=sources)
    made = diagnose(tables, DiagnosisSettings(), currency="CNY", seed=7)
    return {
        **made,
        "input_firms": tables["firms"],
        "input_products": tables["products"],
        "input_markets": tables["markets"],
    }


@pytest.fixture
def diagnosed(tmp_path: Path, found: dict[str, pa.Table]) -> StoredRun:
    """Return it as the command keeps it."""
    return stored(tmp_path / "diagnosis", found)


def stored(folder: Path, tables: dict[str, pa.Table]) -> StoredRun:
    (folder / "tables").mkdir(parents=True)
    for name, table in tables.items():
        pq.write_table(table, folder / "tables" / f"{name}.parquet")
    facts = {
        "id": folder.name,
        "created": "2026-01-05T09:00:00+08:00",
        "name": "Shunde",
        "language": "en",
        "currency": "CNY",
    }
    (folder / "manifest.json").write_text(
        json.dumps({**facts, "kind": "diagnosis", "run": None, "figures": {}}), "utf-8"
    )
    return StoredRun(folder)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pages_and_workbooks_of_a_diagnosis(diagnosed: StoredRun, tmp_path: Path, lang: str) -> None:
    """The page says the worst finding at its top, in the reader's language, and shows no code of a program."""
    page, book = write_diagnosis(diagnosed, tmp_path / lang, lang=lang)
    text = page.read_text("utf-8")
    view = RunView(diagnosed, lang)
    with view.speaking():
        top = diagnosis_headline(view)
    assert top in text
    assert ("什么制约了集群" in text) == (lang == "zh")
    assert "<b>" not in text.replace("&lt;b&gt;", "").split("<script")[0]
    assert book.stat().st_size > 5000


def test_at_most_eight_findings_the_worst_first(diagnosed: StoredRun) -> None:
    """The ranked table holds eight at most, and what was not measured stands with its reason."""
    view = RunView(diagnosed, "en")
    with view.speaking():
        first, *topics = diagnosis_sections(view)
    grids = {block.title: block for block in first.blocks if isinstance(block, Grid)}
    shown = grids["The findings, ranked"].rows
    assert 0 < len(shown) <= MOST
    severity = [float(row[4]) for row in shown]
    assert severity == sorted(severity, reverse=True)
    missing = grids["What could not be measured, and why"].rows
    findings = diagnosed.tables["findings"].to_pylist()
    assert len(missing) == len({(row["topic"], row["sentence"]) for row in findings if row["value"] is None})
    # The question of a section is answered by what it asks, whatever else is worse.
    told = {row["indicator"]: row["sentence"] for row in findings}
    assert told["core"] in topics[0].answer
    assert [section.name for section in topics] == ["structure", "sameness", "lock_in", "information", "codevelopment"]


def test_the_rows_behind_a_finding_are_told_in_the_readers_words(diagnosed: StoredRun) -> None:
    """Numbers in groups and, in Chinese, tables and words by their names; a firm's own name stays as it is."""
    english, chinese = RunView(diagnosed, "en"), RunView(diagnosed, "zh")
    with english.speaking():
        assert (
            rows_behind(english, "weekly: 54416 weeks; products.launched") == "weekly: 54,416 weeks; products.launched"
        )
    with chinese.speaking():
        assert rows_behind(chinese, "materials, sources (cheapest offer): 1278") == "物料清单, 货源 (最低报价): 1,278"
        assert rows_behind(chinese, "diagnosis_data: node = Silk-Makers 1688x") == "数据价值: node = Silk-Makers 1688x"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pictures_are_valid_and_can_be_drawn(diagnosed: StoredRun, lang: str) -> None:
    """Each topic has its picture; every specification is valid and drawn by Vega-Lite."""
    view = RunView(diagnosed, lang)
    with view.speaking():
        charts: list[Any] = [b for s in diagnosis_sections(view) for b in s.blocks if isinstance(b, Chart)]
    assert {chart.name for chart in charts} >= {
        "network",
        "firms_map",
        "effective",
        "outlets",
        "dependence",
        "coordination",
        "obstacles",
    }
    for chart in charts:
        spec = {key: value for key, value in chart.spec.items() if key not in ("usermeta",)}
        altair.Chart.from_dict(spec)
        svg = vl_convert.vegalite_to_svg({**spec, "width": 600})
        assert "NaN" not in svg, chart.name
        assert chart.alt


def test_a_run_tells_its_diagnosis_and_sets_plans_side_by_side(tmp_path: Path, found: dict[str, pa.Table]) -> None:
    """In the report of a run the sections stand before the basis; findings on plans stand beside each other."""
    run = build(tmp_path / "run")
    rows = found["findings"].to_pylist()
    plans = [row | {"plan": plan} for plan in ("separate", "joint") for row in rows if row["topic"] == "structure"]
    table = pa.Table.from_pylist([*rows, *plans], found["findings"].schema)
    for name, content in {**{n: t for n, t in found.items() if not n.startswith("input_")}, "findings": table}.items():
        pq.write_table(content, run.folder / "tables" / f"{name}.parquet")
    view = RunView(StoredRun(run.folder), "en")
    with view.speaking():
        sections = report_sections(view)
    names = [section.name for section in sections]
    assert names[names.index("diagnosis") :] == [
        "diagnosis", "structure", "sameness", "lock_in", "information", "codevelopment", "basis",
    ]  # fmt: skip
    first = sections[names.index("diagnosis")]
    beside = next(b for b in first.blocks if isinstance(b, Grid) and b.title.startswith("Before and after"))
    assert beside.header[2:4] == ("Separate plans", "Joint plan")
    assert len(beside.rows) == sum(r["topic"] == "structure" and r["value"] is not None for r in rows)


def test_a_run_without_a_diagnosis_has_no_sections_of_it(tmp_path: Path) -> None:
    """Older runs, and runs that leave it out, are reported as before."""
    view = RunView(build(tmp_path / "run"), "en")
    assert diagnosis_sections(view) == []
