"""What the diagnosis found, and the detail behind it, which its pictures are drawn from. Money is in the currency of the run."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table

TEXT, INTEGER, NUMBER, BOOLEAN = Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN

FIRM = Column("firm", "企业编码", TEXT, "Firm.", "企业。", required=True)

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

FINDING_ROWS = Table(
    "finding_rows",
    "结论依据",
    "result",
    "The rows behind each finding that was measured, the weightiest first: of the tables brought, added up where several lines say the same, and of the detail worked out of them.",
    "每项已测算结论所依据的数据行，分量大者在前：来自所提供的表（同键各行合计）及据此计算的明细。",
    (
        Column("plan", "计划", TEXT, "As in findings.", "同诊断结论。", choices=("separate", "joint")),
        Column("indicator", "指标", TEXT, "Indicator of the finding.", "结论的指标。", required=True),
        Column("subject", "对象", TEXT, "Subject of the finding; blank: the whole cluster.", "结论的对象；空白表示整个集群。"),
        Column("table", "表", TEXT, "Table the row lies in; weekly is sales added up by week.", "数据行所在的表；weekly 为按周汇总的销售。", required=True),
        Column("number", "序号", INTEGER, "From 1, in this table.", "在该表内从 1 起。", required=True, low=1),
        Column("row", "数据行", TEXT, "What the row is told by: column=value; column=value.", "数据行的键：列=值; 列=值。", required=True),
        Column("column", "排序列", TEXT, "Column that tells what weighs most; blank: rows stand as in the table.", "决定分量的列；空白表示按表中次序。"),
        Column("amount", "数值", NUMBER, "Value of that column.", "该列的值。"),
        Column("total", "总行数", INTEGER, "Rows behind the finding in this table in all, listed or not.", "该表中依据行的总数（含未列出的）。", required=True, low=0),
    ),
    ("plan", "indicator", "subject", "table", "number"),
)  # fmt: skip

DIAGNOSIS_FIRMS = Table(
    "diagnosis_firms",
    "企业结构",
    "result",
    "Each firm's place in the network of ties and on the map.",
    "各企业在往来网络与地图上的位置。",
    (
        FIRM,
        Column("core", "核心", BOOLEAN, "Whether it belongs to the core.", "是否属于核心。", required=True),
        Column("ties", "往来数", INTEGER, "Firms it is tied to.", "有往来的企业数。", required=True, low=0),
        Column("strength", "往来额", NUMBER, "Weight of its ties: money a year; where derived, money that flows or is shared.", "往来权重之和：年度金额；推算时为流动或共享的金额。", required=True, low=0),
        Column("coreness", "核数", INTEGER, "Largest k such that it is in the k-core.", "所属 k-核的最大 k。", required=True, low=0),
        Column("community", "社群", INTEGER, "Community it belongs to, from 1, the largest first.", "所属社群，从 1 起，最大者在前。", required=True, low=1),
        Column("part", "连通片", INTEGER, "Connected part it belongs to, from 1, the largest first.", "所属连通片，从 1 起，最大者在前。", required=True, low=1),
        Column("bridge", "桥梁", INTEGER, "Ties whose loss would cut it or others off.", "断开后会使其自身或他人脱离网络的往来数。", required=True, low=0),
        Column("from_core", "来自核心", NUMBER, "Share of its ties' weight that is with core firms.", "其往来权重中来自核心企业的比例。", "share", low=0, high=1),
        Column("dense", "密集区", INTEGER, "Dense cluster on the map, from 1; blank: none, or no position.", "所属地图密集区，从 1 起；空白表示无或缺坐标。", low=1),
        Column("x", "横坐标", NUMBER, "Where it is drawn in the picture of the network; blank: not drawn.", "网络图中的横坐标；空白表示不画出。"),
        Column("y", "纵坐标", NUMBER, "Where it is drawn in the picture of the network; blank: not drawn.", "网络图中的纵坐标；空白表示不画出。"),
    ),
    ("firm",),
)  # fmt: skip

DIAGNOSIS_TIES = Table(
    "diagnosis_ties",
    "往来网络",
    "result",
    "The heaviest ties of the network that was measured.",
    "所测网络中权重最大的往来。",
    (
        Column("firm_a", "企业甲", TEXT, "One firm.", "一方企业。", required=True),
        Column("firm_b", "企业乙", TEXT, "The other.", "另一方企业。", required=True),
        Column("weight", "权重", NUMBER, "Money a year; where derived, money that flows or is shared.", "年度金额；推算时为流动或共享的金额。", required=True, low=0),
        Column("derived", "推算", BOOLEAN, "Whether the tie was derived from other tables.", "是否由其他表推算。", required=True),
    ),
    ("firm_a", "firm_b"),
)  # fmt: skip

DIAGNOSIS_SHARES = Table(
    "diagnosis_shares",
    "集中度",
    "result",
    "How revenue and purchases spread over markets, channels, buyers, suppliers, materials and origins.",
    "销售额与采购额在市场、渠道、买方、供应商、物料与产地间的分布。",
    (
        Column("dimension", "维度", TEXT, "What is distributed.", "分布维度。", required=True, choices=("market", "channel", "buyer", "supplier", "material", "origin")),
        Column("name", "名称", TEXT, "Market, channel, firm, material or country.", "市场、渠道、企业、物料或国家。", required=True),
        Column("amount", "金额", NUMBER, "Money in the last year.", "近一年金额。", "money", required=True, low=0),
        Column("share", "份额", NUMBER, "Share of the whole.", "占比。", "share", required=True, low=0, high=1),
        Column("rank", "名次", INTEGER, "From 1, the largest first.", "从 1 起，最大者在前。", required=True, low=1),
    ),
    ("dimension", "name"),
)  # fmt: skip

DIAGNOSIS_OUTLETS = Table(
    "diagnosis_outlets",
    "产出去向",
    "result",
    "Where output ends, quarter by quarter.",
    "各季度产出的去向。",
    (
        Column("period", "时期", TEXT, "Quarter, such as 2025-Q1.", "季度，如 2025-Q1。", required=True),
        Column("outlet", "去向", TEXT, "In the work of other members, in the home country, or abroad.", "集群内其他企业、国内或国外。", required=True, choices=("cluster", "home", "abroad")),
        Column("amount", "金额", NUMBER, "Revenue; in the cluster: materials that members supply, by bills of materials; no rows where no material is bought from a member.", "销售额；集群内为成员企业供应的物料（按物料清单），没有向成员采购时无此行。", "money", required=True, low=0),
        Column("share", "份额", NUMBER, "Share of the quarter's output.", "占该季度产出的比例。", "share", required=True, low=0, high=1),
    ),
    ("period", "outlet"),
)  # fmt: skip

DIAGNOSIS_DEPENDENCE = Table(
    "diagnosis_dependence",
    "依赖风险",
    "result",
    "What the failure of each supplier and making firm would cost, and how long the cluster would last without it.",
    "各供应商与生产企业失效的损失，以及集群可支撑的时间。",
    (
        Column("node", "节点", TEXT, "Supplier or making firm that fails.", "失效的供应商或生产企业。", required=True),
        Column("kind", "类型", TEXT, "Which of the two.", "类型。", required=True, choices=("supplier", "maker")),
        Column("loss", "损失", NUMBER, "Revenue lost while it is out, all others helping as well as they can.", "失效期间在其他节点尽力补充下损失的销售额。", "money", required=True, low=0),
        Column("risk_index", "风险暴露指数", NUMBER, "Loss over the largest loss of any node.", "损失与最大损失之比。", "share", required=True, low=0, high=1),
        Column("weeks_to_survive", "可支撑周数", NUMBER, "Weeks without it before the first sale is lost; blank: for ever.", "失去该节点后到首次失销的周数；空白表示可一直支撑。", "weeks", low=0),
    ),
    ("kind", "node"),
)  # fmt: skip

DIAGNOSIS_COORDINATION = Table(
    "diagnosis_coordination",
    "耦合协调",
    "result",
    "Co-development of the cluster and its e-commerce, period by period.",
    "产业集群与跨境电商各时期的协同发展。",
    (
        Column("period", "时期", TEXT, "Year or quarter.", "年份或季度。", required=True),
        Column("cluster", "集群水平", NUMBER, "Level of the cluster.", "产业集群综合水平。", "share", required=True, low=0, high=1),
        Column("ecommerce", "电商水平", NUMBER, "Level of its e-commerce.", "跨境电商综合水平。", "share", required=True, low=0, high=1),
        Column("coupling", "耦合度", NUMBER, "Coupling degree C.", "耦合度 C。", "share", required=True, low=0, high=1),
        Column("degree", "耦合协调度", NUMBER, "Coupling coordination degree D.", "耦合协调度 D。", "share", required=True, low=0, high=1),
        Column("degree_corrected", "修正协调度", NUMBER, "The same in the form of Wang and others (2021).", "王淑佳等（2021）修正式。", "share", required=True, low=0, high=1),
        Column("synergy", "协同度", NUMBER, "Synergy against the year before (Meng), of a quarter against the same quarter then; blank: not known.", "相对上一年的复合系统协同度（孟庆松），季度则相对上年同季；未知为空。", "share", low=-1, high=1),
        Column("band", "等级", TEXT, "Named band of D.", "D 的等级。", required=True),
    ),
    ("period",),
)  # fmt: skip

DIAGNOSIS_OBSTACLES = Table(
    "diagnosis_obstacles",
    "障碍因子",
    "result",
    "Which indicator holds co-development down, period by period.",
    "各时期制约协同发展的指标。",
    (
        Column("period", "时期", TEXT, "Year or quarter.", "年份或季度。", required=True),
        Column("system", "系统", TEXT, "Which of the two systems.", "所属系统。", required=True, choices=("cluster", "ecommerce")),
        Column("indicator", "指标", TEXT, "Name.", "指标名称。", required=True),
        Column("value", "数值", NUMBER, "Its value.", "数值。", required=True),
        Column("score", "得分", NUMBER, "Where it lies between the goalposts.", "在固定标杆之间的位置。", "share", required=True, low=0, high=1),
        Column("weight", "权重", NUMBER, "Its weight in its system, the same in every period.", "在系统内的权重，各期不变。", "share", required=True, low=0, high=1),
        Column("obstacle", "障碍度", NUMBER, "Its share of all that is missing to the upper goalposts.", "占各指标与上标杆差距总和的比例。", "share", required=True, low=0, high=1),
        Column("lift", "提升", NUMBER, "What D would be higher by if it alone stood at its upper goalpost.", "若仅该指标达到上标杆，D 的增量。", "share", required=True, low=0, high=1),
    ),
    ("period", "system", "indicator"),
)  # fmt: skip

FAMILY = Column("family", "产品族", TEXT, "Family of products.", "产品族。", required=True)

DIAGNOSIS_FAMILIES = Table(
    "diagnosis_families",
    "产品族集聚",
    "result",
    "How far the making of each family gathers in regions (Ellison and Glaeser 1997).",
    "各产品族生产在地区间的集聚程度（Ellison 与 Glaeser，1997）。",
    (
        FAMILY,
        Column("amount", "金额", NUMBER, "Sales of what is made of it.", "所产产品的销售额。", "money", required=True, low=0),
        Column("makers", "生产企业数", INTEGER, "Firms that make it.", "生产企业数。", required=True, low=1),
        Column("gamma", "EG 指数", NUMBER, "Ellison–Glaeser index γ; above 0.05 very concentrated; blank: one maker only.", "Ellison–Glaeser 指数 γ，高于 0.05 为高度集聚；仅一家生产企业时为空。"),
        Column("raw", "地理集中度", NUMBER, "Raw geographic concentration G.", "原始地理集中度 G。", required=True, low=0),
        Column("herfindahl", "企业赫芬达尔指数", NUMBER, "Herfindahl index H of its makers.", "生产企业的赫芬达尔指数 H。", required=True, low=0, high=1),
    ),
    ("family",),
)  # fmt: skip

DIAGNOSIS_REGIONS = Table(
    "diagnosis_regions",
    "区位商",
    "result",
    "What each region is special in: its share of a family over its share of everything.",
    "各地区的专业化：某产品族占比与全部占比之比。",
    (
        FAMILY,
        Column("region", "地区", TEXT, "Region of the makers.", "生产企业所在地区。", required=True),
        Column("amount", "金额", NUMBER, "Sales of what is made of the family there.", "该地区所产该产品族的销售额。", "money", required=True, low=0),
        Column("quotient", "区位商", NUMBER, "Location quotient; above 1: more than its share.", "区位商，大于 1 表示高于其应有份额。", "ratio", required=True, low=0),
    ),
    ("family", "region"),
)  # fmt: skip

DIAGNOSIS_COUNTRIES = Table(
    "diagnosis_countries",
    "国家复杂度",
    "result",
    "Complexity and fitness of the countries of the table trade, in its latest year.",
    "贸易表最近一年各国的经济复杂度与适合度。",
    (
        Column("country", "国家或地区", TEXT, "Exporter.", "出口方。", required=True),
        Column("advantages", "优势产品数", INTEGER, "Products with a revealed comparative advantage of 1 or more.", "显示性比较优势不低于 1 的产品数。", required=True, low=0),
        Column("eci", "经济复杂度", NUMBER, "Economic complexity index, standardised; blank: too few countries or products, or countries without a common product.", "经济复杂度指数（标准化）；国家或产品过少，或各国无共同产品时为空。"),
        Column("fitness", "适合度", NUMBER, "Fitness after 19 rounds, over its mean; blank: too few countries or products.", "19 轮迭代后的适合度，除以均值；国家或产品过少时为空。", low=0),
    ),
    ("country",),
)  # fmt: skip

DIAGNOSIS_TRADE = Table(
    "diagnosis_trade",
    "出口产品",
    "result",
    "The products of the table trade as the cluster's country exports them, in the latest year.",
    "集群所在国最近一年在贸易表各产品上的出口表现。",
    (
        Column("product", "产品类别", TEXT, "Product class.", "产品类别。", required=True),
        Column("own", "本集群", BOOLEAN, "Whether products of the cluster fall into it, by their customs codes.", "按海关编码，集群产品是否属于该类。", required=True),
        Column("exports", "出口额", NUMBER, "Exports of the country.", "该国出口额。", "money per year", required=True, low=0),
        Column("rca", "显示性比较优势", NUMBER, "Revealed comparative advantage of the country.", "该国显示性比较优势。", "ratio", required=True, low=0),
        Column("exporters", "优势国家数", INTEGER, "Countries with a revealed comparative advantage of 1 or more.", "显示性比较优势不低于 1 的国家数。", required=True, low=0),
        Column("density", "关联密度", NUMBER, "Relatedness density: how much of what is near it the country exports in strength; blank: too few countries or products.", "关联密度：该国在其邻近产品中已具优势的比例；国家或产品过少时为空。", "share", low=0, high=1),
        Column("pci", "产品复杂度", NUMBER, "Product complexity index, standardised; blank as above, or countries without a common product.", "产品复杂度指数（标准化）；为空原因同上，或各国无共同产品。"),
        Column("fitness", "产品适合度", NUMBER, "Complexity by the fitness of its exporters, over its mean.", "按出口国适合度计的产品复杂度，除以均值。", low=0),
    ),
    ("product",),
)  # fmt: skip

DIAGNOSED: tuple[Table, ...] = (
    DIAGNOSIS_FIRMS, DIAGNOSIS_TIES, DIAGNOSIS_FAMILIES, DIAGNOSIS_REGIONS, DIAGNOSIS_COUNTRIES, DIAGNOSIS_TRADE,
    DIAGNOSIS_SHARES, DIAGNOSIS_OUTLETS, DIAGNOSIS_DEPENDENCE,
    DIAGNOSIS_COORDINATION, DIAGNOSIS_OBSTACLES,
)  # fmt: skip
