"""Columns that tables of many themes have alike."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind

TEXT, DATE = Kind.TEXT, Kind.DATE

PLAN = Column(
    "plan",
    "计划",
    TEXT,
    "Which of the three plans.",
    "三种计划之一。",
    required=True,
    choices=("recorded", "separate", "joint"),
)
WEEK = Column("week", "周", DATE, "Monday of the week.", "该周周一。", required=True)
SKU = Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True)
MARKET = Column("market", "市场编码", TEXT, "Market.", "市场。", required=True)
SELLER = Column("seller", "卖家", TEXT, "Seller.", "卖家。", required=True)
