"""What the cluster is special in, how concentrated its making is, and how far up the chain its firms stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.home import home_country
from jointplan.diagnosis.materials import by_maker, makers_of
from jointplan.diagnosis.structure.network import Network
from jointplan.diagnosis.structure.special import (
    LEAST_COUNTRIES,
    LEAST_PRODUCTS,
    World,
    ellison_glaeser,
    location_quotient,
    upstreamness,
    world_trade,
)
from jointplan.engine import Tables
from jointplan.schema import TABLES
from jointplan.texts import both

CONCENTRATED = 0.05  # γ above which Ellison and Glaeser call an industry very concentrated


def measure_industry(tables: Tables, net: Network) -> Diagnosed:
    """Measure the industry: regions, world trade, place in the chain."""
    parts = (_regions(tables), _trade(tables), Diagnosed(tuple(_chain(tables, net))))
    findings = tuple(finding for part in parts for finding in part.findings)
    return Diagnosed(findings, {name: table for part in parts for name, table in part.tables.items()})


def _regions(tables: Tables) -> Diagnosed:
    """Measure how families of products gather in regions, from who makes what."""
    made = by_maker(tables.frame("weekly", "sku", "revenue"), makers_of(tables), "revenue")
    made = made.merge(tables.frame("products", "sku", "family"), on="sku")
    made = made.merge(tables.frame("firms", "firm", "region"), left_on="maker", right_on="firm").dropna(
        subset=["region"]
    )
    regions = made["region"].nunique()
    if regions < 2:
        reason = unmeasured(
            "structure", "regional_concentration", "production",
            "What each region is special in cannot be told: makers are known in {n} {n:region|regions}, two are needed. Fill in products.maker and firms.region.",
            f"firms, products: {len(made)}", n=int(regions),
        )  # fmt: skip
        return Diagnosed((reason,))
    plants = made.groupby(["family", "region", "maker"])["revenue"].sum()
    plants = plants[plants > 0]
    totals = made.groupby("region")["revenue"].sum().to_dict()
    matrix = made.pivot_table(index="region", columns="family", values="revenue", aggfunc="sum", fill_value=0.0)
    quotients = pd.DataFrame(location_quotient(matrix.to_numpy()), matrix.index, matrix.columns)
    families: list[dict[str, Any]] = []
    for family, rows in plants.groupby("family"):
        gamma, g, plant = ellison_glaeser({str(r): list(part) for r, part in rows.groupby("region")}, totals)
        families.append(
            {
                "family": str(family), "amount": float(rows.sum()), "makers": len(rows), "gamma": None if np.isnan(gamma) else gamma,
                "raw": g, "herfindahl": plant,
            }
        )  # fmt: skip
    families.sort(key=lambda row: -row["amount"])
    details = {
        "diagnosis_families": pa.Table.from_pylist(families, TABLES["diagnosis_families"].arrow),
        "diagnosis_regions": pa.Table.from_pylist(
            [
                {"family": str(family), "region": str(region), "amount": float(amount), "quotient": float(quotients.loc[region, family])}
                for (family, region), amount in plants.groupby(["family", "region"]).sum().items()
            ],
            TABLES["diagnosis_regions"].arrow,
        ),
    }  # fmt: skip
    several = [row for row in families if row["gamma"] is not None]
    if not several:
        reason = unmeasured(
            "structure", "regional_concentration", "production",
            "Whether making gathers in regions cannot be told: no family of products that sells is made by two firms. Fill in products.maker and products.family.",
            f"weekly, products.maker: {len(made)}",
        )  # fmt: skip
        return Diagnosed((reason,), details)
    largest, gamma = several[0]["family"], several[0]["gamma"]
    quotient = quotients[largest]
    values = {
        "family": largest, "region": str(quotient.idxmax()), "quotient": f"{quotient.max():.2f}", "gamma": f"{gamma:.3f}",
    }  # fmt: skip
    said = (
        both(
            "Making of {family} gathers in {region} ({quotient} times its share of the whole; Ellison–Glaeser index {gamma}).",
            **values,
        )
        if gamma >= CONCENTRATED
        else both(
            "Making of {family} does not gather: the most, in {region}, is {quotient} times its share of the whole (Ellison–Glaeser index {gamma}).",
            **values,
        )
        if gamma >= 0
        else both(
            "Making of {family} is more scattered over regions than chance would have it: the most, in {region}, is {quotient} times its share of the whole "
            "(Ellison–Glaeser index {gamma}).",
            **values,
        )
    )
    finding = Finding(
        "structure", "regional_concentration", "production", *said,
        f"weekly, products.maker: {len(made)}; diagnosis_families, diagnosis_regions: {len(families)}", largest, gamma, "ratio",
        "norm", CONCENTRATED,
    )  # fmt: skip
    return Diagnosed((finding,), details)


def _trade(tables: Tables) -> Diagnosed:
    """Measure the country's place in trade, in the classes the cluster's products fall into."""
    home = home_country(tables)
    if "trade" not in tables or not tables["trade"].num_rows or home is None:
        reason = unmeasured(
            "structure", "comparative_advantage", "ecosystem",
            "Comparative advantage cannot be told without the table trade and the country of the cluster (a hub among the sites, or the currency of its firms).",
            "trade: 0",
        )  # fmt: skip
        return Diagnosed((reason,))
    rows = tables.frame("trade", "country", "product", "year", "value")
    if rows["year"].notna().any():
        rows = rows[rows["year"] == rows["year"].max()]
    matrix = rows.pivot_table(index="country", columns="product", values="value", aggfunc="sum", fill_value=0.0)
    matrix = matrix.loc[matrix.sum(axis=1) > 0, matrix.sum(axis=0) > 0]
    names = {str(c).upper(): c for c in matrix.index}
    row = names.get(home) or names.get(_alpha3(home))
    if row is None:
        reason = unmeasured(
            "structure", "comparative_advantage", "ecosystem",
            "Comparative advantage cannot be told: the table trade has no row of {country}, the cluster's country.",
            f"trade: {len(rows)}", country=home,
        )  # fmt: skip
        return Diagnosed((reason,))
    world = world_trade(matrix)
    mine = set(tables.frame("products", "hs")["hs"].dropna())
    own = [p for p in world.rca.columns if any(str(code).startswith(str(p)) for code in mine)]
    exports = matrix.loc[row]
    source = f"trade: {len(rows)}, year {rows['year'].max()}"
    findings = (*_advantages(world, exports, own, home, source), *_complexity(world, exports, own, home, source))
    return Diagnosed(
        findings, {"diagnosis_countries": _countries(world), "diagnosis_trade": _classes(world, exports, own)}
    )


def _advantages(world: World, exports: pd.Series, own: Sequence[object], home: str, source: str) -> Iterator[Finding]:
    """Say of the cluster's largest classes, or the country's where none is known, whether exports are above their share."""
    for product in sorted(own or exports.index, key=lambda p: -exports[p])[:5]:
        value = float(world.rca.loc[exports.name, product])
        values = {"country": home, "product": str(product), "value": f"{value:.2f}"}
        said = (
            both(
                "Among the countries and products of the table trade, {country} exports {value} times its share of goods of class {product}: a comparative advantage.",
                **values,
            )
            if value >= 1
            else both(
                "Among the countries and products of the table trade, {country} exports {value} times its share of goods of class {product}: no comparative advantage.",
                **values,
            )
        )
        yield Finding(
            "structure", "comparative_advantage", "ecosystem", *said, source, str(product), value, "ratio", "norm", 1.0,
            severity=max(0.0, min(1.0, 1 - value)), measure="enter_market,differentiate",
        )  # fmt: skip


def _complexity(world: World, exports: pd.Series, own: Sequence[object], home: str, source: str) -> Iterator[Finding]:
    """Say how complex the country and the cluster's classes are, and which product is nearest to what it can do."""
    if world.density is None or world.eci is None or world.pci is None or world.fitness is None:
        yield unmeasured(
            "structure", "complexity", "ecosystem",
            "Relatedness and complexity need {countries} countries and {products} products in the table trade; it has {found}.",
            source, countries=LEAST_COUNTRIES, products=LEAST_PRODUCTS, found=" × ".join(map(str, world.rca.shape)),
        )  # fmt: skip
        return
    row = exports.name
    said = both(
        "{country} is number {rank} of {countries} in economic complexity.",
        country=home, rank=int(world.eci.rank(ascending=False)[row]), countries=len(world.eci),
    )  # fmt: skip
    yield Finding("structure", "complexity", "ecosystem", *said, source, home, float(world.eci[row]), "index")
    said = both(
        "{country} is number {rank} of {countries} in fitness, {value} times the mean country.",
        country=home, rank=int(world.fitness.rank(ascending=False)[row]), countries=len(world.fitness), value=f"{world.fitness[row]:.2f}",
    )  # fmt: skip
    yield Finding(
        "structure", "fitness", "ecosystem", *said, source, home, float(world.fitness[row]), "ratio", "others", 1.0
    )
    if own:
        yield _class_complexity(world.pci, exports, own, home, source)
    open_to = world.density.loc[row][world.rca.loc[row] < 1]
    if len(open_to):
        said = both(
            "The product nearest to what {country} can do and does not export in strength is {product} (relatedness {value}).",
            country=home,
            product=str(open_to.idxmax()),
            value=f"{open_to.max():.2f}",
        )
        yield Finding(
            "structure", "relatedness", "ecosystem", *said, source, str(open_to.idxmax()), float(open_to.max()), "ratio"
        )


