"""What the report says of measures, reasons, batches and changes, of a run that was really planned."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jointplan import Study
from jointplan.report import write_report
from jointplan.report.batches import batches_section
from jointplan.report.blocks import Chart, Grid, Section
from jointplan.report.changes import changes_section
from jointplan.report.making import making_section
from jointplan.report.measures import measures_section
from jointplan.report.page import report_sections
from jointplan.report.reasons import _dear_reason, explained
from jointplan.report.view import RunView
from jointplan.report.words import LEVELS, STAGES
from jointplan.report.worklist import work_lists
from jointplan.schema.results import CHANGES, REASONS
from jointplan.store import StoredRun
from tests.tiny import write_tiny


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    """Value the measures of a cluster whose workshops are too small, changed and beside its base."""
    folder = write_tiny(
        tmp_path_factory.mktemp("tight"),
        capacity=lambda rows: [row | {"hours": 9, "overtime_hours": 2} for row in rows],
    )
    # Each more is valued alone, last and in pairs with all others; what all are worth is looked at where plans are made.
    few = ["pool_orders", "share_capacity", "consolidate_freight"]
    quick = {"plan.solve.seconds": 2, "plan.solve.gap": 0.02, "horizon.weeks": 4, "diagnosis.with_run": False}
    study = Study.open(folder, quick | {"measures": few})
    first = study.measures(pairs=True)
    study.what_if(["demand=+30%"])
    return first.stored


@pytest.fixture(scope="module")
def changed(made: StoredRun) -> StoredRun:
    """Return the run with the change."""
    (other,) = (run.name for run in made.folder.parent.iterdir() if run.is_dir() and run.name != made.folder.name)
    return Study.open(made.folder.parent.parent).workspace.run(other)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_measures_are_told_with_strand_and_interval(made: StoredRun, lang: str, tmp_path: Path) -> None:
    """Each measure's sentence and strand stand on the page, and a picture of the intervals."""
    page = write_report(made, tmp_path, lang=lang)[0].read_text("utf-8")
    assert ("Orders of several sellers" if lang == "en" else "多家卖家") in page
    assert ("Supply chain" if lang == "en" else "供应链") in page
    apart = {
        "en": "Gains on so few weeks may be more or less than those of all weeks",
        "zh": "这几周的增益可能大于或小于全部周的增益",
    }
    assert apart[lang] in page
    assert 'data-chart="measures"' in page
    assert 'data-chart="pooling"' in page
    assert 'data-chart="hour_worth"' in page


