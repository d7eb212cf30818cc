"""The section on stock adds up what the table of targets says."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

from jointplan.report.blocks import Chart, Grid, Note
from jointplan.report.stocking import stocking_section
from jointplan.report.view import RunView
from jointplan.schema import TABLES
from jointplan.store import StoredRun, write_table
from jointplan.texts import tr
from tests.report.clusters import Cluster, build


def test_figures_are_those_of_the_table(run: StoredRun, lang: str) -> None:
    """The answer, the cards and the chart show the sums of the targets, pooled and separate."""
    view = RunView(run, lang)
    with view.speaking():
        section = stocking_section(view)
    assert section is not None
    frame = view.frame("targets")
    cost = frame.groupby("scope")["cost"].sum()
    for scope in ("separate", "pooled"):
        assert view.numbers.money(float(cost[scope])) in section.answer
    shown = {card.label: card.figure for card in section.cards}
    assert view.numbers.share(1 - cost["pooled"] / cost["separate"]) in shown.values()
    assert view.numbers.share(1 - cost["network"] / cost["ends"]) in shown.values()
    pooling = next(block for block in section.blocks if isinstance(block, Chart) and block.name == "stock-pooling")
    rows = pooling.spec["data"]["values"]
    assert len({row["name"] for row in rows}) == len(rows)
    assert all(row["after"] <= row["before"] + 1e-9 for row in rows)
    below, pooled, *_ = [block for block in section.blocks if isinstance(block, Grid)]
    assert len(pooled.rows) == (frame["scope"] == "pooled").sum()
    # What is on order is told with the name of its place, not with its code.
    with view.speaking():
        assert pooled.header[8] == tr("On order")
    assert {row[8] for row in pooled.rows} == {"3"}
    assert {row[-1] for row in pooled.rows} == {f"{view.place('NANSHA')} 3"}
    network = frame[(frame["scope"] == "network") & (frame["safety_stock"] > 0)]
    stock = view.frame("stock_plan")
    held = stock[stock["plan"] == "joint"].groupby(["site", "sku", "week"])["quantity"].sum().unstack(fill_value=0.0)
    lacking = 0
    for row in network.itertuples():
        units = held.loc[(row.site, row.sku)].sum() / view.weeks if (row.site, row.sku) in held.index else 0.0
        lacking += units < row.safety_stock - 0.5
    assert lacking <= len(below.rows) <= len(network)
    assert len(below.rows) or not lacking


@pytest.mark.parametrize(
    ("lang", "lasts", "served"),
    [("en", "Chance of not running out", "Share of demand served"), ("zh", "不缺货概率", "需求满足率")],
)
def test_chance_and_share_served_are_told_apart(tmp_path: Path, lang: str, lasts: str, served: str) -> None:
    """The chance of not running out is the table's service and the share of demand served its fill, of each stock by itself."""
    run = build(tmp_path / "a", Cluster())
    rows = run.tables["targets"].to_pylist()
    for n, row in enumerate(rows):
        row["service"], row["fill"] = 0.5 + n % 40 / 100, 0.45 + n % 37 / 100
    write_table(run.folder, "targets", pa.Table.from_pylist(rows, schema=TABLES["targets"].arrow))
    view = RunView(StoredRun(run.folder), lang)
    with view.speaking():
        section = stocking_section(view)
    assert section is not None
    _, pooled, separate = [block for block in section.blocks if isinstance(block, Grid)]
    for scope, grid in (("pooled", pooled), ("separate", separate)):
        shown = [(row[grid.header.index(lasts)], row[grid.header.index(served)]) for row in grid.rows]
        share = view.numbers.share
        table = [(share(row["service"], 0), share(row["fill"], 0)) for row in rows if row["scope"] == scope]
        assert sorted(shown) == sorted(table)
        assert {grid.header.index(lasts), grid.header.index(served)} <= set(grid.numeric)
    assert lasts in pooled.note
    assert served in pooled.note


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_on_order_is_rounded_once(tmp_path: Path, lang: str) -> None:
    """Units at places add up to the units on order beside them, also where each rounds the other way; a stock of nothing is explained."""
    run = build(tmp_path / "a", Cluster())
    rows = run.tables["targets"].to_pylist()
    for row in rows:
        row |= {"before": 5.496, "under_way": 0.0, "decided": 0.0, "lies": "NANSHA 5.5"}
    pooled = [row for row in rows if row["scope"] == "pooled"]
    pooled[0] |= {"before": 8.4, "lies": "NANSHA 3.6; F1 3.5; F2 1.3"}
    pooled[1] |= {"order_up_to": 0.0, "reorder_point": 0.0, "service": 0.97, "fill": 0.0}
    write_table(run.folder, "targets", pa.Table.from_pylist(rows, schema=TABLES["targets"].arrow))
    view = RunView(StoredRun(run.folder), lang)
    with view.speaking():
        section = stocking_section(view)
        grid = next(
            block
            for block in section.blocks
            if isinstance(block, Grid) and tr("Where what is on order lies") in block.header
        )
        told = tr(
            "{n} of {all} keep nothing, as that costs less: there the chance of not running out is that of nothing being wanted, and nothing is served from stock.",
            n="1",
            all=str(len(pooled)),
        )
        column = grid.header.index(tr("On order"))
    for row in grid.rows:
        assert sum(int(part.rsplit(" ", 1)[1]) for part in re.split("[;；]", row[-1])) == int(row[column])
    assert sorted({row[column] for row in grid.rows}) == ["5", "8"]
    assert told in grid.note


