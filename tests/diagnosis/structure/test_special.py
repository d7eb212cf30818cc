"""Quotients, concentration and complexity are those that were published."""

from __future__ import annotations

from pathlib import Path

import econcomplex
import numpy as np
import pandas as pd
import pytest

from jointplan.diagnosis.structure.special import ellison_glaeser, fitness, location_quotient, upstreamness, world_trade


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
def exports(request: pytest.FixtureRequest) -> pd.DataFrame:
    """World trade 1998–2000, 226 countries × 785 products."""
    data: Path = request.getfixturevalue("data")
    rows = pd.read_parquet(data / "trade" / "world_trade_avg_1998_to_2000.parquet")
    return rows.pivot_table(index="country", columns="product", values="value", aggfunc="sum", fill_value=0.0)


@pytest.mark.real
def test_comparative_advantages_of_the_world(exports: pd.DataFrame) -> None:
    """31,951 country–product pairs have RCA ≥ 1, as in the R package economiccomplexity."""
    assert int((world_trade(exports).rca >= 1).to_numpy().sum()) == 31_951


@pytest.mark.real
def test_complexity_and_relatedness_are_those_of_econcomplex(exports: pd.DataFrame) -> None:
    """ECI, fitness and density are what econcomplex gives for the binary matrix, by a way of our own where it is short.

    Relatedness density is Σ_p' M φ / Σ_p' φ with φ the smaller conditional chance (Hidalgo and others 2007), written out here.
    """
    world = world_trade(exports)
    held = (world.rca >= 1).to_numpy(float)
    eci, _ = econcomplex.eci_pci(world.rca, use_rca=False)
    assert world.eci is not None
    assert world.density is not None
    assert world.eci.corr(eci) == pytest.approx(1.0, abs=1e-9)
    together, has = held.T @ held, held.sum(axis=0)
    phi = together / np.maximum(has[:, None], has[None, :])
    np.fill_diagonal(phi, 0.0)
    density = held @ phi / phi.sum(axis=0)
    found = world.density.to_numpy() / (100.0 if world.density.to_numpy().max() > 1 else 1.0)
    np.testing.assert_allclose(found, density, atol=1e-9)


@pytest.mark.real
def test_fitness_after_nineteen_rounds_is_the_reference(exports: pd.DataFrame, data: Path) -> None:
    """Country and product fitness at 19 iterations equal those of economiccomplexity to 1e-12."""
    held = (world_trade(exports).rca >= 1).astype(float)
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
