"""Shopify's order export: a row per line item; only the first row of an order has what concerns the whole order."""

from __future__ import annotations

import pyarrow as pa

from jointplan.engine.sql import literal
from jointplan.ingest.files.opening import WESTERN, gather, open_parts
from jointplan.ingest.importers.imported import Imported, Lines, Request, rejections
from jointplan.ingest.importers.places import register_markets
from jointplan.ingest.importers.products import products_of, unit_value_assumption
from jointplan.schema import TABLES, Assumption
from jointplan.texts import tr

SOURCE = "shopify"

_FIELDS = {
    "document": ("Name",),
    "moment": ("Created at",),
    "status": ("Financial Status",),
    "currency": ("Currency",),
    "quantity": ("Lineitem quantity",),
    "title": ("Lineitem name",),
    "price": ("Lineitem price",),
    "code": ("Lineitem sku",),
    "discount": ("Lineitem discount",),
    "shipped": ("Lineitem requires shipping",),
    "country": ("Shipping Country",),
    "billing": ("Billing Country",),
    "cancelled": ("Cancelled at",),
    "refunded": ("Refunded Amount",),
    "origin": ("Source",),
}
_NEEDED = ("document", "moment", "currency", "quantity", "title", "price")

# Columns that only the first row of an order fills in.
_OF_ORDER = ("moment", "status", "currency", "country", "billing", "cancelled", "refunded", "origin")

_JUDGED = f"""
    with orders as (
        select in_part, document, {", ".join(f"arg_min({c}, in_row) as {c}" for c in _OF_ORDER)}
        from raw_lines where document is not null group by in_part, document
    ), typed as (
        select l.in_part, l.in_row, l.document, coalesce(code, title) as sku, title, code is null as is_unnamed,
               coalesce(o.country, o.billing, 'unknown') as place, coalesce(o.origin, {literal(SOURCE)}) as channel,
               try_cast(left(o.moment, 10) as date) as date, try_cast(quantity as double) as units,
               try_cast(price as double) as listed, coalesce(try_cast(discount as double), 0) as discount,
               upper(o.currency) as currency, lower(coalesce(o.status, '')) as status,
               o.cancelled is not null as is_cancelled, lower(coalesce(shipped, 'true')) = 'false' as is_service,
               coalesce(try_cast(o.refunded as double), 0) as refunded,
               l.document is null or o.moment is null or o.currency is null or quantity is null or price is null
                   or coalesce(code, title) is null as is_blank
        from raw_lines l left join orders o on l.in_part = o.in_part and l.document = o.document
    )
    select *, listed - discount / units as unit_price, case
        when is_cancelled then 'cancelled'
        when status in ('voided', 'expired') then 'not_paid'
        when is_blank then 'missing_value'
        when date is null then 'not_a_date'
        when units is null or listed is null or not isfinite(units) or not isfinite(listed) then 'not_a_number'
        when not regexp_matches(currency, '^[A-Z]{{3}}$') then 'not_a_code'
        when is_service then 'not_goods'
        when units <= 0 then 'negative_quantity'
        when listed - discount / units <= 0 then 'no_price'
    end as reason
    from typed
"""


def read_shopify_orders(request: Request) -> Imported:
    """Read an order export of one shop; the option ``seller`` says whose it is."""
    seller = request.needed("seller", "--seller", tr("the code of the firm whose orders they are"))
    encoding = request.options.get("encoding", "")
    found = open_parts(request.path, encodings=(encoding,) if encoding else WESTERN)
    raw, parts = gather(found, _FIELDS, needed=_NEEDED)
    engine = request.engine
    engine.register("raw_lines", raw)
    engine.store("judged_lines", _JUDGED)
    engine.store("good_lines", "select * from judged_lines where reason is null")
    markets, currency = register_markets(engine, "good_lines", request.markets)
    # Every shop counts its orders from #1001: the shop is part of what makes an order's name unique.
    engine.store(
        "sold_lines",
        f"""
            select in_part, in_row, {literal(f"{SOURCE}-{seller}")} as source, document, date, sku, market, channel,
                   {literal(seller)} as seller, units as quantity, unit_price, status
            from good_lines l join market_names n on l.place = n.place and l.currency = n.currency
            """,
    )
    returned = engine.sql("select *, 'refunded' as reason from sold_lines where status = 'refunded'")
    priced = request.currency or currency
    products = products_of(engine, "good_lines", family="null", priced=f"l.currency = {literal(priced)}")
    return Imported(
        read=raw.num_rows + sum(len(part.broken) for part in parts),
        lines=(
            Lines(
                "sales",
                engine.sql("select * from sold_lines"),
                ("source", "document", "sku", "date", "unit_price", "quantity"),
            ),
            Lines("returns", returned, ("source", "document", "sku", "date", "quantity"), counted=False),
        ),
        rejected=rejections("shopify-orders", parts, engine.sql("select * from judged_lines where reason is not null")),
        references={
            "firms": pa.Table.from_pylist(
                [{"firm": seller, "owner": seller, "role": "seller"}], schema=TABLES["firms"].arrow
            ),
            "products": products,
            "markets": markets,
        },
        currency=currency,
        assumptions=(unit_value_assumption(products, priced), *_notes(request)),
    )


def _notes(request: Request) -> list[Assumption]:
    """Say what the export leaves open: refunds of part of an order, and items without a code."""
    partly = request.engine.sql(
        """
        with orders as (
            select distinct in_part, document, currency, refunded from good_lines where status = 'partially_refunded'
        )
        select currency, count(*) as orders, sum(refunded) as money from orders group by currency order by currency
        """
    ).to_pylist()
    unnamed = request.engine.sql("select count(distinct sku) as n from good_lines where is_unnamed")["n"][0].as_py()
    notes = [
        Assumption(
            item="partial refunds",
            subject=row["currency"],
            value=f"{row['money']:.2f}",
            unit=row["currency"],
            rule=f"{row['orders']} orders were refunded in part; the export does not say for which items, so none is a return.",
            rule_zh=f"{row['orders']} 个订单部分退款；导出文件未说明涉及哪些商品，故不计退货。",
            replaced_by="returns",
        )
        for row in partly
    ]
    if unnamed:
        notes.append(
            Assumption(
                item="product code",
                value=str(unnamed),
                unit="products",
                rule="A line item without a SKU is known by its name.",
                rule_zh="没有 SKU 的商品以其名称为编码。",
                replaced_by="products",
            )
        )
    return notes
