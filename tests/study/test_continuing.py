"""Planning again a week later: the plan begins with what the last one leaves, and for the members asked for."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jointplan.study import Run, Study
from tests.planning.test_chains import two_steps
from tests.tiny import FIRST_MONDAY, WEEKS, Row, tiny_tables, write_csv, write_tiny

QUICK = {"plan.solve.seconds": 5, "plan.solve.gap": 0.01, "horizon.weeks": 4, "diagnosis.with_run": False}
MONDAY = date(2025, 4, 14)
LATER = MONDAY + timedelta(weeks=1)


def keeping(rows: list[Row]) -> None:
    for row in rows:
        row["setup_carry_over"] = True


def dear(rows: list[Row]) -> None:
    """Changing over is so dear that more than a week's goods are made at once."""
    for row in rows:
        row["major_setup_cost"], row["minor_setup_cost"] = 900, 400


def sell_a_week_more(folder: Path) -> None:
    """Add a week of sales to those there are."""
    sales = tiny_tables()["sales"]
    last = [row for row in sales if row["date"] >= FIRST_MONDAY + timedelta(weeks=WEEKS - 1)]
    more = [row | {"date": row["date"] + timedelta(weeks=1), "document": f"N{row['document']}"} for row in last]
    write_csv(folder / "tables" / "sales.csv", [*sales, *more])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run, Run]:
    """Return a workspace, its run, and the run made again from it a week later."""
    folder = write_tiny(tmp_path_factory.mktemp("later"), capacity=keeping, capabilities=dear)
    cash = [{"firm": firm, "cash": 50_000, "limit": 1000} for firm in ("ALPHA", "BETA", "GAMMA")]
    write_csv(folder / "tables" / "credit.csv", cash)
    first = Study.open(folder, QUICK).plan()
    sell_a_week_more(folder)
    second, _ = Study.like(folder, first.id).replan(earlier=first.id)
    return folder, first, second


def joint(run: Run, name: str) -> list[dict[str, Any]]:
    return [row for row in run.tables[name].to_pylist() if row["plan"] == "joint"]


def told(run: Run) -> dict[str, str]:
    return {row["item"]: row["replaced_by"] for row in run.tables["assumptions"].to_pylist()}


def of(run: Run, what: str) -> list[dict[str, Any]]:
    return [row for row in run.tables["carried"].to_pylist() if row["what"] == what]


def test_goods_go_on_where_they_were(runs: tuple[Path, Run, Run]) -> None:
    """What lies at the end of the week gone by, and what then was under way, is there: every unit once, and deliveries follow from it."""
    _, first, second = runs
    assert second.stored.manifest["horizon"]["start"] == LATER.isoformat()
    assert "carried" not in first.tables
    lying = sum(row["quantity"] for row in joint(first, "stock_plan") if row["week"] == MONDAY)
    moving = sum(row["quantity"] for row in joint(first, "shipments") if row["week"] < LATER <= row["arrives"])
    assert lying + moving > 0
    assert sum(row["quantity"] for row in of(second, "stock")) == pytest.approx(lying, abs=0.01)
    assert sum(row["quantity"] for row in of(second, "under_way")) == pytest.approx(moving, abs=0.01)
    made = sum(row["quantity"] for row in joint(second, "lots"))
    delivered = sum(row["delivered"] for row in joint(second, "deliveries"))
    last = max(row["week"] for row in joint(second, "stock_plan")) if joint(second, "stock_plan") else LATER
    left = sum(row["quantity"] for row in joint(second, "stock_plan") if row["week"] == last)
    assert delivered <= made + lying + moving - left * (last == LATER + timedelta(weeks=3)) + 0.1
    assert told(first)["stock"] == "stock"
    assert "stock" not in told(second)
    assert told(second)["stock taken over" if lying else "goods under way taken over"].startswith("stock")


def test_cash_goes_on(runs: tuple[Path, Run, Run]) -> None:
    """Cash is what it was, with the week's sales, less what the plan spent in that week."""
    _, first, second = runs
    spent = sum(
        row["amount"]
        for row in joint(first, "ledger")
        if row["week"] == MONDAY and row["is_cash"] and row["account"] not in ("revenue", "channel", "holding", "hub", "interest")
    )  # fmt: skip
    new = [row for row in first.tables["input_weekly"].to_pylist() if row["week"] == MONDAY]
    assert new == []
    sold = sum(row["revenue"] for row in second.tables["input_weekly"].to_pylist() if row["week"] == MONDAY)
    assert sold > 0
    assert spent < 0
    assert sum(row["quantity"] for row in of(second, "cash")) == pytest.approx(150_000 + spent + sold, abs=0.1)
    assert told(second)["cash taken over"] == "credit.cash"


def test_setups_go_on(runs: tuple[Path, Run, Run]) -> None:
    """Each workshop begins set up for what the first plan kept it set up for over that week's end."""
    _, first, second = runs
    kept = {(row["firm"], row["process"], row["sku"]) for row in joint(first, "kept_setups") if row["week"] == LATER}
    assert kept
    assert {(row["place"], row["subject"], row["sku"]) for row in of(second, "setup")} == kept
    begun = {(row["firm"], row["process"], row["sku"]) for row in joint(second, "kept_setups") if row["week"] == LATER}
    assert begun <= kept


