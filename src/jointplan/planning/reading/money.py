"""Money in the currency of the run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from jointplan.engine import Tables

WEEKS_PER_YEAR = 52.0


@dataclass(frozen=True)
class Money:
    """Rates into the currency of the run.

    Parameters
    ----------
    currency : str
        Currency of the run.
    rates : dict of str to float
        Worth of one unit of each other currency.
    """

    currency: str
    rates: dict[str, float]

    def rate(self, currency: Any) -> float:
        """Return what one unit is worth; blank means the currency of the run."""
        if not isinstance(currency, str) or currency in ("", self.currency):
            return 1.0
        return self.rates[currency]


def exchange_rates(tables: Tables, currency: str, on: date) -> Money:
    """Return the latest rates on or before a day, else the earliest there is."""
    rates: dict[str, float] = {}
    if "fx" in tables:
        fx = tables.frame("fx").sort_values("date")
        for code, rows in fx.groupby("currency"):
            known = rows[rows["date"] <= pd.Timestamp(on)]
            rates[str(code)] = float((known if len(known) else rows.head(1))["rate"].iloc[-1])
    return Money(currency, rates)
