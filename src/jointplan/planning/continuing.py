"""Going on in the middle of an earlier plan: what its joint plan leaves as a later week begins, written as the tables a user would bring.

The earlier plan is taken as carried out. Goods are those that lie, are under way or in work by then; what sales of the weeks since
have brought is counted from the sales themselves, what was spent from the plan's ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from jointplan.engine import Tables
from jointplan.planning.problem import chain_firms
from jointplan.planning.reading.credit import receipts
from jointplan.schema import TABLES, Assumption

Rows = list[dict[str, Any]]
WEEK = timedelta(weeks=1)
LEAST = 1e-3  # units of goods or materials below this are rounding
GOODS, LATER, ONCE = ("stock",), ("under_way", "work"), ("site", "workshop", "process", "market", "campaign")
PAID_FOR = {
    "add_capability": "process",
    "open_shared_workshop": "workshop",
    "enter_market": "market",
    "joint_promotion": "campaign",
    "consolidate_freight": "site",
    "overseas_warehouse": "site",
}
# What is opened, entered and learned is paid before the first week, whenever it is used.
AT_ONCE = ("opening", "entry", "promotion", "investment")
PAID = (
    "transfer", "royalty", "material", "making", "overtime", "setup", "freight", "handling", "storage", "duty", "late",
    *AT_ONCE,
)  # fmt: skip


MATERIALS_TO_COME = Assumption(
    "materials to come",
    "Materials that the earlier joint plan has come later are ordered anew; what comes sooner than its supplier needs was ordered before, "
    "at the price of small orders. Rows of material_stock with a day in arrives say what comes and is paid for.",
    "先前协同计划中稍后到货的物料重新下单；早于供货周期到货的视为先前已订，按小单价格计。可在物料库存表中填写到达日期，说明已付款、待到货的物料。",
    "material_stock.arrives",
)
MATERIALS_LOST = Assumption(
    "materials left",
    "Materials that the earlier joint plan bought and had not used by the first week are not counted, as its run is of a version that does not tell them: what is needed is bought.",
    "先前运行所用版本未记录物料结存：先前协同计划已购买而至首周尚未用完的物料不计入，所需物料重新购买。",
    "material_stock",
)


def begun_lots(earlier: Mapping[str, pa.Table], start: date) -> set[str]:
    """Return the lots of an earlier joint plan whose first steps fall before a week, and whose goods come out in it or later."""
    begun = {row["lot"] for row in _joint(earlier, "steps") if row["week"] < start}
    return {row["lot"] for row in _joint(earlier, "lots") if row["lot"] in begun and row["week"] >= start}


def left_by(
    earlier: Mapping[str, pa.Table],
    first: date,
    start: date,
    tables: Tables,
    worth: Mapping[str, float],
    brought: frozenset[str],
) -> Rows:
    """Return rows of the table **carried**: what an earlier joint plan leaves as a week begins.

    Parameters
    ----------
    earlier : mapping
        The tables of the earlier run.
    first, start : date
        Mondays of its first week, and of the week from which it is to go on.
    tables : Tables
        Checked tables of now, with ``weekly`` sales.
    worth : mapping
        What one unit of each currency is worth in that of the run.
    brought : frozenset of str
        Tables that were brought anew since the earlier run.
    """
    known: Rows = earlier["carried"].to_pylist() if "carried" in earlier else []
    return [
        *_goods(earlier, start, tables, brought),
        *(row for row in known if row["what"] in LATER and row["week"] >= start),
        *_materials(earlier, start),
        *_cash(earlier, first, start, tables, worth, known),
        *_setups(earlier, start),
        *(row for row in known if row["what"] in ONCE),
        *_paid_for(earlier, first),
    ]


def _row(what: str, place: str, quantity: float | None = None, **more: Any) -> dict[str, Any]:
    blank: dict[str, Any] = dict.fromkeys(("subject", "seller", "sku", "chain", "week"))
    return {"what": what, "place": place, **blank, "quantity": quantity, **more}


def _joint(earlier: Mapping[str, pa.Table], name: str) -> Rows:
    return [row for row in earlier[name].to_pylist() if row["plan"] == "joint"] if name in earlier else []


def _goods(earlier: Mapping[str, pa.Table], start: date, tables: Tables, brought: frozenset[str]) -> Rows:
    """Return the goods that lie, are under way, and are in work; what sellers share is each one's as far as it was its before, was made or came for it.

    Goods that have reached a market and wait there come in the first week, except where they are counted anew.
    """
    begun = begun_lots(earlier, start)
    own: dict[tuple[str, str], dict[str | None, float]] = defaultdict(lambda: defaultdict(float))
    later: dict[tuple[str, str, str, str | None, str | None, date], float] = defaultdict(float)
    for row in _joint(earlier, "lots"):
        if row["week"] < start:
            own[row["maker"], row["sku"]][row["seller"]] += row["quantity"]
        elif row["lot"] in begun:
            later["work", row["maker"], row["sku"], row["seller"], row["chain"], row["week"]] += row["quantity"]
    for row in _joint(earlier, "shipments"):
        if row["week"] >= start:
            continue
        own[row["origin"], row["sku"]][row["seller"]] -= row["quantity"]
        if row["arrives"] < start:
            own[row["destination"], row["sku"]][row["seller"]] += row["quantity"]
        else:
            later["under_way", row["destination"], row["sku"], row["seller"], None, row["arrives"]] += row["quantity"]
    for row in _joint(earlier, "deliveries"):
        if row["week"] < start:
            own[row["market"], row["sku"]][row["seller"]] -= row["delivered"]
    for row in earlier["input_stock"].to_pylist() if "input_stock" in earlier else ():
        if row["arrives"] is None or row["arrives"] < start:
            own[row["site"], row["sku"]][row["seller"]] += row["quantity"]
    table: Rows = tables["stock"].to_pylist() if "stock" in brought else []
    counted = {(row["site"], row["sku"]) for row in table if not row["arrives"]}
    for market in _markets(tables):
        for sku in {sku for place, sku in own if place == market and (place, sku) not in counted}:
            waits = _left(own[market, sku])
            total = sum(own[market, sku].values())
            if total > LEAST:
                for seller, units in waits.items():
                    later["under_way", market, sku, seller, None, start] += total * units / sum(waits.values())
    lying: dict[tuple[str, str, str | None], float] = defaultdict(float)
    for row in _joint(earlier, "stock_plan"):
        if row["week"] != start - WEEK:
            continue
        left = _left(own[row["site"], row["sku"]])
        total = sum(left.values())
        if row["seller"] != "pooled":
            lying[row["site"], row["sku"], row["seller"]] += row["quantity"]
        elif total > 0:
            for seller, units in left.items():
                lying[row["site"], row["sku"], seller] += row["quantity"] * units / total
        else:
            lying[row["site"], row["sku"], None] += row["quantity"]
    return [
        *(_row("stock", site, n, subject=sku, seller=seller) for (site, sku, seller), n in lying.items() if n > 0),
        *(
            _row(what, place, n, subject=sku, seller=seller, chain=chain, week=week)
            for (what, place, sku, seller, chain, week), n in later.items()
            if n > 0
        ),
    ]


def _materials(earlier: Mapping[str, pa.Table], start: date) -> Rows:
    """Return the materials that lie at firms: what was bought or taken for making and is not used, and what they had and nobody took."""
    lying: dict[tuple[str, str], float] = defaultdict(float)
    for row in _joint(earlier, "kept_materials"):
        if row["week"] == start - WEEK:
            lying[row["firm"], row["material"]] += row["quantity"]
    for row in earlier["input_material_stock"].to_pylist() if "input_material_stock" in earlier else ():
        if row["arrives"] is None or row["arrives"] < start:
            lying[row["firm"], row["material"]] += row["quantity"]
    for row in _joint(earlier, "drawn_materials"):
        if row["week"] < start:
            lying[row["holder"], row["material"]] -= row["quantity"]
    return [_row("material", firm, n, subject=material) for (firm, material), n in lying.items() if n > LEAST]


def _markets(tables: Tables) -> set[str]:
    """Return the markets, those apart that a place is named like: there goods are at the place."""
    places = {row["firm"] for row in tables["firms"].to_pylist()}
    places |= set(tables["sites"]["site"].to_pylist()) if "sites" in tables else set()
    return set(tables["markets"]["market"].to_pylist()) - places if "markets" in tables else set()


def _left(own: Mapping[str | None, float]) -> dict[str | None, float]:
    """Return what each seller has left; what some have sent beyond their own was of the goods of nobody."""
    beyond = -sum(min(units, 0.0) for seller, units in own.items() if seller)
    return {seller: max(units if seller else units - beyond, 0.0) for seller, units in own.items()}


def _cash(
    earlier: Mapping[str, pa.Table],
    first: date,
    start: date,
    tables: Tables,
    worth: Mapping[str, float],
    known: Iterable[dict[str, Any]],
) -> Rows:
    """Return what each firm of the table **credit** has: cash before, less what the plan spent, and what sales have brought since."""
    if "credit" not in tables:
        return []
    flow: dict[str, float] = defaultdict(float)
    for row in _joint(earlier, "ledger"):
        if row["is_cash"] and (row["account"] in AT_ONCE or (row["account"] in PAID and row["week"] < start)):
            flow[row["firm"]] += row["amount"]
    weeks = (start - first).days // 7
    for seller, comes, amount in receipts(tables, start):
        if -weeks <= comes < 0:
            flow[seller] += amount
    had = {row["place"]: row["quantity"] for row in known if row["what"] == "cash"}
    currency = {row["firm"]: row["currency"] for row in tables["firms"].to_pylist()}
    return [
        _row(
            "cash",
            row["firm"],
            had.get(row["firm"], row["cash"] or 0.0) + flow[row["firm"]] / worth.get(currency[row["firm"]], 1.0),
        )
        for row in tables["credit"].to_pylist()
    ]


def _setups(earlier: Mapping[str, pa.Table], start: date) -> Rows:
    """Return what workshops are still set up for as the week begins."""
    return [
        _row("setup", row["firm"], subject=row["process"], sku=row["sku"])
        for row in _joint(earlier, "kept_setups")
        if row["week"] == start
    ]


def _paid_for(earlier: Mapping[str, pa.Table], first: date) -> Rows:
    """Return what was paid for once, as the earlier plan began."""
    cost: dict[tuple[str, str, str | None], float] = defaultdict(float)
    for row in _joint(earlier, "investments"):
        cost[PAID_FOR[row["measure"]], row["place"], row["subject"]] += row["cost"]
    return [_row(what, place, n, subject=subject, week=first) for (what, place, subject), n in cost.items()]


def materials_ordered(earlier: Mapping[str, pa.Table], start: date) -> list[Assumption]:
    """Return what is assumed of materials that an earlier joint plan bought: those to come, and those before a week where it does not tell what is left."""
    weeks = [row["week"] for row in _joint(earlier, "purchases")]
    told = []
    if "kept_materials" not in earlier and any(week < start for week in weeks):
        told.append(MATERIALS_LOST)
    if any(week >= start for week in weeks):
        told.append(MATERIALS_TO_COME)
    return told


def with_left(
    tables: Tables, rows: Rows, start: date, brought: frozenset[str]
) -> tuple[Tables, Rows, list[Assumption]]:
    """Return tables that begin with what an earlier plan left, the rows that were taken over, and what is assumed by that.

    Parameters
    ----------
    tables : Tables
        Completed tables.
    rows : list of dict
        Rows of **carried**.
    start : date
        Monday of the first week.
    brought : frozenset of str
        Tables that were brought anew since the earlier run: what they say of the start stands.
    """
    written: Rows = tables["stock"].to_pylist() if "stock" in tables else []
    set_up = any(row["set_up_for"] for row in tables["capacity"].to_pylist())
    stands = {
        "stock": "stock" in brought and bool(written),
        "under_way": "stock" in brought and any(row["arrives"] for row in written),
        "cash": "credit" in brought,
        "setup": set_up,
    }
    stands["work"] = stands["under_way"]
    had: Rows = tables["material_stock"].to_pylist() if "material_stock" in tables else []
    stands["material"] = "material_stock" in brought and any(not row["arrives"] for row in had)
    taken = [row for row in rows if not stands.get(row["what"], False)]
    of = {what: [row for row in taken if row["what"] == what] for what in TABLES["carried"]["what"].choices}
    # What a table that was not brought anew says of the start is of the earlier plan's; what comes later still comes.
    kept = [
        row
        for row in written
        if stands["under_way" if row["arrives"] else "stock"] or (row["arrives"] and row["arrives"] >= start)
    ]
    goods = [*of["stock"], *of["under_way"], *of["work"]]
    changed: dict[str, Rows] = {
        "stock": kept
        + [
            {"site": r["place"], "sku": r["subject"], "seller": r["seller"], "quantity": r["quantity"], "arrives": r["week"]}
            for r in goods
        ]
    }  # fmt: skip
    if not stands["material"]:
        changed["material_stock"] = [row for row in had if row["arrives"] and row["arrives"] >= start] + [
            {"firm": r["place"], "material": r["subject"], "quantity": r["quantity"], "arrives": None}
            for r in of["material"]
        ]
    if of["cash"]:
        cash = {row["place"]: row["quantity"] for row in of["cash"]}
        changed["credit"] = [row | {"cash": cash.get(row["firm"], row["cash"])} for row in tables["credit"].to_pylist()]
    if of["setup"]:
        product = {(row["place"], row["subject"]): row["sku"] for row in of["setup"]}
        changed["capacity"] = [
            row | {"set_up_for": product.get((row["firm"], row["process"]))} for row in tables["capacity"].to_pylist()
        ]
    changed |= _paid_already(tables, of, start)
    # What is in work is not begun anew, even where the table stock says when it comes.
    decided: Rows = tables["approved"].to_pylist() if "approved" in tables else []
    still = _still_to_make(decided, [row for row in rows if row["what"] == "work"])
    begun = sum(row["quantity"] for row in decided) - sum(row["quantity"] for row in still)
    if begun > LEAST:
        changed["approved"] = still
    made = {name: pa.Table.from_pylist(found, TABLES[name].arrow) for name, found in changed.items()}
    return tables.adding(made), taken, _told(of, begun)


def _paid_already(tables: Tables, of: Mapping[str, Rows], start: date) -> dict[str, Rows]:
    """Return the tables in which something was paid for already, at no cost; what is to be ready later waits for the rest of its weeks."""

    def paid(name: str, what: str, keys: tuple[str, ...], column: str, ready: bool = False) -> Rows:
        since = {tuple(row[key] or None for key in ("place", "subject")[: len(keys)]): row["week"] for row in of[what]}
        rows: Rows = tables[name].to_pylist()
        for row in rows:
            begun = since.get(tuple(row[key] or None for key in keys))
            if begun is None or row[column] is None:
                continue
            row[column] = 0.0
            if ready:
                row["ready_weeks"] = max((row["ready_weeks"] or 0.0) - (start - begun).days // 7, 0.0)
        return rows

    ways: dict[str, tuple[str, tuple[str, ...], str, bool]] = {
        "site": ("sites", ("site",), "opening_cost", False),
        "workshop": ("firms", ("firm",), "opening_cost", True),
        "process": ("capabilities", ("firm", "process"), "learn_cost", True),
        "market": ("markets", ("market",), "entry_cost", False),
        "campaign": ("campaigns", ("market", "family"), "cost", False),
    }
    return {way[0]: paid(way[0], what, *way[1:]) for what, way in ways.items() if of[what] and way[0] in tables}


def _still_to_make(decided: Rows, work: Rows) -> Rows:
    """Return rows of the table **approved** less what is in work of their lots: each seller's own first, as goods may go to another."""

    def lot(row: dict[str, Any], maker: str, sku: str) -> tuple[Any, ...]:
        return row["week"], row[maker], row[sku], chain_firms(row.get("chain") or "")

    begun: dict[tuple[Any, ...], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in work:
        begun[lot(row, "place", "subject")][row["seller"]] += row["quantity"]
    rows = [dict(row) for row in decided]
    for own in (True, False):
        for row in rows:
            units = begun[lot(row, "firm", "sku")]
            for seller in [row["seller"]] if own else list(units):
                part = min(row["quantity"], units[seller])
                row["quantity"] -= part
                units[seller] -= part
    return [row for row in rows if row["quantity"] > LEAST]


def _told(of: Mapping[str, Rows], begun: float) -> list[Assumption]:
    """Return what is assumed of the start, and which table replaces it; ``begun`` units of decided lots are in work."""

    def units(*kinds: str) -> float:
        return float(sum(row["quantity"] for kind in kinds for row in of[kind]))

    goods, later, once = (sum(len(of[kind]) for kind in kinds) for kinds in (GOODS, LATER, ONCE))
    found: list[tuple[bool | int, Assumption]] = [
        (
            goods,
            Assumption(
                "stock taken over",
                "What lies at each place by the earlier joint plan, carried out as it stands, as the first week begins; alike in every plan. "
                "Bring the table stock as counted then to replace it.",
                "按先前协同计划如实执行，首周开始时各地点的库存；各计划相同。届时提供盘点后的库存表即可替换。",
                "stock",
                value=f"{units(*GOODS):g}",
                unit="units",
            ),
        ),
        (
            later,
            Assumption(
                "goods under way taken over",
                "What the earlier joint plan has sent and what is in work by then, paid for already; the hours of steps that are left are not counted. "
                "Rows of stock with a day in arrives replace it.",
                "先前协同计划已发出与正在加工、已付款的货物；余下工序的工时不再计入。在库存表中填写到达日期即可替换。",
                "stock.arrives",
                value=f"{units(*LATER):g}",
                unit="units",
            ),
        ),
        (
            len(of["material"]),
            Assumption(
                "materials taken over",
                "Materials that lie at firms by the earlier joint plan as the first week begins. Bring the table material_stock as counted then to replace it.",
                "按先前协同计划，首周开始时各企业已有的物料。届时提供盘点后的物料库存表即可替换。",
                "material_stock",
                value=str(len(of["material"])),
                unit="materials of firms",
            ),
        ),
        (
            begun > LEAST,
            Assumption(
                "approved lots in work",
                "These units of decided lots are in work by the earlier joint plan: they come out as goods, and only what is decided beyond them is still made.",
                "已定批次中的这些成品，按先前协同计划已在加工：作为在制成品产出，只有超出部分仍需生产。",
                "approved",
                value=f"{begun:g}",
                unit="units",
            ),
        ),
        (
            len(of["cash"]),
            Assumption(
                "cash taken over",
                "Each firm's cash as the earlier plan began, less what its joint plan spends until the first week, and what sales since have brought; what they will bring "
                "comes in when it is due. Bring the table credit with the cash of then to replace it.",
                "各企业在先前计划开始时的现金，减去协同计划至首周为止的支出，加上此间销售的回款；未到期的货款到期时计入。届时提供资金表即可替换。",
                "credit.cash",
                value=str(len(of["cash"])),
                unit="firms",
            ),
        ),
        (
            len(of["setup"]),
            Assumption(
                "setups taken over",
                "Workshops begin set up for what the earlier joint plan keeps them set up for. Say it in set_up_for of the table capacity to replace it.",
                "车间按先前协同计划所保留的换型状态开始；在产能表的期初换型状态中填写即可替换。",
                "capacity.set_up_for",
                value=str(len(of["setup"])),
                unit="workshops",
            ),
        ),
        (
            once,
            Assumption(
                "paid for already",
                "Sites, workshops, processes, markets and campaigns that the earlier joint plan paid for are there, for all, and cost nothing more. "
                "Where that was not done, plan anew (jointplan plan).",
                "先前协同计划已付款的节点、车间、工艺、市场与推广对各方均已具备，不再付费；如未实施，请重新制定计划（jointplan plan）。",
                "investments",
                value=f"{units(*ONCE):g}",
                unit="money",
            ),
        ),
    ]  # fmt: skip
    return [assumption for there, assumption in found if there]
