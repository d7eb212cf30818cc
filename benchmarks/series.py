"""Forecasts any file of series, so that outside collections can be scored.

    python benchmarks/series.py FILE --horizon H --season S [--train-end DATE] --out FILE [--json]

FILE is CSV or Parquet. Long: a column of names (id, unique_id or series), one of times (time, ds, date, week or period) and one of
values (value, y, quantity or units), in any order, with ragged lengths. Wide: one row a series, names in the first column, a column for each time. An
absent or blank cell inside a series is unknown demand, a 0 is a period without any. Rows of the same series and time are added up.
Written are, for each series and period ahead, the mean and the quantiles. With ``--train-end`` nothing after that time is read.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from jointplan.demand import forecast_series
from jointplan.errors import JointplanError
from jointplan.schema import QUANTILES

NAMES = ("id", "unique_id", "series", "item_id")
TIMES = ("time", "ds", "date", "week", "period", "timestamp")
VALUES = ("value", "y", "quantity", "units", "target")


def read_long(path: Path) -> pd.DataFrame:
    """Return the file as rows of id, time and value."""
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    frame = frame.rename(columns=str)
    lower = {name.lower(): name for name in frame.columns}
    found = [next((lower[name] for name in names if name in lower), None) for names in (NAMES, TIMES, VALUES)]
    if all(found):
        frame = frame[found].set_axis(["id", "time", "value"], axis=1)
    else:
        frame = frame.melt(id_vars=frame.columns[0], var_name="time", value_name="value")
        frame = frame.set_axis(["id", "time", "value"], axis=1)
    if not len(frame):
        raise ValueError("the file holds no rows")
    frame["value"] = pd.to_numeric(frame["value"], errors="coerce")
    number = pd.to_numeric(frame["time"], errors="coerce")
    day = None if number.notna().all() else pd.to_datetime(frame["time"], errors="coerce")
    frame["time"] = number if day is None else day
    if frame["time"].isna().any():
        place = int(np.flatnonzero(frame["time"].isna())[0])
        raise ValueError(f"the time in row {place + 2} is neither a number nor a date")
    return frame


def as_arrays(frame: pd.DataFrame) -> tuple[np.ndarray, pd.Index, pd.Index]:
    """Return series × times with NaN where nothing is known, and the names of both."""
    known = frame.dropna(subset="value")
    wide = known.groupby(["id", "time"])["value"].sum().unstack("time")
    wide = wide.reindex(index=pd.Index(frame["id"].unique(), name="id"), columns=np.sort(frame["time"].unique()))
    return wide.to_numpy(dtype=np.float64), wide.index, wide.columns


def aligned(values: np.ndarray) -> np.ndarray:
    """Shift series so that all end together: each is forecast from its own last known period."""
    seen = ~np.isnan(values)
    last = np.where(seen.any(axis=1), values.shape[1] - seen[:, ::-1].argmax(axis=1), values.shape[1])
    moved = np.full_like(values, np.nan)
    for row, end in enumerate(last):
        moved[row, values.shape[1] - end :] = values[row, :end]
    return moved


def main() -> None:
    """Forecast the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--horizon", type=int, required=True)
    parser.add_argument("--season", type=int, required=True)
    parser.add_argument("--train-end", help="last time that is read")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    began = time.perf_counter()
    try:
        frame = read_long(arguments.file)
        if arguments.train_end is not None:
            numeric = pd.api.types.is_numeric_dtype(frame["time"])
            end = float(arguments.train_end) if numeric else pd.Timestamp(arguments.train_end)
            frame = frame[frame["time"] <= end]
        values, names, _times = as_arrays(frame)
        mean, quantiles = forecast_series(
            aligned(values), horizon=arguments.horizon, season=arguments.season, seed=arguments.seed
        )
    except (JointplanError, OSError, ValueError) as error:
        sys.exit(f"{arguments.file}: {error}")
    made = pd.DataFrame(
        {
            "id": np.repeat(names.to_numpy(), arguments.horizon),
            "step": np.tile(np.arange(1, arguments.horizon + 1), len(names)),
            "mean": mean.ravel(),
            **{name: quantiles[:, place].ravel() for place, name in enumerate(QUANTILES)},
        }
    )
    if arguments.out.suffix == ".parquet":
        made.to_parquet(arguments.out, index=False)
    else:
        made.to_csv(arguments.out, index=False)
    case = {
        "name": arguments.file.name,
        "series": len(names),
        "periods": values.shape[1],
        "horizon": arguments.horizon,
        "rows": len(made),
        "seconds": round(time.perf_counter() - began, 1),
    }
    if arguments.json:
        print(json.dumps({"cases": [case], "summary": {"seconds": case["seconds"]}}))
    else:
        print(*(f"{key}: {value}" for key, value in case.items()), sep="\n")


if __name__ == "__main__":
    main()
