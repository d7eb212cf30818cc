"""Quotients, concentration and complexity are those that were published."""

from __future__ import annotations

from pathlib import Path

import econcomplex
import numpy as np
import pandas as pd
import pytest

from jointplan.diagnosis.structure.special import (
    World,
    complexity,
    ellison_glaeser,
    fitness,
    location_quotient,
    upstreamness,
    world_trade,
)


def test_the_textbook_location_quotient() -> None:
    """1,714 of 79,006 against 879,213 of 15,593,224 is 0.3847623 (Farhauer and Kröll, Standorttheorien, 2014)."""
    regions = [[1714, 79006 - 1714], [879213 - 1714, 15593224 - 79006 - (879213 - 1714)]]
    assert location_quotient(regions)[0, 0] == pytest.approx(0.3847623, abs=5e-8)


def test_the_textbook_concentration_index() -> None:
    """Plants in three Austrian cities: γ = 0.0599063, G = 0.168163, H = 0.244689 (Farhauer and Kröll 2014)."""
    plants = {
        "Wien": [200.0, 650.0, 12000.0, 100.0, 50.0],
        "Linz": [16000.0, 13000.0, 1500.0, 1500.0],
        "Graz": [25000.0],
    }
    gamma, g, h = ellison_glaeser(plants, {"Wien": 500e3, "Linz": 400e3, "Graz": 100e3})
    assert gamma == pytest.approx(0.0599063, abs=5e-8)
    assert (g, h) == (pytest.approx(0.168163, abs=5e-7), pytest.approx(0.244689, abs=5e-7))


def test_one_plant_has_no_index() -> None:
    """Where all of an industry is one plant, or all industry in one region, γ is not defined."""
    assert np.isnan(ellison_glaeser({"A": [5.0]}, {"A": 10.0, "B": 10.0})[0])
    assert np.isnan(ellison_glaeser({"A": [5.0, 4.0]}, {"A": 10.0})[0])


@pytest.mark.real
def test_published_quotients_of_american_sectors(data: Path) -> None:
    """The column lq of us_state_sector_lq.csv, to 1e-12; its column locq counts other employment and is not the same."""
    rows = pd.read_csv(data / "quotients" / "us_state_sector_lq.csv")
    matrix = rows.pivot_table(index="state", columns="naics_title", values="tot_emp").fillna(0.0)
    mine = pd.DataFrame(location_quotient(matrix), matrix.index, matrix.columns)
    known = rows.dropna(subset=["lq", "tot_emp"])
    found = [mine.loc[row.state, row.naics_title] for row in known.itertuples()]
    assert len(known) == 800
    np.testing.assert_allclose(found, known["lq"], rtol=1e-12)


@pytest.fixture(scope="module")
def world(data: Path) -> World:
    """World trade 1998–2000, 226 countries × 785 products."""
    rows = pd.read_parquet(data / "trade" / "world_trade_avg_1998_to_2000.parquet")
    return world_trade(
        rows.pivot_table(index="country", columns="product", values="value", aggfunc="sum", fill_value=0.0)
    )


@pytest.mark.real
def test_comparative_advantages_of_the_world(world: World) -> None:
    """31,951 country–product pairs have RCA ≥ 1, as in the R package economiccomplexity."""
    assert int((world.rca >= 1).to_numpy().sum()) == 31_951


@pytest.mark.real
def test_complexity_and_relatedness_are_those_of_econcomplex(world: World) -> None:
    """On sixty countries and a hundred products, ECI and PCI are econcomplex's; density is the formula written out.

    Density is Σ_p' M φ / Σ_p' φ, φ the smaller conditional chance of exporting two products, without a product itself
    (Hidalgo and others 2007). Countries and products are those that export, and are exported, most widely.
    """
    all_held = (world.rca >= 1).astype(float)
    wide = all_held.loc[all_held.sum(axis=1).nlargest(60).index, all_held.sum(axis=0).nlargest(100).index]
    found, theirs = complexity(wide), econcomplex.eci_pci(wide, use_rca=False)
    assert found is not None
    for mine, known in zip(found, theirs, strict=True):
        known = known.to_numpy()
        np.testing.assert_allclose(mine, (known - known.mean()) / known.std(), atol=1e-8)
    held = all_held.to_numpy()
    assert world.density is not None
    together, has = held.T @ held, held.sum(axis=0)
    phi = together / np.maximum(has[:, None], has[None, :])
    np.fill_diagonal(phi, 0.0)
    density = held @ phi / phi.sum(axis=0)
    np.testing.assert_allclose(world.density, density, atol=1e-9)


@pytest.mark.real
@pytest.mark.slow
def test_complexity_of_the_whole_world(world: World) -> None:
    """All 226 countries: ECI is econcomplex's, which takes half a minute for it."""
    known, _ = econcomplex.eci_pci((world.rca >= 1).astype(float), use_rca=False)
    assert world.eci is not None
    np.testing.assert_allclose(world.eci, (known - known.mean()) / known.std(ddof=0), atol=1e-7)


def test_groups_without_a_common_product_have_no_complexity() -> None:
    """Two groups of countries that share no product repeat the eigenvalue 1: None, not an arbitrary vector."""
    block = np.ones((3, 4))
    block[0, 1:3] = 0
    nothing = np.zeros((3, 4))
    assert complexity(np.block([[block, nothing], [nothing, block]])) is None
    assert complexity(np.block([[block, nothing], [np.eye(3, 4), block]])) is not None


@pytest.mark.real
def test_fitness_after_nineteen_rounds_is_the_reference(world: World, data: Path) -> None:
    """Country and product fitness at 19 iterations equal those of economiccomplexity to 1e-12."""
    held = (world.rca >= 1).astype(float)
    country, product = fitness(held, rounds=19)
    for mine, names, name in ((country, held.index, "country"), (product, held.columns, "product")):
        rows = pd.read_csv(data / "trade" / f"fitness_{name}_19_iterations.csv", dtype={"Unnamed: 0": str}).set_index(
            "Unnamed: 0"
        )
        known = rows["0"].reindex(names.astype(str))
        np.testing.assert_allclose(mine, known, rtol=0, atol=1e-12)


def test_upstreamness_is_the_row_sum_of_the_ghosh_inverse() -> None:
    """Of Miller and Blair's two sectors: 1.9142 and 1.2541, the row sums of their output inverse (Input–Output Analysis, 2009)."""
    steps = upstreamness([[150, 500], [200, 100]], [350, 1700])
    assert steps is not None
    np.testing.assert_allclose(steps, [1.9142, 1.2541], atol=5e-5)
    apart = upstreamness([[0, 0], [0, 0]], [5, 7])
    assert apart is not None
    np.testing.assert_allclose(apart, [1, 1])
    assert upstreamness([[0, 5], [5, 0]], [0, 0]) is None
