"""One landed cost, line by line, each with the rule it comes from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from jointplan.engine import Tables
from jointplan.errors import UsageError
from jointplan.logistics.assumed import Assumed
from jointplan.logistics.crossing import Borders, Crossing
from jointplan.logistics.customs import DutyRule
from jointplan.logistics.fees import channel_fees
from jointplan.logistics.freight import Charge, Tariff
from jointplan.logistics.rules import rules_on
from jointplan.logistics.settings import LogisticsSettings
from jointplan.logistics.stage import fill_tariffs
from jointplan.texts import argument, near, tr

Row = Mapping[str, Any]
LONGEST = 4  # lanes of a route
NOTHING_ASSUMED = Assumed()

KINDS = ("freight", "handling", "insurance", "duty", "per_item", "vat", "clearing", "channel_fee", "refund", "total")


@dataclass(frozen=True)
class Line:
    """One line of a landed cost.

    Parameters
    ----------
    line : str
        One of :data:`KINDS`.
    lane : str
        Lane it arises on; empty for the whole.
    amount : float
        For the whole quantity, in the currency of the run; a refund is negative.
    rule : str
        How it was counted, in words.
    source : str
        Where the rule comes from.
    unknown : str
        What is not known and counted as nothing, and whom to ask for what; empty where the rule is known.
    assumed : tuple of str
        What in it is fitted or assumed, not given; empty where nothing is.
    """

    line: str
    lane: str
    amount: float
    rule: str
    source: str
    unknown: str = ""
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True)
class LandedCost:
    """What it costs to bring a quantity of a product to a market.

    Parameters
    ----------
    sku, market : str
        Product and market.
    quantity : float
        Units.
    on : date
        Day whose rules are taken.
    currency : str
        Currency of the amounts.
    route : tuple of str
        Lanes, in order.
    lines : tuple of Line
        The last is the total.
    """

    sku: str
    market: str
    quantity: float
    on: date
    currency: str
    route: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def total(self) -> float:
        """Everything together."""
        return self.lines[-1].amount

    @property
    def unknown(self) -> tuple[str, ...]:
        """What is not known, and whom to ask for what."""
        return tuple(dict.fromkeys(line.unknown for line in self.lines if line.unknown))

    @property
    def assumed(self) -> tuple[str, ...]:
        """What is fitted or assumed, not given."""
        return tuple(dict.fromkeys(said for line in self.lines for said in line.assumed))

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for ``--json``."""
        return {
            "sku": self.sku,
            "market": self.market,
            "quantity": self.quantity,
            "date": self.on.isoformat(),
            "currency": self.currency,
            "route": list(self.route),
            "lines": [
                {
                    "line": line.line,
                    "lane": line.lane,
                    "amount": round(line.amount, 4),
                    "per_unit": round(line.amount / self.quantity, 4),
                    "rule": line.rule,
                    "source": line.source,
                    "assumed": list(line.assumed),
                }
                for line in self.lines
            ],
            "assumed": list(self.assumed),
            "unknown": list(self.unknown),
            "total": round(self.total, 4),
            "per_unit": round(self.total / self.quantity, 4),
        }


