"""Exchange rates, fees of platforms, and who is short of cash."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table

TEXT, NUMBER, DATE, CURRENCY = Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.CURRENCY

FX = Table(
    "fx",
    "汇率",
    "input",
    "What one unit of a currency is worth in the currency of the run.",
    "一单位外币折合本次计划币种。",
    (
        Column("currency", "币种", CURRENCY, "Currency.", "币种。", required=True),
        Column(
            "date",
            "日期",
            DATE,
            "Day of the rate; the latest before the plan starts is used.",
            "汇率日期；取计划开始前最近一日。",
            required=True,
        ),
        Column(
            "rate",
            "汇率",
            NUMBER,
            "Worth of one unit.",
            "折合本位币。",
            "run currency per unit",
            required=True,
            above=0,
        ),
    ),
    ("currency", "date"),
    absent="All money is in the currency of the run.",
    absent_zh="全部金额均为本次计划币种。",
)

FEES = Table(
    "fees",
    "渠道费用",
    "input",
    "What a channel keeps of a sale, and when it pays.",
    "渠道扣费与结算天数。",
    (
        Column("channel", "渠道", TEXT, "Channel.", "渠道。", required=True),
        Column(
            "market", "市场编码", TEXT, "Market; blank: all.", "市场；空白表示全部。", references=("markets.market",)
        ),
        Column(
            "share",
            "费率",
            NUMBER,
            "Share of the price.",
            "占售价比例。",
            "share",
            default=0.0,
            low=0,
            high=1,
            absent="channels keep no share of the price",
            absent_zh="渠道不按售价比例收费",
        ),
        Column(
            "fixed",
            "固定费用",
            NUMBER,
            "Charge for one unit.",
            "每件固定费用。",
            "market currency per unit",
            default=0.0,
            low=0,
            absent="channels charge nothing by the unit",
            absent_zh="渠道不按件收费",
        ),
        Column(
            "settle_days",
            "结算天数",
            NUMBER,
            "Days until the money comes.",
            "回款天数。",
            "days",
            default=0.0,
            low=0,
            absent="channels pay at once",
            absent_zh="渠道即时结算",
        ),
    ),
    ("channel", "market"),
    absent="Channels charge nothing and pay at once.",
    absent_zh="渠道不收费，即时结算。",
)

CREDIT = Table(
    "credit",
    "资金",
    "input",
    "Cash and credit of a firm; an owner has what its firms have together, and is not short of money if one of them has no row. Owners who plan together share what they have, and none of them is short if one who takes part has no row.",
    "企业现金与授信；同一所有者的企业合并计算，其中任一企业无记录时不视为资金紧张。一起计划的所有者共用资金，参与者中任一无记录时均不视为资金紧张。",
    (
        Column("firm", "企业编码", TEXT, "Firm.", "企业。", required=True, references=("firms.firm",)),
        Column(
            "cash",
            "现金",
            NUMBER,
            "Cash at the start.",
            "期初现金。",
            "money",
            default=0.0,
            absent="no cash at the start",
            absent_zh="期初没有现金",
        ),
        Column(
            "limit",
            "授信额度",
            NUMBER,
            "Most it can owe.",
            "最大授信额度。",
            "money",
            default=0.0,
            low=0,
            absent="whatever is owed is borrowed dearly (plan.costs.borrowing_rate)",
            absent_zh="凡有欠款均按高息计（plan.costs.borrowing_rate）",
        ),
    ),
    ("firm",),
    absent="Firms are not short of money.",
    absent_zh="不考虑资金约束。",
)