def test_sections_that_have_nothing_to_say_are_left_out(made: StoredRun, changed: StoredRun) -> None:
    """Changes are told where the run stands beside another, measures where owners share something."""
    for run, beside in ((made, False), (changed, True)):
        view = RunView(run, "en")
        with view.speaking():
            names = [section.name for section in report_sections(view)]
        assert ("changes" in names) == beside
        assert {"batches", "why", "measures"} <= set(names)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_measures_that_were_not_valued_are_told_with_how_to_value_them(changed: StoredRun, lang: str) -> None:
    """Each is told with its strand, its flag, a sentence and a picture; those with nothing to work on with what it takes."""
    run = StoredRun(changed.folder)
    facts = run.manifest
    assert facts["idle_measures"] == []
    facts["settings"]["measures"] = ["share_capacity", "enter_market", "joint_promotion"]
    facts["idle_measures"] = ["joint_promotion"]

    def told() -> Section | None:
        view = RunView(run, lang)
        with view.speaking():
            return measures_section(view)

    section = told()
    assert section is not None
    assert section.answer.startswith("The joint plan may use 2 measures" if lang == "en" else "协同计划可采用 2 项措施")
    assert "jointplan measures" in section.answer
    does, _, _, idle, _ = section.blocks
    assert [type(block) for block in section.blocks] == [Grid, Chart, Chart, Grid, Grid]
    assert isinstance(does, Grid)
    assert isinstance(idle, Grid)
    labels = ("Shared capacity", "Market entry") if lang == "en" else ("共享产能", "市场开拓")
    assert tuple(row[0] for row in does.rows) == labels
    assert [row[-1] == "–" for row in does.rows] == [True, False]
    ((label, strand, _, takes, _),) = idle.rows
    assert (label, strand) == (("Joint promotion", "Ecosystem") if lang == "en" else ("联合推广", "生态圈"))
    assert "campaigns" in takes
    facts["idle_measures"] = facts["settings"]["measures"]
    section = told()
    assert section is not None
    assert section.answer.startswith("No measure" if lang == "en" else "启用的措施均无")
    facts["verdict"] = "one_owner"
    assert told() is None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_purchases_that_moved_stand_among_the_changes(changed: StoredRun, tmp_path: Path, lang: str) -> None:
    """A run in which materials alone are bought otherwise says so, and names material, supplier and both weeks."""
    start = changed.tables["demand"].column("week")[0].as_py()
    row = dict.fromkeys(CHANGES.arrow.names) | {
        "what": "purchase", "change": "moved", "material": "carton", "quantity": 280.0, "from_place": "mill",
        "from_week": start, "to_place": "mill", "to_week": start + timedelta(weeks=1),
    }  # fmt: skip
    folder = shutil.copytree(changed.folder, tmp_path / changed.id)
    pq.write_table(pa.Table.from_pylist([row], schema=CHANGES.arrow), folder / "tables" / "changes.parquet")
    view = RunView(StoredRun(folder), lang)
    with view.speaking():
        section = changes_section(view)
        assert section is not None
        assert ("1 purchase of material is" if lang == "en" else "另有 1 项物料采购") in section.answer
        ((kind, _, material, taker, units, before, now),) = section.blocks[0].rows  # type: ignore[union-attr]  # a grid
        assert (kind, material, taker, units) == ("Purchase" if lang == "en" else "采购", "carton", "–", "280")
        for place, week in ((before, start), (now, start + timedelta(weeks=1))):
            assert "mill" in place
            assert view.numbers.day(week) in place


def test_a_what_if_is_told_before_anything_else(changed: StoredRun, tmp_path: Path) -> None:
    """The page says above its headline that this is no plan for things as they are."""
    page = write_report(changed, tmp_path, lang="en")[0].read_text("utf-8")
    assert page.index("demand=+30%") < page.index('class="headline"')


def test_the_hub_is_told_what_an_hour_is_worth(made: StoredRun) -> None:
    """A full workshop's sentence names the firm and the worth that the tables hold."""
    view = RunView(made, "en")
    worth = view.frame("hour_worth")
    assert len(worth)
    with view.speaking():
        full = [item for item in explained(view) if item.kind == "full" and item.row["worth"]]
        assert full
        for item in full:
            assert view.firm(item.row["firm"]) in item.sentence
            weeks = worth[
                (worth["firm"] == item.row["firm"]) & worth["week"].between(item.row["week"], item.row["until"])
            ]
            length = (item.row["until"] - item.row["week"]).days // 7 + 1
            assert item.row["worth"] == pytest.approx(weeks["worth"].sum() / length, abs=0.01)
            missing = length - len(weeks)
            ends = sorted([*weeks["worth"], *([0.0] * missing)])
            write = view.numbers.cents if ends[-1] < 10 else view.numbers.money
            low, high = write(round(ends[0], 2)), write(round(ends[-1], 2))
            assert item.sentence.endswith(f" {low}." if low == high else f" {low} to {high}.")


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (99.78, 149.41, "¥100 to ¥149"),
        (149.41, 149.42, "¥149"),
        (2.25, 4.0, "¥2.25 to ¥4.00"),
        (None, None, "¥125"),
    ],
)
def test_weeks_in_which_an_hour_is_worth_more_or_less_are_not_told_as_their_mean(
    made: StoredRun, tmp_path: Path, low: float | None, high: float | None, told: str
) -> None:
    """Weeks that differ are told from the least to the most, those that do not as one; runs of earlier versions keep the mean alone."""
    row = next(row for row in made.tables["reasons"].to_pylist() if row["kind"] == "full" and row["worth"])
    row |= {"cause": "capacity", "worth": 124.6, "worth_low": low, "worth_high": high}
    folder = Path(shutil.copytree(made.folder, tmp_path / "weeks"))
    pq.write_table(pa.Table.from_pylist([row], schema=REASONS.arrow), folder / "tables" / "reasons.parquet")
    view = RunView(StoredRun(folder), "en")
    with view.speaking():
        (item,) = explained(view)
    assert item.sentence.endswith(f": one more hour is worth {told}.")


