"""What the cluster is special in: quotients, concentration, and its place in the world's trade."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from jointplan.diagnosis.chains import along_chains

Floats = npt.NDArray[np.float64]


def location_quotient(matrix: npt.ArrayLike) -> Floats:
    """Return LQ = (E_ir/E_r) / (E_i/E) for rows of regions and columns of industries; NaN where a total is zero."""
    e = np.asarray(matrix, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient: Floats = (e / e.sum(axis=1, keepdims=True)) / (e.sum(axis=0) / e.sum())
    return quotient


def ellison_glaeser(plants: dict[str, list[float]], totals: dict[str, float]) -> tuple[float, float, float]:
    """Return γ = (G/(1 − Σx²) − H)/(1 − H), with G = Σ(s − x)² and the plants' Herfindahl index H (Ellison, Glaeser 1997).

    Parameters
    ----------
    plants : dict
        Size of each plant of the industry, by region.
    totals : dict
        Size of all industry, by region.

    Returns
    -------
    tuple of float
        γ, G and H. Above 0.05 an industry counts as highly concentrated, below 0.02 as not.
    """
    regions = sorted({*plants, *totals})
    industry = sum(sum(sizes) for sizes in plants.values())
    everything = sum(totals.values())
    s = np.array([sum(plants.get(region, [])) / industry for region in regions])
    x = np.array([totals.get(region, 0.0) / everything for region in regions])
    h = sum((size / industry) ** 2 for sizes in plants.values() for size in sizes)
    g = float(((s - x) ** 2).sum())
    free, single = 1 - float((x**2).sum()), 1 - h
    gamma = (g / free - h) / single if free > 0 and single > 0 else float("nan")
    return gamma, g, h


@dataclass(frozen=True)
class World:
    """A country's place in trade, by product.

    Parameters
    ----------
    rca : DataFrame
        Balassa's revealed comparative advantage, countries × products.
    density : DataFrame or None
        Relatedness density, shares; None where there are too few countries or products to tell what is related.
    eci, pci : Series or None
        Economic complexity of countries and of products; None also where countries fall into groups without a common product.
    fitness, product_fitness : Series or None
        Fitness of countries and complexity of products, each over its mean.
    """

    rca: pd.DataFrame
    density: pd.DataFrame | None = None
    eci: pd.Series | None = None
    pci: pd.Series | None = None
    fitness: pd.Series | None = None
    product_fitness: pd.Series | None = None


LEAST_COUNTRIES, LEAST_PRODUCTS = 10, 20


def world_trade(values: pd.DataFrame) -> World:
    """Return the indices of a countries × products matrix of exports; RCA and density are econcomplex's."""
    import econcomplex as ec

    values = values.loc[values.sum(axis=1) > 0, values.sum(axis=0) > 0]
    rca = ec.rca(values)
    if values.shape[0] < LEAST_COUNTRIES or values.shape[1] < LEAST_PRODUCTS:
        return World(rca)
    held = (rca >= 1).astype(float)
    density = ec.density(held, use_rca=False) / 100  # econcomplex tells per cent
    found = complexity(held.to_numpy())
    eci, pci = (None, None) if found is None else (pd.Series(found[0], held.index), pd.Series(found[1], held.columns))
    country, product = fitness(held.to_numpy())
    return World(rca, density, eci, pci, pd.Series(country, held.index), pd.Series(product, held.columns))


def complexity(held: npt.ArrayLike) -> tuple[Floats, Floats] | None:
    """Return economic complexity of countries and of products, standardised (Hidalgo and Hausmann 2009).

    ECI is the second eigenvector of D⁻¹ M U⁻¹ M', PCI the mean ECI of a product's exporters. Both come from the symmetric
    matrix D^-½ M U⁻¹ M' D^-½ of the countries, which takes a hundredth of the time of the general one. None where countries
    fall into groups without a common product: then eigenvalue 1 is there more than once, and its vectors tell nothing.
    """
    m = np.asarray(held, float)
    rows, columns = m.sum(axis=1) > 0, m.sum(axis=0) > 0
    used = m[rows][:, columns]
    diversity, ubiquity = used.sum(axis=1), used.sum(axis=0)
    root = used / np.sqrt(diversity)[:, None]
    values, vectors = np.linalg.eigh((root / ubiquity) @ root.T)
    if len(values) < 3 or values[-2] > 1 - 1e-9:
        return None
    raw = vectors[:, -2] / np.sqrt(diversity)
    raw = raw if np.corrcoef(raw, diversity)[0, 1] >= 0 else -raw
    eci, pci = np.full(len(m), np.nan), np.full(m.shape[1], np.nan)
    of_products = (raw @ used) / ubiquity
    eci[rows] = (raw - raw.mean()) / raw.std()
    pci[columns] = (of_products - of_products.mean()) / of_products.std()
    return eci, pci


def fitness(held: npt.ArrayLike, rounds: int = 19) -> tuple[Floats, Floats]:
    """Return the fitness of countries and the complexity of products (Tacchella and others, Sci. Rep. 2, 2012).

    F_c = Σ_p M_cp Q_p and Q_p = 1/Σ_c M_cp/F_c, both from the values of the round before, and each divided by its mean.
    econcomplex 1.0 takes the new F for Q, which is another series of rounds, so this is written out; 19 is what the R package
    economiccomplexity makes.
    """
    m = np.asarray(held, float)
    country, product = np.ones(m.shape[0]), np.ones(m.shape[1])
    for _ in range(rounds):
        above, below = m @ product, 1 / ((1 / country) @ m)
        country, product = above / above.mean(), below / below.mean()
    return country, product


def upstreamness(flows: npt.ArrayLike, final: npt.ArrayLike) -> Floats | None:
    """Return how many steps lie between each row's output and its last buyer, U = (I − Δ)⁻¹ 1 (Antràs and others 2012).

    Parameters
    ----------
    flows : array_like or sparse, shape (n, n)
        What row i sells to column j.
    final : array_like, shape (n,)
        What it sells to final buyers; output is the sum of both.

    Returns
    -------
    ndarray or None
        Steps; None where goods go round in circles that nothing leaves.
    """
    from scipy.sparse import csr_array, diags_array

    z = csr_array(flows)
    output = np.asarray(z.sum(axis=1)).ravel() + np.asarray(final, float)
    share = diags_array(1 / np.where(output > 0, output, 1.0)) @ z
    return along_chains(share, np.ones(len(output)))
