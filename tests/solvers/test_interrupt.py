"""Ctrl-C while the solver runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

# A market split: no solver proves an optimum of this within hours.
SCRIPT = """
import numpy as np
from jointplan.solvers.highs import solve_model
from jointplan.solvers.linear import ModelBuilder
from jointplan.solvers.report import SolveOptions

weights = np.random.default_rng(7).integers(0, 100, (6, 60))
model = ModelBuilder()
take = model.columns((60,), upper=1.0, integer=True)
miss = model.columns((6, 2), cost=1.0)
row, column = np.indices(weights.shape)
half = (weights.sum(axis=1) // 2).astype(float)
number = np.arange(6)
model.rows(half, half, [(row, take[column], weights), (number, miss[:, 0], 1.0), (number, miss[:, 1], -1.0)])
print("solving", flush=True)
try:
    solve_model(model.build(), SolveOptions(seconds=60.0))
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_stops_the_solver_and_the_process_ends_in_order() -> None:
    """The solver ends before the process does: no abort at the exit, no minute of waiting."""
    child = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert child.stdout is not None
    assert child.stderr is not None
    with child.stdout, child.stderr:
        assert child.stdout.readline() == "solving\n"
        time.sleep(1.5)
        child.send_signal(signal.SIGINT)
        began = time.monotonic()
        child.wait(timeout=40)
        assert (child.stdout.read(), child.stderr.read(), child.returncode) == ("stopped\n", "", 0)
        assert time.monotonic() - began < 20
