"""The types of functions that rooms pass to one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa  # slow to load: the commands' help needs none of it


class Progress(Protocol):
    """Told how far a long job is: a sentence, and the share done (0 to 1) where it is known."""

    def __call__(self, message: str, share: float | None = None) -> None:
        """Take note of the state of the job."""


def silent(message: str, share: float | None = None) -> None:
    """Take no note: the progress of jobs nobody watches."""


class Stop:
    """Whether whoever waits for long work asks it to end with the best there is.

    This one never asks; the command line's listens to Ctrl-C.

    Attributes
    ----------
    asked : bool
        Whether the work is to end. It stays so.
    """

    asked: bool = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen while the work could end with what it has; elsewhere nothing would be kept, and is not."""
        yield


NEVER = Stop()


class Forecaster(Protocol):
    """Forecasts demand: what the diagnosis needs of it to tell whose data improve whose forecasts."""

    def __call__(self, tables: Mapping[str, pa.Table], start: date, weeks: int) -> pa.Table:
        """Return the table **forecasts** of ``weeks`` weeks from the Monday ``start``.

        ``tables`` holds ``weekly`` (week, sku, market, seller, quantity), ``firms`` and ``products``; what lies on or
        after ``start`` is not looked at.
        """


class UnitFreight(Protocol):
    """Says what a unit of a product bears of the freight of a large load on a lane, money in the currency of the run."""

    def __call__(self, lane: str, sku: str) -> float:
        """Return the freight of one unit."""
