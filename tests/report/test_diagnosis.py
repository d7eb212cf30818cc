"""The diagnosis in the report: at most eight findings, a section a topic, and pictures that can be drawn, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import altair
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import vl_convert

import jointplan.diagnosis
from jointplan.diagnosis import DiagnosisSettings, diagnose
from jointplan.report import write_diagnosis
from jointplan.report.blocks import Chart, Grid
from jointplan.report.diagnosis import diagnosis_headline, diagnosis_sections, wording
from jointplan.report.diagnosis.findings import ROWS_SHOWN, answer, topic_findings
from jointplan.report.diagnosis.wording import MOST, rows_behind, side_by_side
from jointplan.report.page import report_sections
from jointplan.report.view import RunView
from jointplan.report.words import INDICATORS, STRANDS, TOPICS
from jointplan.schema import TABLES
from jointplan.store import StoredRun
from tests.diagnosis.cluster import small, tables_of
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
    made = diagnose(tables, DiagnosisSettings(), currency="CNY", holding_rate=0.25, seed=7)
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


def test_groups_say_by_what_a_price_war_is_judged(diagnosed: StoredRun, tmp_path: Path) -> None:
    """A group's row has the change of its margin, with its sign, and whether margins or prices judged it."""
    group = {
        "group": 1, "example": "Kettle", "products": 3, "owners": 2, "revenue": 5.0, "similarity": 0.9, "spread": 0.1, "usual_spread": 0.2,
        "p_value": 0.01, "price_change": -0.1, "margin_before": 0.3, "margin": 0.2, "margin_change": -0.12, "judged_by": "margin", "price_war": True,
    }  # fmt: skip
    unknown = group | {"group": 2, "margin_change": None, "judged_by": "price", "price_change": 0.05}
    few = unknown | {"group": 3, "judged_by": None}
    groups = pa.Table.from_pylist([group, unknown, few], schema=TABLES["diagnosis_groups"].arrow)
    view = RunView(stored(tmp_path / "judged", {**diagnosed.tables, "diagnosis_groups": groups}), "en")
    with view.speaking():
        section = next(section for section in diagnosis_sections(view) if section.name == "sameness")
    (grid,) = (b for b in section.blocks if isinstance(b, Grid) and b.title == "Groups of near-identical goods")
    columns = [grid.header.index(title) for title in ("Price, half a year", "Margin, half a year", "Judged by")]
    assert [[row[n] for n in columns] for row in grid.rows] == [
        ["−10%", "−12%", "margins"],
        ["+5%", "–", "prices (costs not known)"],
        ["+5%", "–", ""],
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_ranked_finding_has_the_rows_behind_it(diagnosed: StoredRun, lang: str) -> None:
    """Below the ranked findings stand the first rows of each, by the names of columns, firms and products, with how many there are."""
    view = RunView(diagnosed, lang)
    with view.speaking():
        page, *_ = diagnosis_sections(view)
        ranked = wording.ranked(view).head(MOST)
    rows = diagnosed.tables["finding_rows"].to_pandas()
    expected = sum(rows.loc[rows["indicator"] == name, "table"].nunique() for name in ranked["indicator"])
    grids = [b for b in page.blocks if isinstance(b, Grid) and re.search(" rows? of |列出", b.title)]
    assert len(grids) == expected > 3
    for grid in grids:
        assert 0 < len(grid.rows) <= ROWS_SHOWN
        assert all(len(row) == len(grid.header) for row in grid.rows)
        assert not any("=" in cell for row in grid.rows for cell in row)
    told = " ".join(cell for grid in grids for row in grid.rows for cell in row)
    assert ("德国" if lang == "zh" else "Germany") in told


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
        assert rows_behind(chinese, "materials, sources (cheapest offer): 1278") == "物料清单、货源（最低报价）：1,278"
        assert rows_behind(chinese, "products: 12 launched in the last 52 weeks") == "产品：12 个上市于最近 52 周"
        assert rows_behind(chinese, "diagnosis_data: node = Silk-Makers 1688x") == "数据价值：节点 = Silk-Makers 1688x"
        assert rows_behind(chinese, "diagnosis_quality: maker = maker") == "质量与认证：生产企业 = maker"


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


def test_the_headline_is_of_the_tables_not_of_a_plan(tmp_path: Path) -> None:
    """However severe a finding on a plan, the headline is the worst on the tables; of plans alone, the worst on them."""
    own = finding(indicator="novelty", severity=0.3, sentence="Of the tables.")
    planned = finding(indicator="time_to_survive", plan="joint", severity=0.9, sentence="Of a plan.")
    for number, (rows, said) in enumerate((((own, planned), "Of the tables."), ((planned,), "Of a plan."))):
        view = telling(tmp_path / str(number), *rows)
        with view.speaking():
            assert diagnosis_headline(view) == said


def test_units_have_their_chinese_measure_words(tmp_path: Path) -> None:
    """Seven firms are 7 家企业, and other units stand as they are."""
    view = telling(tmp_path, finding(), lang="zh")
    with view.speaking():
        told = [wording.written(view, 7.0, unit) for unit in ("firms", "weeks", "markets")]
    assert told == ["7 家企业", "7 周", "7 个市场"]


def test_plans_stand_side_by_side_whatever_is_worst_in_each(tmp_path: Path) -> None:
    """The worst lane of one plan is not the other's: both prices stand in one row; classes of trade keep a row each."""
    price = {"topic": "logistics", "indicator": "lane_price", "unit": "ratio"}
    trade = {"topic": "structure", "indicator": "comparative_advantage", "unit": "ratio"}
    rows = [
        finding(**price, plan="separate", subject="AIR-US", value=2.0), finding(**price, plan="joint", subject="SEA-US", value=1.0),
        *(finding(**trade, plan=plan, subject=hs, value=n) for plan in ("separate", "joint") for hs, n in (("8516", 1.2), ("8414", 0.7))),
    ]  # fmt: skip
    view = telling(tmp_path, *rows)
    with view.speaking():
        found = [(name, [row["value"] for row in pair]) for name, pair in side_by_side(view, ("separate", "joint"))]
    assert found == [
        ("Price of lanes", [2.0, 1.0]), ("Comparative advantage 8516", [1.2, 1.2]), ("Comparative advantage 8414", [0.7, 0.7]),
    ]  # fmt: skip


def test_a_section_is_not_answered_by_what_chance_explains(tmp_path: Path) -> None:
    """Of what a section asks, the most severe that chance does not explain is its answer; where chance explains all, the most severe."""
    by_chance = finding(
        topic="information", indicator="spillover_market", severity=0.3, p_value=0.685, sentence="Chance."
    )
    sure = finding(topic="information", indicator="outside_flow", severity=0.08, sentence="Four are outside.")
    asked = ("spillover_market", "outside_flow")
    for number, (rows, said) in enumerate((((by_chance, sure), "Four are outside."), ((by_chance,), "Chance."))):
        view = telling(tmp_path / str(number), *rows)
        with view.speaking():
            assert answer(view, topic_findings(view, "information"), *asked) == said


def test_a_run_without_a_diagnosis_has_no_sections_of_it(tmp_path: Path) -> None:
    """Older runs, and runs that leave it out, are reported as before."""
    view = RunView(build(tmp_path / "run"), "en")
    assert diagnosis_sections(view) == []


def finding(**changes: object) -> dict[str, object]:
    """Return a complaint as a row of the table findings."""
    blank = dict.fromkeys(TABLES["findings"].names)
    said = {
        "sentence": "It is so.",
        "sentence_zh": "如此。",
        "rows": "weekly: 5",
        "subject": "",
        "strand": "production",
    }
    return {
        **blank,
        **said,
        "topic": "sameness",
        "indicator": "margin",
        "value": 0.5,
        "unit": "share",
        "severity": 0.5,
        **changes,
    }


def telling(folder: Path, *rows: dict[str, object], lang: str = "en") -> RunView:
    """Return a diagnosis that holds these findings, with three firms and two lanes."""
    tables = tables_of(
        firms=[{"firm": "F01", "name": "Lin & Sons"}, {"firm": HASH}],
        lanes=[{"lane": "AIR-US", "origin": "HUB", "destination": "US", "mode": "air"}],
        markets=[{"market": "US", "country": "US", "currency": "USD"}],
    )
    found = pa.Table.from_pylist(list(rows), TABLES["findings"].arrow)
    inputs = {f"input_{name}": tables[name] for name in ("firms", "lanes", "markets")}
    return RunView(stored(folder / "diagnosis", {"findings": found, **inputs}), lang)


HASH = "4a3ca9315b744ce9f8e9374361493884"


@pytest.mark.parametrize(
    ("row", "value", "held", "sure"),
    [
        ({"low": 0.4, "high": 0.6}, "50% [40%; 60%]", "–", "95 % interval"),
        ({"low": 0.4, "high": 0.6, "p_value": 0.0312}, "50% [40%; 60%]", "–", "p = 0.031, 95 % interval"),
        ({"p_value": 1e-13, "comparison": "norm", "reference": 0.25}, "50%", "norm: 25%", "p < 0.001"),
        # Of chance the interval is where chance stays: it stands beside what is held against, not beside the value.
        (
            {"p_value": 0.002, "comparison": "null", "reference": 0.1, "low": 0.05, "high": 0.2},
            "50%", "by chance: 10% [5%; 20%]", "p = 0.002",
        ),
        ({}, "50%", "–", "–"),
        (
            {
                "indicator": "buyer_concentration", "value": 2.38, "unit": "count", "comparison": "norm", "reference": 4.0,
                "low": 2.04, "high": 3.0,
            },
            "effectively 2.4 [2; 3]", "norm: 4", "95 % interval",
        ),
        # A small number shows two of its digits, and so do the ends of its interval.
        ({"value": 0.0123, "unit": "ratio", "low": 0.0098, "high": 0.0149}, "0.012 [0.0098; 0.015]", "–", "95 % interval"),
        ({"value": 1.0, "unit": "firms"}, "1 firm", "–", "–"),
        ({"value": 2.0, "unit": "firms"}, "2 firms", "–", "–"),
    ],
)  # fmt: skip
def test_how_sure_a_finding_is(tmp_path: Path, row: dict[str, object], value: str, held: str, sure: str) -> None:
    """An interval stands beside the value, and a chance beside it, never as nothing; a concentration is told as so many equal ones."""
    view = telling(tmp_path, finding(**row))
    first = view.frame("findings").iloc[0]
    with view.speaking():
        assert (wording.measured(view, first), wording.against(view, first), wording.sureness(view, first)) == (
            value,
            held,
            sure,
        )


def test_what_chance_explains_stands_apart(tmp_path: Path) -> None:
    """A complaint with p above 0.05 is no ranked finding, however severe; one at 0.05, or without a test, is."""
    view = telling(
        tmp_path,
        finding(indicator="price_spread", severity=0.9, p_value=0.051),
        finding(indicator="niche_overlap", severity=0.3, p_value=0.05),
        finding(indicator="novelty", severity=0.2),
        finding(indicator="margin", severity=0.05),
    )
    assert list(wording.ranked(view)["indicator"]) == ["niche_overlap", "novelty"]
    assert list(wording.could_be_chance(view)["indicator"]) == ["price_spread"]


@pytest.mark.parametrize(("value", "p_value", "told"), [(20.0, 0.01, True), (20.0, 0.2, False), (5.0, 0.01, False)])
def test_no_core_is_named_where_none_can_be_told(tmp_path: Path, value: float, p_value: float, told: bool) -> None:
    """What speaks of a core is told only where it has more ties than chance gives it, and chance does not explain that."""
    core = finding(
        topic="structure",
        indicator="core",
        value=value,
        reference=10.0,
        comparison="null",
        p_value=p_value,
        severity=0.0,
    )
    outside = finding(topic="structure", indicator="outside_core", sentence="Firms outside the core.", p_value=0.01)
    view = telling(tmp_path, core, outside)
    with view.speaking():
        assert wording.core_told(view) == told
        assert ("outside_core" in set(wording.ranked(view)["indicator"])) == told


def test_sentences_name_what_has_a_name(tmp_path: Path) -> None:
    """A firm as it stands there, a hash by its beginning, a lane with its way, a country by its name, in either language."""
    rows = (
        finding(
            sentence=f"The best of Lin & Sons (F01) and {HASH}.", sentence_zh=f"Lin & Sons（F01）与 {HASH} 中最好的。"
        ),
        finding(indicator="lane_price", subject="AIR-US", sentence="Most on AIR-US.", sentence_zh="以 AIR-US 最多。"),
        finding(indicator="complexity", sentence="CN is number 3.", sentence_zh="CN 位居第 3。"),
    )
    english, chinese = telling(tmp_path / "en", *rows), telling(tmp_path / "zh", *rows, lang="zh")
    with english.speaking():
        told = [wording.sentence(english, row) for _, row in english.frame("findings").iterrows()]
    assert told == [
        "The best of Lin & Sons (F01) and 4a3ca931….", "Most on AIR-US (air, United States).", "China is number 3.",
    ]  # fmt: skip
    with chinese.speaking():
        told = [wording.sentence(chinese, row) for _, row in chinese.frame("findings").iterrows()]
    assert told == ["Lin & Sons（F01）与 4a3ca931… 中最好的。", "以 AIR-US（空运，美国）最多。", "中国位居第 3。"]


def test_money_in_a_sentence_is_written_as_beside_it(tmp_path: Path) -> None:
    """The page writes the currency's sign everywhere, the terminal its code; other currencies and numbers, and parts of a unit, stay."""
    view = telling(
        tmp_path, finding(sentence="2,213,560 CNY a year of 5 USD; 3 CNYs, 0.05 CNY.", sentence_zh="每年 40 CNY。")
    )
    for lang, coded, wanted in (
        ("en", False, "¥2,213,560 a year of 5 USD; 3 CNYs, 0.05 CNY."),
        ("en", True, "2,213,560 CNY a year of 5 USD; 3 CNYs, 0.05 CNY."),
        ("zh", False, "每年 ¥40。"),
    ):
        reader = RunView(view.run, lang, coded)
        assert wording.sentence(reader, reader.frame("findings").iloc[0]) == wanted


def test_rows_behind_a_finding_have_no_english_word_in_chinese(tmp_path: Path) -> None:
    """Columns, years and what rows are taken from are told in Chinese."""
    view = telling(tmp_path, finding(), lang="zh")
    with view.speaking():
        assert rows_behind(view, "trade: 21, year 2025") == "贸易：21，年份 2025"
        assert rows_behind(view, "firms: 43 with a position") == "企业：43 家有坐标"
        assert (
            rows_behind(view, "products.maker: 12, materials and sources: 3") == "产品·生产企业：12，物料清单与货源：3"
        )
        assert rows_behind(view, "products.launched") == "产品·上市日期"
        assert rows_behind(view, "weekly: 12 weeks by quarter") == "每周销售：12 周按季度"
        derived = "derived from who makes for whom (recorded): 12; shared markets (weekly): 1234"
        assert rows_behind(view, derived) == "推导自谁为谁生产（实际执行）：12；共同市场（每周销售）：1,234"
        spent = "promotions: 12 rows of the last year; making cost known for 80% of revenue"
        assert "；已知生产成本：80% 的销售额" in rows_behind(view, spent)


def test_every_indicator_has_a_name() -> None:
    """Whatever is measured, or could not be, is told by a name and not by a code."""
    source = Path(jointplan.diagnosis.__file__).parent
    topics = "|".join(TOPICS)
    pattern = re.compile(rf'"(?:{topics})",\s*"([a-z_]+)",\s*"(?:{"|".join(STRANDS)})"')
    named = {name for file in source.rglob("*.py") for name in pattern.findall(file.read_text("utf-8"))}
    assert len(named) > 30
    assert not named - set(INDICATORS)


def test_a_channel_is_told_in_the_readers_words(tmp_path: Path) -> None:
    """In Chinese a usual channel has its Chinese word; a name that only begins like one stays as it is."""
    said = "{top} 的销售经由渠道“{channel}”：2 个渠道相当于 1.5 个等量渠道。"
    for channel, word in (("own site", "独立站"), ("marketplace", "电商平台"), ("marketplace-X", "marketplace-X")):
        sentence = said.format(top="50%", channel=channel)
        row = finding(indicator="channel_concentration", sentence="", sentence_zh=sentence)
        view = telling(tmp_path / channel, row, lang="zh")
        with view.speaking():
            told = wording.sentence(view, view.frame("findings").iloc[0])
        assert told == said.format(top="50%", channel=word)


def test_names_in_a_chinese_finding_have_no_blanks_and_chinese_marks(tmp_path: Path) -> None:
    """A country or a lane is named without the blanks that its code had; a usual value stands behind a Chinese colon, an interval's ends beside one mark."""
    said = [
        ("comparative_advantage", "中，CN 的 8516 类", "中，中国的 8516 类"),
        ("lane_price", "以 AIR-US 最多", "以 AIR-US（空运，美国）最多"),
    ]
    rows = [
        finding(
            indicator=name, sentence_zh=text, subject="AIR-US", comparison="null", reference=0.1, low=0.05, high=0.2
        )
        for name, text, _ in said
    ]
    view = telling(tmp_path, *rows, lang="zh")
    with view.speaking():
        for (_, row), (_, _, told) in zip(view.frame("findings").iterrows(), said, strict=True):
            assert wording.sentence(view, row) == told
            assert wording.against(view, row) == "随机情形：10% [5%；20%]"
