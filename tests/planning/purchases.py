"""Clusters that buy their materials at prices which depend on the order, and that may run short of money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jointplan.planning.problem import ClusterProblem, Credit, Materials


def with_materials(
    problem: ClusterProblem, seed: int, *, names: int = 2, weeks: int = 0, on_hand: bool = False
) -> ClusterProblem:
    """Return a cluster whose products need materials: each from a supplier with a minimum and breaks, one in multiples, one new.

    ``weeks`` is how long the first supplier of each takes. Of materials ``on_hand`` each firm has some of one, some firms later.
    """
    p, rng = problem, np.random.default_rng(seed + 1000)
    routes = len(p.route_product)
    units = rng.uniform(0.5, 2.0, (names, len(p.sku))).round(2)
    usual = rng.uniform(4, 8, names)
    weekly = (p.demand.sum(axis=1).mean() + 1.0) * 0.6
    low, price, minimum, multiple, offer, new, took = [], [], [], [], [], [], []
    for u in range(names):
        kinds = (
            ([0.0, weekly, 4 * weekly], [1.0, 0.93, 0.85], weekly / 2, 0.0, False, weeks),
            ([0.0], [0.97], 0.0, round(weekly / 2, 1), False, 0),
            ([0.0, 2 * weekly], [0.9, 0.8], weekly, 0.0, True, 0),
        )
        for starts, levels, least, pack, is_new, lead in kinds:
            number = len(minimum)
            minimum.append(least), multiple.append(pack), new.append(is_new), took.append(lead)
            for start, level in zip(starts, levels, strict=True):
                low.append(start), price.append(usual[u] * level), offer.append(number)
    offers = np.array(offer)
    last = np.append(offers[1:] != offers[:-1], True)
    need = [(r, u) for r in range(routes) for u in range(names) if (r + u) % 3]
    problem = replace(
        p,
        materials=Materials(
            name=tuple(f"material{u}" for u in range(names)),
            holding=usual * 0.01,
            least=usual * 0.8,
            need_route=np.array([r for r, _ in need], dtype=np.int64),
            need_material=np.array([u for _, u in need], dtype=np.int64),
            need_units=np.array([units[u, p.route_product[r]] for r, u in need]),
            supplier=tuple(f"supplier{j}" for j in range(len(minimum))),
            origin=("CN",) * len(minimum),
            offer_material=np.repeat(np.arange(names), 3),
            offer_weeks=np.array(took),
            offer_new=np.array(new),
            offer_firm=np.full(len(minimum), -1),
            offer_minimum=np.array(minimum),
            offer_multiple=np.array(multiple),
            break_offer=offers,
            break_low=np.array(low),
            break_high=np.where(last, np.inf, np.append(low[1:], np.inf)),
            break_price=np.array(price),
        ),
    )
    if not on_hand:
        return problem
    firms = range(len(p.firm))
    return with_on_hand(problem, [(f, f % names, f % 2, round(float(rng.uniform(0.2, 3) * weekly), 1)) for f in firms])


def with_on_hand(problem: ClusterProblem, rows: list[tuple[int, int, int, float]]) -> ClusterProblem:
    """Return a cluster in which firms have materials on hand: firm, material, week, units; worth the least price less their keeping."""
    m = problem.materials
    firm, material, week = (np.array([row[n] for row in rows], dtype=np.int64) for n in range(3))
    worth = m.least[material] - m.holding[material] * (problem.weeks - week)
    none = np.zeros(len(rows))
    return replace(
        problem,
        materials=replace(
            m,
            supplier=(*m.supplier, *("",) * len(rows)),
            origin=(*m.origin, *("",) * len(rows)),
            offer_material=np.append(m.offer_material, material),
            offer_weeks=np.append(m.offer_weeks, week),
            offer_new=np.append(m.offer_new, none > 0),
            offer_firm=np.append(m.offer_firm, firm),
            offer_minimum=np.append(m.offer_minimum, none),
            offer_multiple=np.append(m.offer_multiple, none),
            break_offer=np.append(m.break_offer, len(m.offer_material) + np.arange(len(rows))),
            break_low=np.append(m.break_low, none),
            break_high=np.append(m.break_high, [row[3] for row in rows]),
            break_price=np.append(m.break_price, np.maximum(worth, 0.0)),
        ),
    )


def with_credit(
    problem: ClusterProblem, *, cash: float, limit: float = 0.0, rate: float = 0.02, wait: int = 1
) -> ClusterProblem:
    """Return a cluster in which every owner has this cash and limit, and sales are paid for later."""
    owners = len(problem.owner)
    return replace(
        problem,
        credit=Credit(
            owner=np.arange(owners),
            cash=np.full(owners, cash),
            limit=np.full(owners, limit),
            due=np.zeros((owners, problem.weeks)),
            rate=rate,
            receipt_weeks=np.full(len(problem.series_product), wait),
        ),
    )
