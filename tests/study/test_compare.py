"""Two runs side by side."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointplan import Run, Study
from jointplan.cli.planned import endings, value_lines
from jointplan.cli.working import difference_lines
from jointplan.schema import TABLES
from jointplan.study import Comparison, compare_runs
from jointplan.study.compare import asked_of, demand_changes, plan_changes, values_beside
from jointplan.study.run import WholeGain
from jointplan.texts import set_language
from tests.tiny import write_csv, write_tiny

MONDAY = date(2026, 1, 5)
WHOLE = (WholeGain(5, 1, 7), WholeGain(9, 6, 12))
ASKED = (asked_of({"horizon": {"start": "2026-01-05"}, "settings": {"measures": []}}),) * 2
QUICK = {"plan.solve.seconds": 5, "plan.solve.gap": 0.02, "horizon.weeks": 3, "diagnosis.with_run": False}
CELLS = st.dictionaries(
    st.tuples(st.sampled_from("AB"), st.integers(0, 3), st.sampled_from("PQ")), st.integers(1, 50), max_size=8
)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a workspace with one quick run, and the run: planned once, for tests that begin with such a run."""
    folder = write_tiny(tmp_path_factory.mktemp("planned"))
    return folder, Study.open(folder, QUICK | {"plan.solve.gap": 0.001}).plan().id


@pytest.fixture(scope="module")
def made_again(made_once: tuple[Path, str]) -> tuple[Run, Comparison]:
    """Return that run planned again with nothing changed, and both beside one another."""
    folder, run = made_once
    return Study.like(folder, run).replan(earlier=run)


@pytest.fixture
def planned(made_once: tuple[Path, str], tmp_path: Path) -> tuple[Path, Run]:
    """Return a copy of that workspace to work in, and its run."""
    folder, run = made_once
    shutil.copytree(folder, tmp_path / "tiny")
    return tmp_path / "tiny", Run(Study.open(tmp_path / "tiny").workspace.run(run))


def tables(cells: dict[tuple[str, int, str], int]) -> dict[str, pa.Table]:
    """Return lots of one seller, by maker, week and product."""
    rows = [
        {
            "plan": "joint", "week": MONDAY + timedelta(weeks=week), "maker": maker, "sku": sku, "family": "f",
            "lot": f"{maker}{week}{sku}", "seller": "S", "quantity": float(units), "hours": 0.0, "setup_hours": 0.0,
            "moved": False,
        }
        for (maker, week, sku), units in cells.items()
    ]  # fmt: skip
    demand = [
        {"week": MONDAY + timedelta(weeks=week), "sku": "P", "market": "X", "seller": "S", "quantity": 1.0, "price": 1.0,
         "origin": "sales"}
        for week in range(4)
    ]  # fmt: skip
    return {
        "lots": pa.Table.from_pylist(rows, TABLES["lots"].arrow),
        "demand": pa.Table.from_pylist(demand, TABLES["demand"].arrow),
    }


