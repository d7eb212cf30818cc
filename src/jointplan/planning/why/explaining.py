"""Everything that is told of a plan, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jointplan.planning.plan import ClusterPlan
from jointplan.planning.prices import LimitPrices
from jointplan.planning.problem import Floats
from jointplan.planning.why.dear import dear_loads, dear_lots
from jointplan.planning.why.figures import Figures
from jointplan.planning.why.full import full_places, full_workshops
from jointplan.planning.why.reason import Reason
from jointplan.planning.why.unserved import unserved


@dataclass(frozen=True)
class Explainer:
    """Explains one plan.

    Parameters
    ----------
    plan : ClusterPlan
        The plan.
    worth : (M, T)
        What an hour more is worth.
    prices : LimitPrices, optional
        What more room, throughput and space are worth; None: nothing is known.
    undone : mapping of str to sequence of str
        Of products that nobody can make, by SKU, the processes that nobody can do.
    """

    plan: ClusterPlan
    worth: Floats
    prices: LimitPrices | None = None
    undone: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def reasons(self) -> list[Reason]:
        """Return every explanation, full workshops first."""
        figures = Figures(self.plan, self.worth, self.prices)
        return [
            *full_workshops(figures),
            *full_places(figures),
            *unserved(figures, self.undone, "unmet"),
            *unserved(figures, self.undone, "late"),
            *dear_lots(figures),
            *dear_loads(figures),
        ]
