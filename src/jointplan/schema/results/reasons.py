"""Why: what hours are worth, what lies behind late and dear lines, and what moved."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table
from jointplan.schema.results.columns import PLAN, WEEK

TEXT, NUMBER, INTEGER, DATE = Kind.TEXT, Kind.NUMBER, Kind.INTEGER, Kind.DATE

HOUR_WORTH = Table(
    "hour_worth",
    "工时价值",
    "result",
    "What one more hour of a workshop is worth in a week, with the lots and loads of the plan; zero where it is not listed.",
    "在计划批次与货票既定时，某车间某周增加一小时的价值；未列出即为零。",
    (
        PLAN,
        WEEK,
        Column("firm", "企业编码", TEXT, "Firm.", "企业。", required=True),
        Column("process", "工艺", TEXT, "Process.", "工艺。", required=True),
        Column("worth", "每小时价值", NUMBER, "What one more hour adds to the value of the plan.", "每增加一小时使总效益增加的金额。", "money per hour", required=True, low=0),
    ),
    ("plan", "week", "firm", "process"),
)  # fmt: skip

REASONS = Table(
    "reasons",
    "原因",
    "result",
    "Why: for every full workshop and every late, unmet or dear line of the joint plan, what binds and what it is worth.",
    "原因：协同计划中每个满负荷车间以及每条延迟、未满足或成本偏高的明细，由何种约束造成、价值几何。",
    (
        PLAN,
        Column(
            "kind", "类别", TEXT, "A full workshop, or a late, unmet or dear line.", "满负荷车间，或延迟、未满足、成本偏高的明细。",
            required=True, choices=("full", "late", "unmet", "dear"),
        ),
        Column(
            "cause", "原因", TEXT, "What binds.", "起约束作用的因素。", required=True,
            choices=(
                "capacity", "setup", "gap", "lead_time", "not_worth", "no_maker", "no_way", "freight", "overtime", "small_lot",
                "other_maker", "mode", "small_load", "room", "throughput", "space", "container", "certificate", "barred",
                "no_process", "no_source", "material", "displaced", "too_small", "way", "only_maker", "waits_free",
            ),
        ),
        Column("firm", "企业编码", TEXT, "Whose line or workshop it is; sellers who share a shipment have a row each, places and lanes have none.", "所属企业；多家卖家共用的发运各占一行，地点与线路为空。"),
        WEEK,
        Column("until", "截至周", DATE, "Monday of the last week it is about; late: in which units were due.", "最后一周的周一；延迟时为最后的应交周。", required=True),
        Column("sku", "产品编码", TEXT, "Product.", "产品。"),
        Column("market", "市场编码", TEXT, "Market.", "市场。"),
        Column("process", "工艺", TEXT, "Process of the full workshop.", "满负荷车间的工艺。"),
        Column("quantity", "数量", NUMBER, "Units late, each told once, unmet or dear; hours used of a full workshop.", "延迟（每件只计一次）、未满足或偏贵的件数；满负荷车间为已用工时。", required=True, low=0),
        Column("waited", "延迟件·周", NUMBER, "Late: unit-weeks that these units wait after the weeks in which they were due, as far as the plan goes.", "延迟：这些件在应交周之后等待的件·周，计至计划期末。", "unit-weeks", low=0),
        Column("batch", "批次组", INTEGER, "setup, gap, displaced: lines that one missing batch could serve have one number, whatever week and maker suit each best.", "换型、差距、挤占：同一所缺批次可供应的明细编号相同，不论各自最适合的周与企业。"),
        Column("maker", "生产企业", TEXT, "Firm that makes it, or would have had to.", "生产企业，或本应由其生产。"),
        Column("binding_process", "约束工艺", TEXT, "Process of the maker that has no hour left; no_process: the one that nobody can do.", "该企业工时已尽的工艺；no_process 时为无人能做的工艺。"),
        Column("material", "物料", TEXT, "no_source: the materials that have no source left, with commas between them; material: the one that costs most beyond its least price.", "no_source：已无货源的物料，以逗号分隔；material：比最低价贵得最多的物料。"),
        Column("binding_from", "约束起始周", DATE, "First week in which it binds; lead_time: first week in which goods can come out, if later than the first.", "起约束作用的首周；lead_time 时为最早可产出的周（若晚于首周）。"),
        Column("binding_until", "约束截至周", DATE, "Last week in which it binds.", "起约束作用的末周。"),
        Column("lane", "线路编码", TEXT, "Lane it goes by, or whose space or container binds.", "所走线路，或舱位、货柜起约束作用的线路。"),
        Column("mode", "方式", TEXT, "Mode of the lane.", "运输方式。"),
        Column("place", "地点编码", TEXT, "Place whose room or throughput binds.", "库容或周吞吐量起约束作用的地点。"),
        Column("unit", "计量", TEXT, "Room, throughput, space, container: what is counted.", "库容、吞吐量、舱位、货柜：计量单位。", choices=("m3", "kg", "unit")),
        Column("limit", "上限", NUMBER, "Room, throughput and space: how much there is in a week; container: how much one takes.", "库容、吞吐量、舱位：每周上限；货柜：单个容量。", low=0),
        Column("needed", "单件所需", NUMBER, "How much of it one unit of the product takes.", "每件产品所占用量。", low=0),
        Column("barred", "不得生产者", TEXT, "Who could make it and what keeps each from it, as a JSON list of [firm, cause, …]: certificate (none for the market), refused (with the two owners who refuse each other), protected (customers whose jobs stay with their maker), apart (members share no such right).", "有能力者及其受阻原因，写作 JSON 列表［企业，原因，…］：certificate（无该市场认证）、refused（附互相拒绝的两个所有者）、protected（受保护客户的业务不转移）、apart（成员未共享该项权利）。"),
        Column("worth", "每单位价值", NUMBER, "What one more hour, or one more of what is counted, is worth, on average over those weeks; lead_time: weeks of the shortest way.", "这些周内每增加一小时或一计量单位的平均价值；lead_time 时为最短路程的周数。"),
        Column("worth_low", "最低价值", NUMBER, "The least that one more is worth in any of those weeks.", "这些周中增加一单位的最低价值。", "money"),
        Column("worth_high", "最高价值", NUMBER, "The most that one more is worth in any of those weeks.", "这些周中增加一单位的最高价值。", "money"),
        Column("cost", "成本", NUMBER, "Dear: cost of a unit; capacity: hours' price in a unit; setup, gap, displaced: cost of the lot that is missing; room, throughput, space without worth: what the line would bring at most per unit of it; not_worth: cost of a unit; freight, other_maker, material of late lines: what ways, makers or materials in time cost more.", "偏贵：单件成本；产能：单件所含工时价值；换型、差距、挤占：所缺批次的成本；库容、吞吐量、舱位无价值时：该明细对每计量单位最多的增益；不划算：单件成本；运费、其他企业、延迟明细的物料：及时的方式、企业或物料多出的成本。", "money"),
        Column("usual", "对照", NUMBER, "Dear: median cost of a unit; setup, gap: what all gain at most by the lot that is missing; else what is lost with a unit.", "偏贵：单件成本中位数；换型、差距：增开所缺批次合计最多的增益；其余：每件的损失。", "money"),
    ),
)  # fmt: skip

CHANGES = Table(
    "changes",
    "变动",
    "result",
    "What moved between the joint plans of two runs.",
    "两次运行的协同计划之间的变动。",
    (
        Column("what", "对象", TEXT, "A lot, a shipment, or a purchase of a material whose price depends on the order.", "批次、发运，或价格随订货量变化的物料的采购。", required=True, choices=("lot", "shipment", "purchase")),
        Column("change", "变动", TEXT, "Moved, added or dropped.", "移动、新增或取消。", required=True, choices=("moved", "added", "dropped")),
        Column("sku", "产品编码", TEXT, "Product; blank for a purchase.", "产品；采购为空。"),
        Column("seller", "卖家", TEXT, "Seller; blank for a purchase.", "卖家；采购为空。"),
        Column("market", "市场编码", TEXT, "Destination of a shipment.", "发运的终点。"),
        Column("material", "物料", TEXT, "Material of a purchase.", "采购的物料。"),
        Column("quantity", "数量", NUMBER, "Units; of a purchase, material units for all firms together.", "数量；采购为各企业合计的物料数量。", "units", required=True, low=0),
        Column("from_place", "原处", TEXT, "Maker, lane or supplier before.", "原生产企业、线路或供应商。"),
        Column("from_week", "原周", DATE, "Week before.", "原周。"),
        Column("to_place", "现处", TEXT, "Maker, lane or supplier now.", "现生产企业、线路或供应商。"),
        Column("to_week", "现周", DATE, "Week now.", "现周。"),
    ),
)  # fmt: skip
