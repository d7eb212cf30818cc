"""What a planned run says of cases in which the answer is known."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jointplan import Study
from jointplan.report.blocks import Grid, Note
from jointplan.report.buying import buying_section
from jointplan.report.gain import headline
from jointplan.report.making import making_section
from jointplan.report.view import RunView
from jointplan.sample import write_sample
from jointplan.study import Run
from tests.tiny import FIRST_MONDAY, write_csv, write_tiny

QUICK = {"plan.solve.seconds": 5, "plan.solve.gap": 0.02, "horizon.weeks": 4, "diagnosis.with_run": False}


def planned(folder: Path, **options: Any) -> Run:
    return Study.open(folder, QUICK).plan(**options)


def rows(run: Run, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run.tables[table].to_pylist()
    return found


def test_a_carrier_of_its_own_makes_nobody_to_share_with(tmp_path: Path) -> None:
    """One owner that makes and sells gains nothing, whoever else is registered, and no table says otherwise."""

    def alone(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row for row in found if "ALPHA" in (row.get("firm"), row.get("maker"), row.get("seller"))]

    def with_carrier(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [*alone(found), {"firm": "SHIP", "name": "Ship", "role": "carrier", "owner": "SHIP"}]

    changes = dict.fromkeys(("products", "sales", "capabilities", "capacity"), alone) | {"firms": with_carrier}
    run = planned(write_tiny(tmp_path, **changes))
    assert run.manifest["verdict"] == "one_owner"
    assert run.gain == run.gain_low == run.gain_high == 0
    values = {row["plan"]: row["value"] for row in rows(run, "values")}
    assert values["joint"] == values["separate"]
    assert not any(row["change"] for row in rows(run, "gains"))


def test_a_member_alone_shares_nothing(tmp_path: Path) -> None:
    """g({i}) = 0, exactly, and the run says why."""
    run = planned(write_tiny(tmp_path), members=("ALPHA",))
    assert run.manifest["verdict"] == "nothing_shared"
    assert run.gain == run.gain_low == run.gain_high == 0
    assert "Nothing is shared" in run.sentence()


@pytest.mark.parametrize(
    ("weeks", "said"),
    [
        (("2025-04-07", "2031-01-06"), "outside the weeks planned and are not planned (14 units)"),
        (("2025-04-14", "2031-01-06"), "are made in both plans"),
        (("2025-04-07", "2025-04-14 GAMMA"), ""),
        ((), ""),
    ],
)
def test_decided_lots_are_told_as_made_only_where_the_plan_makes_any(
    tmp_path: Path, weeks: tuple[str, ...], said: str
) -> None:
    """Where all lie outside the weeks planned, it is told how many units are not planned; not where one of these weeks is left out."""

    def only_toasters(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"family": "toaster" if row["firm"] == "GAMMA" else ""} for row in found]

    folder = write_tiny(tmp_path, capabilities=only_toasters)
    lot = {"sku": "KETTLE-1", "seller": "ALPHA", "quantity": 7}
    if weeks:
        lots = [lot | {"week": week[:10], "firm": week[11:] or "ALPHA"} for week in weeks]
        write_csv(folder / "tables" / "approved.csv", lots)
    run = planned(folder)
    assert run.manifest["horizon"]["start"] == "2025-04-14"
    assert said in run.sentence()
    assert ("ots that are decided" in run.sentence()) == bool(said)


def test_members_pay_a_share_of_what_they_sell(tmp_path: Path) -> None:
    """Half a per cent of what ALPHA and BETA sell, GAMMA's left out; where a cost is set, it is that."""
    folder = write_tiny(tmp_path)
    run = planned(folder, members=("ALPHA", "BETA"))
    worth = dict.fromkeys(("ALPHA", "BETA", "GAMMA"), 0.0)
    for row in rows(run, "demand"):
        worth[row["seller"]] += row["quantity"] * row["price"]
    assert worth["GAMMA"] > 0
    weekly = 0.005 * (worth["ALPHA"] + worth["BETA"]) / 4
    assert run.manifest["hub"]["weekly_cost"] == pytest.approx(weekly)
    booked = [row["amount"] for row in rows(run, "ledger") if row["account"] == "hub" and row["plan"] == "joint"]
    assert sum(booked) == pytest.approx(-4 * weekly, abs=0.05)
    stated = Study.open(folder, QUICK | {"plan.hub.weekly_cost": 7.0}).plan(members=("ALPHA", "BETA"))
    assert stated.manifest["hub"]["weekly_cost"] == 7


