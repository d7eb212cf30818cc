"""Duty in the plans: counted where rules are given, alike in every plan, and nowhere else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from jointplan.study import Run, Study
from tests.tiny import WEEKS, tiny_tables, write_csv, write_tiny

CHANGES = {"plan.solve.seconds": 5.0, "plan.solve.gap": 0.02, "horizon.weeks": 4, "diagnosis.with_run": False}
DUTY = {"market": "DE", "from_date": "2020-01-01", "base": "fob", "rate": 0.1, "threshold": 0, "authority": "Law 7"}


def recorded(folder: Path) -> None:
    """Record that every sale was made in the week and left by parcel."""
    makers = {row["sku"]: row["maker"] for row in tiny_tables()["products"]}
    rows = []
    for sale in tiny_tables()["sales"]:
        made = {"date": sale["date"], "firm": makers[sale["sku"]], "sku": sale["sku"], "seller": sale["seller"],
                "quantity": sale["quantity"]}  # fmt: skip
        rows.append(made | {"activity": "make"})
        rows.append(made | {"activity": "ship", "lane": f"parcel-{sale['market']}", "market": sale["market"]})
    write_csv(folder / "tables" / "recorded.csv", [row | {"row": n + 1} for n, row in enumerate(rows)])


def run(folder: Path, **changes: object) -> Run:
    return Study.open(folder, {**CHANGES, **changes}).run()


def account(made: Run, plan: str, name: str) -> float:
    ledger = made.tables["ledger"]
    rows = ledger.filter(pc.and_(pc.equal(ledger["plan"], plan), pc.equal(ledger["account"], name)))
    return float(pc.sum(rows["amount"]).as_py() or 0.0)


def shipped(made: Run, plan: str, border: dict[tuple[str, str], float]) -> float:
    """Return what the shipments of a plan pay, unit by unit."""
    rows = [row for row in made.tables["shipments"].to_pylist() if row["plan"] == plan]
    return sum(row["quantity"] * border.get((row["lane"].split("@")[0], row["sku"]), 0.0) for row in rows)


def test_every_plan_pays_duty_on_what_it_sends(tmp_path: Path) -> None:
    """The account duty of recorded, separate and joint plan is that of their shipments at the landed cost of each lane."""
    recorded(write_tiny(tmp_path))
    write_csv(tmp_path / "tables" / "duties.csv", [DUTY])
    made = run(tmp_path)
    landed = made.tables["landed_costs"].to_pylist()
    border = {(row["lane"], row["sku"]): row["border"] for row in landed}
    assert {row["destination"] for row in landed if row["border"]} == {"DE"}
    assert border["parcel-DE", "KETTLE-1"] == pytest.approx(10.0)
    for plan in ("recorded", "separate", "joint"):
        assert account(made, plan, "duty") == pytest.approx(-shipped(made, plan, border), abs=0.05)
        total = pc.sum(made.tables["ledger"].filter(pc.equal(made.tables["ledger"]["plan"], plan))["amount"]).as_py()
        assert total == pytest.approx(made.manifest["figures"]["value"][plan], abs=0.005)
    # A tenth of what customers paid, whatever products are said to be worth as a rule.
    sold = sum(
        row["quantity"] * row["unit_price"] for row in tiny_tables()["sales"]
        if row["market"] == "DE" and row["date"] >= date.fromisoformat(made.manifest["horizon"]["start"])
    )  # fmt: skip
    assert made.manifest["horizon"]["weeks"] == 4 < WEEKS
    assert account(made, "recorded", "duty") == pytest.approx(-0.1 * sold)
    items = {row["item"]: row for row in made.tables["assumptions"].to_pylist() if row["subject"] == "DE"}
    assert "Law 7" in items["duty rule"]["rule"]


def test_each_load_is_cleared_once(tmp_path: Path) -> None:
    """From the third week on loads to Germany pay 40 once, and so do parcels: what the ledger books follows from the shipments of each plan."""
    write_tiny(tmp_path)
    start = date(2025, 4, 14)
    free = DUTY | {"to_date": "2025-04-27", "clearing": 0}
    write_csv(tmp_path / "tables" / "duties.csv", [free, DUTY | {"from_date": "2025-04-28", "clearing": 40}])
    made = run(tmp_path)
    assert made.manifest["horizon"]["start"] == start.isoformat()
    landed = made.tables["landed_costs"].to_pandas()
    moved = made.tables["shipments"].to_pandas()
    moved["lane"] = moved["lane"].str.split("@").str[0]
    # What is under way at the end arrives by the rules of the last week, which are those from the third on.
    moved["since"] = [max(landed["week"][landed["week"] <= day]) for day in moved["arrives"]]
    moved = moved.merge(
        landed.rename(columns={"week": "since"})[["lane", "sku", "since", "border", "clearing"]], how="left"
    )
    cleared = 0
    for plan in ("separate", "joint"):
        mine = moved[moved["plan"] == plan]
        once = mine.groupby("load")["clearing"].max().fillna(0.0)
        paid = (mine["quantity"] * mine["border"]).sum() + once.sum()
        assert account(made, plan, "duty") == pytest.approx(-paid, abs=0.05)
        cleared += (once == 40.0).sum()
    assert cleared > 0


def test_without_rules_nothing_is_paid(tmp_path: Path) -> None:
    """No duties, no export modes, no built-in rules: no account, no table, and rules of other days change nothing."""
    write_tiny(tmp_path)
    plain = run(tmp_path)
    assert "landed_costs" not in plain.tables
    assert account(plain, "joint", "duty") == 0.0
    later = DUTY | {"from_date": "2030-01-01"}
    write_csv(tmp_path / "tables" / "duties.csv", [later])
    made = run(tmp_path)
    assert made.manifest["figures"]["value"] == plain.manifest["figures"]["value"]
    assert isinstance(made.tables["landed_costs"], pa.Table)


def test_each_seller_pays_its_own_channels_on_what_it_sells(tmp_path: Path) -> None:
    """One seller's sales go by a channel that keeps a tenth, the others' by one that keeps nothing: in every plan, to the cent."""
    folder = write_tiny(tmp_path)
    sales = tiny_tables()["sales"]
    charged = sales[0]["seller"]
    write_csv(
        folder / "tables" / "sales.csv",
        [row | {"channel": "web" if row["seller"] == charged else "shop"} for row in sales],
    )
    write_csv(folder / "tables" / "fees.csv", [{"channel": "web", "share": 0.1}, {"channel": "shop", "share": 0.0}])
    made = run(folder)
    ledger = made.tables["ledger"].to_pandas()
    assert {row["seller"] for row in sales} > {charged}
    for plan in ("separate", "joint"):
        sums = ledger[ledger["plan"] == plan].groupby(["account", "firm"])["amount"].sum()
        assert set(sums["channel"].index) == {charged}
        assert sums["channel", charged] == pytest.approx(-0.1 * sums["revenue", charged], abs=0.5)
    explained = Study.open(folder).landed_cost(sales[0]["sku"], sales[0]["market"], seller=charged)
    fee = next(line.amount for line in explained.lines if line.line == "channel_fee")
    own = [row for row in sales if all(row[key] == sales[0][key] for key in ("sku", "market", "seller"))]
    price = sum(row["quantity"] * row["unit_price"] for row in own) / sum(row["quantity"] for row in own)
    assert fee == pytest.approx(0.1 * price)
