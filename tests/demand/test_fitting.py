"""Models are fitted in chunks whose size changes nothing."""

import numpy as np

from jointplan.demand.fitting import Fit, fit_all
from jointplan.demand.settings import ForecastSettings


def test_numbers_do_not_depend_on_the_size_of_chunks():
    """Levels and paths of every series are the same one by one, by threes and all at once; no series is no error."""
    history = np.random.default_rng(3).poisson(4, (7, 40)).astype(float)
    first, settings = np.arange(7), ForecastSettings()
    fits = [
        Fit(None, history, first, 5, settings),
        Fit("DynamicTheta", history, first, 5, settings),
        Fit(None, history[:0], first[:0], 5, settings),
    ]
    once = fit_all(fits)
    assert [part.shape for part in once] == [(7, 7), (7, 5), (0, 7)]
    for size in (1, 3):
        for made, expected in zip(fit_all(fits, size=size), once, strict=True):
            assert np.array_equal(made, expected)
