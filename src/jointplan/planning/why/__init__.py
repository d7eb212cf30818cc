"""Why a plan is as it is: the constraint behind every full workshop and every late, unmet or dear line, with its price.

A line that is late or given up could have been served in time by some way: made by one of its makers in some week, early
enough to arrive. Each such way is costed at what it would take from others, with hours at their price
(:mod:`jointplan.planning.prices`) and with the setup of a lot that is not there; the dearest part of the cheapest way is
the reason. What is told is codes and figures, which the report puts into words.

What several explanations read is counted once: ``hours``, ``making``, ``carriage``, ``passing`` and ``waiting``, together
``figures``. From these are explained what is ``full``, ``unserved`` and ``dear``. Of what is unserved, each ``line`` has its
``cheapest`` way, which has its ``causes``, or ``nobody`` makes it; missing ``batches`` are weighed for all lines, and weeks
with one cause are told once (``joining``). ``explaining`` has it all, and ``tables`` writes it down.
"""

from jointplan.planning.why.explaining import Explainer
from jointplan.planning.why.reason import Reason
from jointplan.planning.why.tables import reason_tables, undone_steps

__all__ = ["Explainer", "Reason", "reason_tables", "undone_steps"]
