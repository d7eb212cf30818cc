"""Which lanes cross a border, what is declared there, and by which rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jointplan.engine import Tables
from jointplan.errors import DataError
from jointplan.logistics.customs import Charges, DutyRule, ExportMode, charges, export_refund
from jointplan.logistics.freight import Tariff, read_tariffs
from jointplan.logistics.prices import SellingPrices, read_prices
from jointplan.logistics.rules import Rules
from jointplan.logistics.settings import LogisticsSettings
from jointplan.texts import tr

Floats = NDArray[np.float64]
Row = Mapping[str, Any]
NO_RULE = DutyRule(rate=0.0)
SIDES = ("length", "width", "height")


@dataclass(frozen=True)
class Goods:
    """Products as borders see them, arrays by product; money in the currency of the run.

    Parameters
    ----------
    sku, hs : tuple of str
        Codes.
    weight, volume : ndarray
        kg and m³ of a unit; 0 where unknown.
    sides : ndarray
        Length, width and height of a unit in cm, a row per product; NaN where unknown.
    prices : SellingPrices
        What they are sold for.
    purchase : ndarray
        What the maker is paid.
    """

    sku: tuple[str, ...]
    hs: tuple[str, ...]
    weight: Floats
    volume: Floats
    sides: Floats
    prices: SellingPrices
    purchase: Floats

    @cached_property
    def by_code(self) -> dict[str, NDArray[np.int64]]:
        """The products of each HS code."""
        found: dict[str, list[int]] = {}
        for n, code in enumerate(self.hs):
            found.setdefault(code, []).append(n)
        return {code: np.array(products, dtype=np.int64) for code, products in found.items()}


def read_goods(tables: Tables, settings: LogisticsSettings, worth: Mapping[str, float]) -> Goods:
    """Return the products of completed tables."""
    rows = tables["products"].to_pylist()
    currency = {row["firm"]: row["currency"] or "" for row in tables["firms"].to_pylist()}
    value = np.array([row["unit_value"] or 0.0 for row in rows], dtype=float)
    paid = [
        np.nan
        if row["transfer_price"] is None
        else row["transfer_price"] * worth.get(currency.get(row["maker"], ""), 1.0)
        for row in rows
    ]
    purchase = np.array(paid, dtype=float)
    return Goods(
        sku=tuple(row["sku"] for row in rows),
        hs=tuple(row["hs"] or "" for row in rows),
        weight=np.array([row["weight"] or 0.0 for row in rows], dtype=float),
        volume=np.array([row["volume"] or 0.0 for row in rows], dtype=float),
        sides=np.array([[row[side] for side in SIDES] for row in rows], dtype=float).reshape(-1, len(SIDES)),
        prices=read_prices(tables, worth),
        purchase=np.where(np.isnan(purchase), value * settings.purchase_share, purchase),
    )


@dataclass(frozen=True)
class Crossing:
    """What one lane does.

    Parameters
    ----------
    lane : mapping
        Its row.
    market : str
        Market whose rules hold at its end; empty where none do.
    duty, tax : bool
        Whether goods pay duty on it, and whether they are sold at its end in a market that taxes the sale.
    export : int
        1 where goods leave the country of origin, −1 where they come back to it, else 0.
    """

    lane: Row
    market: str
    duty: bool
    tax: bool
    export: int

    @property
    def parcel(self) -> bool:
        """Whether each unit is a consignment of its own."""
        return bool(self.lane["mode"] == "parcel")


def _site_countries(tables: Tables, market_country: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the country of each site, empty where it is not known, and the overseas warehouses of which none is given.

    Such a warehouse lies in the one country that lanes from it reach; where they reach none or several, it is not known.
    """
    found, unplaced = {}, []
    for row in tables["sites"].to_pylist() if "sites" in tables else ():
        found[row["site"]] = row["country"] or ""
        if not row["country"] and row["kind"] == "overseas_warehouse":
            ends = [lane["destination"] for lane in tables["lanes"].to_pylist() if lane["origin"] == row["site"]]
            reached = {market_country[end] for end in ends if end in market_country}
            found[row["site"]] = reached.pop() if len(reached) == 1 else ""
            unplaced.append(row["site"])
    return found, tuple(unplaced)


