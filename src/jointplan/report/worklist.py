"""Work lists: for each firm one printable page with what is that firm's, and nothing of anyone else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jointplan.report.blocks import Grid
from jointplan.report.page import HTML_LANG, asset, templates
from jointplan.report.pieces import whole_pieces
from jointplan.report.reasons import explained
from jointplan.report.view import HUB, RunView
from jointplan.report.words import ACCOUNTS, MODES, word
from jointplan.texts import sentences, tr

_REASONS_SHOWN = 40
_LEAST_HOURS = 0.05  # less would be shown as none
_LEAST_MONEY = 0.005  # likewise
_IN_TURN = " > "  # between the firms of a chain


@dataclass(frozen=True)
class WorkList:
    """What one firm does under the joint plan."""

    firm: str
    name: str
    grids: tuple[Grid, ...]


def write_worklists(view: RunView, folder: Path) -> list[Path]:
    """Write the work list of every firm that has something to do or to earn, and return where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.html"):
        old.unlink()
    template = templates().get_template("worklist.html.j2")
    style, paths, taken = asset("worklist.css"), [], set[str]()
    for work in work_lists(view):
        path = folder / f"{file_name(work.firm, taken)}.html"
        text = template.render(
            lang=HTML_LANG[view.lang],
            work=work,
            cluster=view.manifest["name"],
            period=tr("{weeks} {weeks:week|weeks} from {start}", weeks=view.weeks, start=view.numbers.day(view.start)),
            synthetic=view.manifest.get("synthetic", False),
            run=view.manifest["id"],
            replay=view.replay,
            style=style,
        )
        path.write_text(text, "utf-8")
        paths.append(path)
    return paths


def file_name(firm: str, taken: set[str]) -> str:
    """Return a file name for a firm that every system accepts and no other firm has; it is added to ``taken``.

    >>> file_name("A/B <x>", set()), file_name("顺德一厂", set())
    ('A_B_x', '顺德一厂')
    """
    stem = re.sub(r"[^\w.-]+", "_", firm).strip("._")[:60] or "firm"
    serial = next(n for n in range(1, len(taken) + 2) if (stem if n == 1 else f"{stem}-{n}").lower() not in taken)
    name = stem if serial == 1 else f"{stem}-{serial}"
    taken.add(name.lower())
    return name


def work_lists(view: RunView) -> Iterator[WorkList]:
    """Give the work list of each firm, in the order of their codes."""
    lots, shipments = view.plan("lots", "joint"), view.plan("shipments", "joint")
    lots = lots.assign(units=whole_pieces(lots, ["maker", "sku"], ["seller"]))
    shipments = shipments.assign(units=whole_pieces(shipments, ["origin", "sku"], ["seller", "lane"]))
    load, ledger = view.plan("load", "joint"), view.frame("ledger")
    purchases = view.plan("purchases", "joint")
    by_buyer = _split(purchases, "firm")
    on_hand = view.plan("drawn_materials", "joint")
    kept = view.plan("kept_setups", "joint")
    by_kept = _split(kept, "firm")
    steps = view.plan("steps", "joint") if "steps" in view.run.tables else lots.iloc[:0].assign(firm="")
    made = lots.groupby(["lot", "sku"])["units"].sum()
    whole = lots[_by_one(lots["chain"])] if "chain" in lots else lots
    steps = steps[~steps["lot"].isin(whole["lot"])]
    by_maker, by_seller, by_step = _split(whole, "maker"), _split(shipments, "seller"), _split(steps, "firm")
    by_origin, by_load, by_account = _split(shipments, "origin"), _split(load, "firm"), _split(ledger, "firm")
    firms = {str(firm) for firm in view.frame("input_firms")["firm"]} or set(by_account)
    for firm in sorted(firms - {HUB}):
        grids = (
            _to_make(view, by_maker.get(firm, lots.iloc[:0])),
            _kept(view, by_kept.get(firm, kept.iloc[:0])),
            _steps(view, by_step.get(firm, steps.iloc[:0]), made),
            _to_take(view, on_hand[(on_hand["firm"] == firm) | (on_hand["holder"] == firm)]),
            _to_order(view, by_buyer.get(firm, purchases.iloc[:0])),
            _to_hand_over(view, by_origin.get(firm, shipments.iloc[:0])),
            _on_the_way(view, by_seller.get(firm, shipments.iloc[:0])),
            _load(view, by_load.get(firm, load.iloc[:0])),
            _reasons(view, firm),
            _money(view, by_account.get(firm, ledger.iloc[:0])),
        )
        filled = tuple(grid for grid in grids if grid.rows)
        if filled:
            yield WorkList(firm, view.firm(firm), filled)


