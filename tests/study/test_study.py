"""A study from its folder to a run."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import jointplan
from jointplan.cli.planned import asked_run, beside_figures, write_report
from jointplan.errors import DataError, NoResultError, UsageError, WorkspaceError
from jointplan.report.gain import headline
from jointplan.report.view import RunView
from jointplan.schema import TABLES
from jointplan.store import StoredRun
from jointplan.study import Study
from jointplan.texts import set_language
from tests.quick import Quick, QuickPlans
from tests.tiny import FIRST_MONDAY, WEEKS, tiny_tables, write_csv, write_tiny


def test_a_run_keeps_what_it_was_made_from_and_what_it_found(tiny: Path, quick: Quick) -> None:
    """The manifest holds settings, hashes, versions, timings and figures; the tables hold results and their inputs."""
    run = jointplan.Study.open(tiny).run()
    assert (run.gain, run.gain_low, run.gain_high) == (20.0, 19.0, 25.0)
    facts = run.manifest
    assert facts["id"] == run.id == run.stored.folder.name
    assert facts["name"] == "tiny"
    assert facts["verdict"] == "gain"
    assert facts["currency"] == "CNY"
    assert facts["horizon"] == {"start": "2025-04-14", "weeks": 26, "replay": False}
    assert facts["settings"]["horizon"]["weeks"] == 26
    sales = next(source for source in facts["inputs"] if source["table"] == "sales")
    assert sales["file"] == "tables/sales.csv"
    assert sales["sha256"] == hashlib.sha256((tiny / "tables" / "sales.csv").read_bytes()).hexdigest()
    assert sales["rows"] == len(tiny_tables()["sales"])
    assert {"python", "duckdb", "highspy"} <= set(facts["versions"])
    assert list(facts["timings"]) == [
        "check",
        "weeks",
        "diagnose",
        "forecast",
        "heat",
        "launches",
        "inventory",
        "plan",
        "write",
    ]
    assert facts["figures"]["seconds"] == pytest.approx(sum(facts["timings"].values()), abs=0.01)
    assert facts["figures"]["peak_mb"] > 10
    assert {"values", "lots", "forecasts", "accuracy", "targets", "assumptions", "input_firms", "input_weekly"} <= set(
        run.tables
    )
    assert run.tables["input_weekly"].column_names == ["week", "sku", "market", "seller", "quantity", "revenue"]
    assert run.report is None
    assert "20 CNY over 26 weeks (for exactly this demand, proven to lie between 19 and 25)" in run.sentence()


def test_the_stages_are_given_the_weeks_of_the_sales(tiny: Path, quick: Quick) -> None:
    """Forecaster and planner see weekly sales that add up to the lines, and the same weeks to plan."""
    Study.open(tiny, {"horizon.weeks": 8, "seed": 3, "measures": ["pool_orders"]}).plan(members=("ALPHA", "BETA"))
    sales = tiny_tables()["sales"]
    weekly = quick.forecast_with["tables"]["weekly"]
    assert sum(weekly["quantity"].to_pylist()) == sum(row["quantity"] for row in sales)
    assert sum(weekly["revenue"].to_pylist()) == pytest.approx(sum(r["quantity"] * r["unit_price"] for r in sales))
    for given in (quick.forecast_with, quick.planned_with):
        assert (given["start"], given["weeks"], given["seed"]) == (date(2025, 4, 14), 8, 3)
    assert quick.planned_with["members"] == ("ALPHA", "BETA")
    assert quick.planned_with["measures"] == ("pool_orders",)
    assert not quick.planned_with["replay"]
    assert "forecasts" in quick.planned_with["tables"]


def test_members_must_own_a_firm(tiny: Path, quick: Quick) -> None:
    """A stranger among the members is named, with the owners there are."""
    with pytest.raises(UsageError, match=r"STRANGER owns no firm.*ALPHA, BETA, GAMMA"):
        Study.open(tiny).plan(members=("ALPHA", "STRANGER"))


def test_lines_in_partial_weeks_are_counted_and_warned_of(tmp_path: Path, quick: Quick) -> None:
    """A Sunday before the first Monday is left out, counted, and said."""
    stray = {**tiny_tables()["sales"][0], "document": "stray", "date": date(2025, 3, 2)}
    run = Study.open(write_tiny(tmp_path, sales=lambda rows: [stray, *rows])).run()
    assert run.manifest["dropped"] == {"lines_in_partial_weeks": 1, "products": []}
    assert "partial_week" in [warning["rule"] for warning in run.manifest["warnings"]]
    checked = Study.open(tmp_path).check()
    assert [issue.as_dict() for issue in checked.issues] == run.manifest["warnings"]
    assert not checked.errors


def test_a_run_names_what_sold_in_the_incomplete_last_week_alone(tmp_path: Path, quick: Quick) -> None:
    """A product first sold after the last Sunday is kept by name with the run, and told on its page; one that sold before is not."""
    model = tiny_tables()["sales"][0]
    day = FIRST_MONDAY + timedelta(weeks=WEEKS, days=2)
    late = [{**model, "document": f"late-{sku}", "sku": sku, "date": day} for sku in (model["sku"], "FRESH-1")]
    folder = write_tiny(
        tmp_path,
        sales=lambda rows: [*rows, *late],
        products=lambda rows: [*rows, {**rows[0], "sku": "FRESH-1", "title": "Lamp"}],
    )
    run = Study.open(folder).run()
    assert run.manifest["dropped"]["products"] == ["FRESH-1"]


def test_a_sale_far_from_all_others_sets_neither_the_weeks_to_plan_nor_the_beginning(
    tmp_path: Path, quick: Quick
) -> None:
    """Forecasts begin after the other sales, unless horizon.start says that the silence before the sale was real."""
    late, early = FIRST_MONDAY + timedelta(weeks=26, days=6), FIRST_MONDAY - timedelta(weeks=400)
    model = tiny_tables()["sales"][0]
    strays = [{**model, "document": f"stray-{day}", "date": day} for day in (late, early)]
    for day in (late, early):  # one at a time is negligible among 54 lines
        folder = write_tiny(
            tmp_path / str(day), sales=lambda rows, day=day: [*rows, *(s for s in strays if s["date"] == day)]
        )
        run = Study.open(folder).run()
        assert run.manifest["horizon"]["start"] == str(FIRST_MONDAY + timedelta(weeks=WEEKS))
        assert "far_from_other_sales" in [warning["rule"] for warning in run.manifest["warnings"]]
        weeks = quick.forecast_with["tables"]["weekly"]["week"].to_pylist()
        assert (min(weeks), max(weeks)) == (FIRST_MONDAY, FIRST_MONDAY + timedelta(weeks=WEEKS - 1))
    start = late + timedelta(days=1)
    run = Study.open(tmp_path / str(late), {"horizon.start": str(start)}).run()
    assert run.manifest["horizon"]["start"] == str(start)


def test_revenue_counts_in_the_currency_of_the_run(tmp_path: Path, quick: Quick) -> None:
    """Markets of another currency are converted by the table fx; the currency must be decided."""
    folder = write_tiny(tmp_path, markets=lambda rows: [rows[0] | {"currency": "EUR"}, rows[1]])
    write_csv(folder / "tables" / "fx.csv", [{"currency": "EUR", "date": "2025-01-02", "rate": 8}])
    with pytest.raises(DataError) as caught:
        Study.open(folder).run()
    assert [issue.rule for issue in caught.value.issues if issue.severity == "error"] == ["several_currencies"]
    Study.open(folder, {"currency": "CNY"}).run()
    weekly = quick.planned_with["tables"]["weekly"].to_pylist()
    for market, rate in (("DE", 8), ("FR", 1)):
        lines = [row for row in tiny_tables()["sales"] if row["market"] == market]
        assert sum(row["revenue"] for row in weekly if row["market"] == market) == pytest.approx(
            rate * sum(row["quantity"] * row["unit_price"] for row in lines)
        )


def test_what_the_import_assumed_is_kept_until_a_table_replaces_it(tiny: Path, quick: Quick) -> None:
    """Derived assumptions join the run's own; one whose table the user has supplied is gone."""
    (tiny / "derived").mkdir()
    rows = [
        {"item": "weekly capacity", "subject": "", "value": "40", "unit": "h", "rule": "peak", "rule_zh": "峰值"}
        | {"replaced_by": table}
        for table in ("capacity", "stock")
    ]
    table = TABLES["assumptions"].empty().from_pylist(rows, schema=TABLES["assumptions"].arrow)
    pq.write_table(table, tiny / "derived" / "assumptions.parquet")
    kept = Study.open(tiny).run().tables["assumptions"].to_pylist()
    assert [row["replaced_by"] for row in kept if row["item"] == "weekly capacity"] == ["stock"]
    assert "stock" in [row["item"] for row in kept]


