"""From tables to the planning problem: with results.py, the only place of this room that touches columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from jointplan.engine import Tables
from jointplan.planning.buying import usual_prices
from jointplan.planning.problem import (
    NO_MATERIALS,
    NO_OPENING,
    Bands,
    Certificates,
    ClusterProblem,
    Containers,
    Credit,
    Entries,
    Floats,
    Ints,
    Materials,
    Opening,
    Sites,
    Spaces,
    Terms,
)
from jointplan.planning.settings import PlanSettings

WEEKS_PER_YEAR = 52.0


@dataclass(frozen=True)
class Money:
    """Rates into the currency of the run.

    Parameters
    ----------
    currency : str
        Currency of the run.
    rates : dict of str to float
        Worth of one unit of each other currency.
    """

    currency: str
    rates: dict[str, float]

    def rate(self, currency: Any) -> float:
        """Return what one unit is worth; blank means the currency of the run."""
        if not isinstance(currency, str) or currency in ("", self.currency):
            return 1.0
        return self.rates[currency]


def exchange_rates(tables: Tables, currency: str, on: date) -> Money:
    """Return the latest rates on or before a day, else the earliest there is."""
    rates: dict[str, float] = {}
    if "fx" in tables:
        fx = tables.frame("fx").sort_values("date")
        for code, rows in fx.groupby("currency"):
            known = rows[rows["date"] <= pd.Timestamp(on)]
            rates[str(code)] = float((known if len(known) else rows.head(1))["rate"].iloc[-1])
    return Money(currency, rates)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class _Routes:
    product: Ints
    firm: Ints
    group: Ints
    making: Floats
    material: Floats
    transfer: Floats
    batch: Floats
    setup_cost: Floats
    use_route: Ints
    use_resource: Ints
    use_hours: Floats
    use_setup: Floats
    groups: list[tuple[int, int]]
    group_cost: Floats
    majors: list[tuple[int, int, float]]
    resources: list[tuple[int, str]]
    resource_cost: Floats
    materials: Materials


def build_problem(
    tables: Tables,
    settings: PlanSettings,
    demand: pd.DataFrame,
    *,
    money: Money,
    start: date,
    weeks: int,
    opening: bool,
    potential: pd.DataFrame,
    entry_costs: dict[str, float],
) -> ClusterProblem:
    """Build the planning problem.

    Parameters
    ----------
    tables : Tables
        Completed tables (see :func:`jointplan.planning.defaults.complete_tables`).
    settings : PlanSettings
        Costs and rules.
    demand : DataFrame
        The **demand** table: week, sku, market, seller, quantity, price.
    money : Money
        Rates into the currency of the run.
    start : date
        Monday of the first week.
    weeks : int
        Weeks planned.
    opening : bool
        Whether the **stock** table is what lies there at the start.
    potential, entry_costs : DataFrame, dict of str to float
        What could be sold in markets not yet entered (columns as demand), and what entering each costs.
    """
    hub_cost = _hub_cost(settings, demand, weeks)
    if entry_costs:
        demand = pd.concat([demand, potential], ignore_index=True)
    firms, products = tables.frame("firms"), tables.frame("products")
    sites = tables.frame("sites") if "sites" in tables else pd.DataFrame(columns=["site"])
    markets = tables.frame("markets")
    firm_of = {f: n for n, f in enumerate(firms["firm"])}
    owner_names = [_text(o) or f for o, f in zip(firms["owner"], firms["firm"], strict=True)]
    owners = tuple(dict.fromkeys(owner_names))
    firm_owner = np.array([owners.index(o) for o in owner_names], dtype=np.int64)
    products = products[products["sku"].isin(_planned_skus(tables, demand, opening))].reset_index(drop=True)
    sku_of = {s: n for n, s in enumerate(products["sku"])}
    families = tuple(dict.fromkeys(_text(f) for f in products["family"]))
    node_of = firm_of | {s: len(firm_of) + n for n, s in enumerate(sites["site"])}
    market_of = {m: n for n, m in enumerate(markets["market"])}
    maker = np.array([firm_of.get(_text(m), -1) for m in products["maker"]], dtype=np.int64)

    series = demand.groupby(["sku", "market", "seller"], sort=True)
    keys = list(series.groups)
    price = np.array([float(np.average(g["price"], weights=g["quantity"])) for _, g in series]) if keys else np.zeros(0)
    number = {key: s for s, key in enumerate(keys)}
    wanted = np.zeros((len(keys), weeks))
    week = ((demand["week"] - pd.Timestamp(start)).dt.days // 7).to_numpy()
    at = [number[key] for key in zip(demand["sku"], demand["market"], demand["seller"], strict=True)]
    np.add.at(wanted, (np.array(at, dtype=np.int64), week), demand["quantity"].to_numpy(float))
    sellers_of: dict[str, set[int]] = {}
    for sku, _, seller in keys:
        sellers_of.setdefault(sku, set()).add(firm_of[seller])

    bills = _bills(tables, settings, products, money)
    routes = _routes(tables, settings, products, families, firm_of, firms, maker, bills, sellers_of, money)
    materials = routes.materials
    bought = materials.need_units * materials.least[materials.need_material]
    unit_cost = np.full(len(products), np.inf)
    np.minimum.at(
        unit_cost,
        routes.product,
        routes.making + routes.material + np.bincount(materials.need_route, bought, len(routes.product)),
    )
    unit_cost = np.where(np.isfinite(unit_cost), unit_cost, 0.0)
    regular, overtime = _capacity(tables, routes.resources, firm_of, firms, start, weeks)
    origins = sorted({int(f) for f in routes.firm})
    lanes = _lanes(tables, products, node_of, market_of, origins, money)
    site_rate = np.array([money.rate(c) for c in sites["currency"]]) if len(sites) else np.zeros(0)

    def per_node(column: str, blank: float, rate: Floats | float = 1.0) -> Floats:
        values = sites[column].to_numpy(float) if len(sites) else np.zeros(0)
        return np.concatenate([np.full(len(firm_of), blank), np.where(np.isnan(values), blank, values * rate)])

    opening_cost, throughput = per_node("opening_cost", 0.0, site_rate), per_node("throughput", np.inf)
    special = np.flatnonzero((opening_cost > 0) | np.isfinite(throughput))
    stock = _stock(tables, demand, node_of, sku_of, firm_of, firm_owner) if opening else NO_OPENING
    costs = settings.costs
    entries = _entries(keys, potential, entry_costs, market_of)
    waiting = np.zeros(len(keys), bool) if entries is None else entries.series >= 0
    return ClusterProblem(
        weeks=weeks,
        sku=tuple(products["sku"]),
        firm=tuple(firms["firm"]),
        owner=owners,
        node=tuple(node_of),
        lane=tuple(lanes.names),
        market=tuple(markets["market"]),
        resource=tuple(f"{firms['firm'].iloc[f]} {process}" for f, process in routes.resources),
        family=families,
        weight=products["weight"].to_numpy(float),
        volume=products["volume"].to_numpy(float),
        holding=unit_cost * costs.holding_rate / WEEKS_PER_YEAR,
        end_value=unit_cost,
        product_family=np.array([families.index(_text(f)) for f in products["family"]], dtype=np.int64),
        maker=maker,
        firm_owner=firm_owner,
        route_product=routes.product,
        route_firm=routes.firm,
        route_group=routes.group,
        route_making=routes.making,
        route_material=routes.material,
        route_transfer=routes.transfer,
        route_batch=routes.batch,
        setup_cost=np.repeat(routes.setup_cost[:, None], weeks, axis=1),
        use_route=routes.use_route,
        use_resource=routes.use_resource,
        use_hours=routes.use_hours,
        use_setup=routes.use_setup,
        group_firm=np.array([f for f, _ in routes.groups], dtype=np.int64),
        group_family=np.array([g for _, g in routes.groups], dtype=np.int64),
        group_cost=routes.group_cost,
        major_group=np.array([g for g, _, _ in routes.majors], dtype=np.int64),
        major_resource=np.array([m for _, m, _ in routes.majors], dtype=np.int64),
        major_hours=np.array([h for _, _, h in routes.majors], dtype=float),
        resource_firm=np.array([f for f, _ in routes.resources], dtype=np.int64),
        regular=regular,
        overtime=overtime,
        overtime_cost=routes.resource_cost * settings.making.overtime_premium,
        node_storage=per_node("storage_cost", 0.0, site_rate),
        node_handling=per_node("handling_cost", 0.0, site_rate),
        node_capacity=per_node("capacity", np.inf),
        lane_origin=lanes.origin,
        lane_node=lanes.node,
        lane_market=lanes.market,
        lane_weeks=lanes.weeks,
        lane_mode=tuple(lanes.mode),
        unit_freight=lanes.unit_freight,
        basis=lanes.basis,
        bands=lanes.bands,
        containers=lanes.containers,
        series_product=np.array([sku_of[k[0]] for k in keys], dtype=np.int64),
        series_market=np.array([market_of[k[1]] for k in keys], dtype=np.int64),
        series_seller=np.array([firm_of[k[2]] for k in keys], dtype=np.int64),
        demand=wanted,
        price=price,
        late_cost=price * costs.late_share,
        # What is not sold in a market that is not entered is lost by nobody.
        goodwill=np.where(waiting, 0.0, price * costs.goodwill_share + costs.unmet_cost),
        late_weeks=costs.late_weeks,
        opening=NO_OPENING,
        hub_cost=hub_cost,
        border=_border(tables, lanes.names, tuple(products["sku"])),
        sites=Sites(special, opening_cost[special], throughput[special]),
        spaces=lanes.spaces,
        certificates=_certificates(tables, routes, products, firms, market_of, start, weeks),
        terms=_terms(tables, routes.resources, owners, firm_of, firm_owner, market_of),
        materials=materials,
        entries=entries,
        credit=_credit(tables, settings, keys, firm_of, firm_owner, money, start, weeks),
    ).with_opening(stock)


def _entries(
    keys: list[tuple[str, str, str]], potential: pd.DataFrame, costs: dict[str, float], market_of: dict[str, int]
) -> Entries | None:
    """Return the markets to be entered, and which series, by (sku, market, seller), wait for one."""
    if not costs:
        return None
    waits = set(zip(potential["sku"], potential["market"], potential["seller"], strict=True))
    number = {market: e for e, market in enumerate(costs)}
    return Entries(
        np.array([market_of[name] for name in costs], dtype=np.int64),
        np.array(list(costs.values())),
        np.array([number[key[1]] if key in waits else -1 for key in keys], dtype=np.int64),
    )


def _credit(
    tables: Tables,
    settings: PlanSettings,
    keys: list[tuple[str, str, str]],
    firm_of: dict[str, int],
    firm_owner: Ints,
    money: Money,
    start: date,
    weeks: int,
) -> Credit | None:
    """Return who is short of money; an owner has what its firms have together.

    A sale is paid for after the days its seller's channels take in that market, weighted by what was sold through each; what was sold
    before the first week and is not yet paid for comes in then.
    """
    if "credit" not in tables or not tables["credit"].num_rows:
        return None
    rows = tables.frame("credit")
    firms = tables.frame("firms", "firm", "currency").set_index("firm")["currency"]
    rate = rows["firm"].map(firms).map(money.rate)
    owner = np.array([firm_owner[firm_of[firm]] for firm in rows["firm"]], dtype=np.int64)
    owners = np.unique(owner)
    waits = _receipt_weeks(tables)
    due = np.zeros((len(owners), weeks))
    weekly = tables.frame("weekly", "week", "market", "seller", "revenue")
    age = (pd.Timestamp(start) - weekly["week"]).dt.days.to_numpy() // 7
    for weeks_ago, market, seller, revenue in zip(
        age, weekly["market"], weekly["seller"], weekly["revenue"], strict=True
    ):
        comes = waits.get((market, seller), 0) - int(weeks_ago)
        if weeks_ago > 0 and 0 <= comes < weeks:
            due[owners == firm_owner[firm_of[seller]], comes] += revenue
    return Credit(
        owner=owners,
        cash=np.bincount(np.searchsorted(owners, owner), (rows["cash"] * rate).to_numpy(float), len(owners)).astype(
            float
        ),
        limit=np.bincount(np.searchsorted(owners, owner), (rows["limit"] * rate).to_numpy(float), len(owners)).astype(
            float
        ),
        due=due,
        rate=settings.costs.borrowing_rate,
        receipt_weeks=np.array([waits.get((market, seller), 0) for _, market, seller in keys], dtype=np.int64),
    )


def _receipt_weeks(tables: Tables) -> dict[tuple[str, str], int]:
    """Return after how many weeks a seller's sales in a market are paid for."""
    if "fees" not in tables or "sales" not in tables:
        return {}
    fees = tables.frame("fees")
    days = {
        (channel, _text(market)): float(wait)
        for channel, market, wait in zip(fees["channel"], fees["market"], fees["settle_days"], strict=True)
    }
    sold = tables["sales"].group_by(["channel", "market", "seller"]).aggregate([("quantity", "sum")]).to_pandas()
    sold["days"] = [
        days.get((channel, market), days.get((channel, ""), 0.0))
        for channel, market in zip(sold["channel"], sold["market"], strict=True)
    ]
    sold["weighted"] = sold["days"] * sold["quantity_sum"]
    sums = sold.groupby(["market", "seller"])[["weighted", "quantity_sum"]].sum()
    mean = sums["weighted"] / sums["quantity_sum"]
    return {key: int(wait / 7 + 0.5) for key, wait in mean.items()}