class Borders:
    """The borders of a cluster under the rules of one day; ``unplaced`` are the overseas warehouses of which no country is given."""

    def __init__(self, tables: Tables, rules: Rules, settings: LogisticsSettings, worth: Mapping[str, float]) -> None:
        self.rules, self.settings = rules, settings
        self.lanes = tables["lanes"].to_pylist()
        self.tariffs: dict[str, Tariff] = read_tariffs(tables["tariffs"].to_pylist(), worth)
        self.country = {row["market"]: row["country"] or "" for row in tables["markets"].to_pylist()}
        self.site, self.unplaced = _site_countries(tables, self.country)
        self.goods = read_goods(tables, settings, worth)
        self._sold_for: dict[str, Floats] = {}

    def crossing(self, lane: Row) -> Crossing:
        """Return what a lane does."""
        home = self.settings.origin
        here = self.site.get(lane["origin"]) or home
        if lane["destination"] in self.site:
            there = self.site[lane["destination"]]
            market = self._market_of(there)
        else:
            market = lane["destination"]
            there = self.country.get(market, "")
        union = self.rules.union
        crosses = here != there and not (here in union and there in union)
        known = bool(there) or market in self.rules.duties
        return Crossing(
            lane,
            market,
            duty=crosses and known and there != home,
            tax=lane["destination"] in self.country and lane["destination"] not in self.site and there != home,
            export=(here == home and there not in ("", home)) - (bool(there) and there == home and here != home),
        )

    def _market_of(self, country: str) -> str:
        """Return a market in a country, one with rules if there is one."""
        if not country:
            return ""
        there = [market for market, code in self.country.items() if code == country]
        return next((market for market in there if market in self.rules.duties), there[0] if there else "")

    def rule(self, crossing: Crossing, hs: str) -> DutyRule:
        """Return the rule for goods of an HS code; one that charges nothing where there is none."""
        return self.rules.duty(crossing.market, hs, self.settings.origin) or NO_RULE

    def ruled(self, crossing: Crossing, hs: str) -> bool:
        """Tell whether a rule is known for goods of an HS code."""
        return self.rules.duty(crossing.market, hs, self.settings.origin) is not None

    def declared(self, crossing: Crossing, rule: DutyRule, product: NDArray[np.int64]) -> Floats:
        """Return the value declared of a unit: its price in the market, without tax, where it is sold, else what the maker is paid."""
        if not crossing.tax:
            return self.goods.purchase[product]
        if crossing.market not in self._sold_for:
            self._sold_for[crossing.market] = self.goods.prices.in_market(crossing.market)
        tax = rule.vat if self.settings.prices_include_tax else 0.0
        return np.asarray(self._sold_for[crossing.market][product] / (1.0 + tax))

    def declared_by(self, crossing: Crossing, rule: DutyRule, product: int) -> str:
        """Return in words what the value declared of a unit rests on."""
        if not crossing.tax:
            return tr("what the maker is paid")
        price, said = self.goods.prices.of(self.goods.sku[product], crossing.market)
        if self.settings.prices_include_tax and rule.vat:
            return tr("{price} less the tax in it ({price_of})", price=f"{price:,.2f}", price_of=said)
        return said

    def pay(
        self,
        crossing: Crossing,
        rule: DutyRule,
        value: Floats,
        freight: Floats,
    ) -> Charges:
        """Return what consignments pay of duty, tax and clearing; goods for a warehouse have their VAT back."""
        if not (crossing.duty or crossing.tax):
            rule = NO_RULE
        elif not crossing.duty:
            rule = DutyRule(base="fob", vat=rule.vat, authority=rule.authority)
        paid = charges(rule, value, freight=freight, insurance=self.settings.insurance * value)
        if not crossing.tax:
            paid = replace(paid, vat=np.zeros_like(paid.vat))
        return paid

    def once_per_load(self, crossing: Crossing, rule: DutyRule) -> float:
        """Return what a load pays once, whatever is in it: clearing, and a tariff item's fixed charge where no threshold limits it to less."""
        fixed = replace(rule, rate=0.0, per_item=0.0 if rule.threshold > 0 else rule.per_item, threshold=0.0)
        paid = self.pay(crossing, fixed, np.zeros(1), np.zeros(1))
        vat = paid.vat if self.settings.prices_include_tax else 0.0
        return float((paid.per_item + vat + paid.clearing)[0])

    def mode_code(self, crossing: Crossing) -> str:
        """Return the code of the export mode of a lane; empty where it has none or no border of the country of origin is crossed.

        Raises
        ------
        DataError
            If no rule of that code is known on any day.
        """
        code = str(crossing.lane["export_mode"] or self.settings.export_mode)
        if not code or not crossing.export:
            return ""
        if code not in self.rules.known_modes:
            raise DataError(
                tr("The export mode {code} of the lane {lane} is not known.", code=code, lane=crossing.lane["lane"]),
                tr('Add it to the table export_modes, or set logistics.rules = "built_in".'),
            )
        return code

    def mode(self, crossing: Crossing) -> ExportMode | None:
        """Return the export mode of a lane; None where it has none, or none that holds on the day."""
        return self.rules.modes.get(self.mode_code(crossing))

    def refund(self, crossing: Crossing, product: NDArray[np.int64], value: Floats) -> Floats:
        """Return the export refund of a unit declared at a value; negative where goods come back, 0 above the limit of the mode."""
        mode = self.mode(crossing)
        if mode is None:
            return np.zeros(len(product))
        return np.where(mode.admits(value), export_refund(mode, self.goods.purchase[product]), 0.0) * crossing.export
