"""From tables to the planning problem: with results.py, the only place of this room that touches columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from jointplan.engine import Tables
from jointplan.planning.buying import usual_prices
from jointplan.planning.chains import FULL, Offer, distance, find_chains
from jointplan.planning.offers import KEY, NO_OFFERS, Offers
from jointplan.planning.problem import (
    CHAIN,
    NO_MATERIALS,
    NO_OPENING,
    Bands,
    Certificates,
    ClusterProblem,
    Containers,
    Credit,
    Division,
    Floats,
    Ints,
    Investments,
    Materials,
    Opening,
    Sites,
    Spaces,
    Terms,
)
from jointplan.planning.settings import FreightSettings, PlanSettings

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
    division: Division
    investments: Investments


def build_problem(
    tables: Tables,
    settings: PlanSettings,
    demand: pd.DataFrame,
    *,
    money: Money,
    start: date,
    weeks: int,
    opening: bool,
    offers: Offers = NO_OFFERS,
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
    offers : Offers
        What could be sold besides, if something were paid for once.
    """
    hub_cost, today = _hub_cost(settings, demand, weeks), demand
    demand = offers.with_demand(demand)
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

    series = demand.groupby(KEY, sort=True)
    keys = list(series.groups)
    price = np.array([float(np.average(g["price"], weights=g["quantity"])) for _, g in series]) if keys else np.zeros(0)
    number = {key: s for s, key in enumerate(keys)}
    wanted = np.zeros((len(keys), weeks))
    week = ((demand["week"] - pd.Timestamp(start)).dt.days // 7).to_numpy()
    at = [number[key] for key in zip(*(demand[column] for column in KEY), strict=True)]
    np.add.at(wanted, (np.array(at, dtype=np.int64), week), demand["quantity"].to_numpy(float))
    sellers_of: dict[str, set[int]] = {}
    for sku, _, seller, _ in keys:
        sellers_of.setdefault(sku, set()).add(firm_of[seller])

    bills = _bills(tables, settings, products, money)
    units = np.zeros(len(products))
    # What may never be wanted does not fill workshops.
    there = np.array([entry < 0 for *_, entry in keys], dtype=bool)
    np.add.at(units, [sku_of[sku] for sku, *_ in keys], np.where(there, wanted.mean(axis=1), 0.0))
    moves = _moves(tables, settings, products, firms, firm_of, money)
    routes = _routes(
        tables, settings, products, families, firm_of, firms, maker, bills, sellers_of, money, units, moves
    )
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
    ways = tables.frame("lanes")
    # Finished goods go to sites and markets; between firms go the goods of jobs that these do in turn.
    goods = ways[~ways["destination"].isin(firm_of)]
    lanes = _lanes(tables, goods, products, node_of, market_of, origins, money)
    site_rate = np.array([money.rate(c) for c in sites["currency"]]) if len(sites) else np.zeros(0)

    def per_node(column: str, blank: float, rate: Floats | float = 1.0) -> Floats:
        values = sites[column].to_numpy(float) if len(sites) else np.zeros(0)
        return np.concatenate([np.full(len(firm_of), blank), np.where(np.isnan(values), blank, values * rate)])

    opening_cost, throughput = per_node("opening_cost", 0.0, site_rate), per_node("throughput", np.inf)
    special = np.flatnonzero((opening_cost > 0) | np.isfinite(throughput))
    stock = _stock(tables, today, node_of, sku_of, firm_of, firm_owner) if opening else NO_OPENING
    costs = settings.costs
    entries = offers.entries(keys, market_of, families)
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
        sites=Sites(
            special,
            opening_cost[special],
            throughput[special],
            np.array([node_of[s] for s in sites.loc[sites["kind"] == "overseas_warehouse", "site"]], dtype=np.int64)
            if len(sites)
            else np.empty(0, np.int64),
        ),
        spaces=lanes.spaces,
        certificates=_certificates(tables, routes, products, firms, market_of, start, weeks),
        terms=_terms(tables, routes.resources, owners, firm_of, firm_owner, market_of),
        materials=materials,
        entries=entries,
        credit=_credit(tables, settings, keys, firm_of, firm_owner, money, start, weeks),
        division=routes.division,
        investments=routes.investments,
    ).with_opening(stock)


