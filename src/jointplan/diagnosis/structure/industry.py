"""What the cluster is special in, how concentrated its making is, and how far up the chain its firms stand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.home import home_country
from jointplan.diagnosis.materials import by_maker, makers_of
from jointplan.diagnosis.structure.network import Network
from jointplan.diagnosis.structure.special import (
    LEAST_COUNTRIES,
    LEAST_PRODUCTS,
    ellison_glaeser,
    location_quotient,
    upstreamness,
    world_trade,
)
from jointplan.engine import Tables
from jointplan.texts import both

CONCENTRATED = 0.05  # γ above which Ellison and Glaeser call an industry very concentrated


def industry_findings(tables: Tables, net: Network) -> Iterator[Finding]:
    """Measure the industry: regions, world trade, place in the chain."""
    yield from _regions(tables)
    yield from _trade(tables)
    yield from _chain(tables, net)


def _regions(tables: Tables) -> Iterator[Finding]:
    """Measure how families of products gather in regions, from who makes what."""
    made = by_maker(tables.frame("weekly", "sku", "revenue"), makers_of(tables), "revenue")
    made = made.merge(tables.frame("products", "sku", "family"), on="sku")
    made = made.merge(tables.frame("firms", "firm", "region"), left_on="maker", right_on="firm").dropna(
        subset=["region"]
    )
    regions = made["region"].nunique()
    if regions < 2:
        yield unmeasured(
            "structure", "regional_concentration", "production",
            "What each region is special in cannot be told: makers are known in {n} {n:region|regions}, two are needed. Fill in products.maker and firms.region.",
            f"firms, products: {len(made)}", n=int(regions),
        )  # fmt: skip
        return
    plants = made.groupby(["family", "region", "maker"])["revenue"].sum()
    totals = made.groupby("region")["revenue"].sum().to_dict()
    largest = str(made.groupby("family")["revenue"].sum().idxmax())
    of_family = {str(r): list(part) for r, part in plants.loc[largest].groupby("region")}
    gamma, _, _ = ellison_glaeser(of_family, totals)
    matrix = made.pivot_table(index="region", columns="family", values="revenue", aggfunc="sum", fill_value=0.0)
    quotient = pd.DataFrame(location_quotient(matrix.to_numpy()), matrix.index, matrix.columns)[largest]
    said = both(
        "Making of {family} gathers in {region} ({quotient} times its share of the whole; Ellison–Glaeser index {gamma}).",
        family=largest,
        region=str(quotient.idxmax()),
        quotient=f"{quotient.max():.2f}",
        gamma="–" if np.isnan(gamma) else f"{gamma:.3f}",
    )
    value = None if np.isnan(gamma) else gamma
    if value is not None:
        yield Finding(
            "structure", "regional_concentration", "production", *said, f"weekly, products.maker: {len(made)}", largest,
            value, "ratio", "norm", CONCENTRATED,
        )  # fmt: skip


def _trade(tables: Tables) -> Iterator[Finding]:
    """Measure the country's place in trade, in the classes the cluster's products fall into."""
    home = home_country(tables)
    if "trade" not in tables or not tables["trade"].num_rows or home is None:
        yield unmeasured(
            "structure", "comparative_advantage", "ecosystem",
            "Comparative advantage cannot be told without the table trade and the country of the cluster (a hub among the sites, or the currency of its firms).",
            "trade: 0",
        )  # fmt: skip
        return
    rows = tables.frame("trade", "country", "product", "year", "value")
    if rows["year"].notna().any():
        rows = rows[rows["year"] == rows["year"].max()]
    matrix = rows.pivot_table(index="country", columns="product", values="value", aggfunc="sum", fill_value=0.0)
    names = {str(c).upper(): c for c in matrix.index}
    row = names.get(home) or names.get(_alpha3(home))
    if row is None:
        yield unmeasured(
            "structure", "comparative_advantage", "ecosystem",
            "Comparative advantage cannot be told: the table trade has no row of {country}, the cluster's country.",
            f"trade: {len(rows)}", country=home,
        )  # fmt: skip
        return
    world = world_trade(matrix)
    mine = set(tables.frame("products", "hs")["hs"].dropna())
    classes = [p for p in world.rca.columns if any(str(code).startswith(str(p)) for code in mine)] or list(
        world.rca.columns
    )
    source = f"trade: {len(rows)}, year {rows['year'].max()}"
    for product in sorted(classes, key=lambda p: -matrix.loc[row, p])[:5]:
        value = float(world.rca.loc[row, product])
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
    if world.density is None or world.eci is None or row not in world.eci.index:
        yield unmeasured(
            "structure", "complexity", "ecosystem",
            "Relatedness and complexity need {countries} countries and {products} products in the table trade; it has {found}.",
            source, countries=LEAST_COUNTRIES, products=LEAST_PRODUCTS, found=f"{matrix.shape[0]} × {matrix.shape[1]}",
        )  # fmt: skip
        return
    rank = int(world.eci.rank(ascending=False)[row])
    said = both(
        "{country} is number {rank} of {countries} in economic complexity.",
        country=home,
        rank=rank,
        countries=len(world.eci),
    )
    yield Finding("structure", "complexity", "ecosystem", *said, source, home, float(world.eci[row]), "index")
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
        "Output stands {value} steps from its final buyer on average; {firm} stands furthest up, {most} steps.",
        value=f"{value:.2f}",
        firm=net.firms[int(np.argmax(steps))],
        most=f"{steps.max():.1f}",
    )
    yield Finding(
        "structure", "upstreamness", "supply_chain", *said, f"ties of kind supply: {len(supply)}", "", value, "steps"
    )
