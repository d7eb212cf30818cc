"""The Olist files: orders on a Brazilian marketplace, with the sellers' cities.

A city's sellers are read as a cluster: each makes what it sells. What the files lack (the day and destination of orders
that stand in no orders file, lane tariffs, transit times) is worked out by stated rules; see docs/import.md.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from hashlib import sha256
from itertools import accumulate

import pyarrow as pa

from jointplan.engine import DuckDBEngine
from jointplan.engine.sql import literal
from jointplan.errors import DataError
from jointplan.ingest.importers.fit_notes import seen
from jointplan.ingest.importers.imported import Imported, Lines, Request, rejections
from jointplan.ingest.importers.olist_files import open_items, short_codes
from jointplan.ingest.importers.olist_lanes import derive_lanes
from jointplan.ingest.importers.products import family_assumption, unit_value_assumption
from jointplan.schema import TABLES, Assumption
from jointplan.texts import tr

SOURCE = "olist"
CURRENCY = "BRL"
UNKNOWN = "BR-unknown"

_SETTINGS = """
[logistics]
# Goods leave from Brazil: what is sold there crosses no border.
origin = "BR"
"""

# A seller with this many orders of known destination is believed half by them and half by all sellers' orders.
_PRIOR = 20.0


def read_olist(request: Request) -> Imported:
    """Read a folder of Olist files; only the order items are needed, and the sellers where a city is asked for."""
    engine = request.engine
    city = request.options.get("city", "").strip()
    parts = open_items(engine, request.path, city)
    rejected = engine.sql("select in_part, in_row, reason from judged_items where reason is not null")
    items = engine.sql("select * from sold_items order by purchase is null, limit_moment, order_id, item")
    if not items.num_rows:
        raise DataError(tr("None of the order items can be read."), tr("Check that the files are the original ones."))
    _register_codes(engine)
    destinations = share_out_destinations(items)
    engine.register("destinations", pa.table([list(destinations), list(destinations.values())], ["order_id", "market"]))
    products = _products(engine, priced=request.currency in ("", CURRENCY))
    engine.register("products_made", products)
    engine.store("lags", _LAGS)
    engine.store("placed_items", _PLACED)
    sales = engine.sql("select * from placed_items")
    markets = sorted(set(destinations.values()))
    derived, lane_notes = derive_lanes(engine, markets, CURRENCY)
    cancelled = engine.sql("select *, 'cancelled' as reason from placed_items where cancelled")
    firms = _firms(engine)
    return Imported(
        read=sales.num_rows + rejected.num_rows + sum(len(part.broken) for part in parts),
        lines=(
            # The day is no part of the identity: it may be worked out now, and be known in a later file.
            Lines("sales", sales, ("source", "document", "sku", "unit_price", "quantity")),
            Lines("returns", cancelled, ("source", "document", "sku", "quantity"), counted=False),
        ),
        rejected=rejections(SOURCE, parts, rejected),
        references={
            "firms": firms,
            "products": products,
            "markets": pa.Table.from_pylist(
                [{"market": market, "country": "BR", "currency": CURRENCY} for market in markets],
                schema=TABLES["markets"].arrow,
            ),
        },
        currency=CURRENCY,
        derived=derived,
        assumptions=(
            *_maker_notes(engine, firms, products),
            *_day_notes(engine),
            *_destination_notes(engine),
            *_product_notes(engine, products),
            *lane_notes,
            *_cancelled_notes(cancelled.num_rows),
        ),
        settings=_SETTINGS,
    )


def share_out_destinations(items: pa.Table) -> dict[str, str]:
    """Return the market of every order: its state where that is known, else a state given by the shares of the known.

    The orders of unknown destination each go to a state drawn by the shares of their seller, the draw being made from the code
    of the order: the same order always has the same answer, and the sales of a state scatter as those of customers who know
    nothing of each other do. Dealt out evenly over time, states would rise and fall together as no real ones do. The
    shares are those of the seller's orders of known destination, drawn towards those of all sellers where they are few. Where
    no order's destination is known, the market is ``BR-unknown``.

    Parameters
    ----------
    items : pa.Table
        Columns ``order_id``, ``seller_id`` and ``destination``, a state or null, in the order of the days.
    """
    seller_of: dict[str, str] = {}
    state_of: dict[str, str] = {}
    for order, seller, state in zip(
        *(items[name].to_pylist() for name in ("order_id", "seller_id", "destination")), strict=True
    ):
        seller_of.setdefault(order, seller)
        if state:
            state_of.setdefault(order, state)
    everyone = Counter(state_of.values())
    if not everyone:
        return dict.fromkeys(seller_of, UNKNOWN)
    own: dict[str, Counter[str]] = defaultdict(Counter)
    for order, state in state_of.items():
        own[seller_of[order]][state] += 1
    states = sorted(everyone)
    total = everyone.total()
    shares = {
        seller: [
            (own[seller][state] + _PRIOR * everyone[state] / total) / (own[seller].total() + _PRIOR) for state in states
        ]
        for seller in set(seller_of.values())
    }
    limits = {seller: list(accumulate(parts)) for seller, parts in shares.items()}
    return {
        order: f"BR-{state_of.get(order) or states[min(bisect_right(limits[seller], _drawn(order)), len(states) - 1)]}"
        for order, seller in seller_of.items()
    }


def _drawn(order: str) -> float:
    """Return a number from 0 to 1 that depends on the code of the order alone."""
    return int.from_bytes(sha256(order.encode()).digest()[:8]) / 2**64


# The seller's median days from purchase to shipping limit, else everyone's; without any known purchase, none.
_LAGS = """
    select seller_id, seller, count(*) filter (purchase is null) as unknown, count(lag) as known,
           round(coalesce(median(lag), (select median(lag) from sold_items), 0)) as days
    from sold_items join seller_codes using (seller_id) group by all
