"""The tables a run writes. Money is in the currency of the run."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table
from jointplan.schema.diagnosed import DIAGNOSED
from jointplan.schema.diagnosed_market import DIAGNOSED_MARKET
from jointplan.schema.newness import NEWNESS

TEXT, INTEGER, NUMBER, DATE, BOOLEAN = Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.BOOLEAN

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
QUANTILES = ("q025", "q05", "q10", "q20", "q30", "q40", "q50", "q60", "q70", "q80", "q90", "q95", "q975")

ASSUMPTIONS = Table(
    "assumptions",
    "假设值",
    "result",
    "Everything that was assumed because no table said it, with the rule; replaced by supplying the table.",
    "因缺少数据而采用的假设及其规则；补充相应表格即可替换。",
    (
        Column("item", "事项", TEXT, "What was assumed.", "假设事项。", required=True),
        Column(
            "subject",
            "对象",
            TEXT,
            "Firm, product or lane it is about; blank: all.",
            "相关企业、产品或线路；空白表示全部。",
        ),
        Column("value", "取值", TEXT, "Value taken.", "取值。"),
        Column("unit", "单位", TEXT, "Unit of the value.", "单位。"),
        Column("rule", "规则", TEXT, "How it was found.", "取值规则。", required=True),
        Column("rule_zh", "规则（中文）", TEXT, "The rule in Chinese.", "规则（中文）。"),
        Column(
            "replaced_by", "替换方式", TEXT, "Table or setting that replaces it.", "可替换它的表或设置。", required=True
        ),
    ),
    ("item", "subject"),
)

_FAN = (
    Column("mean", "均值", NUMBER, "Expected demand.", "期望需求。", "units per week", required=True, low=0),
    *(
        Column(
            q,
            f"分位数 {q[1:]}",
            NUMBER,
            f"Demand is below this with chance 0.{q[1:]}.",
            f"需求低于此值的概率为 0.{q[1:]}。",
            "units per week",
            required=True,
            low=0,
        )
        for q in QUANTILES
    ),
)

FORECASTS = Table(
    "forecasts",
    "需求预测",
    "result",
    "Weekly demand per product, market and seller: mean and quantiles.",
    "各产品、市场、卖家的每周需求：均值与分位数。",
    (
        Column(
            "basis",
            "数据基础",
            TEXT,
            "own:<owner> or shared: whose rows it was made from.",
            "own:<所有者> 或 shared：预测所用数据。",
            required=True,
        ),
        Column("origin", "预测起点", DATE, "Monday of the first week forecast.", "预测首周周一。", required=True),
        WEEK,
        SKU,
        MARKET,
        SELLER,
        *_FAN,
        Column("model", "模型", TEXT, "Model that made it.", "所用模型。", required=True),
    ),
    ("basis", "origin", "week", "sku", "market", "seller"),
)

ACCURACY = Table(
    "accuracy",
    "预测精度",
    "result",
    "Rolling-origin error of the forecasts.",
    "滚动起点的预测误差。",
    (
        Column("basis", "数据基础", TEXT, "own:<owner> or shared.", "own:<所有者> 或 shared。", required=True),
        Column(
            "level", "层级", TEXT, "Series, family or product forecasts.", "序列、产品族或产品层级。", required=True
        ),
        Column("model", "模型", TEXT, "Model.", "模型。", required=True),
        Column("series", "序列数", INTEGER, "Series it was scored on.", "参与评分的序列数。", required=True, low=0),
        Column("chosen", "选用数", INTEGER, "Series it was chosen for.", "选用该模型的序列数。", required=True, low=0),
        Column(
            "pinball",
            "分位损失",
            NUMBER,
            "Mean pinball loss over nine quantiles, scaled by the naive error.",
            "九个分位的平均分位损失（按朴素误差缩放）。",
            "ratio",
        ),
        Column("rmsse", "RMSSE", NUMBER, "Root mean squared scaled error.", "均方根缩放误差。", "ratio"),
        Column("bias", "偏差", NUMBER, "Mean error over mean demand.", "平均误差与平均需求之比。", "share"),
        Column(
            "coverage80",
            "80% 覆盖率",
            NUMBER,
            "Share of actuals inside the 80 % interval.",
            "实际值落入 80% 区间的比例。",
            "share",
        ),
    ),
    ("basis", "level", "model"),
)

ACCURACY_PARTS = Table(
    "accuracy_parts",
    "分项预测精度",
    "result",
    "Rolling-origin error of the forecasts as they are given: all, by class, market and weeks ahead.",
    "预测（按最终给出的形式）的滚动起点误差：总体，及按类别、市场、预测步长。",
    (
        Column("basis", "数据基础", TEXT, "own:<owner> or shared.", "own:<所有者> 或 shared。", required=True),
        Column(
            "by",
            "分组方式",
            TEXT,
            "What the forecasts have in common.",
            "分组依据。",
            required=True,
            choices=("all", "class", "market", "ahead"),
        ),
        Column(
            "name",
            "名称",
            TEXT,
            "Class as known at the origin, market or weeks ahead; blank for all.",
            "类别（按起点当时所知）、市场或步长；总体留空。",
        ),
        Column("series", "序列数", INTEGER, "Series scored.", "参与评分的序列数。", required=True, low=0),
        Column("weeks", "周数", INTEGER, "Weeks of them scored.", "参与评分的序列周数。", required=True, low=0),
        Column(
            "pinball",
            "分位损失",
            NUMBER,
            "Mean pinball loss over nine deciles, scaled by the naive error.",
            "九个十分位的平均分位损失（按朴素误差缩放）。",
            "ratio",
        ),
        Column("rmsse", "RMSSE", NUMBER, "Root mean squared scaled error.", "均方根缩放误差。", "ratio"),
        Column(
            "wrmsse", "WRMSSE", NUMBER, "The same, series weighed by what they sold.", "按销量加权的 RMSSE。", "ratio"
        ),
        Column(
            "vn1",
            "VN1",
            NUMBER,
            "Absolute error and size of the summed error, over demand.",
            "绝对误差与总误差之和，除以需求。",
            "ratio",
        ),
        Column("bias", "偏差", NUMBER, "Summed error over summed demand.", "总误差与总需求之比。", "share"),
        Column(
            "coverage80",
            "80% 覆盖率",
            NUMBER,
            "Share of actuals inside the 80 % interval, by the randomised transform.",
            "实际值落入 80% 区间的比例（随机化变换）。",
            "share",
        ),
        Column(
            "coverage80_raw",
            "80% 覆盖率（直接）",
            NUMBER,
            "The same as it stands, zero weeks counted whole.",
            "直接统计的比例，零值周全数计入。",
            "share",
        ),
        Column(
            "against_naive",
            "相对季节朴素",
            NUMBER,
            "Pinball loss over that of the seasonal naive model.",
            "分位损失与季节朴素模型之比。",
            "ratio",
        ),
        Column(
            "against_best",
            "相对最佳单模型",
            NUMBER,
            "Pinball loss over that of the best single model in hindsight.",
            "分位损失与事后最佳单一模型之比。",
            "ratio",
        ),
        Column("best", "最佳单模型", TEXT, "That model.", "事后最佳单一模型。"),
    ),
    ("basis", "by", "name"),
)

ACCURACY_SERIES = Table(
    "accuracy_series",
    "各序列预测精度",
    "result",
    "Rolling-origin error of each series, on the shared basis.",
    "各序列的滚动起点误差（共享数据基础）。",
    (
        SKU,
        MARKET,
        SELLER,
        Column(
            "class",
            "类别",
            TEXT,
            "smooth, intermittent, erratic, lumpy or sparse.",
            "平稳、间歇、波动、块状或稀疏。",
            required=True,
        ),
        Column("weeks", "周数", INTEGER, "Weeks scored.", "参与评分的周数。", required=True, low=0),
        Column(
            "pinball",
            "分位损失",
            NUMBER,
            "Mean pinball loss over nine deciles, scaled by the naive error.",
            "九个十分位的平均分位损失（按朴素误差缩放）。",
            "ratio",
            required=True,
        ),
        Column("bias", "偏差", NUMBER, "Summed error over summed demand.", "总误差与总需求之比。", "share"),
        Column(
            "against_naive",
            "相对季节朴素",
            NUMBER,
            "Pinball loss over that of the seasonal naive model.",
            "分位损失与季节朴素模型之比。",
            "ratio",
        ),
    ),
    ("sku", "market", "seller"),
)

ACCURACY_SHARING = Table(
    "accuracy_sharing",
    "数据共享的精度收益",
    "result",
    "How much less forecasts err when they are made from everybody's rows.",
    "使用全体数据时预测误差的降低幅度。",
    (
        Column("owner", "所有者", TEXT, "Owner; blank: all.", "所有者；空白表示全体。"),
        Column(
            "series",
            "序列数",
            INTEGER,
            "Series scored on both bases.",
            "两种基础上均评分的序列数。",
            required=True,
            low=0,
        ),
        Column(
            "own",
            "自有数据损失",
            NUMBER,
            "Scaled pinball loss from own rows.",
            "自有数据的分位损失。",
            "ratio",
            required=True,
        ),
        Column(
            "shared",
            "共享数据损失",
            NUMBER,
            "Scaled pinball loss from everybody's rows.",
            "共享数据的分位损失。",
            "ratio",
            required=True,
        ),
        Column(
            "gain",
            "收益",
            NUMBER,
            "Share of the loss that sharing takes away.",
            "共享减少的损失比例。",
            "share",
            required=True,
        ),
        Column(
            "gain_low",
            "收益下限",
            NUMBER,
            "Lower end of its 95 % interval (paired bootstrap over series).",
            "95% 区间下限（按序列成对自助法）。",
            "share",
            required=True,
        ),
        Column("gain_high", "收益上限", NUMBER, "Upper end.", "95% 区间上限。", "share", required=True),
    ),
    ("owner",),
)

FORECAST_PATHS = Table(
    "forecast_paths",
    "需求路径",
    "result",
    "Courses that demand may take, drawn from the forecasts; series move together as they did.",
    "由预测抽取的可能需求路径；各序列按历史方式联动。",
    (
        Column("path", "路径", INTEGER, "Number of the course, from 1.", "路径序号，从 1 起。", required=True, low=1),
        WEEK,
        SKU,
        MARKET,
        SELLER,
        Column("quantity", "数量", NUMBER, "Demand in the week.", "该周需求。", "units", required=True, low=0),
    ),
    ("path", "week", "sku", "market", "seller"),
)

FORECAST_TOTALS = Table(
    "forecast_totals",
    "合计预测",
    "result",
    "Weekly demand of products, families, markets and the whole cluster: means are the sums of the series', quantiles those of sums in which series move together.",
    "产品、产品族、市场与整个集群的每周需求：均值为各序列之和，分位数取自各序列联动之和。",
    (
        Column(
            "by", "层级", TEXT, "What is added up.", "合计层级。", required=True,
            choices=("cluster", "market", "family", "product"),
        ),
        Column("name", "名称", TEXT, "Market, family or product; blank: the cluster.", "市场、产品族或产品；空白表示整个集群。"),
        WEEK,
        *_FAN,
    ),
    ("by", "name", "week"),
)  # fmt: skip

DEMAND = Table(
    "demand",
    "计划需求",
    "result",
    "The demand all plans were made for, in whole units.",
    "各计划共同依据的需求（整数件）。",
    (
        WEEK,
        SKU,
        MARKET,
        SELLER,
        Column(
            "quantity", "数量", NUMBER, "Units wanted in the week.", "该周需求数量。", "units", required=True, low=0
        ),
        Column("price", "售价", NUMBER, "Price of one unit.", "单价。", "money per unit", required=True, low=0),
        Column("origin", "来源", TEXT, "forecast, orders or sales.", "预测、订单或实际销售。", required=True),
    ),
    ("week", "sku", "market", "seller"),
)

LOTS = Table(
    "lots",
    "批次",
    "result",
    "What to make where and when.",
    "何时何地生产什么。",
    (
        PLAN,
        WEEK,
        Column("maker", "生产企业", TEXT, "Firm that makes it.", "生产企业。", required=True),
        SKU,
        Column("family", "产品族", TEXT, "Family of the product.", "产品族。", required=True),
        Column(
            "lot",
            "批次号",
            TEXT,
            "Lot it belongs to: units of one lot share one setup.",
            "批次号：同批共用一次换型。",
            required=True,
        ),
        Column("seller", "卖家", TEXT, "Seller the units are for.", "所供卖家。", required=True),
        Column("quantity", "数量", NUMBER, "Good units made.", "合格品数量。", "units", required=True, low=0),
        Column(
            "hours", "工时", NUMBER, "Run hours, setups apart.", "加工工时（不含换型）。", "hours", required=True, low=0
        ),
        Column(
            "setup_hours",
            "换型工时",
            NUMBER,
            "This row's share of its lot's setup hours.",
            "分摊的换型工时。",
            "hours",
            required=True,
            low=0,
        ),
        Column(
            "moved",
            "转产",
            BOOLEAN,
            "Made by a firm other than the product's present maker.",
            "是否由非现有生产企业生产。",
            required=True,
        ),
        Column(
            "chain",
            "工序链",
            TEXT,
            "Firms that do its steps in turn, joined by “ > ”; blank where one firm does all.",
            "依次完成各工序的企业，以“ > ”连接；由一家企业完成时为空。",
        ),
    ),
    ("plan", "lot", "sku", "seller"),
)

STEPS = Table(
    "steps",
    "工序",
    "result",
    "Steps of the lots that several firms make in turn: who does which, and when.",
    "由多家企业依次完成的批次的各道工序：由谁、在何时完成。",
    (
        PLAN,
        Column("lot", "批次号", TEXT, "Lot, as in the table lots.", "批次号，同批次表。", required=True),
        Column("step", "工序号", INTEGER, "Place in the routing, from 1.", "在工艺路线中的序号，从 1 起。", required=True),
        SKU,
        SELLER,
        WEEK,
        Column("process", "工序", TEXT, "Process.", "工序。", required=True),
        Column("firm", "企业", TEXT, "Firm that does the step.", "完成该工序的企业。", required=True),
        Column("comes_from", "来自", TEXT, "Firm of the step before; blank for the first.", "上道工序的企业；首道工序为空。"),
        Column("goes_to", "交给", TEXT, "Firm of the step after; blank for the last.", "下道工序的企业；末道工序为空。"),
        Column("quantity", "数量", NUMBER, "Good units of the finished lot.", "成品合格数量。", "units", required=True, low=0),
        Column("hours", "工时", NUMBER, "Run hours of the step.", "该工序加工工时。", "hours", required=True, low=0),
    ),
    ("plan", "lot", "step", "sku", "seller"),
)  # fmt: skip

LOAD = Table(
    "load",
    "负荷",
    "result",
    "Hours used of the hours there are, per firm, process and week.",
    "各企业各工艺每周已用与可用工时。",
    (
        PLAN,
        WEEK,
        Column("firm", "企业编码", TEXT, "Firm.", "企业。", required=True),
        Column("process", "工艺", TEXT, "Process.", "工艺。", required=True),
        Column(
            "regular_hours",
            "可用工时",
            NUMBER,
            "Regular hours there are.",
            "可用正常工时。",
            "hours",
            required=True,
            low=0,
        ),
        Column("overtime_limit", "加班上限", NUMBER, "Most overtime.", "最多加班工时。", "hours", required=True, low=0),
        Column("run_hours", "加工工时", NUMBER, "Hours making.", "加工工时。", "hours", required=True, low=0),
        Column("setup_hours", "换型工时", NUMBER, "Hours changing over.", "换型工时。", "hours", required=True, low=0),
        Column(
            "overtime_hours",
            "加班工时",
            NUMBER,
            "Hours above the regular ones.",
            "超出正常工时的部分。",
            "hours",
            required=True,
            low=0,
        ),
    ),
    ("plan", "week", "firm", "process"),
)

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
                "revenue", "transfer", "material", "making", "overtime", "setup", "freight", "opening", "entry", "promotion", "investment", "interest", "handling",
                "storage", "duty", "holding", "late", "goodwill", "protection", "end_stock", "hub",
            ),
        ),
        Column("counterparty", "对方", TEXT, "Firm on the other side of a transfer.", "转让交易的对方。"),
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
        Column("status", "状态", TEXT, "How the solver ended.", "求解状态。", required=True),
        Column("seconds", "用时", NUMBER, "Time it took.", "求解用时。", "seconds", required=True, low=0),
        Column("violations", "违规数", INTEGER, "Rules the plan breaks.", "违反的约束数。", required=True, low=0),
    ),
    ("plan",),
)

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
            "maker, seller, both, workshop or hub.",
            "生产企业、卖家、兼营、共享车间或运营方。",
            required=True,
        ),
        Column("recorded", "现状计划", NUMBER, "Under the recorded plan.", "现状计划下。", "money"),
        Column("separate", "各自计划", NUMBER, "Under separate plans.", "各自计划下。", "money", required=True),
        Column("joint", "协同计划", NUMBER, "Under the joint plan.", "协同计划下。", "money", required=True),
        Column("change", "变化", NUMBER, "joint − separate.", "协同 − 各自。", "money", required=True),
    ),
    ("firm",),
)

LANDED_COSTS = Table(
    "landed_costs",
    "到岸成本",
    "result",
    "What a unit pays at the border on each lane: duty, tax and fees, less the export refund.",
    "各线路单件的关税、税费与渠道费，扣除出口退税。",
    (
        Column("lane", "线路编码", TEXT, "Lane, as in lanes.", "线路。", required=True),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True),
        Column("destination", "终点", TEXT, "Site or market it goes to.", "终点。", required=True),
        Column("customs_value", "完税价格", NUMBER, "Value duty is charged on.", "计征关税的价格。", "money per unit", required=True, low=0),
        Column("duty", "关税", NUMBER, "Duty by rate.", "按税率计的关税。", "money per unit", required=True, low=0),
        Column("per_item", "每项税额", NUMBER, "Fixed charge of its tariff item.", "每个税号固定税额。", "money per unit", required=True, low=0),
        Column("vat", "增值税", NUMBER, "VAT that the seller pays.", "卖家承担的增值税。", "money per unit", required=True, low=0),
        Column("fees", "费用", NUMBER, "Clearing and channel fees.", "清关费与渠道费。", "money per unit", required=True, low=0),
        Column("refund", "出口退税", NUMBER, "Export refund.", "出口退税。", "money per unit", required=True),
        Column("border", "合计", NUMBER, "All of these, the refund deducted.", "以上合计，扣除退税。", "money per unit", required=True),
    ),
    ("lane", "sku"),
)  # fmt: skip

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
                "other_maker", "mode", "small_load",
            ),
        ),
        Column("firm", "企业编码", TEXT, "Whose line or workshop it is; blank where several share it.", "所属企业；多方共用时为空。"),
        WEEK,
        Column("until", "截至周", DATE, "Monday of the last week it is about.", "最后一周的周一。", required=True),
        Column("sku", "产品编码", TEXT, "Product.", "产品。"),
        Column("market", "市场编码", TEXT, "Market.", "市场。"),
        Column("process", "工艺", TEXT, "Process of the full workshop.", "满负荷车间的工艺。"),
        Column("quantity", "数量", NUMBER, "Units late at most, unmet or dear; hours used of a full workshop.", "最多延迟、未满足或偏贵的件数；满负荷车间为已用工时。", required=True, low=0),
        Column("maker", "生产企业", TEXT, "Firm that makes it, or would have had to.", "生产企业，或本应由其生产。"),
        Column("binding_process", "约束工艺", TEXT, "Process of the maker that has no hour left.", "该企业工时已尽的工艺。"),
        Column("binding_from", "约束起始周", DATE, "First week in which it binds.", "起约束作用的首周。"),
        Column("binding_until", "约束截至周", DATE, "Last week in which it binds.", "起约束作用的末周。"),
        Column("lane", "线路编码", TEXT, "Lane it goes by.", "所走线路。"),
        Column("mode", "方式", TEXT, "Mode of the lane.", "运输方式。"),
        Column("worth", "每小时价值", NUMBER, "What one more hour is worth, on average over those weeks; lead_time: weeks of the shortest way.", "这些周内每增加一小时的平均价值；lead_time 时为最短路程的周数。"),
        Column("cost", "成本", NUMBER, "Dear: cost of a unit; capacity: hours' price in a unit; setup, gap: cost of the lot that is missing; not_worth: cost of a unit; freight: what ways in time cost more.", "偏贵：单件成本；产能：单件所含工时价值；换型、差距：所缺批次的成本；不划算：单件成本；运费：及时方式多出的运费。", "money"),
        Column("usual", "对照", NUMBER, "Dear: median cost of a unit; else what is lost with a unit, or with all of them for a setup.", "偏贵：单件成本中位数；其余：每件（换型为全部）的损失。", "money"),
    ),
)  # fmt: skip

BATCHES = Table(
    "batches",
    "合批",
    "result",
    "Small orders into large batches, per family, and by firm and by seller: sizes before and after, setups saved, waiting imposed.",
    "小单合成大批：按产品族，并分企业、分卖家：合批前后批量、节省的换型与由此带来的等待。",
    (
        Column("by", "口径", TEXT, "Rows of a family, of a firm in it, or of a seller in it.", "按产品族、其中某企业或某卖家。", required=True, choices=("family", "firm", "seller")),
        Column("family", "产品族", TEXT, "Family.", "产品族。", required=True),
        Column("firm", "企业编码", TEXT, "The making firm, or the seller; blank for the family.", "生产企业或卖家；产品族行为空。"),
        Column("orders", "订单数", INTEGER, "Orders: a seller's deliveries of a product to a market in a week.", "订单：某卖家某产品某市场一周的交付。", required=True, low=0),
        Column("orders_pooled", "合批订单数", INTEGER, "Those of them made in a lot with units of another seller.", "其中与其他卖家同批生产的订单。", required=True, low=0),
        Column("lots_separate", "各自计划批次", INTEGER, "Lots in separate plans.", "各自计划的批次数。", required=True, low=0),
        Column("lots_joint", "协同计划批次", INTEGER, "Lots in the joint plan.", "协同计划的批次数。", required=True, low=0),
        Column("size_separate", "各自计划批量", NUMBER, "Units in a lot in separate plans.", "各自计划的平均批量。", "units"),
        Column("size_joint", "协同计划批量", NUMBER, "Units in a lot in the joint plan.", "协同计划的平均批量。", "units"),
        Column("setup_hours_separate", "各自计划换型工时", NUMBER, "Setup hours in separate plans.", "各自计划的换型工时。", "hours", required=True, low=0),
        Column("setup_hours_joint", "协同计划换型工时", NUMBER, "Setup hours in the joint plan.", "协同计划的换型工时。", "hours", required=True, low=0),
        Column("earlier", "提前生产", NUMBER, "Unit-weeks made earlier before delivery than in separate plans; negative: later.", "相对各自计划提前生产的件·周；负值为推后。", "unit-weeks", required=True),
        Column("later", "延迟交付", NUMBER, "Unit-weeks late beyond separate plans; negative: less late. Blank by firm.", "相对各自计划多出的延迟件·周；负值为减少。分企业时为空。", "unit-weeks"),
    ),
    ("by", "family", "firm"),
)  # fmt: skip

CHANGES = Table(
    "changes",
    "变动",
    "result",
    "What moved between the joint plans of two runs.",
    "两次运行的协同计划之间的变动。",
    (
        Column("what", "对象", TEXT, "A lot or a shipment.", "批次或发运。", required=True, choices=("lot", "shipment")),
        Column("change", "变动", TEXT, "Moved, added or dropped.", "移动、新增或取消。", required=True, choices=("moved", "added", "dropped")),
        SKU,
        SELLER,
        Column("market", "市场编码", TEXT, "Destination of a shipment.", "发运的终点。"),
        Column("quantity", "数量", NUMBER, "Units.", "数量。", "units", required=True, low=0),
        Column("from_place", "原处", TEXT, "Maker, or lane, before.", "原生产企业或线路。"),
        Column("from_week", "原周", DATE, "Week before.", "原周。"),
        Column("to_place", "现处", TEXT, "Maker, or lane, now.", "现生产企业或线路。"),
        Column("to_week", "现周", DATE, "Week now.", "现周。"),
    ),
)  # fmt: skip

PURCHASES = Table(
    "purchases",
    "采购",
    "result",
    "Materials whose price depends on the order: each order with the part that each making firm takes of it.",
    "价格随订货量变化的物料：每笔订货及各生产企业所占部分。",
    (
        PLAN,
        Column("week", "周", DATE, "Monday of the week in which it comes.", "到货周（周一）。", required=True),
        Column("material", "物料", TEXT, "Material.", "物料。", required=True),
        Column("supplier", "供应商", TEXT, "Supplier.", "供应商。", required=True),
        Column("origin", "产地", Kind.COUNTRY, "Country it comes from.", "产地国家。"),
        Column("firm", "企业编码", TEXT, "Making firm that takes this part.", "取用该部分的生产企业。", required=True),
        Column("quantity", "数量", NUMBER, "Material units for the firm.", "该企业所得数量。", "material units", required=True, low=0),
        Column("order_quantity", "订货总量", NUMBER, "Material units of the whole order.", "整笔订货数量。", "material units", required=True, low=0),
        Column("unit_price", "单价", NUMBER, "Price of a material unit in this order.", "该笔订货的单价。", "money per material unit", required=True, low=0),
        Column("cost", "金额", NUMBER, "What the firm pays.", "该企业应付金额。", "money", required=True, low=0),
        Column("together", "联合", BOOLEAN, "Whether members ordered together.", "是否成员联合订货。", required=True),
    ),
    ("plan", "week", "material", "supplier", "firm"),
)  # fmt: skip

INVESTMENTS = Table(
    "investments",
    "一次性投入",
    "result",
    "What each plan pays for once: markets entered, campaigns run, processes learned, workshops and sites opened.",
    "各计划的一次性投入：进入市场、推广活动、学习工艺、开设车间与节点。",
    (
        PLAN,
        Column(
            "measure", "措施", TEXT, "Measure that lets members pay for it together.", "可由成员共同承担的措施。", required=True,
            choices=("add_capability", "open_shared_workshop", "enter_market", "joint_promotion", "consolidate_freight", "overseas_warehouse"),
        ),
        Column("place", "地点", TEXT, "Firm, market or site.", "企业、市场或节点。", required=True),
        Column("subject", "对象", TEXT, "Process that is learned, or family that is promoted; blank: the whole.", "所学工艺或所推广产品族；空白表示整体。"),
        Column("owner", "承担者", TEXT, "Owner that pays for it; pooled: the members together.", "承担的所有者；pooled 表示成员共同承担。", required=True),
        Column("week", "周", DATE, "Monday of the week in which it is first used.", "首次使用周（周一）。", required=True),
        Column("cost", "费用", NUMBER, "Paid once.", "一次性费用。", "money", required=True, low=0),
    ),
    ("plan", "measure", "place", "subject", "owner"),
)  # fmt: skip

FINDINGS = Table(
    "findings",
    "诊断结论",
    "result",
    "What holds the cluster back: an indicator each, how sure it is, and the measure that would help; or the reason why it could not be measured.",
    "制约集群的因素：每行一个指标、其把握程度与对策；无法测算时注明原因。",
    (
        Column("plan", "计划", TEXT, "Blank: measured on the tables brought; else on the flows of that plan.", "空白：按所提供的表测算；否则按该计划的流量测算。", choices=("separate", "joint")),
        Column("topic", "主题", TEXT, "Section it belongs to.", "所属部分。", required=True, choices=("structure", "sameness", "lock_in", "information", "logistics", "codevelopment")),
        Column("indicator", "指标", TEXT, "Machine name of the indicator.", "指标的机器名。", required=True),
        Column("subject", "对象", TEXT, "Firm, family, market, lane or group it is about; blank: the whole cluster.", "相关企业、产品族、市场、线路或组；空白表示整个集群。"),
        Column("value", "数值", NUMBER, "Its value; blank where there is too little data.", "数值；数据不足时为空。"),
        Column("unit", "单位", TEXT, "Unit of the value.", "单位。"),
        Column("comparison", "比较对象", TEXT, "What it is held against.", "与何比较。", choices=("null", "norm", "past", "others")),
        Column("reference", "参照值", NUMBER, "Value of what it is held against: mean of the null, the norm, the earlier value, the best attainable.", "参照值：零分布均值、公认标准、以往数值或可达最优。"),
        Column("low", "下限", NUMBER, "Lower end of the interval (95 %) of the value, or of the null where that is the comparison.", "数值（或零分布）95% 区间下限。"),
        Column("high", "上限", NUMBER, "Upper end of it.", "区间上限。"),
        Column("p_value", "p 值", NUMBER, "Chance of a value at least as far out without the effect.", "无此效应时出现不低于该极端程度的概率。", low=0, high=1),
        Column("severity", "严重程度", NUMBER, "0: no complaint, 1: as bad as it gets; ranks the findings.", "0 为无问题，1 为最严重；用于排序。", low=0, high=1),
        Column("strand", "路径", TEXT, "Strand of the co-development path.", "协同发展路径的分支。", required=True, choices=("production", "supply_chain", "data", "ecosystem")),
        Column("sentence", "结论", TEXT, "What a planner would say; or why it could not be measured.", "规划者的说法；或无法测算的原因。", required=True),
        Column("sentence_zh", "结论（中文）", TEXT, "The same in Chinese.", "中文说法。", required=True),
        Column("measure", "对策", TEXT, "Measure that would help; blank where none is needed.", "对应协同措施；无需时为空。"),
        Column("rows", "依据", TEXT, "The rows behind it: table, and the filter or count.", "依据的数据行：表与筛选条件或行数。", required=True),
    ),
)  # fmt: skip

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
        Column("safety_stock", "安全库存", NUMBER, "Units above expected demand over lead time and review.", "超出提前期与检查期期望需求的数量。", "units", required=True),
        Column("on_hand", "现有库存", NUMBER, "On hand at the start, as the table stock says; blank: no such table.", "期初现有库存（取自库存表）；无此表时为空。", "units", low=0),
        Column("order_now", "现应订货", NUMBER, "To order now where no goods are on the way; blank: stock on hand is not known.", "无在途货物时现在应订的数量；现有库存未知时为空。", "units", low=0),
        Column("service", "服务水平", NUMBER, "Chance that demand is covered until the next order arrives.", "下次到货前不缺货的概率。", "share", required=True, low=0, high=1),
        Column("fill", "满足率", NUMBER, "Share of demand served from stock.", "由库存满足的需求比例。", "share", required=True, low=0, high=1),
        Column("value", "安全库存金额", NUMBER, "Safety stock at cost.", "按成本计的安全库存。", "money", required=True),
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

RESULTS: tuple[Table, ...] = (
    ASSUMPTIONS, FORECASTS, FORECAST_PATHS, FORECAST_TOTALS, ACCURACY, ACCURACY_PARTS, ACCURACY_SERIES, ACCURACY_SHARING, LANDED_COSTS, TARGETS, PROTECTION, SAFETY_STOCK, DEMAND, LOTS, STEPS, LOAD, STOCK_PLAN, SHIPMENTS, DELIVERIES, LEDGER, VALUES,
    VIOLATIONS, GAINS, MEASURE_VALUES, HOUR_WORTH, REASONS, BATCHES, CHANGES, PURCHASES, INVESTMENTS, FINDINGS, *DIAGNOSED, *DIAGNOSED_MARKET, *NEWNESS,
)  # fmt: skip
