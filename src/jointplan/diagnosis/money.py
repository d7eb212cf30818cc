"""What currencies are worth in that of the run."""

from __future__ import annotations

from jointplan.engine import Tables


def worth_of(tables: Tables, currency: str) -> dict[str, float]:
    """Return what one unit of each currency of the table **fx** was worth at last, in the currency of the run."""
    found: dict[str, float] = {}
    if "fx" in tables:
        rates = tables.frame("fx", "currency", "date", "rate").sort_values("date", kind="stable")
        found = {str(name): float(rate) for name, rate in zip(rates["currency"], rates["rate"], strict=True)}
    return found | {currency: 1.0}