def _planned_skus(tables: Tables, demand: pd.DataFrame, opening: bool) -> set[str]:
    skus = set(demand["sku"])
    if "recorded" in tables:
        skus |= set(tables.frame("recorded", "sku")["sku"])
    if "approved" in tables:
        skus |= set(tables.frame("approved", "sku")["sku"])
    if opening and "stock" in tables:
        skus |= set(tables.frame("stock", "sku")["sku"])
    return skus


@dataclass(frozen=True)
class _Bills:
    """What goes into a product besides work: money (I,), and units of materials whose price depends on the order.

    ``materials`` lacks the needs of routes, which follow from ``needs`` (product, material, units).
    """

    cost: Floats
    needs: list[tuple[int, int, float]]
    materials: Materials


def _bills(tables: Tables, settings: PlanSettings, products: pd.DataFrame, money: Money) -> _Bills:
    """Read bills of materials and where materials are bought; without a full bill, a share of the product's value."""
    fallback: Floats = products["unit_value"].to_numpy(float) * settings.making.material_share
    if "materials" not in tables or "sources" not in tables:
        return _Bills(fallback, [], NO_MATERIALS)
    sources = tables.frame("sources")
    sources["cost"] *= sources["currency"].map(money.rate)
    sources = sources.sort_values(["material", "supplier", "from_quantity"], kind="stable")
    new = sources["status"].eq("new")
    # Where nobody buys yet, the new sources are all there is.
    sources["new"] = new & ~new.groupby(sources["material"]).transform("all")
    by_offer = sources.groupby(["material", "supplier"])
    simple = (by_offer["cost"].transform("size") == 1) & ~sources["new"]
    simple &= (sources["minimum"] == 0) & (sources["multiple"] == 0) & (sources["from_quantity"] == 0)
    plain = simple.groupby(sources["material"]).all()
    least = sources.groupby("material")["cost"].min()

    bill = tables.frame("materials")
    whose = ["sku" if _text(sku) else "family" for sku in bill["sku"]]
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for kind, sku, family, material, quantity in zip(
        whose, *(bill[c] for c in ("sku", "family", "material", "quantity")), strict=True
    ):
        listed = rows.setdefault((kind, sku if kind == "sku" else _text(family)), {})
        listed[material] = listed.get(material, 0.0) + float(quantity)

    priced = [m for m in plain.index if not plain[m]]
    number = {m: u for u, m in enumerate(priced)}
    cost, needs = fallback.copy(), []
    for i, (sku, family) in enumerate(zip(products["sku"], products["family"], strict=True)):
        mine = rows.get(("sku", sku)) or rows.get(("family", _text(family))) or {}
        if not mine or any(m not in least.index for m in mine):
            continue
        cost[i] = sum(quantity * least[m] for m, quantity in mine.items() if m not in number)
        needs += [(i, number[m], quantity) for m, quantity in mine.items() if m in number]
    return _Bills(cost, needs, _offers(sources[sources["material"].isin(priced)], priced, least, settings))


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
        origin=tuple(_text(origin) for origin in heads["origin"]),
        offer_material=np.array([number[m] for m in heads.index.get_level_values("material")], dtype=np.int64),
        offer_weeks=np.floor(heads["lead_days"].to_numpy(float) / 7 + 0.5).astype(np.int64),
        offer_new=heads["new"].to_numpy(bool),
        offer_minimum=offers["minimum"].max().to_numpy(float),
        offer_multiple=offers["multiple"].max().to_numpy(float),
        break_offer=offer,
        break_low=low,
        break_high=np.where(last, np.inf, following[: len(low)]),
        break_price=sources["cost"].to_numpy(float),
    )