def _credit(
    tables: Tables,
    settings: PlanSettings,
    keys: list[tuple[str, str, str, int]],
    firm_of: dict[str, int],
    firm_owner: Ints,
    money: Money,
    start: date,
    weeks: int,
) -> Credit | None:
    """Return who is short of money; an owner has what its firms have together, if all of them say what they have.

    A sale is paid for after the days its seller's channels take in that market, weighted by what was sold through each; what was sold
    before the first week and is not yet paid for comes in then.
    """
    if "credit" not in tables or not tables["credit"].num_rows:
        return None
    rows = tables.frame("credit")
    said = np.isin(list(firm_of), rows["firm"])
    silent = np.bincount(firm_owner[~said], minlength=int(firm_owner.max()) + 1) > 0
    rows = rows[[not silent[firm_owner[firm_of[firm]]] for firm in rows["firm"]]]
    if rows.empty:
        return None
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
        comes = waits(market, seller) - int(weeks_ago)
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
        receipt_weeks=np.array([waits(market, seller) for _, market, seller, _ in keys], dtype=np.int64),
    )


def _receipt_weeks(tables: Tables) -> Callable[[str, str], int]:
    """Return a function of market and seller: after how many weeks such sales are paid for.

    Where a seller has not sold in a market yet, as others were paid there; where nobody has, as the seller was elsewhere, or
    as all were.
    """
    if "fees" not in tables or "sales" not in tables:
        return lambda market, seller: 0
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
    known: dict[tuple[str, str], float] = {}
    sold["all"] = ""
    for columns in (["market", "seller"], ["market", "all"], ["all", "seller"], ["all", "all"]):
        sums = sold.groupby(columns if columns != ["all", "all"] else ["all"])[["weighted", "quantity_sum"]].sum()
        for key, wait in (sums["weighted"] / sums["quantity_sum"]).items():
            known[key if isinstance(key, tuple) else ("", "")] = float(wait)

    def weeks(market: str, seller: str) -> int:
        tried = ((market, seller), (market, ""), ("", seller), ("", ""))
        return int(next((known[key] for key in tried if key in known), 0.0) / 7 + 0.5)

    return weeks


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
    # An offer is new if all its prices are; where nobody buys yet, the new sources are all there is.
    new = sources["status"].eq("new").groupby([sources["material"], sources["supplier"]]).transform("all")
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
    units: Floats,
    moves: _Moves,
) -> _Routes:
    """Find who can make what: firms with a capability for every process of the product's routing, or for some in turn.

    ``units`` (I,) are wanted of each product in a week.
    """
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
    for column in ("cost_per_hour", "major_setup_cost", "minor_setup_cost", "learn_cost"):
        capabilities[column] = capabilities[column] * rate
    rows: dict[tuple[str, str], dict[tuple[str, str], Any]] = {}
    for row in capabilities.rename(columns={"yield": "good"}).itertuples():
        rows.setdefault((row.process, row.firm), {})[_text(row.family), _text(row.sku)] = row
    firms_of: dict[str, list[str]] = {}
    for process, firm in rows:
        firms_of.setdefault(process, []).append(firm)

    decided: dict[str, list[str]] = {}
    decided_chains: dict[str, list[tuple[str, ...]]] = {}
    if "approved" in tables:
        for sku, firm, chain in zip(*(tables.frame("approved")[c] for c in ("sku", "firm", "chain")), strict=True):
            if _text(chain):
                decided_chains.setdefault(sku, []).append(tuple(chain.split(CHAIN)))
            else:
                decided.setdefault(sku, []).append(firm)
    owner_of = {f: _text(o) or f for f, o in zip(firms["firm"], firms["owner"], strict=True)}
    hours_of = tables.frame("capacity").groupby(["firm", "process"])["hours"].max().to_dict()

    def capability(firm: str, process: str, family: str, sku: str, *, whole: bool = False) -> Any:
        """Return the most specific row, or the most specific of the whole family."""
        found = rows.get((process, firm), {})
        for key in ((family, sku), ("", sku), (family, ""), ("", ""))[2 * whole :]:
            if key in found:
                return found[key]
        return None

    unlocking = _Unlocking(capabilities, firms, money)

    out: dict[str, list[Any]] = {
        k: [] for k in ("product", "firm", "making", "material", "transfer", "batch", "setup",
                        "use_route", "use_resource", "use_hours", "use_setup")
    }  # fmt: skip
    needs: list[tuple[int, int, float]] = []
    bought_in: dict[int, list[tuple[int, float]]] = {}
    usual_price = usual_prices(bills.materials)
    usual: dict[int, float] = {}
    for n, u, amount in bills.needs:
        bought_in.setdefault(n, []).append((u, amount))
        usual[n] = usual.get(n, 0.0) + amount * usual_price[u]
    resources: dict[tuple[int, str], int] = {}
    resource_cost: list[float] = []
    groups: dict[tuple[int, int], int] = {}
    majors: dict[tuple[int, int], tuple[float, float]] = {}
    parts: list[_Part] = []
    stages: list[tuple[int, int, int, float, float, float, float]] = []

    def add(i: int, chain: list[str], found: list[Any]) -> None:
        """Add a route on which each step is done by a firm of the chain, by these rows of **capabilities**."""
        steps = steps_of[i]
        # Whole jobs at a shared workshop are done there for the present maker, as single steps are.
        r, divided = len(out["product"]), len(set(chain)) > 1 or chain[-1] in unlocking.workshops
        family = families.index(_text(products["family"].iloc[i]))
        good, making, lag, ahead = 1.0, 0.0, 0, ""
        used: dict[tuple[int, int], set[int]] = {}
        backwards: list[tuple[int, int, float, float, int]] = []
        for place in reversed(range(len(steps))):
            (process, hours), firm, row = steps[place], chain[place], found[place]
            f, carried, weeks = firm_of[firm], 0.0, 0
            if ahead and ahead != firm:
                carried, weeks = moves.between(f, firm_of[ahead], i)
                carried, lag = carried / good, lag + weeks
            group = groups.setdefault((f, family), len(groups))
            good *= row.good
            need = hours * row.hours_factor / good
            making += need * row.cost_per_hour
            m = resources.setdefault((f, process), len(resources))
            if m == len(resource_cost):
                resource_cost.append(float(row.cost_per_hour))
            backwards.append((len(out["use_route"]), place + 1, carried, need * row.cost_per_hour, weeks))
            for name, item in (("use_route", r), ("use_resource", m), ("use_hours", need),
                               ("use_setup", row.minor_setup_hours)):  # fmt: skip
                out[name].append(item)
            resource_cost[m] = max(resource_cost[m], float(row.cost_per_hour))
            # A change of family is the family's: a row of one product does not speak for it, unless no other does.
            change = (
                capability(firm, process, _text(products["family"].iloc[i]), products["sku"].iloc[i], whole=True) or row
            )
            # Workers are paid while they change over.
            price = float(change.major_setup_cost + change.major_setup_hours * change.cost_per_hour)
            known = majors.get((group, m), (0.0, 0.0))
            majors[group, m] = max(known[0], float(change.major_setup_hours)), max(known[1], price)
            used.setdefault((group, lag), set()).add(m)
            unlocking.add(r, firm, process, row, lag)
            ahead = firm
        parts.extend(_Part(r, group, lag, frozenset(used_here), divided) for (group, lag), used_here in used.items())
        unit_material = bills.cost[i] / good
        needs.extend((r, u, amount / good) for u, amount in bought_in.get(i, ()))
        unit_bought = usual.get(i, 0.0) / good
        if divided:
            # What waits between two firms is worth its material and the work done so far.
            worth, late = unit_material + unit_bought, lag
            for (use, step, carried, cost, weeks), row in zip(reversed(backwards), found, strict=True):
                worth += cost
                waiting = worth * settings.costs.holding_rate / WEEKS_PER_YEAR * weeks
                minor = float(row.minor_setup_cost + row.minor_setup_hours * row.cost_per_hour)
                stages.append((use, step, late, cost, minor, carried, waiting))
                making += carried + waiting
                worth, late = worth + carried + waiting, late - weeks
        transfer = products["transfer_price"].iloc[i]
        price = (
            (making + unit_material + unit_bought) * (1 + settings.making.transfer_margin)
            if np.isnan(transfer)
            else transfer * money.rate(firms["currency"].iloc[maker[i]])
        )
        setup = sum(row.minor_setup_cost + row.minor_setup_hours * row.cost_per_hour for row in found)
        for name, item in (("product", i), ("firm", firm_of[chain[-1]]), ("making", making), ("material", unit_material),
                           ("transfer", price), ("batch", max(row.minimum_batch for row in found)), ("setup", setup)):  # fmt: skip
            out[name].append(item)

    steps_of = [own_steps.get(sku) or family_steps.get(_text(family)) or [] for sku, family in zip(
        products["sku"], products["family"], strict=True)]  # fmt: skip

    def offers(i: int) -> list[list[Any]]:
        """Return who could do each step of a product, with the rows that say so."""
        sku, family = products["sku"].iloc[i], _text(products["family"].iloc[i])
        return [
            [(firm, row) for firm in firms_of.get(process, []) if (row := capability(firm, process, family, sku))]
            for process, _ in steps_of[i]
        ]

    busy = _busy(maker, units, steps_of, firms["firm"].tolist(), hours_of, {
        (i, n): row.hours_factor / row.good
        for i in np.flatnonzero(maker >= 0).tolist()
        for n, (process, _) in enumerate(steps_of[i])
        if (row := capability(firms["firm"].iloc[maker[i]], process, _text(products["family"].iloc[i]), products["sku"].iloc[i]))
    })  # fmt: skip
    for i, (sku, transfer, value) in enumerate(
        zip(products["sku"], products["transfer_price"], products["unit_value"], strict=True)
    ):
        if maker[i] < 0:
            for seller in sorted(sellers_of.get(sku, ())):
                bought = value * settings.making.bought_share if np.isnan(transfer) else transfer
                for name, item in (("product", i), ("firm", seller), ("making", 0.0), ("material", bought),
                                   ("transfer", 0.0), ("batch", 0.0), ("setup", 0.0)):  # fmt: skip
                    out[name].append(item)
            continue
        steps = steps_of[i]
        if not steps:
            continue
        could = offers(i)
        rows_of = [dict(found) for found in could]
        able = {
            firm: [found[firm] for found in rows_of] for firm, _ in could[0] if all(firm in found for found in rows_of)
        }
        home = firms["firm"].iloc[maker[i]]
        # Who must learn first, and workshops that must be opened, come besides those who can do it already.
        likely = [
            firm
            for first in (False, True)
            for firm in _candidates(
                {firm: found for firm, found in able.items() if unlocking.any_needed(firm, found) == first},
                steps, owner_of, home, hours_of, settings.making.other_makers,
            )
        ]  # fmt: skip
        for firm in dict.fromkeys([*likely, *(f for f in decided.get(sku, ()) if f in able)]):
            add(i, [firm] * len(steps), able[firm])
        if len(steps) < 2:
            continue

        def priced(process: str, hours: float, firm: str, row: Any) -> Offer:
            dear = 1 + settings.making.overtime_premium * ((firm, process) in busy)
            room = hours_of.get((firm, process), 0.0)
            return Offer(firm, hours * row.hours_factor * row.cost_per_hour * dear, row.good, room)

        priced_steps = [
            [
                (unlocking.any_needed(firm, [row]), priced(process, hours, firm, row))
                for firm, row in found
                if hours_of.get((firm, process), 0.0) > 0
            ]
            for (process, hours), found in zip(steps, could, strict=True)
        ]
        found_chains = []
        for new in [-1, *(n for n, step in enumerate(priced_steps) if any(first for first, _ in step))]:
            found_chains += find_chains(
                [[offer for first, offer in step if first == (n == new)] for n, step in enumerate(priced_steps)],
                lambda firm, home=home: owner_of[firm] == owner_of[home],  # type: ignore[misc]  # defaults bind loop variables
                lambda one, other, i=i: moves.between(firm_of[one], firm_of[other], i)[0],  # type: ignore[misc]  # defaults bind loop variables
                settings.making.chains,
            )
        agreed = [
            chain
            for chain in decided_chains.get(sku, ())
            if len(chain) == len(steps) and all(map(dict.__contains__, rows_of, chain))
        ]
        for chain in dict.fromkeys([*found_chains, *agreed]):
            add(i, list(chain), [found[firm] for found, firm in zip(rows_of, chain, strict=True)])

    split = _split_groups(parts, groups, majors)
    route_group = np.full(len(out["product"]), -1)
    also: list[tuple[int, int, int]] = []
    heavy = {group for (group, _), change in split.majors.items() if any(change)}
    for part in parts:
        # A change that costs nothing and takes no time is no decision.
        needed = split.groups_of(part)
        needed = [group for group in needed if group in heavy] or needed[:1]
        first, *others = ((part.route, group, part.lag) for group in needed)
        if part.divided:
            also += [first, *others]
        else:
            route_group[part.route] = first[1]
            also += others
    group_cost = np.zeros(len(split.groups))
    for (group, _), (_, price) in split.majors.items():
        group_cost[group] += price

    def whole(name: str) -> Ints:
        return np.array(out[name], dtype=np.int64)

    def real(name: str) -> Floats:
        return np.array(out[name], dtype=float)

    return _Routes(
        whole("product"), whole("firm"), route_group, real("making"), real("material"), real("transfer"),
        real("batch"), real("setup"), whole("use_route"), whole("use_resource"), real("use_hours"), real("use_setup"),
        split.groups, group_cost, [(g, m, h) for (g, m), (h, _) in split.majors.items()], list(resources),
        np.array(resource_cost, dtype=float),
        replace(
            bills.materials,
            need_route=np.array([r for r, _, _ in needs], dtype=np.int64),
            need_material=np.array([u for _, u, _ in needs], dtype=np.int64),
            need_units=np.array([amount for _, _, amount in needs], dtype=float),
        ),
        _division(stages, also, settings.making.step_margin),
        unlocking.investments(firm_of),
    )  # fmt: skip