def test_a_report_is_written_before_the_run_appears(tiny: Path, quick: Quick) -> None:
    """The report is given a complete run, and its time is in the manifest."""

    def report(stored: StoredRun, folder: Path) -> None:
        assert stored.manifest["figures"]["gain"] == 20.0
        assert "values" in stored.tables
        assert not [path for path in (tiny / "runs").iterdir() if not path.name.startswith(".")]
        (folder / "report.html").write_text(stored.id)

    run = Study.open(tiny).run(report=report)
    assert run.report is not None
    assert run.report.read_text() == run.id
    assert run.manifest["timings"]["report"] >= 0


def test_a_run_outlives_a_report_that_fails(tiny: Path, quick: Quick) -> None:
    """The plan took long to make: an error in the report is raised, and the run is there."""

    def report(stored: StoredRun, folder: Path) -> None:
        raise ZeroDivisionError("chart")

    study = Study.open(tiny)
    with pytest.raises(ZeroDivisionError, match="chart"):
        study.run(report=report)
    assert study.workspace.run().manifest["figures"]["gain"] == 20.0


def test_problems_in_the_tables_stop_a_run(tmp_path: Path, quick: Quick) -> None:
    """All problems are in the error, and no run is left."""
    folder = write_tiny(tmp_path, sales=lambda rows: [row | {"quantity": -1} for row in rows[:2]] + rows[2:])
    with pytest.raises(DataError) as caught:
        Study.open(folder).run()
    assert len([issue for issue in caught.value.issues if issue.column == "quantity"]) == 2
    assert not (folder / "runs").exists()
    assert not quick.planned_with


