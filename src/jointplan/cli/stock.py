"""What ``jointplan inventory`` answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jointplan.cli.wording import named
from jointplan.errors import UsageError
from jointplan.texts import tr

if TYPE_CHECKING:
    from jointplan.study import StockTargets

SCOPES = ("separate", "pooled", "network", "ends")
SHOWN = 10


def as_share(service: float | None) -> float | None:
    """Return a chance given as a share or in percent as a share.

    >>> as_share(0.95), as_share(97.5)
    (0.95, 0.975)

    Raises
    ------
    UsageError
        If it is neither between 0.5 and 1 nor between 50 and 100.
    """
    share = service / 100.0 if service is not None and service > 1.0 else service
    if share is not None and not 0.5 <= share < 1.0:
        raise UsageError(
            tr("A service of {given} is not possible.", given=f"{service:g}"),
            tr("Give a share from 0.5 to below 1, such as 0.95, or the same in percent, such as 95."),
        )
    return share


def stock_figures(made: StockTargets) -> dict[str, Any]:
    """Return the totals of each scope, and what pooling and placing save, for machines."""
    totals: dict[str, dict[str, Any]] = {
        scope: {"stocks": 0, "to_order": 0, "safety_stock": 0.0, "value": 0.0, "cost": 0.0, "correlation": None}
        for scope in SCOPES
    }
    rows = made.table.to_pylist()
    for row in rows:
        total = totals[row["scope"]]
        total["stocks"] += 1
        total["to_order"] += int(bool(row["order_now"]))
        for name in ("safety_stock", "value", "cost"):
            total[name] += row[name]
    for scope, total in totals.items():
        found = [row["correlation"] for row in rows if row["scope"] == scope and row["correlation"] is not None]
        total["correlation"] = round(sum(found) / len(found), 4) if found else None
        for name in ("safety_stock", "value", "cost"):
            total[name] = round(float(total[name]), 2)
    return {
        "start": made.start.isoformat(),
        "replayed": made.replayed.isoformat() if made.replayed else None,
        "currency": made.currency,
        "products": len({row["sku"] for row in rows}),
        "stock_known": any(row["on_hand"] is not None for row in rows),
        "scopes": totals,
        "pooling_saves": _saved(totals, "separate", "pooled"),
        "placing_saves": _saved(totals, "ends", "network"),
        "targets": rows,
        "seconds": round(sum(made.timings.values()), 3),
    }


def stock_lines(made: StockTargets, figures: dict[str, Any]) -> list[str]:
    """Return the same for people."""
    scopes, currency = figures["scopes"], figures["currency"]
    separate, pooled = scopes["separate"], scopes["pooled"]
    network, ends = scopes["network"], scopes["ends"]

    def money(amount: float) -> str:
        return f"{amount:,.0f} {currency}"

    lines = [
        tr(
            "Stock targets from {start}; products: {products}.",
            products=figures["products"],
            start=figures["start"],
        ),
        *(_counted_lines(made) if figures["stock_known"] else []),
        tr(
            "Each seller by itself: safety stock worth {value}, expected cost {cost} a week; stocks: {stocks}.",
            value=money(separate["value"]),
            stocks=separate["stocks"],
            cost=money(separate["cost"]),
        ),
        tr(
            "Pooled: safety stock worth {value}, expected cost {cost} a week; stocks: {stocks}.",
            value=money(pooled["value"]),
            stocks=pooled["stocks"],
            cost=money(pooled["cost"]),
        ),
    ]
    if pooled["correlation"] is not None:
        lines.append(
            tr(
                "Two pooled demands are correlated by {correlation} on average, as measured on past sales.",
                correlation=f"{pooled['correlation']:.2f}",
            )
        )
    if figures["stock_known"]:
        lines.append(
            tr(
                "Pooled stocks at or below their reorder point now: {low} of {stocks}.",
                low=pooled["to_order"],
                stocks=pooled["stocks"],
            )
        )
    lines.append(
        tr(
            "Safety stock kept along the way costs {cost} a week to hold, at the last places alone {ends}.",
            cost=money(network["cost"]),
            ends=money(ends["cost"]),
        )
    )
    return [*lines, *_target_lines(made, figures)]


def _counted_lines(made: StockTargets) -> list[str]:
    """Say as of which day goods are taken to be on hand, and where a run takes another."""
    lines = [
        tr(
            "On hand is what the table stock says. It names no day: it is taken to have been counted on {start}.",
            start=made.start,
        )
    ]
    if made.replayed is not None:
        lines.append(
            tr(
                "A run replays the weeks from {replayed} on and takes the same table as counted then. It can be right for one of both days only: for orders of now, give the stock of {start}.",
                replayed=made.replayed,
                start=made.start,
            )
        )
    return lines


def _target_lines(made: StockTargets, figures: dict[str, Any]) -> list[str]:
    """Return what to keep of each product where, pooled, the dearest stocks first."""
    pooled = [row for row in figures["targets"] if row["scope"] == "pooled"]
    pooled.sort(key=lambda row: (-row["cost"], row["sku"], row["site"], row["market"] or ""))
    lines = [tr("What to keep of each product, pooled, the largest cost a week first of {n}:", n=len(pooled))]
    for row in pooled[:SHOWN]:
        point, level = f"{row['reorder_point']:,.0f}", f"{row['order_up_to']:,.0f}"
        if row["order_up_to"] < 0.5:
            bare = tr(
                "{sku} at {site}: keep none; demand {demand} a week: chance that nothing is wanted {service}, and what is wanted is not served from stock",
                sku=named(made.products, row["sku"]),
                site=named(made.firms, row["site"]),
                demand=f"{row['demand']:,.2g}",
                service=f"{row['service']:.0%}",
            )
            lines.append(f"  {bare}{_to_order(row)}")
            continue
        # A point one unit below the level: whatever is taken is ordered again.
        if row["order_up_to"] - row["reorder_point"] <= 1.0:
            policy = tr("keep {level} {level:unit|units} there and on order", level=level)
        else:
            policy = tr("at {point} {point:unit|units} or below, order up to {level}", point=point, level=level)
        line = tr(
            "{sku} at {site}: {policy}; demand {demand} a week, safety stock {safety}; chance of not running out {service}, share of demand served {fill}",
            sku=named(made.products, row["sku"]),
            site=named(made.firms, row["site"]),
            policy=policy,
            demand=f"{row['demand']:,.1f}",
            safety=f"{row['safety_stock']:,.0f}",
            service=f"{row['service']:.0%}",
            fill=f"{row['fill']:.0%}",
        )
        lines.append(f"  {line}{_to_order(row)}")
    if len(pooled) > SHOWN:
        lines.append("  " + tr("… and {n} more.", n=len(pooled) - SHOWN))
    lines.append(tr("Those of each seller by itself, and along the network, are written by --out FILE or --json."))
    return lines


def _to_order(row: dict[str, Any]) -> str:
    """Return what to order now, where it is known what is there."""
    if row["order_now"] is None:
        return ""
    return tr("; ") + tr("order now {units}", units=f"{row['order_now']:,.0f}")


def _saved(totals: dict[str, dict[str, Any]], dear: str, cheap: str) -> float | None:
    """Return the share of the cost that is saved."""
    return round(1.0 - totals[cheap]["cost"] / totals[dear]["cost"], 4) if totals[dear]["cost"] > 0 else None
