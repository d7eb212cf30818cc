"""The SCMS delivery history: health products delivered to some forty countries from 2006 on, a line per item delivered.

Every line is a sale on the day it was delivered; the manufacturing site made it, and its mode brought it (**recorded**). Lanes
and tariffs are fitted, mode by mode, to the lines that say what the whole shipment weighed and what its freight cost. The
history knows the day a delivery was promised for and the day it came, so the spread of transit is fitted; how long goods
are under way it does not tell, and a stated number of days per mode stands in.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from jointplan.engine import DuckDBEngine
from jointplan.engine.sql import literal
from jointplan.ingest.files.opening import WESTERN, gather, open_parts
from jointplan.ingest.importers.fit_notes import fit_error_notes, seen
from jointplan.ingest.importers.freight import (
    LoadTariff,
    Parcels,
    Transit,
    fit_load_tariff,
    fit_transit,
    tariff_error,
    transit_error,
)
from jointplan.ingest.importers.imported import Imported, Lines, Request, rejections
from jointplan.ingest.importers.places import register_markets
from jointplan.ingest.importers.products import products_of, unit_value_assumption
from jointplan.schema import TABLES, Assumption

SOURCE = "scms"
SELLER = "SCMS"
CURRENCY = "USD"

_FIELDS = {
    "document": ("PO / SO #",),
    "shipment": ("ASN/DN #",),
    "country": ("Country",),
    "mode": ("Shipment Mode",),
    "scheduled": ("Scheduled Delivery Date",),
    "delivered": ("Delivered to Client Date",),
    "product_group": ("Product Group",),
    "sub_group": ("Sub Classification",),
    "item": ("Item Description",),
    "quantity": ("Line Item Quantity",),
    "price": ("Pack Price",),
    "site": ("Manufacturing Site",),
    "weight": ("Weight (Kilograms)",),
    "freight": ("Freight Cost (USD)",),
}

# How the published files call the modes, the mode of a lane, and the days a delivery is taken to be under way.
_MODES = {
    "Air": ("air", "air", 10.0),
    "Air Charter": ("charter", "air", 7.0),
    "Truck": ("truck", "road", 14.0),
    "Ocean": ("ocean", "sea", 45.0),
}


def _day(column: str) -> str:
    return f"coalesce(try_cast(left({column}, 10) as date), cast(try_strptime({column}, '%d-%b-%y') as date))"


_JUDGED = f"""
    with typed as (
        select in_part, in_row, document, shipment, item as sku, item as title, site, country as place,
               concat_ws(' ', product_group, sub_group) as family, mode,
               {literal(CURRENCY)} as currency, {_day("delivered")} as date, {_day("scheduled")} as promised,
               try_cast(quantity as double) as units, try_cast(price as double) as unit_price,
               try_cast(weight as double) as kg, try_cast(freight as double) as paid, weight, freight,
               document is null or item is null or country is null or delivered is null or quantity is null
                   or price is null as is_blank
        from raw_lines
    )
    select *, case
        when is_blank then 'missing_value'
        when date is null then 'not_a_date'
        when units is null or unit_price is null or not isfinite(units) or not isfinite(unit_price)
            then 'not_a_number'
        when units <= 0 then 'negative_quantity'
        when unit_price <= 0 then 'no_price'
    end as reason, case
        when weight like 'See %' or freight like 'See %' then 'in_other_line'
        when freight = 'Freight Included in Commodity Cost' then 'freight_included'
        when freight = 'Invoiced Separately' then 'freight_separate'
        when weight = 'Weight Captured Separately' then 'weight_separate'
        when kg is null or paid is null or kg <= 0 or paid <= 0 then 'missing_value'
        when mode is null or mode not in ({", ".join(map(literal, _MODES))}) then 'no_mode'
    end as unfit
    from typed
