"""Published and random planning problems, written as clusters."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np

from jointplan.planning.problem import (
    NO_OPENING,
    NO_SITES,
    NO_SPACES,
    Bands,
    CarryOver,
    ClusterProblem,
    Containers,
    Division,
    Investments,
    Sites,
    Spaces,
)

NONE = np.empty(0, dtype=np.int64)
NOTHING = np.empty(0)
NO_CONTAINERS = Containers(NONE, NOTHING, NOTHING, NOTHING)


def one_plant(
    demand: np.ndarray,
    setup_cost: np.ndarray,
    holding: np.ndarray,
    *,
    hours: np.ndarray | None = None,
    setup_hours: np.ndarray | None = None,
    capacity: np.ndarray | None = None,
) -> ClusterProblem:
    """Write a lot-sizing problem as a cluster of one plant, one market next door, and customers who cannot wait.

    Demand has shape (items, periods), setup_cost (items,) or (items, periods); unmet demand costs so much that it never
    pays.
    """
    items, periods = demand.shape
    n = np.arange(items)
    zeros = np.zeros(items)
    return ClusterProblem(
        weeks=periods,
        sku=tuple(f"item {i}" for i in n),
        firm=("plant",),
        owner=("plant",),
        node=("plant",),
        lane=("door",),
        market=("market",),
        resource=("plant work",),
        family=("family",),
        weight=zeros + 1.0,
        volume=zeros + 0.001,
        holding=holding.astype(float),
        end_value=zeros,
        product_family=n * 0,
        maker=n * 0,
        firm_owner=np.array([0]),
        route_product=n,
        route_firm=n * 0,
        route_group=n * 0 - 1,
        route_making=zeros,
        route_material=zeros,
        route_transfer=zeros,
        route_batch=zeros,
        setup_cost=np.broadcast_to(setup_cost.reshape(items, -1).astype(float), (items, periods)).copy(),
        use_route=n,
        use_resource=n * 0,
        use_hours=zeros if hours is None else hours.astype(float),
        use_setup=zeros if setup_hours is None else setup_hours.astype(float),
        group_firm=NONE,
        group_family=NONE,
        group_cost=NOTHING,
        major_group=NONE,
        major_resource=NONE,
        major_hours=NOTHING,
        resource_firm=np.array([0]),
        regular=np.full((1, periods), 1e6) if capacity is None else capacity.reshape(1, periods).astype(float),
        overtime=np.zeros((1, periods)),
        overtime_cost=np.zeros(1),
        node_storage=np.zeros(1),
        node_handling=np.zeros(1),
        node_capacity=np.full(1, np.inf),
        lane_origin=np.array([0]),
        lane_node=np.array([-1]),
        lane_market=np.array([0]),
        lane_weeks=np.array([0]),
        lane_mode=("parcel",),
        unit_freight=np.zeros((1, items)),
        basis=np.zeros((1, items)),
        bands=Bands(NONE, NOTHING, NOTHING, NOTHING, NOTHING),
        containers=Containers(NONE, NOTHING, NOTHING, NOTHING),
        series_product=n,
        series_market=n * 0,
        series_seller=n * 0,
        demand=demand.astype(float),
        price=zeros,
        late_cost=zeros,
        goodwill=zeros + 1e5,
        late_weeks=0,
        opening=NO_OPENING,
        hub_cost=0.0,
    )


def wagner_whitin() -> ClusterProblem:
    """Return the example of Wagner and Whitin (1958), whose optimal cost is 864."""
    demand = np.array([[69, 29, 36, 61, 61, 26, 34, 67, 45, 67, 79, 56]])
    setup = np.array([[85, 102, 102, 101, 98, 114, 105, 86, 119, 110, 98, 114]])
    return one_plant(demand, setup, np.array([1.0]))


def trigeiro(path: Path) -> ClusterProblem:
    """Read one of Trigeiro's capacitated lot-sizing problems."""
    words = path.read_text().split()
    numbers = [float(x) for x in itertools.takewhile(lambda word: word[0].isdigit(), words)]
    items, periods, capacity = int(numbers[0]), int(numbers[1]), numbers[3]
    table = np.array(numbers[4 : 4 + 4 * items]).reshape(items, 4)
    demand = np.array(numbers[4 + 4 * items : 4 + 4 * items + items * periods]).reshape(periods, items).T
    return one_plant(
        demand,
        table[:, 3],
        table[:, 1],
        hours=table[:, 0],
        setup_hours=table[:, 2],
        capacity=np.full(periods, capacity),
    )