def _rounded(view: RunView, rows: int) -> str:
    """Return how units were rounded, and how many rows would show none and are left out."""
    return sentences(
        (
            tr(
                "Units are whole: running totals of a product are rounded, so that what is made, handed over and left fits together. "
                "Hours, weights and money are those of the plan's own quantities."
            ),
            tr("Rows that come to no whole unit, not shown: {n}.", n=view.numbers.count(rows)) if rows else "",
        )
    )


def _split(frame: Any, column: str) -> dict[str, Any]:
    return {str(key): rows for key, rows in frame.groupby(column, sort=False)}


def _by_one(chain: Any) -> Any:
    """Return which lots one firm makes from the first step to the last; a chain may name it for each of its steps."""
    return chain.map(lambda firms: not isinstance(firms, str) or len(set(firms.split(_IN_TURN))) == 1).astype(bool)


def _to_make(view: RunView, lots: Any) -> Grid:
    """Return the firm's own lots, week by week."""
    numbers = view.numbers
    shown = lots[lots["units"] > 0].sort_values(["week", "family", "sku", "lot", "seller"])
    shown = shown.assign(batch=shown.groupby("lot")["units"].transform("sum"))
    rows = tuple(
        (
            numbers.day(row.week),
            row.lot,
            row.sku,
            view.product(row.sku),
            numbers.count(row.units),
            numbers.count(row.batch),
            view.firm(row.seller),
            numbers.number(row.hours),
            numbers.number(row.setup_hours),
        )
        for row in shown.itertuples()
    )
    return Grid(
        tr("What to make"),
        (
            tr("Week"),
            tr("Lot"),
            tr("Code"),
            tr("Product"),
            tr("Units"),
            tr("Units in the lot"),
            tr("For"),
            tr("Run hours"),
            tr("Setup hours"),
        ),
        rows,
        (4, 5, 7, 8),
        sentences(
            (
                tr("Rows with one lot number are made in one go and share its setup."),
                _rounded(view, len(lots) - len(rows)),
            )
        ),
    )


def _kept(view: RunView, kept: Any) -> Grid:
    """Return what the firm's workshops stay set up for from one week to the next."""
    numbers = view.numbers
    rows = tuple(
        (
            numbers.day(row.week),
            row.process,
            row.sku,
            view.product(row.sku),
            row.lot if isinstance(row.lot, str) else "",
            numbers.number(row.hours),
        )
        for row in kept.sort_values(["week", "process"]).itertuples()
    )
    return Grid(
        tr("What stays set up over the week's end"),
        (tr("Week"), tr("Process"), tr("Code"), tr("Product"), tr("Lot"), tr("Hours spared")),
        rows,
        (5,),
        tr(
            "Make it last in the week before and first in this one. Without a lot, the workshop stands idle and stays as it is."
        ),
    )


