"""What regions and countries are special in is kept whole: every family, every country, every product."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import econcomplex
import numpy as np
import pandas as pd
import pytest

from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.settings import StructureSettings
from jointplan.diagnosis.structure import measure_structure
from jointplan.engine import Tables
from tests.diagnosis.cluster import MONDAY, Row, small


def measured(tables: Tables) -> tuple[dict[tuple[str, str], Any], Diagnosed]:
    """Return the findings by indicator and subject, and all that was made."""
    made = measure_structure(tables, StructureSettings(draws=20), currency="CNY", seed=7)
    return {(f.indicator, f.subject): f for f in made.findings}, made


def plants() -> Tables:
    """Return the textbook's plants as makers of textiles, and in each region one maker of the rest, by a week's sales."""
    sizes = {"Wien": [200, 650, 12000, 100, 50], "Linz": [16000, 13000, 1500, 1500], "Graz": [25000]}
    totals = {"Wien": 500e3, "Linz": 400e3, "Graz": 100e3}
    makers = [(f"{r}{n}", r, "textiles", float(size)) for r, part in sizes.items() for n, size in enumerate(part)]
    makers += [(f"{r}-rest", r, "rest", total - sum(sizes[r])) for r, total in totals.items()]
    return small(
        firms=[{"firm": name, "role": "both", "region": region} for name, region, _, _ in makers],
        products=[{"sku": f"P-{name}", "family": family, "maker": name} for name, _, family, _ in makers],
        weekly=[
            {"week": MONDAY, "sku": f"P-{name}", "market": "CN", "seller": name, "quantity": 1.0, "revenue": size}
            for name, _, _, size in makers
        ],
    )


def test_every_family_has_its_index_and_its_quotients() -> None:
    """Of the textbook's textiles γ = 0.0599063 (Farhauer and Kröll 2014); the rest, larger, has its own, and each region its quotient."""
    found, made = measured(plants())
    families = {row["family"]: row for row in made.tables["diagnosis_families"].to_pylist()}
    assert list(families) == ["rest", "textiles"]
    textiles = families["textiles"]
    assert textiles["gamma"] == pytest.approx(0.0599063, abs=5e-8)
    assert (textiles["raw"], textiles["herfindahl"]) == (
        pytest.approx(0.168163, abs=5e-7),
        pytest.approx(0.244689, abs=5e-7),
    )
    assert (textiles["makers"], textiles["amount"]) == (10, 70_000.0)
    assert found["regional_concentration", "rest"].value == pytest.approx(families["rest"]["gamma"])
    quotients = {
        (row["family"], row["region"]): row["quotient"] for row in made.tables["diagnosis_regions"].to_pylist()
    }
    assert len(quotients) == 6
    assert quotients["textiles", "Graz"] == pytest.approx((25_000 / 70_000) / (100e3 / 1e6))
    assert quotients["rest", "Wien"] == pytest.approx(((500e3 - 13_000) / 930e3) / 0.5)


def test_a_family_of_one_maker_has_no_index_and_the_next_is_told() -> None:
    """Where the largest family is one firm's its index is blank and the next family is told; where all are, the reason stands."""
    makers = [("A", "a", "lamp", 90.0), ("B", "a", "pot", 20.0), ("C", "b", "pot", 30.0)]

    def told(rows: list[tuple[str, str, str, float]]) -> tuple[dict[tuple[str, str], Any], Diagnosed]:
        return measured(
            small(
                firms=[{"firm": name, "role": "both", "region": region} for name, region, _, _ in rows],
                products=[{"sku": name, "family": family, "maker": name} for name, _, family, _ in rows],
                weekly=[
                    {"week": MONDAY, "sku": name, "market": "CN", "seller": name, "quantity": 1.0, "revenue": size}
                    for name, _, _, size in rows
                ],
            )
        )

    found, made = told(makers)
    assert [row["gamma"] is None for row in made.tables["diagnosis_families"].to_pylist()] == [True, False]
    assert found["regional_concentration", "pot"].value is not None
    found, made = told([makers[0], makers[2]])
    assert "made by two firms" in found["regional_concentration", ""].sentence
    assert made.tables["diagnosis_regions"].num_rows == 2


@pytest.mark.parametrize(
    ("regions", "english", "chinese"),
    [
        (("N", "N", "N", "S"), "gathers in N", "集中于 N"),
        (("N", "S", "N", "S"), "more scattered over regions than chance", "更分散"),
    ],
)
def test_making_gathers_only_where_the_index_says_so(regions: tuple[str, ...], english: str, chinese: str) -> None:
    """Kettles made in one region and pots in the other gather; both made in both, half in each, are scattered (index below 0)."""
    firms = [{"firm": f"M{n}", "role": "both", "region": region} for n, region in enumerate(regions * 2)]
    family = ["kettle"] * 3 + ["pot"] if regions[1] == "N" else ["kettle"] * 4
    family += ["pot"] * 3 + ["kettle"] if regions[1] == "N" else ["pot"] * 4
    if regions[1] == "N":
        firms = [firm | {"region": "N" if kind == "kettle" else "S"} for firm, kind in zip(firms, family, strict=True)]
    found, _ = measured(
        small(
            firms=firms,
            products=[{"sku": f"P{n}", "family": kind, "maker": f"M{n}"} for n, kind in enumerate(family)],
            weekly=[
                {"week": MONDAY, "sku": f"P{n}", "market": "CN", "seller": f"M{n}", "quantity": 1.0, "revenue": 100.0}
                for n in range(8)
            ],
        )
    )
    told = next(finding for (indicator, _), finding in found.items() if indicator == "regional_concentration")
    assert told.value is not None
    assert (told.value < 0) == ("scattered" in english)
    assert english in told.sentence
    assert chinese in told.sentence_zh


