"""Opening a folder of Olist files: the items of the sellers asked for, with all that the other files say of them."""

from __future__ import annotations

import difflib
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from jointplan.engine import DuckDBEngine
from jointplan.errors import DataError, UsageError
from jointplan.ingest.files.opening import Part, gather, open_parts
from jointplan.texts import tr

ITEMS = "order_items"

# Name of each file without its ending, and the columns that are used.
_FILES = {
    ITEMS: (
        "olist_order_items_dataset",
        ("order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value"),
    ),
    "orders": (
        "olist_orders_dataset",
        (
            "order_id",
            "customer_id",
            "order_status",
            "order_purchase_timestamp",
            "order_delivered_carrier_date",
            "order_delivered_customer_date",
        ),
    ),
    "customers": ("olist_customers_dataset", ("customer_id", "customer_state")),
    "products": (
        "olist_products_dataset",
        (
            "product_id",
            "product_category_name",
            "product_weight_g",
            "product_length_cm",
            "product_height_cm",
            "product_width_cm",
        ),
    ),
    "sellers": ("olist_sellers_dataset", ("seller_id", "seller_zip_code_prefix", "seller_city", "seller_state")),
    "translation": (
        "product_category_name_translation",
        ("product_category_name", "product_category_name_english"),
    ),
    "geolocation": (
        "olist_geolocation_dataset",
        ("geolocation_zip_code_prefix", "geolocation_lat", "geolocation_lng"),
    ),
}

_SELLERS = """
    with places as (
        select geolocation_zip_code_prefix as zip, median(try_cast(geolocation_lat as double)) as lat,
               median(try_cast(geolocation_lng as double)) as lon
        from geolocation group by all
    )
    select distinct on (seller_id) seller_id, seller_city as city, upper(seller_state) as state, lat, lon
    from sellers left join places on zip = seller_zip_code_prefix where seller_id is not null
"""

_JUDGED = """
    with typed as (
        select i.in_part, i.in_row, order_id, try_cast(order_item_id as integer) as item, product_id, i.seller_id,
               try_cast(shipping_limit_date as timestamp) as limit_moment, try_cast(price as double) as price,
               try_cast(freight_value as double) as freight,
               order_id is null or product_id is null or shipping_limit_date is null or i.price is null as is_blank
        from order_items i join chosen using (seller_id)
    )
    select *, case
        when is_blank then 'missing_value'
        when limit_moment is null then 'not_a_date'
        when price is null or not isfinite(price) then 'not_a_number'
        when price <= 0 then 'no_price'
    end as reason
    from typed
"""

_ITEMS = """
    with known as (
        select distinct on (order_id) order_id, customer_id, order_status as status,
               try_cast(order_purchase_timestamp as timestamp) as purchase,
               try_cast(order_delivered_carrier_date as timestamp) as handed_over,
               try_cast(order_delivered_customer_date as timestamp) as delivered
        from orders
    ), destinations as (
        select distinct on (customer_id) customer_id, upper(customer_state) as destination from customers
    )
    select i.in_part, i.in_row, order_id, item, product_id, seller_id, limit_moment, price, freight, purchase,
           destination, date_diff('minute', purchase, limit_moment) / 1440 as lag,
           date_diff('minute', handed_over, delivered) / 1440 as transit,
           coalesce(status in ('canceled', 'unavailable'), false) as cancelled
    from judged_items i left join known using (order_id) left join destinations using (customer_id)
    where reason is null
"""


