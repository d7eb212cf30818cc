"""The plan as a mixed-integer model: each file ensures one family of rules, ``building`` puts them in order.

The room knows nothing of how plans count themselves, see ``planning.plan``; ``planning.translating`` stands between the two.
"""

from jointplan.planning.model.building import FlowModel, PlanModel, build_flows, build_model
from jointplan.planning.model.columns import Columns
from jointplan.planning.model.moving import shipping_costs
from jointplan.planning.model.scope import Frozen, find_space
from jointplan.planning.model.unlocking import find_site_arcs
from jointplan.planning.model.uses import find_uses

__all__ = [
    "Columns",
    "FlowModel",
    "Frozen",
    "PlanModel",
    "build_flows",
    "build_model",
    "find_site_arcs",
    "find_space",
    "find_uses",
    "shipping_costs",
]