def _routes(
    tables: Tables,
    settings: PlanSettings,
    products: pd.DataFrame,
    families: tuple[str, ...],
    firm_of: dict[str, int],
    firms: pd.DataFrame,
    maker: Ints,
    bills: _Bills,
    sellers_of: dict[str, set[int]],
    money: Money,
) -> _Routes:
    """Find who can make what: a firm with a capability for every process of the product's routing."""
    operations = tables.frame("operations").sort_values("step")
    own_steps: dict[str, list[tuple[str, float]]] = {}
    family_steps: dict[str, list[tuple[str, float]]] = {}
    for sku, family, process, hours in zip(
        *(operations[c] for c in ("sku", "family", "process", "hours")), strict=True
    ):
        target = own_steps if _text(sku) else family_steps
        target.setdefault(_text(sku) or _text(family), []).append((process, float(hours)))

    capabilities = tables.frame("capabilities")
    rate = capabilities["firm"].map(dict(zip(firms["firm"], firms["currency"].map(money.rate), strict=True)))
    for column in ("cost_per_hour", "major_setup_cost", "minor_setup_cost"):
        capabilities[column] = capabilities[column] * rate
    rows: dict[tuple[str, str], dict[tuple[str, str], Any]] = {}
    for row in capabilities.rename(columns={"yield": "good"}).itertuples():
        rows.setdefault((row.process, row.firm), {})[_text(row.family), _text(row.sku)] = row
    firms_of: dict[str, list[str]] = {}
    for process, firm in rows:
        firms_of.setdefault(process, []).append(firm)

    decided: dict[str, list[str]] = {}
    if "approved" in tables:
        for sku, firm in zip(*(tables.frame("approved")[c] for c in ("sku", "firm")), strict=True):
            decided.setdefault(sku, []).append(firm)
    owner_of = {f: _text(o) or f for f, o in zip(firms["firm"], firms["owner"], strict=True)}
    hours_of = tables.frame("capacity").groupby(["firm", "process"])["hours"].max().to_dict()

    def capability(firm: str, process: str, family: str, sku: str) -> Any:
        found = rows.get((process, firm), {})
        for key in ((family, sku), ("", sku), (family, ""), ("", "")):
            if key in found:
                return found[key]
        return None

    out: dict[str, list[Any]] = {
        k: [] for k in ("product", "firm", "group", "making", "material", "transfer", "batch", "setup",
                        "use_route", "use_resource", "use_hours", "use_setup")
    }  # fmt: skip
    needs: list[tuple[int, int, float]] = []
    bought_in: dict[int, list[tuple[int, float]]] = {}
    usual_price = usual_prices(bills.materials)
    usual: dict[int, float] = {}
    for i, u, units in bills.needs:
        bought_in.setdefault(i, []).append((u, units))
        usual[i] = usual.get(i, 0.0) + units * usual_price[u]
    resources: dict[tuple[int, str], int] = {}
    resource_cost: list[float] = []
    groups: dict[tuple[int, int], int] = {}
    majors: dict[tuple[int, int], tuple[float, float]] = {}
    for i, (sku, family, transfer, value) in enumerate(
        zip(products["sku"], products["family"], products["transfer_price"], products["unit_value"], strict=True)
    ):
        if maker[i] < 0:
            for seller in sorted(sellers_of.get(sku, ())):
                bought = value * settings.making.bought_share if np.isnan(transfer) else transfer
                for name, item in (("product", i), ("firm", seller), ("group", -1), ("making", 0.0), ("material", bought),
                                   ("transfer", 0.0), ("batch", 0.0), ("setup", 0.0)):  # fmt: skip
                    out[name].append(item)
            continue
        steps = own_steps.get(sku) or family_steps.get(family) or []
        if not steps:
            continue
        able: dict[str, list[Any]] = {}
        for firm in firms_of.get(steps[0][0], []):
            found = [capability(firm, process, family, sku) for process, _ in steps]
            if all(row is not None for row in found):
                able[firm] = found
        likely = _candidates(
            able, steps, owner_of, firms["firm"].iloc[maker[i]], hours_of, settings.making.other_makers
        )
        for firm in dict.fromkeys([*likely, *(f for f in decided.get(sku, ()) if f in able)]):
            found = able[firm]
            r, f = len(out["product"]), firm_of[firm]
            group = groups.setdefault((f, families.index(family)), len(groups))
            good, making = 1.0, 0.0
            for (process, hours), row in reversed(list(zip(steps, found, strict=True))):
                good *= row.good
                need = hours * row.hours_factor / good
                making += need * row.cost_per_hour
                m = resources.setdefault((f, process), len(resources))
                if m == len(resource_cost):
                    resource_cost.append(float(row.cost_per_hour))
                for name, item in (("use_route", r), ("use_resource", m), ("use_hours", need),
                                   ("use_setup", row.minor_setup_hours)):  # fmt: skip
                    out[name].append(item)
                resource_cost[m] = max(resource_cost[m], float(row.cost_per_hour))
                # A change of family is the family's: a row of one product does not speak for it, unless no other does.
                change = capability(firm, process, family, "") or row
                # Workers are paid while they change over.
                price = float(change.major_setup_cost + change.major_setup_hours * change.cost_per_hour)
                known = majors.get((group, m), (0.0, 0.0))
                majors[group, m] = max(known[0], float(change.major_setup_hours)), max(known[1], price)
            unit_material = bills.cost[i] / good
            needs += [(r, u, units / good) for u, units in bought_in.get(i, ())]
            own_currency = money.rate(firms["currency"].iloc[maker[i]])
            price = (
                (making + unit_material + usual.get(i, 0.0) / good) * (1 + settings.making.transfer_margin)
                if np.isnan(transfer)
                else transfer * own_currency
            )
            setup = sum(row.minor_setup_cost + row.minor_setup_hours * row.cost_per_hour for row in found)
            for name, item in (("product", i), ("firm", f), ("group", group), ("making", making), ("material", unit_material),
                               ("transfer", price), ("batch", max(row.minimum_batch for row in found)), ("setup", setup)):  # fmt: skip
                out[name].append(item)

    group_cost = np.zeros(len(groups))
    for (group, _), (_, price) in majors.items():
        group_cost[group] += price

    def whole(name: str) -> Ints:
        return np.array(out[name], dtype=np.int64)

    def real(name: str) -> Floats:
        return np.array(out[name], dtype=float)

    return _Routes(
        whole("product"), whole("firm"), whole("group"), real("making"), real("material"), real("transfer"),
        real("batch"), real("setup"), whole("use_route"), whole("use_resource"), real("use_hours"), real("use_setup"),
        list(groups), group_cost, [(g, m, h) for (g, m), (h, _) in majors.items()], list(resources),
        np.array(resource_cost, dtype=float),
        replace(
            bills.materials,
            need_route=np.array([r for r, _, _ in needs], dtype=np.int64),
            need_material=np.array([u for _, u, _ in needs], dtype=np.int64),
            need_units=np.array([units for _, _, units in needs], dtype=float),
        ),
    )  # fmt: skip


