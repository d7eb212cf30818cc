"""What was done and what is decided: recorded work, and lots that every plan keeps."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table

TEXT, INTEGER, NUMBER, DATE = Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.DATE

CHAIN = " > "  # between the firms that do the steps of a job in turn

RECORDED = Table(
    "recorded",
    "实际执行",
    "input",
    "What was really made and shipped, and by whom: the plan as recorded.",
    "实际的生产与发运记录：现状计划。",
    (
        Column("row", "行号", INTEGER, "Number of the row, from 1.", "行号，从 1 起。", required=True, low=1),
        Column("activity", "活动", TEXT, "Made or shipped.", "生产或发运。", required=True, choices=("make", "ship")),
        Column("date", "日期", DATE, "Day it was made or left.", "生产或发出日期。", required=True),
        Column(
            "firm",
            "企业编码",
            TEXT,
            "Maker; or firm or site it left from.",
            "生产企业，或发出地点。",
            required=True,
            references=("firms.firm", "sites.site"),
        ),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True, references=("products.sku",)),
        Column("seller", "卖家", TEXT, "For whom.", "为哪个卖家。", required=True, references=("firms.firm",)),
        Column(
            "lane",
            "线路编码",
            TEXT,
            "Lane it went by; shipments only.",
            "所走线路（仅发运）。",
            references=("lanes.lane",),
        ),
        Column(
            "market",
            "市场编码",
            TEXT,
            "Market it went to, where the lane ends in one.",
            "到达市场（线路终点为市场时）。",
            references=("markets.market",),
        ),
        Column("quantity", "数量", NUMBER, "Units.", "数量。", "units", required=True, above=0),
    ),
    ("row",),
    absent="What was really done is not known: the comparison starts from the separate plans.",
    absent_zh="没有实际执行记录：从各自计划开始比较。",
)

APPROVED = Table(
    "approved",
    "已定批次",
    "input",
    "Lots that are decided: every plan keeps them, even beyond the hours there are.",
    "已确定的批次：各计划都予以保留，即使超出可用工时。",
    (
        Column("week", "周", DATE, "Week it is made in; any day of it.", "生产所在周（该周任一天）。", required=True),
        Column(
            "firm", "生产企业", TEXT, "Firm that makes it.", "生产企业。", required=True, references=("firms.firm",)
        ),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True, references=("products.sku",)),
        Column(
            "seller", "卖家", TEXT, "Seller it is made for.", "所供卖家。", required=True, references=("firms.firm",)
        ),
        Column(
            "quantity", "数量", NUMBER, "Good units, at least.", "合格品数量（至少）。", "units", required=True, above=0
        ),
        Column(
            "chain",
            "工序链",
            TEXT,
            "Firms that do its steps in turn, joined by “ > ” as in the table lots; blank: the firm does all.",
            "依次完成各工序的企业，以“ > ”连接（同批次表）；空白：由该企业完成全部工序。",
        ),
        Column(
            "state",
            "状态",
            TEXT,
            "frozen: begun already; approved: agreed.",
            "frozen：已开工；approved：已批准。",
            default="approved",
            choices=("frozen", "approved"),
        ),
    ),
    ("week", "firm", "sku", "seller", "chain"),
    absent="No lot is decided: every plan is free to choose.",
    absent_zh="没有已定批次：各计划自由安排。",
)
