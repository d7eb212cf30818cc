"""The rows behind a finding are those it was measured on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from jointplan.diagnosis import DiagnosisSettings, diagnose
from jointplan.diagnosis.behind import BEHIND
from jointplan.report.words import INDICATORS
from jointplan.schema import TABLES
from tests.diagnosis.cluster import MONDAY, small

LAST = MONDAY + timedelta(weeks=79)
TOLD_ONLY = {  # what is said of the tables, never a figure
    "unsolved_nodes", "products_left_out", "nodes_left_out", "making_cost", "weights_unused", "indicators_left_out", "periods_left_out",
    "indicators_averaged", "indicators_both_ways", "currencies_without_rate", "groups_left_out", "materials", "missing_unit_values",
    "unpriced_deliveries", "maker_exposure",
}  # fmt: skip


def diagnosed(settings: DiagnosisSettings, **changes: Any) -> dict[str, pd.DataFrame]:
    made = diagnose(small(**changes), settings, currency="CNY", holding_rate=0.25, seed=7)
    return {name: table.to_pandas() for name, table in made.items()}


def behind(made: dict[str, pd.DataFrame], indicator: str, table: str) -> pd.DataFrame:
    rows = made["finding_rows"]
    return rows[(rows["indicator"] == indicator) & (rows["table"] == table)]


@pytest.fixture(scope="module")
def made() -> dict[str, pd.DataFrame]:
    """Return the diagnosis of a cluster that misses certificates for all but one of its makers."""
    titles = [
        "red steel kettle",
        "red steel kettle",
        "blue glass jug",
        "green iron pan",
        "old oak box",
        "tin cup",
        "wool hat",
        "silk tie",
    ]
    products = [
        row | {"title": title, "brand_owner": row["maker"]}
        for row, title in zip(small()["products"].to_pylist(), titles, strict=True)
    ]
    return diagnosed(DiagnosisSettings(), products=products, certificates=[{"firm": "M0", "market": "DE"}])


def test_every_indicator_that_can_be_measured_has_rows() -> None:
    """Each indicator with a name is either only said, or has its sources; each source is a table, and each of its columns is one of it."""
    assert set(BEHIND) == set(INDICATORS) - TOLD_ONLY
    for sources in BEHIND.values():
        for source in sources:
            names = {"week", "market", "sku", "seller", "revenue"}
            if source.table != "weekly":
                names = set(TABLES[source.table].names)
            assert {*source.keys, *filter(None, (source.amount, source.dated))} <= names, source


def test_every_finding_has_rows(made: dict[str, pd.DataFrame]) -> None:
    """What has a complaint has rows; what was not measured has none, as its reason stands instead."""
    findings, rows = made["findings"], made["finding_rows"]
    complaints = set(findings.loc[findings["severity"] > 0, "indicator"])
    assert len(complaints) > 3
    assert complaints <= set(rows["indicator"])
    measured = set(findings.loc[findings["value"].notna(), "indicator"])
    assert set(rows["indicator"]) <= measured


def test_rows_add_up_to_the_finding(made: dict[str, pd.DataFrame]) -> None:
    """What is sold without a certificate, over what is sold, is the finding; near-identical goods are as many as it counts."""
    value = made["findings"].set_index("indicator")["value"]
    weekly = small().frame("weekly")
    year = weekly[weekly["week"] > pd.Timestamp(LAST - timedelta(weeks=52))]
    lacking = behind(made, "certificates", "diagnosis_uncertified")
    assert lacking["amount"].sum() / year["revenue"].sum() == pytest.approx(value["certificates"])
    assert set(lacking["row"]) == {f"maker=M{n % 4}; sku=P{n}; market=DE" for n in range(8) if n % 4}
    alike = behind(made, "near_identical_share", "diagnosis_products")
    assert set(alike["row"]) == {"sku=P0", "sku=P1"}
    assert alike["amount"].sum() / year["revenue"].sum() == pytest.approx(value["near_identical_share"])
    sold = behind(made, "market_concentration", "weekly")
    assert sold["amount"].sum() == pytest.approx(year["revenue"].sum())
    assert sold["amount"].is_monotonic_decreasing


def test_beyond_the_limit_the_count_is_told(made: dict[str, pd.DataFrame]) -> None:
    """Of 16 products in markets, five are listed, the largest, and each says that there are 16."""
    few = diagnosed(DiagnosisSettings(rows=5))
    all_sold, sold = (behind(found, "market_concentration", "weekly") for found in (made, few))
    assert (len(all_sold), len(sold)) == (16, 5)
    assert set(sold["total"]) == {16}
    assert sold["row"].tolist() == all_sold["row"].tolist()[:5]