def trade(countries: int = 12, products: int = 25) -> list[Row]:
    """Return exports of made-up countries, CHN the first, in two years; the earlier one is all alike."""
    rng = np.random.default_rng(3)
    names = ["CHN", *(f"C{n:02}" for n in range(1, countries))]
    value = rng.gamma(0.5, 100, (countries, products))
    return [
        {"country": name, "product": f"{8500 + p}", "year": year, "value": float(value[c, p]) if year == 2024 else 1.0}
        for year in (2023, 2024) for c, name in enumerate(names) for p in range(products)
    ]  # fmt: skip


def test_complexity_and_fitness_of_every_country_and_product_are_kept() -> None:
    """RCA, density and PCI of the latest year are econcomplex's; the cluster's class has a finding, and the rows of its class say so."""
    rows = trade()
    products = [{"sku": "P0", "family": "kettle", "hs": "850700"}]
    found, made = measured(small(products=products, trade=rows))
    matrix = pd.DataFrame([row for row in rows if row["year"] == 2024]).pivot_table(
        index="country", columns="product", values="value"
    )
    rca = econcomplex.rca(matrix)
    held = (rca >= 1).astype(float)
    eci, pci = econcomplex.eci_pci(held, use_rca=False)
    # The signs of the vectors are free: countries of many products are complex, and so are the products of complex countries.
    eci = eci * np.sign(np.corrcoef(eci, held.sum(axis=1))[0, 1])
    pci = pci * np.sign(np.corrcoef(pci, held.T @ eci / held.sum())[0, 1])
    table = made.tables["diagnosis_trade"].to_pandas().set_index("product").sort_index()
    assert table.index[table["own"]].tolist() == ["8507"]
    for name, known in (("exports", matrix.loc["CHN"]), ("rca", rca.loc["CHN"]), ("exporters", held.sum())):
        np.testing.assert_allclose(table[name], known, err_msg=name)
    np.testing.assert_allclose(table["density"], econcomplex.density(held, use_rca=False).loc["CHN"] / 100, atol=1e-9)
    np.testing.assert_allclose(table["pci"], (pci - pci.mean()) / pci.std(ddof=0), atol=1e-7)
    assert table["fitness"].mean() == pytest.approx(1.0)
    countries = made.tables["diagnosis_countries"].to_pandas().set_index("country").sort_index()
    np.testing.assert_allclose(countries["eci"], (eci - eci.mean()) / eci.std(ddof=0), atol=1e-7)
    np.testing.assert_allclose(countries["advantages"], held.sum(axis=1))
    finding = found["product_complexity", "8507"]
    assert finding.value == pytest.approx(table.loc["8507", "pci"])
    assert finding.reference == pytest.approx(np.average(table["pci"], weights=table["exports"]))
    rank = 1 + int((countries["fitness"] > countries.loc["CHN", "fitness"]).sum())
    assert f"number {rank} of 12 in fitness" in found["fitness", "CN"].sentence
    assert found["fitness", "CN"].value == pytest.approx(countries.loc["CHN", "fitness"])
    nearest = table[table["rca"] < 1]["density"]
    assert found["relatedness", str(nearest.idxmax())].value == pytest.approx(nearest.max())
    assert 0 < nearest.max() < 1


def test_little_trade_keeps_what_it_tells() -> None:
    """With three countries the advantages stay; complexity is blank and its reason stands."""
    found, made = measured(small(trade=trade(3, 4)))
    assert found["complexity", ""].value is None
    table = made.tables["diagnosis_trade"].to_pandas()
    assert len(table) == 4
    assert table["rca"].notna().all()
    assert table[["pci", "fitness", "density"]].isna().all(axis=None)
    assert not table["own"].any()


@pytest.mark.real
def test_fitness_of_the_world_comes_through_to_the_tables(data: Path) -> None:
    """Of 226 countries and 785 products, fitness at 19 iterations is the reference's to 1e-12 in the tables a run writes."""
    rows = pd.read_parquet(data / "trade" / "world_trade_avg_1998_to_2000.parquet")[["country", "product", "value"]]
    _, made = measured(small(trade=rows.astype({"country": str, "product": str}).to_dict("records")))
    for name, key in (("country", "diagnosis_countries"), ("product", "diagnosis_trade")):
        table = made.tables[key].to_pandas().set_index(name)
        known = pd.read_csv(data / "trade" / f"fitness_{name}_19_iterations.csv", dtype={"Unnamed: 0": str})
        known = known.set_index("Unnamed: 0")["0"].reindex(table.index)
        assert len(table) == {"country": 226, "product": 785}[name]
        np.testing.assert_allclose(table["fitness"], known, rtol=0, atol=1e-12)