@given(CELLS, CELLS)
def test_changes_lead_from_one_plan_to_the_other(
    before: dict[tuple[str, int, str], int], after: dict[tuple[str, int, str], int]
) -> None:
    """Taking away what left each place and adding what came to it turns the first plan into the second, exactly."""
    found: dict[tuple[str, int, str], float] = {key: float(units) for key, units in before.items()}
    changes: list[dict[str, Any]] = plan_changes(tables(before), tables(after)).to_pylist()
    for row in changes:
        for place, week, sign in ((row["from_place"], row["from_week"], -1), (row["to_place"], row["to_week"], 1)):
            if place is not None:
                key = (place, (week - MONDAY).days // 7, row["sku"])
                found[key] = found.get(key, 0.0) + sign * row["quantity"]
        assert (row["from_place"] is None) == (row["change"] == "added")
        assert (row["to_place"] is None) == (row["change"] == "dropped")
    assert {key: units for key, units in found.items() if units} == after
    # Nothing is both added and dropped of one product: it would have moved.
    for sku in "PQ":
        assert {row["change"] for row in changes if row["sku"] == sku} != {"added", "dropped", "moved"}


def test_a_difference_within_the_bounds_is_not_told_as_a_difference() -> None:
    """Plans of 100 and 90 that may lack 15 to the best one cannot be told apart; proven optima of 100 and 90 can; without bounds who knows."""

    def beside(upper: float | None, other: float | None, second: float = 90.0) -> Comparison:
        first = {"value": 100.0, "upper": upper}
        runs = [{"joint": first}, {"joint": {"value": second, "upper": other}}]
        gains: dict[str, list[float | None]] = {
            "gain": [5.0, 9.0], "gain_low": [1.0, 6.0], "gain_high": [upper and 7.0, 12.0]
        }  # fmt: skip
        nothing = plan_changes(tables({}), tables({}))
        return Comparison(
            ("a", "b"), ASKED, ("EUR", "EUR"), (4, 4), values_beside(*runs), gains, WHOLE, [], [], [], nothing
        )

    unsure, sure, unknown = beside(115.0, 105.0), beside(100.0, 90.0), beside(None, 105.0)
    assert [found.values[0]["distinguishable"] for found in (unsure, sure, unknown)] == [False, True, None]
    assert [found.gain_distinguishable for found in (unsure, unknown)] == [False, None]
    said = [line for found in (unsure, sure, unknown) for line in value_lines(found) if "Joint" in line]
    assert ["not distinguishable" in line for line in said] == [True, False, False]
    assert not any(
        "not distinguishable" in line for line in value_lines(beside(115.0, 105.0, 100.0)) if "Joint" in line
    )


def test_differences_are_those_of_the_amounts_beside_them() -> None:
    """90.4 and 100.6 are written as 90 and 101, so they differ by 11, not by 10; gains are those that people are told."""
    found = Comparison(
        ("a", "b"), ASKED, ("EUR", "EUR"), (4, 4),
        values_beside({"joint": {"value": 90.4, "upper": None}}, {"joint": {"value": 100.6, "upper": None}}),
        {"gain": [5.4, 5.4], "gain_low": [1.0, 6.0], "gain_high": [5.5, 12.0]}, (WholeGain(6, 1, 7), WHOLE[0]), [], [], [], plan_changes(tables({}), tables({})),
    )  # fmt: skip
    assert value_lines(found) == ["  Joint plan: 90 before, 101 now (+11)", "  Gain: 6 before, 5 now (-1)"]


def test_a_doubt_stands_behind_a_chinese_mark_in_chinese() -> None:
    """What follows a value is parted from it by the mark of the language."""
    doubt = Comparison(
        ("a", "b"), ASKED, ("EUR", "EUR"), (4, 4),
        values_beside({"joint": {"value": 100.0, "upper": 115.0}}, {"joint": {"value": 90.0, "upper": 105.0}}),
        {"gain": [5.0, 9.0], "gain_low": [1.0, 6.0], "gain_high": [7.0, 12.0]}, WHOLE, [], [], [], plan_changes(tables({}), tables({})),
    )  # fmt: skip
    set_language("zh")
    lines = value_lines(doubt)
    assert any("；" in line for line in lines)
    assert not any(";" in line for line in lines)


def test_only_weeks_of_both_are_compared() -> None:
    """A week that one run does not plan is no change."""
    early = tables({("A", 0, "P"): 5, ("A", 1, "P"): 7})
    late = tables({("A", 1, "P"): 7, ("A", 3, "P"): 9})
    late["demand"] = late["demand"].slice(1)
    (row,) = plan_changes(early, late).to_pylist()
    assert (row["change"], row["quantity"], row["to_week"]) == ("added", 9.0, MONDAY + timedelta(weeks=3))


def test_lots_are_dropped_where_nothing_is_made_any_more() -> None:
    """A plan whose workshops stand still in every week plans the same weeks: nothing of the other is left in it."""
    idle = tables({}) | {"load": TABLES["load"].arrow.empty_table()}
    (row,) = plan_changes(tables({("A", 1, "P"): 7}), idle).to_pylist()
    assert (row["what"], row["change"], row["quantity"]) == ("lot", "dropped", 7.0)


def bought(*orders: tuple[int, str, str, float]) -> dict[str, pa.Table]:
    """Return purchases of two firms alike, by week, material, supplier and units in all; nothing is made."""
    rows = [
        {"plan": "joint", "week": MONDAY + timedelta(weeks=week), "material": material, "supplier": supplier,
         "origin": "CN", "firm": firm, "quantity": units / 2, "order_quantity": units, "unit_price": 2.0, "cost": units,
         "together": True}
        for week, material, supplier, units in orders for firm in "AB"
    ]  # fmt: skip
    return tables({}) | {"purchases": pa.Table.from_pylist(rows, TABLES["purchases"].arrow)}


def test_purchases_that_moved_are_told_as_whole_orders() -> None:
    """An order of 280 a week later has moved, whoever takes what of it; steel in tonnes counts too; what is as it was does not."""
    before = bought((1, "carton", "mill", 280.0), (1, "steel", "mill", 0.4), (3, "carton", "mill", 100.0))
    after = bought((2, "carton", "mill", 280.0), (1, "steel", "yard", 0.4), (3, "carton", "mill", 100.0))
    carton, steel = plan_changes(before, after).to_pylist()
    assert {carton["what"], steel["what"], carton["change"], steel["change"]} == {"purchase", "moved"}
    assert (carton["material"], carton["sku"], carton["seller"], carton["quantity"]) == ("carton", None, None, 280.0)
    assert (carton["from_place"], carton["to_place"]) == ("mill", "mill")
    assert (carton["from_week"], carton["to_week"]) == (MONDAY + timedelta(weeks=1), MONDAY + timedelta(weeks=2))
    assert (steel["material"], steel["from_place"], steel["to_place"]) == ("steel", "mill", "yard")
    assert steel["quantity"] == pytest.approx(0.4)
    assert plan_changes(before, before).num_rows == 0
    dearer = bought((1, "carton", "mill", 280.0), (1, "steel", "mill", 0.4), (3, "carton", "mill", 130.0))
    (more,) = plan_changes(before, dearer).to_pylist()
    assert (more["change"], more["quantity"], more["from_place"]) == ("added", 30.0, None)


def test_demand_is_compared_line_by_line_over_the_weeks_of_both() -> None:
    """An order added, one dropped and one of another size are told, the largest first; weeks of one run alone are not."""

    def wanted(*lines: tuple[int, str, float]) -> dict[str, pa.Table]:
        rows = [
            {"week": MONDAY + timedelta(weeks=week), "sku": sku, "market": "X", "seller": "S", "quantity": units,
             "price": 1.0, "origin": "orders"}
            for week, sku, units in lines
        ]  # fmt: skip
        return {"demand": pa.Table.from_pylist(rows, TABLES["demand"].arrow)}

    before = wanted((0, "P", 5.0), (1, "P", 7.0), (1, "Q", 4.0), (2, "P", 3.0), (3, "P", 8.0))
    after = wanted((1, "P", 7.0), (1, "R", 9.0), (2, "P", 5.0), (3, "P", 4.0), (3, "P", 4.0), (4, "P", 99.0))
    found = [(row["week"], row["sku"], row["first"], row["second"]) for row in demand_changes(before, after)]
    assert found == [
        (MONDAY + timedelta(weeks=1), "R", 0.0, 9.0),
        (MONDAY + timedelta(weeks=1), "Q", 4.0, 0.0),
        (MONDAY + timedelta(weeks=2), "P", 3.0, 5.0),
    ]
    assert demand_changes(before, wanted((9, "P", 1.0))) == []


def test_runs_of_two_members_stand_beside_runs_of_all(planned: tuple[Path, Run]) -> None:
    """Values and accounts of both runs are there, and their differences are the second less the first."""
    folder, every = planned
    some = Study.open(folder, QUICK).plan(members=("ALPHA", "BETA"))
    found = compare_runs(some.stored, every.stored)
    assert found.gains["gain"] == [some.gain, every.gain]
    for row in found.values:
        assert row["difference"] == pytest.approx(row["second"] - row["first"], abs=0.01)
    joint = next(row for row in found.values if row["plan"] == "joint")
    for rows in (found.accounts, found.firms):
        assert sum(row["second"] for row in rows) == pytest.approx(joint["second"], abs=0.01)
        assert sum(row["first"] for row in rows) == pytest.approx(joint["first"], abs=0.01)
    assert compare_runs(every.stored, every.stored).changes.num_rows == 0


def test_planning_again_begins_with_the_earlier_plan_and_its_settings(
    made_once: tuple[Path, str], made_again: tuple[Run, Comparison]
) -> None:
    """With nothing changed nothing is lost, and the run says what it came from."""
    _, first = made_once
    again, found = made_again
    assert again.manifest["horizon"]["weeks"] == 3
    assert again.manifest["base"] == first
    assert found.runs == (first, again.id)
    joint = next(row for row in found.values if row["plan"] == "joint")
    assert joint["difference"] >= -0.002 * abs(joint["first"])
    assert again.tables["changes"].num_rows == found.changes.num_rows


def test_it_is_told_when_the_earlier_plan_s_lots_can_no_longer_be_made(
    planned: tuple[Path, Run], made_again: tuple[Run, Comparison]
) -> None:
    """All workshops have an hour a week left: the plan is made anew, and says so; while they can be made nothing is said."""
    folder, first = planned
    kept, _ = made_again
    hours = [{"firm": m, "process": "assembly", "hours": 1} for m in ("ALPHA", "BETA", "GAMMA")]
    write_csv(folder / "tables" / "capacity.csv", hours)
    anew, _ = Study.like(folder, first.id).replan(earlier=first.id)

    def told(run: Run) -> bool:
        return "earlier plan" in run.tables["assumptions"].column("item").to_pylist()

    assert (told(kept), told(anew)) == (False, True)


def test_frozen_weeks_keep_their_lots_when_orders_vanish(tmp_path: Path) -> None:
    """Demand is halved: what the first week was to make is made all the same, later weeks make less."""
    folder = write_tiny(tmp_path)
    study = Study.open(folder, QUICK | {"plan.solve.seconds": 20, "horizon.weeks": 4})
    first = study.plan()
    half, _ = study.what_if(["demand=x0.5"])
    # The run to start from says how demand is changed; its lots are those of the full demand.
    lots = first.tables["lots"]
    pq.write_table(lots, half.stored.folder / "tables" / "lots.parquet")
    again, _ = Study.like(folder, half.id).replan(earlier=half.id, freeze=1)

    def made(table: pa.Table, week: int) -> dict[tuple[str, str, str], float]:
        monday = date(2025, 4, 14) + timedelta(weeks=week)
        found: dict[tuple[str, str, str], float] = {}
        for row in table.to_pylist():
            if row["plan"] == "joint" and row["week"] == monday:
                key = (row["maker"], row["sku"], row["seller"])
                found[key] = found.get(key, 0.0) + row["quantity"]
        return found

    kept = made(again.tables["lots"], 0)
    assert made(lots, 0)
    for lot, units in made(lots, 0).items():
        assert kept[lot] >= units - 1e-3
    later = [sum(sum(made(table, week).values()) for week in range(1, 4)) for table in (again.tables["lots"], lots)]
    assert later[0] < later[1]


def test_lots_that_are_frozen_are_told_as_such(planned: tuple[Path, Run]) -> None:
    """Where the earlier joint plan's lots strain the separate plans, the cause, the cure and what the gain is not good for are told.

    All workshops have an hour a week left, so that the frozen lots need more than there is.
    """
    folder, first = planned
    monday = min(row["week"] for row in first.tables["lots"].to_pylist() if row["plan"] == "joint")
    kept = {
        (row["maker"], row["sku"], row["chain"])
        for row in first.tables["lots"].to_pylist()
        if row["plan"] == "joint" and row["week"] == monday == date(2025, 4, 14)
    }
    assert kept
    hours = [{"firm": m, "process": "assembly", "hours": 1} for m in ("ALPHA", "BETA", "GAMMA")]
    write_csv(folder / "tables" / "capacity.csv", hours)
    again, found = Study.like(folder, first.id).replan(earlier=first.id, freeze=1)

    frozen = {"run": first.id, "weeks": 1, "lots": len(kept)}
    assert again.manifest["frozen"] == frozen
    assert [asked["frozen"] for asked in found.as_dict()["asked"]] == [None, frozen]
    assert [asked["planned_again_from"] for asked in found.as_dict()["asked"]] == [None, first.id]
    strained = [line for line in endings(again) if "decided lots need" in line]
    assert strained
    for line in strained:
        assert f"Frozen from the joint plan of run {first.id}: {len(kept)} lot" in line
        assert "Freeze fewer weeks" in line
        assert "in the table approved" not in line
    assert f"frozen from the joint plan of run {first.id}" in again.sentence()
    assert "cannot be held against that run's" in again.sentence()
    burdened = [line for line in value_lines(found) if "not to be held against each other" in line]
    assert [line.split(":")[0].strip() for line in burdened] == ["Separate plans", "Gain"]
    assert again.id in burdened[0]
    assert f"Frozen weeks: – | 1, of run {first.id}" in "\n".join(difference_lines(found))
    assert f"Planned again from: – | {first.id}" in "\n".join(difference_lines(found))
    assert "frozen" not in first.sentence()