def _candidates(
    able: dict[str, list[Any]],
    steps: list[tuple[str, float]],
    owner_of: dict[str, str],
    maker: str,
    hours_of: dict[tuple[str, str], float],
    others: int,
) -> list[str]:
    """Return the capable firms a product is considered for: its present maker's owner's, and the cheapest few others.

    Among equally cheap firms the roomiest come first.
    """

    def order(firm: str) -> tuple[float, float, str]:
        cost = sum(h * row.hours_factor * row.cost_per_hour for (_, h), row in zip(steps, able[firm], strict=True))
        room = min(hours_of.get((firm, process), 0.0) for process, _ in steps)
        return round(float(cost), 9), -room, firm

    home = [firm for firm in able if owner_of[firm] == owner_of[maker]]
    return home + sorted((firm for firm in able if owner_of[firm] != owner_of[maker]), key=order)[:others]


def _capacity(
    tables: Tables,
    resources: list[tuple[int, str]],
    firm_of: dict[str, int],
    firms: pd.DataFrame,
    start: date,
    weeks: int,
) -> tuple[Floats, Floats]:
    """Return regular and overtime hours, (M, T): the week's own row, else the row of every week, times the calendar."""
    number = {key: m for m, key in enumerate(resources)}
    usual, special = np.zeros((2, len(resources), weeks)), []
    for firm, process, week, hours, overtime in zip(
        *(tables.frame("capacity")[c] for c in ("firm", "process", "week", "hours", "overtime_hours")), strict=True
    ):
        m = number.get((firm_of[firm], process))
        if m is None:
            continue
        if pd.isna(week):
            usual[:, m, :] = np.array([hours, overtime])[:, None]
        else:
            t = (week - pd.Timestamp(start)).days // 7
            if 0 <= t < weeks:
                special.append((m, t, hours, overtime))
    for m, t, hours, overtime in special:
        usual[:, m, t] = hours, overtime
    if "calendar" in tables:
        region = [_text(firms["region"].iloc[f]) for f, _ in resources]
        share = np.ones((len(resources), weeks))
        calendar = tables.frame("calendar")
        general_first = calendar.sort_values("region", na_position="first")
        for name, week, value in zip(*(general_first[c] for c in ("region", "week", "share")), strict=True):
            t = (week - pd.Timestamp(start)).days // 7
            if 0 <= t < weeks:
                share[[m for m, r in enumerate(region) if not _text(name) or r == name], t] = value
        usual *= share
    return usual[0], usual[1]


