"""Whose materials are bought where: who fills which bin from which offers.

A *bin* holds a material for one owner's makers, or for those of all members who buy together; a *purchase* is an offer from
which a bin may be filled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.planning.problem import ClusterProblem, Floats, Ints
from jointplan.planning.rights import Rights


@dataclass(frozen=True)
class Buying:
    """Who buys what where in one coalition.

    Parameters
    ----------
    bin_material, bin_class : (X,)
        Material of a bin, and the owner it is for; the number of owners for members who buy together.
    purchase_bin, purchase_offer : (Y,)
        Bins and the offers they may be filled from.
    need_supply, need_bin, need_units, need_lag : (N,)
        Material units that a unit made on a supply takes from a bin, and how many weeks before it comes out.
    """

    bin_material: Ints
    bin_class: Ints
    purchase_bin: Ints
    purchase_offer: Ints
    need_supply: Ints
    need_bin: Ints
    need_units: Floats
    need_lag: Ints


def find_buying(problem: ClusterProblem, rights: Rights, supply_route: Ints) -> Buying:
    """Return who buys what where for supplies of these routes, (K,)."""
    p, materials, pooled = problem, problem.materials, len(problem.owner)
    inside = np.append(rights.members, True)
    needs: dict[int, list[int]] = {}
    for n, route in enumerate(materials.need_route.tolist()):
        needs.setdefault(route, []).append(n)
    bins: dict[tuple[int, int], int] = {}
    rows: list[tuple[int, int, float]] = []
    for k, route in enumerate(supply_route.tolist()):
        for n in needs.get(route, ()):
            owner = int(p.firm_owner[p.route_holder[route]])
            buyer = pooled if rights.shares("pool_purchases") and inside[owner] else owner
            number = bins.setdefault((int(materials.need_material[n]), buyer), len(bins))
            rows.append((k, number, float(materials.need_units[n])))
    # Offers by material and by whose they are: of suppliers, -1, or of an owner who has some on hand.
    offers: dict[tuple[int, int], list[int]] = {}
    holder = np.where(materials.offer_firm >= 0, p.firm_owner[materials.offer_firm], -1)
    for j, key in enumerate(zip(materials.offer_material.tolist(), holder.tolist(), strict=True)):
        offers.setdefault(key, []).append(j)
    members = np.flatnonzero(rights.members).tolist()
    purchases = [
        (number, j)
        for (material, buyer), number in bins.items()
        for whose in (-1, *(members if buyer == pooled else [buyer]))
        for j in offers.get((material, whose), ())
        if not materials.offer_new[j] or (rights.shares("substitute_imports") and inside[buyer])
    ]
    pairs = np.array(list(bins), dtype=np.int64).reshape(-1, 2)
    purchased = np.array(purchases, dtype=np.int64).reshape(-1, 2)
    return Buying(
        bin_material=pairs[:, 0],
        bin_class=pairs[:, 1],
        purchase_bin=purchased[:, 0],
        purchase_offer=purchased[:, 1],
        need_supply=np.array([k for k, _, _ in rows], dtype=np.int64),
        need_bin=np.array([x for _, x, _ in rows], dtype=np.int64),
        need_units=np.array([units for _, _, units in rows], dtype=float),
        need_lag=p.route_lag[supply_route[np.array([k for k, _, _ in rows], dtype=np.int64)]],
    )