def test_a_firm_is_told_its_own_and_nothing_of_others(made: StoredRun) -> None:
    """No other firm's name, and no figure of another's workshop, is in what a firm is shown."""
    view = RunView(made, "en")
    with view.speaking():
        hub = explained(view)
        for firm in ("ALPHA", "BETA", "GAMMA"):
            own = explained(view, firm)
            others = {view.firm(other) for other in ("ALPHA", "BETA", "GAMMA") if other != firm}
            assert sum(len(item.rows) for item in own) == sum(row["firm"] == firm for item in hub for row in item.rows)
            for item in own:
                assert not any(name in item.sentence for name in others)
                assert item.row["maker"] in (firm, None)
                if item.row["maker"] is None and item.kind != "dear" and item.row["cause"] != "freight":
                    assert item.row["worth"] is None
                    assert item.row["cost"] is None


CAUSES = [
    (
        {"cause": "throughput", "place": "HUB", "unit": "m3", "limit": 0.12, "needed": 0.02, "worth": 7930.0, "worth_low": 7921.0, "worth_high": 7940.0},
        "HUB takes in no more than 0.12 m³ a week and is at that in {weeks}: one more m³ is worth ¥7,921 to ¥7,940.",
        "HUB takes in no more than 0.12 m³ a week and is at that in {weeks}.",
    ),
    (
        {"cause": "room", "place": "HUB", "unit": "m3", "limit": 2.0, "needed": 0.02, "cost": 900.0},
        "the room of HUB, 2 m³, is full in {weeks}: one more m³ would bring this line ¥900 at most.",
        "the room of HUB, 2 m³, is full in {weeks}.",
    ),
    (
        {"cause": "room", "place": "BETA", "unit": "m3", "limit": 2.0, "needed": 0.02, "cost": 900.0},
        "the room of {beta}, 2 m³, is full in {weeks}: one more m³ would bring this line ¥900 at most.",
        "the place it would go through is full in {weeks}.",
    ),
    (
        {"kind": "late", "cause": "other_maker", "maker": "ALPHA", "cost": 0.6, "usual": 1.0},
        "who could make it in time, {alpha}, does so ¥0.60 a unit dearer than who makes it later, and the delay costs ¥1.00.",
        "who could make it in time does so dearer than who makes it later.",
    ),
    (
        {"cause": "space", "lane": "AIR", "unit": "kg", "limit": 25.0, "needed": 2.0, "worth": 5.0, "worth_low": 5.0, "worth_high": 5.0},
        "the space of lane AIR, 25 kg a week, is used up in {weeks}: one more kg is worth ¥5.00.",
        "the space of lane AIR, 25 kg a week, is used up in {weeks}.",
    ),
    (
        {"cause": "container", "lane": "SEA", "unit": "m3", "limit": 0.015, "needed": 0.02},
        "the container of lane SEA is too small for it: it takes 0.015 m³, and a unit needs 0.02 m³.",
        "the container of lane SEA is too small for it: it takes 0.015 m³, and a unit needs 0.02 m³.",
    ),
    (
        {"cause": "barred", "barred": '[["BETA", "certificate"], ["GAMMA", "refused", "OB", "C: Oh, Ltd"]]'},
        "who can make it may not: {beta} has no certificate for Germany; {gamma} may not, as OB and C: Oh, Ltd do no jobs for each other.",
        "who can make it may not, for want of a certificate for the market or by terms between owners.",
    ),
    (
        {"cause": "certificate", "maker": "BETA"},
        "the certificate of {beta} for Germany covers no week from {day} on.",
        "who could make it has no certificate for Germany from {day} on.",
    ),
    (
        {"cause": "no_process", "binding_process": "paint"},
        "no firm can do the step paint.",
        "no firm can do the step paint.",
    ),
    (
        {"kind": "late", "cause": "other_maker", "maker": "BETA", "cost": 0.6, "usual": 1.0},
        "who could make it in time, {beta}, does so ¥0.60 a unit dearer than who makes it later, and the delay costs ¥1.00.",
        "who could make it in time does so dearer than who makes it later.",
    ),
    (
        {"kind": "late", "cause": "material", "maker": "BETA", "material": "POT", "cost": 30.0, "usual": 1.0},
        "making it in time would cost ¥30.00 a unit more than later, mostly for its materials, POT before all, and the delay costs ¥1.00.",
        "making it in time would cost more than later, mostly for its materials.",
    ),
    (
        {"cause": "no_source", "material": "STEEL"},
        "its material STEEL has no source left.",
        "its material STEEL has no source left.",
    ),
    (
        {"cause": "no_source", "material": "STEEL, CHROME"},
        "its materials STEEL, CHROME have no source left.",
        "its materials STEEL, CHROME have no source left.",
    ),
    (
        {"cause": "displaced", "maker": "BETA", "cost": 48.0, "usual": 2061.0},
        "no batch of it is planned in time; one more would bring ¥2,061 to all orders waiting for it, here or under another reason, "
        "but cost ¥48 in changing over and push other goods out of loads, space or hours for more than the rest; the plan is proven to lack less.",
        "no batch of it is planned in time, and one more would take more from other goods than it gains.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("found", "hub", "own"), CAUSES, ids=[str(found["cause"]) for found, _, _ in CAUSES])
def test_what_binds_on_the_way_is_told_to_the_hub_with_its_worth_and_to_a_firm_without(
    made: StoredRun, tmp_path: Path, found: dict[str, object], hub: str, own: str
) -> None:
    """The hub reads place, weeks, worth, and who may not; the firm whose line it is reads neither another's name nor what others' goods bring."""
    start = made.tables["reasons"].column("week")[0].as_py()
    row = dict.fromkeys(REASONS.arrow.names) | {
        "plan": "joint", "kind": "unmet", "firm": "ALPHA", "week": start, "until": start, "sku": "TOASTER", "market": "DE",
        "quantity": 8.0, "binding_from": start, "binding_until": start,
    } | found  # fmt: skip
    folder = Path(shutil.copytree(made.folder, tmp_path / "cause"))
    pq.write_table(pa.Table.from_pylist([row], schema=REASONS.arrow), folder / "tables" / "reasons.parquet")
    for lang in ("en", "zh"):
        view = RunView(StoredRun(folder), lang)
        with view.speaking():
            (all_told,), (told,) = explained(view), explained(view, "ALPHA")
            if lang == "en":
                day = view.numbers.day(start)
                words = {
                    "weeks": f"the week of {day}",
                    "day": day,
                    "alpha": view.firm("ALPHA"),
                    "beta": view.firm("BETA"),
                    "gamma": view.firm("GAMMA"),
                }
                assert all_told.sentence.endswith(": " + hub.format(**words))
                assert told.sentence.endswith(": " + own.format(**words))
            for other in ("BETA", "GAMMA"):
                assert view.firm(other) not in told.sentence
            assert not any(
                told.row[name] is not None for name in ("maker", "worth", "worth_low", "worth_high", "barred")
            )
            assert told.row["place"] in (None, "HUB")
            assert told.row["limit"] is None or told.row["place"] or told.row["lane"]
            assert found["cause"] != "other_maker" or told.row["cost"] is None


def test_the_lines_of_one_missing_batch_are_told_together(made: StoredRun, tmp_path: Path) -> None:
    """Lines that wait for one batch are one sentence naming each seller and market once; a line of another batch is another; a firm hears its own.

    Where another week or maker suits some of them best, the hub is told of the batch that gains most: 700 less 400 against 500 less 450.
    """
    start = made.tables["reasons"].column("week")[0].as_py()
    names = REASONS.arrow.names
    missing = dict.fromkeys(names) | {
        "plan": "joint", "kind": "late", "cause": "gap", "week": start, "until": start, "sku": "TOASTER", "market": "DE",
        "maker": "BETA", "binding_from": start, "binding_until": start, "cost": 400.0, "usual": 700.0, "waited": 60.0,
        "batch": 1,
    }  # fmt: skip
    later = start + timedelta(weeks=2)
    rows = [
        missing | {"firm": "ALPHA", "quantity": 30.0},
        missing | {"firm": "GAMMA", "quantity": 12.0, "waited": 24.0},
        missing | {"firm": "GAMMA", "quantity": 8.0, "waited": 36.0}
        | {"week": later, "until": later, "binding_from": later, "binding_until": later, "maker": "ALPHA", "cost": 450.0, "usual": 500.0},
        missing | {"firm": "GAMMA", "market": "FR", "quantity": 10.0},
        missing | {"firm": "GAMMA", "quantity": 5.0, "batch": 2},
    ]  # fmt: skip
    folder = shutil.copytree(made.folder, tmp_path / made.id)
    pq.write_table(pa.Table.from_pylist(rows, schema=REASONS.arrow), folder / "tables" / "reasons.parquet")
    view = RunView(StoredRun(folder), "en")
    with view.speaking():
        together, alone = explained(view)
        assert sorted(row["quantity"] for row in together.rows) == [8.0, 10.0, 12.0, 30.0]
        weeks = f"due in the weeks of {view.numbers.day(start)} to {view.numbers.day(later)}"
        assert weeks in together.sentence
        best = f"; one more, best made in the week of {view.numbers.day(start)}, would cost ¥400"
        assert best in together.sentence
        assert "might bring ¥700 to all orders waiting for it" in together.sentence
        assert together.sentence.startswith("60 ")
        assert "are late by 3 weeks on average" in together.sentence
        for units, firm, market in ((30, "ALPHA", "DE"), (20, "GAMMA", "DE"), (10, "GAMMA", "FR")):
            assert f"{units} of {view.firm(firm)} for {view.market(market)}" in together.sentence
        assert alone.sentence.startswith("5 ")
        assert "; one more would cost ¥400" in alone.sentence
        own, other = explained(view, "GAMMA")
        assert own.sentence.startswith(f"30 of your {view.product('TOASTER')}")
        assert "400" not in own.sentence
        assert view.firm("ALPHA") not in own.sentence
        assert len(other.rows) == 1
        late = {card.label: card for section in report_sections(view) for card in section.cards}["Lines late"]
        assert late.figure == "3"
        assert late.note.endswith("65 units")


@pytest.mark.parametrize(
    ("cause", "lang", "told"),
    [
        ("setup", "en", "and bring at most ¥3,199 to all orders waiting for it"),
        ("setup", "zh", "所有等待它的订单合计最多增益 ¥3,199"),
        ("gap", "en", "and might bring ¥3,199 to all orders waiting for it, here or under another reason"),
        ("gap", "zh", "所有等待它的订单（含此处以其他原因说明的）合计或可增益 ¥3,199"),
        ("displaced", "en", "would bring ¥3,199 to all orders waiting for it, here or under another reason"),
        ("displaced", "zh", "可为所有等待它的订单（含此处以其他原因说明的）合计增益 ¥3,199"),
    ],
)  # fmt: skip
def test_what_a_missing_batch_gains_is_told_as_that_of_all_who_wait(
    made: StoredRun, tmp_path: Path, cause: str, lang: str, told: str
) -> None:
    """Five units alone have this reason: what one more batch gains is not theirs, most waits elsewhere and for other reasons."""
    start = made.tables["reasons"].column("week")[0].as_py()
    line = dict.fromkeys(REASONS.arrow.names) | {
        "plan": "joint", "kind": "late", "week": start, "until": start, "sku": "TOASTER", "waited": 5.0, "quantity": 5.0,
        "firm": "ALPHA", "market": "DE", "cause": cause, "maker": "BETA", "binding_from": start, "binding_until": start,
        "cost": 430.0, "usual": 3199.0, "batch": 1,
    }  # fmt: skip
    folder = shutil.copytree(made.folder, tmp_path / made.id)
    pq.write_table(pa.Table.from_pylist([line], schema=REASONS.arrow), folder / "tables" / "reasons.parquet")
    view = RunView(StoredRun(folder), lang)
    with view.speaking():
        assert told in explained(view)[0].sentence


@pytest.mark.parametrize(
    ("lang", "kind", "units", "told"),
    [
        ("en", "unmet", 1.0, " is not delivered in "),
        ("en", "unmet", 5.0, " are not delivered in "),
        ("en", "late", 1.0, " is late by 2 weeks on average: "),
        ("en", "late", 5.0, " are late by 2 weeks on average: "),
        ("en", "dear", 1.0, " costs ¥30.00 of freight a unit"),
        ("en", "dear", 5.0, " cost ¥30.00 of freight a unit"),
        ("zh", "late", 5.0, "有 5 件平均延迟 2 周："),
    ],
)
def test_one_unit_and_several_have_the_verbs_that_fit(
    made: StoredRun, tmp_path: Path, lang: str, kind: str, units: float, told: str
) -> None:
    """One is late, five are; in Chinese the mean stands before the delay. The firm whose line it is reads it alike."""
    start = made.tables["reasons"].column("week")[0].as_py()
    row = dict.fromkeys(REASONS.arrow.names) | {
        "plan": "joint", "kind": kind, "cause": "small_load" if kind == "dear" else "no_way", "firm": "ALPHA", "sku": "TOASTER",
        "market": "DE", "week": start, "until": start, "quantity": units, "waited": 2 * units, "cost": 30.0, "usual": 9.0,
        "lane": "air-DE", "mode": "air",
    }  # fmt: skip
    folder = shutil.copytree(made.folder, tmp_path / made.id)
    pq.write_table(pa.Table.from_pylist([row], schema=REASONS.arrow), folder / "tables" / "reasons.parquet")
    view = RunView(StoredRun(folder), lang)
    with view.speaking():
        for firm in (None, "ALPHA"):
            assert told in explained(view, firm)[0].sentence


@pytest.mark.parametrize(("cause", "told"), [("no_way", 1), ("lead_time", 2)])
def test_weeks_of_a_line_with_one_reason_are_told_together(
    made: StoredRun, tmp_path: Path, cause: str, told: int
) -> None:
    """A line that no lane leads to is told once, whatever weeks lie between; where what is told differs, each is."""
    start = made.tables["reasons"].column("week")[0].as_py()
    line = dict.fromkeys(REASONS.arrow.names) | {
        "plan": "joint", "kind": "unmet", "cause": cause, "firm": "ALPHA", "sku": "TOASTER", "market": "DE",
    }  # fmt: skip
    weeks = [start, start + timedelta(weeks=2)]
    rows = [line | {"week": week, "until": week, "quantity": 4.0, "worth": 2.0 + n} for n, week in enumerate(weeks)]
    folder = shutil.copytree(made.folder, tmp_path / made.id)
    pq.write_table(pa.Table.from_pylist(rows, schema=REASONS.arrow), folder / "tables" / "reasons.parquet")
    view = RunView(StoredRun(folder), "en")
    with view.speaking():
        found = explained(view)
        assert len(found) == told
        assert sum(row["quantity"] for item in found for row in item.rows) == 8.0
        if told == 1:
            assert found[0].sentence.startswith("8 ")
            assert f"the weeks of {view.numbers.day(weeks[0])} to {view.numbers.day(weeks[1])}" in found[0].sentence


@pytest.mark.parametrize("cause", ["setup", "gap"])
def test_a_maker_that_waits_for_its_own_batch_does_not_hear_what_others_would_gain(
    cause: str, made: StoredRun, tmp_path: Path
) -> None:
    """What all gain who wait for a batch is the hub's to know: a maker among them could take its own part off and have a rival's margin."""
    start = made.tables["reasons"].column("week")[0].as_py()
    missing = dict.fromkeys(REASONS.arrow.names) | {
        "plan": "joint", "kind": "late", "cause": cause, "week": start, "until": start, "sku": "TOASTER", "market": "DE",
        "maker": "BETA", "binding_from": start, "binding_until": start, "cost": 400.0, "usual": 789.0, "quantity": 30.0,
        "batch": 1,
    }  # fmt: skip
    rows = [missing | {"firm": "BETA"}, missing | {"firm": "GAMMA"}]
    folder = shutil.copytree(made.folder, tmp_path / made.id)
    pq.write_table(pa.Table.from_pylist(rows, schema=REASONS.arrow), folder / "tables" / "reasons.parquet")
    view = RunView(StoredRun(folder), "en")
    with view.speaking():
        (hub,), (own,) = explained(view), explained(view, "BETA")
    assert "789" in hub.sentence
    assert "789" not in own.sentence
    assert own.row["usual"] is None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_shared_shipment_is_told_once_to_the_hub_and_to_each_seller_its_own(
    made: StoredRun, tmp_path: Path, lang: str
) -> None:
    """Thirty and twelve units in one dear load are 42 to the hub; each seller hears its own units, on its work list too, and of no other."""
    start = made.tables["reasons"].column("week")[0].as_py()
    shared = dict.fromkeys(REASONS.arrow.names) | {
        "plan": "joint", "kind": "dear", "cause": "small_load", "week": start, "until": start, "sku": "TOASTER",
        "market": "DE", "lane": "air-DE", "mode": "air", "cost": 30.0, "usual": 9.0,
    }  # fmt: skip
    rows = [shared | {"firm": "ALPHA", "quantity": 30.0}, shared | {"firm": "BETA", "quantity": 12.0}]
    folder = shutil.copytree(made.folder, tmp_path / made.id)
    pq.write_table(pa.Table.from_pylist(rows, schema=REASONS.arrow), folder / "tables" / "reasons.parquet")
    view = RunView(StoredRun(folder), lang)
    with view.speaking():
        (hub,) = explained(view)
        assert "42" in hub.sentence
        assert [row["quantity"] for row in hub.rows] == [30.0, 12.0]
        for firm, units, other in (("ALPHA", "30", "BETA"), ("BETA", "12", "ALPHA")):
            (own,) = explained(view, firm)
            assert units in own.sentence
            assert "42" not in own.sentence
            assert view.firm(other) not in own.sentence
            (work,) = (work for work in work_lists(view) if work.firm == firm)
            assert any((own.sentence,) in grid.rows for grid in work.grids)
        assert explained(view, "GAMMA") == []


def test_the_work_list_says_why(made: StoredRun) -> None:
    """A firm with lines of its own to explain finds them on its work list."""
    view = RunView(made, "en")
    with view.speaking():
        told = {work.firm: [grid.title for grid in work.grids] for work in work_lists(view)}
        for firm, titles in told.items():
            assert ("Why" in titles) == bool(explained(view, firm))
    assert any("Why" in titles for titles in told.values())


def test_lots_are_counted_alike_wherever_they_are_told(made: StoredRun) -> None:
    """The sections on making and on batches tell the same number of lots and the same setup hours of each plan."""
    lots, batches = made.tables["lots"].to_pylist(), made.tables["batches"].to_pylist()
    for plan in ("separate", "joint"):
        mine = [row for row in lots if row["plan"] == plan and row["quantity"] > 0]
        families = [row for row in batches if row["by"] == "family"]
        assert sum(row[f"lots_{plan}"] for row in families) == len({row["lot"] for row in mine})
        hours = sum(row["setup_hours"] for row in mine)
        assert sum(row[f"setup_hours_{plan}"] for row in families) == pytest.approx(hours, abs=0.5)
    view = RunView(made, "en")
    sections = {section.name: section for section in report_sections(view)}
    shown = {name: {card.label: card.note for card in section.cards} for name, section in sections.items()}
    separate = len({row["lot"] for row in lots if row["plan"] == "separate" and row["quantity"] > 0})
    assert shown["making"]["Lots"] == f"separate plans: {separate}"
    assert f"{separate} lots become" in sections["batches"].answer
    hours = sum(row["setup_hours_separate"] for row in batches if row["by"] == "family")
    assert f"{round(hours)} hours become" in shown["batches"]["Setup hours saved"]


def test_lots_that_hold_goods_of_several_sellers_are_those_of_the_table_of_lots(made: StoredRun) -> None:
    """The section on batches counts as shared the lots that the table names several sellers of, no other."""
    view = RunView(made, "en")
    joint = view.plan("lots", "joint")
    sellers = joint.groupby("lot")["seller"].nunique()
    with view.speaking():
        told = batches_section(view).answer  # type: ignore[union-attr]  # there are batches
    assert f"{(sellers > 1).sum()} of these" in told


def test_hours_saved_are_those_between_the_hours_told(made: StoredRun) -> None:
    """Of 100.4 and 64.6 setup hours a reader sees 100 and 65: what is saved is 35, in the text, its card and the next section alike."""
    view = RunView(made, "en")
    lots = view.frame("lots")
    separate, joint = (lots[(lots["plan"] == plan) & (lots["quantity"] > 0)] for plan in ("separate", "joint"))
    one = joint.head(1).assign(quantity=2 * separate["quantity"].max(), setup_hours=64.6)
    view._frames["lots"] = pd.concat([separate.assign(setup_hours=100.4 / len(separate)), one])
    batches = view.frame("batches")
    first = batches[batches["by"] == "family"].head(1)
    view._frames["batches"] = first.assign(
        setup_hours_separate=100.4, setup_hours_joint=64.6, family_hours_separate=60.2, family_hours_joint=40.4
    )
    with view.speaking():
        making = making_section(view)
        cards = {card.label: card for card in making.cards}
        saved = {card.label: card for card in batches_section(view).cards}["Setup hours saved"]  # type: ignore[union-attr]  # there are batches
    assert "spends 65 hours on changing over instead of 100" in making.answer
    assert "Pooled" not in making.answer  # which measure makes them fewer is not known here
    assert "for whole families 40 hours instead of 60, for single products 25 instead of 40" in making.answer
    assert (cards["Setup hours"].figure, cards["Setup hours"].note) == ("65", "separate plans: 100")
    assert saved.figure == "35"


def test_stages_and_levels_of_a_run_are_told_in_words(made: StoredRun) -> None:
    """Every stage whose time a run keeps, and every level that its accuracy is told of, has a word."""
    assert set(made.manifest["timings"]) <= set(STAGES)
    assert set(made.tables["accuracy"].column("level").to_pylist()) <= set(LEVELS)


@pytest.mark.parametrize(
    ("worth", "begun", "told"),
    [
        (1.0, None, "the shortest way there takes a week."),
        (3.0, None, "the shortest way there takes 3 weeks."),
        (99.0, None, "the shortest way there takes 99 weeks; the plan ends before."),
        (0.0, 2, "something must be learned or opened first."),
        (98.0, 2, "and the shortest way there takes 98 weeks; the plan ends before."),
    ],
)
def test_what_cannot_be_there_in_time_is_told_by_its_way_and_by_when_it_can_come_out(
    made: StoredRun, tmp_path: Path, worth: float, begun: int | None, told: str
) -> None:
    """A way longer than the plan is told as such, and the week before which nothing comes out by its day."""
    start = RunView(made, "en").start
    row = dict.fromkeys(REASONS.arrow.names) | {
        "plan": "joint", "kind": "unmet", "cause": "lead_time", "firm": "ALPHA", "sku": "TOASTER", "market": "DE",
        "week": start, "until": start, "quantity": 4.0, "worth": worth,
        "binding_from": None if begun is None else start + timedelta(weeks=begun),
    }  # fmt: skip
    folder = shutil.copytree(made.folder, tmp_path / made.id)
    pq.write_table(pa.Table.from_pylist([row], schema=REASONS.arrow), folder / "tables" / "reasons.parquet")
    view = RunView(StoredRun(folder), "en")
    with view.speaking():
        (found,) = explained(view)
        assert found.sentence.endswith(told)
        assert ("none of it can come out before" in found.sentence) == (begun is not None)
        if begun is not None:
            assert view.numbers.day(start + timedelta(weeks=begun)) in found.sentence


@pytest.mark.parametrize(
    ("lang", "told", "named"),
    [("en", "it goes by parcel, as", "Kettle (KETTLE-1)"), ("zh", "采用快递小包", "Kettle（KETTLE-1）")],
)
def test_words_within_a_sentence_are_written_as_there(made: StoredRun, lang: str, told: str, named: str) -> None:
    """A mode is no title there, and a code stands in the brackets of the language."""
    view = RunView(made, lang)
    with view.speaking():
        assert told in _dear_reason(view, {"cause": "mode", "mode": "parcel"}, None)
        assert view.named("KETTLE-1") == named.replace("Kettle", view.product("KETTLE-1"))


def test_a_measure_and_what_it_is_valued_against_stand_apart_in_both_languages(made: StoredRun) -> None:
    """In brackets of the language: a comma among Chinese names would be half-width."""
    for lang, told in (("en", "Pooled orders (alone)"), ("zh", "拼单生产（单独）")):
        view = RunView(made, lang)
        with view.speaking():
            section = measures_section(view)
        assert section is not None
        charts = [block for block in section.blocks if isinstance(block, Chart)]
        assert any(row["row"][2:] == told for chart in charts for row in chart.spec["data"]["values"])