@dataclass(frozen=True)
class _Lanes:
    names: list[str]
    origin: Ints
    node: Ints
    market: Ints
    weeks: Ints
    mode: list[str]
    unit_freight: Floats
    basis: Floats
    bands: Bands
    containers: Containers
    spaces: Spaces


def _lanes(
    tables: Tables,
    products: pd.DataFrame,
    node_of: dict[str, int],
    market_of: dict[str, int],
    origins: list[int],
    money: Money,
) -> _Lanes:
    """Return the lanes with their charges; a lane from every maker becomes one lane each."""
    weight, volume = products["weight"].to_numpy(float), products["volume"].to_numpy(float)
    names = list(node_of)
    tariffs: dict[str, list[Any]] = {}
    for row in tables.frame("tariffs").sort_values(["tariff", "from_quantity"]).itertuples():
        tariffs.setdefault(row.tariff, []).append(row)
    lane_rows: list[tuple[str, int, Any]] = []
    for row in tables.frame("lanes").itertuples():
        if row.origin == "*":
            lane_rows += [(f"{row.lane}@{names[f]}", f, row) for f in origins]
        elif row.origin in node_of:
            lane_rows.append((row.lane, node_of[row.origin], row))
    unit = np.zeros((len(lane_rows), len(weight)))
    basis = np.zeros_like(unit)
    bands: list[tuple[int, float, float, float, float]] = []
    boxes: list[tuple[int, float, float, float]] = []
    for n, (_, _, row) in enumerate(lane_rows):
        charges = tariffs[row.tariff]
        first = charges[0]
        rate = money.rate(first.currency)
        volumetric = 0.0 if np.isnan(first.volumetric) else first.volumetric
        measure = np.maximum(volume, weight / volumetric) if volumetric else volume
        counted = {"kg": np.maximum(weight, volume * volumetric), "m3": measure}.get(first.basis, np.ones_like(weight))
        if first.basis == "container":
            boxes.append((n, first.rate * rate, first.container_kg, first.container_m3))
        elif row.mode == "parcel":
            step = first.weight_step
            if first.basis == "kg" and step > 0:  # not so where it is blank
                counted = np.ceil(counted / step * (1 - 1e-9)) * step
            unit[n], basis[n] = _parcel_charge(charges, counted) * rate, counted
        elif first.basis == "order":
            bands.append((n, 0.0, np.inf, 0.0, first.rate * rate))
            basis[n] = counted
        elif len(charges) == 1 and first.minimum == 0:
            unit[n], basis[n] = counted * first.rate * rate, counted
        else:
            basis[n] = counted
            for band in charges:
                high = np.inf if np.isnan(band.to_quantity) else band.to_quantity
                bands.append((n, band.from_quantity, high, band.rate * rate, band.minimum * rate))
    band_columns = np.array(bands, dtype=float).reshape(-1, 5)
    box_columns = np.array(boxes, dtype=float).reshape(-1, 4)
    days = np.array([row.transit_days for _, _, row in lane_rows], dtype=float)
    space = np.array([row.space for _, _, row in lane_rows], dtype=float)
    limited = np.flatnonzero(~np.isnan(space))
    ends = [row.destination for _, _, row in lane_rows]
    return _Lanes(
        [name for name, _, _ in lane_rows],
        np.array([origin for _, origin, _ in lane_rows], dtype=np.int64),
        np.array([node_of.get(end, -1) for end in ends], dtype=np.int64),
        np.array([market_of.get(end, -1) if end not in node_of else -1 for end in ends], dtype=np.int64),
        np.floor(days / 7 + 0.5).astype(np.int64),
        [row.mode for _, _, row in lane_rows],
        unit,
        basis,
        Bands(band_columns[:, 0].astype(np.int64), *band_columns[:, 1:].T),
        Containers(box_columns[:, 0].astype(np.int64), *box_columns[:, 1:].T),
        Spaces(limited, space[limited]),
    )