def test_makers_who_sell_nothing_are_told_that_the_hub_is_taken_as_free(tmp_path: Path) -> None:
    """SHOP sells all: two makers have no sales to pay a share of, and the assumptions name the cost to be set."""
    folder = write_tiny(
        tmp_path,
        firms=lambda found: [*found, {"firm": "SHOP", "name": "Shop", "role": "seller"}],
        sales=lambda found: [row | {"seller": "SHOP"} for row in found],
    )
    run = planned(folder, members=("ALPHA", "BETA"))
    assert run.manifest["hub"]["weekly_cost"] == 0
    told = [row for row in rows(run, "assumptions") if row["item"] == "plan.hub.share"]
    assert [(row["value"], row["unit"], row["replaced_by"]) for row in told] == [("0", "money", "plan.hub.weekly_cost")]


def test_whose_money_is_taken_to_be_one_is_told_and_who_does_not_say_what_there_is(tmp_path: Path) -> None:
    """GAMMA without a row lifts the limits of all in the joint plan and is named; with one, members share their cash; alone nothing is told."""
    folder = write_tiny(tmp_path)

    def told(*members: str) -> dict[str, str]:
        found = rows(planned(folder, members=members), "assumptions")
        return {row["item"]: row["subject"] for row in found if "of members" in row["item"]}

    credit = [{"firm": firm, "cash": 100, "limit": 100} for firm in ("ALPHA", "BETA", "GAMMA")]
    write_csv(folder / "tables" / "credit.csv", credit[:2])
    assert told("ALPHA", "BETA", "GAMMA") == {"cash limits of members": "GAMMA"}
    assert told("ALPHA", "BETA") == {"cash of members": ""}
    assert told("ALPHA") == {}
    write_csv(folder / "tables" / "credit.csv", credit)
    assert told("ALPHA", "BETA", "GAMMA") == {"cash of members": ""}


def write_steps(folder: Path, other: dict[str, str], able: dict[str, Any]) -> Path:
    """Write a workspace in which A sells ten a week at 100 and can press at 10, but not paint, and M2, of an ``other`` owner, is ``able``.

    A unit takes an hour of pressing and half an hour of painting; it pays 1 for each way, to M2 and from there to the market.
    """
    first = date(2026, 1, 5)
    due = [str(first + timedelta(weeks=10 + n, days=4)) for n in range(4)]
    line = {"sku": "P", "market": "X", "seller": "S", "unit_price": 100}
    tables: dict[str, list[dict[str, Any]]] = {
        "firms": [
            {"firm": "M1", "role": "maker", "owner": "A"},
            {"firm": "S", "role": "seller", "owner": "A"},
            {"firm": "M2", "role": "maker", "owner": "B"} | other,
        ],
        "products": [
            {"sku": "P", "family": "f", "maker": "M1", "unit_value": 100, "transfer_price": 60, "weight": 1, "volume": 0.01}
        ],
        "markets": [{"market": "X", "country": "US"}],
        "operations": [
            {"family": "f", "step": 1, "process": "press", "hours": 1},
            {"family": "f", "step": 2, "process": "paint", "hours": 0.5},
        ],
        "capabilities": [
            {"firm": "M1", "process": "press", "cost_per_hour": 10},
            {"firm": "M2", "cost_per_hour": 12} | able,
        ],
        "capacity": [
            {"firm": "M1", "process": "press", "hours": 100},
            {"firm": "M2", "process": able["process"], "hours": 100},
        ],
        "lanes": [
            {"lane": "out", "origin": "*", "destination": "X", "mode": "parcel", "tariff": "kg", "transit_days": 0},
            {"lane": "over", "origin": "M1", "destination": "M2", "mode": "road", "tariff": "kg", "transit_days": 0},
        ],
        "tariffs": [{"tariff": "kg", "basis": "kg", "rate": 1}],
        "sales": [
            line | {"document": f"D{n}", "date": str(first + timedelta(days=min(7 * n, 69))), "quantity": 1, "channel": "shop"}
            for n in range(11)
        ],
        "orders": [line | {"order": f"O{n}", "due": day, "quantity": 10} for n, day in enumerate(due)],
    }  # fmt: skip
    (folder / "tables").mkdir()
    (folder / "jointplan.toml").write_text(
        'currency = "CNY"\n[plan.costs]\nholding_rate = 0\n[plan.hub]\nweekly_cost = 1\n[plan.making]\nmaterial_share = 0\n'
    )
    for name, found in tables.items():
        write_csv(folder / "tables" / f"{name}.csv", found)
    return folder


