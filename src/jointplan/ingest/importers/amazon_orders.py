"""Amazon's flat-file order reports ("All orders"): tab-separated, a line per order item, without customers' names.

``item-price`` is what was paid for the whole line, so the unit price is that over the quantity.
"""

from __future__ import annotations

import pyarrow as pa

from jointplan.engine.sql import literal
from jointplan.ingest.files.opening import WESTERN, gather, open_parts
from jointplan.ingest.importers.imported import Imported, Lines, Request, rejections
from jointplan.ingest.importers.places import register_markets
from jointplan.ingest.importers.products import products_of, unit_value_assumption
from jointplan.schema import TABLES
from jointplan.texts import tr

SOURCE = "amazon"

_FIELDS = {
    "document": ("amazon-order-id", "order-id"),
    "moment": ("purchase-date",),
    "order_status": ("order-status",),
    "item_status": ("item-status",),
    "sku": ("sku",),
    "title": ("product-name",),
    "quantity": ("quantity", "quantity-purchased"),
    "currency": ("currency",),
    "price": ("item-price",),
    "channel": ("sales-channel",),
    "country": ("ship-country",),
}
_NEEDED = ("document", "moment", "sku", "quantity", "price", "currency")

# Where a report names no country of delivery, the marketplace's own is taken.
_MARKETPLACES = {
    "amazon.com": "US",
    "amazon.ca": "CA",
    "amazon.com.mx": "MX",
    "amazon.com.br": "BR",
    "amazon.co.uk": "GB",
    "amazon.de": "DE",
    "amazon.fr": "FR",
    "amazon.it": "IT",
    "amazon.es": "ES",
    "amazon.nl": "NL",
    "amazon.se": "SE",
    "amazon.pl": "PL",
    "amazon.com.be": "BE",
    "amazon.ie": "IE",
    "amazon.com.tr": "TR",
    "amazon.ae": "AE",
    "amazon.sa": "SA",
    "amazon.eg": "EG",
    "amazon.in": "IN",
    "amazon.co.jp": "JP",
    "amazon.sg": "SG",
    "amazon.com.au": "AU",
    "amazon.co.za": "ZA",
}

# The local day of the purchase: the moment is taken as written, its zone left aside. Reports of some marketplaces
# write the day first.
_DAY = "coalesce(try_cast(left(moment, 10) as date), cast(try_strptime(left(moment, 10), '%d-%m-%Y') as date))"

_JUDGED = f"""
    with places as (
        select *, coalesce(country, marketplace, 'unknown') as place
        from raw_lines left join marketplaces on lower(channel) = domain
    ), typed as (
        select in_part, in_row, document, sku, title, channel, place, {_DAY} as date,
               try_cast(quantity as double) as units, try_cast(price as double) as paid, upper(currency) as currency,
               lower(coalesce(order_status, '')) as order_status, lower(coalesce(item_status, '')) as item_status,
               document is null or sku is null or moment is null or quantity is null as is_blank,
               price is not null and try_cast(price as double) is null as is_garbled
        from places
    )
    select *, paid / units as unit_price, case
        when order_status in ('cancelled', 'canceled') or item_status in ('cancelled', 'canceled') then 'cancelled'
        when is_blank then 'missing_value'
        when date is null then 'not_a_date'
        when units is null or is_garbled or not isfinite(units) or not isfinite(coalesce(paid, 0)) then 'not_a_number'
        when lower(channel) like 'non-amazon%' then 'other_channel'
        when units <= 0 then 'negative_quantity'
        when paid is null or paid <= 0 then 'no_price'
        when currency is null then 'missing_value'
        when not regexp_matches(currency, '^[A-Z]{{3}}$') then 'not_a_code'
    end as reason
    from typed
"""


def read_amazon_orders(request: Request) -> Imported:
    """Read an order report of one seller; the option ``seller`` says whose it is."""
    seller = request.needed("seller", "--seller", tr("the code of the firm whose orders they are"))
    encoding = request.options.get("encoding", "")
    # Reports are not quoted: a double quote in a title is an inch.
    found = open_parts(request.path, encodings=(encoding,) if encoding else WESTERN, delimiter="\t", quoted=False)
    raw, parts = gather(found, _FIELDS, needed=_NEEDED)
    engine = request.engine
    engine.register("raw_lines", raw)
    engine.register(
        "marketplaces", pa.table([list(_MARKETPLACES), list(_MARKETPLACES.values())], ["domain", "marketplace"])
    )
    engine.store("judged_lines", _JUDGED)
    engine.store("good_lines", "select * from judged_lines where reason is null")
    markets, currency = register_markets(engine, "good_lines", request.markets)
    sales = engine.sql(
        f"""
        select in_part, in_row, {literal(SOURCE)} as source, document, date, sku, market, channel,
               {literal(seller)} as seller, units as quantity, unit_price
        from good_lines l join market_names n on l.place = n.place and l.currency = n.currency
        """
    )
    priced = request.currency or currency
    products = products_of(engine, "good_lines", family="null", priced=f"l.currency = {literal(priced)}")
    return Imported(
        read=raw.num_rows + sum(len(part.broken) for part in parts),
        lines=(Lines("sales", sales, ("source", "document", "sku", "date", "unit_price", "quantity")),),
        rejected=rejections("amazon-orders", parts, engine.sql("select * from judged_lines where reason is not null")),
        references={
            "firms": pa.Table.from_pylist(
                [{"firm": seller, "owner": seller, "role": "seller"}], schema=TABLES["firms"].arrow
            ),
            "products": products,
            "markets": markets,
        },
        currency=currency,
        assumptions=(unit_value_assumption(products, priced),),
    )
