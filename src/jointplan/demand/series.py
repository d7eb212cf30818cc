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
