"""The cluster's planning problem as arrays: what could be made, moved and sold, and what each costs.

Index letters used throughout the room: ``i`` product, ``f`` firm, ``o`` owner, ``r`` route (a firm that can make a
product, or several firms that do its steps in turn), ``m`` resource (a process of a firm), ``g`` family group (a family at a firm), ``n`` place (firms first, then
sites), ``l`` lane, ``s`` demand series (product × market × seller), ``t`` week.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from jointplan.planning.problem.arrays import NONE, Bools, Floats, Ints
from jointplan.planning.problem.buying import NO_MATERIALS, Credit, Materials
from jointplan.planning.problem.lanes import NO_SITES, NO_SPACES, Bands, Containers, Sites, Spaces
from jointplan.planning.problem.setups import CarryOver
from jointplan.planning.problem.terms import NO_CERTIFICATES, NO_DESIGNS, NO_TERMS, Certificates, Designs, Terms
from jointplan.planning.problem.unlocking import NO_INVESTMENTS, Entries, Investments
from jointplan.planning.problem.work import NO_APPROVED, NO_DIVISION, Approved, Division, Opening
from jointplan.schema import CHAIN


@dataclass(frozen=True)
class ClusterProblem:
    """One cluster over ``T`` weeks; money in one currency.

    Parameters
    ----------
    weeks : int
        Number of weeks ``T``.
    sku, firm, owner, node, lane, market, resource, family : tuple of str
        Names, by index. ``node`` starts with the firms.
    weight, volume : (I,)
        kg and m³ of a unit.
    holding : (I,)
        Capital cost of one unit for one week where goods of several makers meet: that of the cheapest.
    end_value : (I,)
        Credit of a unit left over or under way at the end: cheapest material plus making cost.
    product_family : (I,)
        Family of a product.
    maker : (I,)
        Present maker; −1: bought in by each seller.
    firm_owner : (F,)
        Owner of a firm.
    route_product, route_firm, route_group : (R,)
        Who can make what, and the family group its setup belongs to (−1: none, for goods bought in).
    route_making, route_material, route_transfer, route_batch : (R,)
        Making cost, material cost and transfer price of a good unit; minimum batch in units.
    setup_cost : (R, T)
        Minor setup, hours not included in ``use_setup`` costs already in it.
    use_route, use_resource, use_hours, use_setup : (U,)
        Hours per good unit and per minor setup of a route on a resource.
    group_firm, group_family, group_cost : (G,)
        Family groups with the cost of a major setup.
    major_group, major_resource, major_hours : (V,)
        Hours of a major setup on a resource.
    resource_firm : (M,)
        Firm of a resource.
    regular, overtime : (M, T)
        Hours there are.
    overtime_cost : (M,)
        Extra cost of an overtime hour.
    node_storage, node_handling, node_capacity : (N,)
        Money per m³ and week, money per m³ arriving (at a firm: leaving), m³.
    lane_origin, lane_node, lane_market, lane_weeks : (L,)
        Ends of a lane (``lane_node`` or ``lane_market`` is −1) and whole weeks under way.
    lane_mode : tuple of str
        Mode of a lane.
    unit_freight, basis : (L, I)
        Charge per unit sent; basis units per unit, where the lane does not charge by the container.
    basis_by : (2, L, I) or None
        Basis units that a unit counts by its weight, and by its volume: a load counts the larger of both sums. None: ``basis``.
    bands, containers : Bands, Containers
        Charges of whole loads.
    series_product, series_market, series_seller : (S,)
        Demand series; the seller is a firm.
    demand : (S, T)
        Units wanted.
    price, late_cost, goodwill : (S,)
        What the seller receives of a unit, channels having kept their fee; per unit and week late; per unit not delivered.
    late_weeks : int
        Weeks a customer waits.
    opening : Opening
        Goods that are there at the start, or already under way.
    hub_cost : float
        Cost per week of running the cooperation.
    route_holding : (R,), optional
        Capital cost for one week of one unit that lies where a route has made it; None: as ``holding`` everywhere.
    border : (K, L, I), optional
        Duty, tax and clearing of a unit sent on a lane, less its export refund, by the rules of each stretch of weeks; None: nothing is paid at borders.
    clearing : (K, L), optional
        What a load pays at the border once, whatever is in it, by the rules of each stretch of weeks; only on lanes that charge whole loads. None: nothing.
    border_since : (K,)
        Week from which goods that arrive pay by the rules of each stretch; the first is 0.
    fee : (S,), optional
        What channels keep of a unit sold; None: nothing.
    approved : Approved
        Lots that are decided.
    sites, spaces : Sites, Spaces
        Places to be opened or with limited throughput; limited space on lanes.
    certificates : Certificates
        Who may not make what for which market.
    designs : Designs
        Whose design a product is.
    terms : Terms
        Whom members refuse, and what hours they keep for themselves.
    materials : Materials
        What is bought at prices that depend on the order; not in ``route_material``.
    entries : Entries, optional
        Markets that are not yet entered, and promotion; None: all are, and nothing is promoted.
    credit : Credit, optional
        Who is short of money; None: nobody.
    division : Division
        Which routes have their steps at several firms.
    investments : Investments
        What must be learned or opened before some routes are there.
    carry_over : CarryOver, optional
        Where setups are kept over the week's end; None: nowhere.
    aside : (B,), optional
        Markets that stand for safety stock kept at a place: what is handed over there is set aside, not sold.
    """

    weeks: int
    sku: tuple[str, ...]
    firm: tuple[str, ...]
    owner: tuple[str, ...]
    node: tuple[str, ...]
    lane: tuple[str, ...]
    market: tuple[str, ...]
    resource: tuple[str, ...]
    family: tuple[str, ...]
    weight: Floats
    volume: Floats
    holding: Floats
    end_value: Floats
    product_family: Ints
    maker: Ints
    firm_owner: Ints
    route_product: Ints
    route_firm: Ints
    route_group: Ints
    route_making: Floats
    route_material: Floats
    route_transfer: Floats
    route_batch: Floats
    setup_cost: Floats
    use_route: Ints
    use_resource: Ints
    use_hours: Floats
    use_setup: Floats
    group_firm: Ints
    group_family: Ints
    group_cost: Floats
    major_group: Ints
    major_resource: Ints
    major_hours: Floats
    resource_firm: Ints
    regular: Floats
    overtime: Floats
    overtime_cost: Floats
    node_storage: Floats
    node_handling: Floats
    node_capacity: Floats
    lane_origin: Ints
    lane_node: Ints
    lane_market: Ints
    lane_weeks: Ints
    lane_mode: tuple[str, ...]
    unit_freight: Floats
    basis: Floats
    bands: Bands
    containers: Containers
    series_product: Ints
    series_market: Ints
    series_seller: Ints
    demand: Floats
    price: Floats
    late_cost: Floats
    goodwill: Floats
    late_weeks: int
    opening: Opening
    hub_cost: float
    basis_by: Floats | None = None
    route_holding: Floats | None = None
    border: Floats | None = None
    clearing: Floats | None = None
    border_since: Ints = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    fee: Floats | None = None
    approved: Approved = NO_APPROVED
    sites: Sites = NO_SITES
    spaces: Spaces = NO_SPACES
    certificates: Certificates = NO_CERTIFICATES
    designs: Designs = NO_DESIGNS
    terms: Terms = NO_TERMS
    materials: Materials = NO_MATERIALS
    entries: Entries | None = None
    credit: Credit | None = None
    division: Division = NO_DIVISION
    investments: Investments = NO_INVESTMENTS
    carry_over: CarryOver | None = None
    aside: Ints = field(default_factory=lambda: NONE)

    @cached_property
    def load_basis(self) -> Floats:
        """Basis units that a unit counts in a load by its weight, and by its volume; (2, L, I)."""
        return np.stack([self.basis, self.basis]) if self.basis_by is None else self.basis_by

    @cached_property
    def series_aside(self) -> Bools:
        """Which series are safety stock that is set aside, not sold; (S,)."""
        return np.isin(self.series_market, self.aside)

    @cached_property
    def lane_aside(self) -> Bools:
        """Which lanes only set goods aside where they lie; (L,)."""
        return np.isin(self.lane_market, self.aside)

    @cached_property
    def series_entry(self) -> Ints:
        """The market that a series waits for to be entered, by its number in ``entries``, −1 for none; (S,)."""
        return np.full(len(self.series_product), -1) if self.entries is None else self.entries.series

    @cached_property
    def route_cost(self) -> Floats:
        """Making and material cost of a good unit, materials at the least price they can be had at; (R,)."""
        bought = self.materials
        needs = np.bincount(
            bought.need_route, bought.need_units * bought.least[bought.need_material], len(self.route_product)
        )
        return np.asarray(self.route_making + self.route_material + needs)

    @cached_property
    def place_holding(self) -> Floats:
        """Capital cost for one week of one unit at each place: what is made there costs what making it there does; (N, I)."""
        cost = np.tile(self.holding, (len(self.node), 1))
        if self.route_holding is not None:
            cost[self.route_firm, self.route_product] = np.inf
            np.minimum.at(cost, (self.route_firm, self.route_product), self.route_holding)
        return cost

    @cached_property
    def divided(self) -> Bools:
        """Which routes have their steps at several firms; (R,)."""
        found = np.zeros(len(self.route_product), bool)
        found[self.use_route[self.division.use]] = True
        return found

    @cached_property
    def route_holder(self) -> Ints:
        """The firm that has the order, buys the material and sells the goods: of divided jobs the product's present maker; (R,)."""
        return np.where(self.divided, self.maker[self.route_product], self.route_firm)

    @cached_property
    def use_lag(self) -> Ints:
        """Whole weeks before the goods come out that a use of a resource falls; (U,)."""
        lag = np.zeros(len(self.use_route), np.int64)
        lag[self.division.use] = self.division.lag
        return lag

    @cached_property
    def route_lag(self) -> Ints:
        """Whole weeks before the goods come out that the first step falls, and its material is taken; (R,)."""
        lag = np.zeros(len(self.route_product), np.int64)
        np.maximum.at(lag, self.use_route, self.use_lag)
        return lag

    @cached_property
    def route_first(self) -> Ints:
        """The first week in which goods of a route can come out, what it needs having been learned or opened; (R,)."""
        first, need = np.zeros(len(self.route_product), np.int64), self.investments
        np.maximum.at(first, need.route, need.ready[need.need] + need.lag)
        return first

    @cached_property
    def neutral(self) -> Bools:
        """Whose firms are shared workshops alone, which nobody owns: they work for any members; (O,)."""
        workshop = np.zeros(len(self.firm), bool)
        shared = np.array([not process for process in self.investments.process], dtype=bool)
        workshop[self.investments.firm[shared]] = True
        found = np.ones(len(self.owner), bool)
        found[self.firm_owner[~workshop]] = False
        return found

    @cached_property
    def route_owners(self) -> Bools:
        """Whose firms work on a route; (R, O)."""
        found = np.zeros((len(self.route_product), len(self.owner)), bool)
        found[np.arange(len(found)), self.firm_owner[self.route_firm]] = True
        step = self.division.use
        found[self.use_route[step], self.firm_owner[self.resource_firm[self.use_resource[step]]]] = True
        return found

    @cached_property
    def design(self) -> Ints:
        """The entry of ``designs`` that a product is made by, −1 for none; goods bought in are not made; (I,)."""
        found = np.full(len(self.sku), -1)
        found[self.designs.product] = np.arange(len(self.designs.product))
        return np.where(self.maker >= 0, found, -1)

    @cached_property
    def route_design(self) -> Ints:
        """The entry of ``designs`` that a route needs a licence for, −1 for none; (R,).

        Neither the design's owner nor the owner of the present maker needs one.
        """
        design = self.design[self.route_product]
        free = np.zeros(self.route_owners.shape, bool)
        known = np.flatnonzero(design >= 0)
        free[known, self.firm_owner[self.designs.firm[design[known]]]] = True
        free[known, self.firm_owner[self.maker[self.route_product[known]]]] = True
        return np.where((self.route_owners & ~free).any(axis=1), design, -1)

    @cached_property
    def chains(self) -> dict[int, tuple[int, ...]]:
        """The firms of each divided route, in the order of its steps."""
        found: dict[int, list[tuple[int, int]]] = {}
        for use, step in zip(self.division.use.tolist(), self.division.step.tolist(), strict=True):
            firm = int(self.resource_firm[self.use_resource[use]])
            found.setdefault(int(self.use_route[use]), []).append((step, firm))
        return {r: tuple(firm for _, firm in sorted(steps)) for r, steps in found.items()}

    def chain_label(self, route: int) -> str:
        """Return the firms of a divided route as people write them; blank where one firm does all."""
        return CHAIN.join(self.firm[f] for f in self.chains.get(route, ()))

    @cached_property
    def route_needs(self) -> tuple[Ints, Ints, Ints]:
        """Return which family groups each route needs, as route, group and weeks before the goods come out; by route."""
        plain = np.flatnonzero(self.route_group >= 0)
        also = self.division
        route = np.append(plain, also.also_route)
        order = np.argsort(route, kind="stable")
        group = np.append(self.route_group[plain], also.also_group)
        return route[order], group[order], np.append(plain * 0, also.also_lag)[order]

    def begins_set_up(self, route: Ints, resource: Ints) -> Bools:
        """Return whether each resource begins the first week set up for the product of a route; (n,)."""
        if self.carry_over is None or self.carry_over.first is None:
            return np.zeros(len(route), bool)
        return np.asarray(self.carry_over.first[resource] == self.route_product[route])

    def border_on(self, lane: Ints, product: Ints) -> Floats:
        """Return what the border takes of a unit of a product that leaves on a lane in each week, by the rules of the week it arrives; (A, T)."""
        if self.border is None:
            return np.zeros((len(lane), self.weeks))
        paid: Floats = self.border[self._stretch_on(lane), lane[:, None], product[:, None]]
        return paid

    def clearing_on(self, lane: Ints) -> Floats:
        """Return what a load that leaves on a lane in each week pays at the border once, by the rules of the week it arrives; (loads, T)."""
        if self.clearing is None:
            return np.zeros((len(lane), self.weeks))
        paid: Floats = self.clearing[self._stretch_on(lane), lane[:, None]]
        return paid

    def _stretch_on(self, lane: Ints) -> Ints:
        """Return by the rules of which stretch goods pay that leave on a lane in each week; (A, T)."""
        arrives = np.minimum(np.arange(self.weeks)[None, :] + self.lane_weeks[lane][:, None], self.weeks - 1)
        return np.asarray(np.searchsorted(self.border_since, arrives, side="right") - 1)

    @cached_property
    def lane_handling(self) -> Floats:
        """What handling takes of a m³ on each lane: at the place it comes to, and at a firm's own place as it leaves; (L,)."""
        comes = np.where(self.lane_node >= 0, self.node_handling[self.lane_node], 0.0)
        leaves = (self.lane_origin < len(self.firm)) & ~self.lane_aside
        return np.asarray(comes + np.where(leaves, self.node_handling[self.lane_origin], 0.0))

    @cached_property
    def way_cost(self) -> Floats:
        """The least that a unit costs on its way from a maker to each place, loads at their lowest rate, 0 where none leads there; (N, I).

        Freight, border, handling and the capital tied up meanwhile; in loads of several goods a unit counts its smaller measure.
        """
        lanes = np.flatnonzero(self.lane_node >= 0)
        lowest, share = np.full(len(self.lane), np.inf), np.zeros(self.unit_freight.shape)
        np.minimum.at(lowest, self.bands.lane, self.bands.rate)
        boxes = self.containers
        part = np.maximum(self.weight / boxes.kg[:, None], self.volume / boxes.m3[:, None])
        share[boxes.lane] = boxes.rate[:, None] * part
        border = 0.0 if self.border is None else self.border.min(axis=0)
        cost = (
            self.unit_freight
            + border
            + np.where(np.isfinite(lowest), lowest, 0.0)[:, None] * self.load_basis.min(axis=0)
            + share
        )
        cost = cost[lanes] + self.lane_handling[lanes][:, None] * self.volume
        cost = np.maximum(cost + self.lane_weeks[lanes][:, None] * self.place_holding[self.lane_origin[lanes]], 0.0)
        least = np.full((len(self.node), len(self.sku)), np.inf)
        least[self.route_firm, self.route_product] = 0.0
        while True:
            before = least.copy()
            np.minimum.at(least, self.lane_node[lanes], least[self.lane_origin[lanes]] + cost)
            if (least == before).all():
                return np.where(np.isfinite(least), least, 0.0)

    @property
    def closed(self) -> Bools:
        """Which entries of ``sites`` must be opened first; where goods lie or are awaited from before is open; (sites,)."""
        return (self.sites.opening_cost > 0) & ~np.isin(self.sites.node, self.opening.node)

    @property
    def most_for_others(self) -> Floats:
        """The hours that products of other owners' making may take at each resource of which its owner keeps a part; (kept, T)."""
        kept = self.terms.resource
        moved = np.broadcast_to(self.approved.moved, self.regular.shape)
        return np.asarray((1 - self.terms.share)[:, None] * self.regular[kept] + moved[kept])

    @property
    def room_needed(self) -> Floats:
        """The room at each place that goods from before and lots that are decided take if none of them leaves, m³; (N,)."""
        early, decided = self.opening, self.approved
        lying = early.node >= 0
        node = np.append(early.node[lying], self.route_firm[decided.route])
        product = np.append(early.product[lying], self.route_product[decided.route])
        units = np.append(early.units[lying], decided.units)
        return np.bincount(node, units * self.volume[product], len(self.node)).astype(float, copy=False)

    def with_opening(self, opening: Opening) -> ClusterProblem:
        """Return the problem with these goods made before, for all of which there is room."""
        return replace(self, opening=opening)._roomy()

    def with_approved(self, approved: Approved) -> ClusterProblem:
        """Return the problem with these lots decided, for all of which there is room."""
        return replace(self, approved=approved)._roomy()

    def _roomy(self) -> ClusterProblem:
        """Return the problem with room for what is there in every plan: one that leaves all of it where it is always exists."""
        return replace(self, node_capacity=np.maximum(self.node_capacity, self.room_needed))

    def __post_init__(self) -> None:
        products, firms, routes = len(self.sku), len(self.firm), len(self.route_product)
        series, lanes, weeks = len(self.series_product), len(self.lane), self.weeks
        shapes = {
            "weight": (products,), "holding": (products,), "end_value": (products,), "firm_owner": (firms,),
            "setup_cost": (routes, weeks), "route_making": (routes,), "regular": (len(self.resource), weeks),
            "overtime": (len(self.resource), weeks), "unit_freight": (lanes, products), "basis": (lanes, products),
            "demand": (series, weeks), "price": (series,), "lane_weeks": (lanes,), "node_capacity": (len(self.node),),
        }  # fmt: skip
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, not {shape}")
        for name in (
            "demand",
            "regular",
            "overtime",
            "setup_cost",
            "unit_freight",
            "basis",
            "weight",
            "volume",
            "holding",
        ):
            if not (np.isfinite(getattr(self, name)).all() and (getattr(self, name) >= 0).all()):
                raise ValueError(f"{name} must be finite and not negative")
        by = self.basis_by
        if by is not None and not (by.shape == (2, lanes, products) and (by.max(axis=0) <= self.basis).all()):
            raise ValueError(
                "basis_by must have a value by weight and by volume per lane and product, none above basis"
            )
        stretches = (len(self.border_since), lanes, products)
        if self.border is not None and not (self.border.shape == stretches and np.isfinite(self.border).all()):
            raise ValueError("border must be finite, one value per stretch, lane and product")
        once = self.clearing
        if once is not None:
            if not (once.shape == stretches[:2] and np.isfinite(once).all() and (once >= 0).all()):
                raise ValueError("clearing must be finite and not negative, one value per stretch and lane")
            if once[:, ~np.isin(np.arange(lanes), np.append(self.bands.lane, self.containers.lane))].any():
                raise ValueError("clearing must be paid by whole loads, on lanes with bands or containers")
        if self.fee is not None and not (self.fee.shape == (series,) and np.isfinite(self.fee).all()):
            raise ValueError("fee must be finite, one value per series")
        kept = self.carry_over
        if kept is not None and kept.over.shape != self.regular.shape:
            raise ValueError(f"carry_over.over has shape {kept.over.shape}, not {self.regular.shape}")
        if kept is not None and kept.first is not None and kept.first.shape != (len(self.resource),):
            raise ValueError(f"carry_over.first has shape {kept.first.shape}, not {(len(self.resource),)}")
        for shares, setup in (
            () if kept is None else ((kept.use_share, self.use_route), (kept.major_share, self.major_group))
        ):
            if (np.bincount(setup, shares) > 1 + 1e-9).any():
                raise ValueError("the parts of a setup must not cost more than the whole")
        parts = self.division
        route = self.use_route[parts.use]
        for name, whole, pieces in (
            ("making cost", self.route_making, parts.making + parts.move + parts.waiting),
            ("setup cost", self.setup_cost.max(axis=1, initial=0.0), parts.setup),
        ):
            total = np.bincount(route, pieces, routes)
            if not np.allclose(total[self.divided], whole[self.divided]):
                raise ValueError(f"the {name} of a divided route must be that of its steps")
        if self.node[:firms] != self.firm:
            raise ValueError("places must start with the firms")