def test_only_partial_weeks_are_nothing_to_plan(tmp_path: Path, quick: Quick) -> None:
    """Sales of a single Wednesday make no week: no result, and no folder of a run."""
    folder = write_tiny(tmp_path, sales=lambda rows: [rows[0] | {"date": date(2025, 3, 5)}])
    with pytest.raises(NoResultError, match="nothing to plan"):
        Study.open(folder).run()
    assert not (folder / "runs").exists()


@pytest.mark.parametrize(
    ("verdict", "worth", "words"),
    [
        ("gain", {"separate": (100.0, 101.0), "joint": (120.0, 125.0)}, "gains 20 CNY"),
        ("loss", {"separate": (100.0, 101.0), "joint": (80.0, 85.0)}, "loses 20 CNY"),
        ("not_distinguishable", {"separate": (100.0, 130.0), "joint": (120.0, 125.0)}, "not distinguishable"),
        ("not_distinguishable", {"separate": (100.0, 100.2), "joint": (100.0, 100.2)}, "gains nothing"),
        ("one_owner", {"separate": (100.0, 100.0), "joint": (100.0, 100.0)}, "one owner"),
    ],
)
def test_the_sentence_says_no_more_than_the_verdict(
    tiny: Path, quick: Quick, verdict: str, worth: dict[str, tuple[float, float]], words: str
) -> None:
    """A gain that is not certain is never called one."""
    quick.plans = QuickPlans(verdict, worth)
    sentence = Study.open(tiny).run().sentence()
    assert words in sentence
    assert ("gains" in sentence.replace("gains nothing", "").replace("together gains over", "")) == (verdict == "gain")


