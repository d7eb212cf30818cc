"""Why a plan is as it is: the constraint behind every full workshop and every late, unmet or dear line, with its price.

A line that is late or given up could have been served in time by some way: made by one of its makers in some week, early
enough to arrive. Each such way is costed at what it would take from others, with hours at their price
(:mod:`jointplan.planning.prices`) and with the setup of a lot that is not there; the dearest part of the cheapest way is
the reason. What is told is codes and figures, which the report puts into words.

Figures of the plan that several explanations read (``hours``, ``making``, ``carriage``, ``passing``, ``waiting``, together
``figures``) → what is explained (``full``, ``unserved``, ``dear``) → weeks told together (``joining``) → ``explaining``,
which has it all → ``tables``.
"""

from jointplan.planning.why.explaining import Explainer
from jointplan.planning.why.reason import Barrier, Reason
from jointplan.planning.why.tables import reason_tables, undone_steps

__all__ = ["Barrier", "Explainer", "Reason", "reason_tables", "undone_steps"]
