"""What plans keep, send and hand over, and what goods cost landed."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table
from jointplan.schema.results.columns import MARKET, PLAN, SELLER, SKU, WEEK

TEXT, NUMBER, DATE = Kind.TEXT, Kind.NUMBER, Kind.DATE

STOCK_PLAN = Table(
    "stock_plan",
    "库存计划",
    "result",
    "Units on hand at the end of each week.",
    "每周末库存。",
    (
        PLAN,
        WEEK,
        Column("site", "地点", TEXT, "Firm or site.", "企业或节点。", required=True),
        SKU,
        Column(
            "seller",
            "卖家",
            TEXT,
            "Seller they belong to; pooled where several share them.",
            "所属卖家；多方共用时为 pooled。",
            required=True,
        ),
        Column("quantity", "数量", NUMBER, "Units.", "数量。", "units", required=True, low=0),
    ),
    ("plan", "week", "site", "sku", "seller"),
)

SHIPMENTS = Table(
    "shipments",
    "发运",
    "result",
    "What ships how: each row is what one seller has in one load.",
    "发运计划：每行为某卖家在一票货中的部分。",
    (
        PLAN,
        WEEK,
        Column("arrives", "到达周", DATE, "Monday of the week it arrives.", "到达周周一。", required=True),
        Column("load", "货票号", TEXT, "Load it travels in.", "货票编号。", required=True),
        Column("lane", "线路编码", TEXT, "Lane.", "线路。", required=True),
        Column("mode", "方式", TEXT, "Mode.", "方式。", required=True),
        Column("origin", "起点", TEXT, "Firm or site it leaves.", "起点。", required=True),
        Column("destination", "终点", TEXT, "Site or market it goes to.", "终点。", required=True),
        SKU,
        SELLER,
        Column("quantity", "数量", NUMBER, "Units.", "数量。", "units", required=True, low=0),
        Column("weight", "重量", NUMBER, "Gross weight.", "毛重。", "kg", required=True, low=0),
        Column("volume", "体积", NUMBER, "Volume.", "体积。", "m³", required=True, low=0),
        Column(
            "containers",
            "集装箱",
            NUMBER,
            "Containers of the load, shared by volume.",
            "分摊的集装箱数。",
            "containers",
            required=True,
            low=0,
        ),
        Column(
            "cost",
            "运费",
            NUMBER,
            "Freight, shared by chargeable quantity.",
            "按计费量分摊的运费。",
            "money",
            required=True,
            low=0,
        ),
    ),
    ("plan", "load", "sku", "seller"),
)

DELIVERIES = Table(
    "deliveries",
    "交付",
    "result",
    "Demand met, late and unmet.",
    "需求的满足、延迟与未满足。",
    (
        PLAN,
        WEEK,
        SKU,
        MARKET,
        SELLER,
        Column("demand", "需求", NUMBER, "Units wanted in the week.", "该周需求。", "units", required=True, low=0),
        Column(
            "delivered", "交付", NUMBER, "Units handed over in the week.", "该周交付。", "units", required=True, low=0
        ),
        Column(
            "late",
            "延迟",
            NUMBER,
            "Units still owed at the end of the week.",
            "周末尚欠数量。",
            "units",
            required=True,
            low=0,
        ),
        Column("unmet", "未满足", NUMBER, "Units given up.", "放弃的数量。", "units", required=True, low=0),
    ),
    ("plan", "week", "sku", "market", "seller"),
)

LANDED_COSTS = Table(
    "landed_costs",
    "到岸成本",
    "result",
    "What a unit, and a load once, pay at the border on each lane: duty, tax and clearing, less the export refund.",
    "各线路单件及每票货物的关税、税费与清关费，扣除出口退税。",
    (
        Column("lane", "线路编码", TEXT, "Lane, as in lanes.", "线路。", required=True),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True),
        Column("week", "起始周", DATE, "Monday of the first week in which goods that arrive pay this: the rules of that Monday.", "自该周（周一）起到达的货物适用，按该周一的规则计。", required=True),
        Column("destination", "终点", TEXT, "Site or market it goes to.", "终点。", required=True),
        Column("customs_value", "完税价格", NUMBER, "Value duty is charged on.", "计征关税的价格。", "money per unit", required=True, low=0),
        Column("duty", "关税", NUMBER, "Duty by rate.", "按税率计的关税。", "money per unit", required=True, low=0),
        Column("per_item", "每项税额", NUMBER, "Fixed charge of the tariff item of a parcel.", "包裹每个税号的固定税额。", "money per unit", required=True, low=0),
        Column("vat", "增值税", NUMBER, "VAT that the seller pays.", "卖家承担的增值税。", "money per unit", required=True, low=0),
        Column("fees", "费用", NUMBER, "Fee for clearing a parcel.", "包裹的清关费。", "money per unit", required=True, low=0),
        Column("refund", "出口退税", NUMBER, "Export refund.", "出口退税。", "money per unit", required=True),
        Column("border", "合计", NUMBER, "All of these, the refund deducted.", "以上合计，扣除退税。", "money per unit", required=True),
        Column("clearing", "每票费用", NUMBER, "What a load pays once, whatever is in it: clearing, and the fixed charge of a tariff item with the VAT on it; 0 for parcels.", "每票货物一次性费用，不论所装数量：清关费及一个税号的固定税额（含其增值税）；包裹为 0。", "money per load", required=True, low=0),
    ),
    ("lane", "sku", "week"),
)  # fmt: skip

CHANNEL_FEES = Table(
    "channel_fees",
    "渠道费率",
    "result",
    "What channels keep of a sale, weighted by what was sold through each.",
    "渠道扣费，按各渠道销量加权。",
    (
        Column("market", "市场编码", TEXT, "Market.", "市场。", required=True),
        Column("seller", "卖家", TEXT, "Firm that sells; blank: any other.", "卖家；空白表示其他各家。"),
        Column("sku", "产品编码", TEXT, "Product; blank: any other.", "产品；空白表示其他各款。"),
        Column("share", "费率", NUMBER, "Share of the price.", "占售价比例。", "share", required=True, low=0, high=1),
        Column("fixed", "固定费用", NUMBER, "Charge for one unit.", "每件固定费用。", "money per unit", required=True, low=0),
    ),
    ("market", "seller", "sku"),
)  # fmt: skip