@pytest.mark.parametrize(
    ("verdict", "worth", "words"),
    [
        ("gain", {"separate": (100.4, 100.4), "joint": (110.6, 110.6)}, "gains 11 CNY"),
        ("loss", {"separate": (110.6, 110.6), "joint": (100.4, 100.4)}, "loses 11 CNY"),
        ("gain", {"separate": (100.6, 100.6), "joint": (110.4, 110.4)}, "gains 9 CNY"),
    ],
)
def test_the_gain_told_is_that_of_the_amounts_beside_it(
    tiny: Path, quick: Quick, verdict: str, worth: dict[str, tuple[float, float]], words: str
) -> None:
    """100.4 and 110.6 are written as 100 and 111: 11 apart, proven to lie between 10 and 11; 100.6 and 110.4 as 101 and 110."""
    quick.plans = QuickPlans(verdict, worth)
    sentence = Study.open(tiny).run().sentence()
    assert words in sentence
    assert f"between {'9 and 10' if ' 9 ' in words else '10 and 11'})" in sentence


def test_an_owner_that_is_not_there_is_told_the_nearest(tmp_path: Path) -> None:
    """A part of the name is enough to be told the whole: people leave out what stands in brackets."""
    folder = write_tiny(tmp_path, firms=lambda rows: [r | {"owner": f"{r['name']} (synthetic)"} for r in rows])
    for asked, meant in (("Alpha", "Alpha (synthetic)"), ("Gama (synthetic)", "Gamma (synthetic)")):
        with pytest.raises(UsageError, match="owns no firm") as caught:
            Study.open(folder).plan(members=[asked, "Beta (synthetic)"])
        assert caught.value.cure.startswith(f"Did you mean {meant}")
    with pytest.raises(UsageError) as caught:
        Study.open(folder).plan(members=["zzz"])
    assert caught.value.cure.startswith("The owners are: Alpha (synthetic)")


@pytest.mark.parametrize("joint", [90.0, 100.0, 110.0])
def test_what_is_proven_to_the_unit_lies_between_nothing(tiny: Path, quick: Quick, joint: float) -> None:
    """Where both plans are proven best there is one amount: not one "between 10 and 10"."""
    verdict = {90.0: "loss", 100.0: "not_distinguishable", 110.0: "gain"}[joint]
    quick.plans = QuickPlans(verdict, {"separate": (100.0, 100.0), "joint": (joint, joint)})
    sentence = Study.open(tiny).run().sentence()
    assert "between" not in sentence
    assert "(for exactly this demand, proven to be neither more nor less)" in sentence


@pytest.mark.parametrize(
    ("joint", "status", "words"),
    [
        (92.0, "feasible", "the separate ones are better by 8 CNY: keep to them, or search longer for the joint plan."),
        (92.0, "optimal", "the separate ones are better by 8 CNY: keep to them."),
        (104.0, "feasible", "the joint one is better by 4 CNY."),
        (100.2, "feasible", "lie between -30 and 25)."),
    ],
)
def test_of_plans_that_cannot_be_told_apart_the_better_is_named(
    tiny: Path, quick: Quick, joint: float, status: str, words: str
) -> None:
    """Whoever must choose is told which plan found is worth more; a longer search is named where it may turn it."""
    free = {"weekly_cost": 0.0, "break_even_weekly_cost": 0.0}
    quick.plans = QuickPlans("not_distinguishable", {"separate": (100.0, 130.2), "joint": (joint, 125.0)}, status, free)
    assert Study.open(tiny).run().sentence().endswith(words)