@pytest.mark.parametrize(
    ("other", "able", "once", "margin"),
    [({}, {}, 0.0, 24.0), ({}, {"learn_cost": 500}, 500.0, 24.0), ({"role": "workshop", "opening_cost": 700}, {}, 700.0, 24.0)],
    ids=["subcontractor", "learner", "workshop"],
)  # fmt: skip
def test_who_only_works_for_others_is_somebody_to_plan_with(
    tmp_path: Path, other: dict[str, str], able: dict[str, Any], once: float, margin: float
) -> None:
    """Forty units lose 10 of goodwill each with A alone; painted by B, at 6, they bring 100 - 10 - 6 - 2, and B keeps a tenth of its cost.

    What is learned or opened first costs A 500 or 700, and running the cooperation 1 a week.
    """
    run = planned(write_steps(tmp_path, other, {"process": "paint"} | able))
    values = {row["plan"]: row["value"] for row in rows(run, "values")}
    assert values["separate"] == pytest.approx(-400)
    assert values["joint"] == pytest.approx(40 * 82 - once - 4)
    assert run.manifest["verdict"] == "gain"
    change = {row["firm"]: row["change"] for row in rows(run, "gains")}
    assert change["M2"] == pytest.approx(margin)
    assert change["M1"] + change["S"] == pytest.approx(40 * 92 - once - margin)


def test_who_can_do_nothing_for_it_is_nobody_to_plan_with(tmp_path: Path) -> None:
    """M2 welds, and nothing is welded: nothing is gained, and no cooperation is paid for."""
    run = planned(write_steps(tmp_path, {}, {"process": "weld"}))
    assert run.manifest["verdict"] == "one_owner"
    assert run.gain == run.gain_low == run.gain_high == 0


@pytest.mark.parametrize("options", [{"members": ("A",)}, {"members": ("B",)}, {"measures": ["pool_orders"]}])
def test_nothing_that_another_could_do_is_shared_without_the_right(tmp_path: Path, options: dict[str, Any]) -> None:
    """A owner alone shares nothing, nor do owners whose only sharing would be steps of a job that they do not divide."""
    folder = write_steps(tmp_path, {}, {"process": "paint"})
    measures = {"measures": options.pop("measures")} if "measures" in options else {}
    run = Study.open(folder, QUICK | measures).plan(**options)
    assert run.manifest["verdict"] == "nothing_shared"
    assert run.gain == run.gain_low == run.gain_high == 0


def test_certificates_say_who_makes_for_a_market(tmp_path: Path) -> None:
    """With BETA alone certified for DE, its own products alone are sold there apart, and together it makes them all."""
    folder = write_tiny(tmp_path)
    write_csv(folder / "tables" / "certificates.csv", [{"firm": "BETA", "market": "DE"}])
    run = planned(folder)
    assert not rows(run, "violations")
    sold = [row for row in rows(run, "deliveries") if row["market"] == "DE" and row["delivered"] > 0]
    apart = {row["sku"] for row in sold if row["plan"] == "separate"}
    together = {row["sku"] for row in sold if row["plan"] == "joint"}
    assert apart == {"KETTLE-2"}
    assert together == {"KETTLE-1", "KETTLE-2", "TOASTER"}
    assert run.gain > 0


def test_nobody_makes_for_those_it_refuses(tmp_path: Path) -> None:
    """With ALPHA refusing BETA, the only maker certified for DE, what ALPHA makes is not sold there; the rest is."""
    folder = write_tiny(tmp_path)
    write_csv(folder / "tables" / "certificates.csv", [{"firm": "BETA", "market": "DE"}])
    write_csv(folder / "tables" / "terms.csv", [{"owner": "ALPHA", "term": "refuse", "partner": "BETA"}])
    run = planned(folder)
    assert not rows(run, "violations")
    sold = {
        row["sku"]
        for row in rows(run, "deliveries")
        if row["market"] == "DE" and row["delivered"] > 0 and row["plan"] == "joint"
    }
    assert sold == {"KETTLE-2", "TOASTER"}


