"""From single sales to weekly series.

Everything here is an Ibis expression made from the table it is given, so that it runs wherever the table lies.
Weeks start on Monday and are named by it. The first and the last week count only if sales were recorded from its Monday
to its Sunday: half a week of sales is not a week of low demand.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


def weekly_sales(sales: Any) -> Any:
    """Add up sales by week, product, market and seller.

    Parameters
    ----------
    sales : ibis table
        The checked **sales** table: one row per line sold.

    Returns
    -------
    ibis table
        ``week`` (Monday), ``sku``, ``market``, ``seller``, ``quantity`` (units), ``revenue`` (market currency) and
        ``lines`` (lines sold), for complete weeks only. Weeks without a sale have no row.
    """
    complete = sales.filter(_in_complete_week(sales))
    return complete.group_by(
        week=complete.date.truncate("W").cast("date"),
        sku=complete.sku,
        market=complete.market,
        seller=complete.seller,
    ).aggregate(
        quantity=complete.quantity.sum(),
        revenue=(complete.quantity * complete.unit_price).sum(),
        lines=complete.count(),
    )


def weekly_returns(sales: Any, returns: Any) -> Any:
    """Add up what came back by the week in which it had been sold, and the week from which that was known.

    A return undoes the sale its document names; where that names none, the last sale of the product in the market by the seller up to
    that day. What came back without any sale before it is left out.

    Parameters
    ----------
    sales, returns : ibis tables
        The checked tables of those names.

    Returns
    -------
    ibis table
        ``week`` and ``known`` (Mondays), ``sku``, ``market``, ``seller``, ``quantity`` (units, above 0).
    """
    keys = ["sku", "market", "seller"]
    named = sales.group_by("document", *keys).aggregate(named=lambda table: table.date.max())
    back = returns.select("document", "date", *keys, "quantity").left_join(named, ["document", *keys])
    back = back.select("date", *keys, "quantity", "named").mutate(
        named=lambda table: (table.named <= table.date).ifelse(table.named, None),
        sold=lambda table: table.date.nullif(table.date),
    )
    gone = sales.select("date", *keys, "quantity").mutate(
        quantity=lambda table: table.quantity * 0.0,
        named=lambda table: table.date.nullif(table.date),
        sold=lambda table: table.date,
    )
    # Sales and returns in one line of time: the last sale so far is the running maximum of the days of sales.
    line = back.union(gone)
    line = line.mutate(last=line.sold.max().over(group_by=keys, order_by=line.date, range=(None, 0)))
    line = line.mutate(sold=line.named.coalesce(line["last"])).filter(lambda table: table.quantity > 0)
    line = line.filter(lambda table: table.sold.notnull())
    return line.group_by(
        week=line.sold.truncate("W").cast("date"),
        known=line.date.truncate("W").cast("date"),
        sku=line.sku,
        market=line.market,
        seller=line.seller,
    ).aggregate(quantity=line.quantity.sum())


def dropped_lines(sales: Any) -> Any:
    """Count the lines that :func:`weekly_sales` leaves out because their week is incomplete.

    Parameters
    ----------
    sales : ibis table
        The checked **sales** table.

    Returns
    -------
    ibis scalar
        Number of lines.
    """
    return sales.filter(~_in_complete_week(sales)).count()


def _in_complete_week(sales: Any) -> Any:
    # (Monday + 6).truncate is the same Monday, (Tuesday + 6) already the next one; the end is its mirror image.
    span = sales.aggregate(first=sales.date.min(), last=sales.date.max())
    begins = (span.first + 6 * DAY).truncate("W").cast("date").as_scalar()
    ends = (span.last + DAY).truncate("W").cast("date").as_scalar()
    return (sales.date >= begins) & (sales.date < ends)
