"""What the diagnosis reads besides: ties between firms, trade of regions, indicators of development."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table

TEXT, INTEGER, NUMBER = Kind.TEXT, Kind.INTEGER, Kind.NUMBER

TIES = Table(
    "ties",
    "企业往来",
    "input",
    "Business between two firms in a year.",
    "企业间年度往来。",
    (
        Column("firm_a", "企业甲", TEXT, "One firm.", "一方企业。", required=True, references=("firms.firm",)),
        Column("firm_b", "企业乙", TEXT, "The other.", "另一方企业。", required=True, references=("firms.firm",)),
        Column(
            "kind",
            "往来类型",
            TEXT,
            "What flows.",
            "往来类型。",
            default="supply",
            choices=("supply", "subcontract", "knowledge", "finance"),
        ),
        Column("year", "年份", INTEGER, "Year.", "年份。", low=1900, high=2200),
        Column("value", "金额", NUMBER, "Money in the year.", "年度金额。", "money per year", required=True, low=0),
    ),
    ("firm_a", "firm_b", "kind", "year"),
    absent="Ties are derived from who makes for whom.",
    absent_zh="由供货关系推算企业往来。",
)

TRADE = Table(
    "trade",
    "贸易",
    "input",
    "Exports by country and product.",
    "各国各产品出口额。",
    (
        Column("country", "国家或地区", TEXT, "Exporter.", "出口方。", required=True),
        Column("product", "产品类别", TEXT, "Product class.", "产品类别。", required=True),
        Column("year", "年份", INTEGER, "Year.", "年份。", low=1900, high=2200),
        Column("value", "出口额", NUMBER, "Exports.", "出口额。", "money per year", required=True, low=0),
    ),
    ("country", "product", "year"),
    absent="No trade comparison is made.",
    absent_zh="不作贸易比较。",
)

INDICATORS = Table(
    "indicators",
    "指标",
    "input",
    "Yearly or quarterly indicators of the cluster and of its e-commerce.",
    "产业集群与跨境电商的年度或季度指标。",
    (
        Column(
            "system",
            "系统",
            TEXT,
            "Which of the two systems.",
            "所属系统。",
            required=True,
            choices=("cluster", "ecommerce"),
        ),
        Column("indicator", "指标", TEXT, "Name.", "指标名称。", required=True),
        Column(
            "period",
            "时期",
            TEXT,
            "Year or quarter, such as 2025 or 2025-Q1.",
            "年份或季度，如 2025 或 2025-Q1。",
            required=True,
        ),
        Column("value", "数值", NUMBER, "Value.", "数值。", required=True),
        Column(
            "direction",
            "方向",
            TEXT,
            "Whether more is better.",
            "正向或逆向。",
            default="positive",
            choices=("positive", "negative"),
        ),
    ),
    ("system", "indicator", "period"),
    absent="Indicators are computed from the other tables.",
    absent_zh="指标由其他表计算。",
)
