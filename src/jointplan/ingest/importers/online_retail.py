"""The UCI Online Retail data sets: a British gift wholesaler that sells to some forty countries.

Edition I names its columns ``InvoiceNo``, ``UnitPrice``, ``CustomerID``; edition II ``Invoice``, ``Price``,
``Customer ID``, on two sheets whose days overlap. Both are read alike, and the same line in both is one line.
"""

from __future__ import annotations

import pyarrow as pa

from jointplan.engine import DuckDBEngine
from jointplan.engine.sql import literal
from jointplan.ingest.files.opening import WESTERN, gather, open_parts
from jointplan.ingest.importers.imported import Imported, Lines, Request, rejections
from jointplan.ingest.importers.places import register_markets
from jointplan.ingest.importers.products import family_assumption, products_of, unit_value_assumption
from jointplan.schema import TABLES

SOURCE = "online-retail"
CURRENCY = "GBP"

_FIELDS = {
    "invoice": ("Invoice", "InvoiceNo"),
    "code": ("StockCode", "Stock Code"),
    "title": ("Description",),
    "quantity": ("Quantity",),
    "moment": ("InvoiceDate", "Invoice Date"),
    "price": ("Price", "UnitPrice", "Unit Price"),
    "country": ("Country",),
}

# How the published files write the moment of an invoice; where two fit equally well the first is taken.
_MOMENTS = ("%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%y %H:%M", "%d-%m-%Y %H:%M")

# Everything that is invoiced and is no product: postage, carriage, manual corrections, discounts, samples, charges of
# banks and marketplaces, bad debt, vouchers, donations and tests.
_FEES = "^(POST|DOT|M|C[0-9]|D|S|B|BANK CHARGES|AMAZONFEE|ADJUST[0-9]*|CRUK|GIFT|GIFT_[0-9]+_[0-9]+|TEST[0-9]+)$"


def read_online_retail(request: Request) -> Imported:
    """Read either edition.

    An invoice beginning with C cancels: its product lines become returns. Sales are lines of positive quantity and
    price whose stock code begins with five digits. All else is rejected with its reason.
    """
    encoding = request.options.get("encoding", "")
    seller = request.options.get("seller", "").strip() or SOURCE
    found = open_parts(request.path, encodings=(encoding,) if encoding else WESTERN)
    raw, parts = gather(found, _FIELDS, needed=tuple(_FIELDS))
    engine = request.engine
    engine.register("raw_lines", raw)
    engine.store("judged_lines", _judging(_moment(engine)))
    engine.store("good_lines", "select * from judged_lines where reason is null")
    markets, _ = register_markets(engine, "good_lines", request.markets)
    columns = f"{literal(SOURCE)} as source, document, date, sku, market, {literal(seller)} as seller, unit_price"
    sales, returns = (
        engine.sql(
            f"""
            select in_part, in_row, {columns}, abs(units) as quantity{more}
            from good_lines join market_names using (place) where {which}
            """
        )
        for which, more in (("not cancels", ""), ("cancels", ", 'cancelled' as reason"))
    )
    priced = "not l.cancels" if request.currency in ("", CURRENCY) else "false"
    products = products_of(engine, "good_lines", family="left(l.sku, 3)", priced=priced)
    firm = {"firm": seller, "name": "UK gift wholesaler", "owner": seller, "role": "seller", "region": "GB"}
    return Imported(
        read=raw.num_rows + sum(len(part.broken) for part in parts),
        lines=(
            Lines("sales", sales, ("source", "document", "sku", "date", "unit_price", "quantity")),
            Lines("returns", returns, ("source", "document", "sku", "date", "quantity")),
        ),
        rejected=rejections(SOURCE, parts, engine.sql("select * from judged_lines where reason is not null")),
        references={
            "firms": pa.Table.from_pylist([firm | {"currency": CURRENCY}], schema=TABLES["firms"].arrow),
            "products": products,
            "markets": markets,
        },
        currency=CURRENCY,
        assumptions=(
            unit_value_assumption(products, CURRENCY),
            family_assumption(
                "The first three digits of the stock code.",
                "取产品编码的前三位数字。",
                len(products["family"].unique()),
            ),
        ),
    )


def _judging(moment: str) -> str:
    """Return the query that types every line and gives the reason why it is rejected, if it is."""
    return f"""
        with typed as (
            select in_part, in_row, upper(invoice) as document, upper(code) as sku, title, country as place,
                   {literal(CURRENCY)} as currency,
                   cast({moment} as date) as date, try_cast(quantity as double) as units,
                   try_cast(price as double) as unit_price, upper(invoice) like 'C%' as cancels,
                   regexp_matches(upper(code), '^[0-9]{{5}}') as is_product,
                   moment is null or quantity is null or price is null as is_blank
            from raw_lines
        )
        select *, case
            when document is null or sku is null or place is null or is_blank then 'missing_value'
            when date is null then 'not_a_date'
            when units is null or unit_price is null or not isfinite(units) or not isfinite(unit_price)
                then 'not_a_number'
            when not is_product and cancels then 'fee_cancellation'
            when not is_product and regexp_matches(sku, {literal(_FEES)}) then 'fee_code'
            when not is_product then 'unlisted_code'
            when cancels and units >= 0 then 'positive_cancellation'
            when not cancels and units <= 0 then 'negative_quantity'
            when unit_price <= 0 then 'no_price'
        end as reason
        from typed
    """


def _moment(engine: DuckDBEngine) -> str:
    """Return the SQL that reads the moments of this file: the way of writing that fits most of its lines."""
    ways = ["try_cast(moment as timestamp)", *(f"try_strptime(moment, {literal(way)})" for way in _MOMENTS)]
    counts = engine.sql(
        "select " + ", ".join(f"count({way}) as n{k}" for k, way in enumerate(ways)) + " from raw_lines"
    )
    fits = [column[0].as_py() for column in counts.columns]
    return ways[fits.index(max(fits))]
