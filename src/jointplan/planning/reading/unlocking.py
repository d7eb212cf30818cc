"""What must be learned or opened before work can be done."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jointplan.planning.problem import Investments
from jointplan.planning.reading.money import Money


class Unlocking:
    """Collects what must be learned or opened before routes are there, once for each firm and process, and each workshop."""

    def __init__(self, capabilities: pd.DataFrame, firms: pd.DataFrame, money: Money) -> None:
        shared = firms[firms["role"] == "workshop"]
        rate = shared["currency"].map(money.rate)
        self.workshops = dict(
            zip(
                shared["firm"],
                zip(shared["opening_cost"].fillna(0.0) * rate, shared["ready_weeks"].fillna(0.0), strict=True),
                strict=True,
            )
        )
        learned = capabilities[capabilities["learn_cost"].notna()]
        most = learned.groupby(["firm", "process"])[["learn_cost", "ready_weeks"]].max().fillna(0.0)
        self.learned = {key: (float(cost), float(weeks)) for key, cost, weeks in most.itertuples()}
        self.number: dict[tuple[str, str], int] = {}
        self.lags: dict[tuple[int, int], int] = {}

    def any_needed(self, firm: str, rows: list[Any]) -> bool:
        """Return whether something must be paid for before a firm can work by these rows of **capabilities**."""
        return firm in self.workshops or any(not np.isnan(row.learn_cost) for row in rows)

    def add(self, route: int, firm: str, process: str, row: Any, lag: int) -> None:
        """Note what a route needs for a step that falls so many weeks before its goods come out."""
        keys = [(firm, "")] * (firm in self.workshops) + [(firm, process)] * (not np.isnan(row.learn_cost))
        for key in keys:
            at = route, self.number.setdefault(key, len(self.number))
            self.lags[at] = max(self.lags.get(at, 0), lag)

    def investments(self, firm_of: dict[str, int]) -> Investments:
        """Return what was noted as arrays."""
        terms = [self.learned[key] if key[1] else self.workshops[key[0]] for key in self.number]
        route, need = np.array(list(self.lags), dtype=np.int64).reshape(-1, 2).T
        return Investments(
            firm=np.array([firm_of[firm] for firm, _ in self.number], dtype=np.int64),
            process=tuple(process for _, process in self.number),
            cost=np.array([cost for cost, _ in terms], dtype=float),
            ready=np.ceil(np.array([weeks for _, weeks in terms], dtype=float)).astype(np.int64),
            route=route,
            need=need,
            lag=np.array(list(self.lags.values()), dtype=np.int64),
        )
