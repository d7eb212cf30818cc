"""Stand-ins for the slow stages, for tests of what surrounds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from jointplan.demand.forecast import RESULTS
from jointplan.schema import TABLES, Assumption


@dataclass(frozen=True)
class QuickPlans:
    """Plans with the values a test wants."""

    verdict: str = "gain"
    worth: dict[str, tuple[float, float | None]] = field(
        default_factory=lambda: {"separate": (100.0, 101.0), "joint": (120.0, 125.0)}
    )
    status: str = "optimal"
    hub: dict[str, float] = field(default_factory=lambda: {"weekly_cost": 1.0, "break_even_weekly_cost": 2.0})
    ended_early: bool = False
    joint_searched: bool = True
    idle: tuple[str, ...] = ()

    @property
    def assumptions(self) -> list[Assumption]:
        return [Assumption("stock", "No stock.", "无库存。", "stock")]

    @property
    def tables(self) -> dict[str, pa.Table]:
        rows = [
            {
                "plan": plan,
                "value": value,
                "upper": upper,
                "gap": None if upper is None else (upper - value) / abs(upper),
                "gap_avoidable": 0.1,
                "status": self.status,
                "seconds": 0.1,
                "violations": 0,
            }
            for plan, (value, upper) in self.worth.items()
        ]
        return {"values": pa.Table.from_pylist(rows, TABLES["values"].arrow), "lots": TABLES["lots"].empty()}

    def value(self, plan: str) -> float | None:
        return self.worth.get(plan, (None, None))[0]

    def upper(self, plan: str) -> float | None:
        return self.worth.get(plan, (None, None))[1]

    def gain_interval(self) -> tuple[float | None, float | None]:
        (separate, least), (joint, most) = self.worth["separate"], self.worth["joint"]
        return None if least is None else joint - least, None if most is None else most - separate


@dataclass
class Quick:
    """The stand-ins, and what they were called with."""

    plans: QuickPlans = field(default_factory=QuickPlans)
    planned_with: dict[str, Any] = field(default_factory=dict)
    forecast_with: dict[str, Any] = field(default_factory=dict)

    def make_plans(self, tables: Any, settings: Any, **rest: Any) -> QuickPlans:
        self.planned_with = {"tables": tables, "settings": settings, **rest}
        return self.plans

    def diagnose_cluster(self, tables: Any, settings: Any, **rest: Any) -> dict[str, pa.Table]:
        return {}

    def forecast_demand(self, tables: Any, settings: Any, **rest: Any) -> dict[str, pa.Table]:
        self.forecast_with = {"tables": tables, "settings": settings, **rest}
        return {name: TABLES[name].empty() for name in RESULTS}