class _Unlocking:
    """Collects what must be learned or opened before routes are there, once for each firm and process, and each workshop."""

    def __init__(self, capabilities: pd.DataFrame, firms: pd.DataFrame, money: Money) -> None:
        shared = firms[firms["role"] == "workshop"]
        rate = shared["currency"].map(money.rate)
        self.workshops = dict(
            zip(
                shared["firm"],
                zip(shared["opening_cost"].fillna(0.0) * rate, shared["ready_weeks"].fillna(0.0), strict=True),
                strict=True,
            )
        )
        learned = capabilities[capabilities["learn_cost"].notna()]
        most = learned.groupby(["firm", "process"])[["learn_cost", "ready_weeks"]].max().fillna(0.0)
        self.learned = {key: (float(cost), float(weeks)) for key, cost, weeks in most.itertuples()}
        self.number: dict[tuple[str, str], int] = {}
        self.lags: dict[tuple[int, int], int] = {}

    def any_needed(self, firm: str, rows: list[Any]) -> bool:
        """Return whether something must be paid for before a firm can work by these rows of **capabilities**."""
        return firm in self.workshops or any(not np.isnan(row.learn_cost) for row in rows)

    def add(self, route: int, firm: str, process: str, row: Any, lag: int) -> None:
        """Note what a route needs for a step that falls so many weeks before its goods come out."""
        keys = [(firm, "")] * (firm in self.workshops) + [(firm, process)] * (not np.isnan(row.learn_cost))
        for key in keys:
            at = route, self.number.setdefault(key, len(self.number))
            self.lags[at] = max(self.lags.get(at, 0), lag)

    def investments(self, firm_of: dict[str, int]) -> Investments:
        """Return what was noted as arrays."""
        terms = [self.learned[key] if key[1] else self.workshops[key[0]] for key in self.number]
        route, need = np.array(list(self.lags), dtype=np.int64).reshape(-1, 2).T
        return Investments(
            firm=np.array([firm_of[firm] for firm, _ in self.number], dtype=np.int64),
            process=tuple(process for _, process in self.number),
            cost=np.array([cost for cost, _ in terms], dtype=float),
            ready=np.ceil(np.array([weeks for _, weeks in terms], dtype=float)).astype(np.int64),
            route=route,
            need=need,
            lag=np.array(list(self.lags.values()), dtype=np.int64),
        )