"""

_PLACED = f"""
    select in_part, in_row, {literal(SOURCE)} as source, order_id as document,
           coalesce(cast(purchase as date), cast(limit_moment as date) - cast(days as integer)) as date,
           sku, market, {literal(SOURCE)} as channel, l.seller, 1.0::double as quantity, price as unit_price,
           seller_id, freight, weight, transit, cancelled, destination is not null as observed
    from sold_items i join destinations using (order_id) join lags l using (seller_id)
         join product_codes using (product_id) join products_made using (sku)
    order by in_part, in_row
"""


def _register_codes(engine: DuckDBEngine) -> None:
    for table, column, name in (("seller_codes", "seller_id", "seller"), ("product_codes", "product_id", "sku")):
        codes = short_codes(engine, column)
        engine.register(table, pa.table([list(codes), list(codes.values())], [column, name]))


def _firms(engine: DuckDBEngine) -> pa.Table:
    rows = engine.sql(
        """
        select distinct seller as firm, c.city, c.state, c.lat, c.lon
        from sold_items join seller_codes using (seller_id) join chosen c using (seller_id) order by 1
        """
    ).to_pylist()
    firms = [
        {
            "firm": row["firm"],
            "name": f"{(row['city'] or 'Olist').title()} {row['firm']}",
            "owner": row["firm"],
            "role": "both",
            "lat": row["lat"],
            "lon": row["lon"],
            "region": f"BR-{row['state']}" if row["state"] else None,
            "currency": CURRENCY,
        }
        for row in rows
    ]
    return pa.Table.from_pylist(firms, schema=TABLES["firms"].arrow)


def _products(engine: DuckDBEngine, *, priced: bool) -> pa.Table:
    """Return the products sold: made by the seller that sold most of them, weights and volumes filled by family."""
    found = engine.sql(
        """
        with details as (
            select distinct on (product_id) product_id,
                   coalesce(product_category_name_english, product_category_name, 'general') as family,
                   nullif(greatest(try_cast(product_weight_g as double), 0), 0) / 1000 as weight,
                   try_cast(product_length_cm as double) as length, try_cast(product_width_cm as double) as width,
                   try_cast(product_height_cm as double) as height,
                   nullif(greatest(try_cast(product_length_cm as double) * try_cast(product_height_cm as double)
                                   * try_cast(product_width_cm as double), 0), 0) / 1e6 as volume
            from products left join translation using (product_category_name)
        ), sold as (
            select product_id, seller, count(*) as n from sold_items join seller_codes using (seller_id) group by all
        ), makers as (
            select product_id, seller as maker from sold
            qualify row_number() over (partition by product_id order by n desc, seller) = 1
        ), made as (
            select p.sku, coalesce(family, 'general') as family, maker, weight as own_weight, volume as own_volume, length, width, height,
                   (select median(price) from sold_items i where i.product_id = m.product_id) as unit_value
            from makers m join product_codes p using (product_id) left join details using (product_id)
        )
        select *, coalesce(own_weight, median(own_weight) over (partition by family), median(own_weight) over ()) as weight,
               coalesce(own_volume, median(own_volume) over (partition by family), median(own_volume) over ()) as volume
        from made order by sku
        """
    )
    engine.register("product_details", found)
    rows = [
        {
            "sku": row["sku"],
            "title": f"{row['family'].replace('_', ' ').capitalize()} {row['sku']}",
            "family": row["family"],
            "maker": row["maker"],
            "unit_value": round(row["unit_value"], 4) if priced else None,
            "weight": row["weight"],
            "volume": row["volume"],
            **({side: row[side] for side in ("length", "width", "height")} if row["own_volume"] else {}),
        }
        for row in found.to_pylist()
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["products"].arrow)


def _maker_notes(engine: DuckDBEngine, firms: pa.Table, products: pa.Table) -> list[Assumption]:
    shared = engine.sql(
        """
        select sku, maker, list(distinct seller order by seller) as sellers
        from sold_items join product_codes using (product_id) join seller_codes using (seller_id)
             join product_details using (sku)
        group by sku, maker having count(distinct seller) > 1 order by sku
        """
    ).to_pylist()
    return [
        Assumption(
            item="maker",
            value=str(products.num_rows),
            unit="products",
            rule="Every seller makes what it sells.",
            rule_zh="卖家即其所售产品的生产企业。",
            replaced_by="products.maker",
        ),
        Assumption(
            item="owner",
            value=str(firms.num_rows),
            unit="firms",
            rule="Every seller is its own owner.",
            rule_zh="每个卖家各自独立。",
            replaced_by="firms.owner",
        ),
        *(
            Assumption(
                item="maker",
                subject=row["sku"],
                value=row["maker"],
                rule=f"Sold by {', '.join(row['sellers'])}; made by the one that sold most of it.",
                rule_zh=f"由 {'、'.join(row['sellers'])} 销售；取销量最大者为生产企业。",
                replaced_by="products.maker",
            )
            for row in shared
        ),
    ]


def _day_notes(engine: DuckDBEngine) -> list[Assumption]:
    return [
        Assumption(
            item="day of sale",
            subject=row["seller"],
            value=f"{row['days']:.0f}",
            unit="days before the shipping limit",
            rule=(
                f"Shipping limit less the seller's median lag from purchase to it ({seen(row['known'], 'known item', 'known items')})"
                if row["known"]
                else "Shipping limit less the median lag of all sellers, as none of its own is known"
            )
            + f"; for {seen(row['unknown'], 'item', 'items')} of unknown purchase.",
            rule_zh=(
                f"发货期限减去该卖家从下单到期限的天数中位数（已知 {row['known']} 件）"
                if row["known"]
                else "该卖家无已知数据，发货期限减去全部卖家的天数中位数"
            )
            + f"；用于 {row['unknown']} 件下单时间未知的商品。",
            replaced_by="sales.date",
        )
        for row in engine.sql("select * from lags where unknown > 0 order by seller").to_pylist()
    ]


def _destination_notes(engine: DuckDBEngine) -> list[Assumption]:
    shared = engine.sql(
        """
        select market, count(*) filter (not observed) as given, count(*) filter (observed) as known
        from placed_items group by all having given > 0 order by market
        """
    ).to_pylist()
    if [row["market"] for row in shared] == [UNKNOWN]:
        return []
    return [
        Assumption(
            item="destination",
            subject=row["market"],
            value=str(row["given"]),
            unit="items",
            rule="Orders of unknown destination go to states drawn at random in the proportions of the seller's"
            f" known ones, drawn towards those of all sellers where few ({seen(row['known'], 'known item', 'known items')} here).",
            rule_zh=f"目的地未知的订单按该卖家已知目的地的构成随机分到各州，已知少时向全部卖家的构成收缩（本州已知 {row['known']} 件）。",
            replaced_by="sales.market",
        )
        for row in shared
    ]


def _product_notes(engine: DuckDBEngine, products: pa.Table) -> list[Assumption]:
    missing = engine.sql("select * from product_details where own_weight is null or own_volume is null").to_pylist()
    filled = [
        Assumption(
            item=item,
            subject=row["sku"],
            value=f"{row[item]:.4g}",
            unit=unit,
            rule=f"Unknown: the median of the family {row['family']}, or of all products where the family has none.",
            rule_zh=f"未知：取产品族 {row['family']} 的中位数，该族均未知时取全部产品的中位数。",
            replaced_by=f"products.{item}",
        )
        for row in sorted(missing, key=lambda row: str(row["sku"]))
        for item, unit in (("weight", "kg"), ("volume", "m³"))
        if row[f"own_{item}"] is None and row[item] is not None
    ]
    return [
        unit_value_assumption(products, CURRENCY),
        family_assumption(
            "The product's category, in English where it is translated; general where it has none.",
            "取产品类目（有英文译名者用英文）；无类目者归入 general。",
            len(products["family"].unique()),
        ),
        *filled,
    ]


def _cancelled_notes(items: int) -> list[Assumption]:
    if not items:
        return []
    return [
        Assumption(
            item="cancelled orders",
            value=str(items),
            unit="items",
            rule="Orders known as canceled or unavailable were wanted all the same: they are sales, and returns too.",
            rule_zh="已知取消或无货的订单仍属需求：记为销售，同时记为退货。",
            replaced_by="returns",
        )
    ]
