"""A rule that a plan breaks: where, when and by how much, and the names by which people know the place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.planning.plan.quantities import Quantities
from jointplan.planning.problem import Floats, Ints


@dataclass(frozen=True)
class Violation:
    """A rule that a plan breaks: where, when (week number or None) and by how much."""

    rule: str
    place: str
    week: int | None
    amount: float
    unit: str


MILLIONTH = 1e-6


def list_excess(
    rule: str, excess: Floats, names: list[str], unit: str, slack: float = 1e-4, *, of: Floats | None = None
) -> list[Violation]:
    """Return a violation for every row, by its name, and week in which something exceeds a rule by more than the slack.

    ``of`` (rows,) is what it is an excess of: a millionth of that is rounding, too.
    """
    slacks = np.full(len(excess), slack) if of is None else np.maximum(slack, MILLIONTH * of)
    rows, weeks = np.nonzero(excess > slacks[:, None])
    return [Violation(rule, names[r], int(t), float(excess[r, t]), unit) for r, t in zip(rows, weeks, strict=True)]


def route_names(plan: Quantities, routes: Ints) -> list[str]:
    """Return the firm and product of routes."""
    p = plan.problem
    return [f"{p.firm[p.route_firm[r]]} {p.sku[p.route_product[r]]}" for r in routes]


def place_names(plan: Quantities) -> list[str]:
    """Return the place and product of every place where stock can lie."""
    p, net = plan.problem, plan.network
    return [
        f"{p.node[n]} {p.sku[net.commodity_product[c]]}"
        for c, n in zip(net.place_commodity, net.place_node, strict=True)
    ]


def series_names(plan: Quantities) -> list[str]:
    """Return the product, market and seller of every demand series."""
    p = plan.problem
    return [
        f"{p.sku[i]} {p.market[m]} {p.firm[f]}"
        for i, m, f in zip(p.series_product, p.series_market, p.series_seller, strict=True)
    ]


def order_names(plan: Quantities) -> list[str]:
    """Return the material of every purchase, and its supplier or the firm that has it on hand."""
    materials, buying, firm = plan.problem.materials, plan.network.buying, plan.problem.firm
    return [
        f"{materials.name[materials.offer_material[j]]} {materials.supplier[j] or firm[materials.offer_firm[j]]}"
        for j in buying.purchase_offer
    ]