def landed_cost(
    tables: Tables,
    settings: LogisticsSettings,
    *,
    sku: str,
    market: str,
    on: date,
    currency: str,
    worth: Mapping[str, float],
    lane: str | None = None,
    quantity: float = 1.0,
    seller: str | None = None,
    assumed: Assumed = NOTHING_ASSUMED,
) -> LandedCost:
    """Explain what it costs to bring a product to a market, by the cheapest route or over one lane.

    On parcel lanes each unit is a consignment of its own, as in the plan, so the quantity is whole there; on others the
    quantity is one.

    Parameters
    ----------
    tables : Tables
        Completed tables.
    settings : LogisticsSettings
        Which rules hold.
    sku, market : str
        Product and market.
    on : date
        Day whose rules are taken.
    currency : str
        Currency of the run.
    worth : mapping
        What one unit of each currency is worth in it.
    lane : str, optional
        A lane the route must take.
    quantity : float
        Units.
    seller : str, optional
        Firm whose channels' fees are counted; all sellers' by default.
    assumed : Assumed
        What of the tables is fitted or assumed: it is marked.

    Raises
    ------
    UsageError
        If product, market, lane or seller is not known, no route leads there, or part of a unit would go by parcel.
    DataError
        If a container cannot hold a unit, or a rule's currency has no rate.
    """
    if quantity <= 0:
        raise UsageError(tr("The quantity must be above 0."), tr("Write the number of units, such as 100."))
    refuse_strangers(tables, sku=sku, market=market, firm=seller)
    rules = rules_on(on, tables, worth, built_in=settings.rules == "built_in")
    tariffs = fill_tariffs(tables["tariffs"], rules)
    if tariffs is not None:
        tables = tables.adding({"tariffs": tariffs})
    borders = Borders(tables, rules, settings, worth)
    lanes = [row["lane"] for row in borders.lanes]
    if lane is not None:
        _check(lane, lanes, tr("There is no lane {name}.", name=lane), tr("See the table lanes."))
    product = borders.goods.sku.index(sku)
    maker = {row["sku"]: row["maker"] for row in tables["products"].to_pylist()}[sku]
    routes = list(_routes(borders.lanes, maker, market))
    found = [route for route in routes if lane is None or any(leg["lane"] == lane for leg in route)]
    if not found:
        by = tr("No route leads from the maker of {sku} to {market}.", sku=sku, market=market)
        if lane is not None:
            by = tr("No route to {market} takes the lane {lane}.", market=market, lane=lane)
        raise UsageError(by, tr("Look at origins and destinations in the table lanes."))
    fee = channel_fees(tables, worth).of(market, seller, sku)
    sites = {row["site"]: row for row in (tables["sites"].to_pylist() if "sites" in tables else ())}
    costed = [_Route(borders, route, maker or "", product, quantity, sites, worth, assumed).lines() for route in found]
    best = min(range(len(found)), key=lambda n: (sum(line.amount for line in costed[n]), len(found[n])))
    _refuse_part_parcels(found[best], routes, sku, quantity)
    lines = costed[best]
    if fee is not None:
        price, known_from = borders.goods.prices.of(sku, market, seller)
        share = f"{100 * fee.share:.4g}%"  # as many digits as make the amount
        said = (
            tr(
                "{share} of the price {price} ({price_of}) and {fixed} a unit, weighted by the channels' sales",
                share=share, price=_money(price), price_of=known_from, fixed=_money(fee.fixed),
            )
            if fee.fixed
            else tr(
                "{share} of the price {price} ({price_of}), weighted by the channels' sales",
                share=share, price=_money(price), price_of=known_from,
            )
        )  # fmt: skip
        lines.append(Line("channel_fee", "", quantity * (fee.share * price + fee.fixed), said, tr("table fees")))
    total = sum(line.amount for line in lines)
    lines.append(Line("total", "", total, tr("The sum of the lines above."), ""))
    return LandedCost(sku, market, quantity, on, currency, tuple(leg["lane"] for leg in found[best]), tuple(lines))


def refuse_strangers(
    tables: Tables, *, sku: str | None = None, market: str | None = None, firm: str | None = None
) -> None:
    """Raise a usage error if a product, market or firm that is named is in no row of its table."""
    if sku is not None:
        known = tables["products"]["sku"].to_pylist()
        _check(sku, known, tr("There is no product {name}.", name=sku), tr("See the table products."))
    if market is not None:
        known = tables["markets"]["market"].to_pylist()
        _check(market, known, tr("There is no market {name}.", name=market), tr("See the table markets."))
    if firm is not None:
        known = tables["firms"]["firm"].to_pylist()
        _check(firm, known, tr("There is no firm {name}.", name=firm), tr("See the table firms."))


def _check(name: str, known: Sequence[str], message: str, otherwise: str) -> None:
    if name not in known:
        meant = near(name, known)
        raise UsageError(message, tr("Did you mean {near}?", near=meant) if meant else otherwise)