@dataclass(frozen=True)
class _Part:
    """What a route takes of a family group: these resources, so many weeks before its goods come out."""

    route: int
    group: int
    lag: int
    resources: frozenset[int]
    divided: bool


@dataclass(frozen=True)
class _Split:
    """Family groups so fine that every part of a route changes over whole ones."""

    groups: list[tuple[int, int]]
    majors: dict[tuple[int, int], tuple[float, float]]
    pieces: dict[int, list[tuple[int, frozenset[int]]]]

    def groups_of(self, part: _Part) -> list[int]:
        """Return the groups that a part needs."""
        return [number for number, resources in self.pieces[part.group] if resources & part.resources]


def _split_groups(
    parts: list[_Part], groups: dict[tuple[int, int], int], majors: dict[tuple[int, int], tuple[float, float]]
) -> _Split:
    """Split family groups where divided routes need some of their resources alone; the others stay as they are.

    A firm's whole routes change all their resources over together; a firm that does some steps changes over for these.
    """
    seen: dict[int, set[frozenset[int]]] = {}
    whole: dict[int, set[int]] = {}
    for part in parts:
        if part.divided:
            seen.setdefault(part.group, set()).add(part.resources)
        else:
            whole.setdefault(part.group, set()).update(part.resources)
    names = list(groups)
    pieces: dict[int, list[tuple[int, frozenset[int]]]] = {}
    number_of: dict[tuple[int, int], int] = {}
    for group, name in enumerate(list(groups)):
        alone = sorted(seen.get(group, ()), key=sorted)
        fine: dict[tuple[bool, ...], list[int]] = {}
        for g, m in majors:
            if g == group:
                fine.setdefault((m in whole.get(group, ()), *(m in some for some in alone)), []).append(m)
        pieces[group] = []
        for place, resources in enumerate(fine.values()):
            number = group if place == 0 else len(names)
            if place:
                names.append(name)
            pieces[group].append((number, frozenset(resources)))
            number_of |= {(group, m): number for m in resources}
    return _Split(names, {(number_of[key], key[1]): value for key, value in majors.items()}, pieces)