def test_a_warehouse_is_opened_for_a_price_and_with_limits(tmp_path: Path) -> None:
    """Goods for DE that can go only by a warehouse to be opened pay for it once; its throughput and lane limit them."""

    def by_warehouse(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        kept = [row for row in found if row["destination"] != "DE"]
        line = {**kept[0], "lane": "line", "origin": "HUB", "destination": "WH", "transit_days": 7}
        return [
            *kept,
            line,
            {**line, "lane": "last", "origin": "WH", "destination": "DE", "mode": "parcel", "space": 9},
        ]

    def warehouse(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        site = {"site": "WH", "kind": "overseas_warehouse", "country": "DE", "opening_cost": 500, "throughput": 0.3}
        return [*found, site]

    run = planned(write_tiny(tmp_path, lanes=by_warehouse, sites=warehouse))
    assert not rows(run, "violations")
    for plan in ("separate", "joint"):
        opened = sum(
            row["amount"] for row in rows(run, "ledger") if row["plan"] == plan and row["account"] == "opening"
        )
        assert opened < 0
        assert opened % 500 == 0
    assert opened == -500
    sent = [row for row in rows(run, "shipments") if row["plan"] == "joint"]
    assert any(row["lane"] == "last" for row in sent)
    for week in {row["week"] for row in sent}:
        here = [row for row in sent if row["week"] == week]
        assert sum(row["volume"] for row in here if row["lane"] == "line") <= 0.3 + 1e-6
        assert sum(row["volume"] for row in here if row["lane"] == "last") <= 9 + 1e-6


@pytest.mark.parametrize("source", ["nothing", "stock", "recorded"])
def test_goods_from_before_stand_where_making_is_told(tmp_path: Path, source: str) -> None:
    """Forty toasters from before, counted or as the records leave them, stand beside what is wanted and made; without any, nothing is said."""
    folder = write_tiny(tmp_path)
    settings = QUICK
    if source == "stock":
        write_csv(folder / "tables" / "stock.csv", [{"site": "GAMMA", "sku": "TOASTER", "quantity": 40}])
    if source == "recorded":
        make = {"activity": "make", "firm": "GAMMA", "sku": "TOASTER", "seller": "GAMMA", "quantity": 40}
        days = (FIRST_MONDAY, FIRST_MONDAY + timedelta(weeks=5, days=6))
        write_csv(
            folder / "tables" / "recorded.csv", [make | {"row": n + 1, "date": day} for n, day in enumerate(days)]
        )
        settings = QUICK | {"horizon.replay": "yes", "horizon.weeks": 3}
    run = Study.open(folder, settings).plan()
    for lang, told in (("en", "40 were there"), ("zh", "另有 40 件")):
        view = RunView(run.stored, lang)
        with view.speaking():
            notes = [block.text for block in making_section(view).blocks if isinstance(block, Note)]
            assert any(told in note for note in notes) == (source != "nothing")
            assert any("recorded" in note or "记录" in note for note in notes) == (source == "recorded")


@pytest.mark.parametrize("status", ["new", ""])
def test_a_gain_at_an_assumed_price_says_so(tmp_path: Path, status: str) -> None:
    """Where only a new source sells steel, what separate plans pay for it is assumed: told with the gain in the terminal and the report.

    Its supplier has a name for people in lists, and keeps its code in tables; where somebody sells steel already, nothing is assumed.
    """
    folder = write_tiny(tmp_path)
    bill = [{"family": family, "material": "steel", "quantity": 2} for family in ("kettle", "toaster")]
    mill = {"material": "steel", "supplier": "mill", "origin": "CN", "cost": 4, "currency": "CNY", "lead_days": 0}
    write_csv(folder / "tables" / "materials.csv", bill)
    write_csv(folder / "tables" / "sources.csv", [mill | {"status": status}])
    run = planned(folder)
    bought = rows(run, "purchases") if status else []
    paid = sum(row["cost"] for row in bought if (row["plan"], row["supplier"]) == ("separate", "assumed"))
    assert (paid > 0) == bool(status)
    assert not any(row["supplier"] == "assumed" for row in bought if row["plan"] == "joint")
    for lang, told, supplier in (
        ("en", f"on an assumed price of steel: the joint plan spends {paid:,.0f} CNY less", "not known, assumed"),
        ("zh", f"steel 目前的价格未提供，协同计划改购新货源，按假定价格的支出减少 {paid:,.0f} CNY", "未知（假定）"),
    ):
        view = RunView(run.stored, lang)
        with view.speaking():
            assert (told in run.sentence()) == bool(status)
            assert (told.replace(f"{paid:,.0f} CNY", view.numbers.money(paid)) in headline(view)) == bool(status)
            section = buying_section(view)
            grids = [block for block in section.blocks if isinstance(block, Grid)] if section else []
            assert any(supplier in row for grid in grids for row in grid.rows) == bool(status)
            assert not any("assumed" in row for grid in grids for row in grid.rows)


@pytest.mark.parametrize("first", [True, False])
def test_a_family_s_setup_does_not_hang_on_the_order_of_products(tmp_path: Path, first: bool) -> None:
    """A row of one product without a change of family leaves the family's change as it is, listed first or last."""

    def more_products(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        extra = {**found[0], "sku": "KETTLE-0"}
        return [extra, *found] if first else [*found, extra]

    def more_capabilities(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [*found, {**found[0], "sku": "KETTLE-0", "major_setup_hours": 0, "major_setup_cost": 0}]

    run = planned(write_tiny(tmp_path, products=more_products, capabilities=more_capabilities))
    setup = sum(
        row["amount"]
        for row in rows(run, "ledger")
        if row["plan"] == "separate" and row["account"] == "setup" and row["firm"] == "ALPHA"
    )
    weeks = {row["week"] for row in rows(run, "lots") if row["plan"] == "separate" and row["maker"] == "ALPHA"}
    # 200 and two hours at 60 for the family, 50 and half an hour for the product, in each week with a lot.
    assert weeks
    assert setup == pytest.approx(-400 * len(weeks), abs=0.05)


def test_stock_that_nobody_sells_is_its_makers(tmp_path: Path) -> None:
    """Units of a product without demand lie where they are, and are not lost from the plan."""

    def old(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [*found, {**found[0], "sku": "OLD"}]

    folder = write_tiny(tmp_path, products=old)
    write_csv(folder / "tables" / "stock.csv", [{"site": "ALPHA", "sku": "OLD", "quantity": 7}])
    run = planned(folder)
    kept = [row for row in rows(run, "stock_plan") if row["sku"] == "OLD" and row["plan"] == "separate"]
    assert {row["quantity"] for row in kept} == {7.0}


@pytest.mark.parametrize("kind", ["appliances", pytest.param("small-goods", marks=pytest.mark.slow)])
def test_a_sample_is_planned_as_it_comes(tmp_path: Path, kind: str) -> None:
    """Over the default horizon, which the sample's records cover to the day, plans break no rule and come with proof."""
    write_sample(tmp_path, kind=kind, firms=6, sellers=2, products=8, weeks=60)
    run = Study.open(tmp_path, {"plan.solve.seconds": 3, "plan.solve.gap": 0.05, "diagnosis.with_run": False}).plan()
    values = {row["plan"]: row for row in rows(run, "values")}
    assert set(values) == {"recorded", "separate", "joint"}
    for name in ("separate", "joint"):
        assert values[name]["violations"] == 0
        assert values[name]["upper"] >= values[name]["value"]


def test_products_without_any_weight_are_planned_without_a_word(tmp_path: Path) -> None:
    """Weights and volumes come from the settings, in proportion to value, and no warning is raised."""

    def bare(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{k: v for k, v in row.items() if k not in ("weight", "volume")} for row in found]

    run = planned(write_tiny(tmp_path, products=bare))
    sent = [row for row in rows(run, "shipments") if row["plan"] == "separate"]
    assert sent
    assert all(row["weight"] == pytest.approx(0.5 * row["quantity"]) for row in sent)


def test_what_no_table_can_tell_is_among_the_assumptions(tmp_path: Path) -> None:
    """Costs and rules taken from the settings are shown with their value."""
    found = {row["item"]: row["value"] for row in rows(planned(write_tiny(tmp_path)), "assumptions")}
    assert found["plan.costs.late_weeks"] == "4"
    assert found["plan.making.transfer_margin"] == "0.15"
    assert found["plan.hub.share"] == "0.005"
