"""The types of functions that rooms pass to one another."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told how far a long job is: a sentence, and the share done (0 to 1) where it is known."""

    def __call__(self, message: str, share: float | None = None) -> None:
        """Take note of the state of the job."""


def silent(message: str, share: float | None = None) -> None:
    """Take no note: the progress of jobs nobody watches."""


class UnitFreight(Protocol):
    """Says what a unit of a product bears of the freight of a large load on a lane, money in the currency of the run."""

    def __call__(self, lane: str, sku: str) -> float:
        """Return the freight of one unit."""