def one_week(
    *,
    nodes: tuple[str, ...],
    maker: np.ndarray,
    lane_origin: np.ndarray,
    lane_node: np.ndarray,
    lane_market: np.ndarray,
    unit_freight: np.ndarray,
    series_product: np.ndarray,
    demand: np.ndarray,
    containers: Containers = NO_CONTAINERS,
    spaces: Spaces = NO_SPACES,
    sites: Sites = NO_SITES,
) -> ClusterProblem:
    """Write flows on a network as one owner's cluster that plans one week, with lanes that take no time.

    The first nodes are the firms, ``maker`` (products,) makes each product for nothing, a unit weighs 1 kg and fills 1 m³.
    Series s is wanted at market s. A unit not delivered costs so much that it always pays to open everything.
    """
    products, series, lanes = len(maker), len(demand), len(lane_origin)
    i = np.arange(products)
    zeros = np.zeros(products)
    firms = int(maker.max()) + 1
    charged = float(containers.rate.sum() + sites.opening_cost.sum() + unit_freight.max() * len(nodes))
    return ClusterProblem(
        weeks=1,
        sku=tuple(f"product {n}" for n in i),
        firm=nodes[:firms],
        owner=("owner",),
        node=nodes,
        lane=tuple(f"lane {n}" for n in range(lanes)),
        market=tuple(f"market {n}" for n in range(series)),
        resource=(),
        family=("family",),
        weight=zeros + 1.0,
        volume=zeros + 1.0,
        holding=zeros,
        end_value=zeros,
        product_family=i * 0,
        maker=maker,
        firm_owner=np.zeros(firms, dtype=np.int64),
        route_product=i,
        route_firm=maker,
        route_group=i * 0 - 1,
        route_making=zeros,
        route_material=zeros,
        route_transfer=zeros,
        route_batch=zeros,
        setup_cost=np.zeros((products, 1)),
        use_route=NONE,
        use_resource=NONE,
        use_hours=NOTHING,
        use_setup=NOTHING,
        group_firm=NONE,
        group_family=NONE,
        group_cost=NOTHING,
        major_group=NONE,
        major_resource=NONE,
        major_hours=NOTHING,
        resource_firm=NONE,
        regular=np.zeros((0, 1)),
        overtime=np.zeros((0, 1)),
        overtime_cost=NOTHING,
        node_storage=np.zeros(len(nodes)),
        node_handling=np.zeros(len(nodes)),
        node_capacity=np.full(len(nodes), np.inf),
        lane_origin=lane_origin,
        lane_node=lane_node,
        lane_market=lane_market,
        lane_weeks=np.zeros(lanes, dtype=np.int64),
        lane_mode=("road",) * lanes,
        unit_freight=unit_freight,
        basis=np.ones((lanes, products)),
        bands=Bands(NONE, NOTHING, NOTHING, NOTHING, NOTHING),
        containers=containers,
        series_product=series_product,
        series_market=np.arange(series),
        series_seller=np.zeros(series, dtype=np.int64),
        demand=demand[:, None],
        price=np.zeros(series),
        late_cost=np.zeros(series),
        goodwill=np.full(series, charged),
        late_weeks=0,
        opening=NO_OPENING,
        hub_cost=0.0,
        sites=sites,
        spaces=spaces,
    )


