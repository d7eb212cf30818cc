"""What plans are worth: ledger, values, gains, measures, and the rules plans break."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table
from jointplan.schema.results.columns import PLAN, WEEK

TEXT, INTEGER, NUMBER, DATE, BOOLEAN = Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.BOOLEAN

LEDGER = Table(
    "ledger",
    "账目",
    "result",
    "Every amount of each plan, by firm and account; it adds up to the value of the plan to the cent.",
    "各计划逐企业逐科目金额；合计与总效益分毫不差。",
    (
        PLAN,
        WEEK,
        Column("firm", "企业编码", TEXT, "Firm it belongs to; hub for the hub's own cost.", "所属企业；集群运营方为 hub。", required=True),
        Column(
            "account",
            "科目",
            TEXT,
            "What it is for.",
            "科目。",
            required=True,
            choices=(
                "revenue", "transfer", "royalty", "material", "making", "overtime", "setup", "freight", "opening", "entry", "promotion", "investment", "interest", "handling",
                "storage", "duty", "channel", "holding", "late", "goodwill", "protection", "end_stock", "hub",
            ),
        ),
        Column("counterparty", "对方", TEXT, "Firm on the other side of a transfer or a royalty.", "结算或许可费的对方。"),
        Column("sku", "产品编码", TEXT, "Product; blank where it belongs to none.", "产品；不属于单一产品时为空。"),
        Column("amount", "金额", NUMBER, "Gain is positive, cost negative.", "收益为正，成本为负。", "money", required=True),
        Column("is_cash", "现金", BOOLEAN, "Whether money moves.", "是否涉及现金。", required=True),
    ),
    ("plan", "week", "firm", "account", "counterparty", "sku", "is_cash"),
)  # fmt: skip

VALUES = Table(
    "values",
    "总效益",
    "result",
    "Value of each plan with its proven bound.",
    "各计划的总效益及其已证明的上界。",
    (
        PLAN,
        Column(
            "value",
            "总效益",
            NUMBER,
            "Value, recomputed from the plan itself.",
            "由计划本身重新计算的总效益。",
            "money",
            required=True,
        ),
        Column(
            "upper", "上界", NUMBER, "No plan of this kind can be worth more.", "此类计划不可能超过的总效益。", "money"
        ),
        Column("gap", "最优差距", NUMBER, "(upper − value)/|upper|.", "（上界 − 总效益）/|上界|。", "share"),
        Column(
            "gap_avoidable",
            "可避免成本差距",
            NUMBER,
            "The same against the costs that planning can avoid.",
            "相对可避免成本的差距。",
            "share",
        ),
        Column(
            "bound_by",
            "上界来源",
            TEXT,
            "Which relaxations the bound rests on: whole (the whole model, branched on by HiGHS), prices (Lagrangian relaxation of hours and loads), owners (each owner bounded apart), cuts (cutting planes), kept_setups (setups kept over week's ends bounded apart), larger (the bound of a plan with more rights).",
            "上界所依据的松弛：whole（HiGHS 求解整个模型）、prices（工时与货票的拉格朗日松弛）、owners（各所有者分别定界）、cuts（割平面）、kept_setups（跨周末保留的换型单独定界）、larger（权利更多的计划的上界）。",
        ),
        Column("status", "状态", TEXT, "How the solver ended.", "求解状态。", required=True),
        Column("seconds", "用时", NUMBER, "Time it took.", "求解用时。", "seconds", required=True, low=0),
        Column("violations", "违规数", INTEGER, "Rules the plan breaks.", "违反的约束数。", required=True, low=0),
    ),
    ("plan",),
)

GAINS = Table(
    "gains",
    "协同增益",
    "result",
    "What each firm has in each plan, from the ledger, before any settlement among members.",
    "各企业在各计划中的损益（取自账目，未作成员间结算）。",
    (
        Column("firm", "企业编码", TEXT, "Firm.", "企业。", required=True),
        Column("owner", "所有者", TEXT, "Owner.", "所有者。"),
        Column(
            "side",
            "一方",
            TEXT,
            "maker, seller, both, supplier or carrier (one that has something in a plan), workshop or hub.",
            "生产企业、卖家、兼营、在某一计划中有收支的供应商或承运商、共享车间或运营方。",
            required=True,
        ),
        Column("recorded", "现状计划", NUMBER, "Under the recorded plan.", "现状计划下。", "money"),
        Column("separate", "各自计划", NUMBER, "Under separate plans.", "各自计划下。", "money", required=True),
        Column("joint", "协同计划", NUMBER, "Under the joint plan.", "协同计划下。", "money", required=True),
        Column("change", "变化", NUMBER, "joint − separate.", "协同 − 各自。", "money", required=True),
    ),
    ("firm",),
)

MEASURE_VALUES = Table(
    "measure_values",
    "措施价值",
    "result",
    "What each measure is worth: alone, all together, and what each adds to the others; pairs on fewer weeks.",
    "各项措施的价值：单独、全部、在其余措施之上的增量；两两组合在较少周数上计算。",
    (
        Column("weeks", "周数", INTEGER, "Weeks of the model it was valued on.", "计算所用模型的周数。", "weeks", required=True, low=1),
        Column(
            "question",
            "问题",
            TEXT,
            "alone and all: against separate plans; all_but_one: all against all without it; pair_alone, pair: on fewer weeks.",
            "alone、all：与各自计划比较；all_but_one：全部与去掉该项后比较；pair_alone、pair：在较少周数上。",
            required=True,
            choices=("alone", "all", "all_but_one", "pair_alone", "pair"),
        ),
        Column("measures", "措施", TEXT, "Measure or measures it is about.", "相关措施。", required=True),
        Column("value", "总效益", NUMBER, "Value of the plan with them.", "采用这些措施的计划总效益。", "money", required=True),
        Column("upper", "上界", NUMBER, "No such plan can be worth more.", "此类计划不可能超过的总效益。", "money"),
        Column("against", "对比值", NUMBER, "Value of the plan it is compared with.", "对比计划的总效益。", "money", required=True),
        Column("gain", "增益", NUMBER, "value − against.", "总效益 − 对比值。", "money", required=True),
        Column("gain_low", "增益下限", NUMBER, "The gain is at least this.", "增益至少为此值。", "money"),
        Column("gain_high", "增益上限", NUMBER, "The gain is at most this.", "增益至多为此值。", "money"),
        Column(
            "verdict",
            "结论",
            TEXT,
            "gain, loss, or not_distinguishable where the interval covers zero.",
            "增益、损失，或区间包含零时为 not_distinguishable（差异不显著）。",
            required=True,
            choices=("gain", "loss", "not_distinguishable"),
        ),
        Column("hub_cost", "运营成本", NUMBER, "Cost of running the cooperation, deducted in the gain.", "增益中已扣除的协同运营成本。", "money", required=True),
        Column("beyond", "协同效应", NUMBER, "Pairs: what both gain beyond the two alone.", "两两组合：超出两项单独增益之和的部分。", "money"),
        Column("beyond_low", "协同效应下限", NUMBER, "It is at least this.", "至少为此值。", "money"),
        Column("beyond_high", "协同效应上限", NUMBER, "It is at most this.", "至多为此值。", "money"),
    ),
    ("question", "measures"),
)  # fmt: skip

VIOLATIONS = Table(
    "violations",
    "违规",
    "result",
    "Rules a plan breaks: for the recorded plan they are listed, not forbidden.",
    "计划违反的约束：对现状计划只列出、不禁止。",
    (
        PLAN,
        Column("rule", "规则", TEXT, "Rule that is broken.", "违反的规则。", required=True),
        Column("place", "位置", TEXT, "Where: firm, site, product, lane.", "企业、节点、产品或线路。", required=True),
        Column("week", "周", DATE, "When.", "时间。"),
        Column("amount", "超出量", NUMBER, "By how much.", "超出数量。", required=True),
        Column("unit", "单位", TEXT, "Unit of the amount.", "单位。"),
    ),
)
