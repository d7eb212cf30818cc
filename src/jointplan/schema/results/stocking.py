"""How much to keep where: stock targets, what safety stock is worth, and what plans keep."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table
from jointplan.schema.results.columns import PLAN, SKU

TEXT, INTEGER, NUMBER = Kind.TEXT, Kind.INTEGER, Kind.NUMBER

TARGETS = Table(
    "targets",
    "库存目标",
    "result",
    "What to keep of each product where: each seller by itself, pooled, and placed along the network.",
    "各产品在各地应备的库存：各卖家单独备货、合并备货，以及沿供应网络布置。",
    (
        Column("scope", "口径", TEXT, "separate: a seller's own stock; pooled: one stock for all; network: safety stock wherever it is cheapest on the way; ends: the same promise kept at the last places alone.", "separate：卖家各自备货；pooled：合并备货；network：安全库存沿途布置在最省处；ends：同样承诺仅由末端备货。", required=True, choices=("separate", "pooled", "network", "ends")),
        Column("site", "地点", TEXT, "Firm or site that keeps it.", "备货的企业或节点。", required=True),
        SKU,
        Column("market", "市场编码", TEXT, "Market it serves; blank: several.", "所供市场；空白表示多个。"),
        Column("seller", "卖家", TEXT, "Seller it belongs to; blank: all.", "所属卖家；空白表示全部。"),
        Column("policy", "策略", TEXT, "base_stock: order up to the level at every review; order_up_to: at a review, once at the reorder point; reorder_point: as soon as there; guaranteed_service: cover the days that the places before it do not.", "base_stock：每次检查补足到目标；order_up_to：检查时降到再订货点才补足；reorder_point：降到即补；guaranteed_service：覆盖前段节点未保证的天数。", required=True, choices=("base_stock", "order_up_to", "reorder_point", "guaranteed_service")),
        Column("series", "需求序列数", INTEGER, "Series (market and seller) it serves.", "所供需求序列（市场×卖家）数。", required=True, low=0),
        Column("correlation", "相关系数", NUMBER, "Measured correlation of two of them, on average; blank: one series.", "实测的两两平均相关系数；单一序列为空。", low=-1, high=1),
        Column("pooling_factor", "合并系数", NUMBER, "Safety stock that normal demands of this correlation need pooled, over what they need apart; blank: nothing is pooled.", "在该相关系数下，正态需求合并与各自备货的安全库存之比；未合并时为空。", "share", low=0, high=1),
        Column("demand", "周需求", NUMBER, "Expected demand.", "期望需求。", "units per week", required=True, low=0),
        Column("lead_weeks", "提前期", NUMBER, "From order to arrival; along the network: what the stock must cover, the review apart.", "从下单到到货；沿网络布置时为需覆盖的时间（不含检查期）。", "weeks", required=True, low=0),
        Column("review_weeks", "检查期", NUMBER, "Between orders.", "两次订货之间。", "weeks", required=True, low=0),
        Column("promise_weeks", "承诺时间", NUMBER, "Within which it serves the next place or the customer.", "向下一节点或顾客供货的承诺时间。", "weeks", required=True, low=0),
        Column("reorder_point", "再订货点", NUMBER, "On hand and on order, at or below which is ordered.", "现有加在途不高于此值时订货。", "units", required=True),
        Column("order_up_to", "补货目标", NUMBER, "On hand and on order after ordering.", "订货后现有加在途的数量。", "units", required=True, low=0),
        Column("safety_stock", "安全库存", NUMBER, "Units above expected demand over lead time and review; 0 where the target lies below it.", "超出提前期与检查期期望需求的数量；目标低于该需求时为 0。", "units", required=True, low=0),
        Column("below_demand", "计划缺口", NUMBER, "Units by which the target (the reorder point, where an order costs something) lies below that demand: there being short now and then costs less than holding.", "目标（订货有固定成本时为再订货点）低于该需求的数量：偶尔缺货比持有库存更省。", "units", required=True, low=0),
        Column("on_hand", "现有库存", NUMBER, "On hand at the start, as the table stock says; blank: no such table.", "期初现有库存（取自库存表）；无此表时为空。", "units", low=0),
        Column("before", "上游库存", NUMBER, "Its share of what lies at places before it, or there for anybody, as far as it lacks it; along the network: none.", "上游各地（或本地未指明卖家）的库存中归其使用的份额，以其所缺为限；沿网络布置时不计。", "units", low=0),
        Column("under_way", "在途", NUMBER, "Its share of shipments recorded before the start that arrive later.", "开始前发出、之后到达的货物中归其使用的份额。", "units", low=0),
        Column("decided", "已定批次", NUMBER, "Its share of decided lots that are made before an order of now would be.", "早于现在下单即可完成的已定批次中归其使用的份额。", "units", low=0),
        Column("lies", "所在地点", TEXT, "Where the units of these three are: place and units; the destination of those under way, the maker of lots.", "以上三项所在地点及数量：在途者列目的地，批次列生产企业。"),
        Column("owed", "欠交", NUMBER, "Units of open orders that were due before the start.", "开始前已到期而未交的订单数量。", "units", low=0),
        Column("order_now", "现应订货", NUMBER, "To order now: up to the level, if units on hand and on order less those owed are at or below the reorder point; blank: stock on hand is not known.", "现在应订的数量：库存头寸（现有加在订减欠交）不高于再订货点时补足到目标；现有库存未知时为空。", "units", low=0),
        Column("service", "服务水平", NUMBER, "Chance that demand is covered until the next order can arrive; where stock is watched all the time, the share of demand served.", "下一张订单可能到货之前不缺货的概率；连续检查时为由库存满足的需求比例。", "share", required=True, low=0, high=1),
        Column("fill", "满足率", NUMBER, "Share of demand served from stock.", "由库存满足的需求比例。", "share", required=True, low=0, high=1),
        Column("value", "安全库存金额", NUMBER, "Safety stock at cost.", "按成本计的安全库存。", "money", required=True, low=0),
        Column("cost", "期望成本", NUMBER, "Expected cost of holding, shortage and orders; along the network: of holding safety stock.", "持有、缺货与订货的期望成本；沿网络布置时为安全库存的持有成本。", "money per week", required=True, low=0),
    ),
    ("scope", "site", "sku", "seller"),
)  # fmt: skip

PROTECTION = Table(
    "protection",
    "安全库存价值",
    "result",
    "Safety stock that a plan may keep, in parts of which the first is needed most likely, and what a unit of each saves; where plans keep it (plan.safety_stock).",
    "计划可备的安全库存：分若干档，越前的越可能用到；附每档单件所能减少的损失（启用 plan.safety_stock 时）。",
    (
        Column("site", "地点", TEXT, "Firm or site that keeps it.", "备货的企业或节点。", required=True),
        SKU,
        Column("market", "市场编码", TEXT, "Market it serves; of several the one that wants most.", "所供市场；多个时取需求最大者。", required=True),
        Column("seller", "卖家", TEXT, "Seller it belongs to.", "所属卖家。", required=True),
        Column("part", "档次", INTEGER, "From 1, the part needed most likely.", "从 1 起，1 最可能用到。", required=True, low=1),
        Column("lead_weeks", "提前期", NUMBER, "Until it can be there.", "最早到位所需时间。", "weeks", required=True, low=0),
        Column("units", "数量", NUMBER, "Units of the part.", "该档件数。", "units", required=True, low=0),
        Column("worth", "周价值", NUMBER, "What a unit saves a week in expectation: cost of shortage, and of holding it, times the chance that it is needed.", "单件每周期望减少的损失：（缺货成本＋持有成本）×用到它的概率。", "money per unit and week", required=True, low=0),
    ),
    ("site", "sku", "seller", "part"),
)  # fmt: skip

SAFETY_STOCK = Table(
    "safety_stock",
    "计划中的安全库存",
    "result",
    "Safety stock that each plan sets aside, of what is worth more than it costs to keep.",
    "各计划留出的安全库存，及价值高于保管成本、值得备的数量。",
    (
        PLAN,
        Column("site", "地点", TEXT, "Firm or site that keeps it.", "备货的企业或节点。", required=True),
        SKU,
        Column("seller", "卖家", TEXT, "Seller it belongs to.", "所属卖家。", required=True),
        Column("wanted", "值得备", NUMBER, "Units worth more a week than keeping them costs, and for which there is room.", "每周价值高于保管成本且放得下的件数。", "units", required=True, low=0),
        Column("held", "已留出", NUMBER, "Units that the plan sets aside.", "计划留出的件数。", "units", required=True, low=0),
        Column("worth", "价值", NUMBER, "What they save in expectation until the end; the account protection.", "至期末期望减少的损失，即 protection 科目。", "money", required=True),
    ),
    ("plan", "site", "sku", "seller"),
)  # fmt: skip