"""


def read_scms(request: Request) -> Imported:
    """Read the history; lines that are no use for the fit of freight are sales all the same, and are told apart."""
    encoding = request.options.get("encoding", "")
    found = open_parts(request.path, encodings=(encoding,) if encoding else WESTERN)
    raw, parts = gather(found, _FIELDS, needed=tuple(_FIELDS))
    engine = request.engine
    engine.register("raw_lines", raw)
    engine.store("judged_lines", _JUDGED)
    engine.store("good_lines", "select * from judged_lines where reason is null")
    markets, _ = register_markets(engine, "good_lines", request.markets)
    sales = engine.sql(
        f"""
        select in_part, in_row, {literal(SOURCE)} as source, document, date, sku, market, {literal(SELLER)} as seller,
               units as quantity, unit_price
        from good_lines join market_names using (place)
        """
    )
    products = _products(engine, priced=request.currency in ("", CURRENCY))
    derived, notes = _lanes(engine)
    derived["recorded"] = _recorded(engine, derived.get("lanes", TABLES["lanes"].empty()))
    unfit = engine.sql("select in_part, in_row, unfit as reason from good_lines where unfit is not null")
    whole = tuple(replace(part, broken=()) for part in parts)
    return Imported(
        read=raw.num_rows + sum(len(part.broken) for part in parts),
        lines=(Lines("sales", sales, ("source", "document", "sku", "date", "unit_price", "quantity")),),
        rejected=rejections(SOURCE, parts, engine.sql("select * from judged_lines where reason is not null")),
        references={"firms": _firms(engine), "products": products, "markets": markets},
        currency=CURRENCY,
        derived=derived,
        assumptions=(
            unit_value_assumption(products, CURRENCY),
            *_product_notes(products),
            *notes,
            *_recorded_notes(derived["recorded"]),
        ),
        left_out=rejections(f"{SOURCE} freight", whole, unfit),
    )


def _firms(engine: DuckDBEngine) -> pa.Table:
    sites = engine.sql("select distinct site from good_lines where site is not null order by 1")["site"].to_pylist()
    rows = [{"firm": site, "name": site, "owner": site, "role": "maker"} for site in sites]
    seller = {"firm": SELLER, "name": "Supply Chain Management System", "owner": SELLER, "role": "seller"}
    return pa.Table.from_pylist([*rows, seller], schema=TABLES["firms"].arrow)


def _products(engine: DuckDBEngine, *, priced: bool) -> pa.Table:
    """Return the items, each made where most of it came from, with the weight of the shipments of it alone."""
    table = products_of(engine, "good_lines", family="l.family", priced="true" if priced else "false")
    facts = {
        row["sku"]: row
        for row in engine.sql(
            """
            with made as (
                select sku, site from (select sku, site, sum(units) as n from good_lines where site is not null group by all)
                qualify row_number() over (partition by sku order by n desc, site) = 1
            ), alone as (
                select * from good_lines qualify count(*) over (partition by shipment) = 1
            ), weighed as (
                select sku, median(kg / units) as weight from alone where kg > 0 group by sku
            )
            select made.sku, site, weight from made left join weighed using (sku)
            """
        ).to_pylist()
    }
    rows = [
        row | {"maker": fact["site"], "weight": fact["weight"]}
        for row in table.to_pylist()
        for fact in [facts.get(row["sku"], {"site": None, "weight": None})]
    ]
    return pa.Table.from_pylist(rows, schema=table.schema)


def _recorded(engine: DuckDBEngine, lanes: pa.Table) -> pa.Table:
    """Return what was made and sent, by whom and on which lane: goods of one day, maker, item and lane are one row.

    Goods are made and leave so many days before they are delivered as their mode is taken to be under way.
    """
    days = [(name, float(days)) for name, (_, _, days) in _MODES.items()]
    engine.register("mode_days", pa.table([pa.array(c) for c in zip(*days, strict=True)], ["mode", "days"]))
    engine.register("fitted_lanes", lanes.select(["lane", "service", "destination"]))
    rows = engine.sql(
        f"""
        with sent as (
            select date - cast(coalesce(days, 0) as integer) as date, site as firm, sku, lane, market, units
            from good_lines join market_names using (place) left join mode_days using (mode)
                 left join fitted_lanes on service = good_lines.mode and destination = market
            where site is not null
        ), done as (
            select 'make' as activity, date, firm, sku, null as lane, null as market, units from sent
            union all select 'ship', date, firm, sku, lane, market, units from sent where lane is not null
        )
        select row_number() over (order by activity, date, firm, sku, lane, market) as row, activity, date, firm, sku,
               {literal(SELLER)} as seller, lane, market, sum(units) as quantity
        from done group by activity, date, firm, sku, lane, market order by row
        """
    )
    return rows.select(TABLES["recorded"].names).cast(TABLES["recorded"].arrow)


def _recorded_notes(recorded: pa.Table) -> list[Assumption]:
    if not recorded.num_rows:
        return []
    return [
        Assumption(
            item="recorded",
            value=str(recorded.num_rows),
            unit="rows",
            rule="What was delivered was made at its manufacturing site and left it on one day: as many before the delivery as"
            " its mode is taken to be under way; on the day of delivery where the mode is not known, and then it is not"
            " told how it was sent.",
            rule_zh="所交付的货物在其生产地生产并当日发出，日期为交付日减去该运输方式的在途天数；方式未知者取交付日，且不记发运。",
            replaced_by="recorded",
        )
    ]


def _product_notes(products: pa.Table) -> list[Assumption]:
    known = products.num_rows - products["weight"].null_count
    return [
        Assumption(
            item="maker",
            value=str(products.num_rows),
            unit="products",
            rule="The manufacturing site that most units of the item came from.",
            rule_zh="取供货件数最多的生产地。",
            replaced_by="products.maker",
        ),
        Assumption(
            item="weight",
            value=str(known),
            unit="products",
            rule="The median of weight over quantity in shipments of the item alone; other items have none.",
            rule_zh="取仅含该品的货件的重量与数量之比的中位数；其余无重量。",
            replaced_by="products.weight",
        ),
    ]


def _lanes(engine: DuckDBEngine) -> tuple[dict[str, pa.Table], list[Assumption]]:
    """Return **lanes** and **tariffs**, one of each per mode and country with observed freight, and their errors."""
    lanes: list[dict[str, object]] = []
    bands: list[dict[str, object]] = []
    notes: list[Assumption] = []
    for name, (code, mode, days) in _MODES.items():
        charges = engine.sql(
            f"""
            select market, kg, paid from good_lines join market_names using (place)
            where unfit is null and mode = {literal(name)} order by all
            """
        )
        if not charges.num_rows:
            continue
        markets = sorted(set(charges["market"].to_pylist()))
        place = {market: k for k, market in enumerate(markets)}
        nowhere = np.full(len(markets), np.nan)
        where = np.array([place[m] for m in charges["market"].to_pylist()])
        loads = Parcels(charges["kg"].to_numpy(), charges["paid"].to_numpy(), where, nowhere)
        delays = engine.sql(
            f"""
            select market, median(date - promised)::double as late from good_lines join market_names using (place)
            where mode = {literal(name)} and promised is not null group by market, coalesce(shipment, document) order by all
            """
        )
        delays = delays.filter(pa.array([m in place for m in delays["market"].to_pylist()]))
        late = delays["late"].to_numpy()
        at = np.array([place[m] for m in delays["market"].to_pylist()], dtype=np.int64)
        tariff = fit_load_tariff(loads)
        transit = fit_transit(late, at, nowhere, least=-np.inf)
        notes += fit_error_notes(
            f"{SOURCE}-{code}", tariff_error(fit_load_tariff, loads), transit_error(late, at, nowhere, least=-np.inf)
        )
        notes += _notes(code, days, markets, tariff, transit)
        for k, market in enumerate(markets):
            lane = f"{SOURCE}-{code}-{market}"
            lanes.append(
                {
                    "lane": lane,
                    "origin": "*",
                    "destination": market,
                    "mode": mode,
                    "service": name,
                    "tariff": lane,
                    "transit_days": days,
                    "transit_spread": round(float(transit.spread[k]), 1),
                }
            )
            bands += _bands(tariff, k, lane)
    if not lanes:
        return {}, []
    tables = {
        "lanes": pa.Table.from_pylist(lanes, schema=TABLES["lanes"].arrow),
        "tariffs": pa.Table.from_pylist(bands, schema=TABLES["tariffs"].arrow),
    }
    return tables, notes


def _bands(tariff: LoadTariff, destination: int, name: str) -> list[dict[str, object]]:
    ends: list[float | None] = [*map(float, tariff.starts[1:]), None]
    return [
        {
            "tariff": name,
            "basis": "kg",
            "from_quantity": float(start),
            "to_quantity": end,
            "rate": float(rate),
            "minimum": float(tariff.minimum[destination]),
            "volumetric": 0.0,
            "container_kg": TABLES["tariffs"]["container_kg"].default,
            "container_m3": TABLES["tariffs"]["container_m3"].default,
            "currency": CURRENCY,
        }
        for start, end, rate in zip(tariff.starts, ends, tariff.rates[destination], strict=True)
    ]


def _notes(code: str, days: float, markets: list[str], tariff: LoadTariff, transit: Transit) -> list[Assumption]:
    notes = [
        Assumption(
            item="transit days",
            subject=f"{SOURCE}-{code}",
            value=f"{days:g}",
            unit="days",
            rule="The history does not say when goods left: a usual number of days for the mode.",
            rule_zh="历史未记录发出日期：取该方式的通常天数。",
            replaced_by="lanes.transit_days",
        )
    ]
    at_1000 = tariff.charge(np.full(len(markets), 1000.0), np.arange(len(markets)))
    for k, market in enumerate(markets):
        charges, delivered = int(tariff.observed[k]), int(transit.observed[k])
        notes += [
            Assumption(
                item="freight tariff",
                subject=f"{SOURCE}-{code}-{market}",
                value=f"{at_1000[k]:.2f}",
                unit=f"{CURRENCY} per load of 1000 kg",
                rule="Fitted to observed freight: a rate by weight class times a level by country, never rising with weight,"
                f" drawn towards the middle of all where few were seen ({seen(charges, 'load', 'loads')}).",
                rule_zh=f"由实际运费拟合：重量档费率乘以国家系数，随重量不增；观测少时向整体收缩（{charges} 票）。",
                replaced_by="tariffs",
            ),
            Assumption(
                item="transit spread",
                subject=f"{SOURCE}-{code}-{market}",
                value=f"{transit.spread[k]:.1f}",
                unit="days",
                rule=f"Spread of the days between promised and delivered ({seen(delivered, 'shipment', 'shipments')}), drawn towards that of the"
                f" mode where few were seen; on average {transit.mean[k]:+.1f} days against the promise.",
                rule_zh=f"承诺与实际交付之差的标准差（{delivered} 票），观测少时向该方式整体收缩；平均偏差 {transit.mean[k]:+.1f} 天。",
                replaced_by="lanes.transit_spread",
            ),
        ]
    return notes