def _division(
    stages: list[tuple[int, int, int, float, float, float, float]], also: list[tuple[int, int, int]], margin: float
) -> Division:
    """Return the steps of divided routes and the further groups that routes need, as arrays."""
    columns = np.array(stages, dtype=float).reshape(-1, 7).T
    route, group, lag = np.array(also, dtype=np.int64).reshape(-1, 3).T
    use, step, before = columns[:3].astype(np.int64)
    making, setup, move, waiting = columns[3:]
    return Division(use, step, before, making, setup, move, waiting, route, group, lag, margin)


def _busy(
    maker: Ints,
    units: Floats,
    steps_of: list[list[tuple[str, float]]],
    firms: list[str],
    hours_of: dict[tuple[str, str], float],
    factor: dict[tuple[int, int], float],
) -> set[tuple[str, str]]:
    """Return the workshops (firm, process) that are full if every present maker does all of what is wanted of it."""
    load: dict[tuple[str, str], float] = {}
    for (i, n), times in factor.items():
        process, hours = steps_of[i][n]
        key = firms[maker[i]], process
        load[key] = load.get(key, 0.0) + float(units[i]) * hours * times
    return {key for key, hours in load.items() if hours > FULL * hours_of.get(key, 0.0)}


@dataclass(frozen=True)
class _Moves:
    """What it costs to move the work on a unit from one firm to another, and the whole weeks it takes.

    By the quickest lane between the two, of several the cheapest, its loads at their lowest rate; where there is none, by
    internal transport at the settings' rates.
    """

    lanes: dict[tuple[int, int], list[tuple[int, int]]]
    rate: Floats
    places: list[tuple[float, float]]
    volume: Floats
    settings: FreightSettings

    def between(self, one: int, other: int, product: int) -> tuple[float, int]:
        """Return the cost of a unit of a product and the weeks."""
        known = self.lanes.get((one, other))
        if known:
            weeks, lane = min(known, key=lambda entry: (entry[0], self.rate[entry[1], product]))
            return float(self.rate[lane, product]), weeks
        ends = self.places[one], self.places[other]
        km = distance(*ends) if not np.isnan(ends).any() else self.settings.move_km
        return float(self.volume[product]) * (self.settings.move_loading + self.settings.move_rate * km), 0