def facility_location(path: Path) -> ClusterProblem:
    """Read one of the OR-Library's capacitated warehouse location problems (Beasley 1988).

    One plant makes one product; warehouses are sites to be opened, with a throughput; customers are markets.
    """
    numbers = np.array(path.read_text().split(), dtype=float)
    sites, customers = int(numbers[0]), int(numbers[1])
    capacity, opening = numbers[2 : 2 + 2 * sites].reshape(sites, 2).T
    rows = numbers[2 + 2 * sites :].reshape(customers, 1 + sites)
    demand = rows[:, 0]
    site, customer = (x.ravel() for x in np.indices((sites, customers)))
    supply = np.arange(sites) + 1
    return one_week(
        nodes=("plant", *(f"warehouse {n}" for n in range(sites))),
        maker=np.array([0]),
        lane_origin=np.concatenate([supply * 0, site + 1]),
        lane_node=np.concatenate([supply, site * 0 - 1]),
        lane_market=np.concatenate([supply * 0 - 1, customer]),
        unit_freight=np.concatenate([np.zeros(sites), rows[customer, 1 + site] / demand[customer]])[:, None],
        series_product=np.zeros(customers, dtype=np.int64),
        demand=demand,
        sites=Sites(supply, opening, capacity),
    )


def network_design(path: Path) -> ClusterProblem:
    """Read one of the Canad problems of multicommodity capacitated network design (Crainic, Frangioni and Gendron 2001).

    Commodities are products; an arc is a lane charged by the whole container of the arc's capacity, with space for one.
    """
    numbers = np.array(path.read_text().split()[1:], dtype=float)
    nodes, arcs, commodities = numbers[:3].astype(int)
    table, rest = np.split(numbers[3:], [7 * arcs])
    wanted = rest[: 3 * commodities].reshape(commodities, 3)
    origin, target = wanted[:, :2].astype(int).T - 1
    table = table.reshape(arcs, 7)
    start, end = table[:, :2].astype(int).T - 1
    unit, capacity, fixed = table[:, 2:5].T
    # Nodes that make something must come first.
    rank = np.empty(nodes, dtype=np.int64)
    rank[np.append(np.unique(origin), np.setdiff1d(np.arange(nodes), origin))] = np.arange(nodes)
    lane, door = np.arange(arcs), np.arange(commodities)
    return one_week(
        nodes=tuple(f"node {n + 1}" for n in np.argsort(rank)),
        maker=rank[origin],
        lane_origin=rank[np.concatenate([start, target])],
        lane_node=np.concatenate([rank[end], door * 0 - 1]),
        lane_market=np.concatenate([lane * 0 - 1, door]),
        unit_freight=np.repeat(np.concatenate([unit, door * 0.0])[:, None], commodities, axis=1),
        series_product=door,
        demand=wanted[:, 2],
        containers=Containers(lane, fixed, capacity, capacity),
        spaces=Spaces.of_each(lane, np.ones(arcs)),
    )