@pytest.mark.parametrize(
    ("verdict", "hub", "words"),
    [
        (
            "not_distinguishable",
            9.0,
            "Before the hub, which costs 9 CNY in these weeks, the joint plan found is better by 1 CNY: it pays only",
        ),
        (
            "loss",
            9.0,
            "Before the hub, which costs 9 CNY in these weeks, the joint plan found is better by 1 CNY: it pays only",
        ),
        ("loss", 8.0, "What the joint plan found loses is what the hub costs."),
        ("not_distinguishable", 3.0, ""),
        ("not_distinguishable", 0.0, ""),
    ],
)
def test_a_loss_that_comes_of_the_hub_is_told_as_such(
    tiny: Path, quick: Quick, verdict: str, hub: float, words: str
) -> None:
    """The joint plan is worth 8 less, after a hub that costs 9: it is worth 1 more before it, in the terminal and in the report."""
    weekly = {"weekly_cost": hub / 26, "break_even_weekly_cost": (hub - 8.0) / 26}
    quick.plans = QuickPlans(verdict, {"separate": (100.0, 130.2), "joint": (92.0, 125.0)}, hub=weekly)
    made = Study.open(tiny).run()
    view = RunView(made.stored, "en")
    with view.speaking():
        for said, money in ((made.sentence(), r"\1 CNY"), (headline(view), r"¥\1")):
            assert ("the hub" in said) == bool(words)
            assert re.sub(r"(\d+) CNY", money, words) in said


def test_nothing_is_said_of_a_joint_plan_that_was_not_searched(tiny: Path, quick: Quick) -> None:
    """Ended before the joint plan had a bound, a run compares nothing: what differs by then is the cost of the cooperation."""
    quick.plans = QuickPlans(
        "not_distinguishable", {"separate": (100.0, 130.0), "joint": (96.0, None)}, ended_early=True
    )
    sentence = Study.open(tiny).run().sentence()
    assert sentence.endswith("what planning together gains is not known.")
    assert "better" not in sentence


def test_a_joint_plan_that_was_not_searched_is_told_as_that_wherever_it_is_met(tiny: Path, quick: Quick) -> None:
    """Ended before the search of the joint plan began, run, report and manifest say so, and so does whatever starts from the run."""
    worth: dict[str, tuple[float, float | None]] = {"separate": (100.0, 130.0), "joint": (96.0, 140.0)}
    quick.plans = QuickPlans("not_distinguishable", worth, ended_early=True, joint_searched=False)
    made = Study.open(tiny).run(report=write_report)
    assert made.manifest["joint_searched"] is False
    assert "the joint plan is only what it would have begun from" in made.sentence()
    assert "the hub" not in headline(RunView(made.stored, "en"))
    assert "The search was ended before that of the joint plan began" in (made.report or tiny).read_text("utf-8")
    assert beside_figures(made, None)["joint_searched"] is False
    assert asked_run(made.stored) == f"run {made.id}, whose joint plan was not searched"
    set_language("zh")
    assert "未经搜索" in asked_run(made.stored)
    assert "协同计划只是其搜索的起点" in made.sentence()
    quick.plans = QuickPlans()
    searched = Study.open(tiny).run()
    assert searched.manifest["joint_searched"] is True
    assert "joint_searched" not in beside_figures(searched, None)


def test_a_missing_folder_or_a_file_is_told(tmp_path: Path) -> None:
    """Opening what is no workspace says how to make one."""
    with pytest.raises(WorkspaceError, match="jointplan init"):
        Study.open(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="is a file"):
        Study.open(tmp_path / "file")


def test_manifests_tell_nothing_of_the_machine(tiny: Path, quick: Quick) -> None:
    """Paths in a manifest are relative to the workspace, so that runs may be passed on."""
    assert str(tiny) not in json.dumps(Study.open(tiny).run().manifest)


def test_members_may_be_named_by_a_firm_of_theirs(tmp_path: Path, quick: Quick) -> None:
    """Whoever names a firm means its owner."""
    owned = write_tiny(tmp_path, firms=lambda rows: [{**rows[0], "owner": "Holding"}, *rows[1:]])
    Study.open(owned).plan(members=(tiny_tables()["firms"][0]["firm"], "BETA"))
    assert quick.planned_with["members"] == ("Holding", "BETA")
