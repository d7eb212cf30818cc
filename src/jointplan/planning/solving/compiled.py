"""How the search is compiled: once on a machine, while a first plan waits for it.

Most of what is compiled is called by compiled functions only. These need nothing by which Python or C could call them:
unpacking their many arrays there took a quarter of the time. Nor is anything inlined before the compiler does so itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def entry(function: Function) -> Function:
    """Compile a function that Python calls."""
    compiled: Function = njit(nogil=True, cache=True, error_model="numpy", no_cfunc_wrapper=True)(function)  # type: ignore[call-overload]  # missing in its stub
    return compiled


def inner(function: Function) -> Function:
    """Compile a function that only compiled functions call, and that makes no arrays.

    Without arrays of its own it need not count who refers to those it is given: every array that it reached for in a tuple
    would be counted in and out again, which took nine tenths of the time.
    """
    compiled: Function = njit(  # type: ignore[call-overload]  # missing in its stub
        nogil=True, cache=True, error_model="numpy", no_cfunc_wrapper=True, no_cpython_wrapper=True, _nrt=False
    )(function)
    return compiled


def allocating(function: Function) -> Function:
    """Compile a function that only compiled functions call, and that makes arrays; its loops belong into inner functions."""
    compiled: Function = njit(  # type: ignore[call-overload]  # missing in its stub
        nogil=True, cache=True, error_model="numpy", no_cfunc_wrapper=True, no_cpython_wrapper=True
    )(function)
    return compiled


@inner
def whole(number: int) -> int:
    """Return a number as any other integer: one written into a call has a type of its own, compiled for again."""
    plain: int = np.int64(number)  # type: ignore[assignment]  # the same to Numba
    return plain
