"""What goes into products besides work: bills of materials, who sells materials at which prices, and what is there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from jointplan.engine import Tables
from jointplan.planning.problem import NO_MATERIALS, Floats, Materials
from jointplan.planning.reading.index import Index, text
from jointplan.planning.reading.money import WEEKS_PER_YEAR, Money
from jointplan.planning.settings import PlanSettings
from jointplan.schema.results.making import ASSUMED_SUPPLIER


@dataclass(frozen=True)
class Bills:
    """What goes into a product besides work: money (I,), and units of materials whose price depends on the order.

    ``materials`` lacks the needs of routes, which follow from ``needs`` (product, material, units).
    """

    cost: Floats
    needs: list[tuple[int, int, float]]
    materials: Materials


class OnHand(NamedTuple):
    """Units of a material that a firm, by number, has from a week on."""

    material: str
    firm: int
    week: int
    units: float


def read_materials_on_hand(tables: Tables, index: Index, start: date, weeks: int) -> list[OnHand]:
    """Return the materials that firms have as the first week begins, or that come to them in the weeks planned, paid for already."""
    if "material_stock" not in tables:
        return []
    stock = tables.frame("material_stock")
    stock["week"] = ((stock["arrives"] - pd.Timestamp(start)).dt.days // 7).fillna(0).clip(lower=0).astype(int)
    stock = stock[(stock["quantity"] > 0) & (stock["week"] < weeks)]
    units = stock.groupby(["material", "firm", "week"])["quantity"].sum()
    return [OnHand(material, index.firm_of[firm], int(week), float(n)) for (material, firm, week), n in units.items()]


def read_bills(
    tables: Tables,
    settings: PlanSettings,
    products: pd.DataFrame,
    money: Money,
    on_hand: Sequence[OnHand] = (),
    weeks: int = 0,
) -> Bills:
    """Read bills of materials and where materials are bought; without a full bill, a share of the product's value.

    A material that only new sources sell is bought at an assumed price until members have qualified one. What firms have
    on hand at the start of so many weeks is kept count of, material by material.
    """
    fallback: Floats = products["unit_value"].to_numpy(float) * settings.making.material_share
    if "materials" not in tables or "sources" not in tables:
        return Bills(fallback, [], NO_MATERIALS)
    sources = tables.frame("sources")
    sources["cost"] *= sources["currency"].map(money.rate)
    rows = _bills(tables.frame("materials"))
    bills = [rows.get(("sku", sku)) or rows.get(("family", text(family))) or {}
             for sku, family in zip(products["sku"], products["family"], strict=True)]  # fmt: skip
    if only_new(sources):
        sources = pd.concat([sources, _todays(sources, bills, fallback)], ignore_index=True)
    sources = sources.sort_values(["material", "supplier", "from_quantity"], kind="stable")
    # An offer is new if all its prices are.
    sources["new"] = sources["status"].eq("new").groupby([sources["material"], sources["supplier"]]).transform("all")
    by_offer = sources.groupby(["material", "supplier"])
    simple = (by_offer["cost"].transform("size") == 1) & ~sources["new"]
    simple &= (sources["minimum"] == 0) & (sources["multiple"] == 0) & (sources["from_quantity"] == 0)
    simple &= ~sources["material"].isin([row.material for row in on_hand])
    plain = simple.groupby(sources["material"]).all()
    least = sources.groupby("material")["cost"].min()

    priced = [m for m in plain.index if not plain[m]]
    number = {m: u for u, m in enumerate(priced)}
    cost, needs = fallback.copy(), []
    for i, mine in enumerate(bills):
        if not mine or any(m not in least.index for m in mine):
            continue
        cost[i] = sum(quantity * least[m] for m, quantity in mine.items() if m not in number)
        needs += [(i, number[m], quantity) for m, quantity in mine.items() if m in number]
    bought = _offers(sources[sources["material"].isin(priced)], priced, least, settings)
    return Bills(cost, needs, _with_on_hand(bought, on_hand, weeks))


def _bills(bill: pd.DataFrame) -> dict[tuple[str, str], dict[str, float]]:
    """Return the units of each material that go into a unit of each product or family."""
    whose = ["sku" if text(sku) else "family" for sku in bill["sku"]]
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for kind, sku, family, material, quantity in zip(
        whose, *(bill[c] for c in ("sku", "family", "material", "quantity")), strict=True
    ):
        listed = rows.setdefault((kind, sku if kind == "sku" else text(family)), {})
        listed[material] = listed.get(material, 0.0) + float(quantity)
    return rows


def only_new(sources: pd.DataFrame) -> list[str]:
    """Return the materials that have no source but new ones, by name: where they are bought today is not known."""
    new = sources["status"].eq("new").groupby(sources["material"]).all()
    return sorted(new.index[new])


def _todays(sources: pd.DataFrame, bills: list[dict[str, float]], fallback: Floats) -> pd.DataFrame:
    """Return rows of **sources** for materials that have new ones only: what they are taken to cost today.

    A unit costs what the other materials leave of what all materials of a product are taken to cost, ``fallback`` (I,), the mean over
    products; at least what the new sources ask.
    """
    least, names = sources.groupby("material")["cost"].min(), only_new(sources)
    guesses: dict[str, list[float]] = {name: [] for name in names}
    for mine, whole in zip(bills, fallback, strict=True):
        asked = [name for name in mine if name in guesses]
        if asked and all(name in least.index for name in mine):
            others = sum(quantity * least[name] for name, quantity in mine.items() if name not in guesses)
            each = (whole - others) / sum(mine[name] for name in asked)
            for name in asked:
                guesses[name].append(each)
    cost = [max(float(np.mean(guesses[name] or [0.0])), float(least[name])) for name in names]
    plain = {"supplier": ASSUMED_SUPPLIER, "from_quantity": 0.0, "minimum": 0.0, "multiple": 0.0, "lead_days": 0.0}
    return pd.DataFrame({"material": names, "cost": cost, "status": "present"} | plain)


def _offers(sources: pd.DataFrame, priced: list[str], least: pd.Series[float], settings: PlanSettings) -> Materials:
    """Return the offers of materials, a row of ``sources`` each price, in the order of material, supplier and quantity."""
    number = {m: u for u, m in enumerate(priced)}
    offers = sources.groupby(["material", "supplier"], sort=False)
    heads = offers.first()
    offer = offers.ngroup().to_numpy(np.int64)
    low = sources["from_quantity"].to_numpy(float)
    following = np.append(low[1:], np.inf)
    last = np.append(offer[1:] != offer[:-1], True)[: len(offer)]
    dear = np.array([least[m] for m in priced], dtype=float)
    return Materials(
        name=tuple(priced),
        holding=dear * settings.costs.holding_rate / WEEKS_PER_YEAR,
        least=dear,
        need_route=np.empty(0, np.int64),
        need_material=np.empty(0, np.int64),
        need_units=np.empty(0),
        supplier=tuple(heads.index.get_level_values("supplier")),
        origin=tuple(text(origin) for origin in heads["origin"]),
        offer_material=np.array([number[m] for m in heads.index.get_level_values("material")], dtype=np.int64),
        offer_weeks=np.floor(heads["lead_days"].to_numpy(float) / 7 + 0.5).astype(np.int64),
        offer_new=heads["new"].to_numpy(bool),
        offer_firm=np.full(len(heads), -1),
        offer_minimum=offers["minimum"].max().to_numpy(float),
        offer_multiple=offers["multiple"].max().to_numpy(float),
        break_offer=offer,
        break_low=low,
        break_high=np.where(last, np.inf, following[: len(low)]),
        break_price=sources["cost"].to_numpy(float),
    )


def _with_on_hand(bought: Materials, on_hand: Sequence[OnHand], weeks: int) -> Materials:
    """Return offers with what firms have on hand as offers of their own.

    What is taken is priced at what it would be worth at the end, less its keeping until then: as if left, it would cost and be worth
    the same. So it is cheaper than what is bought, is no gift either, and whose material others use can be paid for it.
    """
    number = {name: u for u, name in enumerate(bought.name)}
    there = [row for row in on_hand if row.material in number]
    material = np.array([number[row.material] for row in there], dtype=np.int64)
    week = np.array([row.week for row in there], dtype=np.int64)
    worth = np.maximum(bought.least[material] - bought.holding[material] * (weeks - week), 0.0)
    none = np.zeros(len(there))
    return replace(
        bought,
        supplier=(*bought.supplier, *("" for _ in there)),
        origin=(*bought.origin, *("" for _ in there)),
        offer_material=np.append(bought.offer_material, material),
        offer_weeks=np.append(bought.offer_weeks, week),
        offer_new=np.append(bought.offer_new, none.astype(bool)),
        offer_firm=np.append(bought.offer_firm, np.array([row.firm for row in there], dtype=np.int64)),
        offer_minimum=np.append(bought.offer_minimum, none),
        offer_multiple=np.append(bought.offer_multiple, none),
        break_offer=np.append(bought.break_offer, len(bought.offer_material) + np.arange(len(there))),
        break_low=np.append(bought.break_low, none),
        break_high=np.append(bought.break_high, np.array([row.units for row in there], dtype=float)),
        break_price=np.append(bought.break_price, worth),
    )