def _refuse_part_parcels(route: Sequence[Row], routes: Sequence[Sequence[Row]], sku: str, quantity: float) -> None:
    """Refuse a part of a unit on a route by parcel; the cure names a lane that only routes without parcels take."""
    parcel = next((leg["lane"] for leg in route if leg["mode"] == "parcel"), None)
    if parcel is None or not quantity % 1:
        return
    avoided = {leg["lane"] for legs in routes if any(leg["mode"] == "parcel" for leg in legs) for leg in legs}
    others = [leg["lane"] for legs in routes for leg in legs if leg["lane"] not in avoided]
    whole = math.ceil(quantity)
    raise UsageError(
        tr(
            "{quantity} of {sku} cannot go by parcel on the lane {lane}: each parcel holds one unit.",
            quantity=f"{quantity:g}", sku=sku, lane=parcel,
        ),
        tr(
            "Write a whole number of units, such as {whole}, or name a lane without parcels: --lane {lane}.",
            whole=whole, lane=argument(others[0]),
        )
        if others
        else tr("Write a whole number of units, such as {whole}.", whole=whole),
    )  # fmt: skip


def _routes(lanes: Sequence[Row], maker: str | None, market: str) -> Iterator[tuple[Row, ...]]:
    """Yield the routes from a maker to a market; without a maker, from every firm."""

    def leaves(lane: Row, place: str | None) -> bool:
        return bool(lane["origin"] == place or (place == maker and lane["origin"] == "*"))

    starts = {maker} if maker else {lane["origin"] for lane in lanes}
    pending: list[tuple[tuple[Row, ...], str | None]] = [((), start) for start in sorted(starts, key=str)]
    while pending:
        route, place = pending.pop()
        for lane in lanes:
            leaving = leaves(lane, place) if maker or route else lane["origin"] == place
            if not leaving or lane["destination"] in {leg["destination"] for leg in route}:
                continue
            longer = (*route, lane)
            if lane["destination"] == market:
                yield longer
            elif len(longer) < LONGEST:
                pending.append((longer, lane["destination"]))