def _class_complexity(pci: pd.Series, exports: pd.Series, own: Sequence[object], home: str, source: str) -> Finding:
    """Hold the complexity of the class that the cluster's country exports most of its classes against that of all its exports."""
    product = max(own, key=lambda p: exports[p])
    usual = float((pci * exports).sum() / exports.sum())
    said = both(
        "{product} is number {rank} of {products} products in complexity ({value}; {usual} for a usual export of {country}).",
        product=str(product), rank=int(pci.rank(ascending=False)[product]), products=len(pci), value=f"{pci[product]:.2f}",
        usual=f"{usual:.2f}", country=home,
    )  # fmt: skip
    return Finding(
        "structure",
        "product_complexity",
        "ecosystem",
        *said,
        source,
        str(product),
        float(pci[product]),
        "index",
        "others",
        usual,
    )


def _countries(world: World) -> pa.Table:
    """Return the table **diagnosis_countries**, the fittest first."""
    held = (world.rca >= 1).sum(axis=1)
    frame = pd.DataFrame({"advantages": held, "eci": world.eci, "fitness": world.fitness}, index=world.rca.index)
    frame = frame.sort_values(["fitness", "advantages"], ascending=False, kind="stable").reset_index(names="country")
    return _table("diagnosis_countries", frame)


