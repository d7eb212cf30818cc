"""Trigeiro's lot-sizing problems, solved as clusters of one plant.

    python benchmarks/lot_sizing.py F1.DAT F2.DAT … [--optimal optimal.json] [--seconds 20] [--search] [--json]

Each case prints the cost found, the proven bound, the gap between them and, where the optima are given or stand beside
the problems, the gap to the optimum; and the same for HiGHS given the whole model. Models of at most
500 yes-or-no decisions are given to HiGHS as a whole by the plan too; with ``--search`` the search for large plans makes them.
"""

from __future__ import annotations

import published
from tests.planning.cases import trigeiro

if __name__ == "__main__":
    published.run(__doc__, trigeiro, seconds=20, gap=1e-4)