class _Route:
    """Counts the lines of one route."""

    def __init__(
        self,
        borders: Borders,
        route: Sequence[Row],
        maker: str,
        product: int,
        quantity: float,
        sites: Mapping[str, Row],
        worth: Mapping[str, float],
        assumed: Assumed,
    ) -> None:
        self.borders, self.route, self.maker = borders, route, maker
        self.product, self.quantity = product, quantity
        self.sites, self.worth, self.assumed = sites, worth, assumed

    def lines(self) -> list[Line]:
        """Return the lines, the total apart."""
        return [line for lane in self.route for line in self._leg(self.borders.crossing(lane))]

    def _leg(self, crossing: Crossing) -> Iterator[Line]:
        borders, lane = self.borders, crossing.lane
        settings, at = borders.settings, np.array([self.product])
        freight, said = self._freight(crossing)
        tariff = borders.tariffs[lane["tariff"]]
        short, fitted = self.assumed.tariff(tariff.name)
        source = tr("table tariffs, {name}", name=tariff.name)
        if short:
            source = tr("table tariffs, {name}: {how}", name=tariff.name, how=short)
        notes = (fitted, self.assumed.goods("weight"), self.assumed.goods("volume"))
        yield Line("freight", lane["lane"], freight, said, source, assumed=tuple(note for note in notes if note))
        yield from self._handling(lane)
        rule = borders.rule(crossing, borders.goods.hs[self.product])
        consignments = self.quantity if crossing.parcel else 1.0
        units = self.quantity / consignments
        value = borders.declared(crossing, rule, at) * units
        if settings.insurance and (crossing.duty or crossing.export):
            said = tr(
                "{share} of the value {value}", share=f"{settings.insurance:.2%}", value=_money(value[0] * consignments)
            )
            amount = settings.insurance * float(value[0]) * consignments
            yield Line("insurance", lane["lane"], amount, said, tr("setting logistics.insurance"))
        if crossing.duty or crossing.tax:
            yield from self._border(crossing, rule, value, freight / consignments, consignments)
        if borders.mode_code(crossing):
            yield self._refund(crossing, rule)

    def _refund(self, crossing: Crossing, rule: DutyRule) -> Line:
        """Return what is refunded going out; what would be by a mode that does not hold on the day is not known."""
        borders, lane, at = self.borders, crossing.lane["lane"], np.array([self.product])
        mode = borders.mode(crossing)
        if mode is None:
            code, day = borders.mode_code(crossing), borders.rules.on.isoformat()
            said = tr("Mode {code} has no rule on {day}: no refund is counted", code=code, day=day)
            unknown = tr(
                "The refund of the export mode {code} on {day} is not known and counts as 0. Ask your customs broker by which mode the "
                "goods of the lane {lane} leave then, and what it refunds; write it into the table export_modes.",
                code=code, day=day, lane=lane,
            )  # fmt: skip
            return Line("refund", lane, 0.0, said, tr("table export_modes"), unknown)
        each = borders.declared(crossing, rule, at)
        amount = float(borders.refund(crossing, at, each)[0]) * self.quantity
        said = tr(
            "Mode {code}: {refund} of the VAT of {vat} in the price paid to the maker",
            code=mode.code,
            refund=f"{mode.refund:.0%}",
            vat=f"{mode.vat:.0%}",
        )
        parts = mode.declarations(float(each[0]), self.quantity)
        if not mode.admits(each)[0]:
            said = tr("Mode {code}: a unit is worth more than its limit, nothing is refunded", code=mode.code)
        elif parts > 1:
            limit = _money(mode.value_limit or 0.0)
            said = tr("{said}; in {n} declarations of at most {limit} each", said=said, n=parts, limit=limit)
        return Line("refund", lane, 0.0 - amount, said, mode.authority or tr("table export_modes"))

    def _handling(self, lane: Row) -> Iterator[Line]:
        """Yield what a factory takes for goods that leave on a lane, and any other place for those that come in, as in the plan."""
        volume = float(self.borders.goods.volume[self.product]) * self.quantity
        origin = self.maker if lane["origin"] == "*" else lane["origin"]
        for code, leaves in ((origin, True), (lane["destination"], False)):
            site = self.sites.get(code)
            if site is None or not site["handling_cost"] or leaves != (site["kind"] == "factory"):
                continue
            rate = self.worth.get(site["currency"] or "", 1.0)
            each, m3, where = _money(site["handling_cost"] * rate), self._measured("volume", volume), site["site"]
            said = (
                tr("{rate} for each of {m3} m³ that leave {site}", rate=each, m3=m3, site=where)
                if leaves
                else tr("{rate} for each of {m3} m³ that come in at {site}", rate=each, m3=m3, site=where)
            )
            if site["storage_cost"]:
                said = tr(
                    "{said}; each week that goods stay would cost {rate} a m³ more", said=said,
                    rate=_money(site["storage_cost"] * rate),
                )  # fmt: skip
            note = self.assumed.goods("volume")
            yield Line(
                "handling", lane["lane"], volume * site["handling_cost"] * rate, said, tr("table sites"),
                assumed=(note,) if note else (),
            )  # fmt: skip

    def _measured(self, column: str, number: float) -> str:
        """Return a weight or a volume, marked where it is assumed."""
        return tr("{number} (assumed)", number=f"{number:g}") if self.assumed.goods(column) else f"{number:g}"

    def _freight(self, crossing: Crossing) -> tuple[float, str]:
        """Return the freight of the quantity, and how it is counted."""
        borders, lane = self.borders, crossing.lane
        goods, tariff = borders.goods, borders.tariffs[lane["tariff"]]
        weight, volume = goods.weight[[self.product]], goods.volume[[self.product]]
        if crossing.parcel:
            sides = goods.sides[[self.product]]
            units = tariff.counted_parcel(weight, volume, sides)
            n, kg = f"{self.quantity:g}", self._measured("weight", weight[0])
            if tariff.basis == "kg" and not np.isnan(sides).any():
                said = tr(
                    "Parcels: {n}, of {kg} kg and {length} × {width} × {height} cm each, charged as {units} kg",
                    n=n, kg=kg, units=f"{units[0]:g}",
                    length=f"{sides[0, 0]:g}", width=f"{sides[0, 1]:g}", height=f"{sides[0, 2]:g}",
                )  # fmt: skip
            else:
                said = tr(
                    "Parcels: {n}, of {kg} kg and {m3} m³ each", n=n, kg=kg, m3=self._measured("volume", volume[0])
                )
            by_rate, minimum = (float(part[0]) for part in tariff.parcel_parts(units))
            charge, largest = max(by_rate, minimum) * self.quantity, float(units[0])
        else:
            load = tariff.load(float(weight[0]), float(volume[0]), self.quantity, goods.sku[self.product])
            by_rate, minimum, charge = load.by_rate, load.minimum, load.amount
            largest = self.quantity * float(tariff.counted(weight, volume)[0])
            said = self._loaded(tariff, load, float(weight[0]) * self.quantity, float(volume[0]) * self.quantity)
        if minimum > by_rate:
            said = tr(
                "{said}; the minimum charge of {minimum} instead of {less}",
                said=said, minimum=_money(minimum), less=_money(by_rate),
            )  # fmt: skip
        if largest > tariff.end:
            said = tr(
                "{said}; the last band ends at {end} {basis}, more is charged at its rate",
                said=said,
                end=f"{tariff.end:g}",
                basis=tariff.basis,
            )
        return charge, said

    def _loaded(self, tariff: Tariff, load: Charge, weight: float, volume: float) -> str:
        """Return what a load is charged for: as much as it is, a band above it, or whole containers."""
        kg, m3 = self._measured("weight", weight), self._measured("volume", volume)
        if tariff.basis == "container":
            return tr(
                "One load of {kg} kg and {m3} m³: {n} {n:container|containers, each} at {rate}",
                kg=kg, m3=m3, n=round(load.units), rate=_money(tariff.rate[0]),
            )  # fmt: skip
        said = tr("One load of {kg} kg and {m3} m³, charged {basis}", kg=kg, m3=m3, basis=_basis(tariff.basis))
        if load.otherwise is None:
            return said
        units = tr("{n} kg", n=f"{load.units:g}") if tariff.basis == "kg" else tr("{n} m³", n=f"{load.units:g}")
        return tr(
            "{said}; declared as {units}, where a cheaper band begins, instead of {own} as it is",
            said=said, units=units, own=_money(load.otherwise),
        )  # fmt: skip

    def _border(
        self, crossing: Crossing, rule: DutyRule, value: np.ndarray, freight: float, consignments: float
    ) -> Iterator[Line]:
        """Yield what is paid coming in: duty, fixed charge, tax and clearing."""
        paid = self.borders.pay(crossing, rule, value, np.array([freight]))
        lane, source = crossing.lane["lane"], rule.authority or tr("table duties")
        hs, day = self.borders.goods.hs[self.product], self.borders.rules.on.isoformat()
        ruled = self.borders.ruled(crossing, hs)
        if not ruled:
            source = tr("no rule is known")
        unknown = self._unknown(crossing, known=bool(paid.known[0]))
        customs = _money(float(paid.customs_value[0]))
        declared = tr(
            "declared at {value} a unit: {basis}",
            value=_money(float(self.borders.declared(crossing, rule, np.array([self.product]))[0])),
            basis=self.borders.declared_by(crossing, rule, self.product),
        )  # fmt: skip
        if crossing.duty:
            if not ruled:
                said = tr("Duty of {market} on {day} is not known and counted as 0", market=crossing.market, day=day)
            elif not paid.known[0] and not hs:
                said = tr("The product has no HS code: its rate is not known and counted as 0")
            elif not paid.known[0]:
                said = tr("The rate for HS code {hs} is not known and counted as 0", hs=hs)
            elif rule.threshold > 0 and value[0] <= rule.threshold:
                said = tr(
                    "No duty by rate: the goods of {value} are not above {threshold}",
                    value=_money(float(value[0])),
                    threshold=_converted(rule.threshold, rule),
                )
                if not crossing.parcel:
                    said = tr("{said}; plans take loads to be above it", said=said)
            else:
                said = tr(
                    "{rate} of the customs value {value} ({base})",
                    rate=f"{rule.rate or 0.0:.2%}",
                    value=customs,
                    base=rule.base.upper(),
                )
            said = tr("{said}; {declared}", said=said, declared=declared)
            yield Line("duty", lane, float(paid.duty[0]) * consignments, said, source, unknown)
            if paid.per_item[0]:
                said = tr(
                    "{amount} for the one tariff item of each consignment", amount=_converted(rule.per_item, rule)
                )
                yield Line("per_item", lane, float(paid.per_item[0]) * consignments, said, source)
        if crossing.tax:
            said = tr("{rate} of customs value and duty together", rate=f"{rule.vat:.1%}")
            amount = float(paid.vat[0]) * consignments
            ground = source
            if not self.borders.settings.prices_include_tax:
                said, amount = tr("Paid by the buyer on top of the price"), 0.0
                ground = tr("setting logistics.prices_include_tax")
            elif not ruled:
                said = tr("Tax of {market} on {day} is not known and counted as 0", market=crossing.market, day=day)
            elif not crossing.duty:
                said = tr("{said}; {declared}", said=said, declared=declared)
            yield Line("vat", lane, amount, said, ground, unknown if not crossing.duty else "")
        if paid.clearing[0]:
            said = tr("For each consignment; there are {n}", n=f"{consignments:g}")
            yield Line("clearing", lane, float(paid.clearing[0]) * consignments, said, source)

    def _unknown(self, crossing: Crossing, *, known: bool) -> str:
        """Return what is not known at a border and what to ask the broker, or nothing."""
        place, hs, day = crossing.market, self.borders.goods.hs[self.product], self.borders.rules.on.isoformat()
        ruled = self.borders.ruled(crossing, hs)
        ended = self.borders.rules.last_day(place, hs, self.borders.settings.origin)
        if not ruled and ended:
            return tr(
                "Duty, tax and clearing of {market} on {day} are not known and count as 0: the row of the table duties that fits ended on "
                "{ended}. Ask your customs broker what holds since, and add it as a row of its own.",
                market=place, day=day, ended=ended.isoformat(),
            )  # fmt: skip
        if not ruled and not hs:
            return tr(
                "{sku} has no HS code, and duty, tax and clearing of {market} on {day} are not known: they count as 0. Ask your customs broker "
                "for the code, its rate, whether it is on CIF or FOB, the values below which none is due, and the tax on imports; "
                "write them into the tables products and duties.",
                sku=self.borders.goods.sku[self.product],
                market=place,
                day=day,
            )
        if not ruled:
            return tr(
                "Duty, tax and clearing of {market} on {day} are not known and count as 0. Ask your customs broker for the rate of HS code "
                "{hs}, whether it is on CIF or FOB, the values below which none is due, and the tax on imports; write them into "
                "the table duties.",
                market=place,
                day=day,
                hs=hs,
            )
        if known or not crossing.duty:
            return ""
        if not hs:
            return tr(
                "{sku} has no HS code, so its duty in {market} is not known and counts as 0. Ask your customs broker for the code; "
                "write it into the table products, column hs.",
                sku=self.borders.goods.sku[self.product],
                market=place,
            )
        return tr(
            "The duty rate of HS code {hs} in {market} is not known and counts as 0. Ask your customs broker for it; write it into the "
            "table duties.",
            hs=hs,
            market=place,
        )


def _basis(name: str) -> str:
    """Return what a tariff counts, in words."""
    return {
        "kg": tr("by chargeable weight"),
        "m3": tr("by volume"),
        "order": tr("by the order"),
    }[name]


def _converted(amount: float, rule: DutyRule) -> str:
    """Return an amount of a rule, and the amount and the rate it was converted from."""
    if not rule.given_currency or rule.exchange_rate == 1:
        return _money(amount)
    return tr(
        "{amount} ({given} {currency} at {rate})",
        amount=_money(amount), given=_money(amount / rule.exchange_rate), currency=rule.given_currency,
        rate=f"{rule.exchange_rate:g}",
    )  # fmt: skip


def _money(amount: float) -> str:
    return f"{amount:,.2f}"
