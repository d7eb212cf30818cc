"""The kinds of arrays that problems, models and plans are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NONE: Ints = np.empty(0, dtype=np.int64)