def _border(tables: Tables, lanes: list[str], skus: tuple[str, ...]) -> Floats | None:
    """Return what a unit pays at the border on each lane, (L, I); None where nothing is counted."""
    if "landed_costs" not in tables:
        return None
    paid = tables.frame("landed_costs", "lane", "sku", "border").pivot(index="lane", columns="sku", values="border")
    # A lane from every maker is named after its origin too.
    known = paid.reindex(index=[name.rpartition("@")[0] if name not in paid.index else name for name in lanes])
    border: Floats = known.reindex(columns=list(skus)).fillna(0.0).to_numpy(float)
    return border


def _certificates(
    tables: Tables,
    routes: _Routes,
    products: pd.DataFrame,
    firms: pd.DataFrame,
    market_of: dict[str, int],
    start: date,
    weeks: int,
) -> Certificates:
    """Return what may be made for a market only for so long.

    A market that the table names is served by the firms and products it names there: a row with both speaks for that firm's
    making of that product. A certificate covers the weeks that end before it expires; of several the longest counts.
    """
    held: dict[str, dict[tuple[str, str], int]] = {}
    if "certificates" in tables:
        table = tables.frame("certificates")
        days = (pd.to_datetime(table["expiry"]) - pd.Timestamp(start)).dt.days + 1
        covered = (days // 7).clip(0, weeks).fillna(weeks).astype(int)
        for firm, sku, market, last in zip(table["firm"], table["sku"], table["market"], covered, strict=True):
            known, key = held.setdefault(market, {}), (_text(firm), _text(sku))
            known[key] = max(known.get(key, 0), int(last))
    maker, sku_of = firms["firm"].to_numpy()[routes.firm], products["sku"].to_numpy()[routes.product]
    found = [
        (r, market_of[market], covers)
        for market, rows in sorted(held.items())
        for r, (firm, sku) in enumerate(zip(maker, sku_of, strict=True))
        if (covers := max(rows.get(key, 0) for key in ((firm, sku), (firm, ""), ("", sku)))) < weeks
    ]
    route, at, first_weeks = np.array(found, dtype=np.int64).reshape(-1, 3).T
    return Certificates(route, at, first_weeks)


def _terms(
    tables: Tables,
    resources: list[tuple[int, str]],
    owners: tuple[str, ...],
    firm_of: dict[str, int],
    firm_owner: Ints,
    market_of: dict[str, int],
) -> Terms:
    """Return whom owners refuse, what part of their regular hours they keep, and whose customers they protect.

    Of several rows the largest part counts.
    """
    known = {firm: int(firm_owner[f]) for firm, f in firm_of.items()} | {name: o for o, name in enumerate(owners)}
    refused: list[tuple[int, int]] = []
    kept: dict[int, float] = {}
    protected: list[tuple[int, int]] = []
    if "terms" in tables:
        for name, term, partner, market, process, share in zip(
            *(tables.frame("terms")[c] for c in ("owner", "term", "partner", "market", "process", "share")), strict=True
        ):
            owner = known[name]
            if term == "refuse" and _text(partner):
                refused.append((owner, known[partner]))
            elif term == "protect":
                protected += [(owner, m) for label, m in market_of.items() if _text(market) in ("", label)]
            elif term == "keep_hours":
                for m, (firm, label) in enumerate(resources):
                    if firm_owner[firm] == owner and _text(process) in ("", label):
                        kept[m] = max(kept.get(m, 0.0), float(share))
    one, other = np.array(refused, dtype=np.int64).reshape(-1, 2).T
    protector, market = np.array(protected, dtype=np.int64).reshape(-1, 2).T
    hours = np.array(list(kept), dtype=np.int64), np.array(list(kept.values()), dtype=float)
    return Terms(one, other, *hours, protector, market)


def _parcel_charge(charges: list[Any], counted: Floats) -> Floats:
    """Return the charge of a parcel of one unit: its band's rate, at least the band's minimum."""
    cost = np.full_like(counted, np.nan)
    for band in charges:
        inside = counted >= band.from_quantity
        cost[inside] = np.maximum(band.rate * counted[inside], band.minimum)
    first = charges[0]
    return np.where(np.isnan(cost), np.maximum(first.rate * counted, first.minimum), cost)


def _hub_cost(settings: PlanSettings, demand: pd.DataFrame, weeks: int) -> float:
    """Return what the cooperation costs a week: as set, else a share of what is wanted."""
    if settings.hub.weekly_cost is not None:
        return settings.hub.weekly_cost
    return settings.hub.share * float(demand["quantity"] @ demand["price"]) / weeks


def _stock(
    tables: Tables,
    demand: pd.DataFrame,
    node_of: dict[str, int],
    sku_of: dict[str, int],
    firm_of: dict[str, int],
    firm_owner: Ints,
) -> Opening:
    """Return the goods in stock; those of nobody go to the product's largest seller, or its maker where none sells it."""
    if "stock" not in tables:
        return NO_OPENING
    sold = demand.groupby(["sku", "seller"])["quantity"].sum().reset_index().sort_values("quantity")
    makers = tables.frame("products", "sku", "maker").dropna()
    largest = dict(zip(makers["sku"], makers["maker"], strict=True)) | dict(
        zip(sold["sku"], sold["seller"], strict=True)
    )
    found = []
    for site, sku, seller, quantity in zip(
        *(tables.frame("stock")[c] for c in ("site", "sku", "seller", "quantity")), strict=True
    ):
        holder = _text(seller) or largest.get(sku)
        if holder and quantity > 0:
            found.append((node_of[site], sku_of[sku], int(firm_owner[firm_of[holder]]), float(quantity)))
    rows = np.array(found, dtype=float).reshape(-1, 4)
    node, product, owner = rows[:, :3].T.astype(np.int64)
    return Opening(node, np.full(len(rows), -1), np.zeros(len(rows), np.int64), product, owner, rows[:, 3])
