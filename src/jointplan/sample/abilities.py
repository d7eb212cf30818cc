"""Tables of what is done where: routings, capabilities, materials and their sources."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from jointplan.sample.cluster import Cluster
from jointplan.sample.economics import DESTINATIONS
from jointplan.sample.industry import Material, ProductLine
from jointplan.sample.tables import records, stream


def operation_table(cluster: Cluster) -> pa.Table:
    """Return **operations**: a routing per family, and one of its own for each premium product."""
    rows: list[tuple[object, ...]] = []
    for sku, family, hours in [
        *((None, code, hours) for code, hours in zip(cluster.families, cluster.family_hours, strict=True)),
        *(
            (cluster.products.skus[place], None, cluster.unit_hours[place])
            for place in np.flatnonzero(cluster.products.premium)
        ),
    ]:
        for step, process in enumerate(np.flatnonzero(hours), 1):
            rows.append((sku, family, step, cluster.processes[process], float(hours[process])))
    return records("operations", "sku family step process hours", rows)


def capability_table(cluster: Cluster) -> pa.Table:
    """Return **capabilities**.

    A maker has a row for every process of each of its families, one for all families where no change between families
    costs anything. A specialist shop has one row, for one process and any family.
    """
    rows: list[tuple[object, ...]] = []
    changes = [process.major_hours[1] > 0 for process in cluster.industry.economics.processes]
    for maker in cluster.makers:
        families = np.flatnonzero(cluster.capable[maker])
        for process in np.flatnonzero(cluster.family_hours[families].any(0)):
            fitting = families[cluster.family_hours[families, process] > 0] if changes[process] else [-1]
            rows.extend(_capability(cluster, maker, int(process), int(family)) for family in fitting)
    for number, shop in enumerate(cluster.specialists):
        names = cluster.industry.specialists
        rows.append(_capability(cluster, shop, cluster.processes.index(names[number % len(names)]), -1, batch=50.0))
    return records(
        "capabilities",
        "firm process family hours_factor cost_per_hour major_setup_hours major_setup_cost minor_setup_hours "
        "minor_setup_cost yield minimum_batch",
        rows,
    )


def _capability(
    cluster: Cluster, maker: int, process: int, family: int, batch: float | None = None
) -> tuple[object, ...]:
    at = (maker, process)
    return (
        cluster.firms[maker],
        cluster.processes[process],
        cluster.families[family] if family >= 0 else None,
        float(cluster.abilities.hours_factor[at]),
        float(cluster.abilities.hour_cost[at]),
        float(cluster.abilities.major_hours[at]),
        float(cluster.abilities.major_cost[at]),
        float(cluster.abilities.minor_hours[at]),
        float(cluster.abilities.minor_cost[at]),
        float(cluster.abilities.yields[at]),
        batch,
    )


def material_table(cluster: Cluster) -> pa.Table:
    """Return **materials**: a bill per family, and one of its own for each premium product."""
    rows: list[tuple[object, ...]] = []
    for code, line in zip(cluster.families, cluster.lines, strict=True):
        rows.extend((None, code, *part) for part in _bill(cluster, line, float(np.mean(line.price))))
    for place in np.flatnonzero(cluster.products.premium):
        line = cluster.lines[cluster.products.family[place]]
        rows.extend(
            (cluster.products.skus[place], None, *part)
            for part in _bill(cluster, line, float(cluster.products.price[place]))
        )
    return records("materials", "sku family material quantity unit", rows)


def _bill(cluster: Cluster, line: ProductLine, price: float) -> list[tuple[str, float, str]]:
    """Return material, quantity and unit for a unit sold at ``price``; the filler makes up the material cost."""
    industry = cluster.industry
    materials = {material.code: material for material in industry.materials}
    weight = float(np.mean(line.weight))
    quantities = dict.fromkeys(line.parts, 1.0) | {code: share * weight for code, share in line.substance}
    spent = sum(materials[code].price * quantity for code, quantity in quantities.items())
    rest = industry.economics.material_share * price - spent
    quantities[industry.filler] = max(0.05 * weight, rest / materials[industry.filler].price)
    return [(code, round(quantity, 4), materials[code].unit) for code, quantity in quantities.items()]


def source_table(cluster: Cluster, seed: int) -> pa.Table:
    """Return **sources**: two domestic suppliers per material with price breaks, and the makers of imported parts.

    Who could make an imported part at home is new to everybody: members would have to qualify it.
    """
    rng = stream(seed, "sources")
    suppliers = [cluster.firms[place] for place in cluster.suppliers] or ["market"]
    rates = {place.currency: place.fx for place in DESTINATIONS}
    needed = {code for line in cluster.lines for code in (*line.parts, *dict(line.substance))}
    rows: list[tuple[object, ...]] = []
    for number, material in enumerate(cluster.industry.materials):
        if material.code not in needed | {cluster.industry.filler}:
            continue
        least = _round_lot(3000.0 / material.price)
        if material.origin != "CN":
            abroad = f"{material.origin}-{material.code} (synthetic)"
            rows.extend(_breaks(material, abroad, 1.06 / rates[material.currency], 4 * least, 42.0))
        # Of the imported parts only every other one has a maker at home.
        if material.origin == "CN" or number % 2:
            home = Material(material.code, material.unit, material.price)
            for rank in range(min(2, len(suppliers)) if material.origin == "CN" else 1):
                supplier = suppliers[(number + rank) % len(suppliers)]
                status = "present" if material.origin == "CN" else "new"
                rows.extend(_breaks(home, supplier, 1.0 + 0.04 * rank, least, float(rng.integers(4, 15)), status))
    return records(
        "sources", "material supplier origin from_quantity cost minimum multiple lead_days currency status", rows
    )


def _breaks(
    material: Material, supplier: str, factor: float, least: float, lead: float, status: str = "present"
) -> list[tuple[object, ...]]:
    return [
        (
            material.code,
            supplier,
            material.origin,
            start * least,
            round(material.price * factor * level, 4),
            least,
            _round_lot(least / 10),
            lead,
            material.currency,
            status,
        )
        for start, level in ((0, 1.0), (5, 0.96), (20, 0.92))
    ]


def _round_lot(quantity: float) -> float:
    """Round to one leading figure, at least 1."""
    digits = 10.0 ** np.floor(np.log10(max(quantity, 1.0)))
    return float(max(1.0, round(quantity / digits) * digits))
