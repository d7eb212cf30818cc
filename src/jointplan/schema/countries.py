"""Where countries lie."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def countries() -> dict[str, tuple[float, float]]:
    """Return the latitude and longitude of the middle of each country's largest part, by ISO code."""
    with (files("jointplan.schema") / "countries.csv").open(encoding="utf-8") as file:
        return {row["country"]: (float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)}