@pytest.mark.parametrize("replay", [False, True])
def test_the_day_of_targets_and_stock_is_told(tmp_path: Path, replay: bool) -> None:
    """Answer and card name the first day planned; the page says that goods on hand are of that day, and of a replay that it has gone by."""
    view = RunView(build(tmp_path / "a", Cluster(replay=replay)), "en")
    section = stocking_section(view)
    assert section is not None
    day = view.numbers.day(view.start)
    assert section.answer.startswith(f"As of {day}, ")
    assert section.cards[0].note.endswith(f"as of {day}")
    told = section.blocks[0]
    assert isinstance(told, Note)
    assert f"As of {day}" in told.text
    assert "counted on that day" in told.text
    assert ("has gone by" in told.text) == replay


def test_no_targets_no_section(tmp_path: Path) -> None:
    """A run without targets has no such section, and one without sharing sellers does not speak of pooling."""
    assert (
        stocking_section(RunView(build(tmp_path / "a", Cluster(verdict="nothing_to_plan", recorded=False)), "en"))
        is None
    )
    alone = stocking_section(RunView(build(tmp_path / "b", Cluster(sellers=1)), "en"))
    assert alone is not None
    assert "no two sellers" in alone.answer
    assert not any(isinstance(block, Chart) and block.name == "stock-pooling" for block in alone.blocks)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_places_are_named_by_kind(run: StoredRun, lang: str) -> None:
    """Makers, hubs, ports and warehouses are told apart in the reader's language."""
    view = RunView(run, lang)
    with view.speaking():
        section = stocking_section(view)
    assert section is not None
    places = next(block for block in section.blocks if isinstance(block, Chart) and block.name == "stock-places")
    kinds = {row["kind"] for row in places.spec["data"]["values"]}
    assert kinds == ({"生产企业", "港口"} if lang == "zh" else {"Makers", "Ports"})


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_the_plan_keeps_stands_against_the_target(tmp_path: Path, lang: str) -> None:
    """Where safety stock is planned, each seller's target stands beside what is worth keeping and what the joint plan keeps."""
    run = build(tmp_path / "a", Cluster())
    targets = run.tables["targets"].to_pandas()
    own = targets[(targets["scope"] == "separate") & (targets["safety_stock"] > 0)].head(2)
    rows = [
        {
            "plan": plan, "site": row.site, "sku": row.sku, "seller": row.seller,
            "wanted": row.safety_stock, "held": held, "worth": 7.0 * held,
        }
        for row in own.itertuples()
        for plan, held in (("separate", 1.0), ("joint", 2.0))
    ]  # fmt: skip
    write_table(run.folder, "safety_stock", pa.Table.from_pylist(rows, schema=TABLES["safety_stock"].arrow))
    view = RunView(StoredRun(run.folder), lang)
    with view.speaking():
        section = stocking_section(view)
    assert section is not None
    kept = next(block for block in section.blocks if isinstance(block, Grid))
    shown = [row for row in kept.rows if row[5] == view.numbers.count(2.0)]
    assert len(shown) == len(own)
    assert {row[6] for row in shown} == {view.numbers.short(14.0)}
    assert view.numbers.count(2.0 * len(own)) in kept.note
