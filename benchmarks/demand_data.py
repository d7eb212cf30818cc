"""Real collections of demand series, read as arrays for the benchmarks of forecasts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pycountry

Array = npt.NDArray[np.float64]
Names = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Collection:
    """Series of one source that end together.

    Parameters
    ----------
    name : str
        What it is.
    values : array, series × periods
        Units; NaN where demand is not known: before a series begins, and out of stock.
    sku, market, family : arrays of str
        What each series is; blank where the source does not say.
    season : int
        Periods of a season.
    horizon : int
        Periods to forecast.
    begin : date or None
        Monday of the first week, where the source tells it.
    country : array of str or None
        Country of each series, two letters, blank where not known.
    """

    name: str
    values: Array
    sku: Names
    market: Names
    family: Names
    season: int
    horizon: int
    begin: date | None = None
    country: Names | None = None


COUNTRIES = {"EIRE": "IE", "RSA": "ZA", "USA": "US", "Channel Islands": "GB", "Korea": "KR"}
"""Countries of Online Retail that go by another name; those that are none, such as European Community, stay blank."""


def _country(name: str) -> str:
    if name in COUNTRIES:
        return COUNTRIES[name]
    found = pycountry.countries.get(name=name) or pycountry.countries.get(common_name=name)
    return str(found.alpha_2) if found else ""


def _plain(count: int) -> Names:
    return np.full(count, "", dtype=np.str_)


def _numbered(count: int) -> Names:
    return np.array([f"{number:05}" for number in range(count)], dtype=np.str_)


def _since_first(values: Array) -> Array:
    """Forget the zeros before the first unit: the series had not begun."""
    sold = values > 0
    first = np.where(sold.any(axis=1), sold.argmax(axis=1), values.shape[1])
    return np.where(np.arange(values.shape[1]) >= first[:, None], values, np.nan)


def online_retail(data: Path) -> Collection:
    """Product × country by week, of a British gift wholesaler, cancellations left out."""
    lines = pd.read_parquet(
        data / "online_retail" / "online_retail_II.parquet",
        columns=["StockCode", "Quantity", "InvoiceDate", "UnitPrice", "Country"],
    )
    lines = lines[(lines["Quantity"] > 0) & (lines["UnitPrice"] > 0) & lines["StockCode"].str.match(r"\d{5}")]
    week = lines["InvoiceDate"].dt.to_period("W-SUN").dt.start_time
    units = lines.groupby([lines["StockCode"], lines["Country"], week])["Quantity"].sum().unstack(fill_value=0)
    units = units.loc[:, "2009-12-07":"2011-08-22"].astype(float)
    sku, market = (units.index.get_level_values(level).to_numpy().astype(np.str_) for level in (0, 1))
    codes = {name: _country(str(name)) for name in np.unique(market)}
    country = np.array([codes[name] for name in market], dtype=np.str_)
    values, plain = _since_first(units.to_numpy()), _plain(len(units))
    return Collection("online_retail", values, sku, market, plain, 52, 13, date(2009, 12, 7), country)


def manufacturer(data: Path) -> Collection:
    """Spare parts of a manufacturer by week."""
    frame = pd.read_parquet(data / "spare_parts" / "manufacturer_weekly.parquet")
    values = frame[[name for name in frame.columns if name.startswith("week_")]].to_numpy(dtype=np.float64)
    # The source's last week has no sales at all: it was not complete.
    values = values[:, : np.flatnonzero(values.sum(axis=0))[-1] + 1]
    count = len(values)
    return Collection(
        "spare_parts_weekly", _since_first(values), _numbered(count), _plain(count), _plain(count), 52, 13
    )


def carparts(data: Path) -> Collection:
    """Car parts by month, most of them intermittent."""
    frame = pd.read_parquet(data / "spare_parts" / "carparts.parquet")
    values = frame.to_numpy(dtype=np.float64).T
    count = len(values)
    return Collection("carparts_monthly", _since_first(values), _numbered(count), _plain(count), _plain(count), 12, 6)


def vn2(data: Path) -> Collection:
    """Shop × product by week; weeks flagged out of stock are not known."""
    sales = pd.read_csv(data / "vn2" / "sales.csv").set_index(["Store", "Product"])
    stocked = pd.read_csv(data / "vn2" / "in_stock.csv").set_index(["Store", "Product"])
    stocked = stocked.loc[sales.index, sales.columns].astype(bool)
    master = pd.read_csv(data / "vn2" / "master.csv").set_index(["Store", "Product"]).loc[sales.index]
    values = np.where(stocked.to_numpy(), sales.to_numpy(dtype=np.float64), np.nan)
    store, product = (sales.index.get_level_values(level).to_numpy().astype(np.str_) for level in (0, 1))
    return Collection("vn2", values, product, store, master["ProductGroup"].to_numpy().astype(np.str_), 52, 8)


def olist_families(data: Path) -> Collection:
    """Items sold by product category and week, of a Brazilian marketplace."""
    folder = data / "olist"
    items = pd.read_parquet(folder / "olist_order_items_dataset.parquet", columns=["product_id", "shipping_limit_date"])
    category = pd.read_parquet(
        folder / "olist_products_dataset.parquet", columns=["product_id", "product_category_name"]
    ).set_index("product_id")["product_category_name"]
    # The complete table of items has the day goods must be handed over by, some days after the sale.
    week = pd.to_datetime(items["shipping_limit_date"]).dt.to_period("W-SUN").dt.start_time
    family = items["product_id"].map(category).fillna("unknown")
    units = items.groupby([family, week]).size().unstack(fill_value=0).astype(float)
    units = units.loc[:, "2017-01-09":"2018-03-26"]
    units = units[(units > 0).sum(axis=1) >= 8]
    names = units.index.to_numpy().astype(np.str_)
    values, plain = _since_first(units.to_numpy()), _plain(len(units))
    brazil = np.full(len(units), "BR")
    return Collection("olist_families", values, names, plain, names, 52, 8, date(2017, 1, 9), brazil)


COLLECTIONS: dict[str, Callable[[Path], Collection]] = {
    "online_retail": online_retail,
    "spare_parts_weekly": manufacturer,
    "carparts_monthly": carparts,
    "vn2": vn2,
    "olist_families": olist_families,
}