def _steps(view: RunView, steps: Any, made: Any) -> Grid:
    """Return the firm's steps of jobs that several firms do in turn, week by week; ``made`` are the pieces of lots by lot and product."""
    numbers = view.numbers
    steps = _added_up(steps)
    rows = tuple(
        (
            numbers.day(row.week),
            row.lot,
            row.sku,
            view.product(row.sku),
            row.process,
            numbers.count(made[row.lot, row.sku]),
            view.firm(row.comes_from) if isinstance(row.comes_from, str) else "–",
            view.firm(row.goes_to) if isinstance(row.goes_to, str) else "–",
            numbers.number(row.hours),
        )
        for row in steps.itertuples()
        if made[row.lot, row.sku]
    )
    return Grid(
        tr("Steps you do of jobs that several firms share"),
        (
            tr("Week"),
            tr("Lot"),
            tr("Code"),
            tr("Product"),
            tr("Process"),
            tr("Units"),
            tr("Comes from"),
            tr("Goes to"),
            tr("Run hours"),
        ),
        rows,
        (5, 8),
        sentences(
            (
                tr("Units are those of the finished lot. “–” stands where a job begins or is finished here."),
                _rounded(view, len(steps) - len(rows)),
            )
        ),
    )


def _added_up(steps: Any) -> Any:
    """Add up a lot's units for all its sellers: whom they are for is not the business of who does a step."""
    if not len(steps):
        return steps
    keys = ["week", "lot", "sku", "step", "process", "comes_from", "goes_to"]
    return steps.groupby(keys, as_index=False, dropna=False)[["quantity", "hours"]].sum()


def _to_order(view: RunView, purchases: Any) -> Grid:
    """Return the firm's own part of what is bought."""
    numbers = view.numbers
    rows = tuple(
        (
            numbers.day(row.week),
            row.material,
            view.supplier(row.supplier),
            numbers.number(row.quantity),
            numbers.number(row.unit_price, 2),
            numbers.cents(row.cost),
            tr("together") if row.together else tr("alone"),
        )
        for row in purchases.sort_values(["week", "material", "supplier"]).itertuples()
    )
    return Grid(
        tr("What to buy"),
        (tr("Comes"), tr("Material"), tr("Supplier"), tr("Quantity"), tr("Unit price"), tr("You pay"), tr("Ordered")),
        rows,
        (3, 4, 5),
        tr(
            "The plan counts in parts of units. Of what comes by the piece, order the next whole number and take what is over off "
            "the next order."
        ),
    )


def _to_take(view: RunView, on_hand: Any) -> Grid:
    """Return what the firm takes of materials on hand, and what others take of its own."""
    numbers, firms = view.numbers, view.frame("input_firms")
    owner = {row.firm: row.owner for row in firms.itertuples() if row.owner} if "owner" in firms else {}
    rows = tuple(
        (
            numbers.day(row.week),
            row.material,
            view.firm(row.holder),
            view.firm(row.firm),
            numbers.number(row.quantity),
            "–" if owner.get(row.holder, row.holder) == owner.get(row.firm, row.firm) else numbers.cents(row.worth),
        )
        for row in on_hand.sort_values(["week", "material", "holder", "firm"]).itertuples()
    )
    return Grid(
        tr("Materials on hand: what is taken, and by whom"),
        (tr("Week"), tr("Material"), tr("Whose"), tr("For"), tr("Quantity"), tr("Worth")),
        rows,
        (4, 5),
        tr(
            "Firms of other owners pay its holder what a material is worth: the least it can be bought at, less its keeping until the end."
        ),
    )


def _to_hand_over(view: RunView, shipments: Any) -> Grid:
    """Return what leaves the firm's gate; freight is the seller's and not shown."""
    numbers = view.numbers
    rows = tuple(
        (
            numbers.day(row.week),
            row.load,
            word(MODES, row.mode),
            view.place(row.destination),
            row.sku,
            view.product(row.sku),
            numbers.count(row.units),
            view.firm(row.seller),
            numbers.number(row.weight),
            numbers.number(row.volume, 2),
        )
        for row in shipments.sort_values(["week", "load", "sku", "seller"]).itertuples()
        if row.units
    )
    return Grid(
        tr("What to hand over"),
        (
            tr("Week"),
            tr("Load number"),
            tr("Mode"),
            tr("To"),
            tr("Code"),
            tr("Product"),
            tr("Units"),
            tr("For"),
            tr("Weight, kg"),
            tr("Volume, m³"),
        ),
        rows,
        (6, 8, 9),
        _rounded(view, len(shipments) - len(rows)),
    )


