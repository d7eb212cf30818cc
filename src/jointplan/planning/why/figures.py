"""The figures of a plan that its explanations read, each counted once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from jointplan.planning.attributing import Attribution, attribute_goods
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.prices import LimitPrices
from jointplan.planning.problem import Floats
from jointplan.planning.why.carriage import Carriage
from jointplan.planning.why.hours import Hours
from jointplan.planning.why.making import Making
from jointplan.planning.why.passing import Passage, Way
from jointplan.planning.why.waiting import Waiting


@dataclass(frozen=True)
class Figures:
    """What explanations of a plan read.

    Parameters
    ----------
    plan : ClusterPlan
        The plan.
    worth : (M, T)
        What an hour more is worth.
    prices : LimitPrices or None
        What more room, throughput and space are worth; None: nothing is known.
    """

    plan: ClusterPlan
    worth: Floats
    prices: LimitPrices | None
    _ways: dict[tuple[int, int, int, float], Way] = field(default_factory=dict, repr=False)

    @cached_property
    def hours(self) -> Hours:
        """Its hours."""
        return Hours(self.plan, self.worth)

    @cached_property
    def making(self) -> Making:
        """What making costs."""
        return Making(self.plan, self.hours)

    @cached_property
    def carriage(self) -> Carriage:
        """What ways take."""
        return Carriage(self.plan)

    @cached_property
    def passage(self) -> Passage:
        """What limits goods on their way."""
        return Passage(self.plan, self.prices, self.carriage.rate)

    @cached_property
    def waiting(self) -> Waiting:
        """Who waits and who is given up."""
        return Waiting(self.plan)

    @cached_property
    def goods(self) -> Attribution:
        """Whose goods are where."""
        return attribute_goods(self.plan)

    def way(self, s: int, t: int, kind: str, lost: float) -> Way | None:
        """Return the ways of units of a series due in a week that would be in time; None where nothing on them is used up."""
        p, sink = self.plan.problem, int(self.plan.network.series_sink[s])
        if not self.passage.guards(int(self.plan.network.sink_commodity[sink])):
            return None
        # What is given up might have come as late as customers wait.
        last = min(t + p.late_weeks, p.weeks - 1) if kind == "unmet" else t
        key = sink, t, last, round(lost, 6)
        if key not in self._ways:
            self._ways[key] = self.passage.way(sink, t, last, lost)
        return self._ways[key]
