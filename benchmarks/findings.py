"""What the diagnosis finds on real data: on makers of bed linen, on listings of a marketplace, on deliveries, and on the sample.

    python benchmarks/findings.py [--data DIR] [--case NAME …] [--all] [--json]

ibitinga: the sellers of bed linen of one town in the Olist orders. wish: 1,341 listings of 958 merchants, each sold once, in the number the marketplace
shows. scms: the deliveries of a programme of health products. sample: the synthetic cluster. Each goes the way of a user: tables in a folder, then
``jointplan diagnose``. Complaints are told the most severe first, as on the first page of the report; ``--all`` tells whatever was measured.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from jointplan.ingest import import_files
from jointplan.report.diagnosis.wording import against, measured, ranked, sentence, sureness
from jointplan.report.view import RunView
from jointplan.sample import write_sample
from jointplan.store import Workspace
from jointplan.study import Study

TOLD = (
    "topic",
    "indicator",
    "subject",
    "value",
    "unit",
    "low",
    "high",
    "p_value",
    "comparison",
    "reference",
    "severity",
)


def ibitinga(data: Path, folder: Path) -> None:
    """Import the sellers of Ibitinga from the Olist orders."""
    import_files("olist", data / "olist", Workspace(folder), options={"city": "ibitinga"})


def scms(data: Path, folder: Path) -> None:
    """Import the SCMS deliveries."""
    import_files("scms", data / "scms" / "SCMS_Delivery_History_Dataset.parquet", Workspace(folder), options={})


def sample(_: Path, folder: Path) -> None:
    """Write the sample cluster."""
    write_sample(folder)


def wish(data: Path, folder: Path) -> None:
    """Write the Wish listings: a merchant a firm, a listing a product, the units sold a line of sales in one week."""
    listings = pd.read_parquet(data / "wish" / "listings.parquet").drop_duplicates("product_id")
    merchants = sorted(set(listings["merchant_id"]))
    tables = {
        "firms": {"firm": merchants, "role": "seller"},
        "products": {
            "sku": listings["product_id"],
            "title": listings["title_orig"],
            "family": "fashion",
            "brand_owner": listings["merchant_id"],
        },
        "markets": {"market": ["FR"], "country": "FR", "currency": "EUR"},
        "sales": {
            "document": listings["product_id"],
            "date": pd.Timestamp("2020-07-06") + pd.to_timedelta(np.arange(len(listings)) % 7, unit="D"),
            "sku": listings["product_id"],
            "market": "FR",
            "seller": listings["merchant_id"],
            "quantity": listings["units_sold"],
            "unit_price": listings["price"],
        },
    }
    (folder / "tables").mkdir(parents=True)
    for name, columns in tables.items():
        pd.DataFrame(columns).to_csv(folder / "tables" / f"{name}.csv", index=False)
    (folder / "jointplan.toml").write_text('currency = "EUR"\n', "utf-8")


CASES: dict[str, Callable[[Path, Path], None]] = {"ibitinga": ibitinga, "wish": wish, "scms": scms, "sample": sample}


def case(name: str, data: Path, *, everything: bool) -> dict[str, Any]:
    """Diagnose one of the clusters."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / name
        CASES[name](data, folder)
        began = time.perf_counter()
        view = RunView(Study.open(folder).diagnose(), "en")
        frame = view.frame("findings")
        told = frame[frame["value"].notna()] if everything else ranked(view)
        rows = [row for _, row in told.iterrows()]
        return {
            "name": name,
            "seconds": round(time.perf_counter() - began, 1),
            "measured": int(frame["value"].notna().sum()),
            "not_measured": int(frame["value"].isna().sum()),
            "findings": [
                {
                    **{column: None if pd.isna(row[column]) else row[column] for column in TOLD},
                    "sentence": sentence(view, row),
                    "told": [measured(view, row), against(view, row), sureness(view, row)],
                }
                for row in rows
            ],
        }


def main() -> None:
    """Diagnose the clusters and print what is found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("JOINTPLAN_DATA")
    parser.add_argument(
        "--data", type=Path, default=data, required=data is None, help="folder of data [JOINTPLAN_DATA]"
    )
    parser.add_argument("--case", choices=CASES, nargs="+", default=list(CASES), help="clusters to diagnose")
    parser.add_argument("--all", action="store_true", help="whatever was measured, not only complaints")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    cases = [case(name, Path(arguments.data), everything=arguments.all) for name in arguments.case]
    if arguments.json:
        summary = {c["name"]: len(c["findings"]) for c in cases} | {"seconds": sum(c["seconds"] for c in cases)}
        print(json.dumps({"cases": cases, "summary": summary}))
        return
    for found in cases:
        print(f"{found['name']}: {found['measured']} measured, {found['not_measured']} not, {found['seconds']} s")
        for row in found["findings"]:
            value, held, sure = row["told"]
            severity = "   –" if row["severity"] is None else f"{row['severity']:.2f}"
            print(f"  {severity}  {row['indicator']}: {value} | {held} | {sure}\n        {row['sentence']}")
        print()


if __name__ == "__main__":
    main()
