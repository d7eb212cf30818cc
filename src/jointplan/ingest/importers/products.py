"""The products that lines of sale speak of, with what can be told of them."""

from __future__ import annotations

import pyarrow as pa

from jointplan.engine import DuckDBEngine
from jointplan.schema import TABLES, Assumption


def products_of(engine: DuckDBEngine, lines: str, *, family: str, priced: str) -> pa.Table:
    """Return the products of a table of lines.

    The title is the one most lines have, of equals the first in the alphabet. The unit value is the median price of
    the lines that are priced in the currency of the workspace: a number in another currency would be misread there.

    Parameters
    ----------
    engine : DuckDBEngine
        Where ``lines`` is known.
    lines : str
        Table with columns ``sku``, ``title``, ``unit_price``.
    family, priced : str
        SQL: the family of a line, and whether its price counts.
    """
    found = engine.sql(
        f"""
        with titles as (
            select sku, title, count(*) as n from {lines} where title is not null group by sku, title
        ), common as (
            select sku, title from titles qualify row_number() over (partition by sku order by n desc, title) = 1
        )
        select l.sku, any_value(c.title) as title, max({family}) as family,
               round(median(l.unit_price) filter ({priced}), 4) as unit_value
        from {lines} l left join common c using (sku) group by l.sku order by l.sku
        """
    )
    schema = TABLES["products"].arrow
    return pa.table(
        [
            found[f.name].cast(f.type) if f.name in found.column_names else pa.nulls(found.num_rows, f.type)
            for f in schema
        ],
        schema,
    )


def unit_value_assumption(products: pa.Table, currency: str) -> Assumption:
    """Say how the unit values of imported products were found."""
    return Assumption(
        item="unit value",
        value=str(products.num_rows - products["unit_value"].null_count),
        unit="products",
        rule=f"The median price of a product's sales lines in {currency}.",
        rule_zh=f"产品各销售行（{currency}）价格的中位数。",
        replaced_by="products.unit_value",
    )


def family_assumption(rule: str, rule_zh: str, families: int) -> Assumption:
    """Say how the families of imported products were formed."""
    return Assumption(
        item="product family",
        value=str(families),
        unit="families",
        rule=rule,
        rule_zh=rule_zh,
        replaced_by="products.family",
    )