def _on_the_way(view: RunView, shipments: Any) -> Grid:
    """Return what is shipped for the firm as a seller, with its own share of the freight."""
    numbers = view.numbers
    rows = tuple(
        (
            numbers.day(row.week),
            numbers.day(row.arrives),
            row.load,
            word(MODES, row.mode),
            view.place(row.origin),
            view.place(row.destination),
            row.sku,
            view.product(row.sku),
            numbers.count(row.units),
            numbers.cents(row.cost),
        )
        for row in shipments.sort_values(["week", "load", "sku"]).itertuples()
        if row.units
    )
    return Grid(
        tr("What is shipped for you, and when it arrives"),
        (
            tr("Leaves"),
            tr("Arrives"),
            tr("Load number"),
            tr("Mode"),
            tr("From"),
            tr("To"),
            tr("Code"),
            tr("Product"),
            tr("Units"),
            tr("Your freight"),
        ),
        rows,
        (8, 9),
        _rounded(view, len(shipments) - len(rows)),
    )


def _load(view: RunView, load: Any) -> Grid:
    numbers = view.numbers
    rows = tuple(
        (
            numbers.day(row.week),
            row.process,
            numbers.number(row.run_hours),
            numbers.number(row.setup_hours),
            numbers.number(row.regular_hours),
            numbers.number(row.overtime_hours),
            numbers.share((row.run_hours + row.setup_hours) / row.regular_hours if row.regular_hours else None, 0),
        )
        for row in load.sort_values(["week", "process"]).itertuples()
        if row.run_hours + row.setup_hours >= _LEAST_HOURS
    )
    idle = len(load) - len(rows)
    return Grid(
        tr("Your hours"),
        (
            tr("Week"),
            tr("Process"),
            tr("Run hours"),
            tr("Setup hours"),
            tr("Regular hours"),
            tr("Overtime hours"),
            tr("Load"),
        ),
        rows,
        (2, 3, 4, 5, 6),
        tr("Weeks without work, not shown: {n}.", n=view.numbers.count(idle)) if idle else "",
    )


def _reasons(view: RunView, firm: str) -> Grid:
    """Return why the firm's own workshops are full and its own lines late, unmet or dear."""
    rows = tuple((item.sentence,) for item in explained(view, firm)[:_REASONS_SHOWN])
    return Grid(tr("Why"), (tr("Reason"),), rows)


def _money(view: RunView, ledger: Any) -> Grid:
    """Return the firm's own accounts under separate plans and under the joint plan."""
    numbers = view.numbers
    sums = {
        plan: rows.groupby("account")["amount"].sum() for plan, rows in ledger.groupby("plan") if plan != "recorded"
    }
    rows, empty = [], 0
    totals = {"separate": 0.0, "joint": 0.0}
    for account in ACCOUNTS:
        amounts = {plan: float(sums[plan].get(account, 0.0)) if plan in sums else 0.0 for plan in totals}
        for plan in totals:
            totals[plan] += amounts[plan]
        if all(abs(amount) < _LEAST_MONEY for amount in amounts.values()):
            empty += 1
            continue
        rows.append((word(ACCOUNTS, account), *_amounts(view, amounts)))
    if rows:
        rows.append((tr("Together"), *_amounts(view, totals)))
    return Grid(
        tr("Your money"),
        (tr("Account"), tr("Separate plans"), tr("Joint plan"), tr("Change")),
        tuple(rows),
        (1, 2, 3),
        sentences(
            (
                tr("In {currency}, over all weeks, before any settlement among members.", currency=numbers.currency),
                tr("Accounts without an amount, not shown: {n}.", n=empty) if empty else "",
            )
        ),
    )


def _amounts(view: RunView, amounts: dict[str, float]) -> tuple[str, str, str]:
    cents = view.numbers.cents
    return cents(amounts["separate"]), cents(amounts["joint"]), cents(amounts["joint"] - amounts["separate"])
