"""The page: self-contained, true to the manifest, safe, drawn."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import altair
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import vl_convert

from jointplan.report import write_report
from jointplan.report.blocks import Chart, Grid, Note
from jointplan.report.page import report_sections, script_data
from jointplan.report.view import RunView
from jointplan.schema import TABLES
from jointplan.store import StoredRun
from jointplan.texts import catalogue
from tests.report.clusters import Cluster, build
from tests.report.messages import messages

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Reads a page: its text, its addresses, and whether its elements close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.addresses: list[str] = []
        self.scripts: dict[str, str] = {}
        self.ids: list[str] = []
        self.tags: list[str] = []
        self._script = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.addresses += [str(values[name]) for name in ("src", "href", "action", "data") if name in values]
        if "id" in values:
            self.ids.append(str(values["id"]))
        if tag == "script":
            self._script = values.get("id") or ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[self._script] = self.scripts.get(self._script, "") + data
        elif self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def digits(amount: float) -> str:
    return f"{abs(round(amount)):,}"


def test_page_needs_no_network(written: tuple[StoredRun, Path, str]) -> None:
    """The page refers to nothing but places within itself, and forbids the browser to load anything."""
    text = next(written[1].glob("report*.html")).read_text("utf-8")
    page = Page(text)
    assert all(address.startswith("#") for address in page.addresses)
    assert "default-src 'none'" in text
    style = text[text.index("<style>") : text.index("</style>")]
    assert not re.search(r"url\(|@import", style)


def test_page_is_well_formed(written: tuple[StoredRun, Path, str]) -> None:
    """Every element closes in order, ids are unique, and there is one main heading."""
    page = Page(next(written[1].glob("report*.html")).read_text("utf-8"))
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("h1") == 1
    assert {"gain", "parties", "making", "shipping", "selling", "basis"} <= set(page.ids)


def test_headline_figures_are_those_of_the_manifest(written: tuple[StoredRun, Path, str]) -> None:
    """The headline and the cards show the gain, its interval and the values exactly as the manifest has them."""
    stored, folder, _ = written
    text = Page(next(folder.glob("report*.html")).read_text("utf-8")).text
    figures, verdict = stored.manifest["figures"], stored.manifest["verdict"]
    if verdict == "nothing_to_plan":
        return
    value = figures["value"]
    shown = [round(value["joint"]) - round(value["separate"]), value["joint"], value["separate"]]
    if verdict in ("gain", "loss", "not_distinguishable"):
        shown += [figures["gain_low"], figures["gain_high"], stored.manifest["hub"]["weekly_cost"]]
    if verdict == "gain":
        shown.append(stored.manifest["hub"]["break_even_weekly_cost"])
    if value["recorded"] is not None:
        shown.append(round(value["separate"]) - round(value["recorded"]))
    for amount in shown:
        assert re.search(rf"(?<![\d,]){digits(amount)}(?![\d,])", text), amount


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("one_owner", "One owner: nothing to pool"),
        ("nothing_to_plan", "nothing to plan"),
        ("not_distinguishable", "includes zero"),
        ("loss", "would cost"),
        ("gain", "is proven to be worth"),
    ],
)
def test_verdict_is_said_in_words(tmp_path: Path, verdict: str, words: str) -> None:
    """Each verdict has its sentence, and only a proven gain is called one."""
    stored = build(tmp_path / "run", Cluster(verdict=verdict))
    write_report(stored, tmp_path, lang="en")
    text = next(tmp_path.glob("report*.html")).read_text("utf-8")
    headline = re.search(r'<p class="headline">(.*?)</p>', text)
    assert headline
    assert words in headline.group(1)
    assert ("is proven to be worth" in headline.group(1)) == (verdict == "gain")
    assert ("the gain vanishes at" in text) == (verdict == "gain")


def test_replayed_plans_say_that_they_knew_the_orders(tmp_path: Path) -> None:
    """Plans for past weeks are shown with the warning that they knew their orders."""
    for replay in (True, False):
        write_report(build(tmp_path / f"run{replay}", Cluster(replay=replay)), tmp_path, lang="en")
        assert ("knew their orders beforehand" in next(tmp_path.glob("report*.html")).read_text("utf-8")) is replay


def test_tables_not_counted_are_not_called_assumed(run: StoredRun) -> None:
    """A table that was given and is not counted yet stands in a list of its own, away from what had to be assumed."""
    basis = report_sections(RunView(run, "en"))[-1]
    rows = {block.title: block.rows for block in basis.blocks if isinstance(block, Grid)}
    assert [row[0] for row in rows["Given, but not counted in this plan yet"]] == ["duties"]
    assert [row[0] for row in rows["Everything that was assumed"]] == ["capacity", "late penalty"]
    assert basis.cards[0].figure == "2"


def test_warnings_that_are_counted_and_not_listed_are_in_the_totals(run: StoredRun) -> None:
    """Three warnings are listed, and one stands for forty more of their kind: there are 43."""
    basis = report_sections(RunView(run, "en"))[-1]
    (warnings,) = (
        block for block in basis.blocks if isinstance(block, Grid) and block.title == "Warnings of the input"
    )
    assert [row[1] for row in warnings.rows] == ["43"]
    assert basis.cards[1].figure == "43"


def test_assumptions_are_told_in_the_readers_words(tmp_path: Path) -> None:
    """Money has the currency of the run, tables and columns their Chinese names, settings stay as they are."""
    stored = build(tmp_path / "run", Cluster(currency="BRL"))
    kept = {"subject": "", "rule": "Rule.", "rule_zh": "规则。", "value": "30"}
    rows = [
        kept | {"item": "lanes", "unit": "money per kg", "replaced_by": "lanes and tariffs"},
        kept | {"item": "capabilities.major_setup_hours", "unit": "hours", "replaced_by": "capabilities"},
        kept | {"item": "place of stock", "unit": "", "replaced_by": "sites, lanes, inventory.making_weeks"},
        kept | {"item": "plan.hub.share", "unit": "share", "replaced_by": "setting plan.hub.share"},
    ]
    table = pa.Table.from_pylist(rows, TABLES["assumptions"].arrow)
    pq.write_table(table, stored.folder / "tables" / "assumptions.parquet")
    view = RunView(StoredRun(stored.folder), "zh")
    with view.speaking():
        basis = report_sections(view)[-1]
    grid = next(block for block in basis.blocks if isinstance(block, Grid) and block.title == "全部假设")
    assert [(row[0], row[3], row[4]) for row in grid.rows] == [
        ("运输线路", "30 BRL/公斤", "运输线路、运价"),
        ("加工能力·大换型工时", "30 小时", "加工能力"),
        ("库存地点", "30", "节点、运输线路、inventory.making_weeks"),
        ("plan.hub.share", "30 比例", "设置 plan.hub.share"),
    ]


def test_freight_that_stays_the_same_is_not_called_a_rise(tmp_path: Path) -> None:
    """Where fewer loads cost the same, the page says so, not that freight rises from an amount to itself."""
    stored = build(tmp_path / "run", Cluster())
    place = stored.folder / "tables" / "shipments.parquet"
    rows = pq.read_table(place).to_pandas()
    each = rows.groupby("plan")["cost"].transform("sum")
    rows["cost"] = rows["cost"] / each * (1_000_000 + (rows["plan"] == "joint") * 0.01)
    pq.write_table(pa.Table.from_pandas(rows, TABLES["shipments"].arrow, preserve_index=False), place)
    view = RunView(StoredRun(stored.folder), "en")
    with view.speaking():
        shipping = next(section for section in report_sections(view) if section.name == "shipping")
    assert shipping.answer.endswith("for the same freight of ¥1,000,000.")


def test_freight_for_a_kilogram_is_of_what_is_sent(tmp_path: Path) -> None:
    """Goods that lie at a market before are delivered without freight in these weeks: the figure is named for the kilograms sent."""
    stored = build(tmp_path / "run", Cluster())
    rows = pq.read_table(stored.folder / "tables" / "shipments.parquet").to_pandas().query("plan == 'joint'")
    for lang, name in (("en", "Freight for a kilogram sent to markets"), ("zh", "发往市场的货物每公斤运费")):
        view = RunView(StoredRun(stored.folder), lang)
        with view.speaking():
            shipping = next(section for section in report_sections(view) if section.name == "shipping")
        sent = rows.loc[rows["destination"].isin(view.frame("input_markets")["market"]), "weight"].sum()
        figures = {card.label: card.figure for card in shipping.cards}
        assert figures[name] == view.numbers.cents(rows["cost"].sum() / sent)


def test_work_carried_between_firms_is_told_beside_freight(tmp_path: Path) -> None:
    """Freight of the ledger that is no shipment stands below the lanes; without any, nothing is said."""
    stored = build(tmp_path / "run", Cluster())
    place = stored.folder / "tables" / "ledger.parquet"
    rows = pq.read_table(place).to_pylist()
    carried = next(row for row in rows if row["plan"] == "joint" and row["account"] == "freight")
    for more, said in ((0.0, False), (500.0, True)):
        changed = [row | {"amount": row["amount"] - more} if row is carried else row for row in rows]
        pq.write_table(pa.Table.from_pylist(changed, TABLES["ledger"].arrow), place)
        view = RunView(StoredRun(stored.folder), "en")
        with view.speaking():
            shipping = next(section for section in report_sections(view) if section.name == "shipping")
        notes = [block.text for block in shipping.blocks if isinstance(block, Note)]
        assert any("in separate plans, ¥500 in the joint plan" in note for note in notes) is said


def test_synthetic_clusters_are_labelled(tmp_path: Path) -> None:
    """A made-up cluster is called so in both languages, on the page and on every work list; a real one is not."""
    for synthetic in (True, False):
        paths = write_report(build(tmp_path / f"run{synthetic}", Cluster(synthetic=synthetic)), tmp_path, lang="zh")
        pages = [path.read_text("utf-8") for path in paths if path.suffix == ".html"]
        assert all(("synthetic example / 合成示例" in page) is synthetic for page in pages)


def test_names_are_escaped(tmp_path: Path) -> None:
    """A name made of markup is shown, not obeyed, wherever it comes from."""
    evil = "</script><script>alert(1)</script>"
    stored = build(tmp_path / "run", Cluster(names=(evil, "<img src=x onerror=alert(2)>"), name=evil))
    for path in write_report(stored, tmp_path, lang="en"):
        if path.suffix == ".html":
            page = Page(path.read_text("utf-8"))
            assert page.open == []
            assert "alert(1)" not in page.scripts.get("", "")
            assert "img" not in page.tags


def test_script_data_cannot_end_its_element() -> None:
    """Data put into a script element comes back unchanged, and holds nothing that ends it."""
    value = {"name": "</ScRiPt><!-- \u2028 & 'x'"}
    text = str(script_data(value))
    assert "<" not in text
    assert json.loads(text) == value


def charts(stored: StoredRun, lang: str) -> list[Chart]:
    view = RunView(stored, lang)
    with view.speaking():
        return [block for section in report_sections(view) for block in section.blocks if isinstance(block, Chart)]


def with_few_rows(part: Any) -> Any:
    """Return a part of a specification with few rows of its data: each one is held against the whole schema."""
    if isinstance(part, dict):
        return {name: value[:3] if name == "values" else with_few_rows(value) for name, value in part.items()}
    return [with_few_rows(item) for item in part] if isinstance(part, list) else part


def test_charts_are_valid_and_can_be_drawn(run: StoredRun, lang: str) -> None:
    """Every chart obeys the Vega-Lite schema, as Altair checks it, and Vega draws marks from it."""
    drawn = charts(run, lang)
    expected = {
        "waterfall",
        "firms",
        "sides",
        "measure-pool-orders",
        "measure-enter-market",
        "batches",
        "load",
        "map",
        "freight",
        "transit",
        "fans",
        "products",
        "families",
        "markets",
        "stock-pooling",
        "stock-places",
    }
    assert {chart.name for chart in drawn} == expected
    for chart in drawn:
        spec: dict[str, Any] = json.loads(json.dumps(chart.spec))
        altair.Chart.from_dict(with_few_rows(spec))
        if lang == "en":  # drawing takes seconds, and the Chinese charts put more at risk: other letters, other axes
            continue
        spec["width"] = 600
        svg = vl_convert.vegalite_to_svg(spec)
        assert svg.count("<path") + svg.count("<text") > 5, chart.name
        assert chart.title
        assert chart.alt


def test_waterfall_steps_add_up(run: StoredRun) -> None:
    """The steps of the waterfall, as written, lead from each plan's value as written to that of the next."""
    waterfall = next(chart for chart in charts(run, "en") if chart.name == "waterfall")
    written = None
    for step, account, amount in waterfall.grid.rows:
        size = int(amount.replace("−", "-").replace("¥", "").replace(",", ""))
        if account == "Value":
            assert written in (None, size), step
            written = size
        else:
            written += size
    at = None
    for row in waterfall.spec["data"]["values"]:
        assert at in (None, row["from"])
        at = row["to"]