def open_items(engine: DuckDBEngine, path: Path, city: str) -> tuple[Part, ...]:
    """Make the items of a city's sellers known to the engine.

    Afterwards it knows ``chosen`` (seller_id, city, state, lat, lon), ``judged_items`` (every item with the reason why
    it is rejected, if it is), ``sold_items`` (the good ones joined with order and destination), and the files by name.

    Parameters
    ----------
    path : Path
        The folder, a zip of it, or a file in it.
    city : str
        Whose sellers are read; capitals and accents do not count. Empty: all sellers.

    Returns
    -------
    tuple of Part
        What was read of the items.

    Raises
    ------
    UsageError
        If there are no items, or no such city.
    """
    with _folder(path) as folder:
        parts = {name: _register(engine, folder, name) for name in _FILES}
    if not parts[ITEMS]:
        raise UsageError(
            tr("There are no Olist order items in {folder}.", folder=path),
            tr("Name the folder that holds olist_order_items_dataset.csv (or .parquet)."),
        )
    if city and not parts["sellers"]:
        raise UsageError(
            tr("There is no olist_sellers_dataset in {folder}, so the sellers' cities are not known.", folder=path),
            tr("Add the file, or leave --city out to read all sellers."),
        )
    sellers = engine.sql(_SELLERS if parts["sellers"] else _ALL_SELLERS)
    if city:
        fits = [_plain(name or "") == _plain(city) for name in sellers["city"].to_pylist()]
        if not any(fits):
            cities = sorted({_plain(name) for name in sellers["city"].to_pylist() if name})
            near = difflib.get_close_matches(_plain(city), cities, n=3)
            raise UsageError(
                tr("No seller lives in {city}.", city=city),
                tr("Did you mean {near}?", near=tuple(near)) if near else tr("Check the spelling of the city."),
            )
        sellers = sellers.filter(pa.array(fits))
    engine.register("chosen", sellers)
    engine.store("judged_items", _JUDGED)
    engine.store("sold_items", _ITEMS)
    return parts[ITEMS]


_ALL_SELLERS = """
    select distinct seller_id, null::varchar as city, null::varchar as state, null::double as lat, null::double as lon
    from order_items where seller_id is not null
"""


def short_codes(engine: DuckDBEngine, column: str) -> dict[str, str]:
    """Give every id of the items file its first 8 characters as a readable code, more where two would be alike.

    All sellers' items are looked at, so that a code does not depend on the city that is read.
    """
    ids = engine.sql(f"select distinct {column} as id from order_items where {column} is not null order by 1")
    codes: dict[str, str] = {}
    waiting = ids["id"].to_pylist()
    length = 8
    while waiting:
        heads: dict[str, list[str]] = {}
        for name in waiting:
            heads.setdefault(name[:length], []).append(name)
        codes |= {names[0]: head for head, names in heads.items() if len(names) == 1}
        waiting = [name for names in heads.values() if len(names) > 1 for name in names]
        length += 4
    return codes


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """Give the folder the files lie in; those of a zip are unpacked for as long."""
    if path.suffix.casefold() != ".zip":
        yield path if path.is_dir() else path.parent
        return
    with tempfile.TemporaryDirectory(prefix="jointplan-") as unpacked:
        try:
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    name = Path(entry.filename).name
                    if Path(name).stem in {stem for stem, _ in _FILES.values()}:
                        (Path(unpacked) / name).write_bytes(archive.read(entry))
        except (zipfile.BadZipFile, OSError) as error:
            raise DataError(
                tr("{file} cannot be read: {reason}.", file=path.name, reason=error),
                tr("Check that the files are the original ones."),
            ) from error
        yield Path(unpacked)


def _register(engine: DuckDBEngine, folder: Path, name: str) -> tuple[Part, ...]:
    """Make one file known by name, without rows where it is missing."""
    stem, columns = _FILES[name]
    path = next((p for p in (folder / f"{stem}.parquet", folder / f"{stem}.csv") if p.exists()), None)
    if path is None:
        engine.register(name, pa.table({column: pa.array([], pa.string()) for column in columns}))
        return ()
    table, parts = gather(open_parts(path, delimiter=","), {column: (column,) for column in columns}, needed=columns)
    engine.register(name, table)
    return parts


def _plain(name: str) -> str:
    """Return a name without accents and capitals."""
    letters = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
