"""A finished run, as the report reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd
import pyarrow as pa

from jointplan.report.numbers import Numbers
from jointplan.schema import TABLES
from jointplan.schema.results.making import ASSUMED_SUPPLIER
from jointplan.store import StoredRun
from jointplan.texts import bracketed, language, set_language, tr

PLANS = ("recorded", "separate", "joint")
HUB = "hub"

_WEEKLY = pa.schema(
    [
        ("week", pa.date32()),
        ("sku", pa.string()),
        ("market", pa.string()),
        ("seller", pa.string()),
        ("quantity", pa.float64()),
        ("revenue", pa.float64()),
    ]
)


@dataclass(frozen=True)
class RunView:
    """A run with its tables as frames, the names of its firms, products and markets, and its way of writing numbers.

    Parameters
    ----------
    run : StoredRun
        The run.
    lang : str
        Language of the reader, ``en`` or ``zh``.
    coded : bool
        Whether amounts bear the code of their currency, as in the terminal, instead of its sign.
    """

    run: StoredRun
    lang: str
    coded: bool = False
    _frames: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Put the reader's language in force."""
        before = language()
        set_language(self.lang)
        try:
            yield
        finally:
            set_language(before)

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest of the run."""
        return self.run.manifest

    @property
    def figures(self) -> dict[str, Any]:
        """The figures of the manifest."""
        figures: dict[str, Any] = self.manifest["figures"]
        return figures

    @cached_property
    def numbers(self) -> Numbers:
        """Writes numbers in the reader's language and the run's currency."""
        return Numbers(self.lang, self.manifest["currency"], self.coded)

    def frame(self, name: str) -> Any:
        """Return a table of the run as a pandas frame; without rows where the run has none.

        ``input_<table>`` names the copies of input tables that a run keeps.
        """
        if name not in self._frames:
            table = self.run.tables.get(name)
            if table is None:
                schema = _WEEKLY if name == "input_weekly" else TABLES[name.removeprefix("input_")].arrow
                table = schema.empty_table()
            self._frames[name] = table.to_pandas()
        return self._frames[name]

    def plan(self, name: str, plan: str) -> Any:
        """Return the rows of a result table that belong to one plan."""
        frame = self.frame(name)
        return frame[frame["plan"] == plan]

    @cached_property
    def plans(self) -> tuple[str, ...]:
        """The plans that were made, in their order."""
        return tuple(plan for plan in PLANS if self.figures["value"].get(plan) is not None)

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        return {
            table: {
                str(code): str(name)
                for code, name in zip(self.frame(table)[key], self.frame(table)[label], strict=True)
                if not pd.isna(name) and str(name)
            }
            for table, key, label in (
                ("input_firms", "firm", "name"),
                ("input_products", "sku", "title"),
                ("input_sites", "site", "name"),
            )
        }

    def firm(self, code: str) -> str:
        """Return the name of a firm or a site, or its code where it has none."""
        return self._names["input_firms"].get(code) or self._names["input_sites"].get(code) or code

    def supplier(self, code: str) -> str:
        """Return the name of a supplier, or that it is not known."""
        return tr("not known, assumed") if code == ASSUMED_SUPPLIER else self.firm(code)

    @cached_property
    def _shared_titles(self) -> set[str]:
        """The titles that several products have."""
        return {title for title, n in Counter(self._names["input_products"].values()).items() if n > 1}

    def product(self, sku: str) -> str:
        """Return the title of a product, with its code where another has the same, or the code alone where it has none."""
        title = self._names["input_products"].get(sku, sku)
        return bracketed(title, sku) if title in self._shared_titles else title

    def named(self, sku: str) -> str:
        """Return title and code."""
        title = self._names["input_products"].get(sku, sku)
        return title if title == sku else bracketed(title, sku)

    @cached_property
    def _market_countries(self) -> dict[str, str]:
        markets = self.frame("input_markets")
        return {str(m): str(c) for m, c in zip(markets["market"], markets["country"], strict=True) if not pd.isna(c)}

    def market(self, code: str) -> str:
        """Return the name of a market: its country's where it is named by the country's code, else its own."""
        if self._market_countries.get(code) == code.upper():
            return str(self.numbers.locale.territories.get(code.upper(), code))
        return code

    def place(self, code: str) -> str:
        """Return the name of a firm, a site or a market."""
        name = self.firm(code)
        return name if name != code else self.market(code)

    @property
    def start(self) -> date:
        """Monday of the first week planned."""
        return date.fromisoformat(self.manifest["horizon"]["start"])

    @property
    def home_country(self) -> str:
        """The country goods come from, by its ISO code."""
        return str(self.manifest["settings"].get("logistics", {}).get("origin", ""))

    @property
    def weeks(self) -> int:
        """Number of weeks planned."""
        return int(self.manifest["horizon"]["weeks"])

    @property
    def replay(self) -> bool:
        """Whether the plans are for weeks that have already been."""
        return bool(self.manifest["horizon"].get("replay"))
