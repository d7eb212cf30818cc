"""What a page is built from: sections of cards, notes, grids and charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Card:
    """One main figure: what it is, the figure, and a line on how to read it."""

    label: str
    figure: str
    note: str = ""
    tone: str = ""  # "", "gain", "loss" or "aside", for what matters less


@dataclass(frozen=True)
class Note:
    """A paragraph; a ``warning`` stands out."""

    text: str
    tone: str = ""
    kind: ClassVar[str] = "note"


@dataclass(frozen=True)
class Grid:
    """A small table, its cells already written for the reader.

    ``numeric`` are the positions of the columns set flush right. ``folded`` grids are shown on demand.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    note: str = ""
    folded: bool = False
    kind: ClassVar[str] = "grid"


@dataclass(frozen=True)
class Interval:
    """A proven interval drawn against zero; positions are shares of the drawing's width."""

    label: str
    low: float
    high: float
    point: float
    zero: float
    low_text: str
    high_text: str
    point_text: str
    tone: str
    kind: ClassVar[str] = "interval"


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite chart.

    ``alt`` says in words what it shows. ``least_width`` in pixels keeps crowded charts readable on a phone, where they
    scroll. ``half`` charts share a line on wide screens, a ``tall`` one with two. ``grid`` holds the figures for those who cannot see it.
    """

    name: str
    title: str
    alt: str
    spec: dict[str, Any]
    note: str = ""
    least_width: int = 0
    half: bool = False
    tall: bool = False
    grid: Grid | None = None
    kind: ClassVar[str] = "chart"


Block = Note | Grid | Interval | Chart


@dataclass(frozen=True)
class Section:
    """One question of the report, its answer in a sentence, and what supports it."""

    name: str
    title: str
    short: str
    answer: str
    cards: tuple[Card, ...] = ()
    blocks: tuple[Block, ...] = ()