def random_cluster(
    seed: int,
    *,
    makers: int = 3,
    sellers: int = 2,
    products: int = 3,
    markets: int = 1,
    weeks: int = 4,
    tight: float = 1.2,
    barge: bool = False,
    batch: float = 0.0,
) -> ClusterProblem:
    """Return a random cluster: makers and sellers of their own owners, a hub, parcels, air freight and sea containers.

    ``tight`` is capacity over the hours that demand needs, setups apart; ``barge`` adds a slow, cheap way to the hub;
    ``batch`` is every maker's minimum.
    """
    rng = np.random.default_rng(seed)
    families = max(1, products // 4)
    firm = tuple(f"M{n}" for n in range(makers)) + tuple(f"S{n}" for n in range(sellers))
    maker = rng.integers(makers, size=products)
    family = rng.integers(families, size=products)
    weight, volume = rng.uniform(0.5, 3, products), rng.uniform(0.004, 0.02, products)
    price = rng.uniform(60, 300, products)

    pairs = [
        (i, m, makers + s)
        for i in range(products)
        for s in rng.choice(sellers, size=min(sellers, 2), replace=False)
        for m in rng.choice(markets, size=min(markets, 2), replace=False)
    ]
    demand = rng.poisson(rng.uniform(3, 30, (len(pairs), 1)), (len(pairs), weeks)).astype(float)

    able = np.zeros((makers, families), bool)
    able[maker, family] = True
    able |= rng.random((makers, families)) < min(1.0, 2.5 / makers)
    routes = [(i, f) for i in range(products) for f in range(makers) if able[f, family[i]]]
    route_product = np.array([i for i, _ in routes])
    route_firm = np.array([f for _, f in routes])
    groups = sorted({(f, family[i]) for i, f in routes})
    group = np.array([groups.index((f, family[i])) for i, f in routes])
    unit_hours = rng.uniform(0.05, 0.2, products)
    hours = unit_hours[route_product] * rng.uniform(0.9, 1.15, len(routes))
    total = np.zeros(products)
    np.add.at(total, [i for i, _, _ in pairs], demand.sum(axis=1))
    load = np.zeros(makers)
    np.add.at(load, maker, total * unit_hours)
    regular = np.repeat((load / weeks * tight + 2.0)[:, None], weeks, axis=1)

    hub, port = makers + sellers, makers + sellers + 1
    lanes: list[tuple[str, int, int, int, int, str]] = [(f"road {f}", f, hub, -1, 0, "road") for f in range(makers)] + [
        ("road port", hub, port, -1, 0, "road")
    ]
    if barge:
        lanes += [(f"barge {f}", f, hub, -1, 1, "barge") for f in range(makers)]
    for f in range(makers):
        lanes += [(f"parcel {f} {m}", f, -1, m, 1, "parcel") for m in range(markets)]
    lanes += [(f"air {m}", hub, -1, m, 1, "air") for m in range(markets)]
    lanes += [(f"sea {m}", port, -1, m, 2 if weeks < 8 else 5, "sea") for m in range(markets)]
    mode = tuple(lane[5] for lane in lanes)
    unit = np.zeros((len(lanes), products))
    basis = np.zeros((len(lanes), products))
    bands, boxes = [], []
    for n, name in enumerate(mode):
        if name == "road":
            unit[n] = 0.4 * weight
        elif name == "barge":
            unit[n] = 0.1 * weight
        elif name == "parcel":
            unit[n] = np.maximum(15.0, 45.0 * weight)
        elif name == "air":
            basis[n] = np.maximum(weight, volume * 167)
            bands += [(n, 0, 100, 38, 900), (n, 100, 500, 33, 0), (n, 500, np.inf, 29, 0)]
        else:
            boxes.append((n, 9000.0, 5000.0, 12.0))
    band, box = np.array(bands, float).reshape(-1, 5), np.array(boxes, float).reshape(-1, 4)
    making = hours * 40.0
    material = 0.35 * price[route_product]
    cheapest = np.full(products, np.inf)
    np.minimum.at(cheapest, route_product, making + material)
    series_product = np.array([i for i, _, _ in pairs])
    nodes = (*firm, "HUB", "PORT")
    return ClusterProblem(
        weeks=weeks,
        sku=tuple(f"P{i}" for i in range(products)),
        firm=firm,
        owner=firm,
        node=nodes,
        lane=tuple(lane[0] for lane in lanes),
        market=tuple(f"X{m}" for m in range(markets)),
        resource=tuple(f"{f} work" for f in firm[:makers]),
        family=tuple(f"family {g}" for g in range(families)),
        weight=weight,
        volume=volume,
        holding=cheapest * 0.25 / 52,
        end_value=cheapest,
        product_family=family,
        maker=maker,
        firm_owner=np.arange(len(firm)),
        route_product=route_product,
        route_firm=route_firm,
        route_group=group,
        route_making=making,
        route_material=material,
        route_transfer=(making + material) * 1.15,
        route_batch=np.full(len(routes), batch),
        setup_cost=np.repeat(rng.uniform(40, 90, (len(routes), 1)), weeks, axis=1),
        use_route=np.arange(len(routes)),
        use_resource=route_firm,
        use_hours=hours,
        use_setup=rng.uniform(0.2, 0.6, len(routes)),
        group_firm=np.array([f for f, _ in groups]),
        group_family=np.array([g for _, g in groups]),
        group_cost=rng.uniform(80, 200, len(groups)),
        major_group=np.arange(len(groups)),
        major_resource=np.array([f for f, _ in groups]),
        major_hours=rng.uniform(0.5, 1.5, len(groups)),
        resource_firm=np.arange(makers),
        regular=regular,
        overtime=regular * 0.2,
        overtime_cost=np.full(makers, 20.0),
        node_storage=np.append(np.zeros(len(firm)), [3.0, 0.0]),
        node_handling=np.append(np.zeros(len(firm)), [10.0, 0.0]),
        node_capacity=np.append(np.full(len(firm), np.inf), [200.0, np.inf]),
        lane_origin=np.array([lane[1] for lane in lanes]),
        lane_node=np.array([lane[2] for lane in lanes]),
        lane_market=np.array([lane[3] for lane in lanes]),
        lane_weeks=np.array([lane[4] for lane in lanes]),
        lane_mode=mode,
        unit_freight=unit,
        basis=basis,
        bands=Bands(band[:, 0].astype(int), *band[:, 1:].T),
        containers=Containers(box[:, 0].astype(int), *box[:, 1:].T),
        series_product=series_product,
        series_market=np.array([m for _, m, _ in pairs]),
        series_seller=np.array([s for _, _, s in pairs]),
        demand=demand,
        price=price[series_product],
        late_cost=price[series_product] * 0.03,
        goodwill=price[series_product] * 0.1,
        late_weeks=2,
        opening=NO_OPENING,
        hub_cost=0.0,
    )


def with_warehouse(
    problem: ClusterProblem, *, cost: float, throughput: float = np.inf, boxes: float = np.inf, kg: float = np.inf
) -> ClusterProblem:
    """Return a random cluster with a warehouse near its markets that must be opened, reached from its port in a week.

    ``boxes`` is the space on the sea lanes to the markets, in containers, ``kg`` that on its lanes by air, in basis kg.
    """
    p, place = problem, len(problem.node)
    port, markets = place - 1, np.arange(len(problem.market))
    mode = np.array(p.lane_mode)
    sea, air = np.flatnonzero(mode == "sea"), np.flatnonzero(mode == "air")
    limits = [(sea, boxes), (air, kg)]
    return replace(
        p,
        node=(*p.node, "WH"),
        node_storage=np.append(p.node_storage, 4.0),
        node_handling=np.append(p.node_handling, 8.0),
        node_capacity=np.append(p.node_capacity, 300.0),
        lane=(*p.lane, "line", *(f"last {m}" for m in markets)),
        lane_origin=np.concatenate([p.lane_origin, [port], markets * 0 + place]),
        lane_node=np.concatenate([p.lane_node, [place], markets * 0 - 1]),
        lane_market=np.concatenate([p.lane_market, [-1], markets]),
        lane_weeks=np.concatenate([p.lane_weeks, [1], markets * 0]),
        lane_mode=(*p.lane_mode, "sea", *("parcel" for _ in markets)),
        unit_freight=np.vstack([p.unit_freight, 600 * p.volume, *(2.0 + 0.5 * p.weight for _ in markets)]),
        basis=np.vstack([p.basis, p.volume, *(p.weight for _ in markets)]),
        sites=Sites(np.array([place]), np.array([cost]), np.array([throughput]), overseas=np.array([place])),
        spaces=Spaces.of_each(
            np.concatenate([lane for lane, most in limits if np.isfinite(most)]),
            np.concatenate([lane * 0.0 + most for lane, most in limits if np.isfinite(most)]),
        )
        if np.isfinite([boxes, kg]).any()
        else NO_SPACES,
    )


def with_mixed_loads(problem: ClusterProblem) -> ClusterProblem:
    """Return a random cluster whose loads by air count their weight, or 167 kg for each m³ of all their goods together."""
    p = problem
    by = np.stack([p.basis, p.basis])
    air = np.unique(p.bands.lane)
    by[0, air], by[1, air] = p.weight, 167 * p.volume
    basis = p.basis.copy()
    basis[air] = by[:, air].max(axis=0)
    return replace(p, basis=basis, basis_by=by)


def with_clearing(problem: ClusterProblem, seed: int, since: int = 1) -> ClusterProblem:
    """Return a random cluster whose loads pay up to 200 once, by other rules from the week ``since`` on; a container is cheap.

    Ships that charge each unit for itself charge their load as much.
    """
    p = problem
    line = np.setdiff1d(np.flatnonzero(np.array(p.lane_mode) == "sea"), np.append(p.bands.lane, p.containers.lane))
    unit, basis = p.unit_freight.copy(), p.basis.copy()
    basis[line], unit[line] = unit[line], 0.0
    whole = np.broadcast_to([0.0, np.inf, 1.0, 0.0], (len(line), 4)).T
    columns = (p.bands.low, p.bands.high, p.bands.rate, p.bands.minimum)
    bands = Bands(
        np.append(p.bands.lane, line), *(np.append(mine, more) for mine, more in zip(columns, whole, strict=True))
    )
    p = replace(p, unit_freight=unit, basis=basis, bands=bands)
    paid = np.random.default_rng(seed).uniform(0.0, 200.0, (2, len(p.lane))).round(2)
    paid[:, ~np.isin(np.arange(len(p.lane)), np.append(p.bands.lane, p.containers.lane))] = 0.0
    border = None if p.border is None else np.repeat(p.border[:1], 2, axis=0)
    boxes = replace(p.containers, rate=p.containers.rate / 20, kg=p.containers.kg / 50, m3=p.containers.m3 / 50)
    return replace(p, border=border, border_since=np.array([0, since]), clearing=paid, containers=boxes)


def with_investments(problem: ClusterProblem, cost: np.ndarray, ready: np.ndarray) -> ClusterProblem:
    """Return a random cluster in which firms must learn, at ``cost`` (firms,), to work on what they do not make today.

    Work can begin after ``ready`` weeks (firms,). A firm that makes nothing today is a shared workshop, to be opened.
    """
    p = problem
    step_firm, home = p.resource_firm[p.use_resource], p.maker[p.route_product[p.use_route]]
    lags: dict[tuple[int, int], int] = {}
    for r, f, lag in zip(*(a[step_firm != home].tolist() for a in (p.use_route, step_firm, p.use_lag)), strict=True):
        lags[r, f] = max(lags.get((r, f), 0), lag)
    firms = sorted({f for _, f in lags})
    return replace(
        p,
        investments=Investments(
            firm=np.array(firms, dtype=np.int64),
            process=tuple("work" if f in p.maker else "" for f in firms),
            cost=cost[firms],
            ready=ready[firms],
            route=np.array([r for r, _ in lags], dtype=np.int64),
            need=np.array([firms.index(f) for _, f in lags], dtype=np.int64),
            lag=np.array(list(lags.values()), dtype=np.int64),
        ),
    )


def with_steps(problem: ClusterProblem, seed: int, *, chains: int = 2, lag: int = 0) -> ClusterProblem:
    """Return a random cluster in which making takes two steps, in a workshop each, that up to ``chains`` pairs of firms divide.

    Each firm is good at one step and slow at the other; ``lag`` is how many weeks a move between two firms takes.
    """
    rng = np.random.default_rng(seed)
    p, makers, routes = problem, len(problem.resource), len(problem.route_product)
    steps = np.arange(2)
    skill = np.where((np.arange(makers)[:, None] + steps) % 2 == 0, 0.4, 1.8)  # hours against what the whole job took
    rate = p.route_making / p.use_hours

    def step_of(route: int, firm: int, step: int) -> tuple[float, float, float]:
        """Return hours, cost and setup hours of a step of a route's product at a firm."""
        hours = float(p.use_hours[route] * skill[firm, step] / 2)
        return hours, hours * float(rate[route]), float(p.use_setup[route] / 2)

    pairs = [
        (i, f, g)
        for i in range(len(p.sku))
        for f, g in itertools.permutations(p.route_firm[p.route_product == i].tolist(), 2)
    ]
    kept: dict[int, int] = {}
    pairs = [
        pair
        for pair in rng.permutation(pairs).tolist()
        if kept.setdefault(pair[0], 0) < chains and _count(kept, pair[0])
    ]
    route_of = {(int(i), int(f)): r for r, (i, f) in enumerate(zip(p.route_product, p.route_firm, strict=True))}
    # A family's changeover is one for each workshop, so that a step alone changes over its own.
    groups = len(p.group_firm)
    uses: list[tuple[int, int, float, float]] = []
    parts: list[tuple[int, int, int, float, float, float, float]] = []
    also: list[tuple[int, int, int]] = [(r, int(p.route_group[r]) + groups, 0) for r in range(routes)]
    making = np.zeros(routes)
    for r, f in enumerate(p.route_firm.tolist()):
        for step in steps.tolist():
            hours, cost, setup = step_of(r, f, step)
            uses.append((r, 2 * f + step, hours, setup))
            making[r] += cost
    extra = {name: [] for name in ("product", "firm", "making", "material", "transfer", "batch", "setup")}
    for n, (i, f, g) in enumerate(pairs):
        r, last = routes + n, route_of[i, g]
        move, waiting, total = float(rng.uniform(0.1, 2.0)), 0.3 * lag, 0.0
        setups = (float(rng.uniform(10, 40)), float(rng.uniform(10, 40)))
        for step, firm in enumerate((f, g)):
            route = route_of[i, firm]
            hours, cost, setup = step_of(route, firm, step)
            first = step == 0
            parts.append((len(uses), step + 1, lag * first, cost, setups[step], move * first, waiting * first))
            uses.append((r, 2 * firm + step, hours, setup))
            also.append((r, int(p.route_group[route]) + groups * step, lag * first))
            total += cost + (move + waiting) * first
        for name, value in (
            ("product", i), ("firm", g), ("making", total), ("material", p.route_material[last]),
            ("transfer", p.route_transfer[last]), ("batch", p.route_batch[last]), ("setup", sum(setups)),
        ):  # fmt: skip
            extra[name].append(value)
    use_route, use_resource, use_hours, use_setup = (np.array(column) for column in zip(*uses, strict=True))
    table = np.array(parts, dtype=float).reshape(-1, 7).T
    (use, step, late), costs = table[:3].astype(np.int64), table[3:]
    also_route, also_group, also_lag = np.array(also).T
    more = np.array(extra["setup"], dtype=float)[:, None]
    cheapest = np.full(len(p.sku), np.inf)
    np.minimum.at(cheapest, p.route_product, making + p.route_material)
    np.minimum.at(
        cheapest, np.array(extra["product"], dtype=np.int64), np.array(extra["making"]) + np.array(extra["material"])
    )
    return replace(
        p,
        resource=tuple(f"{name} {step}" for name in p.resource for step in ("first", "second")),
        resource_firm=np.repeat(p.resource_firm, 2),
        regular=np.repeat(p.regular, 2, axis=0) * 0.6,
        overtime=np.repeat(p.overtime, 2, axis=0) * 0.6,
        overtime_cost=np.repeat(p.overtime_cost, 2),
        end_value=cheapest,
        route_product=np.append(p.route_product, np.array(extra["product"], dtype=np.int64)),
        route_firm=np.append(p.route_firm, np.array(extra["firm"], dtype=np.int64)),
        route_group=np.append(p.route_group, np.full(len(pairs), -1)),
        route_making=np.append(making, extra["making"]),
        route_material=np.append(p.route_material, extra["material"]),
        route_transfer=np.append(p.route_transfer, extra["transfer"]),
        route_batch=np.append(p.route_batch, extra["batch"]),
        setup_cost=np.vstack([p.setup_cost, np.repeat(more, p.weeks, axis=1)]),
        use_route=use_route,
        use_resource=use_resource,
        use_hours=use_hours,
        use_setup=use_setup,
        group_firm=np.tile(p.group_firm, 2),
        group_family=np.tile(p.group_family, 2),
        group_cost=np.tile(p.group_cost / 2, 2),
        major_group=np.arange(2 * groups),
        major_resource=np.concatenate([2 * p.group_firm, 2 * p.group_firm + 1]),
        major_hours=np.tile(p.major_hours / 2, 2),
        division=Division(use, step, late, *costs, also_route, also_group, also_lag, margin=0.1),
    )


def _count(kept: dict[int, int], product: int) -> bool:
    kept[product] += 1
    return True


def with_carry_over(problem: ClusterProblem, over: np.ndarray | None = None) -> ClusterProblem:
    """Return a cluster whose workshops keep their setups over the ends of weeks; of all of them if ``over`` (M, T) is None."""
    p = problem
    number = np.bincount(p.use_route, minlength=len(p.route_product))
    share = 1.0 / number[p.use_route]
    step = p.division.use
    total = np.bincount(p.use_route[step], p.division.setup, len(p.route_product))
    share[step] = p.division.setup / total[p.use_route[step]]
    parts = np.bincount(p.major_group, minlength=len(p.group_firm))
    stays = np.ones(p.regular.shape, bool) if over is None else over
    return replace(p, carry_over=CarryOver(stays, share, 1.0 / parts[p.major_group]))