def _moves(
    tables: Tables,
    settings: PlanSettings,
    products: pd.DataFrame,
    firms: pd.DataFrame,
    firm_of: dict[str, int],
    money: Money,
) -> _Moves:
    """Read the lanes between firms."""
    rows = tables.frame("lanes")
    rows = rows[rows["destination"].isin(firm_of)]
    lanes = _lanes(tables, rows, products, firm_of, {}, list(firm_of.values()), money)
    rate = lanes.unit_freight.copy()
    lowest = np.full(len(rate), np.inf)
    np.minimum.at(lowest, lanes.bands.lane, lanes.bands.rate)
    rate += np.where(np.isfinite(lowest), lowest, 0.0)[:, None] * lanes.basis
    box, weight, volume = lanes.containers, products["weight"].to_numpy(float), products["volume"].to_numpy(float)
    share = np.maximum(weight[None, :] / box.kg[:, None], volume[None, :] / box.m3[:, None])
    rate[box.lane] += box.rate[:, None] * share
    known: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for n, ends in enumerate(zip(lanes.origin.tolist(), lanes.node.tolist(), strict=True)):
        known.setdefault(ends, []).append((int(lanes.weeks[n]), n))
    places = list(zip(firms["lat"].astype(float), firms["lon"].astype(float), strict=True))
    return _Moves(known, rate, places, volume, settings.freight)


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
    rows: pd.DataFrame,
    products: pd.DataFrame,
    node_of: dict[str, int],
    market_of: dict[str, int],
    origins: list[int],
    money: Money,
) -> _Lanes:
    """Return these rows of **lanes** with their charges; a lane from every maker becomes one lane each."""
    weight, volume = products["weight"].to_numpy(float), products["volume"].to_numpy(float)
    names = list(node_of)
    tariffs: dict[str, list[Any]] = {}
    for row in tables.frame("tariffs").sort_values(["tariff", "from_quantity"]).itertuples():
        tariffs.setdefault(row.tariff, []).append(row)
    lane_rows: list[tuple[str, int, Any]] = []
    for row in rows.itertuples():
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
    making of that product. A certificate covers the weeks that end before it expires; of several the longest counts. Of
    several firms that do the steps in turn each needs one.
    """
    held: dict[str, dict[tuple[str, str], int]] = {}
    if "certificates" in tables:
        table = tables.frame("certificates")
        days = (pd.to_datetime(table["expiry"]) - pd.Timestamp(start)).dt.days + 1
        covered = (days // 7).clip(0, weeks).fillna(weeks).astype(int)
        for firm, sku, market, last in zip(table["firm"], table["sku"], table["market"], covered, strict=True):
            known, key = held.setdefault(market, {}), (_text(firm), _text(sku))
            known[key] = max(known.get(key, 0), int(last))
    names, sku_of = firms["firm"].to_numpy(), products["sku"].to_numpy()[routes.product]
    makers = [{name} for name in names[routes.firm]]
    for r, m in zip(routes.use_route[routes.division.use], routes.use_resource[routes.division.use], strict=True):
        makers[r].add(names[routes.resources[m][0]])

    def covered_weeks(rows: dict[tuple[str, str], int], firms: set[str], sku: str) -> int:
        return min(max(rows.get(key, 0) for key in ((firm, sku), (firm, ""), ("", sku))) for firm in firms)

    found = [
        (r, market_of[market], covers)
        for market, rows in sorted(held.items())
        for r, (firms_there, sku) in enumerate(zip(makers, sku_of, strict=True))
        if (covers := covered_weeks(rows, firms_there, sku)) < weeks
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
