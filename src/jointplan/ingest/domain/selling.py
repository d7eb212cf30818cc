"""Selling: sellers, days, markets yet to be entered, campaigns and certificates."""

from __future__ import annotations

from collections.abc import Iterator

from jointplan.engine import literal
from jointplan.errors import DataIssue
from jointplan.ingest.domain.cluster import Cluster
from jointplan.ingest.problems import choice_word, nothing_sold, only_returns, shorten
from jointplan.texts import tr

BEYOND_MEASURE = 1_000
"""Times the mean of the other lines above which a line is more likely a slip than an order."""

LEAST_LINES = 4
"""Lines of a product in a market from which there is something to measure by."""


def sellers_days_and_quantities(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of sellers whose role is not to sell; only returns, or only sales to come, are an error."""
    if not cluster.has("sales"):
        return
    # One pass over what may be many rows.
    later = f"date > {literal(cluster.today)}"
    sellers = cluster.rows(
        f"SELECT seller, count(*) AS n, count_if({later}) AS later, max(quantity) AS most, min(quantity) AS least "
        "FROM {sales} GROUP BY seller ORDER BY seller"
    )
    roles = {}
    if cluster.has("firms"):
        # A firm that is there twice has its own error, and the role of its last row.
        found = cluster.rows("SELECT firm, role FROM {firms} ORDER BY _file, _row")
        roles = {row["firm"]: row["role"] for row in found}
    file = cluster.places["sales"][0] if len(cluster.places["sales"]) == 1 else ""
    for seller in (row["seller"] for row in sellers):
        if roles.get(seller) in ("maker", "supplier", "carrier"):
            yield DataIssue(
                "sales",
                file,
                None,
                "seller",
                shorten(seller),
                "role_does_not_fit",
                tr("{firm} sells, but its role is {role}.", firm=seller, role=choice_word(roles[seller])),
                tr("Set the role of the firm to both, or name another."),
                "warning",
            )
    # Where no line of a seller has a quantity, that is told of the column.
    if all(row["most"] is not None and row["most"] <= 0 for row in sellers):
        yield only_returns(file) if any(row["least"] < 0 for row in sellers) else nothing_sold(file)
    if sum(row["n"] for row in sellers) == 1:
        yield DataIssue(
            "sales",
            file,
            None,
            "date",
            "",
            "single_sale",
            tr("The sales are a single row: nothing can be forecast from it."),
            tr("Give the sales of as many weeks as there are; a year shows the seasons."),
            "warning",
        )
    if sellers and all(row["later"] == row["n"] for row in sellers):
        message = tr("All sales lie after today.")
        yield DataIssue("sales", file, None, "date", "", "day_to_come", message, _days_to_come("sales"), "error")


def days_to_come(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of what cannot have happened yet; where it is all there is of sales, that is told as an error elsewhere."""
    today = literal(cluster.today)
    for table in ("sales", "returns", "signals", "stock_counts"):
        if not cluster.has(table) or not cluster.rows(f"SELECT 1 FROM {{{table}}} WHERE date > {today} LIMIT 1"):
            continue
        if table == "sales" and not cluster.rows(f"SELECT 1 FROM {{sales}} WHERE date <= {today} LIMIT 1"):
            continue
        yield from cluster.found(
            "day_to_come",
            table,
            "date",
            f'SELECT _file, _row, "date~" AS value FROM {{{table}}} WHERE date > {today}',
            lambda _row: tr("The day lies after today: the row is left out."),
            _days_to_come(table),
        )


def _days_to_come(table: str) -> str:
    """Return what to do about days after today."""
    if table == "sales":
        return tr("Look whether the year is right; orders to come belong in the table orders.")
    return tr("Look whether the year is right.")


def sold_before_launch(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of the first sale of a product that comes before the day of its launch."""
    if not cluster.has("sales", "products"):
        return
    yield from cluster.found(
        "sold_before_launch",
        "sales",
        "date",
        """
        SELECT arg_min(s._file, (s.date, s._file, s._row)) AS _file, arg_min(s._row, (s.date, s._file, s._row)) AS _row,
               min(s.date) AS value, sku, p.launched AS launched, count(*) AS lines
        FROM {sales} s JOIN {products} p USING (sku) WHERE s.date < p.launched GROUP BY sku, p.launched
        """,
        lambda row: tr(
            "{sku} is said to be launched on {day}, yet it was sold before: {n} {n:line|lines}, the first on {first}.",
            sku=row["sku"], day=row["launched"], n=row["lines"], first=row["value"],
        ),
        tr("Correct products.launched, or the day or the product of the sale: its sales count from the first on."),
    )  # fmt: skip


def never_counted_in_stock(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of products that no count ever found: their counts tell nothing of weeks out of stock."""
    if cluster.has("stock_counts"):
        yield from cluster.found(
            "never_counted_in_stock",
            "stock_counts",
            "quantity",
            "SELECT min(_file) AS _file, min(_row) AS _row, '0' AS value, sku FROM {stock_counts} "
            "WHERE sku IS NOT NULL GROUP BY sku HAVING max(quantity) = 0",
            lambda row: tr(
                "No count ever found any units of {sku}: it counts as made to order, and no week as sold out.",
                sku=row["sku"],
            ),
            tr("Add the counts of the place that its customers are served from, or leave the product out."),
        )


def line_beyond_measure(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a line of sales many times as large as the others of its product in its market."""
    if not cluster.has("sales"):
        return
    largest = f"""
        SELECT sku, market, max(quantity) AS most, (sum(quantity) - max(quantity)) / (count(*) - 1) AS usual
        FROM {{sales}} GROUP BY sku, market HAVING count(*) >= {LEAST_LINES} AND most > {BEYOND_MEASURE} * usual AND usual > 0
    """
    # Seldom is there any, and then the lines, which may be many, are not looked through a second time.
    if not cluster.rows(f"SELECT 1 FROM ({largest}) LIMIT 1"):
        return
    yield from cluster.found(
        "line_beyond_measure",
        "sales",
        "quantity",
        f"""
        SELECT _file, _row, quantity AS value, sku, market, quantity / usual AS times
        FROM {{sales}} JOIN ({largest}) USING (sku, market) WHERE quantity = most
        """,
        lambda row: tr(
            "{value} {value:unit|units} of {sku} in {market} are {times} times the mean of its other lines there.",
            value=f"{row['value']:,.0f}", sku=row["sku"], market=row["market"], times=f"{row['times']:,.0f}",
        ),
        tr(
            "Correct it if digits slipped in. Forecasts lower such a week to spike_factor times the usual one, far above that to the usual one; all else takes it as it stands."
        ),
    )  # fmt: skip


def market_without_sales(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of a market in which nothing was ever sold, and which is neither ordered from nor waits to be entered."""
    if not cluster.has("markets", "sales"):
        return
    asked = [table for table in ("orders", "potentials") if cluster.has(table)]
    others = "".join(
        f" AND market NOT IN (SELECT market FROM {{{table}}} WHERE market IS NOT NULL)" for table in ("sales", *asked)
    )
    yield from cluster.found(
        "market_without_sales",
        "markets",
        "market",
        "SELECT _file, _row, market AS value FROM {markets} WHERE market IS NOT NULL AND entry_cost IS NULL" + others,
        lambda row: tr(
            "Nothing was ever sold in the market {market}: no demand is forecast there.", market=row["value"]
        ),
        tr(
            "Add its sales; what may sell in a market yet to be entered belongs in the table potentials, with entry_cost here."
        ),
    )


def product_without_certificate(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of products sold in a market that certificates name, but neither for them nor for any firm."""
    if not cluster.has("certificates", "products", "sales"):
        return
    yield from cluster.found(
        "product_without_certificate",
        "products",
        "sku",
        """
        SELECT p._file, p._row, p.sku AS value, min(s.market) AS market, count(DISTINCT s.market) AS markets
        FROM {products} p JOIN {sales} s USING (sku)
        WHERE s.market IN (SELECT market FROM {certificates}) AND NOT EXISTS (
            SELECT 1 FROM {certificates} c WHERE c.market = s.market AND (c.sku = p.sku OR c.sku IS NULL)
        ) GROUP BY ALL
        """,
        lambda row: tr(
            "{sku} is sold in {market} without a certificate ({markets} {markets:market|markets}): its demand is planned as unmet.",
            sku=row["value"], market=row["market"], markets=row["markets"],
        ),
        tr("Add the product, or a firm that may make it, to certificates; or leave the market out of them."),
    )  # fmt: skip


def potential_of_an_entered_market(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of potentials in a market without an entry cost: it is entered already, so they are not used."""
    if cluster.has("potentials", "markets"):
        yield from cluster.found(
            "potential_of_an_entered_market",
            "potentials",
            "market",
            "SELECT min(p._file) AS _file, min(p._row) AS _row, p.market AS value FROM {potentials} p "
            "JOIN {markets} m USING (market) WHERE m.entry_cost IS NULL GROUP BY p.market",
            lambda row: tr(
                "The market {market} has no entry cost, so it is entered already: its potentials are not used.",
                market=row["value"],
            ),
            tr("Fill in entry_cost in the table markets (0 if entering is free)."),
        )


def entry_to_a_served_market(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of an entry cost in a market where something is sold: what is sold there waits for no entry."""
    if cluster.has("markets", "sales"):
        yield from cluster.found(
            "entry_to_a_served_market",
            "markets",
            "entry_cost",
            "SELECT _file, _row, market AS value FROM {markets} "
            "WHERE entry_cost IS NOT NULL AND market IN (SELECT market FROM {sales} WHERE market IS NOT NULL)",
            lambda row: tr(
                "The market {market} has an entry cost, but something is sold there: that goes on without it, "
                "only the potentials of others wait for it.",
                market=row["value"],
            ),
            tr("Leave entry_cost blank where the market is entered; put a campaign there into the table campaigns."),
        )


def campaign_without_sales(cluster: Cluster) -> Iterator[DataIssue]:
    """Warn of campaigns in markets where nothing is sold yet: they add a share to nothing."""
    if cluster.has("campaigns", "sales"):
        yield from cluster.found(
            "campaign_without_sales",
            "campaigns",
            "market",
            "SELECT min(_file) AS _file, min(_row) AS _row, market AS value FROM {campaigns} "
            "WHERE market NOT IN (SELECT market FROM {sales} WHERE market IS NOT NULL) GROUP BY market",
            lambda row: tr(
                "Nothing is sold in the market {market} yet: a campaign there adds a share to nothing.",
                market=row["value"],
            ),
            tr("Give entry_cost in the table markets, and what could be sold there in potentials."),
        )
