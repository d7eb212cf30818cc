"""Canad's fixed-charge network design problems, solved as clusters whose lanes are charged by the container.

    python benchmarks/network_design.py r01.1.dow r02.1.dow … [--optimal optimal.json] [--seconds 60] [--search] [--json]

Each case prints the cost found, the proven bound, the gap between them and, where the best known costs are given or stand
beside the problems, the gap to the best; and the same for HiGHS given the whole model. Models of at most
500 yes-or-no decisions are given to HiGHS as a whole by the plan too; with ``--search`` the search for large plans makes them.
"""

from __future__ import annotations

import published
from tests.planning.cases import network_design

if __name__ == "__main__":
    published.run(__doc__, network_design, seconds=60, gap=1e-6)
