"""What could be sold if something were paid for once: markets to be entered, and campaigns in markets that are served."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jointplan.planning.problem import Entries

KEY = ["sku", "market", "seller", "entry"]


@dataclass(frozen=True)
class Offer:
    """One thing that can be paid for, in the run's currency; ``family`` is blank where it is for everything sold there."""

    market: str
    cost: float
    promotion: bool = False
    family: str = ""


@dataclass(frozen=True)
class Offers:
    """What can be paid for, and what it would sell.

    Parameters
    ----------
    offers : tuple of Offer
        What can be paid for.
    rows : DataFrame
        week, sku, market, seller, quantity, price, and ``entry``, the number of the offer that a row waits for.
    """

    offers: tuple[Offer, ...]
    rows: pd.DataFrame

    def with_demand(self, demand: pd.DataFrame) -> pd.DataFrame:
        """Return the demand that is there with −1 as ``entry``, and what waits after it."""
        today = demand.assign(entry=-1)
        return pd.concat([today, self.rows], ignore_index=True) if len(self.rows) else today

    def entries(
        self, keys: list[tuple[str, str, str, int]], market_of: dict[str, int], families: tuple[str, ...]
    ) -> Entries | None:
        """Return them as entries, with what each series, by sku, market, seller and offer, waits for; None if there are none."""
        if not self.offers:
            return None
        return Entries(
            market=np.array([market_of[offer.market] for offer in self.offers], dtype=np.int64),
            cost=np.array([offer.cost for offer in self.offers], dtype=float),
            series=np.array([entry for *_, entry in keys], dtype=np.int64),
            promotion=np.array([offer.promotion for offer in self.offers], dtype=bool),
            family=np.array([families.index(o.family) if o.family else -1 for o in self.offers], dtype=np.int64),
        )


NO_OFFERS = Offers((), pd.DataFrame(columns=["week", "sku", "market", "seller", "quantity", "price", "entry"]))
