"""The OR-Library's warehouse location problems, solved as clusters whose warehouses must be opened.

    python benchmarks/facility_location.py cap41.txt cap42.txt … [--optimal optimal.txt] [--seconds 60] [--search] [--json]

Each case prints the cost found, the proven bound, the gap between them and, where the optima are given or stand beside
the problems, the gap to the optimum; and the same for HiGHS given the whole model. Models of at most
500 yes-or-no decisions are given to HiGHS as a whole by the plan too; with ``--search`` the search for large plans makes them.
"""

from __future__ import annotations

import published
from tests.planning.cases import facility_location

if __name__ == "__main__":
    published.run(__doc__, facility_location, seconds=60, gap=1e-8)