def test_in_the_same_week_it_begins_alike_unless_a_table_says_otherwise(runs: tuple[Path, Run, Run]) -> None:
    """Made again from the second run, in its own first week, the plan begins as that did; stock that was counted stands."""
    folder, _, second = runs
    third, _ = Study.like(folder, second.id).replan(earlier=second.id, freeze=1)
    assert "approved" in told(second)
    assert "approved" not in told(third)  # lots are decided now
    assert third.tables["carried"].equals(second.tables["carried"])
    assert third.gain is not None
    write_csv(folder / "tables" / "stock.csv", [{"site": "ALPHA", "sku": "KETTLE-1", "quantity": 5}])
    try:
        fourth, _ = Study.like(folder, second.id).replan(earlier=second.id)
        fifth, _ = Study.like(folder, fourth.id).replan(earlier=fourth.id)
    finally:
        (folder / "tables" / "stock.csv").unlink()
    assert of(fourth, "stock") == []
    assert {row["quantity"] for row in fourth.tables["input_stock"].to_pylist() if row["arrives"] is None} == {5.0}
    assert fifth.tables["input_stock"].equals(fourth.tables["input_stock"])
    assert of(fourth, "cash") == of(second, "cash")


def test_a_decided_lot_in_work_is_made_once(tmp_path: Path) -> None:
    """300 are decided of a lot whose first step the mill does in the week gone by: they come out, and are not begun anew."""

    def cart(rows: list[Row]) -> list[Row]:
        way = {"origin": "MILL", "destination": "ALPHA", "mode": "road", "tariff": "cart", "transit_days": 5}
        return [*rows, {"lane": "cart"} | way]

    def paid(rows: list[Row]) -> list[Row]:
        return [*rows, {"tariff": "cart", "basis": "m3", "rate": 80}]

    folder = write_tiny(tmp_path, **two_steps(), lanes=cart, tariffs=paid)
    decided = {"week": LATER, "firm": "ALPHA", "sku": "KETTLE-1", "seller": "ALPHA", "quantity": 300, "state": "frozen"}
    write_csv(folder / "tables" / "approved.csv", [decided | {"chain": "MILL > ALPHA"}])
    first = Study.open(folder, QUICK).plan()
    sell_a_week_more(folder)
    second, _ = Study.like(folder, first.id).replan(earlier=first.id)

    def made(run: Run) -> float:
        rows = [row for row in joint(run, "lots") if (row["week"], row["sku"]) == (LATER, "KETTLE-1")]
        return float(sum(row["quantity"] for row in rows if row["chain"]))

    assert made(first) == pytest.approx(300)
    assert sum(row["quantity"] for row in of(second, "work") if row["subject"] == "KETTLE-1") == pytest.approx(300)
    assert made(second) == 0
    assert joint(second, "violations") == []
    assert told(second)["approved lots in work"] == "approved"


def test_a_run_that_went_on_is_no_base_of_a_what_if(runs: tuple[Path, Run, Run]) -> None:
    """A what-if stands beside a plan of the tables as they are, not beside one that began with what another left."""
    folder, _, second = runs
    _, found = Study.like(folder, second.id).what_if(["demand=+10%"])
    base = Study.open(folder).workspace.run(found.runs[0])
    assert base.id != second.id
    assert "carried" not in base.tables
    assert second.stored.manifest["continued"] is True


def test_a_plan_that_ended_before_leaves_nothing_known(tmp_path: Path) -> None:
    """Two weeks after a plan of one, nothing is taken over, and that is said."""
    folder = write_tiny(tmp_path)
    first = Study.open(folder, QUICK | {"horizon.weeks": 3}).plan()
    sales = tiny_tables()["sales"]
    more = [row | {"date": row["date"] + timedelta(weeks=5), "document": f"N{row['document']}"} for row in sales]
    write_csv(folder / "tables" / "sales.csv", [*sales, *more])
    second, _ = Study.like(folder, first.id).replan(earlier=first.id)
    assert "carried" not in second.tables
    assert "earlier plan ended" in told(second)


def test_members_may_be_others_than_before(runs: tuple[Path, Run, Run]) -> None:
    """Planned again without one owner: it is said who plans together, and that owner does as in its separate plan."""
    folder, _, second = runs
    made, _ = Study.like(folder, second.id).replan(earlier=second.id, members=("ALPHA", "BETA"))
    assert made.stored.manifest["members"] == ["ALPHA", "BETA"]
    again, _ = Study.like(folder, made.id).replan(earlier=made.id)
    assert again.stored.manifest["members"] == ["ALPHA", "BETA"]
    for run in (made, again):
        gamma = [
            {(row["week"], row["sku"], row["seller"], round(row["quantity"], 3)) for row in run.tables["lots"].to_pylist()
             if row["plan"] == plan and "GAMMA" in (row["maker"], row["seller"])}
            for plan in ("separate", "joint")
        ]  # fmt: skip
        assert gamma[0] == gamma[1]
    assert again.tables["values"].to_pylist()[-1]["value"] >= made.tables["values"].to_pylist()[-1]["value"] - 1.0
