"""From tables to the planning problem: what each group of tables becomes in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from jointplan.engine import Tables
from jointplan.planning.problem import NO_OPENING, CarryOver, ClusterProblem
from jointplan.planning.reading.capacity import read_capacity, read_carry_over, read_first_setups
from jointplan.planning.reading.credit import read_credit
from jointplan.planning.reading.fees import read_fees
from jointplan.planning.reading.index import number_tables, text
from jointplan.planning.reading.lanes import border_costs, goods_lanes, read_moves
from jointplan.planning.reading.materials import read_bills, read_materials_on_hand
from jointplan.planning.reading.money import WEEKS_PER_YEAR, Money
from jointplan.planning.reading.offers import NO_OFFERS, Offers
from jointplan.planning.reading.places import makers_with_stock, read_places, read_stock
from jointplan.planning.reading.routes import find_routes
from jointplan.planning.reading.series import hub_cost, read_series
from jointplan.planning.reading.terms import read_certificates, read_designs, read_terms
from jointplan.planning.settings import PlanSettings


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
    members: Sequence[str] | None = None,
) -> ClusterProblem:
    """Build the planning problem.

    Parameters
    ----------
    tables : Tables
        Completed tables (see :func:`jointplan.planning.reading.defaults.complete_tables`).
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
    members : sequence of str, optional
        Owners that plan together, for what that costs; all by default.
    """
    today, demand = demand, offers.with_demand(demand)
    index = number_tables(tables, demand, opening)
    series = read_series(demand, index, start, weeks)
    on_hand = read_materials_on_hand(tables, index, start, weeks) if opening else []
    bills = read_bills(tables, settings, index.products, money, on_hand, weeks)
    moves = read_moves(tables, settings, index, series, money)
    routes = find_routes(tables, settings, index, series, bills, moves, money, start)
    regular, overtime = read_capacity(tables, index, routes.resources, start, weeks)
    kept = read_carry_over(tables, index, routes.resources, start, weeks)
    first = read_first_setups(tables, index, routes.resources) if opening else np.full(len(routes.resources), -1)
    stock = read_stock(tables, today, index, start, weeks) if opening else NO_OPENING
    origins = {int(f) for f in routes.firm} | makers_with_stock(index, stock)
    if not opening:  # what was recorded before the first week may have left goods at any maker
        origins |= set(index.maker[index.maker >= 0].tolist())
    lanes = goods_lanes(tables, index, sorted(origins), money)
    places = read_places(index, money)
    entries = offers.entries(series.keys, index.market_of, index.families)
    waiting = np.zeros(len(series.keys), bool) if entries is None else entries.series >= 0
    products, costs = index.products, settings.costs
    unit_cost, capital = routes.unit_costs(len(products)), costs.holding_rate / WEEKS_PER_YEAR
    fee = read_fees(tables, series)
    border, clearing, border_since = border_costs(tables, lanes.names, tuple(products["sku"]), start)
    return ClusterProblem(
        weeks=weeks,
        sku=tuple(products["sku"]),
        firm=tuple(index.firms["firm"]),
        owner=index.owners,
        node=tuple(index.node_of),
        lane=tuple(lanes.names),
        market=tuple(index.market_of),
        resource=tuple(f"{index.firm(f)} {process}" for f, process in routes.resources),
        family=index.families,
        weight=products["weight"].to_numpy(float),
        volume=products["volume"].to_numpy(float),
        holding=unit_cost * capital,
        end_value=unit_cost,
        product_family=np.array([index.families.index(text(f)) for f in products["family"]], dtype=np.int64),
        maker=index.maker,
        firm_owner=index.firm_owner,
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
        node_storage=places.storage,
        node_handling=places.handling,
        node_capacity=places.capacity,
        lane_origin=lanes.origin,
        lane_node=lanes.node,
        lane_market=lanes.market,
        lane_weeks=lanes.weeks,
        lane_mode=tuple(lanes.mode),
        unit_freight=lanes.unit_freight,
        basis=lanes.basis,
        basis_by=lanes.basis_by,
        bands=lanes.bands,
        containers=lanes.containers,
        series_product=series.product,
        series_market=series.market,
        series_seller=series.seller,
        demand=series.demand,
        price=series.price if fee is None else series.price - fee,
        late_cost=series.price * costs.late_share,
        # What is not sold in a market that is not entered is lost by nobody.
        goodwill=np.where(waiting, 0.0, series.price * costs.goodwill_share + costs.unmet_cost),
        late_weeks=costs.late_weeks,
        opening=NO_OPENING,
        hub_cost=hub_cost(settings, today, index, weeks, members),
        route_holding=routes.making_costs() * capital,
        border=border,
        clearing=clearing,
        border_since=border_since,
        fee=fee,
        sites=places.sites,
        spaces=lanes.spaces,
        certificates=read_certificates(tables, index, routes, start, weeks),
        designs=read_designs(tables, index, series),
        terms=read_terms(tables, index, routes.resources),
        materials=routes.materials,
        entries=entries,
        credit=read_credit(tables, settings, index, series.keys, money, start, weeks),
        division=routes.division,
        investments=routes.investments,
        carry_over=CarryOver(kept, routes.use_share, routes.major_share, first)
        if kept.any() or (first >= 0).any()
        else None,
    ).with_opening(stock)
