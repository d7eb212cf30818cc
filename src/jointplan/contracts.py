"""The types of functions that rooms pass to one another."""

from __future__ import annotations

from collections.abc import Mapping
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


class Forecaster(Protocol):
    """Forecasts demand: what the diagnosis needs of it to tell whose data improve whose forecasts."""

    def __call__(self, tables: Mapping[str, pa.Table], start: date, weeks: int) -> pa.Table:
        """Return the table **forecasts** of ``weeks`` weeks from the Monday ``start``.

        ``tables`` holds ``weekly`` (week, sku, market, seller, quantity), ``firms`` and ``products``; what lies on or
        after ``start`` is not looked at.
        """
