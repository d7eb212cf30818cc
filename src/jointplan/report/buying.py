"""Materials bought together: what each costs a unit before and after, and where it comes from."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from jointplan.report.blocks import Card, Chart, Grid, Section
from jointplan.report.vega import PLAN_COLOURS, before_and_after
from jointplan.report.view import RunView
from jointplan.report.words import PLANS, word
from jointplan.texts import sentences, tr

_SHOWN = 25


def buying_section(view: RunView) -> Section | None:
    """Return the section on purchases; None where no material's price depends on the order."""
    frame = view.frame("purchases")
    frame = frame[frame["plan"].isin(("separate", "joint"))]
    on_hand = view.frame("drawn_materials")
    on_hand = on_hand[on_hand["plan"].isin(("separate", "joint"))]
    if not len(frame) and not len(on_hand):
        return None
    more = (_taken(view, on_hand),) if len(on_hand) else ()
    asked, name = tr("What does buying together change?"), tr("Buying")
    if not len(frame):
        return Section("buying", asked, name, tr("Nothing is ordered: what is needed is on hand."), (), more)
    materials = _by_material(frame, _left_over(view))
    return Section(
        "buying",
        asked,
        name,
        _answer(view, materials),
        _cards(view, frame, materials),
        (_picture(view, materials), _grid(view, materials), _suppliers(view, frame), *more),
    )


def _left_over(view: RunView) -> pd.Series:
    """Return what is left of bought materials at the end, by material and plan."""
    kept = view.frame("kept_materials")
    last = kept[kept["week"] == view.start + timedelta(weeks=view.weeks - 1)]
    left: pd.Series = last.groupby(["material", "plan"])["quantity"].sum()
    return left


def _by_material(frame: pd.DataFrame, left: pd.Series) -> pd.DataFrame:
    """Return spend, quantity, what is left over, orders and unit price of each material in both plans, the dearest first."""
    orders = frame.drop_duplicates(["plan", "week", "material", "supplier", "together", "order_quantity", "unit_price"])
    counted = orders.groupby(["material", "plan"]).size().unstack("plan", fill_value=0)
    sums = frame.groupby(["material", "plan"])[["quantity", "cost"]].sum().unstack("plan", fill_value=0.0)
    found = pd.DataFrame(index=sums.index)
    for plan in ("separate", "joint"):
        for name in ("quantity", "cost"):
            found[f"{name}_{plan}"] = sums[name].get(plan, 0.0)
        found[f"orders_{plan}"] = counted.get(plan, 0)
        quantity = found[f"quantity_{plan}"]
        found[f"price_{plan}"] = (found[f"cost_{plan}"] / quantity).where(quantity > 0)
        kept = [left.get((material, plan), 0.0) for material in found.index]
        found[f"left_{plan}"] = np.minimum(kept, quantity)  # of what was there before some may be left too
    used = found["quantity_joint"] - found["left_joint"]
    # What the joint plan uses would have cost at the prices of the separate plans.
    found["saved"] = ((found["price_separate"] - found["price_joint"]) * used).fillna(0.0)
    return found.sort_values("cost_separate", ascending=False, kind="stable").reset_index()


def _answer(view: RunView, materials: pd.DataFrame) -> str:
    money = view.numbers.money
    told = tr(
        "At the prices of separate orders, what the joint plan uses of the materials it buys would have cost {change} more; "
        "{before} {before:order becomes|orders become} {after}.",
        change=money(materials["saved"].sum()),
        before=view.numbers.count(materials["orders_separate"].sum()),
        after=view.numbers.count(materials["orders_joint"].sum()),
    )
    left = {plan: (materials[f"left_{plan}"] * materials[f"price_{plan}"]).sum() for plan in ("separate", "joint")}
    if round(left["separate"]) == round(left["joint"]) == 0:
        return told
    over = tr(
        "Not used in these weeks are materials bought for {joint} in the joint plan, for {separate} in separate plans.",
        joint=money(left["joint"]),
        separate=money(left["separate"]),
    )
    return sentences((told, over))