def test_large_run_stays_small(tmp_path: Path) -> None:
    """The page of a large cluster stays below six megabytes, with at most forty fans of series, and those of the whole, eight markets and eight families before them."""
    stored = build(
        tmp_path / "run", Cluster(makers=40, sellers=12, products=150, markets=10, weeks=8, series=600, recorded=False)
    )
    from jointplan.report.page import write_page

    view = RunView(stored, "en")
    with view.speaking():
        path = write_page(view, tmp_path / "report.html")
    assert path.stat().st_size < 6_000_000
    fans = next(chart for chart in charts(stored, "en") if chart.name == "fans")
    bind = fans.spec["params"][0]["bind"]
    assert len(bind["options"]) == len(bind["labels"]) == 1 + 8 + 8 + 40
    assert bind["labels"][0] == "All together"
    ahead, sold = (layer["data"]["values"] for layer in fans.spec["layer"])
    whole = sum(row["mean"] for row in ahead if row["series"] == 0)
    assert whole == pytest.approx(stored.tables["forecasts"].to_pandas()["mean"].sum(), rel=1e-3)
    assert sum(row["sold"] for row in sold if row["series"] == 0) > 0
    assert "of 600" in fans.note


def test_every_message_has_its_chinese() -> None:
    """Every message of the report is in the Chinese catalogue, with the same places to fill in."""
    chinese = catalogue("zh")
    missing = sorted(messages() - chinese.keys())
    assert missing == []
    for message in messages():
        assert set(re.findall(r"{\w+}", message)) == set(re.findall(r"{\w+}", chinese[message])), message


def test_chinese_page_is_chinese(tmp_path: Path, run: StoredRun) -> None:
    """The Chinese page has no English sentence left but names and codes."""
    write_report(run, tmp_path, lang="zh")
    text = Page(next(tmp_path.glob("report*.html")).read_text("utf-8")).text
    assert 'lang="zh-Hans"' in next(tmp_path.glob("report*.html")).read_text("utf-8")
    for message in messages():
        if message.count(" ") > 2:
            assert message.split("{")[0] == "" or message not in text