def _classes(world: World, exports: pd.Series, own: Sequence[object]) -> pa.Table:
    """Return the table **diagnosis_trade**, what the country exports most first."""
    row = exports.name
    frame = pd.DataFrame(
        {
            "own": world.rca.columns.isin(own),
            "exports": exports,
            "rca": world.rca.loc[row],
            "exporters": (world.rca >= 1).sum(axis=0),
            "density": None if world.density is None else world.density.loc[row],
            "pci": world.pci,
            "fitness": world.product_fitness,
        },
        index=world.rca.columns,
    )
    frame = frame.sort_values("exports", ascending=False, kind="stable").reset_index(names="product")
    return _table("diagnosis_trade", frame)


def _table(name: str, frame: pd.DataFrame) -> pa.Table:
    schema = TABLES[name].arrow
    frame[frame.columns[0]] = frame[frame.columns[0]].astype(str)
    return pa.Table.from_pandas(frame[schema.names], schema, preserve_index=False)


def _alpha3(country: str) -> str:
    import pycountry

    found = pycountry.countries.get(alpha_2=country)
    return str(found.alpha_3) if found else country


def _chain(tables: Tables, net: Network) -> Iterator[Finding]:
    """Measure how many steps lie between makers and final buyers; rows of input and output are ties of the kind supply."""
    supply = tables.frame("ties", "firm_a", "firm_b", "kind", "year", "value") if "ties" in tables else pd.DataFrame()
    supply = supply[supply["kind"] == "supply"] if len(supply) else supply
    if not len(supply):
        yield unmeasured(
            "structure", "upstreamness", "supply_chain",
            "How far up the chain firms stand needs rows of who supplies whom: ties of the kind supply.",
            "ties: 0",
        )  # fmt: skip
        return
    from scipy.sparse import coo_array

    if supply["year"].notna().any():
        supply = supply[supply["year"] == supply["year"].max()]
    index, n = pd.Index(net.firms), len(net.firms)
    a, b = index.get_indexer(supply["firm_a"]), index.get_indexer(supply["firm_b"])
    used = (a >= 0) & (b >= 0) & (a != b)
    flows = coo_array((supply["value"].to_numpy(float)[used], (a[used], b[used])), shape=(n, n))
    sold = tables.frame("weekly", "week", "seller", "revenue")
    last = sold[sold["week"] > sold["week"].max() - pd.Timedelta(weeks=52)]
    final = last.groupby("seller")["revenue"].sum().reindex(index, fill_value=0.0).to_numpy()
    steps = upstreamness(flows, final)
    output = np.asarray(flows.sum(axis=1)).ravel() + final
    if steps is None or output.sum() <= 0:
        yield unmeasured(
            "structure", "upstreamness", "supply_chain",
            "How far up the chain firms stand cannot be told: by the table ties, goods go round among firms that sell to nobody else.",
            f"ties of kind supply: {len(supply)}",
        )  # fmt: skip
        return
    value = float((steps * output).sum() / output.sum())
    said = both(
        "Output stands {value} {value:step|steps} from its final buyer on average; {firm} stands furthest up, {most} {most:step|steps}.",
        value=f"{value:.2f}",
        firm=net.firms[int(np.argmax(steps))],
        most=f"{steps.max():.1f}",
    )
    yield Finding(
        "structure", "upstreamness", "supply_chain", *said, f"ties of kind supply: {len(supply)}", "", value, "steps"
    )