def _cards(view: RunView, frame: pd.DataFrame, materials: pd.DataFrame) -> tuple[Card, ...]:
    numbers = view.numbers
    home = view.home_country
    cards = [
        Card(tr("Saved by better prices"), numbers.money(materials["saved"].sum()), tr("on what the joint plan uses")),
        Card(
            tr("Orders"),
            numbers.count(materials["orders_joint"].sum()),
            tr("{before} in separate plans", before=numbers.count(materials["orders_separate"].sum())),
        ),
    ]
    if home:
        abroad = frame[frame["origin"].notna() & (frame["origin"] != "") & (frame["origin"] != home)]
        share = {
            plan: abroad.loc[abroad["plan"] == plan, "cost"].sum()
            / max(frame.loc[frame["plan"] == plan, "cost"].sum(), 1e-9)
            for plan in ("separate", "joint")
        }
        cards.append(
            Card(
                tr("Bought from abroad"),
                numbers.share(share["joint"]),
                tr("{before} in separate plans", before=numbers.share(share["separate"])),
            )
        )
    return tuple(cards)


def _picture(view: RunView, materials: pd.DataFrame) -> Chart:
    rows = [
        {"name": row.material, "before": 1.0, "after": row.price_joint / row.price_separate}
        for row in materials.head(_SHOWN).itertuples()
        if row.price_separate > 0 and row.price_joint > 0
    ]
    spec = before_and_after(
        rows,
        {"title": tr("price of a unit, separate plans = 100 %"), "format": ".0%", "tickCount": 5},
        (tr("Material"), word(PLANS, "separate"), word(PLANS, "joint")),
        (PLAN_COLOURS["separate"], PLAN_COLOURS["joint"]),
        form=".1%",
        from_zero=False,
    )
    return Chart(
        "material_prices",
        tr("What a unit of each material costs, before and after"),
        tr("Two points a material: grey, its mean price in separate plans; green, in the joint plan."),
        spec,
        note=tr("Grey: separate plans. Green: joint plan."),
    )


def _grid(view: RunView, materials: pd.DataFrame) -> Grid:
    numbers = view.numbers
    cells = tuple(
        (
            row.material,
            numbers.money(row.cost_separate),
            numbers.money(row.cost_joint),
            numbers.number(row.price_separate, 2),
            numbers.number(row.price_joint, 2),
            numbers.count(row.orders_separate),
            numbers.count(row.orders_joint),
            numbers.number(row.left_joint),
            numbers.money(row.saved),
        )
        for row in materials.head(_SHOWN).itertuples()
    )
    header = (
        tr("Material"), tr("Paid, separate"), tr("Paid, joint"), tr("Unit price, separate"), tr("Unit price, joint"),
        tr("Orders, separate"), tr("Orders, joint"), tr("Left over, joint"), tr("Saved"),
    )  # fmt: skip
    return Grid(
        tr("Material by material"),
        header,
        cells,
        tuple(range(1, len(header))),
        tr(
            "Saved: the difference of the mean prices on what the joint plan uses of what it buys. Left over: units not used at the end. Materials at "
            "one fixed price are not listed."
        ),
    )


def _suppliers(view: RunView, frame: pd.DataFrame) -> Grid:
    """Return from whom each material comes in both plans."""
    numbers = view.numbers
    sums = frame.groupby(["material", "supplier", "plan"])["cost"].sum().unstack("plan", fill_value=0.0)
    origin = frame.groupby("supplier")["origin"].first()
    cells = tuple(
        (
            str(material),
            view.supplier(str(supplier)),
            origin.get(supplier) or "",
            numbers.money(row.get("separate", 0.0)),
            numbers.money(row.get("joint", 0.0)),
        )
        for (material, supplier), row in sums.iterrows()
    )
    header = (tr("Material"), tr("Supplier"), tr("Origin"), tr("Paid, separate"), tr("Paid, joint"))
    return Grid(tr("From whom materials come"), header, cells, (3, 4), "", folded=True)


def _taken(view: RunView, on_hand: pd.DataFrame) -> Grid:
    """Return what both plans take of the materials that firms have."""
    numbers = view.numbers
    own = on_hand["holder"] == on_hand["firm"]
    sums = on_hand.assign(others=on_hand["quantity"].where(~own, 0.0)).groupby(["material", "holder", "plan"])
    units = sums[["quantity", "others"]].sum().unstack("plan", fill_value=0.0)
    cells = tuple(
        (
            str(material),
            view.firm(str(holder)),
            numbers.number(row.get(("quantity", "separate"), 0.0)),
            numbers.number(row.get(("quantity", "joint"), 0.0)),
            numbers.number(row.get(("others", "joint"), 0.0)),
        )
        for (material, holder), row in units.iterrows()
    )
    header = (tr("Material"), tr("Whose"), tr("Taken, separate"), tr("Taken, joint"), tr("of it, by other firms"))
    return Grid(tr("Materials that were on hand"), header, cells, (2, 3, 4), "", folded=True)
